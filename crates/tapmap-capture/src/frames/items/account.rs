//! What the kernel counted, what the source says of itself, and what got lost, as they stand in frames.

use serde::{Deserialize, Serialize};
use tapmap_core::{CoverageLine, Gap, GapReason, KernelCount, Layer, LayerName, Sight, Timestamp};

use super::cut;
use crate::frames::words::{GapReasonWord, LayerNameWord, SightWord};

/// So many lines and layers are told; there are fewer kinds of either.
const MOST_LINES: usize = 32;

#[derive(Serialize, Deserialize)]
pub(in crate::frames) struct Kernel {
    active_opens: u64,
    passive_opens: u64,
    established: u64,
}

#[derive(Serialize, Deserialize)]
pub(in crate::frames) struct Coverage<'a> {
    #[serde(borrow)]
    lines: Vec<LineItem<'a>>,
    #[serde(borrow)]
    layers: Vec<LayerItem<'a>>,
}

#[derive(Serialize, Deserialize)]
struct LineItem<'a> {
    #[serde(with = "SightWord")]
    sight: Sight,
    seen: bool,
    reason: &'a str,
    remedy: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct LayerItem<'a> {
    #[serde(with = "LayerNameWord")]
    name: LayerName,
    active: bool,
    reason: &'a str,
    adds: &'a str,
    command: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
pub(in crate::frames) struct Lost {
    from: i64,
    until: i64,
    #[serde(with = "GapReasonWord")]
    reason: GapReason,
    count: Option<u64>,
}

impl Kernel {
    pub(in crate::frames) fn of(count: KernelCount) -> Self {
        let KernelCount { active_opens, passive_opens, established } = count;
        Self { active_opens, passive_opens, established }
    }

    pub(in crate::frames) fn read(self) -> KernelCount {
        let Self { active_opens, passive_opens, established } = self;
        KernelCount { active_opens, passive_opens, established }
    }
}

impl<'a> Coverage<'a> {
    pub(in crate::frames) fn of(coverage: &'a tapmap_core::Coverage) -> Self {
        let line = |line: &'a CoverageLine| LineItem {
            sight: line.sight,
            seen: line.seen,
            reason: cut(&line.reason),
            remedy: line.remedy.as_deref().map(cut),
        };
        let layer = |layer: &'a Layer| LayerItem {
            name: layer.name,
            active: layer.active,
            reason: cut(&layer.reason),
            adds: cut(&layer.adds),
            command: layer.command.as_deref().map(cut),
        };
        Self {
            lines: coverage.lines.iter().take(MOST_LINES).map(line).collect(),
            layers: coverage.layers.iter().take(MOST_LINES).map(layer).collect(),
        }
    }

    pub(in crate::frames) fn read(self) -> tapmap_core::Coverage {
        let line = |line: LineItem<'_>| CoverageLine {
            sight: line.sight,
            seen: line.seen,
            reason: line.reason.into(),
            remedy: line.remedy.map(Into::into),
        };
        let layer = |layer: LayerItem<'_>| Layer {
            name: layer.name,
            active: layer.active,
            reason: layer.reason.into(),
            adds: layer.adds.into(),
            command: layer.command.map(Into::into),
        };
        tapmap_core::Coverage {
            lines: self.lines.into_iter().map(line).collect(),
            layers: self.layers.into_iter().map(layer).collect(),
        }
    }
}

impl Lost {
    pub(in crate::frames) fn of(gap: &Gap) -> Self {
        Self { from: gap.from.as_millis(), until: gap.until.as_millis(), reason: gap.reason, count: gap.lost }
    }

    pub(in crate::frames) fn read(self) -> Gap {
        Gap {
            from: Timestamp::from_millis(self.from),
            until: Timestamp::from_millis(self.until),
            reason: self.reason,
            lost: self.count,
        }
    }
}
