//! The layer that hears of names as they pass: DNS answers that come in, and the beginnings of TLS and
//! QUIC connections that go out. The kernel sorts out what may hold one; nothing here looks inside. It costs
//! every packet of this computer some 0.2 µs (`bench/load.py`), so it ends when programs in the kernel, which
//! cost less, hear the same.

mod drops;
mod filter;

use std::{
    io,
    os::fd::AsFd,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rustix::{
    io::Errno,
    net::{RecvFlags, recv, sockopt::set_socket_recv_buffer_size_force},
};
use socket2::{Domain, Protocol, SockFilter, Socket, Type};
use tapmap_core::{Gap, GapReason, Heard, HeardKind, Layer, LayerName, Sighting, Timestamp};

use self::drops::Drops;
use super::{
    beside::{Beside, Told, active, inactive},
    coverage::grant,
    owners::Owners,
};

/// Room for what comes between two times of asking, in bytes: some 2,000 packets. Without the right to
/// administer the network the kernel gives at most `net.core.rmem_max`.
const QUEUE: usize = 4 * 1024 * 1024;
/// The longest packet there is.
const BUFFER: usize = 64 * 1024;
/// How often the kernel is asked what got lost, which takes some 20 µs.
const ASK_LOST: Duration = Duration::from_secs(1);
/// `ETH_P_ALL`: only so are packets seen that go out.
const EVERY_PROTOCOL: u16 = 3;

/// Each thing that is heard here, with what it adds.
const LAYERS: [(LayerName, &str, &str); 2] = [
    (
        LayerName::DnsAnswers,
        "Answers to name queries are heard as they come in (port 53, unencrypted).",
        "The names that led to addresses, where programs ask in the open.",
    ),
    (
        LayerName::ServerNames,
        "The beginnings of TLS and QUIC connections are heard as they go out.",
        "The name that each encrypted connection asks its server for.",
    ),
];

/// Hears of packets, as long as the kernel tells.
#[derive(Debug)]
pub(super) struct Packets {
    socket: Result<Open, Silent>,
    others_hear: Arc<AtomicBool>,
    last_asked: Option<Timestamp>,
}

/// Why nothing is heard here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Silent {
    Refused(Errno),
    /// Others hear the same.
    NotNeeded,
}

#[derive(Debug)]
struct Open {
    socket: Socket,
    drops: Option<Drops>,
    buffer: Vec<u8>,
}

impl Packets {
    /// Begins to listen, in the network namespace of the calling thread, until others hear the same.
    pub(super) fn new(others_hear: Arc<AtomicBool>) -> Self {
        let refused = |error| Silent::Refused(Errno::from_io_error(&error).unwrap_or(Errno::IO));
        Self { socket: Open::new().map_err(refused), others_hear, last_asked: None }
    }

    /// Stops listening where others hear the same.
    fn give_way(&mut self) {
        if self.others_hear.load(Ordering::Relaxed) {
            self.socket = Err(Silent::NotNeeded);
        }
    }

    /// When packets were lost, how many.
    fn gap(&mut self, at: Timestamp) -> Option<Gap> {
        let Ok(open) = &mut self.socket else { return None };
        let since = *self.last_asked.get_or_insert(at);
        if at.since(since) < ASK_LOST {
            return None;
        }
        self.last_asked = Some(at);
        let lost = open.drops.as_mut()?.lost().ok().filter(|lost| *lost > 0)?;
        Some(Gap { from: since, until: at, reason: GapReason::Overrun, lost: Some(lost) })
    }
}

impl Open {
    fn new() -> io::Result<Self> {
        let protocol = Protocol::from(i32::from(EVERY_PROTOCOL.to_be()));
        let socket = Socket::new(Domain::PACKET, Type::DGRAM.nonblocking().cloexec(), Some(protocol))?;
        if set_socket_recv_buffer_size_force(&socket, QUEUE).is_err() {
            socket.set_recv_buffer_size(QUEUE)?;
        }
        let mut open = Self { drops: Drops::of(&socket).ok(), socket, buffer: vec![0; BUFFER] };
        // What came before there was a filter is not for us: first let nothing in, then empty the queue.
        let nothing = [SockFilter::new(filter::RETURN, 0, 0, 0)];
        open.socket.attach_filter(&nothing)?;
        open.drain(|_| ())?;
        let filter = filter::filter().ok_or(Errno::INVAL)?;
        let filter: Vec<SockFilter> = filter.into_iter().map(SockFilter::from).collect();
        open.socket.attach_filter(&filter)?;
        if let Some(drops) = &mut open.drops {
            drops.lost()?;
        }
        Ok(open)
    }

    /// Hands over every packet that waits.
    fn drain(&mut self, mut each: impl FnMut(&[u8])) -> rustix::io::Result<()> {
        loop {
            match recv(self.socket.as_fd(), &mut self.buffer[..], RecvFlags::empty()) {
                Ok((length, _)) => each(self.buffer.get(..length).unwrap_or_default()),
                Err(Errno::AGAIN) => return Ok(()),
                // An interface went down; others are still there.
                Err(Errno::INTR | Errno::NETDOWN) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Beside for Packets {
    fn layers(&self) -> Vec<Layer> {
        let error = match self.socket {
            Ok(_) => return LAYERS.map(|(name, reason, adds)| active(name, reason, adds)).to_vec(),
            // It is theirs to say.
            Err(Silent::NotNeeded) => return Vec::new(),
            Err(Silent::Refused(error)) => error,
        };
        let (reason, command) = match error {
            Errno::PERM | Errno::ACCESS => (
                "The kernel shows packets only to programs with the right to read them (CAP_NET_RAW).",
                Some(grant()),
            ),
            Errno::AFNOSUPPORT | Errno::PROTONOSUPPORT => {
                ("This kernel does not show packets (CONFIG_PACKET).", None)
            }
            _ => ("The kernel broke off to show packets.", None),
        };
        LAYERS.map(|(name, _, adds)| inactive(name, reason, adds, command.clone())).to_vec()
    }

    fn settle(&mut self) {
        self.give_way();
    }

    fn tell(&mut self, at: Timestamp, _: &mut Owners, told: &mut Told) {
        self.give_way();
        let Ok(open) = &mut self.socket else { return };
        let heard = |bytes: &[u8]| {
            Sighting::Heard(Heard { kind: HeardKind::Packet, bytes: Arc::from(bytes), process: None })
        };
        if let Err(error) = open.drain(|bytes| told.push(heard(bytes))) {
            self.socket = Err(Silent::Refused(error));
        }
        if let Some(gap) = self.gap(at) {
            told.push(Sighting::Lost(gap));
        }
    }
}

#[cfg(test)]
mod tests;
