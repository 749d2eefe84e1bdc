//! How the program ends: its exit codes, and what it prints when something expected goes wrong.
//! The codes are a promise to scripts; `tapmap --help` lists them.

use std::{
    error::Error,
    fmt,
    io::{self, Write},
    process::ExitCode,
};

/// What kind of end it was; each has its own exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum FailureKind {
    /// Something unexpected: a full disk, a system that behaves oddly, or a bug.
    Unexpected = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// The configuration makes no sense, or its file cannot be read or written.
    Configuration = 3,
    /// The system does not permit it.
    NotPermitted = 4,
    /// The address or the data folder cannot be used, or an instance is needed and none answers.
    InUse = 5,
    /// The history cannot be used.
    History = 6,
}

/// The list of exit codes as `--help` and the man page show it.
pub(crate) const EXIT_CODES: &str = "Exit codes:
  0  done; also when the reader of a pipe has gone
  1  unexpected: a full disk, a system that behaves oddly, or a bug
  2  the command line makes no sense
  3  the configuration makes no sense
  4  not permitted by the system
  5  the address or the data folder is in use or cannot be used, or no running TapMap answers
  6  the history cannot be used";

/// Something that can be expected to go wrong, in words for the person.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Decides the exit code.
    pub(crate) kind: FailureKind,
    /// What went wrong.
    pub(crate) message: String,
    /// Why, where that is known.
    pub(crate) cause: Option<String>,
    /// What to do about it, where something helps.
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// A failure with neither cause nor hint.
    pub(crate) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), cause: None, hint: None }
    }

    /// The same with its cause.
    pub(crate) fn because(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// The same with advice.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// A failure of input or output, whose kind the system's own answer decides: refused by its
    /// rights is "not permitted", anything else is `otherwise`.
    pub(crate) fn from_io(error: &io::Error, otherwise: FailureKind, message: impl Into<String>) -> Self {
        let refused = error.kind() == io::ErrorKind::PermissionDenied;
        let kind = if refused { FailureKind::NotPermitted } else { otherwise };
        Self::new(kind, message).because(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for Failure {}

/// Turns the end of a command into the exit code, and says on stderr what went wrong.
pub(crate) fn report(outcome: anyhow::Result<()>) -> ExitCode {
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    if is_broken_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    let (code, text) = describe(&error);
    // Nothing is left to do when stderr is gone as well.
    let _written = io::stderr().lock().write_all(text.as_bytes());
    ExitCode::from(code)
}

/// Prints what the command line's reader has to say: help and version to stdout, anything else to
/// stderr. Nothing is left to do when the one or the other is gone.
pub(crate) fn report_usage(asked: &clap::Error) -> ExitCode {
    let _printed = asked.print();
    if asked.use_stderr() { ExitCode::from(FailureKind::Usage as u8) } else { ExitCode::SUCCESS }
}

/// The exit code and the lines `error:`, `cause:`, `hint:`.
fn describe(error: &anyhow::Error) -> (u8, String) {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        let mut text = format!("error: {}\n", failure.message);
        for (label, line) in [("cause", &failure.cause), ("hint", &failure.hint)] {
            if let Some(line) = line {
                text.push_str(&format_line(label, line));
            }
        }
        return (failure.kind as u8, text);
    }
    let mut text = format!("error: {error}\n");
    for cause in error.chain().skip(1) {
        text.push_str(&format_line("cause", &cause.to_string()));
    }
    text.push_str("hint: this was not foreseen; a report with these lines helps\n");
    (FailureKind::Unexpected as u8, text)
}

fn format_line(label: &str, line: &str) -> String {
    format!("{label}: {line}\n")
}

/// Whether the reader of our output has gone, as in `tapmap ls | head -1`.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests;
