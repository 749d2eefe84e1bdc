//! A make-believe internet on one machine: two network namespaces joined by one virtual cable and
//! by nothing else, so that real programs hold real connections to public addresses and no packet
//! can leave. Beside it, the programs that run there and the recorder that watches them.

mod net;
mod recorder;
mod stage;
mod talker;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

pub use net::{COMPUTER, FakeNet, GATEWAY, SILENT};
pub use recorder::{Recorder, Rights, USER, asked_each, asked_until, tapmap};
pub use stage::Stage;
pub use talker::Talker;

/// A program under another name, so that it appears as another app: a link where that is possible,
/// else a copy. The copying is left to another process: a file that this one has open for writing, if
/// only in a child that is about to start something else, cannot be run.
///
/// # Errors
/// Fails when neither can be made.
pub fn copy_as(program: &Path, folder: &Path, name: &str) -> Result<PathBuf> {
    let copy = folder.join(name);
    if !copy.exists() && std::fs::hard_link(program, &copy).is_err() {
        let status = Command::new("cp").arg(program).arg(&copy).status().context("could not start cp")?;
        ensure!(status.success(), "could not copy {}", program.display());
    }
    Ok(copy)
}
