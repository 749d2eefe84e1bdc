//! The connections that ended a while ago, for the pages that show them, and which of them were told.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use tapmap_core::{Flow, FlowId, Timestamp};

/// How long they are kept.
const KEPT_FOR: Duration = Duration::from_mins(10);
/// How many at most: more than a person reads.
const KEPT: usize = 2_000;
/// How many one delta tells at most: some 30 kB.
const TOLD_AT_ONCE: usize = 200;
/// Not told yet.
const UNTOLD: u64 = u64::MAX;

/// What ended, in the order of the ends.
#[derive(Debug, Default)]
pub(super) struct Ended {
    /// Each with the number of the delta that told it, or would have if anybody had asked.
    flows: VecDeque<(Arc<Flow>, u64)>,
    ids: HashSet<FlowId>,
    /// How many were dropped before they were told.
    dropped: usize,
}

/// What one delta tells.
pub(super) struct Untold {
    pub(super) flows: Vec<Arc<Flow>>,
    /// How many more there were, the older ones.
    pub(super) more: usize,
}

impl Ended {
    /// Takes one in, once.
    pub(super) fn note(&mut self, flow: &Arc<Flow>, now: Timestamp) {
        if !self.ids.insert(flow.id) {
            return;
        }
        self.flows.push_back((Arc::clone(flow), UNTOLD));
        while let Some((oldest, told)) = self.flows.front() {
            if self.flows.len() <= KEPT && now.since(oldest.span.last_seen) <= KEPT_FOR {
                break;
            }
            self.dropped += usize::from(*told == UNTOLD);
            self.ids.remove(&oldest.id);
            self.flows.pop_front();
        }
    }

    /// The latest of those that were not told, which delta `mark` tells now, or would.
    pub(super) fn take_untold(&mut self, mark: u64) -> Untold {
        let mut flows = Vec::new();
        let mut more = std::mem::take(&mut self.dropped);
        for (flow, told) in self.flows.iter_mut().rev().take_while(|(_, told)| *told == UNTOLD) {
            *told = mark;
            if flows.len() < TOLD_AT_ONCE { flows.push(Arc::clone(flow)) } else { more += 1 }
        }
        flows.reverse();
        Untold { flows, more }
    }

    /// Makes what was told after delta `seq` untold.
    pub(super) fn retell_after(&mut self, seq: u64) {
        self.flows.iter_mut().filter(|(_, told)| *told > seq).for_each(|(_, told)| *told = UNTOLD);
    }

    /// Counts everything as told before the first delta.
    pub(super) fn mark_told(&mut self) {
        self.flows.iter_mut().for_each(|(_, told)| *told = 0);
        self.dropped = 0;
    }

    /// All that are kept.
    pub(super) fn all(&self) -> Vec<Arc<Flow>> {
        self.flows.iter().map(|(flow, _)| Arc::clone(flow)).collect()
    }
}
