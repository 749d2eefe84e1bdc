//! Insights, reports and events over HTTP, on invented histories with known answers.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use tapmap_core::{
    Attribution, DayUse, Facet, FileIdentity, Presence, Retention, Session, Timestamp, WhyAway,
};
use tapmap_engine::{Clock, Historian, History, HistorySettings, Live};
use tapmap_history::{LocalDays, SqliteStore};

use crate::stream::Stream;
use crate::support::{Fixture, START, change, listening, lively, process, tcp};

mod marks;
mod report;

/// The day of [`START`].
pub(crate) const DAY: &str = "2026-11-25";

/// A fixture with a history in a folder of its own.
pub(crate) struct Remembering {
    pub(crate) fixture: Fixture,
    history: History,
    historian: Option<Historian>,
    _folder: tempfile::TempDir,
}

/// A clock that stands half an hour after the start.
#[derive(Debug)]
struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(START + 1_800_000)
    }

    fn wait(&self, _time: Duration) -> bool {
        true
    }
}

impl Drop for Remembering {
    fn drop(&mut self) {
        self.historian.take().into_iter().for_each(Historian::join);
    }
}

impl Remembering {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = Timestamp::from_millis(START);
        let store = SqliteStore::open(&folder.path().join("history.db"), start).unwrap().store;
        let mut historian = None;
        let begin = |live: &Live| {
            let session = Session { started_at: start, zone: "Europe/Vienna".into(), ..Session::default() };
            let keep = Retention { days: 100_000, bytes: u64::MAX / 2 };
            let settings = HistorySettings { keep, zone: Box::new(|| "Europe/Vienna".into()) };
            let started =
                Historian::start(live, Box::new(store), Box::new(Standing), session, settings).unwrap();
            historian.insert(started).history()
        };
        let fixture = Fixture::remembering(begin);
        let history = historian.as_ref().unwrap().history();
        Self { fixture, history, historian, _folder: folder }
    }

    /// One in which these values were used so many days before [`DAY`].
    pub(crate) fn with(values: &[(Facet, &str, Vec<i32>)]) -> Self {
        let new = Self::new();
        for (facet, value, backs) in values {
            new.add(*facet, value, backs);
        }
        new
    }

    fn add(&self, facet: Facet, value: &str, backs: &[i32]) {
        let day = LocalDays::parse(DAY).unwrap().0;
        let used = |back: &i32| DayUse::imported(tapmap_core::Day(day - back), value.into());
        self.history.import(facet, backs.iter().map(used).collect()).unwrap();
    }

    /// Two apps and one that was not identified turn to two places for some minutes.
    fn browse_for(&self, minutes: i64) {
        let curl = tcp(5, "192.168.1.20:50004", "192.0.2.1:443", process(77, "curl", false));
        let sockets: Vec<_> = lively().into_iter().chain([curl]).collect();
        for minute in 0..minutes {
            self.fixture.see(minute * 60, sockets.clone());
        }
        self.fixture.see(minutes * 60, vec![]);
    }

    pub(crate) async fn get(&self, target: &str) -> Value {
        self.fixture.get(target).await
    }
}

fn names(habits: &Value) -> Vec<&str> {
    habits.as_array().unwrap().iter().map(|habit| habit["value"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn insights_hold_what_is_new_and_what_is_frequent() {
    let every: Vec<i32> = (0..30).collect();
    let remembering = Remembering::with(&[
        (Facet::App, "firefox", every.clone()),
        (Facet::App, "installer", vec![0]),
        (Facet::App, "old", vec![31, 40]),
        (Facet::Country, "DE", every),
        (Facet::Port, "443", vec![0, 1]),
    ]);
    let insights = remembering.get(&format!("/api/v1/insights?day={DAY}")).await;
    let [app, operator, country, port, name] = insights["facets"].as_array().unwrap().as_slice() else {
        panic!("{insights}")
    };
    assert_eq!(names(&app["new_today"]), ["installer"]);
    assert_eq!(names(&app["most_frequent"]), ["firefox", "installer"]);
    assert_eq!((names(&operator["new_today"]), names(&name["new_today"])), (vec![], vec![]));
    assert_eq!(country["most_frequent"][0]["label"], "Germany");
    assert_eq!(country["most_frequent"][0]["filter"], "country:\"DE\"");
    assert_eq!(country["most_frequent"][0]["strip"], "1".repeat(30));
    assert_eq!(port["most_frequent"][0]["filter"], "port:443");
    assert_eq!(port["most_frequent"][0]["strip"], format!("{}11", "0".repeat(28)));
    assert_eq!((&insights["history_days"], &insights["observed_days"]), (&30.into(), &30.into()));
    assert_eq!(insights["learning"], false);
    assert_eq!(insights["begins"], "2026-11-24T23:00:00.000Z", "the day of Vienna");
}

#[tokio::test]
async fn what_was_seen_a_moment_ago_is_in_the_answer() {
    let remembering = Remembering::new();
    remembering.fixture.see(0, lively());
    let insights = remembering.get(&format!("/api/v1/insights?day={DAY}")).await;
    let firefox = &insights["facets"][0]["new_today"][0];
    assert_eq!((&firefox["value"], &firefox["flows_today"]), (&"firefox".into(), &1.into()));
    assert_eq!(firefox["first_today"], "2026-11-25T12:00:00.000Z");
    assert_eq!(insights["new_listeners"][0]["app"], "sshd");
    assert_eq!(insights["new_listeners"].as_array().unwrap().len(), 1);
    assert_eq!(insights["learning"], true);
    let before = &insights["unobserved"][0];
    assert_eq!(before["why"], "not_running", "from midnight until the recorder began");
    assert_eq!(before["until"], "2026-11-25T12:00:00.000Z");
    assert_eq!(names(&insights["facets"][3]["new_today"]), ["443", "853"], "not the own connection's");

    let report = remembering.get("/api/v1/report/2026-11-25").await;
    assert_eq!(report["apps"][0]["habit"]["flows_today"], 1);
}

#[tokio::test]
async fn insights_of_some_connections_know_no_others() {
    let remembering = Remembering::new();
    remembering.browse_for(1);
    let target = |filter: &str| format!("/api/v1/insights?day={DAY}&filter={filter}");
    let some = remembering.get(&target("app:firefox")).await;
    let new = |facet: usize| names(&some["facets"][facet]["new_today"]);
    assert_eq!((new(0), new(3)), (vec!["firefox"], vec!["443"]));
    assert_eq!(some["facets"][3]["new_today"][0]["filter"], "port:443 app:firefox");
    assert_eq!((&some["filter"], &some["new_listeners"]), (&"app:firefox".into(), &serde_json::json!([])));
    let waiting = remembering.get(&target("port:22")).await;
    assert_eq!(waiting["new_listeners"][0]["app"], "sshd", "a listener fits by its own port");
    assert_eq!(waiting["facets"][0]["new_today"], serde_json::json!([]));
}

#[tokio::test]
async fn what_went_on_while_nobody_was_there_is_told_by_app() {
    let remembering = Remembering::new();
    let note = |second: i64, presence| {
        let at = Timestamp::from_millis(START + second * 1000);
        remembering.history.note_presence(presence, at).unwrap();
    };
    remembering.browse_for(2);
    note(60, Presence::Away { since: None, why: WhyAway::Locked });
    let late = tcp(9, "192.168.1.20:50009", "203.0.113.9:443", process(77, "curl", false));
    remembering.fixture.see(130, vec![late]);
    remembering.fixture.see(140, vec![]);
    note(150, Presence::There);
    let told = remembering.get(&format!("/api/v1/insights/away?day={DAY}")).await;
    let absence = &told["items"][0];
    let span = (&absence["from"], &absence["until"], &absence["why"]);
    assert_eq!(
        span,
        (&"2026-11-25T12:01:00.000Z".into(), &"2026-11-25T12:02:30.000Z".into(), &"locked".into())
    );
    let apps = absence["apps"].as_array().unwrap().iter();
    let apps: Vec<_> =
        apps.map(|it| (it["app"].as_str(), it["flows"].as_u64(), it["begun"].as_u64())).collect();
    assert_eq!(
        apps,
        [(Some("curl"), Some(2), Some(1)), (None, Some(1), Some(0)), (Some("firefox"), Some(1), Some(0))],
        "not this program itself"
    );
    for active in absence["apps"].as_array().unwrap() {
        let (from, until) = (absence["from"].as_str().unwrap(), absence["until"].as_str().unwrap());
        let filter = active["filter"].as_str().unwrap().replace(' ', "%20").replace('"', "%22");
        let rows = remembering.get(&format!("/api/v1/flows?from={from}&to={until}&filter={filter}")).await;
        assert_eq!(
            rows["items"].as_array().unwrap().len() as u64,
            active["flows"].as_u64().unwrap(),
            "{active}"
        );
    }
    assert_eq!(told["not_told"], "Nothing here says whether anybody is at a computer.");
    let of_curl = remembering.get(&format!("/api/v1/insights/away?day={DAY}&filter=app:curl")).await;
    assert_eq!(of_curl["items"][0]["apps"].as_array().unwrap().len(), 1);
    assert_eq!(of_curl["items"][0]["apps"][0]["filter"], "app:\"curl\" scope:public app:curl");
}

#[tokio::test]
async fn what_keeps_time_is_found() {
    let remembering = Remembering::new();
    for minute in 0..12 {
        let id = u64::try_from(minute).unwrap() + 1;
        let socket = tcp(id, "192.168.1.20:50000", "203.0.113.7:443", process(7, "ticker", false));
        remembering.fixture.see(minute * 60, vec![socket]);
    }
    remembering.fixture.see(720, vec![]);
    // Any other answer first has the writer catch up.
    remembering.get(&format!("/api/v1/insights?day={DAY}")).await;
    let rhythms = remembering.get(&format!("/api/v1/insights/rhythms?day={DAY}")).await;
    let rhythm = &rhythms["items"][0];
    assert_eq!((&rhythm["app"], &rhythm["period_ms"]), (&"ticker".into(), &60_000.into()));
    assert_eq!(rhythm["filter"], "app:\"ticker\" address:\"203.0.113.7\" port:443");
    assert_eq!(rhythms["partly"], false);
    let others = remembering.get(&format!("/api/v1/insights/rhythms?day={DAY}&filter=-app:ticker")).await;
    assert_eq!(others["items"], serde_json::json!([]));
}

#[tokio::test]
async fn events_come_page_by_page() {
    let mut values = vec![(Facet::App, "firefox", (0..20).collect())];
    for (index, name) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
        let back = i32::try_from(index).unwrap();
        values.push((Facet::App, name, vec![back]));
    }
    let remembering = Remembering::with(&values);
    let first = remembering.get("/api/v1/events?limit=2").await;
    let values = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|event| event["reasons"][0]["value"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((values(&first), &first["count"]), (vec!["a".to_owned(), "b".to_owned()], &5.into()));
    assert_eq!(first["items"][0]["text"], "New: the app a.");
    let next = first["next"].as_str().unwrap();
    remembering.add(Facet::App, "late", &[0]);
    let second = remembering.get(&format!("/api/v1/events?limit=2&before={next}")).await;
    assert_eq!(values(&second), ["c", "d"], "a new event moves nothing");
    let found = remembering.get("/api/v1/events?q=LAT&from=2026-11-25&to=2026-11-25").await;
    // Of both only the day is known, so they are one event.
    assert_eq!(values(&found), ["a"]);
    assert_eq!(found["items"][0]["text"], "New: the app a, and with it the app late.");
    assert_eq!(found["learning"], false);
    let by_filter = remembering.get("/api/v1/events?q=app:d,e%20-app:e").await;
    assert_eq!(values(&by_filter), ["d"]);
}

#[tokio::test]
async fn new_sites_are_told_together_and_each_lists_its_connections() {
    let mut values = vec![(Facet::App, "firefox", (0..20).collect())];
    for name in ["www.a.example", "b.example", "c.example", "d.example"] {
        values.push((Facet::Name, name, vec![0]));
    }
    let remembering = Remembering::with(&values);
    let events = remembering.get("/api/v1/events").await;
    let event = &events["items"][0];
    assert_eq!(
        event["text"],
        "an app that was not identified turned to 4 sites for the first time: a.example, b.example, c.example \
         and 1 more."
    );
    let site = &event["reasons"][0];
    assert_eq!(
        (&site["kind"], &site["facet"], &site["value"]),
        (&"site".into(), &"name".into(), &"a.example".into())
    );
    assert_eq!(site["filter"], "name:\"a.example\",\"*.a.example\"");
    let rows = remembering.get(site["query"].as_str().unwrap()).await;
    assert_eq!(rows["items"].as_array().unwrap().len(), 0, "imported days have no connections: {rows}");
}

#[tokio::test]
async fn what_is_new_is_told_once_and_not_what_is_muted() {
    let remembering = Remembering::with(&[(Facet::App, "firefox", (1..20).collect())]);
    let app = &remembering.fixture.app;
    let mut news = app.subscribe_news();
    let mut stream = Stream::open(&remembering.fixture, "/api/v1/stream").await;
    assert_eq!(stream.next().await.unwrap().name, "hello");
    app.tell_news().await.unwrap();
    let muted = r#"{"subject":{"of":"app","app":"pest"},"kind":"muted"}"#;
    remembering.fixture.send(change("PUT", "/api/v1/marks", muted)).await;
    remembering.add(Facet::App, "pest", &[0]);
    app.tell_news().await.unwrap();
    remembering.add(Facet::Country, "JP", &[1]);
    app.tell_news().await.unwrap();
    app.tell_news().await.unwrap();
    let told = stream.next().await.unwrap();
    assert_eq!((told.name.as_str(), told.data["items"].as_array().unwrap().len()), ("news", 1));
    assert_eq!(
        told.data["items"][0]["text"],
        "New for this computer: the country JP, used by an app that was not identified."
    );
    assert_eq!(news.try_recv().unwrap().len(), 1);
    assert!(news.try_recv().is_err(), "told once");
}

#[tokio::test]
async fn ports_that_others_reach_make_events_once_a_week_was_recorded() {
    let remembering = Remembering::new();
    let day = |number: i64| number * 86_400;
    for number in 0..7 {
        let firefox = process(4321, "firefox", false);
        let id = u64::try_from(number).unwrap() + 10;
        let flow = tcp(id, &format!("192.168.1.20:{}", 50_000 + number), "203.0.113.7:443", firefox);
        remembering.fixture.see(day(number), vec![flow]);
        remembering.fixture.see(day(number) + 60, vec![]);
        remembering.get("/api/v1/events").await;
    }
    let sshd = || process(800, "sshd", false);
    let open =
        [listening(4, "0.0.0.0:22", sshd()), listening(5, "127.0.0.1:631", process(801, "cupsd", false))];
    let came_in = tcp(6, "192.168.1.20:22", "203.0.113.9:50022", sshd());
    remembering.fixture.see(day(7), open.iter().cloned().chain([came_in]).collect());
    let events = remembering.get("/api/v1/events").await;
    let event = &events["items"][0];
    assert_eq!((&events["count"], &event["app"]), (&1.into(), &"sshd".into()), "{events}");
    let kinds: Vec<&Value> = event["reasons"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert!(kinds.contains(&&"listening".into()) && kinds.contains(&&"inbound".into()), "{events}");
    let text = event["text"].as_str().unwrap();
    assert!(text.contains("sshd waits for others at TCP port 22 for the first time."), "{text}");
    assert!(text.contains("Another computer came in to sshd at port 22 for the first time."), "{text}");
    let inbound = event["reasons"].as_array().unwrap().iter().find(|it| it["kind"] == "inbound").unwrap();
    assert_eq!(inbound["filter"], "app:\"sshd\" port:22 direction:in");
    assert_eq!(event["begins"], "2026-12-01T23:00:00.000Z", "the day of Vienna");
    let rows = remembering.get(inbound["query"].as_str().unwrap()).await;
    assert_eq!(rows["items"].as_array().unwrap().len(), 1, "{rows}");
}

#[tokio::test]
async fn a_program_that_was_replaced_makes_an_event() {
    let remembering = Remembering::new();
    for number in 0..9_i64 {
        let mut firefox = process(4321, "firefox", false);
        if let Attribution::Owned { process, .. } = &mut firefox {
            let process = Arc::make_mut(process);
            let inode = if number < 8 { 1 } else { 2 };
            process.file = Some(FileIdentity { inode, size: 1, modified: Timestamp::from_millis(START) });
        }
        let id = u64::try_from(number).unwrap() + 10;
        let flow = tcp(id, &format!("192.168.1.20:{}", 50_000 + number), "203.0.113.7:443", firefox);
        remembering.fixture.see(number * 86_400, vec![flow]);
        remembering.fixture.see(number * 86_400 + 60, vec![]);
        remembering.get("/api/v1/events").await;
    }
    let events = remembering.get("/api/v1/events").await;
    let event = &events["items"][0];
    assert_eq!(
        event["text"],
        "The program of firefox is another file than before, as after an update: /usr/bin/firefox."
    );
    let reason = &event["reasons"][0];
    assert_eq!((&reason["kind"], &reason["filter"]), (&"program_changed".into(), &"app:\"firefox\"".into()));
    let rows = remembering.get(reason["query"].as_str().unwrap()).await;
    assert_eq!(rows["items"].as_array().unwrap().len(), 1, "{rows}");
}

#[tokio::test]
async fn what_is_not_a_day_is_refused_and_no_history_is_told() {
    let remembering = Remembering::new();
    for target in [
        "/api/v1/report/yesterday",
        "/api/v1/report/2026-02-30",
        "/api/v1/report/today?compare=x",
        "/api/v1/insights?day=1",
        "/api/v1/events?from=x",
        "/api/v1/events?before=x",
        "/api/v1/events?q=city:Oslo",
        "/api/v1/events?q=%22open",
        "/api/v1/history/days?from=x&to=today",
        "/api/v1/history/days?from=today&to=today&facet=city",
    ] {
        let answer = remembering.fixture.ask("GET", target).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (400, "invalid_request".to_owned()), "{target}");
    }
    let without = Fixture::new();
    for target in ["/api/v1/report/today", "/api/v1/insights", "/api/v1/insights/rhythms", "/api/v1/events"] {
        let answer = without.ask("GET", target).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (404, "no_history".to_owned()), "{target}");
    }
}

#[tokio::test]
async fn a_day_is_put_beside_another() {
    let remembering = Remembering::with(&[
        (Facet::App, "both", vec![0, 3]),
        (Facet::App, "now", vec![0]),
        (Facet::App, "then", vec![3]),
    ]);
    let report = remembering.get("/api/v1/report/2026-11-25?compare=2026-11-22").await;
    let comparison = &report["comparison"];
    assert_eq!(comparison["other"], "2026-11-22");
    let apps = comparison["facets"][0]["items"].as_array().unwrap();
    let flows: Vec<(&str, u64, u64)> = apps
        .iter()
        .map(|it| {
            let count = |key: &str| it[key].as_u64().unwrap();
            (it["value"].as_str().unwrap(), count("flows"), count("flows_other"))
        })
        .collect();
    assert_eq!(flows, [("both", 1, 1), ("now", 1, 0), ("then", 0, 1)]);
    assert_eq!((&report["earlier"], &report["later"]), (&"2026-11-22".into(), &Value::Null));
    let back = remembering.get("/api/v1/report/2026-11-22").await;
    assert_eq!((&back["earlier"], &back["later"]), (&Value::Null, &"2026-11-25".into()));
    assert_eq!(back["comparison"], Value::Null);
}
