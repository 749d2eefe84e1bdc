//! Reads what our own programs in the kernel tell (`bpf/record.h`): events, the list of sockets that
//! processes hold, the list of processes, and packets that may hold names. The layouts are fixed by that
//! header, in this machine's byte order.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use tapmap_core::{Counters, Endpoint, Protocol, SocketState};

use super::{inet_diag::state_of, u16_at, u32_at, u64_at};

/// Bytes of `struct record`.
const RECORD: usize = 120;
/// Bytes of `struct file_record`, which begins with a record.
const HELD: usize = 136;
/// Bytes of `struct process_record`.
const PROCESS: usize = 304;
/// Bytes of `struct packet_head`; the packet follows.
const PACKET: usize = 56;

/// Bits of `flags`: the peer's FIN has come; all went to one destination; bytes were counted at all.
const PEER_CLOSED: u8 = 1;
const ONE_DESTINATION: u8 = 2;
const COUNTED: u8 = 4;

/// A process, as a program in the kernel names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KernelProcess<'bytes> {
    /// Its id, in the recorder's pid namespace.
    pub pid: u32,
    /// When it started, since boot.
    pub start: Duration,
    /// Its effective user, or for a held socket the user that the socket belongs to.
    pub user: u32,
    /// Its control group (version 2).
    pub cgroup: u64,
    /// The kernel's short name of it; any bytes.
    pub name: &'bytes [u8],
}

/// A socket, as a program in the kernel shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KernelSocket<'bytes> {
    /// The socket's cookie: its identity while the machine runs.
    pub cookie: u64,
    /// Whose it is; `None` when the socket is older than the programs, or its process is in a pid
    /// namespace that the recorder does not see.
    pub process: Option<KernelProcess<'bytes>>,
    /// Its transport.
    pub protocol: Protocol,
    /// Its state.
    pub state: SocketState,
    /// The near end.
    pub local: Endpoint,
    /// The far end, or of a UDP socket without a peer the one destination that it ever had.
    pub remote: Option<Endpoint>,
    /// Whether the socket itself has no peer and `remote` is where it sent to.
    pub is_destination: bool,
    /// The inode number of its network namespace.
    pub network: u32,
    /// What went through it.
    pub counters: Counters,
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KernelEvent<'bytes> {
    /// A TCP socket listens, is connected or has closed.
    Tcp(KernelSocket<'bytes>),
    /// A process gave a UDP socket its peer. Its near end is not chosen yet.
    UdpOwner(u64, KernelProcess<'bytes>),
    /// A process sent through a UDP socket to an address that it named, or goes on doing so.
    UdpDestination(KernelSocket<'bytes>),
    /// How many bytes went through a UDP socket so far.
    UdpBytes(KernelSocket<'bytes>),
    /// A UDP socket was closed, and how many bytes went through it.
    UdpEnd(u64, Counters),
}

/// A socket that a process holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldSocket<'bytes> {
    /// The socket, with the process that holds it.
    pub socket: KernelSocket<'bytes>,
    /// The inode number that names it in `/proc/<pid>/fd`.
    pub inode: u64,
    /// The number of the process' descriptor.
    pub descriptor: u32,
}

/// A process in the list of processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedProcess<'bytes> {
    /// The process.
    pub process: KernelProcess<'bytes>,
    /// The process that started it, in the first pid namespace.
    pub parent: u32,
    /// The inode number of its network namespace.
    pub network: u32,
    /// The path of its program file; empty when it has none.
    pub program: &'bytes [u8],
}

/// A packet that may hold names: an answer to a name query, or the beginning of an encrypted connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KernelPacket<'bytes> {
    /// The cookie of the socket that it comes to or from.
    pub cookie: u64,
    /// Who uses that socket.
    pub process: Option<KernelProcess<'bytes>>,
    /// From the IP header on, perhaps cut off.
    pub bytes: &'bytes [u8],
}

/// Reads one event. `None` when it is cut short or of an unknown kind.
pub fn event(bytes: &[u8]) -> Option<KernelEvent<'_>> {
    let record: &[u8; RECORD] = bytes.first_chunk()?;
    Some(match record[92] {
        1 => KernelEvent::Tcp(socket(record)?),
        2 => KernelEvent::UdpOwner(u64_at(record, 0)?, process(record)?),
        3 => KernelEvent::UdpDestination(KernelSocket {
            counters: Counters::default(),
            is_destination: true,
            ..socket(record)?
        }),
        4 => KernelEvent::UdpBytes(socket(record)?),
        5 => KernelEvent::UdpEnd(u64_at(record, 0)?, counters(record, Protocol::Udp)?),
        _ => return None,
    })
}

/// When an event was told: milliseconds of the kernel's monotonic clock, the lower 32 bits.
pub fn told_at(bytes: &[u8]) -> Option<u32> {
    u32_at(bytes, 100)
}

/// Reads a list of held sockets; what is cut short at its end is left out.
pub fn held_sockets(bytes: &[u8]) -> impl Iterator<Item = HeldSocket<'_>> + Clone {
    bytes.as_chunks::<HELD>().0.iter().filter_map(|held| {
        Some(HeldSocket {
            socket: socket(held.first_chunk()?)?,
            inode: u64_at(held, RECORD)?,
            descriptor: u32_at(held, RECORD + 8)?,
        })
    })
}

/// Reads a list of processes; those of other pid namespaces are left out.
pub fn processes(bytes: &[u8]) -> impl Iterator<Item = ListedProcess<'_>> {
    bytes.as_chunks::<PROCESS>().0.iter().filter_map(|listed| {
        let process = KernelProcess {
            start: Duration::from_nanos(u64_at(listed, 0)?),
            cgroup: u64_at(listed, 8)?,
            pid: u32_at(listed, 16)?,
            user: u32_at(listed, 24)?,
            name: text(listed.get(32..48)?),
        };
        (process.pid != 0).then_some(ListedProcess {
            process,
            parent: u32_at(listed, 20)?,
            network: u32_at(listed, 28)?,
            program: text(listed.get(48..)?),
        })
    })
}

/// Reads one packet. `None` when it is cut short.
pub fn packet(bytes: &[u8]) -> Option<KernelPacket<'_>> {
    let head: &[u8; PACKET] = bytes.first_chunk()?;
    let process = KernelProcess {
        start: Duration::from_nanos(u64_at(head, 8)?),
        cgroup: u64_at(head, 16)?,
        pid: u32_at(head, 24)?,
        user: u32_at(head, 28)?,
        name: text(&head[32..48]),
    };
    let length = usize::try_from(u32_at(head, 52)?).ok()?;
    Some(KernelPacket {
        cookie: u64_at(head, 0)?,
        process: (process.pid != 0).then_some(process),
        bytes: bytes.get(PACKET..PACKET.checked_add(length)?)?,
    })
}

fn socket(record: &[u8; RECORD]) -> Option<KernelSocket<'_>> {
    let protocol = match record[94] {
        6 => Protocol::Tcp,
        17 => Protocol::Udp,
        _ => return None,
    };
    let family = record[93];
    let remote = endpoint(family, record[72..88].first_chunk()?, u16_at(record, 90)?)?;
    Some(KernelSocket {
        cookie: u64_at(record, 0)?,
        process: process(record),
        protocol,
        state: state_of(protocol, record[95])?,
        local: endpoint(family, record[56..72].first_chunk()?, u16_at(record, 88)?)?,
        remote: (remote.port() != 0 || !remote.address().is_unspecified()).then_some(remote),
        is_destination: record[97] & ONE_DESTINATION != 0,
        network: u32_at(record, 48)?,
        counters: counters(record, protocol)?,
    })
}

fn process(record: &[u8; RECORD]) -> Option<KernelProcess<'_>> {
    let pid = u32_at(record, 40)?;
    (pid != 0).then_some(KernelProcess {
        pid,
        start: Duration::from_nanos(u64_at(record, 8)?),
        cgroup: u64_at(record, 16)?,
        user: u32_at(record, 44)?,
        name: text(&record[104..]),
    })
}

/// The counters of a record. What is received counts the peer's FIN as one byte (RFC 9293 §3.4).
fn counters(record: &[u8; RECORD], protocol: Protocol) -> Option<Counters> {
    let flags = record[97];
    if flags & COUNTED == 0 {
        return Some(Counters::default());
    }
    let round_trip = u32_at(record, 52)?;
    let closed = u64::from(protocol == Protocol::Tcp && flags & PEER_CLOSED != 0);
    Some(Counters {
        bytes_sent: u64_at(record, 24),
        bytes_received: u64_at(record, 32).map(|received| received.saturating_sub(closed)),
        round_trip: (round_trip != 0).then(|| Duration::from_micros(u64::from(round_trip))),
    })
}

fn endpoint(family: u8, address: &[u8; 16], port: u16) -> Option<Endpoint> {
    let address = match family {
        2 => IpAddr::V4(Ipv4Addr::from(*address.first_chunk::<4>()?)),
        10 => IpAddr::V6(Ipv6Addr::from(*address)),
        _ => return None,
    };
    Some(Endpoint::new(address, port))
}

/// The bytes before the first NUL.
fn text(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
