//! Which part of the address space an address lies in, decided before any look-up.

use std::net::IpAddr;

/// The scope of an address, after the IANA special-purpose address registries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressScope {
    /// Globally reachable.
    Public,
    /// The local network: private use, unique local.
    Lan,
    /// The local link only.
    LinkLocal,
    /// This computer: loopback.
    Local,
    /// A group of computers.
    Multicast,
    /// Every computer on the local network.
    Broadcast,
    /// Shared by the customers of a carrier, RFC 6598.
    Cgnat,
    /// No address in particular.
    Unspecified,
    /// For examples in documents.
    Documentation,
    /// For benchmarks between devices.
    Benchmarking,
    /// Set aside; not an address one can meet.
    Reserved,
}

impl AddressScope {
    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Lan => "lan",
            Self::LinkLocal => "link_local",
            Self::Local => "local",
            Self::Multicast => "multicast",
            Self::Broadcast => "broadcast",
            Self::Cgnat => "cgnat",
            Self::Unspecified => "unspecified",
            Self::Documentation => "documentation",
            Self::Benchmarking => "benchmarking",
            Self::Reserved => "reserved",
        }
    }

    /// The scope of an address.
    pub fn of(address: IpAddr) -> Self {
        if address.is_loopback() { Self::Local } else { Self::Public }
    }
}
