//! What has changed and is not written yet: each flow at most once, as last known.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tapmap_core::{
    Change, Changes, Counters, Ending, Flow, FlowEntry, FlowId, Listener, ListenerEntry, LiveView, SocketId,
    Timestamp, Unobserved,
};

/// How many ended flows may wait for a disk that does not take them.
const ENDED_LIMIT: usize = 50_000;
/// So many ended flows are worth a batch of their own, so that a storm of them does not pile up.
const LARGE: usize = 4_096;
/// How many gaps may.
const GAPS_LIMIT: usize = 1_000;

/// An open flow.
#[derive(Debug)]
struct Open {
    flow: Arc<Flow>,
    /// Newer ones than the flow's own.
    counters: Option<Counters>,
}

/// Everything that is open, and what of it is to be written.
#[derive(Debug, Default)]
pub(super) struct Pending {
    open: HashMap<FlowId, Open>,
    /// Open flows that are new or changed.
    changed: HashSet<FlowId>,
    /// Open flows of which only the counters moved.
    counted: HashSet<FlowId>,
    ended: Vec<FlowEntry>,
    listeners: HashMap<SocketId, Arc<Listener>>,
    listener_entries: HashMap<SocketId, ListenerEntry>,
    gaps: Vec<Unobserved>,
    /// What could not wait any longer.
    dropped: u64,
}

impl Pending {
    /// Takes changes in.
    pub(super) fn note(&mut self, changes: &Changes) {
        let merged = changes.merged();
        for change in &changes.items {
            match change {
                Change::Opened(flow) | Change::Updated(flow) => self.opened(flow),
                Change::Counted(id, counters, _) => {
                    if let Some(open) = self.open.get_mut(id) {
                        open.counters = Some(*counters);
                        self.counted.insert(*id);
                    }
                }
                Change::Closed(flow) if merged.contains(&flow.id) => self.forget(flow.id),
                Change::Closed(flow) => self.end(Arc::clone(flow), Ending::Seen),
                Change::ListenerOpened(listener) => self.listens(listener),
                Change::ListenerClosed(id) => self.listens_no_more(*id, changes.at),
                Change::Lost(gap) => self.miss(Unobserved::from(gap)),
            }
        }
    }

    fn opened(&mut self, flow: &Arc<Flow>) {
        self.open.insert(flow.id, Open { flow: Arc::clone(flow), counters: None });
        self.changed.insert(flow.id);
    }

    fn forget(&mut self, id: FlowId) {
        self.open.remove(&id);
        self.changed.remove(&id);
        self.counted.remove(&id);
    }

    fn end(&mut self, flow: Arc<Flow>, ending: Ending) {
        self.forget(flow.id);
        self.ended.push(FlowEntry { flow, ending });
        let surplus = self.ended.len().saturating_sub(ENDED_LIMIT);
        self.dropped += u64::try_from(surplus).unwrap_or(0);
        self.ended.drain(..surplus);
    }

    fn listens(&mut self, listener: &Arc<Listener>) {
        self.listeners.insert(listener.id, Arc::clone(listener));
        let entry = ListenerEntry { listener: Arc::clone(listener), closed_at: None };
        self.listener_entries.insert(listener.id, entry);
    }

    fn listens_no_more(&mut self, id: SocketId, at: Timestamp) {
        if let Some(listener) = self.listeners.remove(&id) {
            self.listener_entries.insert(id, ListenerEntry { listener, closed_at: Some(at) });
        }
    }

    /// Notes that something was not observed or not kept.
    pub(super) fn miss(&mut self, gap: Unobserved) {
        self.gaps.push(gap);
        let surplus = self.gaps.len().saturating_sub(GAPS_LIMIT);
        self.gaps.drain(..surplus);
    }

    /// Starts over from what is open now, after changes got lost. What was open and is not any more
    /// has ended unseen.
    pub(super) fn look_at(&mut self, view: &LiveView, at: Timestamp) {
        let now: HashSet<FlowId> = view.flows.iter().map(|flow| flow.id).collect();
        let gone: Vec<FlowId> = self.open.keys().filter(|id| !now.contains(id)).copied().collect();
        for id in gone {
            if let Some(Open { flow, .. }) = self.open.remove(&id) {
                self.end(flow, Ending::Unseen);
            }
        }
        view.flows.iter().for_each(|flow| self.opened(flow));
        let listening: HashSet<SocketId> = view.listeners.iter().map(|listener| listener.id).collect();
        let closed: Vec<SocketId> =
            self.listeners.keys().filter(|id| !listening.contains(id)).copied().collect();
        for id in closed {
            self.listens_no_more(id, at);
        }
        view.listeners.iter().for_each(|listener| self.listens(listener));
    }

    /// Everything that is open is to be written again.
    pub(super) fn write_all_again(&mut self) {
        self.changed.extend(self.open.keys());
        for (id, listener) in &self.listeners {
            let entry = ListenerEntry { listener: Arc::clone(listener), closed_at: None };
            self.listener_entries.entry(*id).or_insert(entry);
        }
    }

    /// Whether anything but counters is to be written.
    pub(super) fn is_empty(&self) -> bool {
        self.changed.is_empty()
            && self.ended.is_empty()
            && self.listener_entries.is_empty()
            && self.gaps.is_empty()
    }

    /// Whether so much is to be written that it should not wait.
    pub(super) fn is_large(&self) -> bool {
        self.ended.len() >= LARGE
    }

    /// The entries of the next batch; with `counted` also of flows whose counters alone moved.
    pub(super) fn entries(&self, counted: bool) -> (Vec<FlowEntry>, Vec<ListenerEntry>, Vec<Unobserved>) {
        let more = self.counted.iter().filter(|id| counted && !self.changed.contains(id));
        let open = self.changed.iter().chain(more).filter_map(|id| self.open.get(id)).map(|open| {
            let mut flow = Arc::clone(&open.flow);
            if let Some(counters) = open.counters
                && counters != flow.counters
            {
                Arc::make_mut(&mut flow).counters = counters;
            }
            FlowEntry { flow, ending: Ending::Open }
        });
        let mut flows: Vec<FlowEntry> = self.ended.iter().cloned().chain(open).collect();
        // New rows are best written in the order of their keys.
        flows.sort_by_key(|entry| (entry.flow.span.first_seen, entry.flow.id));
        (flows, self.listener_entries.values().cloned().collect(), self.gaps.clone())
    }

    /// The batch was written. Answers how much was dropped before it.
    pub(super) fn written(&mut self, counted: bool) -> u64 {
        for id in self.changed.drain() {
            self.counted.remove(&id);
        }
        if counted {
            self.counted.clear();
        }
        self.ended.clear();
        self.listener_entries.clear();
        self.gaps.clear();
        std::mem::take(&mut self.dropped)
    }
}
