//! What could be observed and what could not, as data.

use std::sync::Arc;

use crate::Timestamp;

/// Something a recorder may or may not be able to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sight {
    /// TCP sockets that are open now.
    TcpSockets,
    /// UDP sockets that are open now.
    UdpSockets,
    /// Connections that open and close between two looks.
    ShortConnections,
    /// Destinations of UDP sockets without a fixed peer.
    UdpDestinations,
    /// Bytes and round-trip times of TCP connections.
    TcpCounters,
    /// Bytes of UDP sockets.
    UdpCounters,
    /// The processes of the recorder's own user.
    OwnProcesses,
    /// The processes of other users.
    OtherProcesses,
    /// Sockets of containers and other network namespaces.
    OtherNamespaces,
    /// The host names that led to the addresses.
    Names,
}

impl Sight {
    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::TcpSockets => "tcp_sockets",
            Self::UdpSockets => "udp_sockets",
            Self::ShortConnections => "short_connections",
            Self::UdpDestinations => "udp_destinations",
            Self::TcpCounters => "tcp_counters",
            Self::UdpCounters => "udp_counters",
            Self::OwnProcesses => "own_processes",
            Self::OtherProcesses => "other_processes",
            Self::OtherNamespaces => "other_namespaces",
            Self::Names => "names",
        }
    }
}

/// One line of a source's account of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageLine {
    /// What it is about.
    pub sight: Sight,
    /// Whether it is seen.
    pub seen: bool,
    /// Why, in one calm sentence for a person.
    pub reason: Arc<str>,
    /// What the person can do to see it, where there is something.
    pub remedy: Option<Arc<str>>,
}

/// What a source can and cannot see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// One line per sight.
    pub lines: Vec<CoverageLine>,
}

/// A stretch of time in which something was missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: GapReason,
    /// How many observations were lost, where that is known.
    pub lost: Option<u64>,
}

/// Why something was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GapReason {
    /// The source failed and was tried again.
    SourceFailed,
    /// A queue was full.
    Overrun,
    /// The machine slept, or the program was not scheduled.
    Asleep,
}

impl GapReason {
    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::SourceFailed => "source_failed",
            Self::Overrun => "overrun",
            Self::Asleep => "asleep",
        }
    }
}
