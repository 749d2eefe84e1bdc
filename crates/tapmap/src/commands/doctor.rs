//! `tapmap doctor`: which parts of the recorder work, what the others would add, and how much of what
//! went on was seen. From the running recorder where there is one, else from a look at the sources.

use crate::{cli::DoctorArgs, client, instance, render};
use std::path::Path;
use tapmap_web::wire::Coverage;

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
    let url = instance.map(|instance| instance.url());
    let text = if args.json {
        render::json(&coverage)?
    } else {
        render::doctor::doctor(&coverage, url.as_deref(), folder)
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
