//! The connected sockets that are open now, found by identity and by their two ends.

use std::collections::HashMap;

use crate::{Endpoint, FlowId, Protocol, SocketId, SocketRow};

/// The connected sockets. Each table that comes in is a generation; what a table does not hold
/// keeps an older one.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    generation: u64,
    by_id: HashMap<SocketId, Tracked>,
    by_ends: HashMap<(Protocol, Endpoint, Endpoint), SocketId>,
}

#[derive(Debug)]
struct Tracked {
    row: SocketRow,
    remote: Endpoint,
    flow: Option<FlowId>,
    generation: u64,
}

/// What [`Sockets::put`] found.
#[derive(Debug)]
pub(super) struct Known {
    /// Nothing but the counters differs from before.
    pub(super) same: bool,
    /// The counters differ from before.
    pub(super) counted: bool,
    /// The flow it is shown as.
    pub(super) flow: Option<FlowId>,
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

    /// Takes a socket in that is new, or known between the same ends.
    pub(super) fn put(&mut self, row: SocketRow, remote: Endpoint) -> Known {
        let generation = self.generation;
        if let Some(known) = self.by_id.get_mut(&row.id) {
            let same = known.row.state == row.state && known.row.owner == row.owner;
            let counted = known.row.counters != row.counters;
            known.generation = generation;
            known.row = row;
            return Known { same, counted, flow: known.flow };
        }
        self.by_ends.insert((row.protocol, row.local, remote), row.id);
        self.by_id.insert(row.id, Tracked { row, remote, flow: None, generation });
        Known { same: false, counted: false, flow: None }
    }

    /// Forgets a socket and gives the flow it was shown as.
    pub(super) fn remove(&mut self, id: SocketId) -> Option<FlowId> {
        let socket = self.by_id.remove(&id)?;
        let ends = (socket.row.protocol, socket.row.local, socket.remote);
        if self.by_ends.get(&ends) == Some(&id) {
            self.by_ends.remove(&ends);
        }
        socket.flow
    }

    pub(super) fn get(&self, id: SocketId) -> Option<(&SocketRow, Endpoint, Option<FlowId>)> {
        self.by_id.get(&id).map(|socket| (&socket.row, socket.remote, socket.flow))
    }

    /// The other end of the same connection, when that is on this computer too.
    pub(super) fn partner(&self, id: SocketId) -> Option<SocketId> {
        let socket = self.by_id.get(&id)?;
        let reversed = (socket.row.protocol, socket.remote, socket.row.local);
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
