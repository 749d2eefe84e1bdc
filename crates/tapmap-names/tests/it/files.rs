//! The hosts file, systemd-resolved's messages, reverse names.

use crate::{
    build::{dns_name, dns_record},
    read,
};
use data_encoding::BASE64;
use std::{net::IpAddr, sync::Arc, time::Duration};
use tapmap_core::{HeardKind, LeadsTo, NameHeard, NameSource};
use tapmap_names::{Reader, dns, hosts::UNTIL_REPLACED};

/// Name, address and how long.
fn leads(heard: &NameHeard) -> (&str, IpAddr, Duration) {
    let LeadsTo::Addresses { addresses, time_to_live, .. } = &heard.leads_to else {
        panic!("it leads to addresses")
    };
    (&heard.name, addresses[0], *time_to_live)
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn the_hosts_file_names_addresses() {
    let file = b"127.0.0.1 localhost\n::1\tlocalhost ip6-localhost\n127.0.1.1 mymachine.example\n\
        # a remark\n192.168.1.5\tNAS.home nas # ours\r\n0.0.0.0 unwanted.example\n192.168.1.5 other\n\
        ff02::1 ip6-allnodes\nfe80::7%eth0 printer\nnot-an-address x\n192.168.1.6\n\n  10.0.0.1   gate\n\xff\xfe y";
    let heard = read(&mut Reader::new(), HeardKind::HostsFile, file);
    let told: Vec<_> = heard.iter().map(leads).collect();
    assert_eq!(
        told,
        [
            ("gate", address("10.0.0.1"), UNTIL_REPLACED),
            ("nas.home", address("192.168.1.5"), UNTIL_REPLACED),
            ("printer", address("fe80::7"), UNTIL_REPLACED),
        ]
    );
    assert!(heard.iter().all(|heard| heard.source == NameSource::HostsFile));
}

#[test]
fn a_new_hosts_file_replaces_the_one_before() {
    let mut reader = Reader::new();
    read(&mut reader, HeardKind::HostsFile, b"192.0.2.1 a\n192.0.2.2 b\n");
    let heard = read(&mut reader, HeardKind::HostsFile, b"192.0.2.2 c\n192.0.2.1 a\n");
    let told: Vec<_> = heard.iter().map(leads).collect();
    assert_eq!(
        told,
        [
            ("b", address("192.0.2.2"), Duration::ZERO),
            ("a", address("192.0.2.1"), UNTIL_REPLACED),
            ("c", address("192.0.2.2"), UNTIL_REPLACED),
        ]
    );
}

fn message(state: &str, collected: &[&str], question: &str, records: &[Vec<u8>]) -> String {
    let questions = |names: &[&str]| {
        let questions = names
            .iter()
            .flat_map(|name| [1, 28].map(|kind| format!(r#"{{"class":1,"type":{kind},"name":"{name}"}}"#)));
        questions.collect::<Vec<_>>().join(",")
    };
    let records: Vec<String> = records
        .iter()
        .map(|record| format!(r#"{{"rr":{{}},"raw":"{}","ifindex":2}}"#, BASE64.encode(record)))
        .collect();
    format!(
        r#"{{"parameters":{{"state":"{state}","question":[{}],"collectedQuestions":[{}],"answer":[{}]}},"continues":true}}"#,
        questions(&[question]),
        questions(collected),
        records.join(",")
    )
}

#[test]
fn resolved_tells_names_too() {
    let alias = dns_record(&("www.example.org", 5, 100, dns_name("edge.cdn.example")));
    let end = dns_record(&("edge.cdn.example", 1, 300, vec![203, 0, 113, 9]));
    for (collected, question, records, seconds) in [
        (&[][..], "www.example.org", vec![alias.clone(), end.clone()], 100),
        (&["www.example.org"], "edge.cdn.example", vec![alias, end.clone()], 100),
        // The step is known from the questions alone.
        (&["www.example.org"], "edge.cdn.example", vec![end], 300),
    ] {
        let message = message("success", collected, question, &records);
        let heard = read(&mut Reader::new(), HeardKind::Resolved, message.as_bytes());
        assert_eq!(
            heard.iter().map(leads).collect::<Vec<_>>(),
            [("www.example.org", address("203.0.113.9"), Duration::from_secs(seconds))]
        );
        assert_eq!(heard[0].source, NameSource::Dns);
        assert_eq!(heard[0].aliases, [Arc::from("edge.cdn.example")]);
    }
}

#[test]
fn what_resolved_could_not_answer_is_not_told() {
    let record = dns_record(&("www.example.org", 1, 300, vec![203, 0, 113, 9]));
    let failed = message("rcode-failure", &[], "www.example.org", std::slice::from_ref(&record));
    let another = message("success", &[], "other.example.org", &[record]);
    let broken = message("success", &[], "www.example.org", &[vec![1, 2, 3]]);
    let not_base64 = r#"{"parameters":{"state":"success","question":[{"name":"a"}],"answer":[{"raw":"!"}]}}"#;
    let ready = r#"{"parameters":{"ready":true},"continues":true}"#;
    for message in [&failed, &another, &broken, not_base64, ready, "", "{", "[]", r#"{"parameters":7}"#] {
        assert_eq!(read(&mut Reader::new(), HeardKind::Resolved, message.as_bytes()), [], "{message}");
    }
}

#[test]
fn reverse_names_are_read() {
    let heard = read(&mut Reader::new(), HeardKind::ReverseName, b"203.0.113.9 Host-9.example.NET.\n");
    assert_eq!(leads(&heard[0]), ("host-9.example.net", address("203.0.113.9"), dns::LONGEST));
    assert_eq!(heard[0].source, NameSource::ReverseDns);
    for line in [&b"203.0.113.9"[..], b"127.0.0.1 localhost", b"203.0.113.9 203.0.113.9", b"x y", b"\xff y"] {
        assert_eq!(read(&mut Reader::new(), HeardKind::ReverseName, line), []);
    }
}
