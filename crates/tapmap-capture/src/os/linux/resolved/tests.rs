//! The layer against a server of the test's own.

use std::{
    io::{Read as _, Write as _},
    os::unix::{
        fs::PermissionsExt as _,
        net::{UnixListener, UnixStream},
    },
    path::Path,
};

use tapmap_core::{HeardKind, Sighting, Timestamp};

use super::{LONGEST, Resolved, SUBSCRIBE};
use crate::os::linux::{
    beside::{Beside, Told},
    births::Births,
    owners::Owners,
};

fn told(resolved: &mut Resolved, second: i64) -> Vec<String> {
    let mut told = Told::new(Timestamp::default());
    let mut owners = Owners::new(Births::default());
    resolved.tell(Timestamp::from_millis(second * 1000), &mut owners, &mut told);
    let texts = told.into_sightings().into_iter().map(|sighting| match sighting {
        Sighting::Heard(heard) if heard.kind == HeardKind::Resolved => {
            String::from_utf8(heard.bytes.to_vec()).unwrap()
        }
        other => panic!("nothing else is told: {other:?}"),
    });
    texts.collect()
}

/// The server's end, after the question was read.
fn accept(listener: &UnixListener) -> UnixStream {
    let (mut stream, _) = listener.accept().unwrap();
    let mut question = vec![0; SUBSCRIBE.len()];
    stream.read_exact(&mut question).unwrap();
    assert_eq!(question, SUBSCRIBE);
    stream
}

fn reason(resolved: &Resolved) -> (bool, String) {
    let layer = resolved.layers().remove(0);
    (layer.active, layer.reason.to_string())
}

fn open(folder: &Path) -> (UnixListener, Resolved, UnixStream) {
    let path = folder.join("monitor");
    let listener = UnixListener::bind(&path).unwrap();
    let resolved = Resolved::at(&path);
    let server = accept(&listener);
    (listener, resolved, server)
}

#[test]
fn messages_are_passed_on_whole_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (_listener, mut resolved, mut server) = open(folder.path());
    assert!(told(&mut resolved, 0).is_empty());
    server.write_all(b"{\"parameters\":{\"ready\":true}}\0{\"a\":").unwrap();
    assert_eq!(told(&mut resolved, 1), ["{\"parameters\":{\"ready\":true}}"]);
    server.write_all(b"1}\0{}\0").unwrap();
    assert_eq!(told(&mut resolved, 1), ["{\"a\":1}", "{}"]);
    assert!(reason(&resolved).0);
}

#[test]
fn a_server_that_ends_is_asked_again_after_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let (listener, mut resolved, server) = open(folder.path());
    assert!(told(&mut resolved, 0).is_empty());
    drop(server);
    assert!(told(&mut resolved, 1).is_empty());
    let broken = "systemd-resolved broke off; it is tried again each minute.";
    assert_eq!(reason(&resolved), (false, broken.to_owned()));
    assert!(told(&mut resolved, 59).is_empty());
    assert!(!reason(&resolved).0);
    assert!(told(&mut resolved, 60).is_empty());
    assert!(reason(&resolved).0);
    accept(&listener).write_all(b"{}\0").unwrap();
    assert_eq!(told(&mut resolved, 61), ["{}"]);
}

#[test]
fn a_refusal_is_told_with_what_helps() {
    let folder = tempfile::tempdir().unwrap();
    let (_listener, mut resolved, mut server) = open(folder.path());
    server.write_all(b"{\"error\":\"org.varlink.service.PermissionDenied\",\"parameters\":{}}\0").unwrap();
    assert!(told(&mut resolved, 0).is_empty());
    assert_eq!(
        reason(&resolved),
        (false, "systemd-resolved tells only root what programs ask it.".to_owned())
    );
    assert!(resolved.layers()[0].command.as_ref().is_some_and(|command| command.starts_with("sudo ")));
}

#[test]
fn a_socket_that_is_not_there_or_not_for_us_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("monitor");
    let nobody = (false, "systemd-resolved does not run on this computer.".to_owned());
    assert_eq!(reason(&Resolved::at(&path)), nobody);
    drop(UnixListener::bind(&path).unwrap());
    assert_eq!(reason(&Resolved::at(&path)), nobody);
    std::fs::remove_file(&path).unwrap();
    let _listener = UnixListener::bind(&path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Root may open everything.
    let (active, reason) = reason(&Resolved::at(&path));
    assert!(active == rustix::process::geteuid().is_root(), "{reason}");
}

#[test]
fn a_message_without_end_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let (_listener, mut resolved, mut server) = open(folder.path());
    server.set_nonblocking(true).unwrap();
    let mut sent = 0;
    while sent <= LONGEST + 1 {
        match server.write(&[b'x'; 4096]) {
            Ok(length) => sent += length,
            Err(_) => assert!(told(&mut resolved, 0).is_empty()),
        }
    }
    assert!(told(&mut resolved, 0).is_empty());
    assert!(!reason(&resolved).0);
}
