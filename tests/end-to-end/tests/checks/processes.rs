//! Recorder and server are two processes: when the recorder is killed, the server goes on and says so.

use std::path::Path;

use end_to_end::{Rights, asked_until};
use serde_json::Value;

use crate::{layer, stage};

#[test]
fn a_killed_recorder_is_told_of_with_full_rights() {
    told_of(Rights::Full);
}

#[test]
fn a_killed_recorder_is_told_of_without_rights() {
    told_of(Rights::Ordinary);
}

fn told_of(rights: Rights) {
    let Some(stage) = stage(rights) else { return };
    let before = stage.get("/api/v1/coverage").unwrap();
    assert_eq!(before["problems"], serde_json::json!([]));
    let two = layer(&before, "two_processes");
    assert_eq!(two["active"], true, "{two}");
    let recorder = stage.recorder().unwrap();
    let server = recorder.pid().unwrap();
    let mut children = match rights {
        Rights::Full => stage.net.beside(Path::new("cat")),
        Rights::Ordinary => stage.net.inside(Path::new("cat")).unwrap(),
    };
    let children = children.arg(format!("/proc/{server}/task/{server}/children")).output().unwrap();
    let children = String::from_utf8(children.stdout).unwrap();
    let child: u64 = children.split_whitespace().next().expect("a process of its own").parse().unwrap();
    recorder.signal(&stage.net, "KILL", child).unwrap();
    let has_problem = |coverage: &Value| coverage["problems"].as_array().is_some_and(|them| !them.is_empty());
    let after = asked_until(|| stage.get("/api/v1/coverage"), has_problem).unwrap();
    assert!(has_problem(&after), "{after}");
}
