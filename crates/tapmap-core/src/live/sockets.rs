//! The connected sockets that are open now, found by identity and by their two ends.

use std::time::Duration;

use super::maps::HashMap;
use crate::{
    Attribution, Counters, Endpoint, Evidences, FlowId, Namespace, Protocol, Rates, SocketId, SocketRow,
    SocketState, Timestamp,
};

/// Rates are taken over at least so long: over less they only show the scheduler.
const RATED_OVER: Duration = Duration::from_millis(500);

/// The two ends of a connection, in its network.
type Ends = (Namespace, Protocol, Endpoint, Endpoint);

/// The connected sockets. Each table that comes in is a generation; what a table does not hold
/// keeps an older one.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    generation: u64,
    by_id: HashMap<SocketId, Tracked>,
    by_ends: HashMap<Ends, SocketId>,
}

#[derive(Debug)]
struct Tracked {
    row: SocketRow,
    remote: Endpoint,
    flow: Option<FlowId>,
    generation: u64,
    evidence: Evidences,
    /// When and from what the rates were last taken.
    rated: (Timestamp, Counters),
    rates: Rates,
}

impl Tracked {
    fn new(row: SocketRow, remote: Endpoint, generation: u64, at: Timestamp) -> Self {
        let (evidence, rated) = (row.evidence.into(), (at, row.counters));
        Self { row, remote, flow: None, generation, evidence, rated, rates: Rates::default() }
    }

    fn ends(&self) -> Ends {
        (self.row.namespace, self.row.protocol, self.row.local, self.remote)
    }

    /// Takes the rates anew when enough time has passed. An idle socket that never moved has none.
    fn rate(&mut self, at: Timestamp) {
        let (since, before) = self.rated;
        let time = at.since(since);
        if time < RATED_OVER {
            return;
        }
        let now = self.row.counters;
        let moved = now.bytes_sent != before.bytes_sent || now.bytes_received != before.bytes_received;
        if moved || self.rates != Rates::default() {
            self.rates = Rates {
                sent: per_second(before.bytes_sent, now.bytes_sent, time),
                received: per_second(before.bytes_received, now.bytes_received, time),
            };
        }
        self.rated = (at, now);
    }
}

fn per_second(before: Option<u64>, now: Option<u64>, time: Duration) -> Option<u64> {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
    Some(now?.saturating_sub(before?).saturating_mul(1000) / millis)
}

/// What [`Sockets::put`] found.
#[derive(Debug)]
pub(super) struct Known {
    /// Nothing but the counters differs from before.
    pub(super) same: bool,
    /// The counters or rates differ from before.
    pub(super) counted: bool,
    /// The flow it is shown as.
    pub(super) flow: Option<FlowId>,
    /// Its counters and rates now.
    pub(super) counters: (Counters, Rates),
}

/// What was last known of a socket.
#[derive(Debug)]
pub(super) struct Removed {
    /// The flow it was shown as.
    pub(super) flow: Option<FlowId>,
    /// By which ways it was seen.
    pub(super) evidence: Evidences,
    /// Its last state.
    pub(super) state: SocketState,
    /// Its owner.
    pub(super) owner: Attribution,
    /// What went through it.
    pub(super) counters: Counters,
}

impl Sockets {
    pub(super) fn begin_table(&mut self) {
        self.generation += 1;
    }

    /// The sockets that the newest table did not hold, in order of their identity.
    pub(super) fn absent(&self) -> Vec<SocketId> {
        let mut absent: Vec<SocketId> = self
            .by_id
            .iter()
            .filter(|(_, socket)| socket.generation != self.generation)
            .map(|(id, _)| *id)
            .collect();
        absent.sort_unstable();
        absent
    }

    /// Whether the newest table, or something after it, held this socket.
    pub(super) fn is_current(&self, id: SocketId) -> bool {
        self.by_id.get(&id).is_some_and(|socket| socket.generation == self.generation)
    }

    /// Whether this socket is known, between other ends than these.
    pub(super) fn has_other_ends(&self, row: &SocketRow, remote: Endpoint) -> bool {
        self.by_id.get(&row.id).is_some_and(|known| (known.row.local, known.remote) != (row.local, remote))
    }

    /// Takes a socket in that is new, or known between the same ends. What is known of its owner is
    /// kept where the new row knows less.
    pub(super) fn put(&mut self, mut row: SocketRow, remote: Endpoint, at: Timestamp) -> Known {
        let generation = self.generation;
        let Some(known) = self.by_id.get_mut(&row.id) else {
            let socket = Tracked::new(row, remote, generation, at);
            let (id, counters) = (socket.row.id, (socket.row.counters, socket.rates));
            self.by_ends.insert(socket.ends(), id);
            self.by_id.insert(id, socket);
            return Known { same: false, counted: false, flow: None, counters };
        };
        row.owner = known.row.owner.joined_by(row.owner);
        row.counters = known.row.counters.joined_by(row.counters);
        let same = known.row.state == row.state && known.row.owner == row.owner;
        let (moved, rates) = (known.row.counters != row.counters, known.rates);
        known.generation = generation;
        known.evidence = known.evidence.with(row.evidence);
        known.row = row;
        known.rate(at);
        let counters = (known.row.counters, known.rates);
        Known { same, counted: moved || known.rates != rates, flow: known.flow, counters }
    }

    /// Takes in what is known of a socket at its end. One that is not known yet opened and closed
    /// between two looks.
    pub(super) fn put_ended(&mut self, row: &SocketRow, evidence: Evidences, at: Timestamp) {
        if let Some(known) = self.by_id.get_mut(&row.id) {
            // Who tells of an end mostly cannot tell whose it was: that takes nothing from what is known.
            if !matches!(row.owner, Attribution::Unknown { .. }) || known.row.owner.process().is_none() {
                known.row.owner = known.row.owner.joined_by(row.owner.clone());
            }
            known.row.counters = known.row.counters.joined_by(row.counters);
            known.evidence = known.evidence.and(evidence);
            if row.state == SocketState::TimeWait {
                known.row.state = row.state;
            }
        } else if let Some(remote) = row.remote {
            self.put(row.clone(), remote, at);
            if let Some(known) = self.by_id.get_mut(&row.id) {
                known.evidence = evidence;
            }
        }
    }

    /// Forgets a socket and gives what was last known of it.
    pub(super) fn remove(&mut self, id: SocketId) -> Option<Removed> {
        let socket = self.by_id.remove(&id)?;
        let ends = socket.ends();
        if self.by_ends.get(&ends) == Some(&id) {
            self.by_ends.remove(&ends);
        }
        let Tracked { row, flow, evidence, .. } = socket;
        Some(Removed { flow, evidence, state: row.state, owner: row.owner, counters: row.counters })
    }

    pub(super) fn get(&self, id: SocketId) -> Option<(&SocketRow, Endpoint, Option<FlowId>)> {
        self.by_id.get(&id).map(|socket| (&socket.row, socket.remote, socket.flow))
    }

    /// What is known of a socket, and by which ways it was seen.
    pub(super) fn known(&self, id: SocketId) -> Option<(&SocketRow, Evidences)> {
        self.by_id.get(&id).map(|socket| (&socket.row, socket.evidence))
    }

    /// The other end of the same connection, when that is on this computer too.
    pub(super) fn partner(&self, id: SocketId) -> Option<SocketId> {
        let socket = self.by_id.get(&id)?;
        let (namespace, protocol, local, remote) = socket.ends();
        let reversed = (namespace, protocol, remote, local);
        self.by_ends.get(&reversed).copied().filter(|partner| *partner != id)
    }

    pub(super) fn set_flow(&mut self, id: SocketId, flow: FlowId) {
        if let Some(socket) = self.by_id.get_mut(&id) {
            socket.flow = Some(flow);
        }
    }

    pub(super) fn take_flow(&mut self, id: SocketId) -> Option<FlowId> {
        self.by_id.get_mut(&id).and_then(|socket| socket.flow.take())
    }
}
