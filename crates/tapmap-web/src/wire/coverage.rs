//! What the recorder can see, and what it saw held against what the kernel counted.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    folded::Folded,
    moment::rfc3339,
    status::Gap,
    words::{LayerName, Mode, Sight},
};

/// What the recorder can see, and how much of what went on it saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Coverage {
    /// Version of the program.
    pub version: String,
    /// Where the observations come from.
    pub mode: Mode,
    /// When the recorder started; `null` when none runs.
    #[schema(format = DateTime)]
    pub started_at: Option<String>,
    /// When it last looked.
    #[schema(format = DateTime)]
    pub observed_at: Option<String>,
    /// What it can and cannot see.
    pub sights: Vec<CoverageLine>,
    /// The parts of the recorder that see or protect something.
    pub layers: Vec<Layer>,
    /// All hours together; `null` before the first look.
    pub total: Option<Tally>,
    /// The hours since the start, oldest first, the last 48 at most; the last one is the one that runs.
    pub hours: Vec<Tally>,
    /// Connections that ended and are no longer listed one by one.
    pub folded: Folded,
    /// The latest stretches in which something was missed, oldest first, 100 at most.
    pub gaps: Vec<Gap>,
    /// What is wrong now, in sentences.
    pub problems: Vec<String>,
}

impl Coverage {
    /// What a source says of itself where no recorder runs, so that nothing was counted.
    pub fn without_recorder(version: &str, coverage: &tapmap_core::Coverage) -> Self {
        Self {
            version: version.to_owned(),
            mode: Mode::Live,
            started_at: None,
            observed_at: None,
            sights: coverage.lines.iter().map(Into::into).collect(),
            layers: coverage.layers.iter().map(Into::into).collect(),
            total: None,
            hours: Vec::new(),
            folded: Folded::default(),
            gaps: Vec::new(),
            problems: Vec::new(),
        }
    }
}

/// One line of what can and cannot be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CoverageLine {
    /// What it is about.
    pub sight: Sight,
    /// Whether it is seen.
    pub seen: bool,
    /// Why, in a sentence.
    pub reason: String,
    /// What can be done to see it.
    pub remedy: Option<String>,
}

impl From<&tapmap_core::CoverageLine> for CoverageLine {
    fn from(line: &tapmap_core::CoverageLine) -> Self {
        Self {
            sight: line.sight.into(),
            seen: line.seen,
            reason: line.reason.to_string(),
            remedy: line.remedy.as_ref().map(ToString::to_string),
        }
    }
}

/// A part of the recorder that sees or protects something, and may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Layer {
    /// Which one.
    pub name: LayerName,
    /// Whether it works now.
    pub active: bool,
    /// Why, or why not, in a sentence.
    pub reason: String,
    /// What it adds to what the others give, in a sentence.
    pub adds: String,
    /// The exact command that would make it work, where there is one.
    pub command: Option<String>,
}

impl From<&tapmap_core::Layer> for Layer {
    fn from(layer: &tapmap_core::Layer) -> Self {
        Self {
            name: layer.name.into(),
            active: layer.active,
            reason: layer.reason.to_string(),
            adds: layer.adds.to_string(),
            command: layer.command.as_ref().map(ToString::to_string),
        }
    }
}

/// What was seen in a stretch of time, held against what the kernel counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tally {
    /// From when.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when.
    #[schema(format = DateTime)]
    pub until: String,
    /// Sockets of TCP.
    pub tcp: TcpCount,
    /// Flows of UDP.
    pub udp: UdpCount,
    /// Connections and UDP flows whose end was seen; the numbers below are parts of it.
    pub ended: u64,
    /// Those whose owner was identified.
    pub with_owner: u64,
    /// The same by how the owner was found.
    pub owners: OwnersByQuality,
    /// Those with several possible owners.
    pub ambiguous: u64,
    /// Those whose owner was not identified.
    pub without_owner: u64,
    /// Those with a name.
    pub named: u64,
    /// The same by how the name is known.
    pub names: NamesBySource,
    /// Those that were seen in one way alone.
    pub seen_alone: SeenAlone,
    /// Times that something got lost because a queue was full.
    pub overruns: u64,
    /// Observations that are known to be lost.
    pub lost: u64,
}

/// TCP, counted in sockets as the kernel does: a connection within this computer is two. The kernel's
/// numbers are those of its own counters for the network that the recorder is in, also of connections
/// that failed; `null` when it does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TcpCount {
    /// Sockets that connected, or tried to, according to the kernel.
    pub kernel_opened: Option<u64>,
    /// Sockets whose connection ended or failed, according to the kernel.
    pub kernel_closed: Option<u64>,
    /// Sockets that were seen to connect, or seen connected for the first time.
    pub seen_opened: u64,
    /// Sockets whose end was seen.
    pub seen_closed: u64,
}

/// UDP, counted in flows. The kernel counts none, so how many there were is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UdpCount {
    /// Always `null`: the kernel has no such counter.
    pub kernel_opened: Option<u64>,
    /// Always `null`: the kernel has no such counter.
    pub kernel_closed: Option<u64>,
    /// Flows that were seen to begin.
    pub seen_opened: u64,
    /// Flows that ended.
    pub seen_closed: u64,
}

/// Flows that ended, by how their owner was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnersByQuality {
    /// The process held a descriptor of the socket.
    pub descriptor: u64,
    /// The kernel named it while it opened, used or closed the socket.
    pub event: u64,
    /// Found earlier and kept by the socket's identity.
    pub remembered: u64,
}

/// Flows that ended with a name, by how it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamesBySource {
    /// The connection's own TLS handshake.
    pub tls_server_name: u64,
    /// The connection's own QUIC handshake.
    pub quic_server_name: u64,
    /// A DNS answer to the app that connected.
    pub dns_of_app: u64,
    /// A DNS answer to somebody on this computer.
    pub dns: u64,
    /// This computer's own list of names.
    pub hosts_file: u64,
    /// The name that the address' network gives it.
    pub reverse_dns: u64,
}

/// Flows that ended and were seen in one way alone: what would be missing without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeenAlone {
    /// The kernel's list of sockets.
    pub list: u64,
    /// The kernel's message that a socket has ended.
    pub end: u64,
    /// A program in the kernel.
    pub event: u64,
    /// The files that processes hold, or another network's own table.
    pub files: u64,
}

impl From<&tapmap_core::Tally> for Tally {
    fn from(tally: &tapmap_core::Tally) -> Self {
        // The orders are core's: those of `MatchQuality::ALL`, `NameSource::ALL` and `Evidence::ALL`.
        let [descriptor, event, remembered] = tally.owned;
        let [tls_server_name, quic_server_name, dns_of_app, dns, hosts_file, reverse_dns] = tally.named;
        let [list, end, kernel_event, files] = tally.seen_alone;
        Self {
            from: rfc3339(tally.from),
            until: rfc3339(tally.until),
            tcp: TcpCount {
                kernel_opened: tally.kernel_opened,
                kernel_closed: tally.kernel_closed,
                seen_opened: tally.seen_opened,
                seen_closed: tally.seen_closed,
            },
            udp: UdpCount {
                kernel_opened: None,
                kernel_closed: None,
                seen_opened: tally.udp_opened,
                seen_closed: tally.udp_closed,
            },
            ended: tally.ended(),
            with_owner: tally.ended_with_owner(),
            owners: OwnersByQuality { descriptor, event, remembered },
            ambiguous: tally.ambiguous,
            without_owner: tally.unowned,
            named: tally.named.iter().sum(),
            names: NamesBySource {
                tls_server_name,
                quic_server_name,
                dns_of_app,
                dns,
                hosts_file,
                reverse_dns,
            },
            seen_alone: SeenAlone { list, end, event: kernel_event, files },
            overruns: tally.overruns,
            lost: tally.lost,
        }
    }
}
