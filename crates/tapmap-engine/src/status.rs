//! What the recorder says of itself.

use std::time::Duration;

use tapmap_core::{Coverage, Gap, OwnPlace, Timestamp};

/// Where the observations come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// This computer, now.
    Live,
    /// A recording or scenario.
    Replay,
    /// The invented day that comes with the program.
    Demo,
}

/// What identifies one run of the recorder.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Where the observations come from.
    pub mode: Mode,
    /// Random for each run, in hexadecimal: flow ids and sequence numbers mean nothing across epochs.
    pub epoch: String,
    /// This computer's name.
    pub host_name: String,
    /// When the recorder started.
    pub started_at: Timestamp,
    /// How long between two looks when nothing opens.
    pub interval: Duration,
}

/// What the recorder says of itself now.
#[derive(Clone, Debug)]
pub struct Status {
    /// What identifies this run.
    pub identity: Identity,
    /// When it last looked; `None` before the first look.
    pub observed_at: Option<Timestamp>,
    /// What it can and cannot see.
    pub coverage: Coverage,
    /// The latest gaps, oldest first.
    pub gaps: Vec<Gap>,
    /// What is wrong now, in sentences; empty when all is well.
    pub problems: Vec<String>,
    /// Where this computer is taken to be.
    pub own_place: Option<OwnPlace>,
}
