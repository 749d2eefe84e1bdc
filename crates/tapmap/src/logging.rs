//! Log lines to stderr: warnings unless more is asked for. Data goes to stdout, elsewhere.

use crate::environment;
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

/// How often `-v` would have to be given to log as much as is logged now.
pub(crate) fn verbosity() -> u8 {
    let more = [
        tracing::enabled!(tracing::Level::INFO),
        tracing::enabled!(tracing::Level::DEBUG),
        tracing::enabled!(tracing::Level::TRACE),
    ];
    u8::try_from(more.iter().filter(|more| **more).count()).unwrap_or(0)
}

/// Begins to log: as the environment says, else as often as `-v` was given.
pub(crate) fn begin(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = environment::read(environment::LOG).unwrap_or_else(|| level.to_owned());
    let colour = io::stderr().is_terminal() && environment::read("NO_COLOR").is_none();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(io::stderr)
        .with_ansi(colour)
        .with_target(false)
        .init();
}
