//! Names in TLS handshakes.

use crate::{
    build::{client_hello, records, tcp},
    end, read,
};
use tapmap_core::{HeardKind, LeadsTo, NameHeard, NameSource};
use tapmap_names::Reader;

const CLIENT: &str = "[2001:db8::7]:50000";
const SERVER: &str = "[2001:db8::9]:8443";

fn read_segment(reader: &mut Reader, sequence: u32, payload: &[u8]) -> Vec<NameHeard> {
    read(reader, HeardKind::Packet, &tcp(CLIENT, SERVER, sequence, payload))
}

fn names(heard: &[NameHeard]) -> Vec<&str> {
    heard.iter().map(|heard| &*heard.name).collect()
}

fn stream(name: &[u8]) -> Vec<u8> {
    records(&client_hello(Some(name), 1216, true), 4000)
}

#[test]
fn a_whole_message_names_its_connection() {
    let heard = read_segment(&mut Reader::new(), 1, &stream(b"WWW.Example.org"));
    assert_eq!(names(&heard), ["www.example.org"]);
    assert_eq!(heard[0].source, NameSource::TlsServerName);
    assert_eq!(heard[0].leads_to, LeadsTo::Connection { from: end(CLIENT), to: end(SERVER) });
}

#[test]
fn a_message_with_post_quantum_keys_in_two_segments_is_put_together() {
    let stream = stream(b"www.example.org");
    assert!(stream.len() > 1500);
    let (head, tail) = stream.split_at(1440);
    // The numbers of the bytes begin anew in between.
    let first = u32::MAX - 1000;
    let mut reader = Reader::new();
    assert_eq!(read_segment(&mut reader, first, head), []);
    assert_eq!(read_segment(&mut reader, first, head), []);
    assert_eq!(names(&read_segment(&mut reader, first.wrapping_add(1440), tail)), ["www.example.org"]);
    // It is done: what follows is no beginning.
    assert_eq!(read_segment(&mut reader, first.wrapping_add(1440), tail), []);
}

#[test]
fn a_name_that_has_come_needs_not_the_rest() {
    let stream = records(&client_hello(Some(b"www.example.org"), 1216, false), 4000);
    assert_eq!(names(&read_segment(&mut Reader::new(), 1, &stream[..300])), ["www.example.org"]);
}

#[test]
fn a_message_in_many_records_is_put_together() {
    let stream = records(&client_hello(Some(b"www.example.org"), 100, true), 40);
    assert_eq!(names(&read_segment(&mut Reader::new(), 1, &stream)), ["www.example.org"]);
}

#[test]
fn what_is_no_site_s_name_is_not_told() {
    for name in [&b"192.0.2.1"[..], b"cloudflare-ech.com", b"", b"a b", b"\xff\xfe"] {
        assert_eq!(read_segment(&mut Reader::new(), 1, &stream(name)), [], "{name:?}");
    }
    let nameless = records(&client_hello(None, 100, true), 4000);
    assert_eq!(read_segment(&mut Reader::new(), 1, &nameless), []);
    // A server's answer, plain text, nothing.
    for payload in [&b"\x16\x03\x03\x00\x05\x02\x00\x00\x01\x00"[..], b"GET / HTTP/1.1\r\n\r\n", b""] {
        assert_eq!(read_segment(&mut Reader::new(), 1, payload), []);
    }
}

#[test]
fn a_connection_within_this_computer_has_no_name() {
    let packet = tcp("127.0.0.1:50000", "127.0.0.1:8443", 1, &stream(b"www.example.org"));
    assert_eq!(read(&mut Reader::new(), HeardKind::Packet, &packet), []);
}

#[test]
fn an_endless_message_is_given_up() {
    let mut message = client_hello(Some(b"www.example.org"), 60_000, true);
    message[1] = 0xff;
    let stream = records(&message, 16_000);
    let mut reader = Reader::new();
    for (index, part) in stream.chunks(1000).enumerate() {
        assert_eq!(read_segment(&mut reader, u32::try_from(index * 1000).unwrap(), part), []);
    }
}
