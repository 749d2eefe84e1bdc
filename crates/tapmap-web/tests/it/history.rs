//! What is remembered, over HTTP.

use crate::support::{Fixture, change, nobody, process, tcp};
use axum::http::StatusCode;
use serde_json::Value;
use std::sync::Arc;
use tapmap_core::{Retention, Session, Timestamp};
use tapmap_engine::{Historian, HistorySettings, SystemClock};
use tapmap_history::SqliteStore;

/// A recorder whose history is in a folder of its own.
struct Remembering {
    recorder: Fixture,
    historian: Historian,
    _folder: tempfile::TempDir,
}

impl Remembering {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let started_at = Timestamp::from_millis(crate::support::START);
        let store = SqliteStore::open(&folder.path().join("history.db"), started_at).unwrap().store;
        let session = Session { started_at, ..Session::default() };
        let settings = HistorySettings {
            keep: Retention { days: 100_000, bytes: 1 << 30 },
            zone: Box::new(|| Arc::from("")),
        };
        let mut historian = None;
        let recorder = Fixture::remembering(|live| {
            let clock = Box::<SystemClock>::default();
            let started = Historian::start(live, Box::new(store), clock, session, settings).unwrap();
            let history = started.history();
            historian = Some(started);
            history
        });
        Self { recorder, historian: historian.unwrap(), _folder: folder }
    }

    /// Three connections that have ended, all written.
    fn with_flows() -> Self {
        let this = Self::new();
        this.recorder.see(0, vec![]);
        this.recorder.see(
            1,
            vec![
                tcp(1, "10.0.0.5:40001", "198.51.100.7:443", process(5, "firefox", false)),
                tcp(2, "10.0.0.5:40002", "192.0.2.1:443", process(6, "curl", false)),
                tcp(3, "10.0.0.5:40003", "198.51.100.7:80", nobody()),
            ],
        );
        this.recorder.see(2, vec![]);
        // Whatever is asked of the writer is done after what was told before; a forgetting writes all.
        let history = this.historian.history();
        let forgetting = history.forget(tapmap_core::Forget::App("nobody".into())).unwrap();
        assert!(history.restore(forgetting.id).unwrap());
        this
    }

    async fn ports(&self, query: &str) -> Vec<u64> {
        let answer = self.recorder.get(&format!("/api/v1/flows?{query}")).await;
        let items = answer["items"].as_array().unwrap();
        items.iter().map(|item| item["local_port"].as_u64().unwrap()).collect()
    }
}

#[tokio::test]
async fn recorded_flows_come_by_pages_and_filters() {
    let this = Remembering::with_flows();
    let all = this.recorder.get("/api/v1/flows?filter=").await;
    let first: &Value = &all["items"][2];
    assert_eq!((&first["app"], &first["ending"]), (&"firefox".into(), &"seen".into()));
    assert_eq!(first["first_seen"], "2026-11-25T12:00:01.000Z");
    assert_eq!(this.ports("filter=").await, [40_003, 40_002, 40_001]);
    assert_eq!(this.ports("filter=app:firefox").await, [40_001]);
    assert_eq!(this.ports("filter=-app:firefox%20port:443").await, [40_002]);
    assert_eq!(this.ports("app=curl").await, [40_002]);
    assert_eq!(this.ports("port=80&country=DE").await, [40_003]);
    assert_eq!(this.ports("from=2026-11-25T12:00:03Z").await, Vec::<u64>::new());
    assert_eq!(this.ports("to=2026-11-25T12:00:01Z").await, Vec::<u64>::new());
    let page = this.recorder.get("/api/v1/flows?limit=2").await;
    let next = page["next"].as_str().unwrap();
    assert_eq!(this.ports(&format!("limit=2&before={next}")).await, [40_001]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_place() {
    let this = Remembering::with_flows();
    for (target, words) in [
        ("/api/v1/flows?filter=prot:443", "character 1: there is no field \"prot\""),
        ("/api/v1/flows?from=yesterday", "A moment is written as"),
        ("/api/v1/flows?before=x", "An id is a number."),
        (
            "/api/v1/timeline?from=2026-11-25T12:00:00Z&to=2026-11-26T12:00:00Z&bucket=1s",
            "at most 10000 slots",
        ),
        (
            "/api/v1/timeline?from=2026-11-25T12:00:00Z&to=2026-11-26T12:00:00Z&bucket=soon",
            "The bucket is a time",
        ),
    ] {
        let answer = this.recorder.ask("GET", target).await;
        assert_eq!(answer.code(), "invalid_request", "{target}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(words), "{target}: {}", answer.text());
    }
    for body in ["{}", r#"{"all": false}"#, r#"{"app": "a", "all": true}"#, r#"{"before": "soon"}"#] {
        let answer = this.recorder.send(change("POST", "/api/v1/history/forget", body)).await;
        assert_eq!(answer.code(), "invalid_request", "{body}");
    }
}

#[tokio::test]
async fn a_timeline_has_every_slot() {
    let this = Remembering::with_flows();
    let path = "/api/v1/timeline?from=2026-11-25T12:00:00Z&to=2026-11-25T13:00:00Z&bucket=15m";
    let timeline = this.recorder.get(path).await;
    let flows: Vec<u64> =
        timeline["items"].as_array().unwrap().iter().map(|slot| slot["flows"].as_u64().unwrap()).collect();
    assert_eq!(flows, [3, 0, 0, 0]);
    let one = this.recorder.get(&format!("{path}&filter=app:curl")).await;
    assert_eq!(one["items"][0]["flows"], 1);
}

#[tokio::test]
async fn forgetting_needs_the_token_and_can_be_taken_back() {
    let this = Remembering::with_flows();
    let without = this.recorder.ask("POST", "/api/v1/history/forget").await;
    assert_eq!(without.code(), "token_missing");
    let body = r#"{"app": "firefox"}"#;
    let forgetting = this.recorder.send(change("POST", "/api/v1/history/forget", body)).await.json();
    assert_eq!(this.ports("filter=").await, [40_003, 40_002]);
    assert_eq!(this.recorder.get("/api/v1/history").await["forgetting"][0]["app"], "firefox");
    let target = format!("/api/v1/history/forget?id={}", forgetting["id"].as_str().unwrap());
    assert_eq!(this.recorder.send(change("DELETE", &target, "")).await.status, StatusCode::OK);
    assert_eq!(this.ports("filter=").await, [40_003, 40_002, 40_001]);
    assert_eq!(this.recorder.send(change("DELETE", &target, "")).await.code(), "not_found");
}

#[tokio::test]
async fn days_are_taken_over_and_the_history_is_sound() {
    let this = Remembering::with_flows();
    let body = r#"{"facet": "country", "values": [{"value": "NO", "days": [20780, 20781]}]}"#;
    let stats = this.recorder.send(change("POST", "/api/v1/history/import", body)).await.json();
    assert_eq!((&stats["imported_days"], &stats["flows"]), (&2.into(), &3.into()));
    let refused = r#"{"facet": "port", "values": [{"value": "http", "days": [1]}]}"#;
    assert_eq!(
        this.recorder.send(change("POST", "/api/v1/history/import", refused)).await.code(),
        "invalid_request"
    );
    let findings = this.recorder.send(change("POST", "/api/v1/history/verify", "{}")).await.json();
    assert_eq!(findings["findings"].as_array().unwrap().len(), 0);
    let stats = this.recorder.send(change("POST", "/api/v1/history/compact", "{}")).await.json();
    assert_eq!(stats["flows"], 3);
}

#[tokio::test]
async fn without_a_history_that_is_said() {
    let recorder = Fixture::new();
    assert_eq!(recorder.ask("GET", "/api/v1/flows?limit=1").await.code(), "no_history");
    assert_eq!(recorder.ask("GET", "/api/v1/history").await.code(), "no_history");
}
