//! The right process is found, however the socket came to it.

use std::{
    io::Read as _,
    net::{SocketAddr, TcpListener, TcpStream},
    os::{fd::OwnedFd, unix::fs::MetadataExt as _},
    process::{Command, Stdio},
};

use tapmap_core::{Attribution, SnapshotSource as _};

use super::{super::SockDiagSource, child::Other, connection, owner, rows_at};

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[test]
fn a_new_process_with_a_new_connection_is_found() {
    let (_listener, target) = listen();
    let mut source = SockDiagSource::new();
    source.snapshot().unwrap();
    let mut other = Other::start(target);
    for _ in 0..3 {
        let local = other.command(b'c').parse().unwrap();
        let row = connection(&mut source, local, target);
        assert_eq!(owner(&row), Some(other.pid()));
        assert!(!row.owner.is_own());
    }
}

#[test]
fn a_process_that_is_known_is_found_with_its_next_connection() {
    let (_listener, target) = listen();
    let mut other = Other::start(target);
    other.command(b'c');
    let mut source = SockDiagSource::new();
    source.snapshot().unwrap();
    let local = other.command(b'c').parse().unwrap();
    assert_eq!(owner(&connection(&mut source, local, target)), Some(other.pid()));
}

#[test]
fn a_socket_that_took_the_number_of_a_closed_file_is_found() {
    let (_listener, target) = listen();
    let mut other = Other::start(target);
    other.command(b'c');
    let mut source = SockDiagSource::new();
    // Reads all descriptors of the other process: the file too.
    source.snapshot().unwrap();
    // Makes it the one that opened a connection last.
    let local = other.command(b'c').parse().unwrap();
    assert_eq!(owner(&connection(&mut source, local, target)), Some(other.pid()));
    let local = other.command(b'f').parse().unwrap();
    assert_eq!(owner(&connection(&mut source, local, target)), Some(other.pid()));
}

#[test]
fn a_socket_that_was_there_before_it_was_listed_is_found() {
    let (_listener, target) = listen();
    let mut other = Other::start(target);
    other.command(b'i');
    let mut source = SockDiagSource::new();
    // Reads all descriptors of the other process: the socket that does nothing yet, too.
    source.snapshot().unwrap();
    let local = other.command(b'j').parse().unwrap();
    assert_eq!(owner(&connection(&mut source, local, target)), Some(other.pid()));
}

#[test]
fn an_owner_keeps_its_details_from_list_to_list() {
    let (_listener, target) = listen();
    let mut source = SockDiagSource::new();
    let (first, second) = (rows_at(&mut source, target), rows_at(&mut source, target));
    assert_eq!(first, second);
    let process = first[0].owner.process().unwrap();
    let program = std::env::current_exe().unwrap();
    assert_eq!(process.executable.as_deref(), program.to_str());
    let found = std::fs::metadata(&program).unwrap();
    let file = process.file.unwrap();
    assert_eq!((file.inode, file.size), (found.ino(), found.len()));
    assert!(process.own && process.started.is_some() && process.user.is_some());
}

#[test]
fn copies_of_one_app_are_spoken_for_by_the_first() {
    let (listener, target) = listen();
    // A child of the same name that holds the same socket as its standard input.
    let near = TcpStream::connect(target).unwrap();
    let far = listener.accept().unwrap().0;
    let local = near.local_addr().unwrap();
    let mut copy = Command::new(std::env::current_exe().unwrap())
        .args(["os::linux::tests::holders::waits_for_its_input", "--exact", "--nocapture", "role:wait"])
        .stdin(OwnedFd::from(near.try_clone().unwrap()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let row = connection(&mut SockDiagSource::new(), local, target);
    assert_eq!(owner(&row), Some(std::process::id()));
    drop((near, far));
    copy.wait().unwrap();
}

/// Not a test but a child's main.
#[test]
fn waits_for_its_input() {
    if std::env::args().any(|word| word == "role:wait") {
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    }
}

#[test]
fn different_apps_with_one_socket_stand_side_by_side_until_one_has_gone() {
    let (listener, target) = listen();
    let mut other = Other::start(target);
    let answer = other.command(b'h');
    let (cat, local) = answer.split_once(' ').unwrap();
    let (cat, local): (u32, SocketAddr) = (cat.parse().unwrap(), local.parse().unwrap());
    let far = listener.accept().unwrap().0;
    let mut source = SockDiagSource::new();
    let row = connection(&mut source, local, target);
    let Attribution::Ambiguous(holders) = &row.owner else { panic!("{:?}", row.owner) };
    let pids: Vec<u32> = holders.iter().map(|process| process.key.pid).collect();
    assert_eq!(pids, [other.pid(), cat]);
    other.end();
    let row = connection(&mut source, local, target);
    assert_eq!(owner(&row), Some(cat));
    drop(far);
}

#[test]
fn sockets_of_others_are_listed_without_owner_where_rights_are_missing() {
    let (_listener, target) = listen();
    let mut other = Other::start(target);
    let answer = other.command(b'u');
    if rustix::process::geteuid().is_root() {
        assert_eq!(answer, "not_permitted not_permitted false");
    } else {
        assert_eq!(answer, "not root");
    }
}
