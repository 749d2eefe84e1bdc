//! What can go wrong with what is remembered.

use std::{error::Error, fmt};

/// What kind of failure it was, for code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// Another one writes it.
    Busy,
    /// There is no space left.
    Full,
    /// It is damaged.
    Corrupt,
    /// A newer program made it.
    TooNew,
    /// The system refused otherwise.
    Io,
}

/// The history could not be used.
#[derive(Debug)]
pub struct StoreError {
    /// What kind of failure.
    pub kind: StoreErrorKind,
    /// What failed, for people: a fragment that reads after "failed to".
    pub context: String,
    /// The cause.
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

impl StoreError {
    /// A failure without a cause below it.
    pub fn new(kind: StoreErrorKind, context: impl Into<String>) -> Self {
        Self { kind, context: context.into(), cause: None }
    }

    /// What failed and why, in one line for people.
    pub fn in_full(&self) -> String {
        self.cause.as_ref().map_or_else(|| self.to_string(), |cause| format!("{self}: {cause}"))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "failed to {}", self.context)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}
