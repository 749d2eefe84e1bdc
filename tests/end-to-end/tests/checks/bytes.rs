//! Bytes: for every way of sending, what the recorder says is within 2 % of what the program sent
//! and received.

use end_to_end::{Rights, Stage};
use serde_json::Value;

use crate::{ECHO, FAR, FAR_6, are_over, brief, stage, to};

#[test]
fn tcp_with_full_rights() {
    streams(Rights::Full);
}

#[test]
fn tcp_without_rights() {
    streams(Rights::Ordinary);
}

fn streams(rights: Rights) {
    let Some(stage) = stage(rights) else { return };
    for (name, remote) in [
        ("plain", FAR),
        ("plain", FAR_6),
        ("sendfile", "1.178.29.42:443"),
        ("splice", "129.132.2.21:443"),
        ("io_uring", "1.178.29.42:80"),
        ("small_writes", "129.132.2.21:80"),
    ] {
        let program = stage.traffic(name, &[name, remote]).unwrap();
        let said = program.numbers().unwrap();
        let flows = stage.flows_when(to(remote), |flows| is_right(flows, &said)).unwrap();
        assert_right(name, &flows, &said);
        program.end().unwrap();
        let flows = stage.flows_when(to(remote), |flows| !flows.is_empty() && are_over(flows)).unwrap();
        assert_right(&format!("{name}, when it has ended"), &flows, &said);
    }
    many_connections(&stage);
}

/// A hundred bytes each: here it shows when a SYN or FIN is counted as payload.
fn many_connections(stage: &Stage) {
    let remote = "128.138.140.44:7000";
    let program = stage.traffic("crowd", &["connections", remote, "300"]).unwrap();
    let flows = stage.flows_when(to(remote), |flows| flows.len() >= 300 && are_over(flows)).unwrap();
    assert_eq!(flows.len(), 300);
    assert_right("many connections", &flows, &program.numbers().unwrap());
}

/// Whether flows sent and received together what the program says, within 2 %.
fn is_right(flows: &[Value], said: &[u64]) -> bool {
    let seen = seen(flows);
    near(seen[0], said[0]) && near(seen[1], said[1])
}

fn assert_right(name: &str, flows: &[Value], said: &[u64]) {
    assert!(
        is_right(flows, said),
        "{name}: sent and received {said:?}, seen {:?}\n{}",
        seen(flows),
        brief(flows)
    );
}

/// What flows sent and received together, as far as it is known.
fn seen(flows: &[Value]) -> [u64; 2] {
    ["bytes_sent", "bytes_received"].map(|key| flows.iter().filter_map(|flow| flow[key].as_u64()).sum())
}

fn near(seen: u64, said: u64) -> bool {
    seen.abs_diff(said) * 50 <= said
}

#[test]
fn udp_with_full_rights() {
    let Some(stage) = stage(Rights::Full) else { return };
    for (name, remote) in [
        ("datagrams", ECHO),
        ("datagrams", "[fd77::1]:7001"),
        ("batches", "192.168.77.1:7002"),
        ("datagram_bursts", "128.138.140.44:9"),
    ] {
        let program = stage.traffic(name, &[name, remote]).unwrap();
        let said = program.numbers().unwrap();
        let flows = stage.flows_when(to(remote), |flows| is_right(flows, &said)).unwrap();
        assert_right(name, &flows, &said);
        program.end().unwrap();
        let flows = stage.flows_when(to(remote), |flows| !flows.is_empty() && are_over(flows)).unwrap();
        assert_right(&format!("{name}, when it has ended"), &flows, &said);
    }
}

/// The kernel tells them to nobody without rights, and so no number is made up.
#[test]
fn bytes_of_udp_are_not_known_without_rights() {
    let Some(stage) = stage(Rights::Ordinary) else { return };
    let _program = stage.traffic("datagrams", &["datagrams", ECHO]).unwrap();
    let flows = stage.flows_when(to(ECHO), |flows| !flows.is_empty()).unwrap();
    assert_eq!(
        (flows.len(), &flows[0]["bytes_sent"], &flows[0]["bytes_received"]),
        (1, &Value::Null, &Value::Null)
    );
}

#[test]
fn connections_that_were_reset_report_no_false_bytes_with_full_rights() {
    resets(Rights::Full);
}

#[test]
fn connections_that_were_reset_report_no_false_bytes_without_rights() {
    resets(Rights::Ordinary);
}

/// The kernel forgets them before it tells: what is told must be right all the same, or not known.
fn resets(rights: Rights) {
    let Some(stage) = stage(rights) else { return };
    let remote = "128.138.140.44:7000";
    stage.traffic("abrupt", &["reset", remote]).unwrap().end().unwrap();
    let flows = stage.flows_when(to(remote), |flows| flows.len() >= 20 && are_over(flows)).unwrap();
    if rights == Rights::Full {
        assert_eq!(flows.len(), 20);
    }
    for flow in flows {
        for key in ["bytes_sent", "bytes_received"] {
            assert!(flow[key].is_null() || near(flow[key].as_u64().unwrap(), 1000), "{flow}");
        }
    }
}
