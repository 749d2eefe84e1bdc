//! What the kernel tells, as sightings: rows with their owners. What has to be in the next table too is
//! remembered: sockets of other networks, which the list of this one does not hold, and bytes of UDP.

use tapmap_core::{
    Attribution, Counters, Evidence, Heard, HeardKind, MatchQuality, Namespace, Protocol, Sighting, SocketId,
    SocketRow, SocketState,
};

use super::programs::Programs;
use crate::{
    Map,
    os::linux::owners::Owners,
    parse::kernel::{HeldSocket, KernelEvent, KernelPacket, KernelSocket},
};

/// Makes sightings of what the kernel tells.
#[derive(Debug)]
pub(super) struct Translator {
    /// The inode number of the recorder's network namespace.
    network: Option<u32>,
    /// The open sockets of other networks.
    elsewhere: Map<SocketId, SocketRow>,
    /// Whether those can be listed, and so are known completely.
    complete: bool,
    /// What went through UDP sockets with a peer.
    counted: Map<SocketId, Counters>,
}

/// Where owners come from.
pub(super) struct Sources<'sources> {
    /// Who owned what.
    pub(super) owners: &'sources mut Owners,
    /// The program files of processes.
    pub(super) programs: Programs<'sources>,
}

impl Translator {
    /// For a recorder in this network.
    pub(super) fn new(network: Option<u32>) -> Self {
        Self { network, elsewhere: Map::default(), complete: true, counted: Map::default() }
    }

    /// Says whether the held sockets can be listed. Where not, other networks are left to who looks into them.
    pub(super) fn set_complete(&mut self, complete: bool) {
        self.complete = complete;
        if !complete {
            self.elsewhere.clear();
        }
    }

    /// Takes an event in; what is only about an owner is not told.
    pub(super) fn event(&mut self, event: &KernelEvent<'_>, sources: &mut Sources<'_>) -> Option<Sighting> {
        Some(match event {
            KernelEvent::Tcp(socket) => Sighting::Socket(self.remembered(socket, sources)),
            KernelEvent::UdpBytes(socket) if !socket.is_destination => {
                self.counted.insert(SocketId(socket.cookie), socket.counters);
                Sighting::Socket(self.remembered(socket, sources))
            }
            KernelEvent::UdpDestination(socket) | KernelEvent::UdpBytes(socket) => {
                Sighting::Destination(self.row(socket, sources))
            }
            KernelEvent::UdpOwner(cookie, process) => {
                let process = sources.process(process);
                sources.owners.learn(*cookie, &process);
                return None;
            }
            KernelEvent::UdpEnd(cookie, counters) => {
                let socket = SocketId(*cookie);
                self.elsewhere.remove(&socket);
                self.counted.remove(&socket);
                Sighting::Closed { socket, counters: *counters }
            }
        })
    }

    /// Takes a packet in that may hold names; nobody here looks into it.
    pub(super) fn packet(packet: &KernelPacket<'_>, sources: &mut Sources<'_>) -> Sighting {
        let process = match &packet.process {
            Some(process) => Some(sources.process(process)),
            None => sources.owners.of_ended(packet.cookie).process().cloned(),
        };
        Sighting::Heard(Heard { kind: HeardKind::Packet, bytes: packet.bytes.into(), process })
    }

    /// Takes the list of held sockets in: the sockets of other networks are those in it.
    pub(super) fn held<'list>(&mut self, held: impl Iterator<Item = HeldSocket<'list>>, owners: &mut Owners) {
        self.elsewhere.clear();
        let mut holders: Map<SocketId, Vec<_>> = Map::default();
        for HeldSocket { socket, .. } in held {
            let id = SocketId(socket.cookie);
            if socket.protocol == Protocol::Udp && !socket.is_destination {
                self.counted.insert(id, socket.counters);
            }
            if namespace(socket.network, self.network) == Namespace::OWN || !is_shown(&socket) {
                continue;
            }
            let process = socket.process.as_ref().map(|process| owners.told(process));
            holders.entry(id).or_default().extend(process);
            let owner = owners.of_open(socket.cookie);
            self.elsewhere.entry(id).or_insert_with(|| SocketRow {
                // A destination is no peer: it is told by itself.
                remote: socket.remote.filter(|_| !socket.is_destination),
                evidence: Evidence::Files,
                ..row(&socket, owner, self.network)
            });
        }
        for (id, holders) in holders {
            if let (Some(row), Some(owner)) = (self.elsewhere.get_mut(&id), Owners::verdict(holders)) {
                row.owner = owner;
            }
        }
    }

    /// Adds to a table of this network what it lacks.
    pub(super) fn complete(&mut self, rows: &mut Vec<SocketRow>) {
        let udp = rows.iter_mut().filter(|row| row.protocol == Protocol::Udp && row.remote.is_some());
        for row in udp {
            if let Some(counters) = self.counted.get(&row.id) {
                row.counters = *counters;
            }
        }
        rows.extend(self.elsewhere.values().cloned());
        if self.counted.len() > 2 * rows.len() + 1024 {
            // Sockets whose end was not told.
            let present: hashbrown::HashSet<SocketId> = rows.iter().map(|row| row.id).collect();
            self.counted.retain(|id, _| present.contains(id));
        }
    }

    /// A row that has to be in the next table too, as long as it is open and of another network.
    fn remembered(&mut self, socket: &KernelSocket<'_>, sources: &mut Sources<'_>) -> SocketRow {
        let row = self.row(socket, sources);
        if row.namespace != Namespace::OWN && self.complete {
            if row.state.is_open() {
                self.elsewhere.insert(row.id, row.clone());
            } else {
                self.elsewhere.remove(&row.id);
            }
        }
        row
    }

    fn row(&self, socket: &KernelSocket<'_>, sources: &mut Sources<'_>) -> SocketRow {
        let owner = match &socket.process {
            Some(process) => {
                let process = sources.process(process);
                sources.owners.learn(socket.cookie, &process);
                Attribution::Owned { process, quality: MatchQuality::Event }
            }
            None if socket.state == SocketState::Closed => sources.owners.of_ended(socket.cookie),
            None => sources.owners.of_open(socket.cookie),
        };
        row(socket, owner, self.network)
    }
}

fn row(socket: &KernelSocket<'_>, owner: Attribution, own: Option<u32>) -> SocketRow {
    SocketRow {
        id: SocketId(socket.cookie),
        protocol: socket.protocol,
        local: socket.local,
        remote: socket.remote,
        state: socket.state,
        owner,
        counters: socket.counters,
        namespace: namespace(socket.network, own),
        evidence: Evidence::Event,
    }
}

/// Whether the kernel's own list would show it: not what is neither bound nor connected.
fn is_shown(socket: &KernelSocket<'_>) -> bool {
    socket.state.is_open() && socket.local.port() != 0
}

/// A network by its inode number; the recorder's own is one without a number.
fn namespace(network: u32, own: Option<u32>) -> Namespace {
    if Some(network) == own { Namespace::OWN } else { Namespace(network) }
}
