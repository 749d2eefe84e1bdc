//! Names and addresses as they may be shown: what is not a host's name is none, and what only means
//! this computer is left out.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use tapmap_core::AddressScope;

/// The longest name, without the final dot (RFC 1035 §2.3.4: 255 bytes on the wire).
const LONGEST: usize = 253;
/// The longest label (RFC 1035 §2.3.4).
const LONGEST_LABEL: usize = 63;

/// A host's name: lower case, without the final dot. Letters, digits, hyphens and underscores in labels
/// of 1 to 63 bytes, at most 253 bytes in all; names in other scripts come as they travel (`xn--…`). An
/// address is no name.
pub fn host_name(bytes: &[u8]) -> Option<Arc<str>> {
    let bytes = bytes.strip_suffix(b".").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= LONGEST)?;
    if !text.split('.').all(is_label) || is_ipv4(text) {
        return None;
    }
    Some(text.to_ascii_lowercase().into())
}

fn is_label(label: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=LONGEST_LABEL).contains(&label.len()) && label.bytes().all(fits)
}

/// An IPv6 address has colons, and so is no name already.
fn is_ipv4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

/// Whether a name may lead to this address: not to this computer itself, to none in particular (which
/// lists of unwanted names use) or to many at once.
pub fn is_site(address: IpAddr) -> bool {
    !matches!(
        AddressScope::of(address),
        AddressScope::Local | AddressScope::Unspecified | AddressScope::Multicast | AddressScope::Broadcast
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_without_the_final_dot() {
        let read = |text: &str| host_name(text.as_bytes());
        assert_eq!(read("WWW.Example.ORG.").as_deref(), Some("www.example.org"));
        assert_eq!(read("xn--bcher-kva.example").as_deref(), Some("xn--bcher-kva.example"));
        assert_eq!(read("_dns.router").as_deref(), Some("_dns.router"));
        assert_eq!(read("1.2.3").as_deref(), Some("1.2.3"));
    }

    #[test]
    fn what_is_no_host_s_name_is_none() {
        let long_label = "a".repeat(64);
        let long_name = ["a"; 128].join(".");
        for text in ["", ".", "a..b", ".a", "a b", "a/b", "192.0.2.1", "::1", "bücher.example", "a\0b"] {
            assert_eq!(host_name(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(host_name(long_label.as_bytes()), None);
        assert_eq!(host_name(long_name.as_bytes()), None);
        assert_eq!(host_name(&[0xff, b'a']), None);
    }

    #[test]
    fn no_name_leads_to_this_computer() {
        for (address, site) in [
            ("127.0.0.53", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("0.0.0.0", false),
            ("224.0.0.251", false),
            ("ff02::1", false),
            ("192.168.1.1", true),
            ("192.0.2.1", true),
            ("2001:db8::1", true),
        ] {
            assert_eq!(is_site(address.parse().unwrap()), site, "{address}");
        }
    }
}
