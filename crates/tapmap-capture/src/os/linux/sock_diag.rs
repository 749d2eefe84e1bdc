//! Asks the kernel for its table of internet sockets over a `sock_diag` netlink socket (`sock_diag(7)`).
//! One buffer, no allocation per socket; whose sockets they are is asked elsewhere.

use std::{io, time::Duration};

use rustix::{
    fd::OwnedFd,
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with,
        sockopt::{Timeout, set_socket_timeout},
    },
};
use tapmap_core::Protocol;

use crate::parse::{
    inet_diag::{self, DiagSocket},
    netlink::{Content, messages},
};

/// The kernel never fills more than this in one receive.
const BUFFER: usize = 32 * 1024;
/// `TCPDIAG_GETSOCK`: the older request, which lists v4 and v6 in one walk of the table.
const GET_TCP: u16 = 18;
/// `SOCK_DIAG_BY_FAMILY`.
const BY_FAMILY: u16 = 20;
/// `NLM_F_REQUEST | NLM_F_ROOT | NLM_F_MATCH`.
const DUMP: u16 = 0x301;
/// The bit of `INET_DIAG_INFO` in a request: "add `struct tcp_info`".
const WITH_INFO: u8 = 1 << 1;
/// TCP states to list, as bits (`net/tcp_states.h`): all but `CLOSE` (7) and what is bound but does
/// nothing (13); 12 is a request to connect that is not complete yet.
const TCP_STATES: u32 = 0b1_1111_0111_1110;
/// The bit of `TIME_WAIT`.
const TIME_WAIT: u32 = 1 << 6;
/// UDP sockets are "established" (1) with a peer and "closed" (7) without one.
const UDP_STATES: u32 = 1 << 1 | 1 << 7;
/// The kernel answers at once, or never will.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Which sockets to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Query {
    /// TCP, both address families in one request.
    Tcp,
    /// One protocol and one address family (`AF_INET` 2, `AF_INET6` 10).
    Family(Protocol, u8),
}

/// How a list ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consistency {
    /// As consistent as such a list can be.
    Whole,
    /// The kernel says that the table changed under it: ask again.
    Interrupted,
}

/// A netlink socket to the kernel's socket tables.
#[derive(Debug)]
pub(super) struct SockDiag {
    socket: OwnedFd,
    buffer: Vec<u8>,
    sequence: u32,
    one_walk: bool,
    tcp_states: u32,
}

impl SockDiag {
    /// Opens the socket; it belongs to the network namespace of the calling thread.
    pub(super) fn open() -> io::Result<Self> {
        let socket = socket_with(
            AddressFamily::NETLINK,
            SocketType::RAW,
            SocketFlags::CLOEXEC,
            Some(netlink::SOCK_DIAG),
        )?;
        set_socket_timeout(&socket, Timeout::Recv, Some(PATIENCE))?;
        Ok(Self { socket, buffer: vec![0; BUFFER], sequence: 0, one_walk: true, tcp_states: TCP_STATES })
    }

    /// Whether the next lists hold what the kernel keeps for a while after its end (`TIME_WAIT`).
    pub(super) fn set_time_waits(&mut self, wanted: bool) {
        self.tcp_states = if wanted { TCP_STATES } else { TCP_STATES & !TIME_WAIT };
    }

    /// Lists every open TCP and UDP socket of both address families.
    pub(super) fn list(&mut self, mut each: impl FnMut(&DiagSocket)) -> io::Result<Consistency> {
        let mut whole = true;
        if self.one_walk {
            match self.dump(Query::Tcp, &mut each) {
                Ok(consistency) => whole &= consistency == Consistency::Whole,
                // Refused before the first record, so nothing was listed twice.
                Err(error) if is_unknown_request(&error) => self.one_walk = false,
                Err(error) => return Err(error),
            }
        }
        for (protocol, family) in
            [(Protocol::Tcp, 2), (Protocol::Tcp, 10), (Protocol::Udp, 2), (Protocol::Udp, 10)]
        {
            if protocol == Protocol::Tcp && self.one_walk {
                continue;
            }
            whole &= self.dump(Query::Family(protocol, family), &mut each)? == Consistency::Whole;
        }
        Ok(if whole { Consistency::Whole } else { Consistency::Interrupted })
    }

    fn dump(&mut self, query: Query, each: &mut impl FnMut(&DiagSocket)) -> io::Result<Consistency> {
        self.sequence = self.sequence.wrapping_add(1);
        let sequence = self.sequence;
        let request = request(query, self.tcp_states, sequence);
        rustix::io::retry_on_intr(|| send(&self.socket, &request, SendFlags::empty()))?;
        let protocol = match query {
            Query::Tcp => Protocol::Tcp,
            Query::Family(protocol, _) => protocol,
        };
        let mut consistency = Consistency::Whole;
        loop {
            let received = self.receive()?;
            for message in messages(received) {
                // What is left of a dump that was broken off has another number.
                if message.sequence != sequence {
                    continue;
                }
                if message.interrupted {
                    consistency = Consistency::Interrupted;
                }
                match message.content {
                    Content::Record(body) => {
                        if let Some(socket) = inet_diag::socket(protocol, body) {
                            each(&socket);
                        }
                    }
                    Content::Done => return Ok(consistency),
                    Content::Failed(number) => return Err(io::Error::from_raw_os_error(number)),
                }
            }
        }
    }

    fn receive(&mut self) -> io::Result<&[u8]> {
        let buffer = &mut self.buffer;
        let (kept, sent) =
            rustix::io::retry_on_intr(|| recv(&self.socket, &mut buffer[..], RecvFlags::TRUNC))?;
        if sent > kept {
            return Err(Errno::MSGSIZE.into());
        }
        self.buffer.get(..kept).ok_or_else(|| Errno::MSGSIZE.into())
    }
}

/// The kernel does not know this kind of request.
fn is_unknown_request(error: &io::Error) -> bool {
    [Errno::NOENT, Errno::INVAL, Errno::OPNOTSUPP]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Bytes of a request: a netlink header, then `struct inet_diag_req` (older) or `inet_diag_req_v2`.
/// The socket id inside stays zero: every socket.
fn request(query: Query, tcp_states: u32, sequence: u32) -> Vec<u8> {
    let socket_id = [0; 48];
    let (kind, body) = match query {
        Query::Tcp => {
            let head = [0, 0, 0, WITH_INFO];
            (GET_TCP, [&head[..], &socket_id, &tcp_states.to_ne_bytes(), &[0; 4]].concat())
        }
        Query::Family(protocol, family) => {
            let (number, extensions, states) = match protocol {
                Protocol::Tcp => (6, WITH_INFO, tcp_states),
                Protocol::Udp => (17, 0, UDP_STATES),
            };
            let head = [family, number, extensions, 0];
            (BY_FAMILY, [&head[..], &states.to_ne_bytes(), &socket_id].concat())
        }
    };
    let length = u32::try_from(16 + body.len()).unwrap_or(0);
    [
        &length.to_ne_bytes()[..],
        &kind.to_ne_bytes(),
        &DUMP.to_ne_bytes(),
        &sequence.to_ne_bytes(),
        &[0; 4],
        &body,
    ]
    .concat()
}
