//! The recorder's account of itself, held against what was really done.

use std::time::Duration;

use end_to_end::{Rights, asked_each, asked_until};
use serde_json::Value;

use crate::{FAR, stage};

/// Connections that are made.
const MADE: u64 = 300;
/// How often the recorder is asked. Each answer is a connection too, whose two ends are concluded within
/// two looks: at this pace they are but for the last.
const PACE: Duration = Duration::from_secs(3);
/// How many sockets of the recorder's own answers may be in the making while it is asked.
const IN_THE_MAKING: u64 = 6;

#[test]
fn what_the_kernel_counted_was_seen_with_full_rights() {
    nothing_is_missing(Rights::Full);
}

#[test]
fn what_the_kernel_counted_was_seen_without_rights() {
    nothing_is_missing(Rights::Ordinary);
}

fn nothing_is_missing(rights: Rights) {
    let Some(stage) = stage(rights) else { return };
    let ask = || stage.get("/api/v1/coverage");
    let has_counted = |coverage: &Value| coverage["total"]["tcp"]["kernel_opened"].is_u64();
    let before = asked_until(ask, has_counted).unwrap();
    stage.traffic("crowd", &["connections", FAR, "300"]).unwrap().end().unwrap();
    // Both counts began at their own moments, so only what came since is compared.
    let is_complete = |coverage: &Value| {
        let since = |key: &str| {
            let count = |coverage: &Value| coverage["total"]["tcp"][key].as_u64().unwrap_or(0);
            count(coverage).saturating_sub(count(&before))
        };
        let near = |one: &str, other: &str| since(one).abs_diff(since(other)) <= IN_THE_MAKING;
        since("seen_closed") >= MADE
            && since("kernel_opened") >= MADE
            && near("kernel_opened", "seen_opened")
            && near("kernel_closed", "seen_closed")
    };
    let coverage = asked_each(PACE, ask, is_complete).unwrap();
    let total = &coverage["total"];
    assert!(is_complete(&coverage), "{}\n{total}", before["total"]);
    assert_eq!((&total["lost"], &total["overruns"]), (&0.into(), &0.into()));
    assert_eq!(coverage["gaps"], serde_json::json!([]));
    let count = |key: &str| total[key].as_u64().unwrap();
    assert!(count("ended") >= MADE);
    assert_eq!(count("with_owner") + count("ambiguous") + count("without_owner"), count("ended"));
    if rights == Rights::Full {
        assert!(count("with_owner") >= MADE, "{total}");
    }

    let told = stage.recorder().unwrap().command(&stage.net, &["doctor", "--json"]).unwrap();
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["layers"], coverage["layers"]);
    assert!(told["total"]["tcp"]["seen_opened"].as_u64() >= total["tcp"]["seen_opened"].as_u64());
    for layer in coverage["layers"].as_array().unwrap() {
        assert!(layer["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{layer}");
    }
}
