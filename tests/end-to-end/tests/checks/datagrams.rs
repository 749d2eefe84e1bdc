//! Where unconnected UDP sockets send: no list tells it, so it takes rights; without them the recorder
//! says that it cannot be seen.

use end_to_end::Rights;
use serde_json::Value;

use crate::{brief, of, stage, to};

/// A time server.
const CLOCK: &str = "129.132.2.21:123";

#[test]
fn one_unconnected_datagram_is_seen_with_its_app_with_full_rights() {
    let Some(stage) = stage(Rights::Full) else { return };
    stage.traffic("clock", &["lone_datagram", CLOCK]).unwrap().end().unwrap();
    let flows = stage.flows_when(to(CLOCK), |flows| !flows.is_empty()).unwrap();
    assert_eq!(flows.len(), 1, "{}", brief(&flows));
    assert!(of("clock")(&flows[0]) && flows[0]["protocol"] == "udp", "{}", flows[0]);
    assert_eq!(sight(&stage.get("/api/v1/coverage").unwrap())["seen"], true);
}

#[test]
fn without_rights_the_recorder_says_that_it_cannot_be_seen() {
    let Some(stage) = stage(Rights::Ordinary) else { return };
    let _program = stage.traffic("clock", &["lone_datagram", CLOCK]).unwrap();
    let line = sight(&stage.get("/api/v1/coverage").unwrap());
    assert_eq!(line["seen"], false);
    assert!(line["reason"].as_str().is_some_and(|reason| reason.len() > 20), "{line}");
    assert_eq!(stage.flows_when(to(CLOCK), |_| true).unwrap(), [] as [Value; 0]);
}

/// The line about destinations of UDP.
fn sight(coverage: &Value) -> Value {
    let lines = coverage["sights"].as_array().unwrap();
    lines.iter().find(|line| line["sight"] == "udp_destinations").unwrap().clone()
}
