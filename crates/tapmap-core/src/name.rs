//! The names that lead to addresses, and how they are known.

use std::{net::IpAddr, sync::Arc, time::Duration};

use crate::{Endpoint, Process, Timestamp};

/// How a name is known, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameSource {
    /// The name that this very connection asked for in its TLS handshake (RFC 6066 §3).
    TlsServerName,
    /// The same in a QUIC handshake (RFC 9001).
    QuicServerName,
    /// A DNS answer to the app that connected.
    DnsOfApp,
    /// A DNS answer to somebody on this computer.
    Dns,
    /// This computer's own list of names (`/etc/hosts`).
    HostsFile,
    /// The name that the address' network gives it, asked for on the user's wish. Mostly names the
    /// host, not the site.
    ReverseDns,
}

impl NameSource {
    /// All of them, best first.
    pub const ALL: [Self; 6] = [
        Self::TlsServerName,
        Self::QuicServerName,
        Self::DnsOfApp,
        Self::Dns,
        Self::HostsFile,
        Self::ReverseDns,
    ];

    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::TlsServerName => "tls_server_name",
            Self::QuicServerName => "quic_server_name",
            Self::DnsOfApp => "dns_of_app",
            Self::Dns => "dns",
            Self::HostsFile => "hosts_file",
            Self::ReverseDns => "reverse_dns",
        }
    }
}

/// The name of a flow's remote end, from the best source there is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The names that fit equally well, the latest heard first; never empty. More than one means "one of".
    pub candidates: Vec<Arc<str>>,
    /// How they are known.
    pub source: NameSource,
    /// When the first of them was heard.
    pub heard_at: Timestamp,
    /// The names that the first one stands for, in order (its CNAME chain, RFC 1034 §3.6.2).
    pub aliases: Vec<Arc<str>>,
}

/// A name that was heard, and what it leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct NameHeard {
    /// The name that was asked for: lower case, without the final dot.
    pub name: Arc<str>,
    /// The names it stands for, in order.
    pub aliases: Vec<Arc<str>>,
    /// How it was heard.
    pub source: NameSource,
    /// What it leads to.
    pub leads_to: LeadsTo,
}

/// What a name leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum LeadsTo {
    /// One connection, named by itself.
    Connection {
        /// The end that asked for it.
        from: Endpoint,
        /// The end that was asked.
        to: Endpoint,
    },
    /// Addresses.
    Addresses {
        /// The addresses.
        addresses: Vec<IpAddr>,
        /// Who asked, where that is known: an app is asked for by its name, since it may be several
        /// processes.
        asked_by: Option<Arc<Process>>,
        /// How long the answer may be kept; zero takes back what the same source said before.
        time_to_live: Duration,
    },
}

/// Bytes that others made and that may hold names. The recorder passes them on unread.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// What they are.
    pub kind: HeardKind,
    /// The bytes.
    pub bytes: Arc<[u8]>,
    /// Who received or sent them, where that is known.
    pub process: Option<Arc<Process>>,
}

/// What was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeardKind {
    /// An IPv4 or IPv6 packet, from its IP header on, perhaps cut off: a DNS answer, or the beginning
    /// of a TLS or QUIC connection.
    Packet,
    /// The whole file of this computer's own names.
    HostsFile,
    /// One message of systemd-resolved's monitor: JSON without its final NUL.
    Resolved,
    /// One answer of the helper that asks for reverse names: the address, a space, the name.
    ReverseName,
}

impl HeardKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Packet, Self::HostsFile, Self::Resolved, Self::ReverseName];

    /// The lower-case word used in recordings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Packet => "packet",
            Self::HostsFile => "hosts_file",
            Self::Resolved => "resolved",
            Self::ReverseName => "reverse_name",
        }
    }
}

/// The seam to the parsers of foreign bytes.
pub trait NameReader: Send {
    /// The names in what was heard; none when it holds none or is broken. A reader may keep parts of a
    /// message that comes in pieces, within bounds.
    fn read(&mut self, heard: &Heard, at: Timestamp) -> Vec<NameHeard>;
}

/// Reads no names.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNames;

impl NameReader for NoNames {
    fn read(&mut self, _: &Heard, _: Timestamp) -> Vec<NameHeard> {
        Vec::new()
    }
}
