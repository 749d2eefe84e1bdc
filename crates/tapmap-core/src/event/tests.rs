//! Facts about significant events.

use std::net::SocketAddr;

use super::*;
use crate::{
    App, AppEvidence, Calendar, FileIdentity, ListenerRecord, OwnerRecord, ProgramFile, ProgramSeen,
};

const TODAY: i32 = 20_000;

fn used(value: &str, app: &str, back: i32, second: i64) -> DayUse {
    DayUse {
        day: Day(TODAY - back),
        value: value.into(),
        app: Some(app.into()),
        flows: 1,
        mapped: 1,
        sent: 0,
        received: 0,
        first_seen: Some(Timestamp::from_millis(second * 1000)),
        last_seen: None,
        imported: false,
    }
}

/// A week and a day of one app, so that it is known what is usual.
fn usual() -> Vec<DayUse> {
    (0..8).map(|back| used("firefox", "firefox", back, 0)).collect()
}

fn told(events: &[Event]) -> Vec<String> {
    let reason = |reason: &Reason| {
        let kind = match reason.kind {
            ReasonKind::Used => String::new(),
            ReasonKind::Listening(protocol) => format!("listening {protocol} "),
            ReasonKind::Inbound => "inbound ".to_owned(),
            ReasonKind::Site => "site ".to_owned(),
            ReasonKind::ProgramChanged => "program changed ".to_owned(),
        };
        let back = reason.returned_after.map(|days| format!(" after {days}")).unwrap_or_default();
        format!("{kind}{} {}{back}", reason.facet.word(), reason.value)
    };
    events
        .iter()
        .map(|event| {
            let reasons: Vec<String> = event.reasons.iter().map(reason).collect();
            format!("{} {}: {}", TODAY - event.day.0, event.app.as_deref().unwrap_or("?"), reasons.join(", "))
        })
        .collect()
}

fn of(uses: &[(Facet, Vec<DayUse>)]) -> Vec<String> {
    told(&events(Known { uses, ..Known::default() }, Day(TODAY - 29), Day(TODAY), LEARNING_DAYS))
}

#[test]
fn what_one_flow_brought_is_one_event() {
    let mut apps = usual();
    apps.push(used("installer", "installer", 0, 90));
    let countries = vec![used("JP", "installer", 0, 90), used("JP", "firefox", 0, 95)];
    let ports = vec![used("8443", "firefox", 0, 99)];
    let uses = [(Facet::Port, ports), (Facet::Country, countries), (Facet::App, apps)];
    assert_eq!(
        of(&uses),
        ["0 installer: app installer, country JP", "0 firefox: port 8443"]
            .map(|line| { line.to_owned() })
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
    );
}

#[test]
fn nothing_is_told_while_it_is_learned_what_is_usual() {
    for (days, expected) in [(6, 0), (7, 1)] {
        let mut apps: Vec<DayUse> = (1..=days).map(|back| used("a", "a", back, 0)).collect();
        apps.push(used("b", "b", 0, 0));
        assert_eq!(of(&[(Facet::App, apps)]).len(), expected, "{days} days");
    }
}

#[test]
fn a_month_of_absence_makes_a_return() {
    for (absent, expected) in
        [(29, None), (30, Some("0 b: app b after 30")), (31, Some("0 b: app b after 31"))]
    {
        let mut apps = usual();
        apps.extend([used("b", "b", absent, 0), used("b", "b", 0, 5)]);
        let uses = [(Facet::App, apps)];
        let told = of(&uses);
        let today: Vec<&str> =
            told.iter().map(String::as_str).filter(|line| line.starts_with("0 ")).collect();
        assert_eq!(today.first().copied(), expected, "{absent} days");
    }
}

#[test]
fn the_app_that_was_first_owns_the_event() {
    let uses = [
        (Facet::App, usual()),
        (Facet::Operator, vec![used("Alpha", "b", 0, 20), used("Alpha", "a", 0, 10)]),
    ];
    let known = Known { uses: &uses, ..Known::default() };
    let events = events(known, Day(TODAY), Day(TODAY), LEARNING_DAYS);
    assert_eq!(told(&events), ["0 a: operator Alpha"]);
    assert_eq!(events[0].reasons[0].flows, 2);
}

#[test]
fn new_sites_are_one_event_for_each_app_and_day() {
    let uses = [(Facet::App, usual())];
    let sites = [
        used("a.org", "firefox", 0, 50),
        used("a.org", "curl", 0, 60),
        used("b.org", "firefox", 0, 20),
        used("c.org", "firefox", 3, 20),
        used("c.org", "firefox", 0, 10),
        used("d.org", "curl", 0, 70),
    ];
    let known = Known { uses: &uses, sites: &sites, ..Known::default() };
    let events = events(known, Day(TODAY), Day(TODAY), LEARNING_DAYS);
    assert_eq!(told(&events), ["0 curl: site name d.org", "0 firefox: site name a.org, site name b.org"]);
    assert_eq!(events[1].at, Some(Timestamp::from_millis(20_000)), "when the first of them was met");
    assert_eq!(events[1].reasons[0].flows, 2, "also those of others");
}

#[test]
fn a_program_file_that_takes_the_place_of_another_is_told() {
    let uses = [(Facet::App, usual())];
    let seen = |app: &str, path: &str, inode: u64, second: i64| ProgramSeen {
        app: app.into(),
        file: ProgramFile {
            path: path.into(),
            identity: FileIdentity { inode, size: 1, modified: Timestamp::from_millis(0) },
        },
        first_seen: Timestamp::from_millis(second * 1000),
    };
    let programs = [
        seen("zoom", "/opt/zoom", 2, 90),
        seen("zoom", "/opt/zoom", 1, 10),
        seen("zoom", "/opt/zoom-helper", 3, 20),
        seen("curl", "/opt/zoom", 9, 30),
    ];
    let replaced = replaced(&programs, &Always(TODAY));
    let known = Known { uses: &uses, replaced: &replaced, ..Known::default() };
    let events = events(known, Day(TODAY), Day(TODAY), LEARNING_DAYS);
    assert_eq!(told(&events), ["0 zoom: program changed app /opt/zoom"]);
    assert_eq!(events[0].at, Some(Timestamp::from_millis(90_000)));
}

/// Every moment lies in this day.
struct Always(i32);

impl Calendar for Always {
    fn day_of(&self, _: Timestamp) -> Day {
        Day(self.0)
    }

    fn begin_of(&self, _: Day) -> Timestamp {
        Timestamp::from_millis(0)
    }
}

#[test]
fn only_the_days_that_were_asked_for_are_told() {
    let mut apps: Vec<DayUse> = (0..20).map(|back| used("a", "a", back, 0)).collect();
    apps.extend([used("b", "b", 5, 0), used("c", "c", 2, 0)]);
    let uses = [(Facet::App, apps)];
    let known = Known { uses: &uses, ..Known::default() };
    assert_eq!(told(&events(known, Day(TODAY - 3), Day(TODAY), LEARNING_DAYS)), ["2 c: app c"]);
}

/// Days of 24 hours from 1970 on.
struct Plain;

impl Calendar for Plain {
    fn day_of(&self, at: Timestamp) -> Day {
        Day(i32::try_from(at.as_millis().div_euclid(86_400_000)).unwrap())
    }

    fn begin_of(&self, day: Day) -> Timestamp {
        Timestamp::from_millis(i64::from(day.0) * 86_400_000)
    }
}

fn waited(address: &str, app: Option<&str>, from_back: i32, to_back: i32) -> ListenerRecord {
    let app = app.map(|name| App { name: name.into(), evidence: AppEvidence::FileName });
    let at = |back| Timestamp::from_millis(Plain.begin_of(Day(TODAY - back)).as_millis() + 60_000);
    ListenerRecord {
        protocol: Protocol::Tcp,
        local: address.parse::<SocketAddr>().unwrap().into(),
        owner: Arc::new(OwnerRecord { app, ..OwnerRecord::default() }),
        first_seen: at(from_back),
        last_seen: at(to_back),
        open: false,
    }
}

fn of_listeners(listeners: &[ListenerRecord]) -> Vec<String> {
    let uses = [(Facet::App, (0..60).map(|back| used("a", "a", back, 0)).collect())];
    let ports = listened(listeners, &Plain);
    let known = Known { uses: &uses, ports: &ports, ..Known::default() };
    told(&events(known, Day(TODAY - 29), Day(TODAY), LEARNING_DAYS))
}

#[test]
fn an_app_that_waits_at_a_port_for_the_first_time_is_told_once() {
    let listeners = [
        waited("0.0.0.0:8080", Some("b"), 3, 2),
        waited("[::]:8080", Some("b"), 3, 2),
        waited("0.0.0.0:8080", Some("b"), 1, 0),
        waited("0.0.0.0:22", Some("sshd"), 50, 10),
        waited("0.0.0.0:22", Some("sshd"), 5, 0),
        waited("0.0.0.0:22", Some("other"), 4, 4),
    ];
    assert_eq!(of_listeners(&listeners), ["3 b: listening tcp port 8080", "4 other: listening tcp port 22"]);
}

#[test]
fn a_port_that_others_cannot_reach_or_that_is_handed_out_is_no_event() {
    let mut own = waited("0.0.0.0:8050", Some("tapmap"), 0, 0);
    own.owner = Arc::new(OwnerRecord { own: true, ..(*own.owner).clone() });
    let listeners = [
        own,
        waited("127.0.0.1:8080", Some("b"), 0, 0),
        waited("[::1]:8080", Some("b"), 0, 0),
        waited("0.0.0.0:32768", Some("b"), 0, 0),
        waited("0.0.0.0:32767", Some("b"), 0, 0),
    ];
    assert_eq!(of_listeners(&listeners), ["0 b: listening tcp port 32767"]);
}

#[test]
fn an_app_that_is_identified_later_is_not_new() {
    let listeners = [waited("0.0.0.0:22", None, 9, 5), waited("0.0.0.0:22", Some("sshd"), 4, 0)];
    assert_eq!(of_listeners(&listeners), ["9 ?: listening tcp port 22"]);
}

#[test]
fn a_port_counts_as_open_to_the_end_of_its_stretch() {
    for (ended, expected) in [(29, 0), (30, 1)] {
        let listeners =
            [waited("0.0.0.0:22", Some("sshd"), 50, ended), waited("0.0.0.0:22", Some("sshd"), 0, 0)];
        let told = of_listeners(&listeners);
        assert_eq!(told.len(), expected, "{ended}: {told:?}");
        assert!(told.iter().all(|line| line == "0 sshd: listening tcp port 22 after 30"), "{told:?}");
    }
}

#[test]
fn what_comes_in_is_told_by_app_and_port_and_imported_days_teach_nothing_of_it() {
    let came_in = |app: Option<&str>, port, back: i32| PortUse {
        kind: ReasonKind::Inbound,
        port,
        app: app.map(Into::into),
        from: Day(TODAY - back),
        to: Day(TODAY - back),
        first_seen: Timestamp::from_millis(5),
        flows: 4,
    };
    let ports = [
        came_in(Some("b"), 51_413, 2),
        came_in(Some("b"), 51_999, 1),
        came_in(None, 40_000, 1),
        came_in(Some("b"), 443, 0),
    ];
    let days = |imported| (0..20).map(|back| DayUse { imported, ..used("a", "a", back, 0) }).collect();
    let of = |imported| {
        let uses = [(Facet::App, days(imported))];
        let known = Known { uses: &uses, ports: &ports, ..Known::default() };
        told(&events(known, Day(TODAY - 5), Day(TODAY), LEARNING_DAYS))
    };
    assert_eq!(of(false), ["0 b: inbound port 443", "2 b: inbound port 51413"]);
    assert_eq!(of(true), [""; 0]);
}
