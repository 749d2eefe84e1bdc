//! What is remembered: by a running program and from its file.

use crate::program::Program;
use rustix::process::Signal;
use serde_json::Value;
use std::{
    fs,
    net::{TcpListener, TcpStream},
};

const INSIGHTS: &str = r#"{"version": 2, "insights": {"applications": {"Firefox": {"l": 739945, "m": 5}},
    "countries": {}, "ports": {"443": {"l": 739945, "m": 1}}, "providers": {}}}"#;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A program that has seen a connection to a port of this computer, and has been ended.
fn with_history() -> (Program, u16) {
    let program = Program::new();
    let running = program.start(&["run", "--no-browser", "--port", "0"]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let near = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let (_far, _) = listener.accept().unwrap();
    // Asked until it is there: a look is at most a second away, and a batch another.
    let wanted = format!("\"remote_port\": {port},");
    let seen = || program.print(&["ls", "--json"]).contains(&wanted);
    assert!((0..1_000).any(|_| seen()), "it does not see a connection to port {port}");
    drop(near);
    running.end_by(Signal::TERM);
    (program, port)
}

#[test]
fn what_was_seen_is_listed_when_nothing_runs_any_more() {
    let (program, port) = with_history();
    let filter = format!("port:{port}");
    let flows = json(&program.print(&["flows", "--json", &filter]));
    assert_eq!(flows.as_array().unwrap().len(), 1, "{flows}");
    assert_eq!(flows[0]["remote_address"], "127.0.0.1");
    let line = program.print(&["flows", "--jsonl", &filter]);
    assert_eq!(json(line.trim()), flows[0]);
    let csv = program.print(&["flows", "--csv", &filter]);
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].split(',').any(|name| name == "remote_port"), "{csv}");
    assert_eq!(lines.len(), 2);
    let table = program.print(&["flows", &filter]);
    assert!(table.contains(&format!("127.0.0.1:{port}")), "{table}");
    assert_eq!(json(&program.print(&["flows", "--json", &format!("-port:{port}"), &filter])), json("[]"));
    let stats = json(&program.print(&["history", "stats", "--json"]));
    assert!(stats["flows"].as_u64().unwrap() >= 1);
    assert_eq!(program.print(&["history", "verify"]), "all is sound\n");
    assert!(program.print(&["history", "compact"]).contains(" now"));
    let unasked = program.run(&["history", "forget", "--all"]);
    assert_eq!(unasked.code, 2, "{}", unasked.stderr);
    assert!(unasked.stderr.contains("`tapmap history forget --all --yes` does it"), "{}", unasked.stderr);
    assert_eq!(program.print(&["history", "forget", "--all", "--yes"]), "erased\n");
    assert_eq!(json(&program.print(&["flows", "--json"])), json("[]"));
}

#[test]
fn a_running_program_is_asked() {
    let program = Program::new();
    let _running = program.start(&["run", "--no-browser", "--port", "0"]);
    let stats = json(&program.print(&["history", "stats", "--json"]));
    assert_eq!(stats["sessions"], 1);
    assert!(program.print(&["history", "forget", "--app", "nobody"]).starts_with("hidden now"));
    assert_eq!(program.print(&["history", "forget", "--undo"]), "taken back\n");
    let ended = program.run(&["history", "forget", "--undo"]);
    assert_eq!(ended.code, 6, "{}", ended.stderr);
    let program = program.with_file("insights.json", INSIGHTS);
    let file = program.folder().join("insights.json").display().to_string();
    assert!(program.print(&["import", &file]).starts_with("3 days"));
    assert_eq!(json(&program.print(&["history", "stats", "--json"]))["imported_days"], 2);
    program.print(&["flows", "--from", "2026-01-01", "app:nobody since:1h"]);
}

#[test]
fn nothing_is_remembered_when_that_is_not_wanted_or_not_true() {
    let program = Program::new();
    program.start(&["run", "--no-browser", "--port", "0", "--no-history"]).end_by(Signal::TERM);
    assert!(!program.folder().join("history.db").exists());
    let recording = program.recording();
    program.start(&["run", "--no-browser", "--port", "0", "--replay", &recording]).end_by(Signal::TERM);
    assert!(!program.folder().join("history.db").exists());
    for command in [&["flows"][..], &["history", "stats"], &["history", "forget", "--all"]] {
        let ended = program.run(command);
        assert_eq!(ended.code, 6);
        assert!(ended.stderr.starts_with("error: there is no history in "), "{}", ended.stderr);
    }
}

#[test]
fn a_file_that_cannot_be_used_is_kept_aside_and_said_to_be() {
    let program = Program::new().with_file("history.db", &"this is no database ".repeat(100));
    let ended = program.run(&["flows"]);
    assert_eq!(ended.code, 6, "{}", ended.stderr);
    let running = program.start(&["run", "--no-browser", "--port", "0"]);
    let problems = json(&running.get("/api/v1/status").1)["problems"].to_string();
    assert!(problems.contains("The history could not be used"), "{problems}");
    let kept = fs::read_dir(program.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(kept.filter(|name| name.ends_with("-damaged.db")).count(), 1);
}

#[test]
fn mistakes_are_said_with_their_place() {
    let program = Program::new();
    let ended = program.run(&["flows", "port:443", "--json"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("put options before the filter"), "{}", ended.stderr);
    let ended = program.run(&["flows", "prot:443"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("character 1: there is no field \"prot\""), "{}", ended.stderr);
    let program = program.with_file("other.json", "{}");
    let ended = program.run(&["import", &program.folder().join("other.json").display().to_string()]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("neither insights.json nor"), "{}", ended.stderr);
}
