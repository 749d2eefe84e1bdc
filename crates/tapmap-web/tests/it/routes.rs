//! Each route once, with the facts it must tell.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tapmap_core::Coordinates;

use crate::support::{Fixture, HOST, Program, change, lively, process, request, tcp};

const FLOW_KEYS: &str = "protocol direction state local_address local_port remote_address remote_port scope app pid \
    executable attribution peer_app peer_pid service country city latitude longitude accuracy_km asn operator role \
    role_rule anycast bytes_sent bytes_received rtt_ms first_seen match_quality possibly name name_source names \
    name_heard aliases send_rate receive_rate network seen_by";

/// The keys of the first object in a list, in the order in which they were written.
fn keys_as_written(body: &str) -> Vec<String> {
    let from = body.find("[{").unwrap() + 1;
    let object = &body[from..=from + body[from..].find('}').unwrap()];
    let parts = object.split(",\"").map(|part| part.trim_start_matches("{\""));
    parts.filter_map(|part| part.split_once("\":")).map(|(key, _)| key.to_owned()).collect()
}

#[tokio::test]
async fn a_flow_has_exactly_the_promised_keys_in_order() {
    let fixture = Fixture::new();
    fixture.see(1, lively());
    let body = fixture.ask("GET", "/api/v1/flows").await.text();
    assert_eq!(keys_as_written(&body), FLOW_KEYS.split_whitespace().collect::<Vec<_>>());
}

#[tokio::test]
async fn flows_tell_what_is_known_and_null_for_the_rest() {
    let fixture = Fixture::new();
    fixture.see(1, lively());
    let flows = fixture.get("/api/v1/flows").await;
    let browser = json!({
        "protocol": "tcp", "direction": "outbound", "state": "established",
        "local_address": "192.168.1.20", "local_port": 50000,
        "remote_address": "203.0.113.7", "remote_port": 443, "scope": "public",
        "app": "firefox", "pid": 4321, "executable": "/usr/bin/firefox", "attribution": "descriptor",
        "peer_app": null, "peer_pid": null, "service": "https",
        "country": "DE", "city": "Frankfurt am Main", "latitude": 50.11, "longitude": 8.68, "accuracy_km": 20,
        "asn": 64500, "operator": "Example", "role": "hosting", "role_rule": "asn 64500", "anycast": false,
        "bytes_sent": 100, "bytes_received": 2000, "rtt_ms": 12.345,
        "first_seen": "2026-11-25T12:00:01.000Z",
    });
    let unknown = json!({
        "protocol": "tcp", "direction": "outbound", "state": "established",
        "local_address": "192.168.1.20", "local_port": 50001,
        "remote_address": "192.0.2.1", "remote_port": 853, "scope": "public",
        "app": null, "pid": null, "executable": null, "attribution": "not_permitted",
        "peer_app": null, "peer_pid": null, "service": null,
        "country": null, "city": null, "latitude": null, "longitude": null, "accuracy_km": null,
        "asn": 64500, "operator": "Example", "role": null, "role_rule": null, "anycast": true,
        "bytes_sent": 100, "bytes_received": 2000, "rtt_ms": 12.345,
        "first_seen": "2026-11-25T12:00:01.000Z",
    });
    let further = |quality: Value| {
        json!({
            "match_quality": quality, "possibly": null, "name": null, "name_source": null, "names": [],
            "name_heard": null, "aliases": [], "send_rate": null, "receive_rate": null, "network": null,
            "seen_by": ["list"],
        })
    };
    let expected = [both(browser, further(json!("descriptor"))), both(unknown, further(Value::Null))];
    assert_eq!(flows["items"], json!(expected));
}

/// The keys of both objects as one.
fn both(mut one: Value, mut other: Value) -> Value {
    one.as_object_mut().unwrap().append(other.as_object_mut().unwrap());
    one
}

#[tokio::test]
async fn own_flows_are_listed_when_asked_for() {
    let fixture = Fixture::new();
    fixture.see(1, lively());
    let flows = fixture.get("/api/v1/flows?own=true").await;
    let apps: Vec<&Value> = flows["items"].as_array().unwrap().iter().map(|flow| &flow["app"]).collect();
    assert_eq!(apps, [&json!("firefox"), &Value::Null, &json!("tapmap")]);
}

#[tokio::test]
async fn what_ended_is_listed_when_asked_for() {
    let fixture = Fixture::new();
    fixture.see(1, vec![tcp(10, "10.0.0.5:40000", "192.0.2.7:443", process(71, "curl", false))]);
    fixture.see(3, vec![]);
    let unseen = tapmap_core::SocketRow {
        state: tapmap_core::SocketState::Closed,
        ..tcp(11, "10.0.0.5:40001", "192.0.2.7:443", process(71, "curl", false))
    };
    fixture.tell(4, tapmap_core::Sighting::Socket(unseen));
    fixture.see(5, vec![tcp(12, "10.0.0.5:40002", "192.0.2.7:443", process(71, "curl", false))]);
    let flows = fixture.get("/api/v1/flows?recent=10m").await;
    let told: Vec<Value> = flows["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|flow| json!([flow["local_port"], flow["ended"].is_string(), flow["duration_ms"]]))
        .collect();
    assert_eq!(told, [json!([40002, false, null]), json!([40000, true, 0]), json!([40001, true, null])]);
    assert_eq!(fixture.get("/api/v1/flows?recent=0s").await["items"].as_array().unwrap().len(), 2);
    let answer = fixture.ask("GET", "/api/v1/flows?recent=soon").await;
    assert_eq!(answer.status, axum::http::StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_connection_within_this_computer_is_one_flow_with_both_ends() {
    let fixture = Fixture::new();
    fixture.see(
        1,
        vec![
            crate::support::listening(9, "127.0.0.1:5432", process(70, "postgres", false)),
            tcp(10, "127.0.0.1:40000", "127.0.0.1:5432", process(71, "psql", false)),
            tcp(11, "127.0.0.1:5432", "127.0.0.1:40000", process(70, "postgres", false)),
        ],
    );
    let flows = fixture.get("/api/v1/flows").await;
    assert_eq!(flows["items"].as_array().unwrap().len(), 1);
    let flow = &flows["items"][0];
    assert_eq!((&flow["app"], &flow["peer_app"]), (&json!("psql"), &json!("postgres")));
    assert_eq!((&flow["pid"], &flow["peer_pid"], &flow["scope"]), (&json!(71), &json!(70), &json!("local")));
}

#[tokio::test]
async fn listeners_tell_port_and_owner() {
    let fixture = Fixture::new();
    fixture.see(1, lively());
    let listeners = fixture.get("/api/v1/listeners").await;
    let listener = &listeners["items"][0];
    assert_eq!(listeners["items"].as_array().unwrap().len(), 1);
    assert_eq!((&listener["local_port"], &listener["app"]), (&json!(22), &json!("sshd")));
}

#[tokio::test]
async fn status_tells_what_is_observed() {
    let fixture = Fixture::new();
    assert_eq!(fixture.get("/api/v1/status").await["observed_at"], Value::Null);
    fixture.see(2, lively());
    let status = fixture.get("/api/v1/status").await;
    assert_eq!(status["counts"], json!({ "flows": 2, "listeners": 1, "own_flows": 1 }));
    assert_eq!((&status["mode"], &status["epoch"]), (&json!("live"), &json!("5eed")));
    assert_eq!(status["started_at"], "2026-11-25T12:00:00.000Z");
    assert_eq!(status["observed_at"], "2026-11-25T12:00:02.000Z");
    assert_eq!((&status["interval_ms"], &status["data"][0]["kind"]), (&json!(1000), &json!("place")));
}

#[tokio::test]
async fn about_names_version_and_credits() {
    let about = Fixture::new().get("/api/v1/about").await;
    assert_eq!((&about["version"], &about["credits"][0]["name"]), (&json!("0.1.0"), &json!("Natural Earth")));
}

#[tokio::test]
async fn the_own_place_is_chosen_and_forgotten() {
    let fixture = Fixture::new();
    let chosen =
        fixture.send(change("PUT", "/api/v1/own-place", r#"{"latitude":48.1,"longitude":11.6}"#)).await;
    assert_eq!(chosen.status, StatusCode::OK);
    assert_eq!((&chosen.json()["latitude"], &chosen.json()["source"]), (&json!(48.1), &json!("chosen")));
    let forgotten = fixture.send(change("DELETE", "/api/v1/own-place", "")).await;
    assert_eq!((forgotten.status, forgotten.json()), (StatusCode::OK, Value::Null));
}

#[tokio::test]
async fn a_place_off_the_earth_is_refused() {
    let fixture = Fixture::new();
    for body in [
        r#"{"latitude":91,"longitude":0}"#,
        r#"{"latitude":0,"longitude":181}"#,
        r#"{"latitude":0}"#,
        r#"{"latitude":0,"longitude":0,"altitude":0}"#,
        r#"{"latitude":"0","longitude":0}"#,
        "",
        "{",
    ] {
        let answer = fixture.send(change("PUT", "/api/v1/own-place", body)).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::BAD_REQUEST, "invalid_request".to_owned()),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_choice_that_cannot_be_kept_is_told() {
    let program = Program { disk_full: true, ..Program::default() };
    let fixture = Fixture::with(HOST.parse().unwrap(), program, None);
    let answer = fixture.send(change("PUT", "/api/v1/own-place", r#"{"latitude":1,"longitude":1}"#)).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::INTERNAL_SERVER_ERROR, "not_kept".to_owned()));
    assert_eq!(answer.json()["detail"], "The disk is full.");
}

#[tokio::test]
async fn data_is_rechecked() {
    let answer = Fixture::new().send(change("POST", "/api/v1/geo/recheck", "{}")).await;
    assert_eq!((answer.status, &answer.json()["data"][0]["active"]), (StatusCode::OK, &json!(true)));
}

#[tokio::test]
async fn the_contract_is_served() {
    let contract = Fixture::new().get("/api/v1/openapi.json").await;
    assert_eq!(contract["info"]["title"], "TapMap");
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_document() {
    let fixture = Fixture::new();
    let answer = fixture.ask("GET", "/api/v1/secrets").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, "not_found".to_owned()));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let answer = fixture.send(change("POST", "/api/v1/flows", "{}")).await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed".to_owned())
    );
    let answer = fixture.ask("GET", "/api/v1/flows?own=perhaps").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "invalid_request".to_owned()));
    let answer = fixture.ask("GET", "/api/v1/flows?mine=true").await;
    assert_eq!(answer.code(), "invalid_request");
}

#[tokio::test]
async fn a_snapshot_is_columns_of_equal_length_over_dictionaries() {
    let fixture = Fixture::new();
    fixture.live.set_own_place(Coordinates::new(48.1, 11.6).map(crate::support::own_place));
    fixture.see(1, lively());
    let snapshot = fixture.get("/api/v1/snapshot").await;
    let columns = snapshot["flows"].as_object().unwrap();
    assert_eq!(columns.len(), 22);
    for (name, column) in columns {
        assert_eq!(column.as_array().unwrap().len(), 3, "{name}");
    }
    let owner = usize::try_from(columns["owner"][0].as_u64().unwrap()).unwrap();
    let remote = usize::try_from(columns["remote"][1].as_u64().unwrap()).unwrap();
    assert_eq!(snapshot["dict"]["owners"][owner]["app"], "firefox");
    assert_eq!(snapshot["dict"]["remotes"][remote]["anycast_rule"], "prefix 192.0.2.0/30");
    assert_eq!(columns["own"], json!([false, false, true]));
    assert_eq!(columns["first_seen"][0], crate::support::START + 1000);
    assert_eq!(
        (&snapshot["listeners"][0]["id"], &snapshot["listeners"][0]["own"]),
        (&json!("4"), &json!(false))
    );
    assert_eq!(
        (&snapshot["at"], &snapshot["own_place"]["latitude"]),
        (&json!("2026-11-25T12:00:01.000Z"), &json!(48.1))
    );
}

#[tokio::test]
async fn nothing_of_the_interface_is_kept_by_browsers() {
    let answer = Fixture::new().send(request("GET", "/api/v1/status")).await;
    assert_eq!(answer.header("cache-control"), "no-store");
}

/// A name that led two apps to an address.
fn named() -> tapmap_core::Sighting {
    tapmap_core::Sighting::Named(tapmap_core::NameHeard {
        name: "www.example.org".into(),
        aliases: vec!["edge.example.net".into()],
        source: tapmap_core::NameSource::Dns,
        leads_to: tapmap_core::LeadsTo::Addresses {
            addresses: vec!["203.0.113.7".parse().unwrap()],
            asked_by: None,
            time_to_live: std::time::Duration::from_mins(1),
        },
    })
}

#[tokio::test]
async fn a_flow_tells_its_name_and_how_that_is_known() {
    let fixture = Fixture::new();
    fixture.tell(0, named());
    fixture.see(1, lively());
    let flow = fixture.get("/api/v1/flows").await["items"][0].clone();
    assert_eq!((&flow["name"], &flow["name_source"]), (&json!("www.example.org"), &json!("dns")));
    assert_eq!(
        (&flow["names"], &flow["aliases"]),
        (&json!(["www.example.org"]), &json!(["edge.example.net"]))
    );
    assert_eq!(flow["name_heard"], "2026-11-25T12:00:00.000Z");
}

#[tokio::test]
async fn names_are_entries_of_a_dictionary() {
    let fixture = Fixture::new();
    fixture.tell(0, named());
    fixture.see(1, lively());
    let snapshot = fixture.get("/api/v1/snapshot").await;
    let entry =
        json!({ "candidates": ["www.example.org"], "source": "dns", "aliases": ["edge.example.net"] });
    assert_eq!(snapshot["dict"]["names"], json!([entry]));
    let flows = &snapshot["flows"];
    assert_eq!(
        (&flows["name"], &flows["name_heard"]),
        (&json!([0, null, null]), &json!([crate::support::START, null, null]))
    );
}

#[tokio::test]
async fn a_flow_of_another_network_says_of_which() {
    let fixture = Fixture::new();
    let mut row = tcp(1, "10.0.0.5:40000", "192.0.2.7:443", process(71, "curl", false));
    row.namespace = tapmap_core::Namespace(4_026_532_001);
    fixture.see(1, vec![row]);
    let flow = fixture.get("/api/v1/flows").await["items"][0].clone();
    assert_eq!(flow["network"], 4_026_532_001_u32);
    let snapshot = fixture.get("/api/v1/snapshot").await;
    assert_eq!(snapshot["flows"]["network"], json!([4_026_532_001_u32]));
}

#[tokio::test]
async fn preferences_are_kept_and_told_by_the_status() {
    let fixture = Fixture::new();
    let put = |body: &'static str| fixture.send(change("PUT", "/api/v1/preferences", body));
    let saved = r#"{"saved_filters":[{"name":"work","filter":"app=firefox"}],"single_keys":false}"#;
    assert_eq!(put(saved).await.status, StatusCode::OK);
    assert_eq!(put(r#"{"theme":"light"}"#).await.json()["single_keys"], false);
    let status = fixture.get("/api/v1/status").await;
    let expected = json!({
        "theme": "light", "single_keys": false, "saved_filters": [{ "name": "work", "filter": "app=firefox" }],
    });
    assert_eq!(status["preferences"], expected);
    for (body, code) in [
        (r#"{"saved_filters":[{"name":" ","filter":""}]}"#, "invalid_request"),
        (r#"{"colour":"red"}"#, "invalid_request"),
    ] {
        assert_eq!(put(body).await.code(), code, "{body}");
    }
    assert_eq!(fixture.get("/api/v1/status").await["preferences"], expected);
    let full = Program { disk_full: true, ..Program::default() };
    let full = Fixture::with(HOST.parse().unwrap(), full, None);
    assert_eq!(full.send(change("PUT", "/api/v1/preferences", "{}")).await.code(), "not_kept");
}
