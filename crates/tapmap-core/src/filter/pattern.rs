//! The values of a filter: texts with wildcards, blocks of addresses, ranges of ports.

use std::{fmt, net::IpAddr};

/// A text to compare with, where `*` stands for anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    written: String,
    /// What stands between the wildcards, in lower case.
    parts: Vec<String>,
}

impl Pattern {
    /// A pattern as written.
    pub fn new(written: &str) -> Self {
        let parts = written.to_lowercase().split('*').map(ToOwned::to_owned).collect();
        Self { written: written.to_owned(), parts }
    }

    /// The pattern as written.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether a text fits as a whole. An empty pattern fits what is not known, and `*` everything
    /// that is.
    pub fn fits(&self, text: Option<&str>) -> bool {
        match text {
            None => self.written.is_empty(),
            Some(text) => !self.written.is_empty() && self.fits_lower(&text.to_lowercase()),
        }
    }

    /// Whether it is found somewhere in a text.
    pub fn is_within(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let mut rest = text.as_str();
        self.parts.iter().all(|part| match rest.find(part.as_str()) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    }

    fn fits_lower(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.parts.as_slice() else {
            return self.parts.first().is_some_and(|only| only == text);
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for part in middle {
            let Some(at) = rest.find(part.as_str()) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last.as_str())
    }
}

/// An address, or all that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressBlock {
    network: IpAddr,
    length: u8,
}

impl AddressBlock {
    /// Reads `192.0.2.7`, `192.0.2.0/24` or `2001:db8::/32`; `None` when it is none, or when bits
    /// are set beyond the length.
    pub fn parse(text: &str) -> Option<Self> {
        let (network, length) = match text.split_once('/') {
            Some((network, length)) => (network, Some(length)),
            None => (text, None),
        };
        let network: IpAddr = network.parse::<IpAddr>().ok()?.to_canonical();
        let bits = if network.is_ipv4() { 32 } else { 128 };
        let length = match length {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
            Some(_) => return None,
            None => bits,
        };
        let block = Self { network, length };
        (length <= bits && mask(network, length) == network).then_some(block)
    }

    /// Whether an address lies in it.
    pub fn holds(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.network.is_ipv4() && mask(address, self.length) == self.network
    }
}

impl fmt::Display for AddressBlock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.network, self.length)
    }
}

/// The address with only its first bits left.
fn mask(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let kept = u32::MAX.checked_shl(32_u32.saturating_sub(length.into())).unwrap_or(0);
            IpAddr::V4((address.to_bits() & kept).into())
        }
        IpAddr::V6(address) => {
            let kept = u128::MAX.checked_shl(128_u32.saturating_sub(length.into())).unwrap_or(0);
            IpAddr::V6((address.to_bits() & kept).into())
        }
    }
}

/// A port, or a range of them, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// The lowest.
    pub first: u16,
    /// The highest.
    pub last: u16,
}

impl Ports {
    /// Reads `443` or `8000-8999`.
    pub fn parse(text: &str) -> Option<Self> {
        let number =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let ports = Self { first: number(first)?, last: number(last)? };
        (ports.first <= ports.last).then_some(ports)
    }

    /// Whether a port is among them.
    pub fn hold(&self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }
}
