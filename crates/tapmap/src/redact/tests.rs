//! No private text survives, and what was the same stays the same.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Texts that are found nowhere in an output by chance.
fn private() -> impl Strategy<Value = String> {
    "[a-zäß\"\\\\/. ]{0,12}".prop_map(|text| format!("SECRET{text}"))
}

fn address() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(|it| IpAddr::from(it).to_string()),
        any::<[u8; 16]>().prop_map(|it| IpAddr::from(it).to_string())
    ]
}

fn flow(local: &str, remote: &str, texts: [&str; 3], names: &[String], scope: &str) -> RecordedFlow {
    let [user, path, city] = texts;
    let flow = json!({
        "id": "1", "protocol": "tcp", "direction": "outbound", "state": "established", "ending": "seen",
        "first_seen": "2026-11-25T12:00:00.000Z", "last_seen": "2026-11-25T12:00:00.000Z", "duration_ms": 0,
        "local_address": local, "local_port": 1, "remote_address": remote, "remote_port": 443,
        "scope": scope, "app": "firefox", "evidence": null, "pid": 7, "executable": path,
        "user": user, "attribution": "descriptor", "possibly": null, "names": names, "name_source": null,
        "country": "DE", "city": city, "latitude": 50.0, "longitude": 8.0, "accuracy_km": 1,
        "precision": null, "place_source": null, "asn": 1, "operator": "Example", "organisation": null,
        "role": null, "anycast": false, "bytes_sent": 1, "bytes_received": 2, "seen_by": [],
        "network": null,
    });
    serde_json::from_value(flow).unwrap()
}

/// Every text in a value, at whatever depth.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => vec![],
    }
}

fn event(sites: &[String], note: &str) -> Event {
    let reasons: Vec<Value> = sites
        .iter()
        .map(|site| {
            json!({
                "kind": "site", "protocol": null, "facet": "name", "value": site, "label": site,
                "returned_after_days": null, "flows": 1, "filter": site, "query": site,
            })
        })
        .collect();
    let mark = json!({ "id": "1", "kind": "known", "note": note, "since": "" });
    let event = json!({
        "id": sites.concat(), "day": "2026-11-25", "at": null, "app": "firefox", "reasons": reasons,
        "mark": mark, "text": sites.concat(), "begins": "", "ends": "",
    });
    serde_json::from_value(event).unwrap()
}

proptest! {
    #[test]
    fn of_an_event_no_site_and_no_note_survives(
        sites in proptest::collection::vec(private(), 1..5), note in private(),
    ) {
        let mut event = event(&sites, &note);
        event.redact(&mut Pseudonyms::default());
        for text in texts(&serde_json::to_value(&event).unwrap()) {
            prop_assert!(!text.to_uppercase().contains("SECRET"), "{}", text);
        }
        prop_assert!(event.text.starts_with("firefox turned to"));
    }

    #[test]
    fn no_original_survives(
        (local, remote) in (address(), address()),
        (user, path, city) in (private(), private(), private()),
        names in proptest::collection::vec(private(), 0..3),
    ) {
        let mut flows = [flow(&local, &remote, [&user, &path, &city], &names, "lan")];
        flows.redact(&mut Pseudonyms::default());
        for text in texts(&serde_json::to_value(&flows).unwrap()) {
            prop_assert!(!text.contains("SECRET"), "{}", text);
            let everyones = text.parse::<IpAddr>().is_ok_and(|it| it.is_loopback() || it.is_unspecified());
            prop_assert!(everyones || text.parse::<IpAddr>().is_err(), "{}", text);
        }
    }

    #[test]
    fn what_was_the_same_stays_the_same(names in proptest::collection::vec("[abc]", 1..20)) {
        let mut pseudonyms = Pseudonyms::default();
        let called: Vec<String> = names.iter().map(|name| pseudonyms.of("host", name)).collect();
        for (one, called_one) in names.iter().zip(&called) {
            for (other, called_other) in names.iter().zip(&called) {
                prop_assert_eq!(one == other, called_one == called_other);
            }
        }
    }
}

#[test]
fn what_is_public_stays() {
    let mut flows = [flow("10.0.0.5", "203.0.113.7", ["anna", "/home/anna/x", "Berlin"], &[], "public")];
    flows.redact(&mut Pseudonyms::default());
    let flow = &flows[0];
    assert_eq!((flow.local_address.as_str(), flow.remote_address.as_str()), ("address-1", "address-2"));
    assert_eq!((flow.user.as_deref(), flow.executable.as_deref()), (Some("user-1"), Some("path-1")));
    assert_eq!((flow.app.as_deref(), flow.city.as_deref()), (Some("firefox"), Some("Berlin")));
}

#[test]
fn names_and_ports_of_insights_are_redacted_where_they_tell_something() {
    let habit = |value: &str| {
        json!({
            "value": value, "label": value, "days": 1, "strip": "1", "flows": 1, "flows_today": 1, "sent_today": 0,
            "received_today": 0, "first_today": null, "last_seen": null, "filter": format!("x:\"{value}\""),
        })
    };
    let facet = |facet: &str, value: &str| {
        json!({
            "facet": facet, "new_today": [habit(value)], "new_today_count": 1, "most_frequent": [habit(value)],
            "most_frequent_count": 1,
        })
    };
    let listener = |address: &str| {
        json!({
            "protocol": "tcp", "address": address, "port": 22, "app": "sshd",
            "first_seen": "2026-11-25T12:00:00.000Z", "last_seen": "2026-11-25T12:00:00.000Z", "open": true,
        })
    };
    let mut insights: Insights = serde_json::from_value(json!({
        "filter": "", "day": "2026-11-25", "begins": "", "until": "", "history_days": 1, "observed_days": 1,
        "observed_strip": "1", "learning": true, "learning_days": 7, "unobserved_ms": 0, "unobserved": [],
        "facets": [facet("app", "firefox"), facet("name", "secret.example")],
        "new_listeners": [listener("0.0.0.0"), listener("192.168.1.20")], "surprises": [],
    }))
    .unwrap();
    insights = insights.within("-name:hidden.example");
    let asked = serde_json::to_string(&insights).unwrap();
    assert!(asked.contains(r#""x:\"firefox\" -name:hidden.example""#), "{asked}");
    insights.redact(&mut Pseudonyms::default());
    let text = serde_json::to_string(&insights).unwrap();
    assert!(!text.contains("hidden.example") && text.contains(r#""x:\"firefox\"""#), "{text}");
    assert!(!text.contains("secret.example") && !text.contains("192.168"), "{text}");
    assert!(text.contains("firefox") && text.contains("host-1") && text.contains("0.0.0.0"), "{text}");
}
