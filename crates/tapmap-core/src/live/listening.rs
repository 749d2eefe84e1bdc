//! What waits for others, and what did: by that it is known who opened a connection.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use super::maps::HashSet;
use crate::{
    AddressScope, Direction, Endpoint, Enricher, Listener, Namespace, Protocol, SocketId, SocketRow,
    SocketState, Timestamp,
};

/// How many local endpoints are remembered as having listened, so that a server which reopens its
/// port for ever cannot grow the state: far above what one machine opens, at 32 bytes each.
const LISTENED_LIMIT: usize = 65_536;

/// The open ports, and those that were.
#[derive(Debug, Default)]
pub(super) struct Listening {
    listeners: BTreeMap<SocketId, Arc<Listener>>,
    namespaces: BTreeMap<SocketId, Namespace>,
    listened: HashSet<(Namespace, Endpoint)>,
}

impl Listening {
    /// The open ports, by socket.
    pub(super) fn listeners(&self) -> impl Iterator<Item = &Arc<Listener>> {
        self.listeners.values()
    }

    /// The open ports that are not among these sockets.
    pub(super) fn absent(&self, present: &HashSet<SocketId>) -> Vec<SocketId> {
        self.listeners.keys().filter(|id| !present.contains(id)).copied().collect()
    }

    /// Remembers where a TCP socket listens.
    pub(super) fn note(&mut self, row: &SocketRow) {
        if row.state == SocketState::Listen && self.listened.len() < LISTENED_LIMIT {
            self.listened.insert((row.namespace, row.local));
        }
    }

    /// Opens a port. Returns it when it is new, or something of it changed.
    pub(super) fn open(
        &mut self,
        row: SocketRow,
        at: Timestamp,
        enricher: &dyn Enricher,
    ) -> Option<Arc<Listener>> {
        self.note(&row);
        let known = self.listeners.get(&row.id);
        let owner = known.map_or(row.owner.clone(), |known| known.attribution.joined_by(row.owner));
        if known.is_some_and(|known| known.attribution == owner && known.local == row.local) {
            return None;
        }
        let listener = Arc::new(Listener {
            id: row.id,
            protocol: row.protocol,
            local: row.local,
            scope: AddressScope::of(row.local.address()),
            attribution: owner,
            service: enricher.service(row.protocol, row.local.port()),
            first_seen: known.map_or(at, |known| known.first_seen),
        });
        if row.namespace != Namespace::OWN {
            self.namespaces.insert(row.id, row.namespace);
        }
        self.listeners.insert(row.id, Arc::clone(&listener));
        Some(listener)
    }

    /// Closes a port; true when it was open.
    pub(super) fn close(&mut self, id: SocketId) -> bool {
        self.namespaces.remove(&id);
        self.listeners.remove(&id).is_some()
    }

    /// Who opened a connection. Within this computer it is always shown from the connector's side.
    pub(super) fn direction(&self, row: &SocketRow, is_within: bool) -> Direction {
        if !is_within && self.accepts(row) { Direction::Inbound } else { Direction::Outbound }
    }

    /// Whether the near end of a connection listens or listened. A UDP client is bound for a moment
    /// before it has its peer, so for UDP only another socket that is bound to the port now counts.
    pub(super) fn accepts(&self, row: &SocketRow) -> bool {
        let mut at = [row.local.address(), Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()]
            .into_iter()
            .map(|address: IpAddr| Endpoint::new(address, row.local.port()));
        match row.protocol {
            Protocol::Tcp => at.any(|endpoint| self.listened.contains(&(row.namespace, endpoint))),
            Protocol::Udp => at.any(|endpoint| {
                self.listeners.values().any(|listener| {
                    listener.id != row.id
                        && listener.protocol == Protocol::Udp
                        && listener.local == endpoint
                        && self.namespaces.get(&listener.id).copied().unwrap_or_default() == row.namespace
                })
            }),
        }
    }
}
