//! The IANA special-purpose address registries as tables, one row per entry, each with the document
//! that made it. Only what they say of an address's reach is kept.
//!
//! Sources: "IANA IPv4 Special-Purpose Address Registry" and "IANA IPv6 Special-Purpose Address
//! Registry" (RFC 6890, RFC 8190), with the multicast blocks of RFC 5771 and RFC 4291 and the
//! deprecated site-local block of RFC 3879, which stand in registries of their own.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::AddressScope::{
    self, Benchmarking, Broadcast, Cgnat, Documentation, Lan, LinkLocal, Local, Multicast, Public, Reserved,
    Unspecified,
};

/// One block of one registry.
pub(super) struct Row<Address> {
    /// The first address of the block.
    pub(super) network: Address,
    /// How many leading bits the block shares: 1 to the address's whole length.
    pub(super) length: u32,
    /// The scope of what lies in it.
    pub(super) scope: AddressScope,
    /// What the registry calls it, and the document.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the reader, and for messages of the tests"))]
    pub(super) name: &'static str,
}

const fn v4(octets: [u8; 4], length: u32, scope: AddressScope, name: &'static str) -> Row<Ipv4Addr> {
    Row { network: Ipv4Addr::from_octets(octets), length, scope, name }
}

const fn v6(segments: [u16; 8], length: u32, scope: AddressScope, name: &'static str) -> Row<Ipv6Addr> {
    Row { network: Ipv6Addr::from_segments(segments), length, scope, name }
}

/// IPv4, a more specific block before the one that holds it: the first that matches decides.
#[rustfmt::skip]
pub(super) const IPV4: [Row<Ipv4Addr>; 28] = [
    v4([0, 0, 0, 0],         32, Unspecified,   "This host on this network, RFC 1122 §3.2.1.3"),
    v4([0, 0, 0, 0],          8, Reserved,      "This network, RFC 791 §3.2"),
    v4([10, 0, 0, 0],         8, Lan,           "Private use, RFC 1918"),
    v4([100, 64, 0, 0],      10, Cgnat,         "Shared address space, RFC 6598"),
    v4([127, 0, 0, 0],        8, Local,         "Loopback, RFC 1122 §3.2.1.3"),
    v4([169, 254, 0, 0],     16, LinkLocal,     "Link local, RFC 3927"),
    v4([172, 16, 0, 0],      12, Lan,           "Private use, RFC 1918"),
    v4([192, 0, 0, 9],       32, Public,        "Port Control Protocol anycast, RFC 7723"),
    v4([192, 0, 0, 10],      32, Public,        "Traversal using relays around NAT anycast, RFC 8155"),
    v4([192, 0, 0, 8],       32, Reserved,      "IPv4 dummy address, RFC 7600"),
    v4([192, 0, 0, 170],     32, Reserved,      "NAT64/DNS64 discovery, RFC 8880, RFC 7050 §2.2"),
    v4([192, 0, 0, 171],     32, Reserved,      "NAT64/DNS64 discovery, RFC 8880, RFC 7050 §2.2"),
    v4([192, 0, 0, 0],       29, Local,         "IPv4 service continuity, between a host and its own tunnel, RFC 7335"),
    v4([192, 0, 0, 0],       24, Reserved,      "IETF protocol assignments, RFC 6890 §2.1"),
    v4([192, 0, 2, 0],       24, Documentation, "Documentation (TEST-NET-1), RFC 5737"),
    v4([192, 31, 196, 0],    24, Public,        "AS112-v4, RFC 7535"),
    v4([192, 52, 193, 0],    24, Public,        "Automatic multicast tunnelling, RFC 7450"),
    v4([192, 88, 99, 2],     32, Reserved,      "6a44 relay anycast, RFC 6751"),
    v4([192, 88, 99, 0],     24, Public,        "Deprecated 6to4 relay anycast, RFC 7526: still announced by some"),
    v4([192, 168, 0, 0],     16, Lan,           "Private use, RFC 1918"),
    v4([192, 175, 48, 0],    24, Public,        "Direct delegation AS112 service, RFC 7534"),
    v4([198, 18, 0, 0],      15, Benchmarking,  "Benchmarking, RFC 2544"),
    v4([198, 51, 100, 0],    24, Documentation, "Documentation (TEST-NET-2), RFC 5737"),
    v4([203, 0, 113, 0],     24, Documentation, "Documentation (TEST-NET-3), RFC 5737"),
    v4([233, 252, 0, 0],     24, Documentation, "Documentation (MCAST-TEST-NET), RFC 6676"),
    v4([224, 0, 0, 0],        4, Multicast,     "Multicast, RFC 5771"),
    v4([255, 255, 255, 255], 32, Broadcast,     "Limited broadcast, RFC 8190, RFC 919 §7"),
    v4([240, 0, 0, 0],        4, Reserved,      "Reserved, RFC 1112 §4"),
];

/// IPv6, a more specific block before the one that holds it: the first that matches decides.
/// IPv4-mapped, `64:ff9b::/96` and 6to4 addresses never come here: the address inside decides.
#[rustfmt::skip]
pub(super) const IPV6: [Row<Ipv6Addr>; 25] = [
    v6([0, 0, 0, 0, 0, 0, 0, 1],        128, Local,         "Loopback address, RFC 4291 §2.5.3"),
    v6([0, 0, 0, 0, 0, 0, 0, 0],        128, Unspecified,   "Unspecified address, RFC 4291 §2.5.2"),
    v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, Lan,           "Local-use IPv4/IPv6 translation, RFC 8215"),
    v6([0x100, 0, 0, 0, 0, 0, 0, 0],     64, Reserved,      "Discard-only address block, RFC 6666"),
    v6([0x100, 0, 0, 1, 0, 0, 0, 0],     64, Reserved,      "Dummy IPv6 prefix, RFC 9780"),
    v6([0x2001, 1, 0, 0, 0, 0, 0, 1],   128, Public,        "Port Control Protocol anycast, RFC 7723"),
    v6([0x2001, 1, 0, 0, 0, 0, 0, 2],   128, Public,        "Traversal using relays around NAT anycast, RFC 8155"),
    v6([0x2001, 1, 0, 0, 0, 0, 0, 3],   128, Public,        "DNS-SD service registration anycast, RFC 9665"),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0],    32, Reserved,      "Teredo, RFC 4380, RFC 8190: a tunnel's inside"),
    v6([0x2001, 2, 0, 0, 0, 0, 0, 0],    48, Benchmarking,  "Benchmarking, RFC 5180"),
    v6([0x2001, 3, 0, 0, 0, 0, 0, 0],    32, Public,        "Automatic multicast tunnelling, RFC 7450"),
    v6([0x2001, 4, 0x112, 0, 0, 0, 0, 0], 48, Public,       "AS112-v6, RFC 7535"),
    v6([0x2001, 0x10, 0, 0, 0, 0, 0, 0], 28, Reserved,      "Deprecated ORCHID, RFC 4843"),
    v6([0x2001, 0x20, 0, 0, 0, 0, 0, 0], 28, Reserved,      "ORCHIDv2, RFC 7343: names of hosts, never routed"),
    v6([0x2001, 0x30, 0, 0, 0, 0, 0, 0], 28, Reserved,      "Drone remote identification, RFC 9374: names, never routed"),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0],    23, Reserved,      "IETF protocol assignments, RFC 2928"),
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, Documentation, "Documentation, RFC 3849"),
    v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48, Public,   "Direct delegation AS112 service, RFC 7534"),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0],    20, Documentation, "Documentation, RFC 9637"),
    v6([0x5f00, 0, 0, 0, 0, 0, 0, 0],    16, Reserved,      "Segment routing identifiers, RFC 9602"),
    v6([0xfc00, 0, 0, 0, 0, 0, 0, 0],     7, Lan,           "Unique local, RFC 4193, RFC 8190"),
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0],    10, LinkLocal,     "Link-local unicast, RFC 4291 §2.5.6"),
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0],    10, Lan,           "Deprecated site-local, RFC 3879"),
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0],     8, Multicast,     "Multicast, RFC 4291 §2.7"),
    v6([0, 0, 0, 0, 0, 0, 0, 0],         96, Reserved,      "Deprecated IPv4-compatible, RFC 4291 §2.5.5.1"),
];
