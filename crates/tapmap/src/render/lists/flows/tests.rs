//! The table of flows, as a person reads it.

use super::*;
use serde_json::{Value, json};

fn flow(more: &Value) -> Value {
    let mut told = serde_json::Map::new();
    for (key, value) in [
        ("protocol", json!("tcp")),
        ("direction", json!("outbound")),
        ("state", json!("established")),
        ("local_address", json!("192.168.1.20")),
        ("local_port", json!(50_000)),
        ("remote_address", json!("203.0.113.7")),
        ("remote_port", json!(443)),
        ("scope", json!("public")),
        ("app", json!("firefox")),
        ("attribution", json!("descriptor")),
        ("service", json!("https")),
        ("country", json!("DE")),
        ("city", json!("Frankfurt")),
        ("operator", json!("Example")),
        ("anycast", json!(false)),
        ("bytes_sent", json!(100)),
        ("bytes_received", json!(2_000)),
        ("first_seen", json!("2026-11-25T12:00:00.000Z")),
        ("names", json!([])),
        ("aliases", json!([])),
        ("seen_by", json!(["list"])),
        ("ended", Value::Null),
        ("duration_ms", Value::Null),
    ] {
        told.insert(key.to_owned(), value);
    }
    told.extend(more.as_object().unwrap().clone());
    Value::Object(told)
}

fn lively() -> Vec<RecentFlow> {
    let told = json!([
        flow(&json!({ "names": ["www.example.org"], "name": "www.example.org", "name_source": "dns" })),
        flow(&json!({ "names": ["a.example", "b.example"], "name": "a.example", "name_source": "dns" })),
        flow(&json!({
            "protocol": "udp", "remote_port": 123, "service": "ntp", "state": "datagram", "app": "chrony",
            "bytes_sent": null, "bytes_received": null,
        })),
        flow(&json!({
            "app": null, "attribution": "exited", "possibly": "curl", "state": "time_wait",
            "ended": "2026-11-25T12:00:48.000Z", "duration_ms": 12,
        })),
        flow(&json!({
            "app": null, "attribution": "exited", "state": "closed", "bytes_sent": null,
            "bytes_received": null, "ended": "2026-11-25T12:00:58.000Z",
        })),
        flow(&json!({ "state": "syn_sent", "ended": "2026-11-25T12:00:59.000Z", "duration_ms": 61_000 })),
    ]);
    serde_json::from_value(told).unwrap()
}

const NOW: Timestamp = Timestamp::from_millis(1_795_608_060_000);

#[test]
fn a_pipe_gets_every_column() {
    let look = Look { now: Some(NOW), ..Look::default() };
    insta::assert_snapshot!(recent_flows(&lively(), &Folded::default(), look));
}

#[test]
fn in_a_narrow_terminal_the_operator_stands_for_a_name_that_is_not_known() {
    let look = Look { now: Some(NOW), width: Some(110), ..Look::default() };
    insta::assert_snapshot!(recent_flows(&lively(), &Folded::default(), look));
}

#[test]
fn what_ended_is_dimmed_where_that_can_be_seen() {
    let look = Look { now: Some(NOW), dim: true, ..Look::default() };
    let text = recent_flows(&lively(), &Folded::default(), look);
    let dim: Vec<bool> = text.lines().map(|line| line.starts_with("\u{1b}[2m")).collect();
    assert_eq!(dim, [false, false, false, false, true, true, true]);
    assert!(text.lines().all(|line| line.contains('\u{1b}') == line.ends_with("\u{1b}[0m")), "{text}");
}

#[test]
fn what_is_no_longer_listed_is_summed_up() {
    let group = |app: Option<&str>, flows| FoldedGroup {
        app: app.map(Into::into),
        remote_address: "192.0.2.7".to_owned(),
        flows,
        bytes_sent: 0,
        bytes_received: 0,
        lowest_port: 1,
        highest_port: 9,
    };
    let groups =
        vec![group(Some("scan"), 12_000), group(None, 300), group(Some("a"), 40), group(Some("b"), 5)];
    let folded = Folded { flows: 12_345, groups, ..Folded::default() };
    assert_eq!(
        no_longer_listed(&folded),
        "and 12,345 more that ended and are no longer listed one by one, most of them scan to 192.0.2.7 \
         (12,000), not identified to 192.0.2.7 (300), a to 192.0.2.7 (40)\n"
    );
    assert_eq!(no_longer_listed(&Folded::default()), "");
}
