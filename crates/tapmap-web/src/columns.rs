//! Turns the live state into columns, dictionaries and deltas, once for all pages. Pure: knows
//! neither pages nor time; the stream asks it what to send.

mod dictionary;
mod ended;
mod held;
mod pending;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashSet},
    net::IpAddr,
    sync::Arc,
};

use tapmap_core::{
    Change, Changes, Counters, Flow, FlowId, Listener, LiveView, OwnPlace, Protocol, Rates, SocketId,
    Timestamp,
};

use self::{
    dictionary::Dictionary,
    ended::Ended,
    held::{Held, same_but_counters},
    pending::{Pending, Touch, touch_removed},
};
use crate::wire::{
    self, Columns, CounterRow, Delta, Dictionaries, DictionaryAdditions, EndRow, LiveListener, NameEntry,
    Owner, Remote, ServiceEntry, Snapshot,
};

/// Dictionaries start anew, in a new epoch, when they hold this many entries more than what is open
/// can use: indices are never reused within an epoch, so a long run would otherwise grow for ever.
const SPARE_ENTRIES: usize = 16_384;

/// What [`Encoder::flush`] found.
#[derive(Debug)]
pub(crate) enum Flushed {
    /// Nothing changed.
    Nothing,
    /// This changed.
    Delta(Box<Delta>),
    /// A new epoch began; whoever follows must start over.
    NewEpoch,
}

/// What is open, as the pages know it after the last delta, and what changed since.
#[derive(Debug)]
pub(crate) struct Encoder {
    run: String,
    generation: u32,
    spare_entries: usize,
    epoch: String,
    seq: u64,
    at: Timestamp,
    /// Whether anything was taken in yet: before, `at` is only when the recorder started.
    began: bool,
    owners: Dictionary<Owner, Owner>,
    remotes: Dictionary<IpAddr, Remote>,
    services: Dictionary<(Protocol, u16), ServiceEntry>,
    names: Dictionary<NameEntry, NameEntry>,
    flows: BTreeMap<FlowId, Held>,
    listeners: BTreeMap<SocketId, Arc<Listener>>,
    ended: Ended,
    own_place: Option<OwnPlace>,
    pending: Pending,
}

impl Encoder {
    /// The encoder of one run of the recorder, whose flows have ids within `run`.
    pub(crate) fn new(run: &str, at: Timestamp, view: LiveView, own_place: Option<OwnPlace>) -> Self {
        let mut encoder = Self {
            run: run.to_owned(),
            generation: 0,
            spare_entries: SPARE_ENTRIES,
            epoch: run.to_owned(),
            seq: 0,
            at,
            began: false,
            owners: Dictionary::default(),
            remotes: Dictionary::default(),
            services: Dictionary::default(),
            names: Dictionary::default(),
            flows: BTreeMap::new(),
            listeners: BTreeMap::new(),
            ended: Ended::default(),
            own_place,
            pending: Pending::default(),
        };
        encoder.reconcile(view);
        encoder.pending = Pending::default();
        encoder.mark_told();
        encoder
    }

    /// The epoch in which ids, indices and numbers mean something now.
    pub(crate) fn epoch(&self) -> &str {
        &self.epoch
    }

    /// The number of the last delta.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// Takes a batch of changes in.
    pub(crate) fn apply(&mut self, changes: &Changes) {
        // A recording stands in its own time, which may be long ago.
        self.at = if self.began { self.at.max(changes.at) } else { changes.at };
        self.began = true;
        for change in &changes.items {
            match change {
                Change::Opened(flow) | Change::Updated(flow) => self.hold(flow),
                Change::Counted(id, counters, rates) => self.count(*id, *counters, *rates),
                Change::Closed(flow) => {
                    self.drop_flow(flow.id);
                    self.ended.note(flow, self.at);
                }
                Change::ListenerOpened(listener) => self.hold_listener(listener),
                Change::ListenerClosed(id) => self.drop_listener(*id),
                Change::Lost(gap) => self.pending.gaps.push(gap.clone()),
            }
        }
    }

    /// Takes a whole view in, after batches were missed, as the changes that lead to it.
    pub(crate) fn reconcile(&mut self, view: LiveView) {
        let present: HashSet<FlowId> = view.flows.iter().map(|flow| flow.id).collect();
        let gone: Vec<FlowId> = self.flows.keys().filter(|id| !present.contains(id)).copied().collect();
        for id in gone {
            self.drop_flow(id);
        }
        for flow in view.flows {
            match self.flows.get(&flow.id) {
                Some(held) if same_but_counters(&held.flow, &flow) => {
                    self.count(flow.id, flow.counters, flow.rates);
                }
                _ => self.hold(&flow),
            }
        }
        let present: HashSet<SocketId> = view.listeners.iter().map(|listener| listener.id).collect();
        let gone: Vec<SocketId> = self.listeners.keys().filter(|id| !present.contains(id)).copied().collect();
        for id in gone {
            self.drop_listener(id);
        }
        for listener in view.listeners {
            if self.listeners.get(&listener.id) != Some(&listener) {
                self.hold_listener(&listener);
            }
        }
    }

    /// Takes in what ended, after batches were missed.
    pub(crate) fn note_ended(&mut self, flows: &[Arc<Flow>]) {
        for flow in flows {
            self.ended.note(flow, self.at);
        }
    }

    /// Takes a new own place in.
    pub(crate) fn set_own_place(&mut self, place: Option<OwnPlace>) {
        if place != self.own_place {
            self.own_place = place;
            self.pending.own_place = true;
        }
    }

    /// What changed since the last delta, without counters. With `tell_ended` the connections that
    /// ended are made ready for [`Encoder::flush_ended`]; without, nobody wants them now.
    pub(crate) fn flush(&mut self, tell_ended: bool) -> Flushed {
        if self.holds_too_much() {
            self.begin_epoch();
            return Flushed::NewEpoch;
        }
        self.make_ended_ready(tell_ended);
        // Dictionary entries are told to everybody, so that nobody misses an index.
        let is_new_to_ended = !self.pending.ended.is_empty() && self.has_untold_entries();
        if self.pending.is_quiet() && !is_new_to_ended {
            return Flushed::Nothing;
        }
        let counted = std::mem::take(&mut self.pending.counted);
        let (ended, ended_more) = (std::mem::take(&mut self.pending.ended), self.pending.ended_more);
        let kept = Pending { counted, ended, ended_more, ..Pending::default() };
        let pending = std::mem::replace(&mut self.pending, kept);
        self.seq += 1;
        let mut delta = self.empty_delta();
        for (id, touch) in &pending.flows {
            match (touch, self.flows.get(id)) {
                (Touch::Added, Some(held)) => delta.add.push(held.row(*id)),
                (Touch::Changed, Some(held)) => delta.upd.push(held.row(*id)),
                _ => delta.del.push(id.0.to_string()),
            }
        }
        for (id, touch) in &pending.listeners {
            match (touch, self.listeners.get(id)) {
                (Touch::Added | Touch::Changed, Some(listener)) => delta.ladd.push((&**listener).into()),
                _ => delta.ldel.push(id.0.to_string()),
            }
        }
        delta.dict = DictionaryAdditions {
            owners: self.owners.take_untold(),
            remotes: self.remotes.take_untold(),
            services: self.services.take_untold(),
            names: self.names.take_untold(),
        };
        delta.gap = pending.gaps.iter().map(wire::Gap::from).collect();
        delta.own_place = pending.own_place.then(|| self.own_place.as_ref().map(Into::into));
        Flushed::Delta(Box::new(delta))
    }

    /// What ended since the last time, after [`Encoder::flush`].
    pub(crate) fn flush_ended(&mut self) -> Option<Delta> {
        let end = std::mem::take(&mut self.pending.ended);
        if end.is_empty() {
            return None;
        }
        self.seq += 1;
        let end_more = std::mem::take(&mut self.pending.ended_more);
        Some(Delta { end, end_more, ..self.empty_delta() })
    }

    /// Makes what ended after delta `seq` part of the next [`Encoder::flush_ended`], for a page that
    /// comes back and may have missed it.
    pub(crate) fn retell_ended_after(&mut self, seq: u64) {
        self.ended.retell_after(seq);
    }

    /// The counters that moved since they were last asked for. With `told` false nobody wants them
    /// now: they are only remembered for [`Encoder::recount_after`]. This program's own counters wait
    /// for company: telling them moves them again, for ever.
    pub(crate) fn flush_counters(&mut self, told: bool) -> Option<Delta> {
        let is_foreign = |id: &FlowId| self.flows.get(id).is_some_and(|held| !held.flow.is_own());
        if told && !self.pending.counted.iter().any(is_foreign) {
            return None;
        }
        let mark = self.seq + 1;
        let mut rows = Vec::with_capacity(self.pending.counted.len());
        for id in std::mem::take(&mut self.pending.counted) {
            if let Some(held) = self.flows.get_mut(&id) {
                held.counted = mark;
                rows.push(CounterRow::of(id, held.counters, held.rates));
            }
        }
        if !told {
            return None;
        }
        self.seq = mark;
        Some(Delta { cnt: rows, ..self.empty_delta() })
    }

    /// Makes the counters that moved after delta `seq` part of the next [`Encoder::flush_counters`],
    /// for a page that comes back and may have missed them.
    pub(crate) fn recount_after(&mut self, seq: u64) {
        let moved = self.flows.iter().filter(|(_, held)| held.counted > seq).map(|(id, _)| *id);
        self.pending.counted.extend(moved);
    }

    /// Everything that is open, after the last delta, and with `ended` what ended. Call
    /// [`Encoder::flush`] first.
    pub(crate) fn snapshot(&mut self, ended: bool) -> Snapshot {
        let ended = if ended { self.ended.all() } else { Vec::new() };
        let ended = ended.iter().map(|flow| self.end_row(flow)).collect();
        let mut columns = Columns::default();
        for (id, held) in &self.flows {
            columns.push(held.row(*id));
        }
        Snapshot {
            epoch: self.epoch.clone(),
            seq: self.seq,
            at: wire::rfc3339(self.at),
            own_place: self.own_place.as_ref().map(Into::into),
            dict: Dictionaries {
                owners: self.owners.entries().to_vec(),
                remotes: self.remotes.entries().to_vec(),
                services: self.services.entries().to_vec(),
                names: self.names.entries().to_vec(),
            },
            flows: columns,
            listeners: self.listeners.values().map(|listener| LiveListener::from(&**listener)).collect(),
            ended,
        }
    }

    fn empty_delta(&self) -> Delta {
        Delta {
            s: self.seq,
            at: self.at.as_millis(),
            dict: DictionaryAdditions::default(),
            add: Vec::new(),
            upd: Vec::new(),
            del: Vec::new(),
            end: Vec::new(),
            end_more: 0,
            cnt: Vec::new(),
            ladd: Vec::new(),
            ldel: Vec::new(),
            gap: Vec::new(),
            own_place: None,
        }
    }

    fn hold(&mut self, flow: &Arc<Flow>) {
        let held = self.place(flow);
        let touch = if self.flows.insert(flow.id, held).is_some() { Touch::Changed } else { Touch::Added };
        self.pending.flows.entry(flow.id).or_insert(touch);
    }

    /// Finds or makes the dictionary entries of a flow.
    fn place(&mut self, flow: &Arc<Flow>) -> Held {
        let mut owner_of = |attribution| {
            let owner = Owner::from(attribution);
            self.owners.index_of(owner.clone(), owner)
        };
        let owner = owner_of(&flow.attribution);
        let peer = flow.peer.as_ref().map(|peer| owner_of(&peer.attribution));
        let name = flow.name.as_deref().map(NameEntry::from);
        Held {
            flow: Arc::clone(flow),
            counters: flow.counters,
            rates: flow.rates,
            owner,
            peer,
            remote: self.remotes.index_of(flow.remote.address(), Remote::of(flow)),
            service: self.services.index_of((flow.protocol, flow.service_port()), ServiceEntry::of(flow)),
            name: name.map(|name| self.names.index_of(name.clone(), name)),
            counted: 0,
        }
    }

    /// Makes the rows of what ended, when somebody wants them. The delta that tells them is at most the
    /// second from now.
    fn make_ended_ready(&mut self, tell: bool) {
        let untold = self.ended.take_untold(self.seq + 2);
        if tell {
            self.pending.ended = untold.flows.iter().map(|flow| self.end_row(flow)).collect();
            self.pending.ended_more = untold.more;
        }
    }

    fn end_row(&mut self, flow: &Arc<Flow>) -> EndRow {
        let row = self.place(flow).row(flow.id);
        EndRow(flow.span.last_seen.as_millis(), wire::duration(flow), row)
    }

    fn count(&mut self, id: FlowId, counters: Counters, rates: Rates) {
        if let Some(held) = self.flows.get_mut(&id)
            && (held.counters, held.rates) != (counters, rates)
        {
            held.counters = counters;
            held.rates = rates;
            self.pending.counted.insert(id);
        }
    }

    fn drop_flow(&mut self, id: FlowId) {
        if self.flows.remove(&id).is_some() {
            self.pending.counted.remove(&id);
            touch_removed(&mut self.pending.flows, id);
        }
    }

    fn hold_listener(&mut self, listener: &Arc<Listener>) {
        let known = self.listeners.insert(listener.id, Arc::clone(listener)).is_some();
        let touch = if known { Touch::Changed } else { Touch::Added };
        let entry = self.pending.listeners.entry(listener.id).or_insert(touch);
        if *entry == Touch::Removed {
            *entry = Touch::Changed;
        }
    }

    fn drop_listener(&mut self, id: SocketId) {
        if self.listeners.remove(&id).is_some() {
            touch_removed(&mut self.pending.listeners, id);
        }
    }

    fn holds_too_much(&self) -> bool {
        let ends = self.owners.entries().len() + self.remotes.entries().len();
        let entries = ends + self.services.entries().len() + self.names.entries().len();
        entries > self.spare_entries + 5 * self.flows.len()
    }

    fn has_untold_entries(&self) -> bool {
        let ends = self.owners.has_untold() || self.remotes.has_untold();
        ends || self.services.has_untold() || self.names.has_untold()
    }

    /// Forgets dictionary entries that nothing open uses, by giving all indices anew.
    fn begin_epoch(&mut self) {
        self.generation += 1;
        self.epoch = format!("{}{:08x}", self.run, self.generation);
        self.seq = 0;
        self.owners = Dictionary::default();
        self.remotes = Dictionary::default();
        self.services = Dictionary::default();
        self.names = Dictionary::default();
        let flows = std::mem::take(&mut self.flows);
        for (id, old) in flows {
            let held = Held { counters: old.counters, rates: old.rates, ..self.place(&old.flow) };
            self.flows.insert(id, held);
        }
        self.pending = Pending::default();
        self.mark_told();
    }

    fn mark_told(&mut self) {
        drop(self.owners.take_untold());
        drop(self.remotes.take_untold());
        drop(self.services.take_untold());
        drop(self.names.take_untold());
        self.ended.mark_told();
    }

    /// Lets a test reach the next epoch without filling the dictionaries.
    #[cfg(test)]
    pub(crate) fn limit_spare_entries(&mut self, limit: usize) {
        self.spare_entries = limit;
    }
}
