//! The filter, run by an interpreter over packets of every kind; and the layer over the loopback.

use std::{net::UdpSocket, sync::Arc};

use tapmap_core::{LayerName, Sighting, Timestamp};

use super::{
    Packets,
    filter::{self, Instruction},
};
use crate::os::linux::{
    beside::{Beside, Told},
    births::Births,
    owners::Owners,
};

/// What the kernel knows of a packet beside its bytes: protocol, direction, kind of link.
#[derive(Clone, Copy)]
struct Known(u32, u32, u32);

const TO_US: u32 = 0;
const FROM_US: u32 = 4;
const ETHERNET: u32 = 1;
const LOOPBACK: u32 = 772;

/// How many bytes of a packet the filter lets through.
fn passes(program: &[Instruction], packet: &[u8], known: Known) -> u32 {
    let (mut a, mut x, mut memory, mut at) = (0_u32, 0_u32, [0_u32; 2], 0);
    let length = u32::try_from(packet.len()).unwrap();
    let load = |offset: u32, size: usize| -> Option<u32> {
        match offset {
            0xffff_f000 => return Some(known.0),
            0xffff_f004 => return Some(known.1),
            0xffff_f01c => return Some(known.2),
            _ => {}
        }
        let bytes = packet.get(offset as usize..)?.get(..size)?;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    };
    loop {
        let Instruction { code, yes, no, value } = program[at];
        at += 1;
        let mut jump = |holds: bool| at += usize::from(if holds { yes } else { no });
        let loaded = match code {
            filter::BYTE => load(value, 1),
            filter::HALF => load(value, 2),
            filter::WORD => load(value, 4),
            filter::BYTE_AT_X => load(x + value, 1),
            filter::HALF_AT_X => load(x + value, 2),
            filter::WORD_AT_X => load(x + value, 4),
            filter::RECALL => Some(memory[value as usize]),
            filter::LENGTH => Some(length),
            filter::AND => Some(a & value),
            filter::RIGHT => Some(a >> value),
            filter::LEFT => Some(a << value),
            filter::ADD_X => Some(a + x),
            filter::IPV4_HEADER_TO_X => {
                let Some(first) = load(value, 1) else { return 0 };
                x = 4 * (first & 0xf);
                continue;
            }
            filter::SET_X => {
                x = value;
                continue;
            }
            filter::A_TO_X => {
                x = a;
                continue;
            }
            filter::STORE => {
                memory[value as usize] = a;
                continue;
            }
            filter::IS => {
                jump(a == value);
                continue;
            }
            filter::IS_ABOVE => {
                jump(a > value);
                continue;
            }
            filter::HAS => {
                jump(a & value != 0);
                continue;
            }
            filter::JUMP => {
                at += value as usize;
                continue;
            }
            filter::RETURN => return value,
            _ => panic!("the filter holds an operation that it should not: {code:#x}"),
        };
        let Some(loaded) = loaded else { return 0 };
        a = loaded;
    }
}

/// An IPv4 packet with four bytes of options, so that its header is not of the usual length.
fn ipv4(number: u8, fragment: u16, content: &[u8]) -> Vec<u8> {
    let [high, low] = fragment.to_be_bytes();
    let head = [0x46, 0, 0, 0, 0, 0, high, low, 64, number, 0, 0, 192, 0, 2, 1, 203, 0, 113, 9, 1, 1, 1, 1];
    [&head[..], content].concat()
}

fn ipv6(number: u8, content: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0, 0, 0, number, 64];
    packet.extend([0xfd; 32]);
    packet.extend(content);
    packet
}

fn udp(from: u16, to: u16, content: &[u8]) -> Vec<u8> {
    [&from.to_be_bytes()[..], &to.to_be_bytes(), &[0; 4], content].concat()
}

/// A TCP segment with twelve bytes of options, as is usual.
fn tcp(from: u16, to: u16, content: &[u8]) -> Vec<u8> {
    let mut head = [0_u8; 32];
    head[..2].copy_from_slice(&from.to_be_bytes());
    head[2..4].copy_from_slice(&to.to_be_bytes());
    head[12] = 8 << 4;
    [&head[..], content].concat()
}

const HELLO: &[u8] = &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];
const QUIC_1: &[u8] = &[0xc3, 0, 0, 0, 1, 8];
const QUIC_2: &[u8] = &[0xd3, 0x6b, 0x33, 0x43, 0xcf, 8];

#[test]
fn only_what_may_hold_a_name_passes() {
    let program = filter::filter().unwrap();
    let check = |what: &str, number: u8, content: &[u8], way: u32, link: u32, expected: bool| {
        for (packet, protocol) in [(ipv4(number, 0, content), 0x0800), (ipv6(number, content), 0x86dd)] {
            let passed = passes(&program, &packet, Known(protocol, way, link)) > 0;
            assert_eq!(passed, expected, "{what}, {protocol:#x}");
        }
    };
    let (dns, query) = (udp(53, 40_000, b"x"), udp(40_000, 53, b"x"));
    check("an answer", 17, &dns, TO_US, ETHERNET, true);
    check("an answer over TCP", 6, &tcp(53, 40_000, b"x"), TO_US, ETHERNET, true);
    check("an answer on this computer", 17, &dns, TO_US, LOOPBACK, true);
    check("the same seen twice", 17, &dns, FROM_US, LOOPBACK, false);
    check("an answer for another computer", 17, &dns, 3, ETHERNET, false);
    check("a query", 17, &query, FROM_US, ETHERNET, false);
    check("a query to us", 17, &query, TO_US, ETHERNET, false);

    check("a TLS connection", 6, &tcp(40_000, 8443, HELLO), FROM_US, ETHERNET, true);
    check("one that comes in", 6, &tcp(40_000, 8443, HELLO), TO_US, ETHERNET, false);
    check("one within this computer", 6, &tcp(40_000, 8443, HELLO), FROM_US, LOOPBACK, false);
    check("one of which nothing is there yet", 6, &tcp(40_000, 443, &HELLO[..5]), FROM_US, ETHERNET, false);
    check("a server's answer", 6, &tcp(40_000, 443, &[0x16, 3, 3, 0, 9, 2, 0]), FROM_US, ETHERNET, false);
    check("data", 6, &tcp(40_000, 443, &[0x17; 1400]), FROM_US, ETHERNET, false);
    check("no data", 6, &tcp(40_000, 443, &[]), FROM_US, ETHERNET, false);

    let last = |to, content: &[u8]| {
        let mut segment = tcp(40_000, to, content);
        segment[13] = 0x18;
        segment
    };
    check("the rest of a beginning", 6, &last(443, &[0xfc; 600]), FROM_US, ETHERNET, true);
    check("what may be its middle", 6, &tcp(40_000, 443, &[0xfc; 600]), FROM_US, ETHERNET, false);
    check("a rest on another port", 6, &last(8443, &[0xfc; 600]), FROM_US, ETHERNET, false);
    check("a record of data", 6, &last(443, &[0x17, 3, 3, 0, 9]), FROM_US, ETHERNET, false);
    check("what was not cut yet", 6, &last(443, &[0xfc; 1600]), FROM_US, ETHERNET, false);
    check("a rest within this computer", 6, &last(443, &[0xfc; 600]), FROM_US, LOOPBACK, false);

    check("a QUIC connection", 17, &udp(40_000, 443, QUIC_1), FROM_US, ETHERNET, true);
    check("one of version 2", 17, &udp(40_000, 443, QUIC_2), FROM_US, ETHERNET, true);
    check("its later packets", 17, &udp(40_000, 443, &[0x43; 1200]), FROM_US, ETHERNET, false);
    check("its handshake", 17, &udp(40_000, 443, &[0xe3, 0, 0, 0, 1, 8]), FROM_US, ETHERNET, false);
    check("another version", 17, &udp(40_000, 443, &[0xc3, 0, 0, 0, 9, 8]), FROM_US, ETHERNET, false);
    check("another port", 17, &udp(40_000, 4433, QUIC_1), FROM_US, ETHERNET, false);
    check("a ping", 1, &[8, 0, 0, 53], TO_US, ETHERNET, false);
}

#[test]
fn fragments_and_other_protocols_do_not_pass() {
    let program = filter::filter().unwrap();
    let answer = udp(53, 40_000, b"x");
    let known = Known(0x0800, TO_US, ETHERNET);
    assert!(passes(&program, &ipv4(17, 0x2000, &answer), known) > 0, "the first fragment");
    assert_eq!(passes(&program, &ipv4(17, 0x2001, &answer), known), 0, "a later one");
    assert_eq!(passes(&program, &ipv4(17, 0, &answer), Known(0x0806, TO_US, ETHERNET)), 0);
    let whole = ipv4(6, 0, &tcp(40_000, 443, HELLO));
    for length in 0..whole.len() {
        passes(&program, &whole[..length], Known(0x0800, FROM_US, ETHERNET));
    }
}

/// Whether this program may see packets; if not, the layer has to say so.
fn heard_after(act: impl FnOnce()) -> Option<Vec<Vec<u8>>> {
    let mut packets = Packets::new(Arc::default());
    let layers = packets.layers();
    let names: Vec<LayerName> = layers.iter().map(|layer| layer.name).collect();
    assert_eq!(names, [LayerName::DnsAnswers, LayerName::ServerNames]);
    act();
    let mut told = Told::new(Timestamp::default());
    packets.tell(Timestamp::default(), &mut Owners::new(Births::default()), &mut told);
    let told = told.into_sightings();
    if packets.socket.is_err() {
        assert!(layers.iter().all(|layer| !layer.active && layer.reason.contains("CAP_NET_RAW")));
        assert!(
            layers.iter().all(|layer| layer.command.as_ref().is_some_and(|it| it.contains("cap_net_raw")))
        );
        assert_eq!(told, []);
        return None;
    }
    assert!(layers.iter().all(|layer| layer.active));
    let bytes = told.into_iter().map(|sighting| match sighting {
        Sighting::Heard(heard) => heard.bytes.to_vec(),
        other => panic!("nothing else is told: {other:?}"),
    });
    Some(bytes.collect())
}

#[test]
fn an_answer_on_this_computer_is_heard_once() {
    let heard = heard_after(|| {
        // Only a server may answer from port 53; without the right to, there is nothing to hear.
        let Ok(server) = UdpSocket::bind("127.77.53.1:53") else { return };
        let client = UdpSocket::bind("127.77.53.2:0").unwrap();
        server.send_to(b"tapmap's own answer", client.local_addr().unwrap()).unwrap();
        client.send_to(b"tapmap's own question", server.local_addr().unwrap()).unwrap();
    });
    let Some(heard) = heard else { return };
    let of_ours = |text: &[u8]| heard.iter().filter(|packet| packet.ends_with(text)).count();
    assert_eq!((of_ours(b"tapmap's own answer"), of_ours(b"tapmap's own question")), (1, 0));
    let packet = heard.iter().find(|packet| packet.ends_with(b"tapmap's own answer")).unwrap();
    assert_eq!(packet[0], 0x45, "from the IP header on");
}

#[test]
fn what_is_lost_is_counted() {
    const SENT: u64 = 20_000;
    let mut packets = Packets::new(Arc::default());
    let Ok(server) = UdpSocket::bind("127.77.53.3:53") else { return };
    if packets.socket.is_err() {
        return;
    }
    let mut owners = Owners::new(Births::default());
    packets.tell(Timestamp::from_millis(0), &mut owners, &mut Told::new(Timestamp::default()));
    for _ in 0..SENT {
        // To nobody: the packet is seen all the same.
        server.send_to(b"tapmap's flood", "127.77.53.4:9").unwrap_or(0);
    }
    let mut told = Told::new(Timestamp::from_millis(1000));
    packets.tell(Timestamp::from_millis(1000), &mut owners, &mut told);
    let told = told.into_sightings();
    let heard = told.iter().filter(
        |sighting| matches!(sighting, Sighting::Heard(heard) if heard.bytes.ends_with(b"tapmap's flood")),
    );
    let heard = u64::try_from(heard.count()).unwrap();
    let lost = told.iter().find_map(|sighting| match sighting {
        Sighting::Lost(gap) => gap.lost,
        _ => None,
    });
    assert!(heard < SENT);
    // Others may lose packets here too.
    assert!(heard + lost.unwrap() >= SENT, "{heard} heard, {lost:?} lost");
}

#[test]
fn it_ends_when_others_hear_the_same() {
    let mut packets = Packets::new(Arc::new(true.into()));
    packets.settle();
    assert!(packets.socket.is_err());
    // The account is that of the others.
    assert_eq!(packets.layers(), []);
}
