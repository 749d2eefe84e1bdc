//! Reads one record of a `sock_diag` dump of internet sockets (`linux/inet_diag.h`,
//! `struct inet_diag_msg` and its attributes) into values.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use tapmap_core::{Counters, Endpoint, Protocol, SocketState};

use super::{u16_at, u32_at, u64_at};

/// Bytes of `struct inet_diag_msg`; the attributes follow.
const MESSAGE: usize = 72;
/// `INET_DIAG_INFO`: `struct tcp_info`.
const INFO: u16 = 2;
/// `INET_DIAG_PROTOCOL`: the transport, in messages that nobody asked for.
const PROTOCOL: u16 = 10;
/// `INET_DIAG_CGROUP_ID`: the id of the socket's control group (version 2).
const CGROUP_ID: u16 = 21;
/// `AF_INET` and `AF_INET6`, equal on every Linux.
const FAMILY_V4: u8 = 2;
const FAMILY_V6: u8 = 10;

/// What the kernel says about one socket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiagSocket {
    /// The socket's cookie: its identity while the machine runs.
    pub cookie: u64,
    /// The inode number that names it in `/proc/<pid>/fd`; 0 when no descriptor can refer to it.
    pub inode: u32,
    /// The user that made it. Says nothing when `inode` is 0.
    pub user: u32,
    /// The control group (version 2) of the process that made it, where the kernel tells.
    pub cgroup: Option<u64>,
    /// Its transport.
    pub protocol: Protocol,
    /// Its state.
    pub state: SocketState,
    /// The near end.
    pub local: Endpoint,
    /// The far end, when it has one.
    pub remote: Option<Endpoint>,
    /// What went through it.
    pub counters: Counters,
}

/// What stands as a record's timer when the kernel keeps but a remnant of the socket (`idiag_timer` in
/// `inet_twsk_diag_fill` of `net/ipv4/inet_diag.c`): in `TIME_WAIT`, or its own half closed and the
/// other never heard of again.
const TIME_WAIT_TIMER: u8 = 3;

/// Reads the body of one record. `None` when it is cut short or of another address family.
pub fn socket(protocol: Protocol, body: &[u8]) -> Option<DiagSocket> {
    let fixed: &[u8; MESSAGE] = body.first_chunk()?;
    let state =
        if fixed[2] == TIME_WAIT_TIMER { SocketState::TimeWait } else { state_of(protocol, fixed[1])? };
    let local = endpoint(fixed[0], fixed[8..24].first_chunk()?, [fixed[4], fixed[5]])?;
    let remote = endpoint(fixed[0], fixed[24..40].first_chunk()?, [fixed[6], fixed[7]])?;
    let mut socket = DiagSocket {
        cookie: u64::from(u32_at(fixed, 44)?) | u64::from(u32_at(fixed, 48)?) << 32,
        inode: u32_at(fixed, 68)?,
        user: u32_at(fixed, 64)?,
        cgroup: None,
        protocol,
        state,
        local,
        remote: (remote.port() != 0 || !remote.address().is_unspecified()).then_some(remote),
        counters: Counters::default(),
    };
    for (kind, value) in attributes(&body[MESSAGE..]) {
        match kind {
            // A listener's numbers mean other things (the lengths of its queues).
            INFO if state != SocketState::Listen && state != SocketState::Datagram => {
                socket.counters = counters(state, value);
            }
            CGROUP_ID => socket.cgroup = u64_at(value, 0),
            _ => {}
        }
    }
    Some(socket)
}

/// Reads the body of a message that tells of a socket's end (`sock_diag` groups for destroyed
/// sockets): a record whose transport is one of its attributes.
pub fn destroyed(body: &[u8]) -> Option<DiagSocket> {
    let number = attributes(body.get(MESSAGE..)?).find(|(kind, _)| *kind == PROTOCOL)?.1.first()?;
    let protocol = match number {
        6 => Protocol::Tcp,
        17 => Protocol::Udp,
        _ => return None,
    };
    socket(protocol, body)
}

/// The state behind the kernel's number (`net/tcp_states.h`); UDP sockets have but one here.
pub(super) fn state_of(protocol: Protocol, number: u8) -> Option<SocketState> {
    if protocol == Protocol::Udp {
        return Some(SocketState::Datagram);
    }
    Some(match number {
        1 => SocketState::Established,
        2 => SocketState::SynSent,
        // 12 is the kernel's "new connection request", shown to programs as 3.
        3 | 12 => SocketState::SynReceived,
        4 => SocketState::FinWait1,
        5 => SocketState::FinWait2,
        6 => SocketState::TimeWait,
        7 => SocketState::Closed,
        8 => SocketState::CloseWait,
        9 => SocketState::LastAck,
        10 => SocketState::Listen,
        11 => SocketState::Closing,
        _ => return None,
    })
}

fn endpoint(family: u8, address: &[u8; 16], port: [u8; 2]) -> Option<Endpoint> {
    let address = match family {
        FAMILY_V4 => IpAddr::V4(Ipv4Addr::from(*address.first_chunk::<4>()?)),
        FAMILY_V6 => IpAddr::V6(Ipv6Addr::from(*address)),
        _ => return None,
    };
    Some(Endpoint::new(address, u16::from_be_bytes(port)))
}

/// The attributes after a record: kind and value. Ends at the first that does not fit.
pub(super) fn attributes(mut rest: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(u16_at(rest, 0)?);
        let kind = u16_at(rest, 2)?;
        let value = rest.get(4..length)?;
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, value))
    })
}

/// Payload bytes and round-trip time from `struct tcp_info` (`linux/tcp.h`), which grew with the
/// kernel: what is missing stays unknown.
///
/// `tcpi_bytes_acked` and `tcpi_bytes_received` count sequence numbers, so also those that stand for
/// SYN and FIN (RFC 9293 §3.4). A received FIN shows in the state. Whether a SYN was counted depends
/// on who opened the connection, which the record does not tell; but `tcpi_bytes_sent` less
/// `tcpi_bytes_retrans` (kernel 4.19) counts payload alone, and what is acknowledged is at most that.
fn counters(state: SocketState, info: &[u8]) -> Counters {
    const ROUND_TRIP: usize = 68;
    const BYTES_ACKED: usize = 120;
    const BYTES_RECEIVED: usize = 128;
    const BYTES_SENT: usize = 200;
    const BYTES_RETRANSMITTED: usize = 208;

    let acknowledged = u64_at(info, BYTES_ACKED).map(|acked| {
        match (u64_at(info, BYTES_SENT), u64_at(info, BYTES_RETRANSMITTED)) {
            (Some(sent), Some(again)) => acked.min(sent.saturating_sub(again)),
            _ => acked.saturating_sub(1),
        }
    });
    let peer_closed = matches!(
        state,
        SocketState::CloseWait
            | SocketState::LastAck
            | SocketState::Closing
            | SocketState::TimeWait
            // Ended: in order, as nearly all do, or by a reset, and then this is one byte too few.
            | SocketState::Closed
    );
    Counters {
        bytes_sent: acknowledged,
        bytes_received: u64_at(info, BYTES_RECEIVED)
            .map(|received| received.saturating_sub(u64::from(peer_closed))),
        round_trip: u32_at(info, ROUND_TRIP)
            .filter(|microseconds| *microseconds != 0)
            .map(|microseconds| Duration::from_micros(u64::from(microseconds))),
    }
}
