//! A socket as a source reports it.

use std::time::Duration;

use crate::{Attribution, Endpoint, Evidence, Namespace, Protocol};

/// What the kernel calls a socket: on Linux its cookie, which is not used again while the machine
/// runs and survives into `TIME_WAIT`. Meaningful within one boot of one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(pub u64);

/// The state of a socket: those of TCP (RFC 9293 §3.3.2), and one for UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SocketState {
    /// Waiting for connections.
    Listen,
    /// Asked to connect, no answer yet.
    SynSent,
    /// Was asked to connect, handshake not complete.
    SynReceived,
    /// Connected.
    Established,
    /// This side has closed, the other has not answered.
    FinWait1,
    /// This side has closed, the other may still send.
    FinWait2,
    /// The other side has closed, the program has not.
    CloseWait,
    /// Both are closing.
    Closing,
    /// The last acknowledgement is awaited.
    LastAck,
    /// Closed; the kernel waits for stray segments.
    TimeWait,
    /// Closed.
    Closed,
    /// A UDP socket: bound, and with a peer when it has a remote endpoint.
    Datagram,
}

impl SocketState {
    /// The lower-case word used on the wire and on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Listen => "listen",
            Self::SynSent => "syn_sent",
            Self::SynReceived => "syn_received",
            Self::Established => "established",
            Self::FinWait1 => "fin_wait_1",
            Self::FinWait2 => "fin_wait_2",
            Self::CloseWait => "close_wait",
            Self::Closing => "closing",
            Self::LastAck => "last_ack",
            Self::TimeWait => "time_wait",
            Self::Closed => "closed",
            Self::Datagram => "datagram",
        }
    }

    /// Whether a program can still use the socket; `TimeWait` and `Closed` are past that.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::TimeWait | Self::Closed)
    }
}

/// What went through a socket so far. `None` where the source cannot count it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Payload bytes sent and acknowledged.
    pub bytes_sent: Option<u64>,
    /// Payload bytes received.
    pub bytes_received: Option<u64>,
    /// Smoothed round-trip time.
    pub round_trip: Option<Duration>,
}

impl Counters {
    /// What is known after another source said `new`: counts never go back. A socket that was reset
    /// may end without any.
    #[must_use]
    pub fn joined_by(self, new: Self) -> Self {
        Self {
            bytes_sent: self.bytes_sent.max(new.bytes_sent),
            bytes_received: self.bytes_received.max(new.bytes_received),
            round_trip: new.round_trip.or(self.round_trip),
        }
    }
}

/// One socket in a table.
#[derive(Clone, Debug, PartialEq)]
pub struct SocketRow {
    /// Its identity.
    pub id: SocketId,
    /// Its transport.
    pub protocol: Protocol,
    /// The near end.
    pub local: Endpoint,
    /// The far end; `None` for a listener and for a UDP socket without a peer.
    pub remote: Option<Endpoint>,
    /// Its state.
    pub state: SocketState,
    /// Who owns it, and how that was found.
    pub owner: Attribution,
    /// What went through it.
    pub counters: Counters,
    /// The network it belongs to.
    pub namespace: Namespace,
    /// By which way it was seen.
    pub evidence: Evidence,
}
