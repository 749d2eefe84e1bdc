//! The programs in the kernel tell what happened, also of processes that have gone.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    process::{Command, Stdio},
};

use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};
use tapmap_core::{
    Counters, Endpoint, Evidence, GapReason, HeardKind, LayerName, Namespace, Protocol, Sighting,
    SnapshotSource as _, SocketRow, SocketState,
};

use super::{
    super::{SockDiagSource, bpf::KernelPrograms, namespaces::tests::Inmate},
    child::Other,
    rows_at,
};

/// Room that is never full here.
const ROOM: u32 = 1 << 20;

/// A source with its programs loaded; `None`, and said so, when this kernel does not take what is needed.
fn source(room: u32, needed: &[LayerName]) -> Option<SockDiagSource> {
    let source = SockDiagSource::with(Some(KernelPrograms::loaded(room)));
    let layers = source.coverage().layers;
    if let Some(missing) = layers.iter().find(|layer| needed.contains(&layer.name) && !layer.active) {
        println!("skipped: kernel_programs: {}", missing.reason);
        return None;
    }
    Some(source)
}

/// What was told by events of sockets with this near or far end.
fn told_of(source: &mut SockDiagSource, end: SocketAddr) -> Vec<SocketRow> {
    let end = Endpoint::from(end);
    let row = |sighting| match sighting {
        Sighting::Socket(row) | Sighting::Destination(row) => Some(row),
        _ => None,
    };
    let rows = super::told(source, 0).into_iter().filter_map(row);
    rows.filter(|row| row.evidence == Evidence::Event && (row.local == end || row.remote == Some(end)))
        .collect()
}

/// Runs this test program again, as a process that does one thing and is gone. Returns its pid.
fn other_does(role: &str) -> u32 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["os::linux::tests::kernel_programs::acts", "--exact", "--nocapture", role])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    assert!(child.wait().unwrap().success());
    child.id()
}

/// Not a test but that process' main.
#[test]
fn acts() {
    let Some(role) = std::env::args().find_map(|word| Some(word.strip_prefix("role:")?.to_owned())) else {
        return;
    };
    let (kind, target) = role.split_once('@').unwrap();
    match kind {
        "tcp" => TcpStream::connect(target).unwrap().write_all(&[1; 77]).unwrap(),
        "udp" => assert_eq!(UdpSocket::bind("0.0.0.0:0").unwrap().send_to(&[1; 48], target).unwrap(), 48),
        "udp6" => assert_eq!(UdpSocket::bind("[::]:0").unwrap().send_to(&[1; 48], target).unwrap(), 48),
        other => panic!("unknown role {other}"),
    }
}

/// The process behind a row that was told as it happened.
fn who(row: &SocketRow) -> u32 {
    assert_eq!(row.owner.word(), "event");
    row.owner.process().unwrap().key.pid
}

#[test]
fn a_connection_of_a_process_that_has_gone_is_told_with_its_owner_and_bytes() {
    let Some(mut source) = source(ROOM, &[LayerName::TcpEvents]) else { return };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap();
    let pid = other_does(&format!("role:tcp@{target}"));
    let rows = told_of(&mut source, target);
    let opened = rows.iter().find(|row| row.remote == Some(target.into())).unwrap();
    assert_eq!((opened.state, who(opened)), (SocketState::Established, pid));
    let mut far = listener.accept().unwrap().0;
    assert_eq!(far.read_to_end(&mut Vec::new()).unwrap(), 77);
    drop(far);
    let rows = told_of(&mut source, target);
    let ended = rows.iter().find(|row| row.remote == Some(target.into())).unwrap();
    assert_eq!((ended.state, ended.counters.bytes_sent, who(ended)), (SocketState::Closed, Some(77), pid));
    let accepted = rows.iter().rfind(|row| row.local == target.into()).unwrap();
    assert_eq!((accepted.state, accepted.counters.bytes_received), (SocketState::Closed, Some(77)));
    assert_eq!(who(accepted), std::process::id());
}

#[test]
fn one_datagram_without_a_connection_is_told_once_with_its_process() {
    let Some(mut source) = source(ROOM, &[LayerName::UdpDestinations]) else { return };
    for (role, target) in [("udp", "127.0.0.7:123"), ("udp6", "[::ffff:127.0.0.8]:123")] {
        let pid = other_does(&format!("role:{role}@{target}"));
        let target: SocketAddr = target.parse().unwrap();
        let rows = told_of(&mut source, target);
        // The second time, where the kernel counts them, with the bytes.
        assert!((1..=2).contains(&rows.len()), "{rows:?}");
        assert!(rows.iter().all(|row| row.remote == Some(target.into()) && who(row) == pid));
        assert_eq!((rows[0].protocol, rows[0].state), (Protocol::Udp, SocketState::Datagram));
        assert_ne!(rows[0].local.port(), 0);
    }
}

#[test]
fn many_datagrams_to_one_destination_are_told_once() {
    let Some(mut source) = source(ROOM, &[LayerName::UdpDestinations]) else { return };
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for _ in 0..1000 {
        socket.send_to(&[1; 10], "127.0.0.9:124").unwrap();
    }
    let told = super::told(&mut source, 0);
    let of_it = told.iter().filter(|sighting| {
        matches!(sighting, Sighting::Destination(row) if row.local == socket.local_addr().unwrap().into())
    });
    assert!(of_it.count() <= 2);
}

#[test]
fn bytes_of_udp_are_counted() {
    let Some(mut source) = source(ROOM, &[LayerName::UdpBytes]) else { return };
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(server.local_addr().unwrap()).unwrap();
    let local = socket.local_addr().unwrap();
    for _ in 0..10 {
        socket.send(&[1; 100]).unwrap();
        let (length, from) = server.recv_from(&mut [0; 200]).unwrap();
        server.send_to(&[2; 30], from).unwrap();
        socket.recv(&mut [0; 200]).unwrap();
        assert_eq!(length, 100);
    }
    super::told(&mut source, 0);
    let rows = rows_at(&mut source, local);
    let counted = Counters { bytes_sent: Some(1000), bytes_received: Some(300), round_trip: None };
    assert_eq!(rows.iter().map(|row| row.counters).collect::<Vec<_>>(), [counted]);
    drop(socket);
    let told = super::told(&mut source, 0);
    let is_end = |sighting: &Sighting| matches!(sighting, Sighting::Closed { socket, counters } if *socket == rows[0].id && *counters == counted);
    assert!(told.iter().any(is_end));
}

#[test]
fn sockets_of_another_network_are_listed_and_told() {
    let needed = [LayerName::KernelFiles, LayerName::TcpEvents];
    let Some(mut source) = source(ROOM, &needed) else { return };
    let Some(inmate) = Inmate::start() else { return };
    let events = super::told(&mut source, 0);
    let is_elsewhere =
        |sighting: &&Sighting| matches!(sighting, Sighting::Socket(row) if row.namespace != Namespace::OWN);
    assert!(events.iter().filter(is_elsewhere).count() >= 3);
    let rows = inmate.rows(source.snapshot().unwrap().sockets);
    assert_eq!(rows.len(), 3, "{rows:?}");
    for row in &rows {
        assert_eq!((row.evidence, row.namespace), (Evidence::Files, rows[0].namespace));
        assert!(row.owner.process().is_some());
    }
}

#[test]
fn an_answer_from_port_53_is_handed_over_with_who_asked() {
    let Some(mut source) = source(ROOM, &[LayerName::DnsAnswers, LayerName::UdpDestinations]) else { return };
    let server = UdpSocket::bind("127.0.0.77:53").unwrap();
    let asking = UdpSocket::bind("127.0.0.1:0").unwrap();
    asking.send_to(b"question", "127.0.0.77:53").unwrap();
    let (_, from) = server.recv_from(&mut [0; 99]).unwrap();
    server.send_to(&[7; 900], from).unwrap();
    asking.recv_from(&mut [0; 999]).unwrap();
    let told = super::told(&mut source, 0);
    let heard = told.iter().find_map(|sighting| match sighting {
        Sighting::Heard(heard) if heard.bytes.ends_with(&[7; 900]) => Some(heard),
        _ => None,
    });
    let heard = heard.unwrap();
    assert_eq!((heard.kind, heard.bytes.len()), (HeardKind::Packet, 20 + 8 + 900));
    assert_eq!(heard.process.as_ref().unwrap().key.pid, std::process::id());
}

#[test]
fn a_recorder_in_a_container_knows_processes_by_its_own_numbers() {
    if source(ROOM, &[LayerName::TcpEvents]).is_none() {
        return;
    }
    let output = Command::new("unshare")
        .args(["-pf", "--mount-proc"])
        .arg(std::env::current_exe().unwrap())
        .args([
            "os::linux::tests::kernel_programs::records_in_a_container",
            "--exact",
            "--nocapture",
            "role:inner",
        ])
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && printed.contains("answer: own"), "{printed}");
}

/// Not a test but that recorder's main: connects to itself.
#[test]
fn records_in_a_container() {
    if !std::env::args().any(|word| word == "role:inner") {
        return;
    }
    let mut source = source(ROOM, &[LayerName::TcpEvents]).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap();
    let near = TcpStream::connect(target).unwrap();
    let rows = told_of(&mut source, near.local_addr().unwrap());
    let is_own = |row: &SocketRow| who(row) == std::process::id() && row.owner.is_own();
    assert!(rows.len() == 2 && rows.iter().all(is_own), "{rows:?}");
    println!("answer: own");
}

#[test]
fn what_finds_no_room_is_counted_as_lost() {
    let Some(mut source) = source(4096, &[LayerName::TcpEvents]) else { return };
    for _ in 0..50 {
        drop(TcpListener::bind("127.0.0.1:0").unwrap());
    }
    let told = super::told(&mut source, 0);
    let lost = told.iter().find_map(|sighting| match sighting {
        Sighting::Lost(gap) if gap.reason == GapReason::Overrun => gap.lost,
        _ => None,
    });
    // Each listener opens and closes; 34 records have room.
    assert!(lost.unwrap() >= 100 - 34, "{lost:?}");
    let again = super::told(&mut source, 0);
    assert!(!again.iter().any(|sighting| matches!(sighting, Sighting::Lost(_))));
}

#[test]
fn everything_goes_on_without_any_right() {
    let needed = [LayerName::KernelFiles, LayerName::TcpEvents, LayerName::UdpDestinations];
    let Some(mut source) = source(ROOM, &needed) else { return };
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none }).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap();
    let mut other = Other::start(target);
    let local: SocketAddr = other.command(b'c').parse().unwrap();
    source.snapshot().unwrap();
    assert_eq!(told_of(&mut source, local).len(), 2);
    let row = rows_at(&mut source, local).remove(0);
    let process = row.owner.process().unwrap();
    assert_eq!(process.key.pid, other.pid());
    let program = std::env::current_exe().unwrap();
    assert_eq!(process.executable.as_deref(), program.to_str());
    assert!(process.file.is_some(), "the file at its path may always be looked at");
    let coverage = source.coverage();
    assert!(coverage.layers.iter().filter(|layer| needed.contains(&layer.name)).all(|layer| layer.active));
    // What another process holds, and no event told of, is found in the kernel's list.
    let before = SockDiagSource::with(Some(KernelPrograms::start())).coverage();
    assert!(before.layers.iter().filter(|layer| needed.contains(&layer.name)).all(|layer| !layer.active));
}
