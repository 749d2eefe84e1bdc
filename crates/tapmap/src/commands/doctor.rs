//! `tapmap doctor`: which parts of the recorder work, what the others would add, and how much of what
//! went on was seen. From the running recorder where there is one, else from a look at the sources.

use super::history;
use crate::{cli::DoctorArgs, client, instance, render};
use serde::Serialize;
use std::path::Path;
use tapmap_web::wire::{Coverage, HistoryStats};

/// What the doctor tells.
#[derive(Debug, Serialize)]
struct Told {
    #[serde(flatten)]
    coverage: Coverage,
    /// What is remembered; `null` when nothing can be said of it.
    history: Option<HistoryStats>,
    /// Why nothing can.
    history_problem: Option<String>,
}

/// Prints what the recorder can see.
///
/// # Errors
/// When a recorder runs and does not answer.
pub(super) fn doctor(args: DoctorArgs, folder: &Path) -> anyhow::Result<()> {
    let instance = instance::running(folder);
    let coverage = match &instance {
        Some(instance) => client::get(instance, "/api/v1/coverage")?,
        None => look(),
    };
    let history = history::stats(instance.as_ref(), folder).map_err(|error| error.to_string());
    let url = instance.map(|instance| instance.url());
    let text = if args.json {
        let (history_problem, history) = (history.as_ref().err().cloned(), history.ok());
        render::json(&Told { coverage, history, history_problem })?
    } else {
        render::doctor::doctor(&coverage, &history, url.as_deref(), folder)
    };
    render::print(&text)
}

/// What the sources of this computer say of themselves after a first look. That the look fails is among
/// what they say.
fn look() -> Coverage {
    let mut sources = tapmap_capture::sockets();
    drop(sources.snapshot());
    Coverage::without_recorder(env!("CARGO_PKG_VERSION"), &sources.coverage())
}
