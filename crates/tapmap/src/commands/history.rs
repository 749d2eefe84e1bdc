//! `tapmap history`: how much is remembered, and how to forget it. A running TapMap is asked; without
//! one the file itself is opened.

use crate::{
    ask,
    cli::HistoryCommand,
    client,
    exit::{Failure, FailureKind},
    history::{self, unusable},
    instance::{self, Instance},
    render::{self, remembered},
};
use std::path::Path;
use tapmap_core::{Forget as What, HistoryReader, HistoryStore, Retention, StoreError};
use tapmap_history::LocalDays;
use tapmap_web::wire::{Findings, Forget, Forgetting, HistoryStats};

/// Keeps everything: nothing is too old or too much while something is forgotten.
const KEEP_ALL: Retention = Retention { days: u32::MAX / 2, bytes: u64::MAX / 2 };

/// Does what is asked about the history.
///
/// # Errors
/// When the history cannot be used, or is not sound.
pub(super) fn history(command: &HistoryCommand, folder: &Path) -> anyhow::Result<()> {
    let running = instance::running(folder);
    match command {
        HistoryCommand::Stats { json } => {
            let stats = stats(running.as_ref(), folder)?;
            render::print(&if *json { render::json(&stats)? } else { remembered::stats(&stats) })
        }
        HistoryCommand::Compact => {
            let before = stats(running.as_ref(), folder)?.bytes;
            let after = compact(running.as_ref(), folder)?.bytes;
            render::print(&format!("{} before, {} now\n", render::bytes(before), render::bytes(after)))
        }
        HistoryCommand::Forget { undo: true, .. } => undo(running.as_ref(), folder),
        HistoryCommand::Forget { before, app, marks, yes, .. } => {
            let wanted = Forget {
                before: before.map(|date| date.to_string()),
                app: app.clone(),
                all: (before.is_none() && app.is_none()).then_some(true),
            };
            let done = match &running {
                Some(instance) => forget(instance, &wanted)?,
                None => erase(folder, &wanted, *before, *yes)?,
            };
            if done && *marks {
                super::marks::clear(folder)?;
                render::print("marks removed; `tapmap marks undo` takes that back\n")?;
            }
            Ok(())
        }
        HistoryCommand::Verify => verify(running.as_ref(), folder),
    }
}

/// The history in numbers, told by the `TapMap` that runs, else by its file.
///
/// # Errors
/// When there is no history, or it cannot be used.
pub(super) fn stats(running: Option<&Instance>, folder: &Path) -> anyhow::Result<HistoryStats> {
    if let Some(instance) = running {
        return client::get(instance, "/api/v1/history");
    }
    let reader = history::read(folder)?;
    Ok(numbers(&reader).map_err(|error| unusable(&error))?)
}

fn numbers(reader: &dyn HistoryReader) -> Result<HistoryStats, StoreError> {
    Ok(HistoryStats::of(&reader.stats()?, &reader.forgetting()?))
}

fn compact(running: Option<&Instance>, folder: &Path) -> anyhow::Result<HistoryStats> {
    if let Some(instance) = running {
        return client::post(instance, "/api/v1/history/compact");
    }
    let mut store = history::write(folder)?;
    store.compact().map_err(|error| unusable(&error))?;
    let reader = store.reader().map_err(|error| unusable(&error))?;
    Ok(numbers(&*reader).map_err(|error| unusable(&error))?)
}

fn forget(instance: &Instance, wanted: &Forget) -> anyhow::Result<bool> {
    let forgetting: Forgetting = client::post_value(instance, "/api/v1/history/forget", wanted)?;
    render::print(&format!(
        "hidden now, erased at {}; `tapmap history forget --undo` takes it back until then\n",
        forgetting.due_at
    ))?;
    Ok(true)
}

/// Erases something at once where no `TapMap` runs; `false` when that was not agreed to.
fn erase(
    folder: &Path,
    wanted: &Forget,
    before: Option<jiff::civil::Date>,
    yes: bool,
) -> anyhow::Result<bool> {
    let what = match (before, &wanted.app) {
        (Some(date), _) => What::Before(LocalDays::of_date(date).unwrap_or_default()),
        (None, Some(app)) => What::App(app.as_str().into()),
        (None, None) => What::All,
    };
    let mut store = history::write(folder)?;
    let question = "No TapMap runs, so this is erased at once and cannot be taken back. Erase it?";
    let which = match (before, &wanted.app) {
        (Some(date), _) => format!("--before {date}"),
        (None, Some(_)) => "--app NAME".to_owned(),
        (None, None) => "--all".to_owned(),
    };
    if !yes && !ask::agreed(question, &format!("tapmap history forget {which} --yes"))? {
        return Ok(false);
    }
    let now = history::now();
    let erase = |store: &mut dyn HistoryStore| -> Result<(), StoreError> {
        store.forget(&what, now, now)?;
        while store.tidy(now, KEEP_ALL)? {}
        Ok(())
    };
    erase(&mut store).map_err(|error| unusable(&error))?;
    render::print("erased\n")?;
    Ok(true)
}

fn undo(running: Option<&Instance>, folder: &Path) -> anyhow::Result<()> {
    let waiting = stats(running, folder)?.forgetting;
    let (Some(last), Some(instance)) = (waiting.last(), running) else {
        let failure = Failure::new(FailureKind::History, "there is nothing to take back");
        return Err(failure.hint("what was forgotten is erased after half a minute").into());
    };
    let _left: HistoryStats = client::delete(instance, &format!("/api/v1/history/forget?id={}", last.id))?;
    render::print("taken back\n")
}

fn verify(running: Option<&Instance>, folder: &Path) -> anyhow::Result<()> {
    let findings = match running {
        Some(instance) => client::post::<Findings>(instance, "/api/v1/history/verify")?.findings,
        None => history::read(folder)?.verify(true).map_err(|error| unusable(&error))?,
    };
    let Some(first) = findings.first() else { return render::print("all is sound\n") };
    render::print(&findings.iter().flat_map(|line| [line, "\n"]).collect::<String>())?;
    Err(Failure::new(FailureKind::History, "the history is not sound").because(first).into())
}
