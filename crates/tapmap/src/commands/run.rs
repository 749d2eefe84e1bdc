//! `tapmap run`: claims the data folder, listens, announces itself, and records until told to stop.
//! The order matters and is all here: nothing is announced before it works.

use super::settings;
use crate::{
    browser,
    cli::RunArgs,
    client,
    config::Settings,
    exit::{Failure, FailureKind},
    folders,
    instance::{self, Claim, Claimed, Instance},
    render,
    server::{self, Offer},
    source::Source,
};
use std::path::Path;
use tapmap_engine::Mode;
use tapmap_web::wire::OneTimeKey;

/// Runs until told to stop; or opens the instance that runs already.
///
/// # Errors
/// When the settings make no sense, or folder, file or address cannot be used.
pub(super) fn run(args: &RunArgs, folder: &Path) -> anyhow::Result<()> {
    let settings = settings(args.options(), folder)?;
    let source = match &settings.replay {
        Some(file) => Source::replay(&file.value, settings.speed.value)?,
        None => Source::Computer { interval: settings.interval.value.0 },
    };
    folders::prepare(folder)?;
    match instance::claim(folder)? {
        Claimed::Won(claim) => start(&settings, folder, &claim, source),
        Claimed::Runs(_) if source.mode() == Mode::Replay => {
            let message = format!("another TapMap runs with the data folder {}", folder.display());
            Err(Failure::new(FailureKind::InUse, message).hint("name another folder with --data-dir").into())
        }
        Claimed::Runs(instance) => open_running(&instance, &settings),
    }
}

/// Runs as the instance of a folder.
///
/// # Errors
/// As [`run`].
pub(super) fn start(settings: &Settings, folder: &Path, claim: &Claim, source: Source) -> anyhow::Result<()> {
    claim.clear();
    server::serve(Offer { settings, folder, claim, token: instance::token(folder)?, source })
}

/// Says where the running instance is, and opens it where there is a screen.
fn open_running(instance: &Instance, settings: &Settings) -> anyhow::Result<()> {
    // The link works once and must be asked for; without one the page can still be looked at.
    let link = client::post::<OneTimeKey>(instance, "/api/v1/one-time-keys").map(|key| key.path);
    render::remark("TapMap is running already with this data folder");
    render::print(&format!("{}\n", instance.url()))?;
    let page = link.map(|path| format!("http://{}{path}", instance.reachable()));
    let wanted = settings.open_browser.value && browser::has_screen();
    let opened = wanted && browser::open(page.as_ref().unwrap_or(&instance.url()));
    if let (false, Ok(page)) = (opened, page) {
        render::remark(&format!("this link opens the page with its token, and works once: {page}"));
    }
    Ok(())
}
