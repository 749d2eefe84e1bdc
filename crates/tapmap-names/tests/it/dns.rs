//! DNS answers.

use crate::{
    build::{Record, dns_answer, dns_name, tcp, udp},
    heard, read,
};
use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};
use tapmap_core::{
    App, AppEvidence, HeardKind, LeadsTo, NameHeard, NameReader, NameSource, Process, ProcessKey, Timestamp,
};
use tapmap_names::Reader;

const A: u16 = 1;
const CNAME: u16 = 5;
const AAAA: u16 = 28;
const ANSWER: u16 = 0x8180;

fn from_server(message: &[u8]) -> Vec<NameHeard> {
    read(&mut Reader::new(), HeardKind::Packet, &udp("127.0.0.53:53", "127.0.0.1:40000", message))
}

fn chain<'a>() -> Vec<Record<'a>> {
    vec![
        ("WWW.example.org", CNAME, 3600, dns_name("site.CDN.example")),
        ("site.cdn.example", CNAME, 240, dns_name("edge.cdn.example")),
        ("edge.cdn.example", A, 300, vec![203, 0, 113, 9]),
        ("edge.cdn.example", AAAA, 300, Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 9).octets().to_vec()),
        // Not asked for: whoever answers may not name other sites.
        ("bank.example", A, 300, vec![203, 0, 113, 66]),
    ]
}

fn expected() -> NameHeard {
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    NameHeard {
        name: "www.example.org".into(),
        aliases: vec!["site.cdn.example".into(), "edge.cdn.example".into()],
        source: NameSource::Dns,
        leads_to: LeadsTo::Addresses {
            addresses: vec![address("203.0.113.9"), address("2001:db8::9")],
            asked_by: None,
            time_to_live: Duration::from_mins(4),
        },
    }
}

#[test]
fn the_asked_name_leads_to_the_addresses_at_the_end_of_its_chain() {
    let message = dns_answer(ANSWER, "www.example.org", &chain());
    assert_eq!(from_server(&message), [expected()]);
    let mut reversed = chain();
    reversed.reverse();
    let heard = from_server(&dns_answer(ANSWER, "www.example.org", &reversed));
    assert_eq!(heard[0].aliases, expected().aliases);
}

#[test]
fn an_answer_over_tcp_is_read() {
    let message = dns_answer(ANSWER, "www.example.org", &chain());
    let stream = [&u16::try_from(message.len()).unwrap().to_be_bytes()[..], &message].concat();
    let packet = tcp("192.0.2.53:53", "192.0.2.7:40000", 1, &stream);
    assert_eq!(read(&mut Reader::new(), HeardKind::Packet, &packet), [expected()]);
    // Cut off: not put together.
    let packet = tcp("192.0.2.53:53", "192.0.2.7:40000", 1, &stream[..60]);
    assert_eq!(read(&mut Reader::new(), HeardKind::Packet, &packet), []);
}

#[test]
fn a_compressed_answer_is_read() {
    // The asked name at byte 12, `example` at 16; the alias is `cdn.example.org`.
    let mut message = dns_answer(ANSWER, "www.example.org", &[]);
    message[7] = 2;
    message.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 90, 0, 6, 3, b'c', b'd', b'n', 0xc0, 16]);
    message.extend([0xc0, 45, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 203, 0, 113, 9]);
    let heard = from_server(&message);
    assert_eq!(&*heard[0].name, "www.example.org");
    assert_eq!(heard[0].aliases, [Arc::from("cdn.example.org")]);
}

#[test]
fn who_asked_is_passed_on() {
    let process = Arc::new(Process {
        key: ProcessKey { pid: 7, start: 1 },
        name: "firefox".into(),
        executable: None,
        file: None,
        app: App { name: "Firefox".into(), evidence: AppEvidence::ProcessName },
        user: None,
        started: None,
        own: false,
    });
    let packet = udp("192.0.2.53:53", "192.0.2.7:40000", &dns_answer(ANSWER, "www.example.org", &chain()));
    let mut heard = heard(HeardKind::Packet, &packet);
    heard.process = Some(Arc::clone(&process));
    let read = Reader::new().read(&heard, Timestamp::default());
    let LeadsTo::Addresses { asked_by, .. } = &read[0].leads_to else { panic!("an answer has addresses") };
    assert_eq!(asked_by.as_ref(), Some(&process));
}

#[test]
fn times_to_live_are_kept_within_bounds() {
    for (seconds, kept) in [(0, 60), (59, 60), (61, 61), (86_401, 86_400), (u32::MAX, 86_400)] {
        let record = ("www.example.org", A, seconds, vec![203, 0, 113, 9]);
        let heard = from_server(&dns_answer(ANSWER, "www.example.org", &[record]));
        let LeadsTo::Addresses { time_to_live, .. } = heard[0].leads_to else { panic!("it has addresses") };
        assert_eq!(time_to_live, Duration::from_secs(kept));
    }
}

#[test]
fn what_leads_nowhere_is_not_told() {
    let record = |content: Vec<u8>| ("www.example.org", A, 300, content);
    let good = record(vec![203, 0, 113, 9]);
    let answers = [
        ("a query", dns_answer(0x0100, "www.example.org", std::slice::from_ref(&good))),
        ("a refusal", dns_answer(0x8183, "www.example.org", std::slice::from_ref(&good))),
        ("another opcode", dns_answer(0x9180, "www.example.org", &[good])),
        ("no address", dns_answer(ANSWER, "www.example.org", &[])),
        ("this computer", dns_answer(ANSWER, "www.example.org", &[record(vec![127, 0, 0, 1])])),
        ("none", dns_answer(ANSWER, "www.example.org", &[record(vec![0, 0, 0, 0])])),
        ("too short an address", dns_answer(ANSWER, "www.example.org", &[record(vec![203, 0, 113])])),
        ("a strange name", {
            let record = ("www.exa mple.org", A, 300, vec![203, 0, 113, 9]);
            dns_answer(ANSWER, "www.exa mple.org", &[record])
        }),
        ("a loop", {
            let a = ("www.example.org", CNAME, 300, dns_name("b.example.org"));
            let b = ("b.example.org", CNAME, 300, dns_name("www.example.org"));
            dns_answer(ANSWER, "www.example.org", &[a, b])
        }),
    ];
    for (what, message) in answers {
        assert_eq!(from_server(&message), [], "{what}");
    }
}

#[test]
fn only_the_server_s_port_answers() {
    let message = dns_answer(ANSWER, "www.example.org", &chain());
    let packet = udp("192.0.2.53:5353", "192.0.2.7:40000", &message);
    assert_eq!(read(&mut Reader::new(), HeardKind::Packet, &packet), []);
}
