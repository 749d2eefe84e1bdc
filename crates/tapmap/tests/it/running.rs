//! Start, second start, and every way to end.

use crate::program::Program;
use rustix::process::Signal;
use serde_json::Value;
use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt};

#[test]
fn it_announces_itself_privately_and_clears_up() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let program = Program::new();
        let running = program.serve();
        let instance: Value =
            serde_json::from_str(&fs::read_to_string(program.folder().join("instance.json")).unwrap())
                .unwrap();
        let port = instance["port"].as_u64().unwrap();
        assert_eq!(running.url, format!("http://127.0.0.1:{port}/"));
        for file in ["instance.json", "token"] {
            let mode = fs::metadata(program.folder().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        let ended = running.end_by(signal);
        assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{signal:?}: {}", ended.stderr);
        assert!(!program.folder().join("instance.json").exists(), "{signal:?}");
    }
}

#[test]
fn it_writes_only_files_of_its_own() {
    let program = Program::new().with_file("settings.json", "older").with_file("tapmap.lock", "older");
    let running = program.serve();
    running.end_by(Signal::TERM);
    let mut names: Vec<String> = fs::read_dir(program.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["instance.lock", "settings.json", "tapmap.lock", "token"]);
    assert_eq!(fs::read_to_string(program.folder().join("settings.json")).unwrap(), "older");
}

#[test]
fn a_second_start_says_where_the_first_is_and_ends_well() {
    let program = Program::new();
    let first = program.serve();
    let second = program.run(&["run", "--port", "0"]);
    assert_eq!((second.code, second.stdout.trim()), (0, first.url.as_str()), "{}", second.stderr);
    assert_eq!(first.get("/api/v1/status").0, 200);
    // Without a screen it gives a fresh link, which is good for the token once.
    let path = second.stderr[second.stderr.find("/open?key=").unwrap()..].trim();
    assert_eq!([first.get(path).0, first.get(path).0], [303, 403]);
}

#[test]
fn where_no_browser_can_be_opened_the_link_is_given() {
    let program = Program::new();
    let nowhere = program.folder().display().to_string();
    let program = program.with_variable("DISPLAY", ":9").with_variable("PATH", &nowhere);
    let said = program.serve().end_by(Signal::TERM).stderr;
    assert!(said.contains("no browser could be opened"), "{said}");
    assert!(said.contains("/open?key="), "{said}");
}

#[test]
fn a_second_recording_is_not_passed_over_in_silence() {
    let program = Program::new();
    let _first = program.serve();
    let second = program.run(&["--replay", &program.recording(), "--port", "0"]);
    assert_eq!((second.code, second.stdout.as_str()), (5, ""));
}

#[test]
fn what_a_killed_instance_left_misleads_nobody() {
    let program = Program::new();
    program.serve().kill();
    assert!(program.folder().join("instance.json").exists());
    let ended = program.run(&["status"]);
    assert_eq!(ended.code, 5);
    assert!(ended.stderr.starts_with("error: no TapMap runs with the data folder"), "{}", ended.stderr);
    let next = program.serve();
    assert_eq!(next.get("/api/v1/status").0, 200);
}

#[test]
fn a_port_in_use_leads_to_the_next_one_and_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let program = Program::new();
    let running = program.start(&["--replay", &program.recording(), "--port", &port.to_string()]);
    assert_ne!(running.url, format!("http://127.0.0.1:{port}/"));
    let said = running.end_by(Signal::TERM).stderr;
    assert!(said.starts_with(&format!("port {port} is in use by another program; this is port ")), "{said}");
}

#[test]
fn an_address_that_is_not_ours_ends_with_5() {
    let ended = Program::new().run(&["run", "--bind", "203.0.113.77", "--no-browser"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (5, ""));
    assert!(ended.stderr.starts_with("error: the address 203.0.113.77:8050 cannot be used\ncause: "));
}

#[test]
fn beyond_loopback_the_token_is_said_to_be_needed_and_is() {
    let program = Program::new();
    let running = program.start(&["--replay", &program.recording(), "--port", "0", "--bind", "0.0.0.0"]);
    assert_eq!(running.get("/api/v1/flows").0, 401);
    let said = running.end_by(Signal::TERM).stderr;
    assert!(said.contains("every request needs the token"), "{said}");
}

#[test]
fn localhost_is_an_address_that_needs_no_look_up() {
    let program = Program::new().with_variable("TAPMAP_HOST", "localhost");
    assert!(program.serve().url.starts_with("http://127.0.0.1:"));
    for (name, expected) in
        [("TAPMAP_HOST", "an address of this computer"), ("TAPMAP_PORT", "a port, a number")]
    {
        let ended = Program::new().with_variable(name, "elsewhere").run(&["config", "show"]);
        assert!(ended.stderr.contains(&format!("cause: expected {expected}")), "{}", ended.stderr);
    }
}

#[test]
fn an_instance_that_does_not_answer_is_said_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let program = Program::new();
    let running = program.serve();
    // The instance's file leads to a server that closes at once.
    let file = program.folder().join("instance.json");
    let mut instance: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    instance["port"] = listener.local_addr().unwrap().port().into();
    fs::write(&file, instance.to_string()).unwrap();
    drop(listener);
    let ended = program.run(&["status"]);
    assert_eq!(ended.code, 5);
    assert!(ended.stderr.starts_with("error: the running TapMap at 127.0.0.1:"), "{}", ended.stderr);
    assert!(ended.stderr.contains("does not answer\ncause: "), "{}", ended.stderr);
    running.end_by(Signal::TERM);
}

#[test]
fn a_file_that_is_no_recording_ends_with_3() {
    let program = Program::new().with_file("broken.jsonl", "{\"format\":\"else\",\"version\":1}\n");
    let file = program.folder().join("broken.jsonl").display().to_string();
    let ended = program.run(&["--replay", &file]);
    assert_eq!(ended.code, 3);
    assert!(ended.stderr.starts_with("error: the file "), "{}", ended.stderr);
    let program = Program::new().with_file("empty.jsonl", "\n");
    let file = program.folder().join("empty.jsonl").display().to_string();
    let ended = program.run(&["--replay", &file]);
    assert!(ended.stderr.contains("cause: the file is empty\n"), "{}", ended.stderr);
}

#[test]
fn the_demo_says_that_it_is_one_and_leaves_nothing_behind() {
    let program = Program::new().with_variable("TMPDIR", "/nonexistent");
    assert_eq!(program.run(&["demo"]).code, 5);
    let program = Program::new();
    let temporary = program.folder().join("temporary");
    fs::create_dir(&temporary).unwrap();
    let program = program.with_variable("TMPDIR", &temporary.display().to_string());
    let running = program.start(&["demo", "--no-browser"]);
    let status: Value = serde_json::from_str(&running.get("/api/v1/status").1).unwrap();
    assert_eq!(status["mode"], "demo");
    assert_eq!(running.end_by(Signal::INT).code, 0);
    assert_eq!(program.run(&["demo", "--replay", "file"]).code, 2);
    assert_eq!(program.run(&["--replay", "file", "demo"]).code, 2);
    assert_eq!(fs::read_dir(temporary).unwrap().count(), 0);
}
