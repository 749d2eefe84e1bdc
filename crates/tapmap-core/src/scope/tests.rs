//! Every block of the registries, by hand: where it begins, where it ends, and what lies beside it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{
    AddressScope,
    registry::{IPV4, IPV6, Row},
};

fn scope(text: &str) -> AddressScope {
    AddressScope::of(text.parse().expect("an address"))
}

/// First, last and one address on either side, written by hand for every block of the registries.
#[test]
fn blocks_begin_and_end_where_the_registries_say() {
    use AddressScope::{
        Benchmarking, Broadcast, Cgnat, Documentation, Lan, LinkLocal, Local, Multicast, Public, Reserved,
        Unspecified,
    };
    #[rustfmt::skip]
    let rows = [
        (Unspecified, "0.0.0.0"), (Reserved, "0.0.0.1"), (Reserved, "0.255.255.255"), (Public, "1.0.0.0"),
        (Public, "9.255.255.255"), (Lan, "10.0.0.0"), (Lan, "10.255.255.255"), (Public, "11.0.0.0"),
        (Public, "100.63.255.255"), (Cgnat, "100.64.0.0"), (Cgnat, "100.127.255.255"), (Public, "100.128.0.0"),
        (Public, "126.255.255.255"), (Local, "127.0.0.0"), (Local, "127.255.255.255"), (Public, "128.0.0.0"),
        (Public, "169.253.255.255"), (LinkLocal, "169.254.0.0"), (LinkLocal, "169.254.255.255"), (Public, "169.255.0.0"),
        (Public, "172.15.255.255"), (Lan, "172.16.0.0"), (Lan, "172.31.255.255"), (Public, "172.32.0.0"),
        (Public, "191.255.255.255"), (Local, "192.0.0.0"), (Local, "192.0.0.7"), (Reserved, "192.0.0.8"),
        (Public, "192.0.0.9"), (Public, "192.0.0.10"), (Reserved, "192.0.0.11"), (Reserved, "192.0.0.170"),
        (Reserved, "192.0.0.171"), (Reserved, "192.0.0.255"), (Public, "192.0.1.0"), (Public, "192.0.1.255"),
        (Documentation, "192.0.2.0"), (Documentation, "192.0.2.255"), (Public, "192.0.3.0"),
        (Public, "192.31.196.1"), (Public, "192.52.193.1"), (Public, "192.88.99.1"), (Reserved, "192.88.99.2"),
        (Public, "192.88.99.3"), (Public, "192.167.255.255"), (Lan, "192.168.0.0"), (Lan, "192.168.255.255"),
        (Public, "192.169.0.0"), (Public, "192.175.48.6"),
        (Public, "198.17.255.255"), (Benchmarking, "198.18.0.0"), (Benchmarking, "198.19.255.255"), (Public, "198.20.0.0"),
        (Public, "198.51.99.255"), (Documentation, "198.51.100.0"), (Documentation, "198.51.100.255"), (Public, "198.51.101.0"),
        (Public, "203.0.112.255"), (Documentation, "203.0.113.0"), (Documentation, "203.0.113.255"), (Public, "203.0.114.0"),
        (Public, "223.255.255.255"), (Multicast, "224.0.0.0"), (Multicast, "239.255.255.255"),
        (Documentation, "233.252.0.0"), (Documentation, "233.252.0.255"), (Multicast, "233.252.1.0"),
        (Reserved, "240.0.0.0"), (Reserved, "255.255.255.254"), (Broadcast, "255.255.255.255"),
        (Unspecified, "::"), (Local, "::1"), (Reserved, "::2"), (Reserved, "::8.8.8.8"), (Reserved, "0:0:0:0:0:1::"),
        (Lan, "64:ff9b:1::"), (Lan, "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"), (Reserved, "64:ff9b:2::"),
        (Reserved, "64:ff9b:0:0:0:1::"),
        (Reserved, "100::"), (Reserved, "100:0:0:1::"), (Reserved, "1fff:ffff::"), (Public, "2000::"),
        (Reserved, "2001::1"), (Public, "2001:1::1"), (Public, "2001:1::2"), (Public, "2001:1::3"), (Reserved, "2001:1::4"),
        (Benchmarking, "2001:2::"), (Benchmarking, "2001:2:0:ffff:ffff:ffff:ffff:ffff"), (Reserved, "2001:2:1::"),
        (Public, "2001:3::1"), (Public, "2001:4:112::1"), (Reserved, "2001:4:113::1"),
        (Reserved, "2001:10::1"), (Reserved, "2001:20::1"), (Reserved, "2001:30::1"), (Reserved, "2001:1ff:ffff::"),
        (Public, "2001:200::"), (Public, "2001:db7:ffff::"), (Documentation, "2001:db8::"),
        (Documentation, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"), (Public, "2001:db9::"),
        (Public, "2620:4f:8000::1"), (Public, "3ffe:ffff::"), (Documentation, "3fff::"),
        (Documentation, "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"), (Public, "3fff:1000::"), (Reserved, "4000::"),
        (Reserved, "5f00::1"), (Reserved, "fbff:ffff::"), (Lan, "fc00::"), (Lan, "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        (Reserved, "fe00::"), (Reserved, "fe7f:ffff::"), (LinkLocal, "fe80::"), (LinkLocal, "febf:ffff::1"),
        (Lan, "fec0::"), (Lan, "feff:ffff::"), (Multicast, "ff00::"), (Multicast, "ff02::fb"),
    ];
    for (expected, text) in rows {
        assert_eq!(scope(text), expected, "{text}");
    }
}

#[test]
fn every_row_decides_its_own_first_address_unless_a_narrower_one_begins_there_too() {
    fn check<Address: Copy + Eq + Into<IpAddr>>(rows: &[Row<Address>]) {
        for (position, row) in rows.iter().enumerate() {
            assert!(!row.name.is_empty());
            let narrower = rows[..position].iter().any(|other| other.network == row.network);
            if !narrower {
                assert_eq!(AddressScope::of(row.network.into()), row.scope, "{}", row.name);
            }
        }
    }
    check(&IPV4);
    check(&IPV6);
}

#[test]
fn no_row_hides_a_narrower_one_and_no_network_has_bits_beyond_its_length() {
    for (position, row) in IPV4.iter().enumerate() {
        let bits = u64::from(row.network.to_bits());
        assert_eq!(bits & ((1 << (32 - row.length)) - 1), 0, "{}", row.name);
        for wider in &IPV4[..position] {
            let same = (bits ^ u64::from(wider.network.to_bits())) >> (32 - wider.length) == 0;
            assert!(!(same && wider.length < row.length), "{} hides {}", wider.name, row.name);
        }
    }
    for (position, row) in IPV6.iter().enumerate() {
        let bits = row.network.to_bits();
        assert!(row.length == 128 || bits << row.length == 0, "{}", row.name);
        for wider in &IPV6[..position] {
            let same = (bits ^ wider.network.to_bits()) >> (128 - wider.length) == 0;
            assert!(!(same && wider.length < row.length), "{} hides {}", wider.name, row.name);
        }
    }
}

#[test]
fn an_address_inside_another_decides() {
    for (text, inner, expected) in [
        ("::ffff:127.0.0.1", "127.0.0.1", AddressScope::Local),
        ("::ffff:8.8.8.8", "8.8.8.8", AddressScope::Public),
        ("64:ff9b::8.8.8.8", "8.8.8.8", AddressScope::Public),
        ("64:ff9b::10.0.0.1", "10.0.0.1", AddressScope::Lan),
        ("2002:808:808::1", "8.8.8.8", AddressScope::Public),
        ("2002:c0a8:101::1", "192.168.1.1", AddressScope::Lan),
    ] {
        let address: IpAddr = text.parse().expect("an address");
        assert_eq!(AddressScope::carried(address), inner.parse::<IpAddr>().expect("an address"), "{text}");
        assert_eq!(AddressScope::of(address), expected, "{text}");
    }
    for text in ["8.8.8.8", "2a00:1450::1", "64:ff9b:1::8.8.8.8", "2001:0:808:808::1"] {
        let address: IpAddr = text.parse().expect("an address");
        assert_eq!(AddressScope::carried(address), address);
    }
}

#[test]
fn the_ends_of_the_space_are_in_no_gap() {
    assert_eq!(AddressScope::of(Ipv4Addr::BROADCAST.into()), AddressScope::Broadcast);
    assert_eq!(AddressScope::of(Ipv6Addr::from_bits(u128::MAX).into()), AddressScope::Multicast);
}
