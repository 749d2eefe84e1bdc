//! `tapmap demo`: the invented day that is inside the program, on a free port and in a data folder
//! of its own, so that it disturbs neither a running TapMap nor what that one keeps.

use super::run;
use crate::{
    cli::RunArgs,
    config::{Layers, Location, Options, Speed, defaults, merge},
    environment,
    exit::{Failure, FailureKind},
    instance::{self, Claimed},
    source::Source,
};
use tapmap_core::Coordinates;

/// Where the invented day was lived, and where its round-trip times fit: Berlin.
const PLACE: Coordinates = Coordinates { latitude: 52.52, longitude: 13.40 };
/// How fast it goes by when nothing is said: a day in a quarter of an hour.
const SPEED: f64 = 96.0;

/// Plays the day over and over until told to stop.
///
/// # Errors
/// As for `tapmap run`.
pub(super) fn demo(args: &RunArgs) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("tapmap-demo-").tempdir().map_err(|error| {
        Failure::from_io(&error, FailureKind::InUse, "a folder for the demo cannot be made")
    })?;
    // The demo's own defaults stand where a file would: variables and options are still stronger.
    let own = Options {
        port: Some(0),
        location: Some(Location(PLACE)),
        speed: Some(Speed(SPEED)),
        ..Options::default()
    };
    let flags = args.options();
    if flags.replay.is_some() || flags.interval.is_some() {
        let message = "the demo plays its own recording, at its own interval";
        return Err(Failure::new(FailureKind::Usage, message).into());
    }
    let environment = Options { port: None, location: None, replay: None, ..environment::options()? };
    let layers = Layers { defaults: defaults()?, file: own, environment, flags };
    let settings = merge(&layers)
        .ok_or_else(|| Failure::new(FailureKind::Unexpected, "the default settings lack a value"))?;
    let source = Source::demo(settings.speed.value)?;
    match instance::claim(folder.path())? {
        Claimed::Won(claim) => run::start(&settings, folder.path(), &claim, source),
        Claimed::Runs(_) => Err(Failure::new(FailureKind::InUse, "the demo's folder is in use").into()),
    }
}
