//! Names in QUIC's first packets.

use crate::{
    build::{ONE, RFC_FRAME, TWO, client_hello, crypto_frame, hex, initial, udp},
    end, read,
};
use tapmap_core::{HeardKind, LeadsTo, NameHeard, NameSource};
use tapmap_names::Reader;

const CLIENT: &str = "192.0.2.7:50000";
const SERVER: &str = "203.0.113.9:443";
const DESTINATION: &str = "8394c8f03e515708";

fn read_datagram(reader: &mut Reader, datagram: &[u8]) -> Vec<NameHeard> {
    read(reader, HeardKind::Packet, &udp(CLIENT, SERVER, datagram))
}

fn names(heard: &[NameHeard]) -> Vec<&str> {
    heard.iter().map(|heard| &*heard.name).collect()
}

#[test]
fn the_packets_of_the_rfcs_are_read() {
    // The beginning and, with the tag over everything, the end of the packets in RFC 9001 §A.2 and RFC 9369 §A.2.
    for (version, begins, ends) in [
        (
            ONE,
            "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11",
            "e221af44860018ab0856972e194cd934",
        ),
        (
            TWO,
            "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485",
            "a18b2faa745b6fe189cf772a9f84cbfc",
        ),
    ] {
        let packet = initial(&version, &hex(DESTINATION), 2, &hex(RFC_FRAME));
        assert_eq!(packet.len(), 1200);
        assert!(packet.starts_with(&hex(begins)));
        assert!(packet.ends_with(&hex(ends)));
        let heard = read_datagram(&mut Reader::new(), &packet);
        assert_eq!(names(&heard), ["example.com"]);
        assert_eq!(heard[0].source, NameSource::QuicServerName);
        assert_eq!(heard[0].leads_to, LeadsTo::Connection { from: end(CLIENT), to: end(SERVER) });
    }
}

#[test]
fn a_message_in_shuffled_pieces_over_three_packets_is_put_together() {
    let message = client_hello(Some(b"www.example.org"), 1216, true);
    let frame = |from: usize, to: usize| {
        crypto_frame(u16::try_from(from).unwrap(), &message[from..to.min(message.len())])
    };
    // With an acknowledgement and a ping between, as they may be.
    let first = [frame(900, 1000), vec![1, 2, 0, 0, 0, 0], frame(0, 200)].concat();
    let second = [frame(200, 900), vec![0, 0, 1]].concat();
    let third = frame(1000, message.len());
    let packets: Vec<Vec<u8>> = [first, second, third]
        .iter()
        .zip(0..)
        .map(|(frames, number)| initial(&ONE, &hex(DESTINATION), number, frames))
        .collect();
    let mut reader = Reader::new();
    assert_eq!(read_datagram(&mut reader, &packets[2]), []);
    assert_eq!(read_datagram(&mut reader, &packets[0]), []);
    assert_eq!(names(&read_datagram(&mut reader, &packets[1])), ["www.example.org"]);
}

#[test]
fn several_packets_in_one_datagram_are_read() {
    let message = client_hello(Some(b"www.example.org"), 100, true);
    let (head, tail) = message.split_at(250);
    let destination = hex(DESTINATION);
    let datagram = [
        initial(&ONE, &destination, 0, &crypto_frame(0, head)),
        initial(&ONE, &destination, 1, &crypto_frame(250, tail)),
    ]
    .concat();
    assert_eq!(names(&read_datagram(&mut Reader::new(), &datagram)), ["www.example.org"]);
}

#[test]
fn a_connection_that_begins_anew_takes_new_keys() {
    let message = client_hello(Some(b"www.example.org"), 100, true);
    let mut reader = Reader::new();
    let unfinished = initial(&ONE, &hex(DESTINATION), 0, &crypto_frame(0, &message[..100]));
    assert_eq!(read_datagram(&mut reader, &unfinished), []);
    let anew = initial(&ONE, b"other id", 0, &crypto_frame(0, &message));
    assert_eq!(names(&read_datagram(&mut reader, &anew)), ["www.example.org"]);
}

#[test]
fn no_more_than_four_packets_are_waited_for() {
    let message = client_hello(Some(b"www.example.org"), 100, true);
    let mut reader = Reader::new();
    let frames =
        |range: std::ops::Range<usize>| crypto_frame(u16::try_from(range.start).unwrap(), &message[range]);
    for number in 0..4 {
        let at = usize::try_from(number).unwrap() * 10;
        let packet = initial(&ONE, &hex(DESTINATION), number, &frames(at..at + 10));
        assert_eq!(read_datagram(&mut reader, &packet), []);
    }
    let rest = initial(&ONE, &hex(DESTINATION), 4, &frames(40..message.len()));
    assert_eq!(read_datagram(&mut reader, &rest), []);
}

#[test]
fn a_changed_packet_is_not_believed() {
    let packet = initial(&ONE, &hex(DESTINATION), 2, &hex(RFC_FRAME));
    for at in (0..packet.len()).step_by(7) {
        let mut changed = packet.clone();
        changed[at] ^= 1;
        assert_eq!(read_datagram(&mut Reader::new(), &changed), [], "byte {at}");
    }
}
