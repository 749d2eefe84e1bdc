//! What the recorder must see of real traffic, each check once with full rights and once with none:
//! programs that send in every way send exactly so much, and the recorder is held against that.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends by panicking and says why it skips"
)]

mod account;
mod bytes;
mod datagrams;
mod moments;
mod names;
mod networks;
mod processes;
mod states;

use std::{collections::BTreeSet, path::Path};

use end_to_end::{Rights, Stage, asked_until};
use serde_json::Value;

/// A TLS server, say, on the far side.
const FAR: &str = "128.138.140.44:443";
/// The same by IPv6.
const FAR_6: &str = "[2600:1901:8180::3:a71b]:443";
/// What sends datagrams back.
const ECHO: &str = "192.168.77.1:7001";

/// The stage with its recorder, or why it cannot be set. In `CI` it must be possible, but for the
/// programs in the kernel, which are the kernel's matter.
fn stage(rights: Rights) -> Option<Stage> {
    let programs = Path::new(env!("CARGO_BIN_EXE_traffic")).parent().unwrap();
    let stage = match Stage::set(programs, rights) {
        Ok(stage) => stage,
        Err(error) => {
            assert!(!in_ci(), "the make-believe internet must be possible here: {error:#}");
            println!("skipped: checks: no make-believe internet here: {error:#}");
            return None;
        }
    };
    // What it can see is told after the page is up: kernel programs take a moment to load.
    let is_told = |coverage: &Value| !layer(coverage, "tcp_events").is_null();
    let is_active = |coverage: &Value| layer(coverage, "tcp_events")["active"] == true;
    let enough = |coverage: &Value| is_told(coverage) && (rights == Rights::Ordinary || is_active(coverage));
    let coverage = asked_until(|| stage.get("/api/v1/coverage"), enough).unwrap();
    if rights == Rights::Full && !is_active(&coverage) {
        println!("skipped: kernel_programs: {}", layer(&coverage, "tcp_events")["reason"]);
        return None;
    }
    Some(stage)
}

/// What the recorder says of one of its layers; nothing before it has said it.
fn layer(coverage: &Value, name: &str) -> Value {
    let layers = coverage["layers"].as_array().unwrap();
    layers.iter().find(|layer| layer["name"] == name).cloned().unwrap_or_default()
}

/// What matters of flows that are not as expected.
fn brief(flows: &[Value]) -> String {
    let keys = [
        "app",
        "pid",
        "local_port",
        "remote_address",
        "remote_port",
        "state",
        "ended",
        "attribution",
        "seen_by",
        "network",
        "bytes_sent",
        "bytes_received",
        "name",
        "name_source",
    ];
    let one = |flow: &Value| keys.map(|key| format!("{key} {}", flow[key])).join(", ");
    flows.iter().take(12).map(one).collect::<Vec<_>>().join("\n")
}

/// Whether a flow belongs to an app.
fn of(app: &str) -> impl Fn(&Value) -> bool {
    move |flow| flow["app"] == app
}

/// Whether a flow goes to an address and port, in the recorder's own network: with full rights it sees
/// the networks of other checks too.
fn to(remote: &str) -> impl Fn(&Value) -> bool {
    let remote: std::net::SocketAddr = remote.parse().unwrap();
    move |flow| {
        flow["network"].is_null()
            && flow["remote_address"] == remote.ip().to_string()
            && flow["remote_port"] == remote.port()
    }
}

/// Whether all flows have ended.
fn are_over(flows: &[Value]) -> bool {
    flows.iter().all(|flow| !flow["ended"].is_null())
}

/// The different values that flows have for a key.
fn values(flows: &[Value], key: &str) -> BTreeSet<String> {
    flows.iter().map(|flow| flow[key].to_string()).collect()
}

#[expect(clippy::disallowed_methods, reason = "a test may ask where it runs")]
fn in_ci() -> bool {
    std::env::var_os("CI").is_some()
}
