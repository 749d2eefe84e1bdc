//! `cargo xtask fuzz`: starts the program in `fuzz/`, which feeds every parser with broken input.
//! It is a crate of its own so that this one builds without the product.

use crate::{
    Outcome,
    shell::{cargo, run},
};

/// How long each parser is fed when nothing else is said.
const SECONDS: u32 = 60;

/// Feeds the parsers, or the named ones, for the seconds that `--seconds` says.
///
/// # Errors
/// When an argument makes no sense, or a parser broke; the input and its seed have been printed.
pub(crate) fn fuzz(arguments: &[&str]) -> Outcome {
    match arguments {
        ["--seconds", seconds, targets @ ..] => start(seconds, targets),
        targets => start(&SECONDS.to_string(), targets),
    }
}

/// Feeds every parser for so many seconds.
///
/// # Errors
/// As [`fuzz`].
pub(crate) fn for_seconds(seconds: u32) -> Outcome {
    start(&seconds.to_string(), &[])
}

fn start(seconds: &str, targets: &[&str]) -> Outcome {
    let mut command = cargo(&["run", "--quiet", "--package", "tapmap-fuzz", "--", "--seconds", seconds]);
    run(command.args(targets).env("TAPMAP_UI", "stub"))
}
