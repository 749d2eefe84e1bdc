//! The program: reads arguments, environment and settings, prints, and exits. Whatever it shows is
//! worked out by the other crates; it asks nobody on the network anything, unless
//! reverse names are wished for.

mod ask;
mod browser;
mod cli;
mod client;
mod commands;
mod config;
mod confine;
mod control;
mod credits;
mod environment;
mod exit;
mod filter;
mod folders;
mod history;
mod host;
mod instance;
mod kept;
mod location;
mod logging;
mod marks;
mod outbox;
mod own_place;
mod preferences;
mod redact;
mod render;
mod reverse;
mod server;
mod service;
mod source;
mod told;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(asked) => return exit::report_usage(&asked),
    };
    logging::begin(cli.global.verbose);
    exit::report(commands::execute(cli))
}
