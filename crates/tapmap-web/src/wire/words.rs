//! The closed vocabularies of the contract: every word that a field may hold, listed in the schema.
//! The words themselves are core's; the conversions are exhaustive, so a new one cannot be forgotten.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! words {
    ($(#[$about:meta])* $name:ident from $source:ty {
        $($(#[$variant_about:meta])* $variant:ident = $word:tt,)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum $name {
            $($(#[$variant_about])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The word as it is written.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl From<$source> for $name {
            fn from(source: $source) -> Self {
                match source { $(<$source>::$variant => Self::$variant),+ }
            }
        }
    };
}

words! {
    /// A transport protocol.
    Protocol from tapmap_core::Protocol {
        /// TCP.
        Tcp = "tcp",
        /// UDP.
        Udp = "udp",
    }
}

words! {
    /// Which side opened the connection.
    Direction from tapmap_core::Direction {
        /// This computer did.
        Outbound = "outbound",
        /// The other side did.
        Inbound = "inbound",
    }
}

words! {
    /// The state of a socket: those of TCP, and `datagram` for UDP.
    State from tapmap_core::SocketState {
        /// Waiting for connections.
        Listen = "listen",
        /// Asked to connect, no answer yet.
        SynSent = "syn_sent",
        /// Was asked to connect, handshake not complete.
        SynReceived = "syn_received",
        /// Connected.
        Established = "established",
        /// This side has closed, the other has not answered.
        FinWait1 = "fin_wait_1",
        /// This side has closed, the other may still send.
        FinWait2 = "fin_wait_2",
        /// The other side has closed, the program has not.
        CloseWait = "close_wait",
        /// Both are closing.
        Closing = "closing",
        /// The last acknowledgement is awaited.
        LastAck = "last_ack",
        /// Closed; the kernel waits for stray segments.
        TimeWait = "time_wait",
        /// Closed.
        Closed = "closed",
        /// A UDP socket.
        Datagram = "datagram",
    }
}

words! {
    /// Which part of the address space an address lies in, after the IANA special-purpose registries.
    Scope from tapmap_core::AddressScope {
        /// Globally reachable.
        Public = "public",
        /// The local network.
        Lan = "lan",
        /// The local link only.
        LinkLocal = "link_local",
        /// This computer.
        Local = "local",
        /// A group of computers.
        Multicast = "multicast",
        /// Every computer on the local network.
        Broadcast = "broadcast",
        /// Shared by the customers of a carrier.
        Cgnat = "cgnat",
        /// No address in particular; for a listener every interface.
        Unspecified = "unspecified",
        /// For examples in documents.
        Documentation = "documentation",
        /// For benchmarks between devices.
        Benchmarking = "benchmarking",
        /// Set aside.
        Reserved = "reserved",
    }
}

words! {
    /// What an address or a connection is for.
    Role from tapmap_core::Role {
        /// Content delivery.
        Cdn = "cdn",
        /// A public cloud.
        Cloud = "cloud",
        /// Rented servers.
        Hosting = "hosting",
        /// A company serving its own services.
        Platform = "platform",
        /// Name resolution.
        Dns = "dns",
        /// Time synchronisation.
        Time = "time",
        /// A virtual private network or relay.
        Vpn = "vpn",
        /// Filters traffic for other sites.
        SecurityFilter = "security_filter",
        /// Carries traffic and connects homes.
        Access = "access",
        /// A university or research network.
        Research = "research",
        /// Electronic mail.
        Mail = "mail",
        /// Remote login.
        RemoteAccess = "remote_access",
        /// Peer to peer.
        PeerToPeer = "peer_to_peer",
        /// Push messages.
        Push = "push",
    }
}

words! {
    /// Where an app's name comes from, best first.
    Evidence from tapmap_core::AppEvidence {
        /// The container it runs in.
        Container = "container",
        /// A Flatpak or Snap id.
        Package = "package",
        /// A desktop entry that names the program.
        DesktopEntry = "desktop_entry",
        /// The file name of an application image.
        AppImage = "app_image",
        /// The script, module or archive that an interpreter runs.
        Script = "script",
        /// The systemd unit it runs in.
        Unit = "unit",
        /// The program's file name.
        FileName = "file_name",
        /// The kernel's short name of the process.
        ProcessName = "process_name",
    }
}

words! {
    /// How finely a place is known.
    Precision from tapmap_core::Precision {
        /// The city itself.
        City = "city",
        /// A place near by.
        Near = "near",
        /// The region.
        Region = "region",
        /// Only the country.
        Country = "country",
    }
}

words! {
    /// Which data named a place.
    PlaceSource from tapmap_core::PlaceSource {
        /// A provider's published list of its regions.
        CloudRegion = "cloud_region",
        /// A database file of the user's own.
        UserDatabase = "user_database",
        /// The data inside the program.
        Embedded = "embedded",
    }
}

words! {
    /// How this computer's own place is known, strongest first.
    OwnPlaceSource from tapmap_core::OwnPlaceSource {
        /// Given by option, variable or configuration file.
        Configured = "configured",
        /// Picked on the map.
        Chosen = "chosen",
        /// The place of a global address on an interface.
        Interface = "interface",
        /// The place that stands for the time zone.
        TimeZone = "time_zone",
    }
}

words! {
    /// Something a recorder may or may not be able to see.
    Sight from tapmap_core::Sight {
        /// TCP sockets that are open now.
        TcpSockets = "tcp_sockets",
        /// UDP sockets that are open now.
        UdpSockets = "udp_sockets",
        /// Connections that open and close between two looks.
        ShortConnections = "short_connections",
        /// Destinations of UDP sockets without a fixed peer.
        UdpDestinations = "udp_destinations",
        /// Bytes and round-trip times of TCP connections.
        TcpCounters = "tcp_counters",
        /// Bytes of UDP sockets.
        UdpCounters = "udp_counters",
        /// The processes of the recorder's own user.
        OwnProcesses = "own_processes",
        /// The processes of other users.
        OtherProcesses = "other_processes",
        /// Sockets of containers and other network namespaces.
        OtherNamespaces = "other_namespaces",
        /// The host names that led to the addresses.
        Names = "names",
    }
}

words! {
    /// How an owner was found, best first.
    MatchQuality from tapmap_core::MatchQuality {
        /// The process holds a descriptor of this very socket, seen now.
        Descriptor = "descriptor",
        /// The kernel named it while it opened, used or closed the socket.
        Event = "event",
        /// Found earlier and kept by the socket's identity.
        Remembered = "remembered",
    }
}

words! {
    /// How a name is known, best first.
    NameSource from tapmap_core::NameSource {
        /// The name that this very connection asked for in its TLS handshake.
        TlsServerName = "tls_server_name",
        /// The same in a QUIC handshake.
        QuicServerName = "quic_server_name",
        /// A DNS answer to the app that connected.
        DnsOfApp = "dns_of_app",
        /// A DNS answer to somebody on this computer.
        Dns = "dns",
        /// This computer's own list of names.
        HostsFile = "hosts_file",
        /// The name that the address' network gives it; mostly that of a host, not of a site.
        ReverseDns = "reverse_dns",
    }
}

words! {
    /// A way in which the system shows a socket.
    SeenBy from tapmap_core::Evidence {
        /// The kernel's list of sockets.
        List = "list",
        /// The kernel's message that a socket has ended.
        End = "end",
        /// A program in the kernel, told while it happened.
        Event = "event",
        /// The files that processes hold, or another network's own table.
        Files = "files",
    }
}

words! {
    /// A part of the recorder that sees or protects something, and may be missing.
    LayerName from tapmap_core::LayerName {
        /// The kernel's list of sockets.
        SocketList = "socket_list",
        /// The kernel's messages about sockets that ended.
        SocketEnds = "socket_ends",
        /// The kernel's messages about processes that begin and end.
        ProcessBirths = "process_births",
        /// The files of processes.
        ProcessFiles = "process_files",
        /// The program in the kernel that tells of every TCP connection as it happens.
        TcpEvents = "tcp_events",
        /// The kernel's list of all files of all processes.
        KernelFiles = "kernel_files",
        /// The program in the kernel that tells where UDP sockets send.
        UdpDestinations = "udp_destinations",
        /// The program in the kernel that counts the bytes of UDP sockets.
        UdpBytes = "udp_bytes",
        /// The sockets of other network namespaces.
        OtherNamespaces = "other_namespaces",
        /// Answers to name queries.
        DnsAnswers = "dns_answers",
        /// The server names in TLS and QUIC handshakes.
        ServerNames = "server_names",
        /// The monitor of systemd-resolved.
        Resolved = "resolved",
        /// This computer's own list of names.
        HostsFile = "hosts_file",
        /// Reverse names, asked for on the user's wish.
        ReverseDns = "reverse_dns",
        /// Whether anybody is at the computer.
        Presence = "presence",
        /// Recorder and server in two processes.
        TwoProcesses = "two_processes",
        /// No rights are kept after the start.
        DroppedRights = "dropped_rights",
        /// The server may touch only its own files and its own port.
        Landlock = "landlock",
        /// The server may use only the system calls that it needs.
        Seccomp = "seccomp",
    }
}

words! {
    /// Why something was missed.
    GapReason from tapmap_core::GapReason {
        /// The source failed and was tried again.
        SourceFailed = "source_failed",
        /// A queue was full.
        Overrun = "overrun",
        /// The machine slept, or the program was not scheduled.
        Asleep = "asleep",
    }
}

words! {
    /// Where the observations come from.
    Mode from tapmap_engine::Mode {
        /// This computer, now.
        Live = "live",
        /// A recording.
        Replay = "replay",
        /// An invented day.
        Demo = "demo",
    }
}

/// How an owner was found, or why it is not identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Attribution {
    /// The process holds a descriptor of this very socket, seen now.
    Descriptor,
    /// The kernel named it while it opened, used or closed the socket.
    Event,
    /// Found earlier and kept by the socket's identity.
    Remembered,
    /// Several processes hold it and nothing says which one uses it.
    Ambiguous,
    /// Not identified: it belongs to another user, whose processes may not be read.
    NotPermitted,
    /// Not identified: it ended before its owner could be read, or outlived its process.
    Exited,
    /// Not identified: the kernel itself owns it.
    Kernel,
    /// Not identified: every process that may be read was searched.
    NotFound,
    /// Not identified yet: it is new and has not been searched.
    Pending,
    /// Not identified: this system or source cannot tell.
    NotSupported,
}

impl From<&tapmap_core::Attribution> for Attribution {
    fn from(attribution: &tapmap_core::Attribution) -> Self {
        tapmap_core::Ownership::from(attribution).into()
    }
}

impl From<tapmap_core::Ownership> for Attribution {
    fn from(ownership: tapmap_core::Ownership) -> Self {
        use tapmap_core::{MatchQuality, Ownership as Core, UnknownOwner};
        match ownership {
            Core::Owned(MatchQuality::Descriptor) => Self::Descriptor,
            Core::Owned(MatchQuality::Event) => Self::Event,
            Core::Owned(MatchQuality::Remembered) => Self::Remembered,
            Core::Ambiguous => Self::Ambiguous,
            Core::Unknown(reason) => match reason {
                UnknownOwner::NotPermitted => Self::NotPermitted,
                UnknownOwner::Exited => Self::Exited,
                UnknownOwner::Kernel => Self::Kernel,
                UnknownOwner::NotFound => Self::NotFound,
                UnknownOwner::Pending => Self::Pending,
                UnknownOwner::NotSupported => Self::NotSupported,
            },
        }
    }
}
