//! Whatever comes in, the reader answers: every truncation, changed bytes, noise.

use crate::{
    build::{ONE, RFC_FRAME, client_hello, dns_answer, dns_name, hex, initial, records, tcp, udp},
    read,
};
use proptest::prelude::*;
use tapmap_core::HeardKind;
use tapmap_names::{Reader, dns, hosts, quic::Beginning, resolved, reverse, tls};

fn packets() -> Vec<Vec<u8>> {
    let answer = dns_answer(
        0x8180,
        "www.example.org",
        &[("www.example.org", 5, 60, dns_name("cdn.example")), ("cdn.example", 1, 60, vec![203, 0, 113, 9])],
    );
    let hello = records(&client_hello(Some(b"www.example.org"), 1216, true), 4000);
    let initial = initial(&ONE, &hex("8394c8f03e515708"), 2, &hex(RFC_FRAME));
    vec![
        udp("192.0.2.53:53", "192.0.2.7:40000", &answer),
        tcp("[2001:db8::7]:50000", "[2001:db8::9]:443", 7, &hello),
        udp("192.0.2.7:50000", "203.0.113.9:443", &initial),
    ]
}

#[test]
fn every_truncation_is_survived() {
    for packet in packets() {
        let mut reader = Reader::new();
        for length in 0..packet.len() {
            read(&mut reader, HeardKind::Packet, &packet[..length]);
        }
        assert_eq!(read(&mut Reader::new(), HeardKind::Packet, &packet).len(), 1);
    }
}

#[test]
fn acknowledgements_without_end_do_not_take_long() {
    // A range count of 2⁶² − 1.
    let frames = [2, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let packet = initial(&ONE, b"12345678", 0, &frames);
    let packet = udp("192.0.2.7:50000", "203.0.113.9:443", &packet);
    assert_eq!(read(&mut Reader::new(), HeardKind::Packet, &packet), []);
}

proptest! {
    #[test]
    fn noise_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut reader = Reader::new();
        for kind in HeardKind::ALL {
            read(&mut reader, kind, &bytes);
        }
        drop(dns::answer(&bytes));
        drop(dns::answer_in_stream(&bytes));
        drop(hosts::names(&bytes));
        drop(resolved::answer(&bytes));
        drop(reverse::answer(&bytes));
        drop(tls::server_name(&bytes));
        drop(tls::server_name_in_stream(&bytes));
        drop(Beginning::open(&bytes));
    }

    #[test]
    fn changed_packets_are_survived(
        which in 0_usize..3,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut packet = packets().swap_remove(which);
        for (at, byte) in changes {
            let at = at.index(packet.len());
            packet[at] = byte;
        }
        let mut reader = Reader::new();
        read(&mut reader, HeardKind::Packet, &packet[..cut.index(packet.len())]);
        read(&mut reader, HeardKind::Packet, &packet);
    }
}

#[test]
fn the_fixtures_hold_names() {
    let dns = include_bytes!("../../../../fixtures/names/dns-answer.bin");
    assert_eq!(&*dns::answer(dns).unwrap().name, "www.example.org");
    let tls = include_bytes!("../../../../fixtures/names/tls-client-hello.bin");
    assert_eq!(tls::server_name_in_stream(tls), tls::Found::Name("www.example.org".into()));
    for quic in [
        &include_bytes!("../../../../fixtures/names/quic-1-initial.bin")[..],
        include_bytes!("../../../../fixtures/names/quic-2-initial.bin"),
    ] {
        let name = Beginning::open(quic).unwrap().server_name();
        assert_eq!(name, tls::Found::Name("example.com".into()));
    }
}
