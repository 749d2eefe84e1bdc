//! `tapmap marks`: what is known already. A running TapMap is asked; without one the file itself is changed.

use crate::{
    cli::{MarkArgs, MarksCommand},
    client,
    exit::{Failure, FailureKind},
    folders, history,
    instance::{self, Instance},
    marks::{MarkFile, program_file},
    render::{self, insights},
};
use std::path::Path;
use tapmap_core::MarkChange;
use tapmap_engine::remembered;
use tapmap_web::{
    MarksRefusal,
    wire::{MarkKind, MarkSubject, Marks, NewMark, Protocol, UndoMarks},
};

/// The path of all marks.
const PATH: &str = "/api/v1/marks";

/// Does what is asked about marks.
///
/// # Errors
/// When the marks cannot be read or changed.
pub(super) fn marks(command: &MarksCommand, folder: &Path) -> anyhow::Result<()> {
    let running = instance::running(folder);
    let (done, marks) = match command {
        MarksCommand::List { json: true } => return render::print(&render::json(&list(running, folder)?)?),
        MarksCommand::List { json: false } => ("", list(running, folder)?),
        MarksCommand::Add(args) => ("marked\n", add(running, folder, args)?),
        MarksCommand::Remove { id } => {
            let path = format!("{PATH}?id={id}");
            ("removed\n", remove(running.as_ref(), folder, &path, MarkChange::Remove(*id))?)
        }
        MarksCommand::Undo => ("taken back\n", undo(running, folder)?),
    };
    render::print(done)?;
    render::print(&insights::marks(&marks, render::terminal_width()))
}

/// Removes all marks.
///
/// # Errors
/// When they cannot be changed.
pub(super) fn clear(folder: &Path) -> anyhow::Result<()> {
    let running = instance::running(folder);
    remove(running.as_ref(), folder, &format!("{PATH}?all=true"), MarkChange::Clear).map(drop)
}

fn list(running: Option<Instance>, folder: &Path) -> anyhow::Result<Marks> {
    if let Some(instance) = running {
        return client::get(&instance, PATH);
    }
    let now = history::now();
    let (marks, problem) = MarkFile::open(folder, now).marks(now);
    Ok(Marks::of(&marks, problem, tapmap_enrich::country_name))
}

fn add(running: Option<Instance>, folder: &Path, args: &MarkArgs) -> anyhow::Result<Marks> {
    let kind = if args.mute { MarkKind::Muted } else { MarkKind::Known };
    let new = NewMark { subject: subject(args)?, kind, note: args.note.trim().to_owned() };
    if let Some(instance) = running {
        return client::put_value(&instance, PATH, &new);
    }
    let subject: tapmap_core::MarkSubject = new.subject.into();
    let executables = match subject.app() {
        Some(app) if folder.join(folders::HISTORY).exists() => {
            let found = remembered::executables(&history::read(folder)?, app, history::now());
            found.map_err(|error| history::unusable(&error))?
        }
        _ => Vec::new(),
    };
    let files = executables.iter().filter_map(|path| program_file(path)).collect();
    let new = tapmap_core::NewMark { subject, kind: kind.into(), note: new.note.into(), files };
    change(folder, MarkChange::Put(new))
}

fn remove(
    running: Option<&Instance>,
    folder: &Path,
    path: &str,
    removal: MarkChange,
) -> anyhow::Result<Marks> {
    match running {
        Some(instance) => client::delete(instance, path),
        None => change(folder, removal),
    }
}

fn undo(running: Option<Instance>, folder: &Path) -> anyhow::Result<Marks> {
    match running {
        Some(instance) => client::post_value(&instance, "/api/v1/marks/undo", &UndoMarks::default()),
        None => change(folder, MarkChange::Undo(None)),
    }
}

fn change(folder: &Path, change: MarkChange) -> anyhow::Result<Marks> {
    folders::prepare(folder)?;
    let now = history::now();
    let changed = MarkFile::open(folder, now).change(change, now).map_err(|refusal| {
        let (kind, why) = match refusal {
            MarksRefusal::NotMarked(why) => (FailureKind::Usage, why.sentence().into_owned()),
            MarksRefusal::NotKept(why) => (FailureKind::InUse, why),
        };
        Failure::new(kind, "the marks were not changed").because(why)
    })?;
    Ok(Marks::of(&changed, None, tapmap_enrich::country_name))
}

fn subject(args: &MarkArgs) -> Result<MarkSubject, Failure> {
    let protocol = if args.udp { Protocol::Udp } else { Protocol::Tcp };
    let app = args.app.as_deref().map(Into::into);
    match (app, &args.provider, args.port, &args.country) {
        (Some(app), None, None, None) => Ok(MarkSubject::App { app }),
        (Some(app), Some(operator), None, None) => {
            Ok(MarkSubject::Provider { app, operator: operator.as_str().into() })
        }
        (Some(app), None, Some(port), None) => Ok(MarkSubject::Listener { app, protocol, port }),
        (None, None, Some(port), None) => Ok(MarkSubject::Port { port }),
        (None, None, None, Some(code)) => Ok(MarkSubject::Country { country: code.to_uppercase().into() }),
        _ => Err(Failure::new(FailureKind::Usage, "these options do not go together")),
    }
}
