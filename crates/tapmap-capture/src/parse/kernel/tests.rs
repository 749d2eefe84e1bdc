//! The readers over what the programs told on a real machine, and over anything.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{
    HELD, KernelEvent, KernelProcess, KernelSocket, PACKET, PROCESS, RECORD, event, held_sockets, packet,
    processes,
};

const EVENTS: &[u8] = include_bytes!("../../../../../fixtures/tables/linux/kernel-events.bin");
const HELD_SOCKETS: &[u8] = include_bytes!("../../../../../fixtures/tables/linux/kernel-held-sockets.bin");
const PROCESSES: &[u8] = include_bytes!("../../../../../fixtures/tables/linux/kernel-processes.bin");
const ANSWERED: &[u8] = include_bytes!("../../../../../fixtures/tables/linux/kernel-answer.bin");

fn who(process: Option<KernelProcess<'_>>) -> String {
    process.map_or("nobody".to_owned(), |process| String::from_utf8_lossy(process.name).into_owned())
}

fn bytes(counters: tapmap_core::Counters) -> String {
    let number = |value: Option<u64>| value.map_or("-".to_owned(), |value| value.to_string());
    format!("{}/{}", number(counters.bytes_sent), number(counters.bytes_received))
}

fn line(socket: &KernelSocket<'_>) -> String {
    let remote = socket.remote.map_or("-".to_owned(), |remote| remote.to_string());
    let local = socket.local.address();
    format!(
        "{} {local} {remote} {} {} {}",
        socket.state.word(),
        bytes(socket.counters),
        who(socket.process),
        if socket.is_destination { "only" } else { "peer" }
    )
}

/// What the events say, without what differs from run to run.
fn lines(events: &[u8]) -> String {
    let mut text = String::new();
    for record in events.chunks(RECORD) {
        let said = match event(record).unwrap() {
            KernelEvent::Tcp(socket) => format!("tcp {}", line(&socket)),
            KernelEvent::UdpOwner(_, process) => format!("owner {}", who(Some(process))),
            KernelEvent::UdpDestination(socket) => format!("destination {}", line(&socket)),
            KernelEvent::UdpBytes(socket) => format!("bytes {}", line(&socket)),
            KernelEvent::UdpEnd(_, counters) => format!("end {}", bytes(counters)),
        };
        writeln!(text, "{said}").unwrap();
    }
    text
}

// The recordings are of a little-endian machine; the programs speak in the machine's own order.
#[cfg(target_endian = "little")]
#[test]
fn recorded_events_read_as_what_happened() {
    let listener = "127.0.0.1:34285";
    let said = lines(EVENTS);
    let expected = format!(
        "destination datagram 0.0.0.0 127.0.0.7:123 -/- python3 only
bytes datagram 0.0.0.0 127.0.0.7:123 48/0 python3 only
end 48/0
destination datagram 0.0.0.0 127.0.0.8:123 -/- python3 only
bytes datagram 0.0.0.0 127.0.0.8:123 48/0 python3 only
end 48/0
owner python3
bytes datagram 127.0.0.1 127.0.0.1:53 30/0 python3 peer
destination datagram 127.0.0.1 127.0.0.1:56126 -/- python3 only
bytes datagram 127.0.0.1 127.0.0.1:56126 100/30 python3 only
end 30/100
end 100/30
tcp listen 127.0.0.1 - -/- python3 peer
tcp established 127.0.0.1 {listener} 0/0 python3 peer
tcp established 127.0.0.1 127.0.0.1:54474 0/0 python3 peer
tcp closed 127.0.0.1 {listener} 77/1000 python3 peer
tcp closed 127.0.0.1 127.0.0.1:54474 1000/77 python3 peer
tcp closed 127.0.0.1 - -/- python3 peer
"
    );
    assert_eq!(said, expected);
}

#[cfg(target_endian = "little")]
#[test]
fn recorded_lists_and_answers_are_read() {
    let held: Vec<_> = held_sockets(HELD_SOCKETS).collect();
    assert_eq!(held.len(), HELD_SOCKETS.len() / HELD);
    assert!(held.iter().all(|held| held.inode != 0 && held.socket.process.is_some()));
    let listed: Vec<_> = processes(PROCESSES).collect();
    assert_eq!(listed.len(), PROCESSES.len() / PROCESS);
    assert_eq!((listed[0].process.name, listed[0].program), (&b"kthreadd"[..], &b""[..]));
    assert_eq!(listed[1].program, b"/usr/bin/bash");
    let answered = packet(ANSWERED).unwrap();
    assert_eq!(who(answered.process), "python3");
    // An IPv4 header of 20 bytes, a UDP header of 8, and what was sent.
    assert_eq!((answered.bytes[0], answered.bytes.len()), (0x45, 128));
}

#[test]
fn a_process_outside_of_the_namespace_is_nobody() {
    let mut record = EVENTS[..RECORD].to_vec();
    record[40..44].fill(0);
    let Some(KernelEvent::UdpDestination(socket)) = event(&record) else { panic!("no destination") };
    assert_eq!(socket.process, None);
}

#[test]
fn what_is_cut_short_or_unknown_is_nothing() {
    assert!((0..RECORD).all(|end| event(&EVENTS[..end]).is_none()));
    assert!((0..PACKET).all(|end| packet(&ANSWERED[..end]).is_none()));
    assert_eq!(held_sockets(&HELD_SOCKETS[..HELD - 1]).count(), 0);
    let unknown = [[0_u8; 92].as_slice(), &[99], &[0; 27]].concat();
    assert_eq!(event(&unknown), None);
    // A length that reaches past the end.
    let mut long = ANSWERED.to_vec();
    long[52..56].copy_from_slice(&u32::MAX.to_ne_bytes());
    assert_eq!(packet(&long), None);
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..700)) {
        let _ = (event(&bytes), packet(&bytes), held_sockets(&bytes).count(), processes(&bytes).count());
    }

    /// A record that was changed in a few places, so that it gets past the first checks.
    #[test]
    fn no_damage_to_a_record_makes_the_reader_panic(
        changes in prop::collection::vec((0..EVENTS.len(), any::<u8>()), 1..24)
    ) {
        let mut events = EVENTS.to_vec();
        for (place, byte) in changes {
            events[place] = byte;
        }
        for record in events.chunks(RECORD) {
            let _ = event(record);
        }
    }
}
