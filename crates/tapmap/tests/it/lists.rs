//! `tapmap ls` and `tapmap listeners`, with and without a running recorder, and recordings.

use crate::program::Program;
use serde_json::Value;
use std::net::{TcpListener, TcpStream};

/// The keys of a connection, as promised.
const FLOW: [&str; 40] = [
    "protocol",
    "direction",
    "state",
    "local_address",
    "local_port",
    "remote_address",
    "remote_port",
    "scope",
    "app",
    "pid",
    "executable",
    "attribution",
    "peer_app",
    "peer_pid",
    "service",
    "country",
    "city",
    "latitude",
    "longitude",
    "accuracy_km",
    "asn",
    "operator",
    "role",
    "role_rule",
    "anycast",
    "bytes_sent",
    "bytes_received",
    "rtt_ms",
    "first_seen",
    "match_quality",
    "possibly",
    "name",
    "name_source",
    "names",
    "name_heard",
    "aliases",
    "send_rate",
    "receive_rate",
    "network",
    "seen_by",
];

/// The keys of an open port, as promised.
const LISTENER: [&str; 10] = [
    "protocol",
    "local_address",
    "local_port",
    "scope",
    "app",
    "pid",
    "executable",
    "attribution",
    "service",
    "first_seen",
];

fn rows(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn assert_keys(row: &Value, keys: &[&str]) {
    let mut found: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
    let mut promised = keys.to_vec();
    found.sort_unstable();
    promised.sort_unstable();
    assert_eq!(found, promised);
}

/// Waits, by asking the program's own stream, until the recording has been played to a connection.
fn play(program: &Program) -> crate::program::Running {
    let running = program.serve();
    loop {
        let (_, flows) = running.get("/api/v1/flows");
        if flows.contains("remote_address") {
            return running;
        }
        std::thread::yield_now();
    }
}

#[test]
fn with_a_recorder_the_list_is_the_recorder_s() {
    let program = Program::new();
    let running = play(&program);
    let ended = program.run(&["ls", "--json", "--own"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(ended.stderr, format!("from the running TapMap at {}\n", running.url));
    let flows = rows(&ended.stdout);
    assert!(!flows.is_empty());
    for flow in &flows {
        assert_keys(flow, &FLOW);
    }
    for listener in &rows(&program.print(&["listeners", "--json"])) {
        assert_keys(listener, &LISTENER);
    }
    let table = program.print(&["ls"]);
    assert!(table.starts_with("APP "), "{table}");
    assert!(table.contains("this computer"), "{table}");
}

#[test]
fn without_a_recorder_the_list_is_what_one_look_shows() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    // Until it is accepted, the near end belongs to nobody.
    let _accepted = listener.accept().unwrap();
    let program = Program::new();
    let ended = program.run(&["ls", "--json"]);
    assert_eq!(ended.stderr, "no TapMap is running; this is what one look shows\n");
    let flows = rows(&ended.stdout);
    for flow in &flows {
        assert_keys(flow, &FLOW);
    }
    let near = client.local_addr().unwrap().port();
    let ours: Vec<&Value> = flows.iter().filter(|flow| flow["local_port"] == near).collect();
    assert_eq!(ours.len(), 1, "the connection of this test, once");
    assert_eq!(ours[0]["remote_port"], port);
    assert_eq!(ours[0]["direction"], "outbound");
    assert_eq!(
        (&ours[0]["pid"], &ours[0]["peer_pid"]),
        (&std::process::id().into(), &std::process::id().into())
    );
    let table = program.print(&["ls"]);
    let line = table.lines().find(|line| line.contains(&format!("127.0.0.1:{port} "))).unwrap();
    assert!(line.contains("established    -  "), "one look knows no ages: {line}");
    let listeners = rows(&program.print(&["listeners", "--json"]));
    assert!(listeners.iter().any(|row| row["local_port"] == port && row["pid"] == std::process::id()));
}

#[test]
fn what_is_recorded_can_be_played() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let program = Program::new();
    let file = program.folder().join("made.jsonl").display().to_string();
    let ended = program.run(&["record", &file, "--for", "1", "--interval", "100ms"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let again = program.run(&["record", &file, "--for", "1"]);
    assert_eq!(again.code, 2, "a recording is never written over");
    let running = program.start(&["--replay", &file, "--port", "0", "--speed", "1000"]);
    let port = listener.local_addr().unwrap().port().to_string();
    loop {
        let (status, listeners) = running.get("/api/v1/listeners");
        assert_eq!(status, 200);
        if listeners.contains(&port) {
            break;
        }
        std::thread::yield_now();
    }
}

#[test]
fn the_status_tells_what_is_seen_and_what_is_not() {
    let program = Program::new();
    // The recorder's account of itself is there before its first look.
    let running = play(&program);
    let text = program.print(&["status"]);
    assert!(text.contains(&running.url), "{text}");
    assert!(text.contains("a recording"), "{text}");
    assert!(text.contains("cannot see"), "{text}");
    let rechecked = program.print(&["geo", "recheck"]);
    assert!(rechecked.contains("in use"), "{rechecked}");
}

#[test]
fn connections_of_a_moment_are_listed_as_ended() {
    const COUNT: usize = 60;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let program = Program::new();
    let running = program.start(&["run", "--no-browser", "--port", "0"]);
    while !running.get("/api/v1/listeners").1.contains(&port.to_string()) {
        std::thread::yield_now();
    }
    for _ in 0..COUNT {
        let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        drop((near, listener.accept().unwrap()));
    }
    // The recorder hears of them a moment later.
    let ended = loop {
        let rows = rows(&program.print(&["ls", "--recent", "10m", "--json"]));
        let ended: Vec<Value> =
            rows.into_iter().filter(|row| row["remote_port"] == port && row["ended"].is_string()).collect();
        if ended.len() >= COUNT {
            break ended;
        }
        std::thread::yield_now();
    };
    assert_eq!(ended.len(), COUNT, "each once, though both ends are on this computer");
    let mut keys = FLOW.to_vec();
    keys.extend(["ended", "duration_ms"]);
    for row in &ended {
        assert_keys(row, &keys);
    }
    let table = program.print(&["ls", "--recent", "10m"]);
    assert!(table.lines().any(|line| line.contains(" ended ")), "{table}");
    assert!(!program.print(&["ls"]).contains(" ended "));
    drop(running);
}
