//! What the kernel tells, as sightings: rows with their owners.

use tapmap_core::{
    Attribution, Evidence, Heard, HeardKind, MatchQuality, Namespace, Sighting, SocketId, SocketRow,
    SocketState,
};

use crate::{
    os::linux::owners::Owners,
    parse::kernel::{KernelAnswer, KernelEvent, KernelSocket},
};

/// Makes sightings of what the kernel tells.
#[derive(Debug)]
pub(super) struct Translator {
    /// The inode number of the recorder's network namespace.
    network: Option<u32>,
}

impl Translator {
    /// For a recorder in this network.
    pub(super) fn new(network: Option<u32>) -> Self {
        Self { network }
    }

    /// Takes an event in.
    pub(super) fn event(&mut self, event: &KernelEvent<'_>, owners: &mut Owners, told: &mut Vec<Sighting>) {
        match event {
            KernelEvent::Tcp(socket) => told.push(Sighting::Socket(self.row(socket, owners))),
            KernelEvent::UdpOwner(cookie, process) => {
                let process = owners.told(process);
                owners.learn(*cookie, &process);
            }
            KernelEvent::UdpDestination(socket) => told.push(Sighting::Destination(self.row(socket, owners))),
            KernelEvent::UdpBytes(socket) => {
                let row = self.row(socket, owners);
                told.push(if socket.is_destination {
                    Sighting::Destination(row)
                } else {
                    Sighting::Socket(row)
                });
            }
            KernelEvent::UdpEnd(cookie, counters) => {
                told.push(Sighting::Closed { socket: SocketId(*cookie), counters: *counters });
            }
        }
    }

    /// Takes an answer to a name query in; nobody here looks into it.
    pub(super) fn answer(&self, answer: &KernelAnswer<'_>, owners: &mut Owners) -> Sighting {
        let process = match &answer.process {
            Some(process) => Some(owners.told(process)),
            None => owners.of_ended(answer.cookie).process().cloned(),
        };
        Sighting::Heard(Heard { kind: HeardKind::Packet, bytes: answer.packet.into(), process })
    }

    fn row(&self, socket: &KernelSocket<'_>, owners: &mut Owners) -> SocketRow {
        let owner = match &socket.process {
            Some(process) => {
                let process = owners.told(process);
                owners.learn(socket.cookie, &process);
                Attribution::Owned { process, quality: MatchQuality::Event }
            }
            None if socket.state == SocketState::Closed => owners.of_ended(socket.cookie),
            None => owners.of_open(socket.cookie),
        };
        SocketRow {
            id: SocketId(socket.cookie),
            protocol: socket.protocol,
            local: socket.local,
            remote: socket.remote,
            state: socket.state,
            owner,
            counters: socket.counters,
            namespace: namespace(socket.network, self.network),
            evidence: Evidence::Event,
        }
    }
}

/// A network by its inode number; the recorder's own is one without a number.
pub(super) fn namespace(network: u32, own: Option<u32>) -> Namespace {
    if Some(network) == own { Namespace::OWN } else { Namespace(network) }
}
