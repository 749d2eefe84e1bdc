//! What the recorder says of itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    moment::rfc3339,
    place::OwnPlace,
    program::DataSource,
    words::{GapReason, Mode, Sight},
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

/// One line of what can and cannot be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CoverageLine {
    /// What it is about.
    pub sight: Sight,
    /// Whether it is seen.
    pub seen: bool,
    /// Why, in a sentence.
    pub reason: String,
    /// What can be done to see it.
    pub remedy: Option<String>,
}

impl From<&tapmap_core::CoverageLine> for CoverageLine {
    fn from(line: &tapmap_core::CoverageLine) -> Self {
        Self {
            sight: line.sight.into(),
            seen: line.seen,
            reason: line.reason.to_string(),
            remedy: line.remedy.as_ref().map(ToString::to_string),
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
