//! The two processes of `tapmap run`: what each has given up, and what happens when one of them dies.

use crate::program::{Program, Running};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;

/// More questions than are needed until something has happened.
const PATIENCE: u32 = 20_000;

const LIVE: [&str; 4] = ["run", "--no-browser", "--port", "0"];

/// Asks for the status until it is as wanted.
fn status_when(running: &Running, wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..PATIENCE {
        let (code, body) = running.get("/api/v1/status");
        assert_eq!(code, 200, "{body}");
        let status: Value = serde_json::from_str(&body).unwrap();
        if wanted(&status) {
            return status;
        }
    }
    panic!("it never came to that");
}

fn has_looked(status: &Value) -> bool {
    !status["observed_at"].is_null()
}

/// The layers of which it says whether they work.
fn layers(running: &Running, names: &[&str]) -> Vec<(String, bool)> {
    let coverage: Value = serde_json::from_str(&running.get("/api/v1/coverage").1).unwrap();
    let layers = coverage["layers"].as_array().unwrap().iter();
    let pair = |layer: &Value| (layer["name"].as_str().unwrap().to_owned(), layer["active"] == true);
    layers.map(pair).filter(|(name, _)| names.contains(&name.as_str())).collect()
}

/// The field of `/proc/<pid>/status` for each thread of a process.
fn field(pid: u32, name: &str) -> Vec<String> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let value = |status: String| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap().trim().to_owned()
    };
    threads.map(|thread| value(fs::read_to_string(thread.unwrap().path().join("status")).unwrap())).collect()
}

/// The processes that a process started and that are there still.
fn children(pid: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter_map(|process| process.file_name().to_str()?.parse::<u32>().ok());
    let parent = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        // One that has ended and was not waited for does not count.
        (fields.first() != Some(&"Z")).then(|| fields.get(1)?.parse::<u32>().ok()).flatten()
    };
    pids.filter(|child| parent(*child) == Some(pid)).collect()
}

fn kill(pid: u32) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
}

fn is_there(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn both_processes_give_their_rights_up() {
    let program = Program::new();
    let running = program.start(&LIVE);
    status_when(&running, has_looked);
    let recorder = children(running.pid());
    assert_eq!(recorder.len(), 1);
    for pid in [running.pid(), recorder[0]] {
        for (name, expected) in [("CapInh", "0"), ("CapAmb", "0"), ("NoNewPrivs", "1"), ("Seccomp", "2")] {
            let found = field(pid, name);
            assert!(
                found.iter().all(|found| found.trim_start_matches('0') == expected.trim_start_matches('0'))
            );
            assert!(!found.is_empty());
        }
    }
    let rights =
        |pid| field(pid, "CapPrm").iter().fold(0, |all, set| all | u64::from_str_radix(set, 16).unwrap());
    assert_eq!(rights(running.pid()), 0);
    let kept = rights(recorder[0]);
    // At most CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE, where the kernel shows others' files in no other way.
    assert!(kept == 0 || kept == 0x80004, "{kept:x}");
    let names = ["two_processes", "dropped_rights", "seccomp"];
    let expected = names.map(|name| (name.to_owned(), name != "dropped_rights" || kept == 0));
    assert_eq!(layers(&running, &names), expected);
    // Its own listener is known to be its own, though another process saw it.
    let listeners = |own| running.get(&format!("/api/v1/listeners?own={own}")).1;
    let port = running.url.rsplit_once(':').unwrap().1.trim_end_matches('/').parse::<u64>().unwrap();
    let is_listed = |own| {
        let listeners: Value = serde_json::from_str(&listeners(own)).unwrap();
        let ours = |item: &Value| item["local_port"] == port && item["app"] == "tapmap";
        listeners["items"].as_array().unwrap().iter().any(ours)
    };
    assert!((0..PATIENCE).any(|_| is_listed(true)), "{}", listeners(true));
    assert!(!is_listed(false));
    assert_eq!(running.end_by(Signal::TERM).code, 0);
    assert!(!is_there(recorder[0]));
}

#[test]
fn a_killed_recorder_is_told_and_the_page_stays() {
    let program = Program::new();
    let running = program.start(&LIVE);
    status_when(&running, has_looked);
    kill(children(running.pid())[0]);
    let status = status_when(&running, |status| status["problems"] != Value::Array(vec![]));
    assert_eq!(status["problems"][0], "The recorder has ended: nothing new is seen. Start TapMap again.");
    assert_eq!(status["gaps"][0]["reason"], "source_failed");
    assert_eq!(running.get("/").0, 200);
    let ended = running.end_by(Signal::INT);
    assert_eq!(ended.code, 0);
    assert!(ended.stderr.contains("The recorder has ended"), "{}", ended.stderr);
}

#[test]
fn a_recorder_does_not_outlive_its_server() {
    let program = Program::new();
    let running = program.start(&LIVE);
    status_when(&running, has_looked);
    let recorder = children(running.pid())[0];
    running.kill();
    assert!((0..PATIENCE).any(|_| !is_there(recorder)));
}

#[test]
fn without_a_sandbox_there_is_one_process_and_that_is_said() {
    let program = Program::new().with_variable("TAPMAP_SANDBOX", "off");
    let running = program.start(&LIVE);
    status_when(&running, has_looked);
    assert!(children(running.pid()).is_empty());
    assert_eq!(field(running.pid(), "Seccomp")[0], "0");
    let names = ["two_processes", "dropped_rights", "landlock", "seccomp"];
    assert_eq!(layers(&running, &names), names.map(|name| (name.to_owned(), false)));
    assert_eq!(running.end_by(Signal::TERM).code, 0);
}

#[test]
fn a_confined_server_still_does_all_it_has_to() {
    let page = tempfile::tempdir().unwrap();
    fs::write(page.path().join("index.html"), "a page of its own").unwrap();
    let program = Program::new();
    let folder = page.path().display().to_string();
    let running = program.start(&["--replay", &program.recording(), "--port", "0", "--ui-dir", &folder]);
    assert!(running.get("/").1.contains("a page of its own"));
    let token = fs::read_to_string(program.folder().join("token")).unwrap();
    let place = running.put("/api/v1/own-place", &token, r#"{"latitude":1,"longitude":2}"#);
    assert_eq!(place.0, 200, "{}", place.1);
    assert!(program.folder().join("own-place.json").exists());
    assert_eq!(field(running.pid(), "Seccomp").iter().find(|mode| *mode != "2"), None);
    // A file that comes later is read, found to be no database, and said to be none.
    fs::write(program.folder().join("later.mmdb"), "nothing").unwrap();
    assert!(program.print(&["geo", "recheck"]).contains("later.mmdb"));
    assert_eq!(running.end_by(Signal::TERM).code, 0);
    assert!(!program.folder().join("instance.json").exists());
}

#[test]
fn the_recorder_is_nothing_to_start_by_hand() {
    let ended = Program::new().run(&["recorder"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(ended.stderr.starts_with("error: this command is a part of `tapmap run`"), "{}", ended.stderr);
}
