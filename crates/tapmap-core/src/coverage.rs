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
    /// One entry per layer of the recorder.
    pub layers: Vec<Layer>,
}

impl Coverage {
    /// Whether some layer tells when a socket ends.
    pub fn tells_ends(&self) -> bool {
        let tell = [LayerName::SocketEnds, LayerName::TcpEvents];
        self.layers.iter().any(|layer| layer.active && tell.contains(&layer.name))
    }
}

/// A part of the recorder that sees or protects something, and may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Which one.
    pub name: LayerName,
    /// Whether it works now.
    pub active: bool,
    /// Why, or why not, in one calm sentence for a person.
    pub reason: Arc<str>,
    /// What it adds to what the others give, in one sentence.
    pub adds: Arc<str>,
    /// The exact command that would make it work, where there is one.
    pub command: Option<Arc<str>>,
}

/// The layers, in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LayerName {
    /// The kernel's list of sockets.
    SocketList,
    /// The kernel's messages about sockets that ended.
    SocketEnds,
    /// The kernel's messages about processes that begin and end.
    ProcessBirths,
    /// The files of processes in `/proc`.
    ProcessFiles,
    /// The program in the kernel that tells of every TCP connection as it happens.
    TcpEvents,
    /// The kernel's list of all files of all processes.
    KernelFiles,
    /// The program in the kernel that tells where UDP sockets send.
    UdpDestinations,
    /// The program in the kernel that counts the bytes of UDP sockets.
    UdpBytes,
    /// The sockets of other network namespaces.
    OtherNamespaces,
    /// Answers to name queries.
    DnsAnswers,
    /// The server names in TLS and QUIC handshakes.
    ServerNames,
    /// The monitor of systemd-resolved.
    Resolved,
    /// This computer's own list of names.
    HostsFile,
    /// Reverse names, asked for on the user's wish.
    ReverseDns,
    /// Whether anybody is at the computer.
    Presence,
    /// Recorder and server in two processes.
    TwoProcesses,
    /// No rights are kept after the start.
    DroppedRights,
    /// The server may touch only its own files and its own port.
    Landlock,
    /// The server may use only the system calls that it needs.
    Seccomp,
}

impl LayerName {
    /// All of them, in order.
    pub const ALL: [Self; 19] = [
        Self::SocketList,
        Self::SocketEnds,
        Self::ProcessBirths,
        Self::ProcessFiles,
        Self::TcpEvents,
        Self::KernelFiles,
        Self::UdpDestinations,
        Self::UdpBytes,
        Self::OtherNamespaces,
        Self::DnsAnswers,
        Self::ServerNames,
        Self::Resolved,
        Self::HostsFile,
        Self::ReverseDns,
        Self::Presence,
        Self::TwoProcesses,
        Self::DroppedRights,
        Self::Landlock,
        Self::Seccomp,
    ];

    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::SocketList => "socket_list",
            Self::SocketEnds => "socket_ends",
            Self::ProcessBirths => "process_births",
            Self::ProcessFiles => "process_files",
            Self::TcpEvents => "tcp_events",
            Self::KernelFiles => "kernel_files",
            Self::UdpDestinations => "udp_destinations",
            Self::UdpBytes => "udp_bytes",
            Self::OtherNamespaces => "other_namespaces",
            Self::DnsAnswers => "dns_answers",
            Self::ServerNames => "server_names",
            Self::Resolved => "resolved",
            Self::HostsFile => "hosts_file",
            Self::ReverseDns => "reverse_dns",
            Self::Presence => "presence",
            Self::TwoProcesses => "two_processes",
            Self::DroppedRights => "dropped_rights",
            Self::Landlock => "landlock",
            Self::Seccomp => "seccomp",
        }
    }
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
