//! `tapmap doctor`, with and without a running recorder.

use crate::program::Program;
use serde_json::Value;

#[test]
fn without_a_recorder_it_tells_what_one_would_see() {
    let program = Program::new();
    let text = program.print(&["doctor"]);
    assert!(text.contains("none is running"), "{text}");
    assert!(text.contains(&format!("data folder {}", program.folder().display())), "{text}");
    assert!(text.contains("✓ works  the kernel's list of sockets"), "{text}");
    let told: Value = serde_json::from_str(&program.print(&["doctor", "--json"])).unwrap();
    assert_eq!((&told["started_at"], &told["total"]), (&Value::Null, &Value::Null));
    let problem = told["history_problem"].as_str().unwrap();
    assert!(told["history"].is_null() && problem.starts_with("there is no history in "), "{problem}");
    assert!(text.contains(&format!("\nhistory: {problem}\n")), "{text}");
    let list = told["layers"].as_array().unwrap().iter().find(|layer| layer["name"] == "socket_list");
    assert_eq!(list.unwrap()["active"], true);
}

#[test]
fn a_running_recorder_tells_what_it_saw() {
    let program = Program::new();
    let running = program.serve();
    while running.get("/api/v1/coverage").1.contains("\"total\":null") {
        std::thread::yield_now();
    }
    let text = program.print(&["doctor"]);
    assert!(text.contains(&format!("page {}", running.url)), "{text}");
    assert!(text.contains("saw 0 ends, 0 with owner, 0 not\n"), "{text}");
    let told: Value = serde_json::from_str(&program.print(&["doctor", "--json"])).unwrap();
    assert_eq!(told["mode"], "replay");
    assert!(program.print(&["status"]).contains("saw 0 ends, 0 with owner, 0 not\n"));
}
