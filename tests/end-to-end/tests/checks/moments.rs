//! Connections of a moment: none may be missed, and with full rights each has its owner.

use end_to_end::{GATEWAY, Rights, asked_until};
use serde_json::Value;

use crate::{FAR, are_over, brief, of, stage, to, values};

#[test]
fn connections_of_100_ms_are_all_seen_with_full_rights() {
    sixty_by_threads(Rights::Full);
}

#[test]
fn connections_of_100_ms_are_all_seen_without_rights() {
    sixty_by_threads(Rights::Ordinary);
}

#[test]
fn connections_of_5_ms_by_processes_that_exit_are_all_seen_with_full_rights() {
    two_hundred_by_processes(Rights::Full);
}

#[test]
fn connections_of_5_ms_by_processes_that_exit_are_all_seen_without_rights() {
    two_hundred_by_processes(Rights::Ordinary);
}

/// The reference looks every five seconds and sees none of them.
fn sixty_by_threads(rights: Rights) {
    let Some(stage) = stage(rights) else { return };
    let program = stage.traffic("glimpse", &["moments", FAR, "60", "100"]).unwrap();
    let flows = stage.flows_when(to(FAR), |flows| flows.len() >= 60 && are_over(flows)).unwrap();
    assert_eq!(flows.len(), 60, "{}", brief(&flows));
    if rights == Rights::Full {
        assert!(flows.iter().all(of("glimpse")), "{:?}", values(&flows, "app"));
        assert_eq!(values(&flows, "pid").len(), 1);
    }
    assert!(
        flows.iter().all(|flow| flow["duration_ms"].as_u64() <= Some(2_000)),
        "{:?}",
        values(&flows, "duration_ms")
    );
    drop(program);
}

fn two_hundred_by_processes(rights: Rights) {
    let Some(stage) = stage(rights) else { return };
    stage.traffic("visitor", &["processes", FAR, "200", "5"]).unwrap().end().unwrap();
    let flows = stage.flows_when(to(FAR), |flows| flows.len() >= 200 && are_over(flows)).unwrap();
    assert_eq!(flows.len(), 200, "{}", brief(&flows));
    if rights == Rights::Full {
        assert!(flows.iter().all(of("visitor")), "{:?}", values(&flows, "app"));
        assert_eq!(values(&flows, "pid").len(), 200, "each by a process of its own");
    }
}

#[test]
fn a_scan_of_closed_ports_is_seen_with_full_rights() {
    scan(Rights::Full);
}

#[test]
fn a_scan_of_closed_ports_is_seen_without_rights() {
    scan(Rights::Ordinary);
}

/// What a failed attempt was to, the kernel has forgotten when it tells that it ended. Without rights it
/// is counted, and that is said.
fn scan(rights: Rights) {
    let Some(stage) = stage(rights) else { return };
    let (first, last) = (20_000_u64, 20_399_u64);
    let arguments = ["scan", GATEWAY, &first.to_string(), &last.to_string()];
    stage.traffic("curious", &arguments).unwrap().end().unwrap();
    let is_tried = |flow: &Value| {
        let port = flow["remote_port"].as_u64().unwrap_or(0);
        flow["network"].is_null() && flow["remote_address"] == GATEWAY && (first..=last).contains(&port)
    };
    if rights == Rights::Full {
        let flows = stage.flows_when(is_tried, |flows| flows.len() >= 400 && are_over(flows)).unwrap();
        assert_eq!(flows.len(), 400, "{}", brief(&flows));
        assert_eq!(values(&flows, "remote_port").len(), 400);
        assert!(flows.iter().all(of("curious")), "{}", brief(&flows));
    } else {
        let count = |coverage: &Value| coverage["total"]["tcp"]["kernel_opened"].as_u64().unwrap_or(0);
        let coverage = asked_until(|| stage.get("/api/v1/coverage"), |it| count(it) >= 400).unwrap();
        assert!(count(&coverage) >= 400, "{}", coverage["total"]);
    }
}
