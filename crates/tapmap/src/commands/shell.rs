//! `tapmap completions` and `tapmap man`, both from the one definition of the command line.

use crate::{cli::Cli, render};
use clap::CommandFactory;
use clap_complete::Shell;

/// Prints the completion script of a shell.
///
/// # Errors
/// When stdout is gone.
pub(super) fn completions(shell: Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tapmap", &mut script);
    render::print(&String::from_utf8(script)?)
}

/// Prints the manual page.
///
/// # Errors
/// When stdout is gone.
pub(super) fn manual() -> anyhow::Result<()> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    render::print(&String::from_utf8(page)?)
}
