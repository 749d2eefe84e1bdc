//! The programs in the kernel tell what happened, also of processes that have gone.

use std::{
    net::{SocketAddr, TcpListener},
    process::Command,
};

use tapmap_core::{
    Endpoint, Evidence, LayerName, Sighting, SnapshotSource as _, SocketRow, SocketState, Timestamp,
};

use super::super::{SockDiagSource, bpf::KernelPrograms};

/// A source with its programs loaded; `None`, and said so, when this kernel does not take what is needed.
fn source(test: &str, needed: &[LayerName]) -> Option<SockDiagSource> {
    let mut programs = KernelPrograms::start();
    programs.wait();
    let source = SockDiagSource::with(Some(programs));
    for layer in source.coverage().layers {
        if needed.contains(&layer.name) && !layer.active {
            println!("skipped: {test}: {}", layer.reason);
            return None;
        }
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
    let rows = source.told(Timestamp::default()).into_iter().filter_map(row);
    rows.filter(|row| row.evidence == Evidence::Event && (row.local == end || row.remote == Some(end)))
        .collect()
}

#[test]
fn a_connection_of_a_process_that_has_gone_is_told_with_its_owner_and_bytes() {
    let test = "a_connection_of_a_process_that_has_gone_is_told_with_its_owner_and_bytes";
    let Some(mut source) = source(test, &[LayerName::TcpEvents]) else { return };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap();
    let script = format!("exec 3<>/dev/tcp/127.0.0.1/{}; echo hello >&3", target.port());
    let mut child = Command::new("bash").args(["-c", &script]).spawn().unwrap();
    let pid = child.id();
    child.wait().unwrap();
    let rows = told_of(&mut source, target);
    let of_child: Vec<_> = rows.iter().filter(|row| row.remote == Some(target.into())).collect();
    let states: Vec<_> = of_child.iter().map(|row| row.state).collect();
    assert_eq!(states, [SocketState::Established]);
    drop(listener.accept().unwrap());
    let rows = told_of(&mut source, target);
    let end = rows.iter().find(|row| row.remote == Some(target.into())).unwrap();
    assert_eq!((end.state, end.counters.bytes_sent), (SocketState::Closed, Some(6)));
    for row in [of_child[0], end] {
        assert_eq!(row.owner.word(), "event");
        let process = row.owner.process().unwrap();
        assert_eq!((process.key.pid, &*process.name), (pid, "bash"));
    }
}
