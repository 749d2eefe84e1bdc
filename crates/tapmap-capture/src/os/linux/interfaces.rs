//! The addresses of this computer's interfaces, from what `/proc` shows to everybody. Which of them
//! means something is for others to say.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Every address of every interface in this network namespace, IPv4 first, each once.
pub fn addresses() -> Vec<IpAddr> {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let mut addresses = ipv4(&read("/proc/self/net/fib_trie"));
    addresses.extend(ipv6(&read("/proc/self/net/if_inet6")));
    addresses
}

/// The local addresses of the kernel's routing trie: a leaf (`|-- 192.0.2.2`) under which stands the
/// route `/32 host LOCAL`. Each address stands in two tables.
fn ipv4(trie: &str) -> Vec<IpAddr> {
    let mut addresses: Vec<IpAddr> = Vec::new();
    let mut leaf: Option<Ipv4Addr> = None;
    for line in trie.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            leaf = address.parse().ok();
        } else if line == "/32 host LOCAL"
            && let Some(address) = leaf.take().map(IpAddr::V4)
            && !addresses.contains(&address)
        {
            addresses.push(address);
        }
    }
    addresses
}

/// The addresses of `if_inet6`: 32 hexadecimal digits at the beginning of each line.
fn ipv6(table: &str) -> Vec<IpAddr> {
    let digits = table.lines().filter_map(|line| line.split_whitespace().next());
    let whole = digits.filter(|digits| digits.len() == 32);
    let numbers = whole.filter_map(|digits| u128::from_str_radix(digits, 16).ok());
    numbers.map(|number| IpAddr::V6(Ipv6Addr::from(number))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_addresses_are_the_leaves_with_a_host_route() {
        let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n           |-- 192.0.2.0\n              \
                    /24 link UNICAST\n           |-- 192.0.2.2\n              /32 host LOCAL\nLocal:\n           |-- 192.0.2.2\n              \
                    /32 host LOCAL\n        |-- 192.0.2.255\n           /32 link BROADCAST\n";
        assert_eq!(ipv4(trie), [IpAddr::from([192, 0, 2, 2])]);
    }

    #[test]
    fn addresses_of_version_6_are_hexadecimal() {
        let table = "20010db8000000000000000000000001 02 40 00 80 eth0\nshort 01 80 10 80 lo\n\n";
        assert_eq!(ipv6(table), ["2001:db8::1".parse::<IpAddr>().unwrap()]);
    }

    #[test]
    fn this_computer_has_its_loopback() {
        assert!(addresses().iter().any(IpAddr::is_loopback));
    }
}
