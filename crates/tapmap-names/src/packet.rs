//! Takes an IP packet apart as far as the payload of TCP or UDP. What is not there, because the packet
//! was cut off or is a later fragment, is nothing.

use etherparse::{LaxNetSlice, LaxSlicedPacket, TransportSlice};
use tapmap_core::Endpoint;

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packet<'a> {
    /// Who sent it.
    pub(crate) from: Endpoint,
    /// To whom.
    pub(crate) to: Endpoint,
    /// What is inside.
    pub(crate) payload: Payload<'a>,
}

/// The payload of the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payload<'a> {
    /// A stretch of a TCP stream.
    Tcp {
        /// The number of its first byte (RFC 9293 §3.4).
        sequence: u32,
        /// The stretch.
        bytes: &'a [u8],
    },
    /// A datagram.
    Udp(&'a [u8]),
}

/// Reads an IPv4 or IPv6 packet, from its IP header on.
pub(crate) fn packet(bytes: &[u8]) -> Option<Packet<'_>> {
    let sliced = LaxSlicedPacket::from_ip(bytes).ok()?;
    let (from, to) = match sliced.net? {
        LaxNetSlice::Ipv4(ip) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        LaxNetSlice::Ipv6(ip) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        LaxNetSlice::Arp(_) => return None,
    };
    let (source, destination, payload) = match sliced.transport? {
        TransportSlice::Tcp(tcp) => {
            let payload = Payload::Tcp { sequence: tcp.sequence_number(), bytes: tcp.payload() };
            (tcp.source_port(), tcp.destination_port(), payload)
        }
        TransportSlice::Udp(udp) => (udp.source_port(), udp.destination_port(), Payload::Udp(udp.payload())),
        TransportSlice::Icmpv4(_) | TransportSlice::Icmpv6(_) | TransportSlice::Igmp(_) => return None,
    };
    Some(Packet { from: Endpoint::new(from, source), to: Endpoint::new(to, destination), payload })
}
