//! Marks over HTTP: what is marked carries its mark, and every change can be taken back.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tapmap_core::Facet;

use super::{DAY, Remembering};
use crate::support::{Answer, Fixture, HOST, Program, change, lively};

const PATH: &str = "/api/v1/marks";

async fn put(fixture: &Fixture, new: &Value) -> Answer {
    fixture.send(change("PUT", PATH, &new.to_string())).await
}

fn known(subject: &Value) -> Value {
    json!({ "subject": subject, "kind": "known", "note": " asked my bank " })
}

#[tokio::test]
async fn what_is_marked_carries_its_mark() {
    let every: Vec<i32> = (0..30).collect();
    let remembering = Remembering::with(&[
        (Facet::App, "firefox", every),
        (Facet::App, "installer", vec![0]),
        (Facet::Country, "DE", vec![0]),
    ]);
    let fixture = &remembering.fixture;
    let made = put(fixture, &known(&json!({ "of": "app", "app": "installer" }))).await.json();
    let mark = &made["items"][0];
    assert_eq!((&mark["label"], &mark["note"]), (&"installer".into(), &"asked my bank".into()));
    assert_eq!((&mark["files"], &mark["expired"]), (&json!([]), &Value::Null));
    let muted = json!({ "subject": { "of": "country", "country": "DE" }, "kind": "muted" });
    assert_eq!(put(fixture, &muted).await.json()["items"][0]["label"], "Germany");

    let insights = remembering.get(&format!("/api/v1/insights?day={DAY}")).await;
    let fresh = |facet: usize| insights["facets"][facet]["new_today"][0]["mark"].clone();
    assert_eq!((&fresh(0)["kind"], &fresh(0)["note"]), (&"known".into(), &"asked my bank".into()));
    assert_eq!(fresh(2)["kind"], "muted");
    assert_eq!(insights["facets"][0]["most_frequent"][0]["mark"], Value::Null);
    // The event holds both, of which one is only known: it is not folded away.
    let events = remembering.get("/api/v1/events").await;
    assert_eq!(events["items"][0]["mark"]["kind"], "known", "{events}");
}

#[tokio::test]
async fn the_mark_of_an_app_that_waits_knows_its_file() {
    let remembering = Remembering::new();
    remembering.fixture.see(0, lively());
    let subject = json!({ "of": "listener", "app": "sshd", "protocol": "tcp", "port": 22 });
    let made = put(&remembering.fixture, &known(&subject)).await.json();
    assert_eq!(made["items"][0]["label"], "sshd waiting at TCP port 22");
    assert_eq!(made["items"][0]["files"], json!(["/usr/bin/sshd"]));
    let insights = remembering.get(&format!("/api/v1/insights?day={DAY}")).await;
    assert_eq!(insights["new_listeners"][0]["mark"]["id"], made["items"][0]["id"]);
}

#[tokio::test]
async fn changes_are_taken_back_one_after_the_other() {
    let fixture = Fixture::new();
    let first = put(&fixture, &known(&json!({ "of": "port", "port": 443 }))).await.json();
    let id = first["items"][0]["id"].as_str().unwrap();
    let removed = fixture.send(change("DELETE", &format!("{PATH}?id={id}"), "")).await.json();
    assert_eq!((&removed["items"], &removed["can_undo"]), (&json!([]), &true.into()));
    let undo = |revision: Value| {
        let body = json!({ "revision": revision }).to_string();
        fixture.send(change("POST", "/api/v1/marks/undo", &body))
    };
    let late = undo(first["revision"].clone()).await;
    assert_eq!(late.code(), "not_found", "another change came after it");
    let back = undo(removed["revision"].clone()).await.json();
    assert_eq!(back["items"], first["items"]);
    assert_eq!(undo(Value::Null).await.json()["items"], json!([]));
    assert_eq!(undo(Value::Null).await.code(), "not_found");
    assert_eq!(fixture.get(PATH).await["can_undo"], false);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let fixture = Fixture::new();
    let long = json!({ "subject": { "of": "port", "port": 1 }, "kind": "known", "note": "n".repeat(201) });
    for new in [
        long,
        known(&json!({ "of": "country", "country": "Norway" })),
        known(&json!({ "of": "app", "app": "" })),
        known(&json!({ "of": "planet", "planet": "Mars" })),
        json!({ "subject": { "of": "port", "port": 1 }, "kind": "liked" }),
    ] {
        let answer = put(&fixture, &new).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "invalid_request".to_owned()));
    }
    for which in ["", "?id=x", "?id=1&all=true", "?all=false"] {
        let answer = fixture.send(change("DELETE", &format!("{PATH}{which}"), "")).await;
        assert_eq!(answer.code(), "invalid_request", "{which}");
    }
    assert_eq!(fixture.send(change("DELETE", &format!("{PATH}?id=9"), "")).await.code(), "not_found");
    let full = Program { disk_full: true, ..Program::default() };
    let full = Fixture::with(HOST.parse().unwrap(), full, None);
    let answer = put(&full, &known(&json!({ "of": "port", "port": 443 }))).await;
    assert_eq!(answer.code(), "not_kept");
    assert_eq!(full.get(PATH).await["items"], json!([]));
}
