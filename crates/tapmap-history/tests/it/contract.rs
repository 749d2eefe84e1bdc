//! What any history must do. Every test runs over the one in memory and the one in SQLite.

use crate::{memory::MemoryStore, support::*};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tapmap_core::{
    Away, Batch, Day, DayUse, Direction, Ending, Endpoint, Facet, Filter, FlowQuery, Forget, GapReason,
    HistoryReader, HistoryStore, ListenerEntry, ProgramSeen, Protocol, Retention, TimelineQuery, Unobserved,
    WhyAway, WhyUnobserved, total_uses,
};
use tapmap_engine::remembered::Chosen;

const KEEP: Retention = Retention { days: 30, bytes: 1 << 30 };

/// Runs a check over every kind of history.
fn every(check: impl Fn(&mut dyn HistoryStore)) {
    check(&mut MemoryStore::default());
    let (_folder, mut store) = sqlite();
    check(&mut store);
    let reader = store.reader().unwrap();
    assert_eq!(reader.verify(true).unwrap(), Vec::<String>::new());
    for facet in Facet::ALL {
        let mut totals = reader.totals(facet, Day(0), Day(i32::MAX)).unwrap();
        totals.sort_by_key(|one| (one.day, Arc::clone(&one.value), one.imported));
        assert_eq!(totals, total_uses(reader.days(facet, Day(0), Day(i32::MAX)).unwrap()));
    }
    counts_are_those_of_the_flows(&*reader);
}

/// What is counted while it is written is what the flows say one by one, but for when on the day
/// and how many bytes, which is known of an open flow only from look to look.
fn counts_are_those_of_the_flows(reader: &dyn HistoryReader) {
    let everything = Filter::default();
    let flows = Chosen::of(reader, &everything, at(0)).unwrap();
    let counted = |mut uses: Vec<DayUse>| {
        uses.retain(|used| !used.imported);
        uses.sort_by_key(|used| (used.day, Arc::clone(&used.value), used.app.clone()));
        uses.into_iter()
            .map(|used| DayUse { sent: 0, received: 0, first_seen: None, last_seen: None, ..used })
            .collect::<Vec<_>>()
    };
    let always = (Day(0), Day(i32::MAX));
    for facet in Facet::ALL {
        let kept = reader.days(facet, always.0, always.1).unwrap();
        assert_eq!(counted(kept), counted(flows.days(facet, always.0, always.1).unwrap()), "{facet:?}");
    }
    let kept = reader.inbound(always.0, always.1).unwrap();
    assert_eq!(counted(kept), counted(flows.inbound(always.0, always.1).unwrap()));
}

fn query(filter: &str) -> FlowQuery {
    FlowQuery { filter: Filter::parse(filter).unwrap(), ..FlowQuery::default() }
}

#[test]
fn a_flow_comes_back_as_it_was_known() {
    every(|store| {
        store.begin(&session(NOON, "")).unwrap();
        let mut flow = named(
            flow(1, app("Firefox", 5), "2001:db9::4", NOON + 10, NOON + 900),
            &["a.example", "b.example"],
        );
        flow.counters.bytes_received = None;
        flow.protocol = Protocol::Udp;
        flow.direction = Direction::Inbound;
        store.append(&ended(NOON + 1000, std::slice::from_ref(&flow))).unwrap();
        let records = everything(store, NOON + 1000);
        assert_eq!(records.len(), 1);
        let expected = tapmap_core::FlowRecord::of(&flow, Ending::Seen, records[0].id);
        assert_eq!(records[0], expected);
    });
}

#[test]
fn an_open_flow_is_there_at_once_and_lasts_until_the_last_sign_of_life() {
    every(|store| {
        store.begin(&session(NOON, "")).unwrap();
        let one = flow(1, app("Firefox", 5), "8.8.8.4", NOON, NOON);
        store.append(&open(NOON + 500, std::slice::from_ref(&one))).unwrap();
        store.append(&open(NOON + MINUTE, &[])).unwrap();
        let records = everything(store, NOON + MINUTE);
        assert_eq!((records.len(), records[0].ending), (1, Ending::Open));
        assert_eq!(records[0].span.last_seen, at(NOON + MINUTE));

        // The recorder is killed; the next one finds what was left.
        store.begin(&session(NOON + HOUR, "")).unwrap();
        let records = everything(store, NOON + HOUR);
        assert_eq!((records.len(), records[0].ending), (1, Ending::Unseen));
        assert_eq!(records[0].span.last_seen, at(NOON + MINUTE));
        let gap = Unobserved {
            from: at(NOON + MINUTE),
            until: at(NOON + HOUR),
            why: WhyUnobserved::NotRunning,
            lost: None,
        };
        let reader = store.reader().unwrap();
        assert_eq!(reader.unobserved(at(0), at(i64::MAX)).unwrap(), [gap]);
        assert_eq!(reader.sessions().unwrap().len(), 2);
    });
}

#[test]
fn flows_are_found_by_the_time_in_which_they_were_observed() {
    every(|store| {
        store.begin(&session(NOON - 12 * HOUR, "")).unwrap();
        let app = || app("Firefox", 5);
        let long = flow(1, app(), "8.8.8.4", NOON - 10 * HOUR, NOON - HOUR);
        let goes_on = flow(2, app(), "8.8.8.4", NOON - 9 * HOUR, NOON - 9 * HOUR);
        let short = flow(3, app(), "8.8.8.4", NOON - 8 * HOUR, NOON - 8 * HOUR + 5);
        let late = flow(4, app(), "8.8.8.4", NOON - 5, NOON);
        store.append(&open(NOON - 8 * HOUR, &[goes_on])).unwrap();
        store.append(&ended(NOON, &[long, short, late])).unwrap();
        let reader = store.reader().unwrap();
        let found = |from: i64, to: i64| -> Vec<u16> {
            let query = FlowQuery { from: Some(at(from)), to: Some(at(to)), ..FlowQuery::default() };
            all(&*reader, &query, NOON).iter().map(|it| it.local.port() - 40_000).collect()
        };
        assert_eq!(found(NOON - HOUR, NOON + 1), [4, 2, 1]);
        assert_eq!(found(NOON - HOUR + 1, NOON - 5), [2]);
        assert_eq!(found(NOON - 8 * HOUR, NOON - 7 * HOUR), [3, 2, 1]);
        assert_eq!(found(NOON - 11 * HOUR, NOON - 10 * HOUR), Vec::<u16>::new());
        assert_eq!(found(NOON - 11 * HOUR, NOON - 10 * HOUR + 1), [1]);
    });
}

#[test]
fn flows_are_found_by_a_filter() {
    every(|store| {
        store.begin(&session(NOON, "")).unwrap();
        let mut dns = flow(3, app("resolver", 9), "8.8.8.5", NOON + 3, NOON + 4);
        dns.protocol = Protocol::Udp;
        dns.remote = tapmap_core::Endpoint::new(dns.remote.address(), 53);
        let flows = [
            named(flow(1, app("Firefox", 5), "8.8.8.4", NOON + 1, NOON + 2), &["www.example.org"]),
            flow(2, nobody(), "10.0.0.9", NOON + 2, NOON + 3),
            dns,
            flow(4, app("Firefox", 6), "8.8.8.7", NOON + 4, NOON + 5),
        ];
        store.append(&ended(NOON + 10, &flows)).unwrap();
        let reader = store.reader().unwrap();
        for (filter, expected) in [
            ("app:firefox", vec![4, 1]),
            ("-app:firefox", vec![3, 2]),
            ("app:\"\"", vec![2]),
            ("country:NO", vec![1]),
            ("-country:NO", vec![4, 3, 2]),
            ("country:\"\"", vec![2]),
            ("port:53", vec![3]),
            ("port:50-60,443 protocol:udp", vec![3]),
            ("name:*.example.org", vec![1]),
            ("name:\"\" app:*", vec![4, 3]),
            ("www.exam", vec![1]),
            ("8.8.8", vec![4, 3, 1]),
            ("oslo", vec![1]),
            ("scope:lan", vec![2]),
            ("address:8.8.8.4/31", vec![3, 1]),
            ("asn:64501", vec![4, 1]),
            ("user:ann", vec![4, 3, 1]),
            ("user:\"\"", vec![2]),
            ("direction:in", vec![]),
            ("since:0s", vec![]),
            ("since:1m", vec![4, 3, 2, 1]),
            ("app:nobody", vec![]),
        ] {
            let found: Vec<u16> = all(&*reader, &query(filter), NOON + 1000)
                .iter()
                .map(|it| it.local.port() - 40_000)
                .collect();
            assert_eq!(found, expected, "{filter}");
        }
    });
}

#[test]
fn days_count_what_was_used_on_them() {
    every(|store| {
        store.begin(&session(NOON, "Europe/Vienna")).unwrap();
        let midnight = NOON + 11 * HOUR;
        let mut long = named(flow(1, app("Firefox", 5), "8.8.8.4", NOON, NOON), &["a.example"]);
        store.append(&open(NOON + 500, std::slice::from_ref(&long))).unwrap();
        store
            .append(&ended(NOON + HOUR, &[flow(2, app("Firefox", 5), "8.8.8.4", NOON + 1, NOON + HOUR)]))
            .unwrap();
        store.append(&ended(NOON + HOUR, &[flow(3, nobody(), "10.0.0.1", NOON + 1, NOON + HOUR)])).unwrap();
        store.append(&open(midnight + MINUTE, &[])).unwrap();
        long.counters.bytes_sent = Some(150);
        long.span.last_seen = at(midnight + HOUR);
        store.append(&ended(midnight + HOUR, &[long])).unwrap();
        let reader = store.reader().unwrap();
        let mut uses = reader.days(Facet::Country, Day(0), Day(i32::MAX)).unwrap();
        uses.sort_by_key(|one| one.day);
        let told: Vec<_> = uses
            .iter()
            .map(|it| (it.day.0, &*it.value, it.app.as_deref(), it.flows, it.mapped, it.sent, it.received))
            .collect();
        assert_eq!(
            told,
            [(20_782, "NO", Some("Firefox"), 2, 2, 200, 4000), (20_783, "NO", Some("Firefox"), 1, 1, 50, 0)]
        );
        assert_eq!((uses[0].first_seen, uses[0].last_seen), (Some(at(NOON)), Some(at(NOON + HOUR))));
        assert_eq!(uses[1].first_seen, Some(at(midnight + MINUTE)));
        for (facet, value) in [(Facet::App, "Firefox"), (Facet::Port, "443"), (Facet::Name, "a.example")] {
            let uses = reader.days(facet, Day(20_783), Day(20_783)).unwrap();
            assert_eq!(uses.iter().map(|it| &*it.value).collect::<Vec<_>>(), [value]);
        }
    });
}

#[test]
fn the_days_of_some_pairs_are_those_of_all_without_the_others() {
    every(|store| {
        store.begin(&session(NOON, "")).unwrap();
        let flows = [
            flow(1, app("Firefox", 5), "8.8.8.4", NOON, NOON),
            flow(2, app("Firefox", 5), "8.8.8.5", NOON, NOON),
            flow(3, app("curl", 6), "8.8.8.4", NOON, NOON),
            flow(4, app("Firefox", 5), "8.8.8.4", NOON + DAY, NOON + DAY),
            flow(5, nobody(), "8.8.8.4", NOON + DAY, NOON + DAY),
        ];
        store.append(&ended(NOON + DAY, &flows)).unwrap();
        let reader = store.reader().unwrap();
        let pairs = [("NO", "Firefox"), ("FR", "curl"), ("NO", "nobody knows")];
        let pairs = pairs.map(|(value, app)| (value.into(), app.into()));
        let told = |from, to| {
            let uses = reader.days_of(Facet::Country, &pairs, Day(from), Day(to)).unwrap();
            uses.iter().map(|it| (it.day.0, it.value.to_string(), it.flows)).collect::<Vec<_>>()
        };
        assert_eq!(told(20_700, 20_800), [(20_782, "NO".to_owned(), 1), (20_783, "NO".to_owned(), 1)]);
        assert_eq!(told(20_783, 20_783), [(20_783, "NO".to_owned(), 1)]);

        let on = [(20_782, "NO"), (20_783, "NO"), (20_783, "FR"), (20_782, "nobody knows")];
        let on = on.map(|(day, value)| (Day(day), value.into())).into();
        let users = reader.users(Facet::Country, &on).unwrap();
        let users = users.iter().map(|it| (it.day.0, it.value.to_string(), it.app.clone()));
        let users: BTreeSet<_> = users.collect();
        let no = |day, app: Option<&str>| (day, "NO".to_owned(), app.map(Into::into));
        let expected =
            [(20_782, Some("Firefox")), (20_782, Some("curl")), (20_783, Some("Firefox")), (20_783, None)]
                .map(|(day, app)| no(day, app));
        assert_eq!(users, expected.into());
    });
}

#[test]
fn who_comes_in_counts_by_port_from_the_neighbourhood_too() {
    every(|store| {
        store.begin(&session(NOON, "")).unwrap();
        let inbound = |id, remote: &str, at_port, begins| {
            let mut flow = flow(id, app("sshd", 5), remote, begins, begins);
            flow.direction = Direction::Inbound;
            flow.local = Endpoint::new(flow.local.address(), at_port);
            flow
        };
        let flows = [
            inbound(1, "8.8.8.4", 22, NOON),
            inbound(2, "10.0.0.9", 22, NOON + HOUR),
            inbound(3, "127.0.0.1", 22, NOON),
            inbound(4, "10.0.0.9", 22, NOON + DAY),
            flow(5, app("Firefox", 6), "8.8.8.4", NOON, NOON),
        ];
        store.append(&ended(NOON + DAY, &flows)).unwrap();
        let told = |store: &dyn HistoryStore| {
            let mut uses = store.reader().unwrap().inbound(Day(i32::MIN), Day(i32::MAX)).unwrap();
            uses.sort_by_key(|one| one.day);
            uses.iter()
                .map(|it| (it.day.0, it.value.to_string(), it.app.clone(), it.flows, it.first_seen))
                .collect::<Vec<_>>()
        };
        let sshd = || Some("sshd".into());
        let all = [
            (20_782, "22".to_owned(), sshd(), 2, Some(at(NOON))),
            (20_783, "22".to_owned(), sshd(), 1, Some(at(NOON + DAY))),
        ];
        assert_eq!(told(store), all);
        let later = at(NOON + 2 * DAY);
        store.forget(&Forget::Before(Day(20_783)), later, later).unwrap();
        assert_eq!(told(store), all[1..]);
    });
}

#[test]
fn what_gets_known_later_counts_for_the_whole_day() {
    every(|store| {
        store.begin(&session(NOON, "")).unwrap();
        let mut flow = flow(1, nobody(), "8.8.8.4", NOON, NOON);
        store.append(&open(NOON + 500, std::slice::from_ref(&flow))).unwrap();
        flow.attribution = app("Firefox", 5);
        let flow = named(flow, &["a.example"]);
        store.append(&ended(NOON + 2000, &[flow])).unwrap();
        let reader = store.reader().unwrap();
        for facet in Facet::ALL {
            let uses = reader.days(facet, Day(0), Day(i32::MAX)).unwrap();
            let told: Vec<_> = uses.iter().map(|it| (it.app.as_deref(), it.flows, it.sent)).collect();
            assert_eq!(told, [(Some("Firefox"), 1, 100)], "{facet:?}");
        }
    });
}

#[test]
fn a_timeline_counts_beginnings_and_bytes() {
    every(|store| {
        store.begin(&session(NOON, "")).unwrap();
        let flows: Vec<_> = (0..20_u64)
            .map(|number| {
                let begin = NOON + i64::try_from(number).unwrap() * MINUTE;
                let owner = if number % 2 == 0 { app("Firefox", 5) } else { app("curl", 6) };
                flow(number, owner, "8.8.8.4", begin, begin + 1000)
            })
            .collect();
        for flow in &flows {
            store.append(&ended(flow.span.last_seen.as_millis(), std::slice::from_ref(flow))).unwrap();
        }
        let reader = store.reader().unwrap();
        let counts = |filter: &str, minutes: u64| -> Vec<(u64, u64)> {
            let query = TimelineQuery {
                from: at(NOON),
                to: at(NOON + 20 * MINUTE),
                slot: Duration::from_mins(minutes),
                filter: Filter::parse(filter).unwrap(),
            };
            reader.timeline(&query, at(NOON)).unwrap().iter().map(|slot| (slot.flows, slot.sent)).collect()
        };
        assert_eq!(counts("", 5), [(5, 500); 4]);
        assert_eq!(counts("", 4), [(4, 400); 5]);
        assert_eq!(counts("app:curl", 10), [(5, 500); 2]);
        assert_eq!(counts("", 15), [(15, 1500), (5, 500)]);
    });
}

#[test]
fn listeners_and_gaps_come_back() {
    every(|store| {
        store.begin(&session(NOON, "")).unwrap();
        let (ssh, web) = (listener(1, 22, NOON), listener(2, 80, NOON + 5));
        let entry = |listener: &tapmap_core::Listener, closed_at: Option<i64>| ListenerEntry {
            listener: Arc::new(listener.clone()),
            closed_at: closed_at.map(at),
        };
        let gap = Unobserved {
            from: at(NOON),
            until: at(NOON + 9),
            why: WhyUnobserved::Recorder(GapReason::Overrun),
            lost: Some(3),
        };
        let batch = Batch {
            at: at(NOON + 10),
            listeners: vec![entry(&ssh, None), entry(&web, None)],
            gaps: vec![gap.clone()],
            ..Batch::default()
        };
        store.append(&batch).unwrap();
        let batch =
            Batch { at: at(NOON + 20), listeners: vec![entry(&web, Some(NOON + 15))], ..Batch::default() };
        store.append(&batch).unwrap();
        let reader = store.reader().unwrap();
        let told = |from: i64, to: i64| -> Vec<(u16, i64, bool)> {
            let found = reader.listeners(at(from), at(to)).unwrap();
            found.iter().map(|it| (it.local.port(), it.last_seen.as_millis() - NOON, it.open)).collect()
        };
        assert_eq!(told(NOON, NOON + 100), [(22, 20, true), (80, 15, false)]);
        assert_eq!(told(NOON + 16, NOON + 100), [(22, 20, true)]);
        assert_eq!(reader.unobserved(at(NOON + 9), at(NOON + 10)).unwrap(), [gap]);
        assert_eq!(reader.unobserved(at(NOON + 10), at(NOON + 11)).unwrap(), []);
    });
}

#[test]
fn each_program_file_is_kept_once_and_forgotten_with_its_app() {
    every(|store| {
        store.begin(&session(NOON, "")).unwrap();
        let batch =
            |now: i64, programs: Vec<ProgramSeen>| Batch { at: at(now), programs, ..Batch::default() };
        let all = vec![program("curl", 1, NOON), program("zoom", 1, NOON + 1), program("curl", 2, NOON + 2)];
        store.append(&batch(NOON + 10, all.clone())).unwrap();
        store.append(&batch(NOON + 20, vec![program("curl", 1, NOON + 20)])).unwrap();
        let reader = store.reader().unwrap();
        assert_eq!(reader.programs().unwrap(), all);
        let now = NOON + 30;
        store.forget(&Forget::App("curl".into()), at(now), at(now + 30_000)).unwrap();
        assert_eq!(reader.programs().unwrap(), [all[1].clone()]);
        let keep = Retention { days: 30, bytes: u64::MAX / 2 };
        while store.tidy(at(now + 30_000), keep).unwrap() {}
        assert_eq!(reader.programs().unwrap(), [all[1].clone()]);
        assert_eq!(reader.verify(true).unwrap(), [""; 0]);
    });
}

#[test]
fn what_is_forgotten_is_hidden_at_once_and_can_be_taken_back_until_it_is_due() {
    for what in [Forget::App("Firefox".into()), Forget::Before(Day(20_783)), Forget::All] {
        every(|store| {
            store.begin(&session(NOON, "")).unwrap();
            let old = [flow(1, app("Firefox", 5), "8.8.8.4", NOON, NOON + 1)];
            let new = [flow(2, app("curl", 5), "8.8.8.4", NOON + DAY + 1, NOON + DAY + 2)];
            store.append(&ended(NOON + 10, &old)).unwrap();
            let now = NOON + DAY;
            store.append(&open(now, &[])).unwrap();
            let forgetting = store.forget(&what, at(now), at(now + 30_000)).unwrap();
            store.append(&ended(now + 10, &new)).unwrap();
            let reader = store.reader().unwrap();
            let apps = |store: &dyn HistoryStore| -> Vec<String> {
                everything(store, now).iter().map(|it| it.app().unwrap().to_string()).collect()
            };
            assert_eq!(apps(store), ["curl"], "{what:?} hides at once");
            let days = |app: &str| {
                let uses = reader.days(Facet::App, Day(0), Day(i32::MAX)).unwrap();
                uses.iter().filter(|it| &*it.value == app).count()
            };
            assert_eq!(days("Firefox"), 0);
            assert_eq!(reader.forgetting().unwrap(), std::slice::from_ref(&forgetting));
            while store.tidy(at(now + 29_999), KEEP).unwrap() {}
            assert!(store.restore(forgetting.id).unwrap());
            assert_eq!((apps(store), days("Firefox")), (vec!["curl".to_owned(), "Firefox".to_owned()], 1));

            let forgetting = store.forget(&what, at(now), at(now + 30_000)).unwrap();
            while store.tidy(at(now + 30_000), KEEP).unwrap() {}
            assert!(!store.restore(forgetting.id).unwrap());
            assert_eq!((apps(store), days("Firefox"), days("curl")), (vec!["curl".to_owned()], 0, 1));
            assert_eq!(reader.forgetting().unwrap(), []);
        });
    }
}

#[test]
fn an_open_flow_that_is_forgotten_stays_away() {
    let (_folder, mut store) = sqlite();
    store.begin(&session(NOON, "")).unwrap();
    let mut flow = flow(1, app("Firefox", 5), "8.8.8.4", NOON, NOON);
    store.append(&open(NOON + 10, std::slice::from_ref(&flow))).unwrap();
    store.forget(&Forget::All, at(NOON + 20), at(NOON + 30)).unwrap();
    while store.tidy(at(NOON + 30), KEEP).unwrap() {}
    flow.span.last_seen = at(NOON + 40);
    store.append(&ended(NOON + 50, &[flow])).unwrap();
    assert_eq!(everything(&store, NOON + 60), []);
}

#[test]
fn imported_days_stand_beside_recorded_ones() {
    every(|store| {
        store.begin(&session(NOON, "")).unwrap();
        store.append(&ended(NOON + 10, &[flow(1, nobody(), "8.8.8.4", NOON, NOON + 1)])).unwrap();
        let imported = DayUse::imported(Day(20_782), "NO".into());
        for _ in 0..2 {
            store.import(Facet::Country, std::slice::from_ref(&imported)).unwrap();
        }
        let uses = store.reader().unwrap().days(Facet::Country, Day(20_782), Day(20_782)).unwrap();
        assert_eq!(uses.len(), 2);
        assert!(uses.contains(&imported));
    });
}

#[test]
fn a_clock_that_goes_back_is_noted() {
    every(|store| {
        store.begin(&session(NOON, "")).unwrap();
        store.append(&open(NOON + HOUR, &[])).unwrap();
        store.append(&ended(NOON + 5, &[flow(1, nobody(), "8.8.8.4", NOON, NOON + 1)])).unwrap();
        let gaps = store.reader().unwrap().unobserved(at(0), at(i64::MAX)).unwrap();
        let expected = Unobserved {
            from: at(NOON + 5),
            until: at(NOON + HOUR),
            why: WhyUnobserved::ClockSet,
            lost: None,
        };
        assert_eq!(gaps, [expected]);
        assert_eq!(everything(store, NOON).len(), 1);
    });
}

#[test]
fn flows_of_one_moment_are_told_apart() {
    every(|store| {
        store.begin(&session(-5 * DAY, "")).unwrap();
        let flows: Vec<_> = (0..7).map(|id| flow(id, nobody(), "8.8.8.4", -4 * DAY, -4 * DAY)).collect();
        store.append(&ended(-3 * DAY, &flows[..4])).unwrap();
        store.append(&ended(-3 * DAY, &flows[4..])).unwrap();
        assert_eq!(everything(store, 0).len(), 7);
    });
}

#[test]
fn times_of_absence_are_kept_clipped_and_forgotten() {
    every(|store| {
        store.begin(&session(NOON, "")).unwrap();
        let away = |from: i64, until: i64, why| Away { from: at(NOON + from), until: at(NOON + until), why };
        let note = |store: &mut dyn HistoryStore, now, away| {
            store.append(&Batch { at: at(NOON + now), away: vec![away], ..Batch::default() }).unwrap();
        };
        let night = away(0, 9_000, WhyAway::Idle);
        note(store, 2_000, away(0, 2_000, WhyAway::Idle));
        note(store, 9_000, night);
        let lunch = away(20_000, 30_000, WhyAway::Locked);
        note(store, 30_000, lunch);
        let reader = store.reader().unwrap();
        let told = |from: i64, to: i64| reader.away(at(NOON + from), at(NOON + to)).unwrap();
        assert_eq!(told(-1, 100_000), [night, lunch], "the longer one took its place");
        assert_eq!(
            told(5_000, 25_000),
            [away(5_000, 9_000, WhyAway::Idle), away(20_000, 25_000, WhyAway::Locked)]
        );
        assert_eq!(told(9_000, 20_000), [], "ends are not part of it");
        let forgetting = store.forget(&Forget::All, at(NOON + 25_000), at(NOON + 40_000)).unwrap();
        assert_eq!(told(0, 100_000), [away(25_000, 30_000, WhyAway::Locked)]);
        assert!(store.restore(forgetting.id).unwrap());
        assert_eq!(told(0, 100_000), [night, lunch]);
        store.forget(&Forget::All, at(NOON + 31_000), at(NOON + 40_000)).unwrap();
        while store.tidy(at(NOON + 41_000), KEEP).unwrap() {}
        assert_eq!(told(0, 100_000), []);
    });
}
