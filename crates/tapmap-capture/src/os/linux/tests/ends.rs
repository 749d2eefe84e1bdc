//! What ended between two looks is heard of.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
};

use tapmap_core::{Endpoint, Protocol, Sighting, SnapshotSource as _, SocketRow, SocketState};

use super::super::{
    SockDiagSource,
    destroyed::{Destroyed, Heard},
};

/// Listens until the ends of all these sockets, each by its two ends, have been told. The kernel tells
/// from a work queue, a moment after the close.
fn ends(source: &mut SockDiagSource, wanted: &[(SocketAddr, SocketAddr)]) -> Vec<SocketRow> {
    let mut found: Vec<SocketRow> = Vec::new();
    while found.len() < wanted.len() {
        for sighting in super::told(source, 0) {
            assert!(!matches!(sighting, Sighting::Lost(_)), "{sighting:?}");
            let Sighting::Socket(row) = sighting else { continue };
            let is_wanted = |(local, remote): &(SocketAddr, SocketAddr)| {
                row.local == Endpoint::from(*local) && row.remote == Some(Endpoint::from(*remote))
            };
            if wanted.iter().any(is_wanted) {
                found.push(row);
            }
        }
        std::thread::yield_now();
    }
    found
}

#[test]
fn connections_that_were_in_no_list_are_told_at_their_end() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let listener = TcpListener::bind(address).unwrap();
        let mut source = SockDiagSource::new();
        let mut wanted = Vec::new();
        for _ in 0..20 {
            let mut near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let mut far = listener.accept().unwrap().0;
            near.write_all(&[1; 77]).unwrap();
            far.read_exact(&mut [0; 77]).unwrap();
            let (here, there) = (near.local_addr().unwrap(), near.peer_addr().unwrap());
            drop(near);
            far.read_to_end(&mut Vec::new()).unwrap();
            wanted.extend([(here, there), (there, here)]);
        }
        let rows = ends(&mut source, &wanted);
        assert!(rows.iter().all(|row| (row.protocol, row.state) == (Protocol::Tcp, SocketState::Closed)));
        let port = listener.local_addr().unwrap().port();
        for row in rows {
            let (sent, received) = if row.local.port() == port { (0, 77) } else { (77, 0) };
            assert_eq!((row.counters.bytes_sent, row.counters.bytes_received), (Some(sent), Some(received)));
        }
    }
}

#[test]
fn a_udp_socket_with_a_peer_is_told_at_its_end() {
    let mut source = SockDiagSource::new();
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(peer.local_addr().unwrap()).unwrap();
    let ends_of_it = (socket.local_addr().unwrap(), socket.peer_addr().unwrap());
    drop(socket);
    let rows = ends(&mut source, &[ends_of_it]);
    assert_eq!((rows[0].protocol, rows[0].state), (Protocol::Udp, SocketState::Closed));
}

#[test]
fn the_end_of_a_listed_socket_names_the_same_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut source = SockDiagSource::new();
    let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (here, there) = (near.local_addr().unwrap(), near.peer_addr().unwrap());
    let listed = super::connection(&mut source, here, there).id;
    drop((near, listener.accept().unwrap()));
    assert_eq!(ends(&mut source, &[(here, there)])[0].id, listed);
}

#[test]
fn what_got_lost_on_the_way_is_counted() {
    let sockets: Vec<UdpSocket> = (0..300).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    // Room for a few ends only.
    let mut destroyed = Destroyed::open(4096).unwrap();
    drop(sockets);
    // Who reads as fast as the kernel tells loses nothing.
    while destroyed.all_lost().unwrap() == 0 {
        std::thread::yield_now();
    }
    let (mut heard, mut lost) = (0, 0);
    while heard + lost < 300 {
        if let Heard::NotAll(count) = destroyed.hear(|_| heard += 1).unwrap() {
            lost += count.unwrap();
        }
        std::thread::yield_now();
    }
    assert!(lost > 0);
}

#[test]
fn where_there_is_little_room_a_thread_helps() {
    // Room also for what other tests end in the meantime, where they share this process.
    let mut destroyed = Destroyed::open(200 * 1024).unwrap();
    destroyed.get_help_below(usize::MAX);
    // Several times as many as there is room for, a few at a time, and nobody asks meanwhile.
    for round in 1..=75 {
        drop((0..20).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect::<Vec<_>>());
        // An end is of 88 bytes and more.
        while destroyed.kept_bytes() < 20 * round * 88 {
            std::thread::yield_now();
        }
    }
    let mut heard = 0;
    while heard < 1500 {
        assert_eq!(destroyed.hear(|_| heard += 1).unwrap(), Heard::Everything);
    }
}

#[test]
fn the_kernels_count_is_told_when_it_changes_and_at_most_once_a_second() {
    let mut source = SockDiagSource::new();
    let mut count = |millis| {
        source.may_have_opened();
        let told = super::told(&mut source, millis);
        told.into_iter().find_map(|sighting| match sighting {
            Sighting::Kernel(count) => Some(count),
            _ => None,
        })
    };
    let before = count(10_000).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let pair = (TcpStream::connect(listener.local_addr().unwrap()).unwrap(), listener.accept().unwrap());
    assert_eq!(count(10_999), None);
    let after = count(11_000).unwrap();
    // Other tests connect too.
    assert!(after.active_opens > before.active_opens && after.passive_opens > before.passive_opens);
    assert!(after.established >= 2);
    drop(pair);
}
