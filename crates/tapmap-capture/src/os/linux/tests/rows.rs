//! Rows say what the sockets are.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket},
};

use tapmap_core::{Counters, Protocol, Sight, SnapshotSource as _, SocketState};

use super::{super::SockDiagSource, connection, owner, rows_at};

/// A connection to a listener: near and far side.
fn pair(listener: &TcpListener) -> (TcpStream, TcpStream) {
    let target = listener.local_addr().unwrap();
    let loopback = if target.is_ipv4() { "127.0.0.1" } else { "::1" };
    let near = TcpStream::connect((loopback, target.port())).unwrap();
    (near, listener.accept().unwrap().0)
}

#[test]
fn tcp_connections_show_both_sides_their_bytes_and_this_process() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let listener = TcpListener::bind(address).unwrap();
        let (mut near, mut far) = pair(&listener);
        near.write_all(&[1; 77]).unwrap();
        far.read_exact(&mut [0; 77]).unwrap();
        far.write_all(&[2; 5]).unwrap();
        near.read_exact(&mut [0; 5]).unwrap();
        let (local, remote) = (near.local_addr().unwrap(), near.peer_addr().unwrap());
        let mut source = SockDiagSource::new();
        for (row, sent, received) in
            [(connection(&mut source, local, remote), 77, 5), (connection(&mut source, remote, local), 5, 77)]
        {
            assert_eq!((row.protocol, row.state), (Protocol::Tcp, SocketState::Established));
            assert_eq!(row.counters.bytes_received, Some(received));
            // The last acknowledgement may still be on its way; it is never more than was sent.
            assert!(row.counters.bytes_sent.is_some_and(|acknowledged| acknowledged <= sent));
            assert!(row.counters.round_trip.is_some_and(|time| !time.is_zero()));
            assert_eq!(owner(&row), Some(std::process::id()));
            assert!(row.owner.is_own());
        }
    }
}

#[test]
fn closing_counts_no_byte() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (mut near, mut far) = pair(&listener);
    near.write_all(&[1; 10]).unwrap();
    near.shutdown(Shutdown::Write).unwrap();
    far.read_to_end(&mut Vec::new()).unwrap();
    let mut source = SockDiagSource::new();
    let row = connection(&mut source, far.local_addr().unwrap(), far.peer_addr().unwrap());
    assert_eq!(row.state, SocketState::CloseWait);
    assert_eq!((row.counters.bytes_sent, row.counters.bytes_received), (Some(0), Some(10)));
}

#[test]
fn v4_on_a_dual_stack_socket_is_v4() {
    let listener = TcpListener::bind("[::]:0").unwrap();
    let near = TcpStream::connect(("127.0.0.1", listener.local_addr().unwrap().port())).unwrap();
    let far = listener.accept().unwrap().0;
    let row = connection(&mut SockDiagSource::new(), near.peer_addr().unwrap(), near.local_addr().unwrap());
    assert_eq!(owner(&row), Some(std::process::id()));
    drop(far);
}

#[test]
fn listeners_have_no_far_end() {
    for address in ["127.0.0.1:0", "0.0.0.0:0", "[::]:0"] {
        let listener = TcpListener::bind(address).unwrap();
        let rows = rows_at(&mut SockDiagSource::new(), listener.local_addr().unwrap());
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].state, rows[0].remote), (SocketState::Listen, None));
        assert_eq!(rows[0].counters, Counters::default());
        assert_eq!(owner(&rows[0]), Some(std::process::id()));
    }
}

#[test]
fn udp_sockets_have_a_far_end_when_they_are_connected() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let socket = UdpSocket::bind(address).unwrap();
        let mut source = SockDiagSource::new();
        let local = socket.local_addr().unwrap();
        let rows = rows_at(&mut source, local);
        assert_eq!((rows.len(), rows[0].remote), (1, None));
        assert_eq!((rows[0].protocol, rows[0].state), (Protocol::Udp, SocketState::Datagram));
        let peer = SocketAddr::new(local.ip(), 9);
        socket.connect(peer).unwrap();
        let row = connection(&mut source, local, peer);
        assert_eq!(row.id, rows[0].id);
        assert_eq!(owner(&row), Some(std::process::id()));
        assert_eq!(row.counters, Counters::default());
    }
}

#[test]
fn a_connection_that_waits_to_be_taken_is_pending_with_the_listeners_app() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (local, remote) = (near.peer_addr().unwrap(), near.local_addr().unwrap());
    let mut source = SockDiagSource::new();
    let waiting = connection(&mut source, local, remote);
    assert_eq!(waiting.owner.word(), "pending");
    let listening = rows_at(&mut source, local).into_iter().find(|row| row.state == SocketState::Listen);
    assert_eq!(waiting.owner.app(), listening.unwrap().owner.app());
    let far = listener.accept().unwrap().0;
    // The other tests open and close descriptors of this process meanwhile: read all of them.
    let taken = connection(&mut SockDiagSource::new(), local, remote);
    assert_eq!((taken.id, owner(&taken)), (waiting.id, Some(std::process::id())));
    drop(far);
}

#[test]
fn what_closed_is_gone_and_each_socket_is_listed_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let local = listener.local_addr().unwrap();
    let mut source = SockDiagSource::new();
    assert_eq!(rows_at(&mut source, local).len(), 1);
    drop(listener);
    assert_eq!(rows_at(&mut source, local).len(), 0);
    let mut ids: Vec<_> = source.snapshot().unwrap().sockets.iter().map(|row| row.id).collect();
    let length = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), length);
}

#[test]
fn the_gate_opens_when_a_connection_does() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut source = SockDiagSource::new();
    assert!(source.may_have_opened(), "nothing was listed yet");
    source.snapshot().unwrap();
    let connection = pair(&listener);
    assert!(source.may_have_opened());
    assert!(source.may_have_opened(), "until it is listed");
    drop(connection);
}

#[test]
fn every_sight_is_accounted_for_once() {
    let lines = SockDiagSource::new().coverage().lines;
    for sight in [
        Sight::TcpSockets,
        Sight::UdpSockets,
        Sight::ShortConnections,
        Sight::UdpDestinations,
        Sight::TcpCounters,
        Sight::UdpCounters,
        Sight::OwnProcesses,
        Sight::OtherProcesses,
        Sight::OtherNamespaces,
        Sight::Names,
    ] {
        assert_eq!(lines.iter().filter(|line| line.sight == sight).count(), 1, "{sight:?}");
    }
    assert!(lines.iter().all(|line| line.reason.ends_with('.')));
}
