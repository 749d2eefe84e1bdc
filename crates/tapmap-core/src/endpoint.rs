//! One end of a connection: an address and a port.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

/// The transport protocol of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// Transmission Control Protocol, RFC 9293.
    Tcp,
    /// User Datagram Protocol, RFC 768.
    Udp,
}

impl Protocol {
    /// The lower-case word used on the wire and on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// An address and a port. The address is never an IPv4-mapped IPv6 address: IPv4 traffic on a
/// dual-stack socket is IPv4 traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint {
    address: IpAddr,
    port: u16,
}

impl Endpoint {
    /// An endpoint, with `::ffff:a.b.c.d` unwrapped to `a.b.c.d` (RFC 4291 §2.5.5.2).
    pub fn new(address: IpAddr, port: u16) -> Self {
        Self { address: address.to_canonical(), port }
    }

    /// The address, canonical.
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// The port; 0 means "any" or "none".
    pub fn port(self) -> u16 {
        self.port
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        Self::new(address.ip(), address.port())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddr::new(self.address, self.port).fmt(formatter)
    }
}
