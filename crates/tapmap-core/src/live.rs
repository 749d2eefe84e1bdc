//! What is open now: takes observations in, says what they changed. Decides nothing about where
//! they come from or who reads the changes.

mod destinations;
mod endings;
mod listening;
mod maps;
mod names;
mod neighbours;
mod sockets;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, mem, sync::Arc};

use self::{
    destinations::{Destination, Destinations},
    endings::Endings,
    listening::Listening,
    maps::HashSet,
    names::Names,
    neighbours::Neighbours,
    sockets::{Removed, Sockets},
};
use crate::{
    App, Attribution, Change, Changes, Counters, Direction, Endpoint, Enricher, Flow, FlowId, Listener,
    Observation, Peer, Rates, Service, Sighting, SocketId, SocketRow, SocketState, SocketTable, Span,
    Timestamp, UnknownOwner,
};

/// What is open now.
#[derive(Debug, Default)]
pub struct LiveState {
    seq: u64,
    last_flow: u64,
    last_look: Timestamp,
    sockets: Sockets,
    destinations: Destinations,
    endings: Endings,
    flows: BTreeMap<FlowId, Arc<Flow>>,
    listening: Listening,
    names: Names,
    neighbours: Neighbours,
    /// Some source tells when a socket ends.
    ends_are_told: bool,
    items: Vec<Change>,
}

/// A copy of what is open now; cheap, since flows and listeners are shared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveView {
    /// The number of the last batch of changes it contains.
    pub seq: u64,
    /// The flows, oldest first.
    pub flows: Vec<Arc<Flow>>,
    /// The open ports, by socket.
    pub listeners: Vec<Arc<Listener>>,
}

impl LiveState {
    /// Takes an observation in and says what it changed. Batches are numbered; an empty one keeps
    /// the number of the batch before it.
    pub fn apply(&mut self, observation: Observation, enricher: &dyn Enricher) -> Changes {
        let at = observation.at;
        match observation.sighting {
            Sighting::Table(table) => self.apply_table(table, at, enricher),
            Sighting::Socket(row) if row.state.is_open() => self.apply_open(row, at, enricher),
            Sighting::Socket(row) => self.apply_ended(row, at),
            Sighting::Closed { socket, counters } => self.end_now(socket, counters, at, enricher),
            Sighting::Destination(row) => self.apply_destination(row, at, enricher),
            Sighting::Named(heard) => self.names.hear(heard, at),
            Sighting::Lost(gap) => self.items.push(Change::Lost(gap)),
            Sighting::Coverage(coverage) => self.ends_are_told = coverage.tells_ends(),
            Sighting::Heard(_) | Sighting::Kernel(_) | Sighting::Trouble(_) => {}
        }
        if self.endings.are_due(at) {
            self.conclude(enricher);
        }
        self.batch(at)
    }

    /// Looks every remote address and port up again, after the data behind `enricher` changed.
    pub fn enrich_again(&mut self, at: Timestamp, enricher: &dyn Enricher) -> Changes {
        for flow in self.flows.values_mut() {
            let info = enricher.remote(flow.remote.address());
            if *info != *flow.info {
                Arc::make_mut(flow).info = info;
                self.items.push(Change::Updated(Arc::clone(flow)));
            }
        }
        self.batch(at)
    }

    /// What is open now.
    pub fn view(&self) -> LiveView {
        LiveView {
            seq: self.seq,
            flows: self.flows.values().cloned().collect(),
            listeners: self.listening.listeners().cloned().collect(),
        }
    }

    fn batch(&mut self, at: Timestamp) -> Changes {
        self.seq += u64::from(!self.items.is_empty());
        Changes { seq: self.seq, at, items: mem::take(&mut self.items) }
    }

    fn apply_table(&mut self, table: SocketTable, at: Timestamp, enricher: &dyn Enricher) {
        self.prepare(&table, at);
        table.sockets.iter().filter(|row| row.state.is_open()).for_each(|row| self.endings.withdraw(row));
        let (lingering, remnants) = self.note_lingering(&table, at);
        self.conclude(enricher);
        // Their ends may yet be told, with the bytes: they wait for the next table.
        for row in remnants {
            self.endings.note_remnant(row, at);
        }
        self.sockets.begin_table();
        let present: HashSet<SocketId> = table.sockets.iter().map(|row| row.id).collect();
        for id in self.listening.absent(&present) {
            self.close_listener(id);
        }
        self.apply_rows(table.sockets, at, enricher);
        let last_look = mem::replace(&mut self.last_look, at);
        self.end_absent(last_look, enricher, at);
        let over = self.destinations.take_ended(at, last_look, |id| present.contains(&id));
        self.close_destinations(over);
        self.name_again();
        self.endings.end_table(lingering, at);
    }

    /// What listens decides the direction, and who connects whose a neighbour may have been, also of
    /// what opened and closed since the last table.
    fn prepare(&mut self, table: &SocketTable, at: Timestamp) {
        for row in &table.sockets {
            self.listening.note(row);
            if let (Some(remote), Some(app)) = (row.remote, row.owner.app())
                && self.sockets.get(row.id).is_none()
            {
                self.neighbours.note(remote.address(), row.local.port(), app, at);
            }
        }
    }

    /// Sockets in `TIME_WAIT` have ended, also those whose end nobody told. Returns all of them, and
    /// those whose end may yet be told.
    fn note_lingering(&mut self, table: &SocketTable, at: Timestamp) -> (HashSet<SocketId>, Vec<SocketRow>) {
        let (mut lingering, mut remnants) = (HashSet::default(), Vec::new());
        for row in table.sockets.iter().filter(|row| row.state == SocketState::TimeWait) {
            lingering.insert(row.id);
            if !self.endings.is_new_remnant(row) {
                continue;
            }
            if self.sockets.get(row.id).is_some() && !self.ends_are_told {
                self.endings.note_remnant(row.clone(), at);
            } else {
                remnants.push(row.clone());
            }
        }
        (lingering, remnants)
    }

    /// What the table did not hold has ended. Where ends are told, that word may come yet.
    fn end_absent(&mut self, last_look: Timestamp, enricher: &dyn Enricher, at: Timestamp) {
        let mut left = Vec::new();
        for id in self.sockets.absent() {
            let Some((row, evidence)) = self.sockets.known(id) else { continue };
            if self.ends_are_told {
                self.endings.await_word(row, evidence, last_look, at);
            } else {
                self.endings.note_absent(row);
                left.extend(self.end(id, Counters::default(), last_look));
            }
        }
        self.settle_all(left, at, enricher);
    }

    /// A socket that is told of while it opens or changes.
    fn apply_open(&mut self, row: SocketRow, at: Timestamp, enricher: &dyn Enricher) {
        if self.endings.is_late(&row) {
            return;
        }
        if self.endings.is_waiting(row.id) {
            self.conclude(enricher);
        }
        self.apply_rows(vec![row], at, enricher);
    }

    /// A socket that the system says has ended. It is concluded with the next table.
    fn apply_ended(&mut self, row: SocketRow, at: Timestamp) {
        self.close_listener(row.id);
        let is_connected = row.remote.is_some_and(|remote| remote.port() != 0);
        if is_connected || self.sockets.get(row.id).is_some() {
            self.endings.note(row, at);
        }
    }

    /// Ends a socket at once, whatever it is shown as; one whose end waits already goes on waiting.
    fn end_now(&mut self, id: SocketId, counters: Counters, at: Timestamp, enricher: &dyn Enricher) {
        self.close_listener(id);
        if self.endings.add_counters(id, counters) {
            return;
        }
        self.endings.remember(id);
        let left = self.end(id, counters, at);
        self.settle_all(left, at, enricher);
    }

    /// Concludes the ends that wait: what was in no table opens and closes at the moment of its end.
    fn conclude(&mut self, enricher: &dyn Enricher) {
        let endings = self.endings.take();
        for ending in &endings {
            self.sockets.put_ended(&ending.row, ending.evidence, ending.at);
        }
        for ending in &endings {
            if self.sockets.get(ending.row.id).is_some_and(|(_, _, flow)| flow.is_none()) {
                self.settle(ending.row.id, ending.at, enricher);
            }
        }
        let is_shown = |id: SocketId| self.sockets.get(id).is_some_and(|(_, _, flow)| flow.is_some());
        let (shown, folded): (Vec<_>, Vec<_>) =
            endings.into_iter().map(|ending| (ending.row.id, ending.at)).partition(|(id, _)| is_shown(*id));
        for (id, _) in folded {
            self.sockets.remove(id);
        }
        for (id, at) in shown {
            let left = self.end(id, Counters::default(), at);
            self.settle_all(left, at, enricher);
        }
    }

    /// Listeners come first: they decide the direction of the flows beside them. Flows are settled
    /// last, when both ends of a connection within this computer are known. A UDP socket can lose its
    /// peer or take another one, and stays the same socket: its flow is another one then.
    fn apply_rows(&mut self, rows: Vec<SocketRow>, at: Timestamp, enricher: &dyn Enricher) {
        let mut connected = Vec::with_capacity(rows.len());
        let mut unsettled = Vec::new();
        for row in rows {
            match row.remote {
                _ if row.state == SocketState::TimeWait || self.endings.is_late(&row) => {}
                Some(remote) if row.state != SocketState::Listen && remote.port() != 0 => {
                    connected.push((row, remote));
                }
                _ => {
                    unsettled.extend(self.end(row.id, Counters::default(), self.last_look));
                    self.apply_listener(row, at, enricher);
                }
            }
        }
        for (row, remote) in connected {
            self.close_listener(row.id);
            if !row.state.is_open() {
                unsettled.extend(self.end(row.id, row.counters, at));
                continue;
            }
            if self.sockets.has_other_ends(&row, remote) {
                unsettled.extend(self.end(row.id, Counters::default(), self.last_look));
            }
            self.apply_connected(row, remote, at, &mut unsettled);
        }
        self.settle_all(unsettled, at, enricher);
    }

    fn apply_listener(&mut self, row: SocketRow, at: Timestamp, enricher: &dyn Enricher) {
        if !row.state.is_open() {
            return self.close_listener(row.id);
        }
        if let Some(listener) = self.listening.open(row, at, enricher) {
            self.items.push(Change::ListenerOpened(listener));
        }
    }

    /// Closes a port, and with a UDP socket the flows to where it sent.
    fn close_listener(&mut self, id: SocketId) {
        if self.listening.close(id) {
            self.items.push(Change::ListenerClosed(id));
        }
        let over = self.destinations.take_socket(id);
        self.close_destinations(over);
    }

    /// Takes a row in. What only moved its counters is told at once; what is new or changed
    /// otherwise is noted in `unsettled`.
    fn apply_connected(
        &mut self,
        row: SocketRow,
        remote: Endpoint,
        at: Timestamp,
        unsettled: &mut Vec<SocketId>,
    ) {
        let id = row.id;
        let known = self.sockets.put(row, remote, at);
        if !known.same {
            self.endings.forget(id);
            unsettled.push(id);
        } else if known.counted
            && let Some(flow) = known.flow.and_then(|flow| self.flows.get_mut(&flow))
        {
            let flow = Arc::make_mut(flow);
            (flow.counters, flow.rates) = known.counters;
            self.items.push(Change::Counted(flow.id, flow.counters, flow.rates));
        }
    }

    /// An unconnected UDP socket sent somewhere: a flow of its own, for as long as it goes on.
    fn apply_destination(&mut self, row: SocketRow, at: Timestamp, enricher: &dyn Enricher) {
        let Some(remote) = row.remote.filter(|remote| remote.port() != 0) else { return };
        if self.sockets.get(row.id).is_some_and(|(_, connected, _)| connected == remote) {
            return;
        }
        if let Some(known) = self.destinations.get_mut(row.id, remote) {
            known.told = at;
            let owner = known.row.owner.joined_by(row.owner);
            let counters = known.row.counters.joined_by(row.counters);
            let is_new = (&known.row.owner, known.row.counters) != (&owner, counters);
            (known.row.owner, known.row.counters) = (owner, counters);
            if let Some(flow) = self.flows.get_mut(&known.flow).filter(|_| is_new) {
                let now = Arc::make_mut(flow);
                (now.attribution, now.counters) = (known.row.owner.clone(), counters);
                now.span.last_seen = at;
                self.items.push(Change::Updated(Arc::clone(flow)));
            }
            return;
        }
        let direction = direction_of_datagrams(row.local.port(), remote.port());
        let flow = self.open(row.clone(), remote, None, direction, at, enricher);
        let over = self.destinations.put(remote, Destination { row, flow, told: at });
        self.close_destinations(over);
    }

    fn close_destinations(&mut self, over: Vec<(FlowId, Timestamp)>) {
        for (id, told) in over {
            let Some(flow) = self.flows.get(&id) else { continue };
            let removed = Removed {
                flow: Some(id),
                evidence: flow.evidence,
                state: flow.state,
                owner: flow.attribution.clone(),
                counters: flow.counters,
            };
            self.close_flow(id, removed, told);
        }
    }

    /// Settles those that are still there; what the table does not hold will end anyway.
    fn settle_all(
        &mut self,
        ids: impl IntoIterator<Item = SocketId>,
        at: Timestamp,
        enricher: &dyn Enricher,
    ) {
        for id in ids {
            if self.sockets.is_current(id) {
                self.settle(id, at, enricher);
            }
        }
    }

    /// Opens or updates the flow that a socket belongs to. Both ends of a connection within this
    /// computer share one flow: the connector's.
    fn settle(&mut self, id: SocketId, at: Timestamp, enricher: &dyn Enricher) {
        let Some(partner) = self.sockets.partner(id) else { return self.show(id, None, at, enricher) };
        let (connector, acceptor) = if self.accepts(id, partner) { (partner, id) } else { (id, partner) };
        if let Some(flow) = self.sockets.take_flow(acceptor) {
            self.merge_away(flow, at);
        }
        self.show(connector, Some(acceptor), at, enricher);
    }

    fn show(&mut self, id: SocketId, acceptor: Option<SocketId>, at: Timestamp, enricher: &dyn Enricher) {
        let Some((row, remote, flow)) = self.sockets.get(id) else { return };
        let peer = acceptor
            .and_then(|acceptor| self.sockets.get(acceptor))
            .map(|(row, ..)| Peer { socket: row.id, attribution: row.owner.clone() });
        let Some(flow) = flow.and_then(|flow| self.flows.get_mut(&flow)) else {
            let direction = self.listening.direction(row, peer.is_some());
            let flow = self.open(row.clone(), remote, peer, direction, at, enricher);
            return self.sockets.set_flow(id, flow);
        };
        let peer = peer.or_else(|| flow.peer.clone());
        if (flow.state, &flow.attribution, &flow.peer) == (row.state, &row.owner, &peer) {
            return;
        }
        let now = Arc::make_mut(flow);
        now.state = row.state;
        now.attribution = row.owner.clone();
        now.counters = row.counters;
        now.peer = peer;
        now.span.last_seen = at;
        self.items.push(Change::Updated(Arc::clone(flow)));
    }

    fn open(
        &mut self,
        row: SocketRow,
        remote: Endpoint,
        peer: Option<Peer>,
        direction: Direction,
        at: Timestamp,
        enricher: &dyn Enricher,
    ) -> FlowId {
        self.last_flow += 1;
        let id = FlowId(self.last_flow);
        let mut flow = Flow {
            id,
            socket: row.id,
            protocol: row.protocol,
            local: row.local,
            remote,
            direction,
            state: row.state,
            span: Span { first_seen: at, last_seen: at },
            attribution: row.owner,
            possibly: None,
            peer,
            info: enricher.remote(remote.address()),
            service: Service::default(),
            counters: row.counters,
            rates: Rates::default(),
            name: None,
            namespace: row.namespace,
            evidence: row.evidence.into(),
        };
        flow.service = enricher.service(flow.protocol, flow.service_port());
        flow.name = self.names.of(&flow).map(Arc::new);
        if let (Attribution::Owned { process, .. }, Direction::Outbound) = (&flow.attribution, direction) {
            self.neighbours.note(remote.address(), flow.local.port(), &process.app, at);
        }
        let flow = Arc::new(flow);
        self.flows.insert(id, Arc::clone(&flow));
        self.items.push(Change::Opened(flow));
        id
    }

    /// Names the flows again to whose far ends something was heard.
    fn name_again(&mut self) {
        let news = self.names.take_news();
        if news.is_empty() {
            return;
        }
        for flow in self.flows.values_mut().filter(|flow| news.contains(&flow.remote.address())) {
            let name = self.names.of(flow);
            if name.as_ref() != flow.name.as_deref() {
                Arc::make_mut(flow).name = name.map(Arc::new);
                self.items.push(Change::Updated(Arc::clone(flow)));
            }
        }
    }

    /// Ends a connected socket: its flow closes. When it was the connector of a connection within
    /// this computer, the other end is returned: it must be settled, to become a flow of its own.
    fn end(&mut self, id: SocketId, counters: Counters, last_seen: Timestamp) -> Option<SocketId> {
        let partner = self.sockets.partner(id);
        let mut removed = self.sockets.remove(id)?;
        removed.counters = removed.counters.joined_by(counters);
        let flow = removed.flow?;
        self.close_flow(flow, removed, last_seen);
        partner
    }

    fn close_flow(&mut self, id: FlowId, last: Removed, last_seen: Timestamp) {
        let Some(mut flow) = self.flows.remove(&id) else { return };
        let name = if flow.name.is_none() { self.names.of(&flow) } else { None };
        let possibly = self.guess(&flow, &last.owner, last_seen);
        let closed = Arc::make_mut(&mut flow);
        closed.span.last_seen = last_seen.max(closed.span.first_seen);
        closed.counters = last.counters;
        closed.rates = Rates::default();
        closed.attribution = last.owner;
        closed.possibly = possibly;
        closed.evidence = last.evidence;
        if last.state == SocketState::TimeWait {
            closed.state = last.state;
        }
        if let Some(name) = name {
            closed.name = Some(Arc::new(name));
        }
        self.items.push(Change::Closed(flow));
    }

    /// Who may have opened a connection that ended before its owner could be read.
    fn guess(&self, flow: &Flow, owner: &Attribution, at: Timestamp) -> Option<App> {
        let gone = [UnknownOwner::Exited, UnknownOwner::Pending, UnknownOwner::NotFound];
        match owner {
            Attribution::Unknown { reason, app: None }
                if gone.contains(reason) && flow.direction == Direction::Outbound =>
            {
                self.neighbours.guess(flow.remote.address(), flow.local.port(), at).cloned()
            }
            Attribution::Unknown { .. } | Attribution::Owned { .. } | Attribution::Ambiguous(_) => None,
        }
    }

    /// The flow of an end whose other end turned out to be on this computer too: it was the same one.
    fn merge_away(&mut self, id: FlowId, at: Timestamp) {
        let Some(mut flow) = self.flows.remove(&id) else { return };
        Arc::make_mut(&mut flow).span.last_seen = at;
        self.items.push(Change::Closed(flow));
    }

    /// Whether `id` is the accepting end of the pair: its port listens and the other's does not;
    /// where that does not tell, the lower port, since a connector's is taken from the high range.
    fn accepts(&self, id: SocketId, partner: SocketId) -> bool {
        let (Some((row, ..)), Some((other, ..))) = (self.sockets.get(id), self.sockets.get(partner)) else {
            return false;
        };
        let listens = self.listening.accepts(row);
        if listens == self.listening.accepts(other) {
            return (row.local.port(), row.id) < (other.local.port(), other.id);
        }
        listens
    }
}

/// The first port of those that systems give to clients (`net.ipv4.ip_local_port_range` of Linux;
/// RFC 6335 §6 begins higher).
const CLIENT_PORTS: u16 = 32_768;

/// Who began when an unconnected UDP socket sends: a low port that answers a higher one serves.
fn direction_of_datagrams(local: u16, remote: u16) -> Direction {
    if local < CLIENT_PORTS && local < remote { Direction::Inbound } else { Direction::Outbound }
}
