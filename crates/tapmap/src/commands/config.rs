//! `tapmap config`: what is set, by what, and where the file is.

use super::settings;
use crate::{
    cli::ConfigCommand,
    config::{DEFAULT_TEXT, FILE_NAME},
    render,
};
use std::path::Path;

/// Does what is asked about settings.
///
/// # Errors
/// When a setting makes no sense, or stdout is gone.
pub(super) fn config(command: &ConfigCommand, folder: &Path) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Show(run) => {
            let settings = settings(run.options(), folder)?;
            render::print(&render::settings(&settings.shown(), folder, render::terminal_width()))
        }
        ConfigCommand::Path => render::print(&format!("{}\n", folder.join(FILE_NAME).display())),
        ConfigCommand::Default => render::print(DEFAULT_TEXT),
    }
}
