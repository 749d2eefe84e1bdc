//! What is open now: takes observations in, says what they changed. Decides nothing about where
//! they come from or who reads the changes.

mod sockets;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashSet},
    mem,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use self::sockets::Sockets;
use crate::{
    AddressScope, Change, Changes, Counters, Direction, Endpoint, Enricher, Flow, FlowId, Listener,
    Observation, Peer, Protocol, Sighting, SocketId, SocketRow, SocketState, SocketTable, Span, Timestamp,
};

/// How many local endpoints are remembered as having listened, so that a server which reopens its
/// port for ever cannot grow the state: far above what one machine opens, at 32 bytes each.
const LISTENED_LIMIT: usize = 65_536;

/// How many connections that ended unseen may wait for the next table, in which both ends of one
/// within this computer are matched; more than a burst of a tenth of a second on a busy server.
const UNSEEN_LIMIT: usize = 4_096;

/// What is open now.
#[derive(Debug, Default)]
pub struct LiveState {
    seq: u64,
    last_flow: u64,
    last_look: Timestamp,
    sockets: Sockets,
    flows: BTreeMap<FlowId, Arc<Flow>>,
    listeners: BTreeMap<SocketId, Arc<Listener>>,
    listened: HashSet<(Protocol, Endpoint)>,
    unseen: Vec<(Timestamp, SocketRow)>,
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
            Sighting::Socket(row) if row.state.is_open() => self.apply_rows(vec![row], at, enricher),
            Sighting::Socket(row) => self.apply_ended(row, at, enricher),
            Sighting::Closed { socket, counters } => self.end_told(socket, counters, at, enricher),
            Sighting::Destination(_) | Sighting::Named(_) => {}
            Sighting::Lost(gap) => self.items.push(Change::Lost(gap)),
            Sighting::Heard(_) | Sighting::Kernel(_) | Sighting::Coverage(_) | Sighting::Trouble(_) => {}
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
            listeners: self.listeners.values().cloned().collect(),
        }
    }

    fn batch(&mut self, at: Timestamp) -> Changes {
        self.seq += u64::from(!self.items.is_empty());
        Changes { seq: self.seq, at, items: mem::take(&mut self.items) }
    }

    /// A socket that the system says has ended. One that was in no table opened and closed unseen:
    /// it becomes a flow of its own, once the other end could be told too.
    fn apply_ended(&mut self, row: SocketRow, at: Timestamp, enricher: &dyn Enricher) {
        if self.sockets.get(row.id).is_some() || self.listeners.contains_key(&row.id) {
            return self.end_told(row.id, row.counters, at, enricher);
        }
        if row.remote.is_some_and(|remote| remote.port() != 0) {
            self.unseen.push((at, row));
        }
        if self.unseen.len() >= UNSEEN_LIMIT {
            self.tell_unseen(enricher);
        }
    }

    /// Opens and closes, at the moment of their end, the connections that were in no table.
    fn tell_unseen(&mut self, enricher: &dyn Enricher) {
        let unseen = mem::take(&mut self.unseen);
        let moments: Vec<(SocketId, Timestamp)> = unseen.iter().map(|(at, row)| (row.id, *at)).collect();
        for (_, row) in unseen {
            if let Some(remote) = row.remote {
                self.sockets.put(row, remote);
            }
        }
        for (id, at) in &moments {
            self.settle(*id, *at, enricher);
        }
        let is_shown =
            |(id, _): &(SocketId, Timestamp)| self.sockets.get(*id).is_some_and(|(.., flow)| flow.is_some());
        let (shown, folded): (Vec<_>, Vec<_>) = moments.into_iter().partition(is_shown);
        for (id, _) in folded {
            self.sockets.remove(id);
        }
        for (id, at) in shown {
            self.end_told(id, Counters::default(), at, enricher);
        }
    }

    /// Ends a socket whose end was told, whatever it is shown as.
    fn end_told(&mut self, id: SocketId, counters: Counters, at: Timestamp, enricher: &dyn Enricher) {
        self.close_listener(id);
        let left = self.end(id, counters, at);
        self.settle_all(left, at, enricher);
    }

    fn apply_table(&mut self, table: SocketTable, at: Timestamp, enricher: &dyn Enricher) {
        // Which ports listen decides the direction, also of what opened and closed since the last table.
        table.sockets.iter().for_each(|row| self.note_listening(row));
        self.tell_unseen(enricher);
        self.sockets.begin_table();
        let present: HashSet<SocketId> = table.sockets.iter().map(|row| row.id).collect();
        let closed_listeners: Vec<SocketId> =
            self.listeners.keys().filter(|id| !present.contains(id)).copied().collect();
        for id in closed_listeners {
            self.close_listener(id);
        }
        self.apply_rows(table.sockets, at, enricher);
        let last_look = mem::replace(&mut self.last_look, at);
        let absent = self.sockets.absent();
        let left: Vec<SocketId> =
            absent.into_iter().filter_map(|id| self.end(id, Counters::default(), last_look)).collect();
        self.settle_all(left, at, enricher);
    }

    /// Listeners come first: they decide the direction of the flows beside them. Flows are settled
    /// last, when both ends of a connection within this computer are known. A UDP socket can lose its
    /// peer or take another one, and stays the same socket: its flow is another one then.
    fn apply_rows(&mut self, rows: Vec<SocketRow>, at: Timestamp, enricher: &dyn Enricher) {
        let mut connected = Vec::with_capacity(rows.len());
        let mut unsettled = Vec::new();
        for row in rows {
            match row.remote {
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
            self.apply_connected(row, remote, &mut unsettled);
        }
        self.settle_all(unsettled, at, enricher);
    }

    fn apply_listener(&mut self, row: SocketRow, at: Timestamp, enricher: &dyn Enricher) {
        if !row.state.is_open() {
            return self.close_listener(row.id);
        }
        self.note_listening(&row);
        let known = self.listeners.get(&row.id);
        if known.is_some_and(|known| known.attribution == row.owner && known.local == row.local) {
            return;
        }
        let listener = Arc::new(Listener {
            id: row.id,
            protocol: row.protocol,
            local: row.local,
            scope: AddressScope::of(row.local.address()),
            attribution: row.owner,
            service: enricher.service(row.protocol, row.local.port()),
            first_seen: known.map_or(at, |known| known.first_seen),
        });
        self.listeners.insert(row.id, Arc::clone(&listener));
        self.items.push(Change::ListenerOpened(listener));
    }

    fn note_listening(&mut self, row: &SocketRow) {
        if row.state == SocketState::Listen && self.listened.len() < LISTENED_LIMIT {
            self.listened.insert((row.protocol, row.local));
        }
    }

    fn close_listener(&mut self, id: SocketId) {
        if self.listeners.remove(&id).is_some() {
            self.items.push(Change::ListenerClosed(id));
        }
    }

    /// Takes a row in. What only moved its counters is told at once; what is new or changed
    /// otherwise is noted in `unsettled`.
    fn apply_connected(&mut self, row: SocketRow, remote: Endpoint, unsettled: &mut Vec<SocketId>) {
        let (id, counters) = (row.id, row.counters);
        let known = self.sockets.put(row, remote);
        if !known.same {
            unsettled.push(id);
        } else if known.counted
            && let Some(flow) = known.flow.and_then(|flow| self.flows.get_mut(&flow))
        {
            let flow = Arc::make_mut(flow);
            flow.counters = counters;
            self.items.push(Change::Counted(flow.id, counters, flow.rates));
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
            self.close_flow(flow, Counters::default(), at);
        }
        self.show(connector, Some(acceptor), at, enricher);
    }

    fn show(&mut self, id: SocketId, acceptor: Option<SocketId>, at: Timestamp, enricher: &dyn Enricher) {
        let Some((row, remote, flow)) = self.sockets.get(id) else { return };
        let peer = acceptor
            .and_then(|acceptor| self.sockets.get(acceptor))
            .map(|(row, ..)| Peer { socket: row.id, attribution: row.owner.clone() });
        let Some(flow) = flow.and_then(|flow| self.flows.get_mut(&flow)) else {
            return self.open(row.clone(), remote, peer, at, enricher);
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
        at: Timestamp,
        enricher: &dyn Enricher,
    ) {
        self.last_flow += 1;
        let id = FlowId(self.last_flow);
        let direction = if peer.is_none() && self.listens(row.id, row.protocol, row.local) {
            Direction::Inbound
        } else {
            Direction::Outbound
        };
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
            peer,
            info: enricher.remote(remote.address()),
            service: crate::Service::default(),
            counters: row.counters,
            possibly: None,
            rates: crate::Rates::default(),
            name: None,
            namespace: row.namespace,
            evidence: row.evidence.into(),
        };
        flow.service = enricher.service(flow.protocol, flow.service_port());
        self.sockets.set_flow(row.id, id);
        let flow = Arc::new(flow);
        self.flows.insert(id, Arc::clone(&flow));
        self.items.push(Change::Opened(flow));
    }

    /// Ends a connected socket: its flow closes. When it was the connector of a connection within
    /// this computer, the other end is returned: it must be settled, to become a flow of its own.
    fn end(&mut self, id: SocketId, counters: Counters, last_seen: Timestamp) -> Option<SocketId> {
        let partner = self.sockets.partner(id);
        let flow = self.sockets.remove(id)?;
        self.close_flow(flow, counters, last_seen);
        partner
    }

    fn close_flow(&mut self, id: FlowId, counters: Counters, last_seen: Timestamp) {
        let Some(mut flow) = self.flows.remove(&id) else { return };
        let closed = Arc::make_mut(&mut flow);
        closed.span.last_seen = last_seen.max(closed.span.first_seen);
        if counters != Counters::default() {
            closed.counters = counters;
        }
        self.items.push(Change::Closed(flow));
    }

    /// Whether `id` is the accepting end of the pair: its port listens and the other's does not;
    /// where that does not tell, the lower port, since a connector's is taken from the high range.
    fn accepts(&self, id: SocketId, partner: SocketId) -> bool {
        let (Some((row, ..)), Some((other, ..))) = (self.sockets.get(id), self.sockets.get(partner)) else {
            return false;
        };
        let listens = self.listens(row.id, row.protocol, row.local);
        if listens == self.listens(other.id, other.protocol, other.local) {
            return (row.local.port(), row.id) < (other.local.port(), other.id);
        }
        listens
    }

    /// Whether a local endpoint listens or listened. A UDP client is bound for a moment before it
    /// has its peer, so for UDP only another socket that is bound to the port now counts.
    fn listens(&self, id: SocketId, protocol: Protocol, local: Endpoint) -> bool {
        let mut at = [local.address(), Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()]
            .into_iter()
            .map(|address: IpAddr| Endpoint::new(address, local.port()));
        match protocol {
            Protocol::Tcp => at.any(|endpoint| self.listened.contains(&(protocol, endpoint))),
            Protocol::Udp => at.any(|endpoint| {
                self.listeners.values().any(|listener| {
                    listener.id != id && listener.protocol == protocol && listener.local == endpoint
                })
            }),
        }
    }
}
