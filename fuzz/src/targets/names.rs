//! The parsers of names: what servers answer, how connections begin, and files and messages that hold
//! names.

use std::sync::Arc;
use tapmap_core::{Heard, HeardKind, NameReader, Timestamp};
use tapmap_names::{Reader, dns, hosts, quic::Beginning, resolved, reverse, tls};

pub(super) fn read_dns(input: &[u8]) {
    let _answers = (dns::answer(input), dns::answer_in_stream(input));
}

pub(super) fn good_dns() -> Vec<Vec<u8>> {
    vec![include_bytes!("../../../fixtures/names/dns-answer.bin").to_vec()]
}

pub(super) fn read_tls(input: &[u8]) {
    let _names = (tls::server_name_in_stream(input), tls::server_name(input));
}

pub(super) fn good_tls() -> Vec<Vec<u8>> {
    vec![include_bytes!("../../../fixtures/names/tls-client-hello.bin").to_vec()]
}

/// A changed packet is refused by its tag, so the frames inside are fed as they are.
pub(super) fn read_quic(input: &[u8]) {
    if let Some(mut beginning) = Beginning::open(input) {
        beginning.take(input);
        let _name = beginning.server_name();
    }
    tapmap_names::quic::read_frames(input);
}

pub(super) fn good_quic() -> Vec<Vec<u8>> {
    let one: &[u8] = include_bytes!("../../../fixtures/names/quic-1-initial.bin");
    let two: &[u8] = include_bytes!("../../../fixtures/names/quic-2-initial.bin");
    vec![one.to_vec(), two.to_vec()]
}

/// Whole packets, through the reader that keeps parts of them: every two bytes of an input say how long
/// the next packet is.
pub(super) fn read_packets(input: &[u8]) {
    let mut reader = Reader::new();
    let mut rest = input;
    while let Some((length, behind)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length)).min(behind.len());
        let (packet, behind) = behind.split_at(length);
        let heard = Heard { kind: HeardKind::Packet, bytes: Arc::from(packet), process: None };
        let _names = reader.read(&heard, Timestamp::default());
        rest = behind;
    }
}

pub(super) fn good_packets() -> Vec<Vec<u8>> {
    let hello = &good_tls().concat();
    let (head, tail) = hello.split_at(hello.len() / 2);
    let quic = &good_quic().concat();
    let (source, destination) = ([192, 0, 2, 7], [203, 0, 113, 9]);
    let packets = [
        ipv4(17, source, destination, &udp(53, &good_dns().concat())),
        ipv4(6, source, destination, &tcp(1, head)),
        ipv4(6, source, destination, &tcp(u32::try_from(head.len() + 1).unwrap_or(0), tail)),
        ipv4(17, source, destination, &udp(50_000, quic)),
    ];
    let sized = packets.iter().flat_map(|packet| [&size(packet.len(), 0)[..], packet].concat());
    vec![sized.collect()]
}

fn ipv4(protocol: u8, source: [u8; 4], destination: [u8; 4], content: &[u8]) -> Vec<u8> {
    let size = size(content.len(), 20);
    [&[0x45, 0], &size[..], &[0, 1, 0, 0, 64, protocol, 0, 0], &source, &destination, content].concat()
}

fn udp(source: u16, content: &[u8]) -> Vec<u8> {
    [&source.to_be_bytes(), &[1, 0xbb], &size(content.len(), 8)[..], &[0, 0], content].concat()
}

fn tcp(sequence: u32, content: &[u8]) -> Vec<u8> {
    let rest = [0, 0, 0, 0, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0];
    [&[0xc3, 0x50, 1, 0xbb], &sequence.to_be_bytes()[..], &rest, content].concat()
}

fn size(content: usize, header: usize) -> [u8; 2] {
    u16::try_from(content + header).unwrap_or(0).to_be_bytes()
}

pub(super) fn read_hosts(input: &[u8]) {
    let _names = (hosts::names(input), reverse::answer(input));
}

pub(super) fn good_hosts() -> Vec<Vec<u8>> {
    let file =
        "127.0.0.1 localhost\n192.168.1.5\tnas.home nas # ours\n2001:db8::5 nas.home\nfe80::7%eth0 printer\n";
    vec![file.into(), b"203.0.113.9 host-9.example.net".to_vec()]
}

pub(super) fn read_resolved(input: &[u8]) {
    let _answer = resolved::answer(input);
}

pub(super) fn good_resolved() -> Vec<Vec<u8>> {
    // www.example.org A 203.0.113.9
    let raw = "A3d3dwdleGFtcGxlA29yZwAAAQABAAABLAAEywBxCQ==";
    let message = format!(
        r#"{{"parameters":{{"state":"success","question":[{{"class":1,"type":1,"name":"www.example.org"}}],"answer":[{{"raw":"{raw}","ifindex":2}}]}},"continues":true}}"#
    );
    vec![message.into_bytes()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_good_inputs_hold_names() {
        assert!(good_dns().iter().all(|message| dns::answer(message).is_some()));
        assert!(
            good_tls().iter().all(|stream| matches!(tls::server_name_in_stream(stream), tls::Found::Name(_)))
        );
        assert!(good_quic().iter().all(|packet| Beginning::open(packet).is_some()));
        assert_eq!(hosts::names(&good_hosts().concat()).len(), 4);
        assert!(good_resolved().iter().all(|message| resolved::answer(message).is_some()));
    }
}
