//! The core's enumerations as they stand in frames: by their number. Each is told variant by variant,
//! so that one which is added in the core and not here does not compile.

use serde::{Deserialize, Serialize};
use tapmap_core::{
    AppEvidence, Evidence, GapReason, HeardKind, LayerName, MatchQuality, NameSource, Protocol, Sight,
    SocketState, UnknownOwner,
};

#[derive(Serialize, Deserialize)]
#[serde(remote = "Protocol")]
pub(super) enum ProtocolWord {
    Tcp,
    Udp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SocketState")]
pub(super) enum SocketStateWord {
    Listen,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
    Closed,
    Datagram,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "UnknownOwner")]
pub(super) enum UnknownOwnerWord {
    NotPermitted,
    Exited,
    Kernel,
    NotFound,
    Pending,
    NotSupported,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "MatchQuality")]
pub(super) enum MatchQualityWord {
    Descriptor,
    Event,
    Remembered,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "AppEvidence")]
pub(super) enum AppEvidenceWord {
    Container,
    Package,
    DesktopEntry,
    AppImage,
    Script,
    Unit,
    FileName,
    ProcessName,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Evidence")]
pub(super) enum EvidenceWord {
    List,
    End,
    Event,
    Files,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "GapReason")]
pub(super) enum GapReasonWord {
    SourceFailed,
    Overrun,
    Asleep,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "HeardKind")]
pub(super) enum HeardKindWord {
    Packet,
    HostsFile,
    Resolved,
    ReverseName,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "NameSource")]
pub(super) enum NameSourceWord {
    TlsServerName,
    QuicServerName,
    DnsOfApp,
    Dns,
    HostsFile,
    ReverseDns,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Sight")]
pub(super) enum SightWord {
    TcpSockets,
    UdpSockets,
    ShortConnections,
    UdpDestinations,
    TcpCounters,
    UdpCounters,
    OwnProcesses,
    OtherProcesses,
    OtherNamespaces,
    Names,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LayerName")]
pub(super) enum LayerNameWord {
    SocketList,
    SocketEnds,
    ProcessBirths,
    ProcessFiles,
    TcpEvents,
    KernelFiles,
    UdpDestinations,
    UdpBytes,
    OtherNamespaces,
    DnsAnswers,
    ServerNames,
    Resolved,
    HostsFile,
    ReverseDns,
    Presence,
    TwoProcesses,
    DroppedRights,
    Landlock,
    Seccomp,
}
