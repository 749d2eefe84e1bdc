//! The readers over bytes that a kernel sent, over texts as proc(5) shows them, and over anything.

use std::fmt::Write as _;

use proptest::prelude::*;
use tapmap_core::{KernelCount, Protocol};

use super::{
    counters::{in_use, netlink_drops, tcp, time_waits},
    inet_diag::socket,
    netlink::{Content, messages},
    proc_connector::{EXEC, EXIT, FORK, What, event, listen},
    proc_net,
    process::{boot_seconds, effective_user, socket_inode, stat, users},
};

const TCP: &[u8] = include_bytes!("../../../../fixtures/tables/linux/tcp.bin");
const UDP_V4: &[u8] = include_bytes!("../../../../fixtures/tables/linux/udp4.bin");
const UDP_V6: &[u8] = include_bytes!("../../../../fixtures/tables/linux/udp6.bin");
const SOCKETS: &str = include_str!("../../../../fixtures/tables/linux/sockets.txt");

/// One line for each socket in a dump.
fn lines(protocol: Protocol, dump: &[u8]) -> String {
    let mut text = String::new();
    for message in messages(dump) {
        let Content::Record(body) = message.content else { continue };
        let socket = socket(protocol, body).unwrap();
        let remote = socket.remote.map_or("-".to_owned(), |remote| remote.to_string());
        let number = |value: Option<u64>| value.map_or("-".to_owned(), |value| value.to_string());
        writeln!(
            text,
            "{protocol} {} {} {remote} sent {} received {} rtt_us {} cookie {} inode {} user {} cgroup {}",
            socket.state.word(),
            socket.local,
            number(socket.counters.bytes_sent),
            number(socket.counters.bytes_received),
            number(socket.counters.round_trip.map(|time| u64::try_from(time.as_micros()).unwrap())),
            socket.cookie,
            socket.inode,
            socket.user,
            number(socket.cgroup),
        )
        .unwrap();
    }
    text
}

// The recordings are of a little-endian machine; the kernel speaks in its own order.
#[cfg(target_endian = "little")]
#[test]
fn recorded_dumps_read_as_the_sockets_that_were_open() {
    let read =
        [lines(Protocol::Tcp, TCP), lines(Protocol::Udp, UDP_V4), lines(Protocol::Udp, UDP_V6)].concat();
    assert_eq!(read, SOCKETS);
}

#[cfg(target_endian = "little")]
#[test]
fn a_dump_ends_with_done_and_answers_its_request() {
    for dump in [TCP, UDP_V4, UDP_V6] {
        let all: Vec<_> = messages(dump).collect();
        assert_eq!(all.last().map(|message| message.content), Some(Content::Done));
        assert!(all.iter().all(|message| message.sequence == 1 && !message.interrupted));
    }
}

#[test]
fn an_error_message_carries_its_number() {
    let message =
        [&36_u32.to_ne_bytes()[..], &2_u16.to_ne_bytes(), &[0; 10], &(-2_i32).to_ne_bytes(), &[0; 16]]
            .concat();
    let read: Vec<_> = messages(&message).map(|message| message.content).collect();
    assert_eq!(read, [Content::Failed(2)]);
}

#[cfg(target_endian = "little")]
#[test]
fn every_cut_of_a_recorded_dump_is_read_without_panic() {
    for end in 0..TCP.len() {
        for message in messages(&TCP[..end]) {
            if let Content::Record(body) = message.content {
                for cut in 0..body.len() {
                    let _ = socket(Protocol::Tcp, &body[..cut]);
                }
            }
        }
    }
}

#[test]
fn a_process_name_may_hold_anything() {
    let fields = "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 777 19";
    let line = format!("42 (a) b (c) S 7 {fields} 0\n");
    let read = stat(line.as_bytes()).unwrap();
    assert_eq!((read.name, read.parent, read.start), (&b"a) b (c"[..], 7, 777));
}

#[test]
fn short_texts_are_read() {
    assert_eq!(effective_user(b"Name:\tx\nUid:\t1000\t1001\t1000\t1000\n"), Some(1001));
    assert_eq!(boot_seconds(b"cpu 1 2\nintr 5\nbtime 1700000000\n"), Some(1_700_000_000));
    assert_eq!(socket_inode(b"socket:[123]"), Some(123));
    assert_eq!(socket_inode(b"pipe:[123]"), None);
    assert_eq!(socket_inode(b"socket:[4294967296]"), None);
    let list = "root:x:0:0:root:/root:/bin/sh\nbroken\n::5:\nann:x:1000:1000::/home/ann:/bin/sh\n";
    assert_eq!(users(list).collect::<Vec<_>>(), [(0, "root"), (1000, "ann")]);
}

#[test]
fn counters_are_found_by_name() {
    let snmp =
        b"Ip: A B\nIp: 1 2\nTcp: RtoAlgorithm ActiveOpens PassiveOpens X CurrEstab\nTcp: 1 23 45 -1 6\nUdp: I\nUdp: 6\n";
    assert_eq!(tcp(snmp), Some(KernelCount { active_opens: 23, passive_opens: 45, established: 6 }));
    assert_eq!(tcp(b"Tcp: ActiveOpens\n"), None);
    let netlink =
        b"sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n\
        0000000022cf2c19 0   0          00000000 0        0        0     2        0        4       \n\
        0000000054304b2f 4   412        0000000f 425984   0        0     2        17       563     \n";
    assert_eq!([netlink_drops(netlink, 4), netlink_drops(netlink, 563)], [Some(0), Some(17)]);
    assert_eq!(netlink_drops(netlink, 17), None);
    let sockstat = b"sockets: used 9\nTCP: inuse 12 orphan 0 tw 5 alloc 13 mem 2\nUDP: inuse 3 mem 1\n";
    assert_eq!(
        (in_use(sockstat, "TCP"), in_use(sockstat, "UDP"), in_use(sockstat, "UDP6")),
        (Some(12), Some(3), None)
    );
    assert_eq!((time_waits(sockstat), time_waits(b"TCP: inuse 12 tw\n")), (Some(5), None));
}

const TCP_TABLE: &[u8] = b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0202000A:D431 08080808:01BB 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 20 4 30 10 -1
   2: 0202000A:D432 08080808:01BB 06 00000000:00000000 03:00000F2A 00000000     0        0 0 3 0000000000000000
   3: 0202000A:D4";
const TCP6_TABLE: &[u8] = b"  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 4713 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000200007F:8000 08 00000000:00000000 00:00000000 00000000    33        0 4714 1 0000000000000000 20 4 30 10 -1
";
const UDP_TABLE: &[u8] = b"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 9823: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4715 2 0000000000000000 0
";

#[cfg(target_endian = "little")]
#[test]
fn tables_of_other_networks_read_as_the_sockets_in_them() {
    let read = |protocol, table| {
        let line = |socket: super::inet_diag::DiagSocket| {
            let remote = socket.remote.map_or("-".to_owned(), |remote| remote.to_string());
            assert_eq!(socket.cookie, proc_net::BY_INODE | u64::from(socket.inode));
            format!("{} {} {remote} {} {}", socket.state.word(), socket.local, socket.user, socket.inode)
        };
        proc_net::sockets(protocol, table).map(line).collect::<Vec<_>>()
    };
    assert_eq!(
        read(Protocol::Tcp, TCP_TABLE),
        ["listen 127.0.0.1:8080 - 1000 4711", "established 10.0.2.2:54321 8.8.8.8:443 0 4712"]
    );
    assert_eq!(
        read(Protocol::Tcp, TCP6_TABLE),
        ["listen [::1]:80 - 33 4713", "close_wait 127.0.0.1:80 127.0.0.2:32768 33 4714"]
    );
    assert_eq!(read(Protocol::Udp, UDP_TABLE), ["datagram 0.0.0.0:68 - 0 4715"]);
}

/// An event as the kernel sends it: kind, and the numbers that follow.
fn process_event(kind: u32, numbers: &[u32]) -> Vec<u8> {
    let (at, padding) = (7_u64.to_ne_bytes(), vec![0; 40 - 16 - 4 * numbers.len().min(6)]);
    let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_ne_bytes()).collect();
    let event = [&kind.to_ne_bytes()[..], &[0; 4], &at, &numbers, &padding].concat();
    let mut message = listen(None);
    // Header and connector header as in a request; the lengths are those of the event.
    message.truncate(36);
    message[..4].copy_from_slice(&76_u32.to_ne_bytes());
    message[32..34].copy_from_slice(&40_u16.to_ne_bytes());
    [message, event].concat()
}

#[test]
fn processes_are_told_from_threads() {
    let what = |kind, numbers: &[u32]| event(&process_event(kind, numbers)).unwrap().what;
    assert_eq!(what(0, &[1]), What::Answer(1));
    assert_eq!(what(FORK, &[11, 10, 20, 20]), What::Forked { parent: 10, child: 20 });
    assert_eq!(what(FORK, &[11, 10, 20, 10]), What::Other);
    assert_eq!(what(EXEC, &[20, 20]), What::Executed(20));
    assert_eq!(what(EXIT, &[20, 20, 0, 17, 10, 10]), What::Exited(20));
    assert_eq!(what(EXIT, &[21, 20, 0, 17, 10, 10]), What::Other);
    assert_eq!(what(4, &[20, 20]), What::Other);
    assert_eq!(event(&process_event(EXEC, &[20, 20])).unwrap().at, 7);
}

#[test]
fn a_request_for_process_events_is_as_the_kernel_wants_it() {
    assert_eq!((listen(None).len(), listen(Some(EXEC)).len()), (40, 44));
    let request = listen(Some(FORK | EXEC | EXIT));
    assert_eq!(request[..4], 44_u32.to_ne_bytes());
    assert_eq!(request[36..], [1_u32.to_ne_bytes(), 0x8000_0003_u32.to_ne_bytes()].concat());
}

#[test]
fn every_cut_of_a_process_event_is_refused() {
    let whole = process_event(FORK, &[11, 10, 20, 20]);
    assert!((0..whole.len()).all(|end| event(&whole[..end]).is_none()));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_of_tables_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        changes in prop::collection::vec((0..TCP_TABLE.len(), any::<u8>()), 1..12)
    ) {
        let _ = proc_net::sockets(Protocol::Tcp, &bytes).count();
        let mut table = TCP_TABLE.to_vec();
        for (place, byte) in changes {
            table[place] = byte;
        }
        prop_assert!(proc_net::sockets(Protocol::Tcp, &table).count() <= 15);
        let _ = proc_net::sockets(Protocol::Udp, &table).count();
    }

    #[test]
    fn no_bytes_make_the_reader_of_process_events_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..100),
        changes in prop::collection::vec((0..76_usize, any::<u8>()), 1..12)
    ) {
        let _ = event(&bytes);
        let mut message = process_event(FORK, &[11, 10, 20, 20]);
        for (place, byte) in changes {
            message[place] = byte;
        }
        let _ = event(&message);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        for message in messages(&bytes) {
            if let Content::Record(body) = message.content {
                let _ = socket(Protocol::Tcp, body);
            }
        }
        let _ = (socket(Protocol::Tcp, &bytes), socket(Protocol::Udp, &bytes));
        let _ = (stat(&bytes), effective_user(&bytes), boot_seconds(&bytes), socket_inode(&bytes));
        let _ = (tcp(&bytes), in_use(&bytes, "TCP"), time_waits(&bytes), netlink_drops(&bytes, 4));
        let _ = users(&String::from_utf8_lossy(&bytes)).count();
    }

    /// A record that was changed in a few places, so that it gets past the first checks.
    #[test]
    fn no_damage_to_a_record_makes_the_reader_panic(
        changes in prop::collection::vec((0..TCP.len(), any::<u8>()), 1..12)
    ) {
        let mut dump = TCP.to_vec();
        for (place, byte) in changes {
            dump[place] = byte;
        }
        for message in messages(&dump) {
            if let Content::Record(body) = message.content {
                let _ = socket(Protocol::Tcp, body);
            }
        }
    }
}
