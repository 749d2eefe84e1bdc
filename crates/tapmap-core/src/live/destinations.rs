//! Where UDP sockets without a fixed peer send: each destination is a flow, which ends with its
//! socket or after a silence.

use std::time::Duration;

use super::maps::HashMap;
use crate::{Endpoint, FlowId, SocketId, SocketRow, Timestamp};

/// After so long without a datagram a flow is taken to have ended: twice what Linux' own connection
/// tracking gives an unanswered UDP flow (`nf_conntrack_udp_timeout`, 30 s).
const SILENCE: Duration = Duration::from_mins(1);
/// How many flows of this kind are open at most; beyond, the longest silent end.
const LIMIT: usize = 16_384;

/// The destinations that are open now.
#[derive(Debug, Default)]
pub(super) struct Destinations {
    by_ends: HashMap<(SocketId, Endpoint), Destination>,
    by_socket: HashMap<SocketId, Vec<Endpoint>>,
}

/// One destination of one socket.
#[derive(Debug)]
pub(super) struct Destination {
    /// What was last told of it.
    pub(super) row: SocketRow,
    /// The flow it is shown as.
    pub(super) flow: FlowId,
    /// When it was last told.
    pub(super) told: Timestamp,
}

impl Destinations {
    /// The destination of this socket, where it is known.
    pub(super) fn get_mut(&mut self, socket: SocketId, remote: Endpoint) -> Option<&mut Destination> {
        self.by_ends.get_mut(&(socket, remote))
    }

    /// Takes a new one in. Returns the flows that must end to make room.
    pub(super) fn put(&mut self, remote: Endpoint, destination: Destination) -> Vec<(FlowId, Timestamp)> {
        let mut ended = Vec::new();
        if self.by_ends.len() >= LIMIT {
            let mut told: Vec<Timestamp> = self.by_ends.values().map(|known| known.told).collect();
            told.sort_unstable();
            let silent_longest = told.get(LIMIT / 8).copied().unwrap_or(destination.told);
            ended = self.take(|_, known| known.told <= silent_longest);
        }
        let socket = destination.row.id;
        self.by_socket.entry(socket).or_default().push(remote);
        self.by_ends.insert((socket, remote), destination);
        ended
    }

    /// The flows of a socket that has ended, with when they were last told.
    pub(super) fn take_socket(&mut self, socket: SocketId) -> Vec<(FlowId, Timestamp)> {
        let remotes = self.by_socket.remove(&socket).unwrap_or_default();
        let known = remotes.into_iter().filter_map(|remote| self.by_ends.remove(&(socket, remote)));
        known.map(|known| (known.flow, known.told)).collect()
    }

    /// The flows that have been silent too long, and those whose socket is gone: it is not among the
    /// open ones, and was told before the list was made.
    pub(super) fn take_ended(
        &mut self,
        at: Timestamp,
        before: Timestamp,
        is_open: impl Fn(SocketId) -> bool,
    ) -> Vec<(FlowId, Timestamp)> {
        if self.by_ends.is_empty() {
            return Vec::new();
        }
        self.take(|socket, known| {
            at.since(known.told) >= SILENCE || (known.told < before && !is_open(socket))
        })
    }

    fn take(&mut self, is_over: impl Fn(SocketId, &Destination) -> bool) -> Vec<(FlowId, Timestamp)> {
        let over: Vec<(SocketId, Endpoint)> = self
            .by_ends
            .iter()
            .filter(|((socket, _), known)| is_over(*socket, known))
            .map(|(ends, _)| *ends)
            .collect();
        let mut ended: Vec<(FlowId, Timestamp)> =
            over.iter().filter_map(|ends| self.by_ends.remove(ends)).map(|it| (it.flow, it.told)).collect();
        for (socket, remote) in over {
            if let Some(remotes) = self.by_socket.get_mut(&socket) {
                remotes.retain(|other| *other != remote);
                if remotes.is_empty() {
                    self.by_socket.remove(&socket);
                }
            }
        }
        ended.sort_unstable();
        ended
    }
}
