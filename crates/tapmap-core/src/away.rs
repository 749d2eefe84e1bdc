//! Whether anybody was at the computer, where the system tells.

use crate::Timestamp;

/// A stretch of time in which nobody was at the computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Away {
    /// From when.
    pub from: Timestamp,
    /// Until when; while it goes on, the last moment at which it was known to.
    pub until: Timestamp,
    /// How that is known.
    pub why: WhyAway,
}

/// How it is known that nobody is at the computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WhyAway {
    /// The screen is locked, or shows the log-in.
    Locked,
    /// Nobody has touched keyboard or mouse for as long as the system takes to call that idle.
    Idle,
}

impl WhyAway {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Locked, Self::Idle];

    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Idle => "idle",
        }
    }
}

/// What the system says of who is at the computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Somebody is, or nobody is logged in who could be.
    There,
    /// Nobody is.
    Away {
        /// Since when, where the system knows that.
        since: Option<Timestamp>,
        /// How that is known.
        why: WhyAway,
    },
}
