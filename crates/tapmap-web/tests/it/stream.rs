//! The live stream, with time that passes only when everybody waits.

use std::{net::Ipv4Addr, time::Duration};

use axum::body::{Body, BodyDataStream};
use axum::http::StatusCode;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tapmap_core::{Coordinates, Counters, SocketRow};
use tower::ServiceExt;

use crate::{
    contract,
    support::{Fixture, builder, listening, lively, nobody, process, request, tcp},
};

/// One event.
#[derive(Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) name: String,
    id: String,
    pub(crate) data: Value,
    bytes: usize,
}

/// An open stream, read event by event.
pub(crate) struct Stream(BodyDataStream);

impl Stream {
    pub(crate) async fn open(fixture: &Fixture, target: &str) -> Self {
        Self::of(fixture, request("GET", target)).await
    }

    async fn of(fixture: &Fixture, request: axum::http::Request<Body>) -> Self {
        let response = fixture.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response.into_body().into_data_stream())
    }

    /// The next event, held against the contract; `None` at the end of the stream or after a
    /// keep-alive comment.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        let text = self.text().await?;
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.unwrap_or_default().to_owned()
        };
        let name = field("event");
        if name.is_empty() {
            return None;
        }
        let data: Value = serde_json::from_str(&field("data")).unwrap();
        let schema = match name.as_str() {
            "hello" => "Hello",
            "d" => "Delta",
            "resync" => "Resync",
            "news" => "NewsHeard",
            other => panic!("unknown event {other}"),
        };
        contract::check_schema(schema, &data);
        for row in ["add", "upd"].iter().flat_map(|key| data[key].as_array().into_iter().flatten()) {
            contract::check_schema("Row", row);
        }
        for row in data["end"].as_array().into_iter().flatten() {
            contract::check_schema("EndRow", row);
        }
        Some(Event { name, id: field("id"), data, bytes: text.len() })
    }

    async fn text(&mut self) -> Option<String> {
        let frame = self.0.frame().await?.unwrap();
        Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
    }

    /// Whether nothing at all arrives within a time.
    async fn is_quiet_for(&mut self, seconds: u64) -> bool {
        tokio::time::timeout(Duration::from_secs(seconds), self.text()).await.is_err()
    }
}

/// A recorder whose streams are fed.
fn fed() -> Fixture {
    let fixture = Fixture::new();
    let app = fixture.app.clone();
    tokio::spawn(async move { app.run().await });
    fixture
}

fn moved(row: SocketRow, sent: u64) -> SocketRow {
    SocketRow { counters: Counters { bytes_sent: Some(sent), ..row.counters }, ..row }
}

#[tokio::test(start_paused = true)]
async fn a_stream_begins_with_hello() {
    let fixture = fed();
    let mut stream = Stream::open(&fixture, "/api/v1/stream").await;
    let hello = stream.next().await.unwrap();
    assert_eq!(
        (hello.name.as_str(), hello.data),
        ("hello", json!({ "schema": 1, "epoch": "5eed", "seq": 0 }))
    );
}

#[tokio::test(start_paused = true)]
async fn what_opens_changes_and_closes_is_told() {
    let fixture = fed();
    let mut stream = Stream::open(&fixture, "/api/v1/stream").await;
    stream.next().await.unwrap();
    fixture.see(1, lively());
    let opened = stream.next().await.unwrap();
    assert_eq!((opened.id.as_str(), &opened.data["s"]), ("5eed-1", &json!(1)));
    assert_eq!(opened.data["at"], crate::support::START + 1000);
    assert_eq!(opened.data["add"].as_array().unwrap().len(), 3);
    assert_eq!(
        opened.data["add"][0],
        json!([
            "1",
            0,
            null,
            0,
            0,
            "tcp",
            "outbound",
            "established",
            "192.168.1.20",
            50000,
            443,
            100,
            2000,
            12.345,
            crate::support::START + 1000,
            false
        ])
    );
    assert_eq!(opened.data["dict"]["owners"][0][1]["app"], "firefox");
    assert_eq!(opened.data["ladd"][0]["local_port"], 22);

    let mut sockets = lively();
    sockets[0].state = tapmap_core::SocketState::CloseWait;
    sockets.truncate(1);
    fixture.see(2, sockets);
    let changed = stream.next().await.unwrap().data;
    assert_eq!((&changed["upd"][0][0], &changed["upd"][0][7]), (&json!("1"), &json!("close_wait")));
    assert_eq!((&changed["del"], &changed["ldel"]), (&json!(["2", "3"]), &json!(["4"])));
    assert_eq!(
        (&changed["add"], &changed["dict"]),
        (&Value::Null, &Value::Null),
        "what is empty is left out"
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_when_nothing_changes() {
    let fixture = fed();
    fixture.see(1, lively());
    let snapshot = fixture.get("/api/v1/snapshot").await;
    let target = format!("/api/v1/stream?counters=true&after=5eed-{}", snapshot["seq"]);
    let mut stream = Stream::open(&fixture, &target).await;
    assert_eq!(stream.next().await.unwrap().name, "hello");
    for second in 2..10 {
        fixture.see(second, lively());
    }
    assert!(stream.is_quiet_for(14).await);
    assert_eq!(stream.text().await.unwrap(), ":\n\n", "a comment keeps the connection alive");
}

#[tokio::test(start_paused = true)]
async fn changes_within_a_quarter_second_are_one_delta() {
    let fixture = fed();
    let mut stream = Stream::open(&fixture, "/api/v1/stream").await;
    stream.next().await.unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    for count in 1..=4 {
        fixture.see(1, lively()[..count].to_vec());
    }
    let delta = stream.next().await.unwrap().data;
    assert_eq!((&delta["s"], delta["add"].as_array().unwrap().len()), (&json!(1), 3));
    assert!(stream.is_quiet_for(1).await);
}

#[tokio::test(start_paused = true)]
async fn what_came_and_went_between_two_deltas_is_not_told() {
    let fixture = fed();
    let mut stream = Stream::open(&fixture, "/api/v1/stream").await;
    stream.next().await.unwrap();
    fixture.see(1, lively());
    fixture.see(1, Vec::new());
    assert!(stream.is_quiet_for(5).await);
}

#[tokio::test(start_paused = true)]
async fn what_ended_is_told_to_who_asks() {
    let fixture = fed();
    fixture.see(1, lively()[..1].to_vec());
    let seq = fixture.get("/api/v1/snapshot").await["seq"].clone();
    let mut asking = Stream::open(&fixture, &format!("/api/v1/stream?ended=true&after=5eed-{seq}")).await;
    let mut plain = Stream::open(&fixture, &format!("/api/v1/stream?after=5eed-{seq}")).await;
    asking.next().await.unwrap();
    plain.next().await.unwrap();
    let second = lively().remove(1);
    fixture.see(3, vec![second]);
    fixture.see(5, Vec::new());
    let changed = asking.next().await.unwrap();
    assert_eq!((&changed.data["del"], &changed.data["add"]), (&json!(["1"]), &Value::Null));
    let entries = changed.data["dict"]["remotes"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "whoever hears an index must know its entry");
    let ended = asking.next().await.unwrap().data;
    let told: Vec<Value> = ended["end"]
        .as_array()
        .unwrap()
        .iter()
        .map(|end| json!([end[0].as_i64().unwrap() - crate::support::START, end[1], end[2][0], end[2][3]]))
        .collect();
    assert_eq!(json!(told), json!([[1000, 0, "1", 0], [3000, 0, "2", entries[0][0]]]));
    assert_eq!(plain.next().await.unwrap(), changed);
    assert!(plain.is_quiet_for(5).await);
    let snapshot = fixture.get("/api/v1/snapshot?ended=true").await;
    assert_eq!(snapshot["ended"], ended["end"]);
    assert_eq!(fixture.get("/api/v1/snapshot").await["ended"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_comes_back_hears_what_ended_meanwhile() {
    let fixture = fed();
    fixture.see(1, lively());
    let seq = fixture.get("/api/v1/snapshot?ended=true").await["seq"].clone();
    fixture.see(2, Vec::new());
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut stream = Stream::open(&fixture, &format!("/api/v1/stream?ended=true&after=5eed-{seq}")).await;
    let mut ended = Vec::new();
    while let Ok(event) = tokio::time::timeout(Duration::from_secs(1), stream.next()).await {
        ended.extend(event.unwrap().data["end"].as_array().cloned().unwrap_or_default());
    }
    assert_eq!(ended.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn of_a_crowd_that_ended_the_last_are_told_and_the_others_counted() {
    let fixture = fed();
    let mut stream = Stream::open(&fixture, "/api/v1/stream?ended=true").await;
    stream.next().await.unwrap();
    fixture.see(1, (0..3_000).map(|n| crowd(n, n % 300)).collect());
    stream.next().await.unwrap();
    fixture.see(2, Vec::new());
    stream.next().await.unwrap();
    let delta = stream.next().await.unwrap().data;
    assert_eq!((delta["end"].as_array().unwrap().len(), &delta["end_more"]), (200, &json!(2_800)));
    let snapshot = fixture.get("/api/v1/snapshot?ended=true").await;
    assert_eq!(snapshot["ended"].as_array().unwrap().len(), 2_000);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_comes_back_hears_what_it_missed() {
    let fixture = fed();
    let mut stream = Stream::open(&fixture, "/api/v1/stream").await;
    stream.next().await.unwrap();
    fixture.see(1, lively()[..1].to_vec());
    let first = stream.next().await.unwrap();
    drop(stream);
    fixture.see(2, lively()[..2].to_vec());
    tokio::time::sleep(Duration::from_secs(1)).await;
    fixture.see(3, lively());
    tokio::time::sleep(Duration::from_secs(1)).await;
    for resumed in [
        request("GET", &format!("/api/v1/stream?after={}", first.id)),
        builder("GET", "/api/v1/stream?after=5eed-0")
            .header("last-event-id", &first.id)
            .body(Body::empty())
            .unwrap(),
    ] {
        let mut stream = Stream::of(&fixture, resumed).await;
        let hello = stream.next().await.unwrap();
        assert_eq!((hello.name.as_str(), &hello.data["seq"]), ("hello", &json!(1)));
        assert_eq!(stream.next().await.unwrap().data["add"][0][0], "2");
        assert_eq!(stream.next().await.unwrap().data["add"][0][0], "3");
        assert!(stream.is_quiet_for(1).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_and_the_stream_after_it_fit_together() {
    let fixture = fed();
    fixture.see(1, lively()[..2].to_vec());
    let snapshot = fixture.get("/api/v1/snapshot").await;
    assert_eq!((&snapshot["seq"], &snapshot["flows"]["id"]), (&json!(1), &json!(["1", "2"])));
    fixture.see(2, lively());
    let mut stream = Stream::open(&fixture, "/api/v1/stream?after=5eed-1").await;
    assert_eq!(stream.next().await.unwrap().name, "hello");
    let delta = stream.next().await.unwrap().data;
    assert_eq!((&delta["s"], &delta["add"][0][0]), (&json!(2), &json!("3")));
    let first_new_owner = delta["dict"]["owners"][0][0].as_u64().unwrap();
    assert_eq!(first_new_owner, snapshot["dict"]["owners"].as_array().unwrap().len() as u64, "indices go on");
}

#[tokio::test(start_paused = true)]
async fn a_page_from_elsewhere_must_start_over() {
    let fixture = fed();
    for after in ["0ther-0", "5eed-1", "5eed-99"] {
        let mut stream = Stream::open(&fixture, &format!("/api/v1/stream?after={after}")).await;
        assert_eq!(stream.next().await.unwrap().name, "hello");
        assert_eq!(stream.next().await.unwrap().name, "resync");
        assert_eq!(stream.next().await, None, "the stream ends");
    }
    for after in ["", "5eed", "5eed-", "5eed-x", "5eed--1"] {
        let answer = fixture.ask("GET", &format!("/api/v1/stream?after={after}")).await;
        assert_eq!(answer.code(), "invalid_request", "{after}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_away_for_too_long_must_start_over() {
    let fixture = fed();
    for second in 1..=600 {
        fixture.see(second, lively()[..usize::try_from(second % 2).unwrap()].to_vec());
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let mut stream = Stream::open(&fixture, "/api/v1/stream?after=5eed-1").await;
    stream.next().await.unwrap();
    assert_eq!(stream.next().await.unwrap().name, "resync");
}

#[tokio::test(start_paused = true)]
async fn a_slow_page_is_told_to_start_over_and_slows_nobody() {
    let fixture = fed();
    let mut slow = Stream::open(&fixture, "/api/v1/stream").await;
    let mut quick = Stream::open(&fixture, "/api/v1/stream").await;
    quick.next().await.unwrap();
    for second in 1..=100 {
        fixture.see(second, lively()[..usize::try_from(second % 2).unwrap()].to_vec());
        assert_eq!(quick.next().await.unwrap().data["s"], second);
    }
    assert_eq!(slow.next().await.unwrap().name, "hello");
    assert_eq!(slow.next().await.unwrap().name, "resync");
    assert_eq!(slow.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_recorder_in_a_burst_loses_nothing_on_the_way_to_the_page() {
    let fixture = fed();
    let mut stream = Stream::open(&fixture, "/api/v1/stream").await;
    stream.next().await.unwrap();
    for second in 1..=501 {
        fixture.see(second, lively()[..usize::try_from(second % 2 * 4).unwrap()].to_vec());
    }
    let delta = stream.next().await.unwrap().data;
    assert_eq!((delta["add"].as_array().unwrap().len(), &delta["s"]), (3, &json!(1)));
}

#[tokio::test(start_paused = true)]
async fn counters_come_only_when_asked_for_and_once_a_second() {
    let fixture = fed();
    fixture.see(1, lively());
    let seq = fixture.get("/api/v1/snapshot").await["seq"].clone();
    let mut counting =
        Stream::open(&fixture, &format!("/api/v1/stream?counters=true&after=5eed-{seq}")).await;
    let mut plain = Stream::open(&fixture, &format!("/api/v1/stream?after=5eed-{seq}")).await;
    counting.next().await.unwrap();
    plain.next().await.unwrap();
    let mut deltas = Vec::new();
    for quarter in 1..=12_u64 {
        let sockets =
            lively().into_iter().map(|row| if row.id.0 == 1 { moved(row, 100 + quarter) } else { row });
        fixture.see(1, sockets.collect());
        if let Ok(event) = tokio::time::timeout(Duration::from_millis(250), counting.next()).await {
            deltas.push(event.unwrap().data["cnt"].clone());
        }
    }
    assert!((2..=4).contains(&deltas.len()), "three seconds: {deltas:?}");
    assert_eq!(deltas[0].as_array().unwrap().len(), 1, "only what moved");
    assert_eq!(deltas[0][0][0], "1");
    assert!(plain.is_quiet_for(10).await);
}

#[tokio::test(start_paused = true)]
async fn counters_of_the_stream_itself_do_not_keep_it_busy() {
    let fixture = fed();
    fixture.see(1, lively());
    let seq = fixture.get("/api/v1/snapshot").await["seq"].clone();
    let target = format!("/api/v1/stream?counters=true&after=5eed-{seq}");
    let mut stream = Stream::open(&fixture, &target).await;
    stream.next().await.unwrap();
    let see = |second, moves: fn(u64) -> bool| {
        let sockets = lively().into_iter().map(|row| if moves(row.id.0) { moved(row, 500) } else { row });
        fixture.see(second, sockets.collect());
    };
    see(2, |id| id == 3);
    assert!(stream.is_quiet_for(5).await, "3 is this program's own");
    see(3, |id| id == 3 || id == 1);
    let delta = stream.next().await.unwrap();
    assert_eq!(delta.data["cnt"], json!([["1", 500, 2000, 12.345, 400, 0], ["3", 500, 2000, 12.345, 0, 0]]));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_comes_back_gets_the_counters_it_missed() {
    let fixture = fed();
    fixture.see(1, lively());
    let seq = fixture.get("/api/v1/snapshot").await["seq"].clone();
    let sockets = lively().into_iter().map(|row| if row.id.0 == 2 { moved(row, 777) } else { row });
    fixture.see(2, sockets.collect());
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut stream = Stream::open(&fixture, &format!("/api/v1/stream?counters=true&after=5eed-{seq}")).await;
    stream.next().await.unwrap();
    let delta = stream.next().await.unwrap();
    assert_eq!(delta.data["cnt"], json!([["2", 777, 2000, 12.345, 677, 0]]));
    assert_eq!(delta.data["s"].as_u64(), seq.as_u64().map(|seq| seq + 1));
    assert!(stream.is_quiet_for(5).await);
}

#[tokio::test(start_paused = true)]
async fn a_counting_page_hears_numbers_without_a_gap() {
    let fixture = fed();
    fixture.see(1, lively());
    let mut expected = fixture.get("/api/v1/snapshot").await["seq"].as_u64().unwrap();
    let mut stream =
        Stream::open(&fixture, &format!("/api/v1/stream?counters=true&after=5eed-{expected}")).await;
    stream.next().await.unwrap();
    for second in 2..12 {
        let count = if second % 3 == 0 { 2 } else { 4 };
        let sockets = lively().into_iter().take(count).map(|row| moved(row, 100 * second));
        fixture.see(i64::try_from(second).unwrap(), sockets.collect());
        if second == 7 {
            tokio::time::sleep(Duration::from_secs(2)).await;
            drop(stream);
            let target = format!("/api/v1/stream?counters=true&after=5eed-{expected}");
            stream = Stream::open(&fixture, &target).await;
            assert_eq!(stream.next().await.unwrap().data["seq"], expected);
        }
        while let Ok(event) = tokio::time::timeout(Duration::from_secs(1), stream.next()).await {
            expected += 1;
            assert_eq!(event.unwrap().data["s"], expected);
        }
    }
    assert!(expected > 15);
}

#[tokio::test(start_paused = true)]
async fn the_own_place_and_gaps_are_told() {
    let fixture = fed();
    let mut stream = Stream::open(&fixture, "/api/v1/stream").await;
    stream.next().await.unwrap();
    fixture.live.set_own_place(Coordinates::new(1.0, 2.0).map(crate::support::own_place));
    assert_eq!(stream.next().await.unwrap().data["own_place"]["longitude"], 2.0);
    fixture.live.set_own_place(None);
    let delta = stream.next().await.unwrap().data;
    assert_eq!(delta.as_object().unwrap().get("own_place"), Some(&Value::Null));
    let at = tapmap_core::Timestamp::from_millis(crate::support::START);
    let gap = tapmap_core::Gap { from: at, until: at, reason: tapmap_core::GapReason::Asleep, lost: None };
    fixture.live.apply(tapmap_core::Observation { at, sighting: tapmap_core::Sighting::Lost(gap) });
    assert_eq!(stream.next().await.unwrap().data["gap"][0]["reason"], "asleep");
}

#[tokio::test(start_paused = true)]
async fn there_are_seats_for_64_streams() {
    let fixture = fed();
    let mut streams = Vec::new();
    for _ in 0..64 {
        streams.push(Stream::open(&fixture, "/api/v1/stream").await);
    }
    let answer = fixture.ask("GET", "/api/v1/stream").await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::SERVICE_UNAVAILABLE, "too_many_streams".to_owned())
    );
    streams.pop();
    Stream::open(&fixture, "/api/v1/stream").await;
}

/// A thousand connections of sixty apps to three hundred addresses: of those opened each second, one
/// in five goes to an address not seen before.
#[tokio::test(start_paused = true)]
async fn a_second_with_25_opened_and_25_closed_is_at_most_5_kilobytes() {
    let most = most_bytes_of_a_second(&fed()).await;
    println!("bytes per changed second at 1,000 flows, 25 opened and 25 closed: {most}");
    assert!(most <= 5_000, "{most} bytes");
}

/// The same where every address has a name.
#[tokio::test(start_paused = true)]
async fn names_add_at_most_a_kilobyte() {
    let fixture = fed();
    for address in 0..2_000_u64 {
        fixture.tell(0, named(&format!("www{address}.example.org"), address));
    }
    let most = most_bytes_of_a_second(&fixture).await;
    println!("bytes per changed second at 1,000 flows with names, 25 opened and 25 closed: {most}");
    assert!(most <= 6_000, "{most} bytes");
}

async fn most_bytes_of_a_second(fixture: &Fixture) -> usize {
    let mut sockets: Vec<SocketRow> = (0..1_000).map(|n| crowd(n, n % 300)).collect();
    sockets.push(listening(9_999_999, "0.0.0.0:22", nobody()));
    fixture.see(1, sockets.clone());
    let seq = fixture.get("/api/v1/snapshot").await["seq"].clone();
    let mut stream = Stream::open(fixture, &format!("/api/v1/stream?after=5eed-{seq}")).await;
    stream.next().await.unwrap();
    let mut most = 0;
    for second in 2..22_u64 {
        sockets.drain(..25);
        let first = 1_000 + second * 25;
        sockets.extend((first..first + 25).map(|n| crowd(n, if n % 5 == 0 { 300 + n } else { n % 300 })));
        fixture.see(i64::try_from(second).unwrap(), sockets.clone());
        let delta = stream.next().await.unwrap();
        assert_eq!(delta.data["add"].as_array().unwrap().len(), 25);
        assert_eq!(delta.data["del"].as_array().unwrap().len(), 25);
        most = most.max(delta.bytes);
        assert!(stream.is_quiet_for(1).await);
    }
    most
}

fn named(name: &str, address: u64) -> tapmap_core::Sighting {
    tapmap_core::Sighting::Named(tapmap_core::NameHeard {
        name: name.into(),
        aliases: Vec::new(),
        source: tapmap_core::NameSource::Dns,
        leads_to: tapmap_core::LeadsTo::Addresses {
            addresses: vec![crowd_address(address).into()],
            asked_by: None,
            time_to_live: Duration::from_mins(10),
        },
    })
}

fn crowd_address(number: u64) -> Ipv4Addr {
    Ipv4Addr::from_bits(0xC633_0000 + u32::try_from(number).unwrap())
}

fn crowd(number: u64, address: u64) -> SocketRow {
    let app = format!("app-{}", number % 60);
    let owner = process(u32::try_from(1_000 + number % 60).unwrap(), &app, false);
    let address = crowd_address(address);
    let port = 10_000 + number % 50_000;
    tcp(number + 1, &format!("192.168.1.20:{port}"), &format!("{address}:443"), owner)
}
