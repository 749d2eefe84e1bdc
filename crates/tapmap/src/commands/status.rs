//! `tapmap status`: the running recorder's account of itself.

use super::running;
use crate::{cli::StatusArgs, client, render};
use std::path::Path;
use tapmap_web::wire::Status;

/// Prints what the running recorder says of itself.
///
/// # Errors
/// When no recorder runs or it does not answer.
pub(super) fn status(args: StatusArgs, folder: &Path) -> anyhow::Result<()> {
    let instance = running(folder)?;
    let status: Status = client::get(&instance, "/api/v1/status")?;
    let text =
        if args.json { render::json(&status)? } else { render::status::status(&status, &instance.url()) };
    render::print(&text)
}
