//! What the recorder says of itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    coverage::CoverageLine,
    moment::rfc3339,
    place::OwnPlace,
    preferences::Preferences,
    program::DataSource,
    words::{GapReason, Mode},
};

/// What the recorder says of itself now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// Version of the program.
    pub version: String,
    /// This run of the recorder, in hexadecimal.
    pub epoch: String,
    /// Where the observations come from.
    pub mode: Mode,
    /// This computer's name.
    pub host_name: String,
    /// When the recorder started.
    #[schema(format = DateTime)]
    pub started_at: String,
    /// When it last looked.
    #[schema(format = DateTime)]
    pub observed_at: Option<String>,
    /// Milliseconds between two looks when nothing opens.
    pub interval_ms: u64,
    /// What it can and cannot see.
    pub coverage: Vec<CoverageLine>,
    /// The latest stretches in which something was missed, oldest first.
    pub gaps: Vec<Gap>,
    /// Where this computer is taken to be.
    pub own_place: Option<OwnPlace>,
    /// The data that look-ups are answered from.
    pub data: Vec<DataSource>,
    /// How much is open now.
    pub counts: Counts,
    /// What is wrong now, in sentences.
    pub problems: Vec<String>,
    /// What has ended so far.
    pub tally: StatusTally,
    /// Whether recording continues after log-out; `null` when nothing of this computer is recorded.
    pub continues: Option<Continues>,
    /// What the reader chose for the page.
    pub preferences: Preferences,
}

/// Whether recording continues after log-out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Continues {
    /// The answer.
    pub after_log_out: Continuation,
    /// Why, in a sentence.
    pub reason: String,
    /// The command that makes it continue, where there is one.
    pub command: Option<String>,
}

/// Whether something continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Continuation {
    /// It does.
    Yes,
    /// It ends.
    No,
    /// Nothing tells.
    Unknown,
}

/// How much is open now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Connections, without this program's own.
    pub flows: usize,
    /// Open ports, this program's own included.
    pub listeners: usize,
    /// This program's own connections.
    pub own_flows: usize,
}

/// What has ended so far, and whose it was, in few numbers; the coverage tells more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusTally {
    /// Connections and UDP flows whose end was seen, within the last two days.
    pub ended: u64,
    /// Those whose owner was identified.
    pub with_owner: u64,
    /// Those whose owner was not identified, or was one of several.
    pub without_owner: u64,
    /// TCP sockets whose connection ended according to the kernel; `null` when it does not tell.
    /// A connection within this computer is two.
    pub kernel_closed: Option<u64>,
    /// TCP sockets whose end was seen, to be held against the number before.
    pub seen_closed: u64,
}

impl From<&tapmap_core::Tally> for StatusTally {
    fn from(tally: &tapmap_core::Tally) -> Self {
        Self {
            ended: tally.ended(),
            with_owner: tally.ended_with_owner(),
            without_owner: tally.ambiguous + tally.unowned,
            kernel_closed: tally.kernel_closed,
            seen_closed: tally.seen_closed,
        }
    }
}

impl From<&super::coverage::Tally> for StatusTally {
    fn from(tally: &super::coverage::Tally) -> Self {
        Self {
            ended: tally.ended,
            with_owner: tally.with_owner,
            without_owner: tally.ambiguous + tally.without_owner,
            kernel_closed: tally.tcp.kernel_closed,
            seen_closed: tally.tcp.seen_closed,
        }
    }
}

/// A stretch of time in which something was missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// From when.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when.
    #[schema(format = DateTime)]
    pub until: String,
    /// Why.
    pub reason: GapReason,
    /// How many observations were lost, where that is known.
    pub lost: Option<u64>,
}

impl From<&tapmap_core::Gap> for Gap {
    fn from(gap: &tapmap_core::Gap) -> Self {
        Self { from: rfc3339(gap.from), until: rfc3339(gap.until), reason: gap.reason.into(), lost: gap.lost }
    }
}
