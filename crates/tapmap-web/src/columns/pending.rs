//! What changed since the last delta, each thing once however often it changed.

use std::collections::{BTreeMap, BTreeSet};

use tapmap_core::{FlowId, Gap, SocketId};

use crate::wire::EndRow;

/// What changed since the last delta.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) flows: BTreeMap<FlowId, Touch>,
    pub(super) listeners: BTreeMap<SocketId, Touch>,
    pub(super) gaps: Vec<Gap>,
    pub(super) own_place: bool,
    pub(super) counted: BTreeSet<FlowId>,
    pub(super) ended: Vec<EndRow>,
    pub(super) ended_more: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touch {
    Added,
    Changed,
    Removed,
}

impl Pending {
    /// Whether there is nothing to tell but counters.
    pub(super) fn is_quiet(&self) -> bool {
        self.flows.is_empty() && self.listeners.is_empty() && self.gaps.is_empty() && !self.own_place
    }
}

/// Notes a removal; what came and went between two deltas is not told at all.
pub(super) fn touch_removed<Id: Ord>(touched: &mut BTreeMap<Id, Touch>, id: Id) {
    if touched.get(&id) == Some(&Touch::Added) {
        touched.remove(&id);
    } else {
        touched.insert(id, Touch::Removed);
    }
}
