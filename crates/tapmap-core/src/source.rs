//! The seam to the operating system.

use std::{error::Error, fmt};

use crate::{Coverage, Observation, SocketTable, Timestamp};

/// A source that is asked: a socket table.
pub trait SnapshotSource: Send {
    /// Finishes opening whatever takes rights: called before they are given up, on the thread that has
    /// them. May wait for some tenths of a second.
    fn settle(&mut self) {}
    /// What it can and cannot see.
    fn coverage(&self) -> Coverage;
    /// A cheap look: may something have opened since the last [`SnapshotSource::snapshot`]?
    fn may_have_opened(&mut self) -> bool;
    /// What the system told by itself since this was last asked, oldest first and without waiting:
    /// sockets that ended, and what got lost on the way. `at` is now; an observation carries an earlier
    /// moment where the system says when it happened.
    fn told(&mut self, at: Timestamp) -> Vec<Observation>;
    /// All sockets it can see now, with their owners.
    ///
    /// # Errors
    /// Fails when the system refuses or breaks off; the kind says whether trying again may help.
    fn snapshot(&mut self) -> Result<SocketTable, SourceError>;
}

/// What kind of failure it was, for code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceErrorKind {
    /// May work when tried again.
    Transient,
    /// Refused by the system's rights.
    Permission,
    /// This system has no such thing.
    Unsupported,
    /// The input is not what it should be (a recording, say).
    Invalid,
}

/// A source failed.
#[derive(Debug)]
pub struct SourceError {
    /// What kind of failure.
    pub kind: SourceErrorKind,
    /// What failed, for people: a fragment that reads after "failed to".
    pub context: String,
    /// The cause.
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

impl SourceError {
    /// What failed and why, in one line for people: `failed to list sockets: permission denied`.
    pub fn in_full(&self) -> String {
        self.cause.as_ref().map_or_else(|| self.to_string(), |cause| format!("{self}: {cause}"))
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "failed to {}", self.context)
    }
}

impl Error for SourceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}
