//! Which part of the address space an address lies in, decided before any look-up. Knows the
//! registries of special-purpose addresses; knows nothing of places or networks.

mod registry;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use registry::{IPV4, IPV6};

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
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Public,
        Self::Lan,
        Self::LinkLocal,
        Self::Local,
        Self::Multicast,
        Self::Broadcast,
        Self::Cgnat,
        Self::Unspecified,
        Self::Documentation,
        Self::Benchmarking,
        Self::Reserved,
    ];

    /// The scope that a word of the wire means.
    pub fn by_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }

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
    ///
    /// An IPv6 address that only carries an IPv4 address (see [`AddressScope::carried`]) has the
    /// scope of that one. Of the rest the most specific row of the registries decides; an IPv4
    /// address in none of them is public, an IPv6 address is when it lies in `2000::/3`, the one
    /// block given out for global unicast (IANA IPv6 address space; RFC 4291 §2.4).
    pub fn of(address: IpAddr) -> Self {
        match Self::carried(address) {
            IpAddr::V4(address) => of_ipv4(address),
            IpAddr::V6(address) => of_ipv6(address),
        }
    }

    /// The address at the other end of a translation: the IPv4 address inside an IPv4-mapped
    /// address (`::ffff:0:0/96`, RFC 4291 §2.5.5.2), an address of the well-known NAT64 prefix
    /// (`64:ff9b::/96`, RFC 6052 §2.1) or a 6to4 address (`2002::/16`, RFC 3056 §2); any other
    /// address itself. What is known of that one holds for the whole.
    ///
    /// Teredo (`2001::/32`, RFC 4380) is not unwrapped: it carries a relay's and a client's
    /// address behind a translator, and neither says where the other end is.
    pub fn carried(address: IpAddr) -> IpAddr {
        let IpAddr::V6(outer) = address.to_canonical() else { return address.to_canonical() };
        let parts = outer.segments();
        let inner = match parts {
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => (high, low),
            _ => return outer.into(),
        };
        let ([a, b], [c, d]) = (inner.0.to_be_bytes(), inner.1.to_be_bytes());
        Ipv4Addr::new(a, b, c, d).into()
    }

    /// The blocks of the registries: network, length of the prefix, scope; a more specific block
    /// before the one that holds it. For programs that prepare data and must leave them out.
    pub fn blocks() -> impl Iterator<Item = (IpAddr, u32, Self)> {
        let v4 = IPV4.iter().map(|row| (row.network.into(), row.length, row.scope));
        v4.chain(IPV6.iter().map(|row| (row.network.into(), row.length, row.scope)))
    }
}

fn of_ipv4(address: Ipv4Addr) -> AddressScope {
    let bits = address.to_bits();
    IPV4.iter()
        .find(|row| (bits ^ row.network.to_bits()).checked_shr(32 - row.length).unwrap_or(0) == 0)
        .map_or(AddressScope::Public, |row| row.scope)
}

fn of_ipv6(address: Ipv6Addr) -> AddressScope {
    let bits = address.to_bits();
    let elsewhere = if bits >> 125 == 0b001 { AddressScope::Public } else { AddressScope::Reserved };
    IPV6.iter()
        .find(|row| (bits ^ row.network.to_bits()) >> (128 - row.length) == 0)
        .map_or(elsewhere, |row| row.scope)
}
