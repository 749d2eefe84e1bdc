//! Prints what it costs to read a name out of one message of each kind, packet and all. Next to it what
//! is asked for. Quiet: the fastest tenth of the rounds, since a machine has other work. `cargo bench -p tapmap-names`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measurement reads the clock and prints"
)]

#[path = "../tests/it/build.rs"]
#[expect(dead_code, reason = "the tests make more than is measured")]
mod build;

use build::{ONE, RFC_FRAME, client_hello, dns_answer, dns_name, hex, initial, records, tcp, udp};
use std::{hint::black_box, sync::Arc, time::Instant};
use tapmap_core::{Heard, HeardKind, NameReader, Timestamp};
use tapmap_names::Reader;

/// Messages in one round: so few that it is mostly over before another program's turn.
const MESSAGES: u32 = 100;
const ROUNDS: usize = 501;

fn main() {
    println!("{:24} {:>8} {:>8}   asked for", "ns for one message", "quiet", "median");
    for (name, kind, bytes, limit) in messages() {
        let heard = Heard { kind, bytes: Arc::from(bytes), process: None };
        let mut reader = Reader::new();
        assert_eq!(reader.read(&heard, Timestamp::default()).len(), 1, "{name}");
        let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| round(&mut reader, &heard)).collect();
        rounds.sort_by(f64::total_cmp);
        let (quiet, median) = (rounds[ROUNDS / 10], rounds[ROUNDS / 2]);
        let verdict = if quiet <= limit { "" } else { ", missed" };
        println!("{name:24} {quiet:8.0} {median:8.0}   {limit:.0}{verdict}");
    }
}

fn round(reader: &mut Reader, heard: &Heard) -> f64 {
    let start = Instant::now();
    for _ in 0..MESSAGES {
        drop(black_box(reader.read(black_box(heard), Timestamp::default())));
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(MESSAGES)
}

fn messages() -> [(&'static str, HeardKind, Vec<u8>, f64); 4] {
    let mut answers = vec![("www.example.org", 5, 60, dns_name("cdn.example"))];
    answers.extend((1..5).map(|last| ("cdn.example", 1, 60, vec![203, 0, 113, last])));
    let answer = dns_answer(0x8180, "www.example.org", &answers);
    let hello = records(&client_hello(Some(b"www.example.org"), 1216, true), 4000);
    let initial = initial(&ONE, &hex("8394c8f03e515708"), 2, &hex(RFC_FRAME));
    [
        (
            "DNS answer, 5 records",
            HeardKind::Packet,
            udp("192.0.2.53:53", "192.0.2.7:40000", &answer),
            2000.0,
        ),
        ("TLS, 1.7 kB", HeardKind::Packet, tcp("192.0.2.7:5000", "203.0.113.9:443", 7, &hello), 2000.0),
        ("QUIC, 1.2 kB", HeardKind::Packet, udp("192.0.2.7:50000", "203.0.113.9:443", &initial), 5000.0),
        ("reverse name", HeardKind::ReverseName, b"203.0.113.9 host-9.example.net".to_vec(), 1000.0),
    ]
}
