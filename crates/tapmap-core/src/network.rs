//! Whose network an address belongs to, and what the address is for.

use std::{fmt, sync::Arc};

/// An autonomous system number, RFC 6793.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Asn(pub u32);

impl fmt::Display for Asn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AS{}", self.0)
    }
}

/// An autonomous system: a network under one administration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutonomousSystem {
    /// Its number.
    pub asn: Asn,
    /// The organisation, as the data names it.
    pub organisation: Arc<str>,
    /// The operator as people know it: several organisations of one company folded into one name.
    pub operator: Arc<str>,
}

/// What an address or a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Content delivery: answers for many sites.
    Cdn,
    /// A public cloud.
    Cloud,
    /// Rented servers.
    Hosting,
    /// A company serving its own services.
    Platform,
    /// Name resolution.
    Dns,
    /// Time synchronisation.
    Time,
    /// A virtual private network or relay: the place is the exit, not the service.
    Vpn,
    /// Filters traffic for other sites.
    SecurityFilter,
    /// Carries traffic and connects homes; never a service by itself.
    Access,
    /// A university or research network.
    Research,
    /// Electronic mail.
    Mail,
    /// Remote login.
    RemoteAccess,
    /// Peer to peer.
    PeerToPeer,
    /// Push messages.
    Push,
}

impl Role {
    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cdn => "cdn",
            Self::Cloud => "cloud",
            Self::Hosting => "hosting",
            Self::Platform => "platform",
            Self::Dns => "dns",
            Self::Time => "time",
            Self::Vpn => "vpn",
            Self::SecurityFilter => "security_filter",
            Self::Access => "access",
            Self::Research => "research",
            Self::Mail => "mail",
            Self::RemoteAccess => "remote_access",
            Self::PeerToPeer => "peer_to_peer",
            Self::Push => "push",
        }
    }

    /// Whether it only says who carries the traffic: what the port says is then the better answer.
    pub fn only_carries(self) -> bool {
        matches!(self, Self::Access | Self::Research)
    }
}

/// A role together with the rule that said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleVerdict {
    /// The role.
    pub role: Role,
    /// What said so.
    pub rule: RoleRule,
}

/// The rule behind a role. Displayed as `cloud_region aws eu-west-1`, `prefix 8.8.8.0/24`,
/// `asn 13335`, `port tcp/853`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleRule {
    /// A provider's published range: provider and region.
    CloudRegion(Arc<str>),
    /// A block of addresses in the role table: `8.8.8.0/24`.
    Prefix(Arc<str>),
    /// The autonomous system's entry in the role table.
    Asn(Asn),
    /// The service port: `tcp/853`.
    Port(Arc<str>),
}

impl fmt::Display for RoleRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CloudRegion(region) => write!(formatter, "cloud_region {region}"),
            Self::Prefix(prefix) => write!(formatter, "prefix {prefix}"),
            Self::Asn(asn) => write!(formatter, "asn {}", asn.0),
            Self::Port(port) => write!(formatter, "port {port}"),
        }
    }
}

/// Why an address is taken to be served from many places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnycastRule {
    /// The autonomous system serves everything by anycast.
    Asn(Asn),
    /// The prefix is known to be announced from many places.
    Prefix(Arc<str>),
    /// The provider lists the range as global.
    GlobalRange(Arc<str>),
    /// The user's own database marks it.
    UserDatabase,
}
