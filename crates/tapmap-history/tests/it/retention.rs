//! What is old goes, what is small is folded, and nothing that is to stay is lost.

use crate::support::*;
use tapmap_core::{Batch, Day, Facet, Filter, FlowQuery, HistoryStore, Retention};

const KEEP: Retention = Retention { days: 30, bytes: 1 << 40 };

/// A minute's poll of one app over some hours, and beside it a long download each hour.
fn hours(store: &mut dyn HistoryStore, begin: i64, hours: i64) {
    for hour in 0..hours {
        let mut flows = Vec::new();
        for minute in 0..60 {
            let id = u64::try_from(hour * 100 + minute).unwrap();
            let at = begin + hour * HOUR + minute * MINUTE;
            let mut poll = named(
                flow(id, app("Mail", 5 + u32::try_from(minute % 2).unwrap()), "8.8.8.4", at, at + 200),
                &["imap.example"],
            );
            poll.counters.bytes_sent = Some(id);
            flows.push(poll);
        }
        let at = begin + hour * HOUR;
        let id = u64::try_from(hour * 100 + 99).unwrap();
        flows.push(flow(id, app("Firefox", 9), "8.8.8.7", at, at + 20 * MINUTE));
        store.append(&ended(at + HOUR, &flows)).unwrap();
    }
}

#[test]
fn folding_loses_nothing_to_any_question() {
    let (_folder, mut store) = sqlite();
    store.begin(&session(NOON, "")).unwrap();
    hours(&mut store, NOON, 6);
    let now = NOON + 3 * DAY;
    let reader = store.reader().unwrap();
    let queries: Vec<FlowQuery> = [
        "",
        "app:mail",
        "app:firefox",
        "port:443 -app:mail",
        "name:imap.example",
        "imap",
        "user:ann",
        "country:NO",
    ]
    .iter()
    .map(|filter| FlowQuery { filter: Filter::parse(filter).unwrap(), ..FlowQuery::default() })
    .chain([FlowQuery {
        from: Some(at(NOON + HOUR + HOUR / 2)),
        to: Some(at(NOON + 2 * HOUR + 100)),
        ..FlowQuery::default()
    }])
    .collect();
    let before: Vec<_> = queries.iter().map(|query| all(&*reader, query, now)).collect();
    let uses = reader.days(Facet::App, Day(0), Day(i32::MAX)).unwrap();
    assert_eq!(before[0].len(), 366);

    while store.tidy(at(now), KEEP).unwrap() {}
    let stats = reader.stats().unwrap();
    assert_eq!(
        (stats.flows, stats.folded, stats.rows),
        (366, 360, 12),
        "polls are folded, downloads are not"
    );
    for (query, before) in queries.iter().zip(before) {
        assert_eq!(all(&*reader, query, now), before, "{query:?}");
    }
    assert_eq!(reader.days(Facet::App, Day(0), Day(i32::MAX)).unwrap(), uses);
    assert_eq!(reader.verify(true).unwrap(), Vec::<String>::new());

    // Sweeping keeps the owners that only folded flows have.
    store.compact().unwrap();
    assert_eq!(all(&*reader, &queries[1], now).len(), 360);
    assert_eq!(reader.verify(true).unwrap(), Vec::<String>::new());
}

#[test]
fn what_is_younger_than_two_days_is_not_folded() {
    let (_folder, mut store) = sqlite();
    store.begin(&session(NOON, "")).unwrap();
    hours(&mut store, NOON, 2);
    while store.tidy(at(NOON + 2 * DAY + HOUR), KEEP).unwrap() {}
    let reader = store.reader().unwrap();
    assert_eq!(reader.stats().unwrap().folded, 60, "only the first hour is old enough");
}

#[test]
fn days_beyond_the_limit_go_and_the_rest_stays() {
    let (_folder, mut store) = sqlite();
    store.begin(&session(NOON, "Europe/Vienna")).unwrap();
    for day in 0..10_i64 {
        let at = NOON + day * DAY;
        store
            .append(&ended(
                at + 5,
                &[flow(u64::try_from(day).unwrap(), app("Firefox", 5), "8.8.8.4", at, at + 1)],
            ))
            .unwrap();
    }
    let long = flow(100, app("ssh", 5), "8.8.8.7", NOON + 1, NOON + 1);
    store.append(&open(NOON + 9 * DAY + 6, &[long])).unwrap();
    let now = NOON + 9 * DAY + 7;
    while store.tidy(at(now), Retention { days: 3, bytes: 1 << 40 }).unwrap() {}
    let left: Vec<i64> =
        everything(&store, now).iter().map(|it| (it.span.first_seen.as_millis() - NOON) / DAY).collect();
    assert_eq!(left, [9, 8, 7, 0], "three days, and what is still open");
    let reader = store.reader().unwrap();
    let days: Vec<i32> =
        reader.days(Facet::App, Day(0), Day(i32::MAX)).unwrap().iter().map(|it| it.day.0).collect();
    assert_eq!(*days.iter().min().unwrap(), 20_782 + 7);
    assert_eq!(reader.verify(true).unwrap(), Vec::<String>::new());
}

#[test]
fn the_oldest_go_when_there_is_too_little_room() {
    let (_folder, mut store) = sqlite();
    store.begin(&session(NOON, "")).unwrap();
    for round in 0..12_u64 {
        let begin = NOON + i64::try_from(round).unwrap() * HOUR;
        let flows: Vec<_> = (0..1000)
            .map(|number| {
                flow(
                    round * 1000 + number,
                    app("Firefox", 5),
                    "8.8.8.4",
                    begin + i64::try_from(number).unwrap(),
                    begin + HOUR,
                )
            })
            .collect();
        store.append(&ended(begin + HOUR, &flows)).unwrap();
    }
    let reader = store.reader().unwrap();
    let before = reader.stats().unwrap();
    let limit = before.bytes / 2;
    let now = NOON + 13 * HOUR;
    while store.tidy(at(now), Retention { days: 30, bytes: limit }).unwrap() {}
    let after = reader.stats().unwrap();
    assert!(after.bytes - after.free_bytes <= limit);
    assert!(after.flows > 2_000, "no more than needed went: {after:?}");
    assert_eq!(after.newest, before.newest);
    assert_eq!(reader.verify(true).unwrap(), Vec::<String>::new());
}

#[test]
fn what_was_forgotten_is_not_in_the_file_any_more() {
    let (folder, mut store) = sqlite();
    store.begin(&session(NOON, "")).unwrap();
    let secret = named(flow(1, app("Zanzibar", 5), "8.8.8.4", NOON, NOON + 1), &["zanzibar.example"]);
    store.append(&ended(NOON + 5, &[secret, flow(2, app("curl", 6), "8.8.8.7", NOON, NOON + 1)])).unwrap();
    store.forget(&tapmap_core::Forget::App("Zanzibar".into()), at(NOON + 6), at(NOON + 7)).unwrap();
    while store.tidy(at(NOON + 8), KEEP).unwrap() {}
    store.compact().unwrap();
    drop(store);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let lower = bytes.to_ascii_lowercase();
        assert!(!lower.windows(8).any(|window| window == b"zanzibar"), "{}", path.display());
    }
}

#[test]
fn of_program_files_the_last_one_of_an_app_in_use_stays() {
    let (_folder, mut store) = sqlite();
    store.begin(&session(NOON, "")).unwrap();
    let programs = vec![
        program("curl", 1, NOON),
        program("curl", 2, NOON + 1),
        program("build-7f3a", 1, NOON + 2),
        program("curl", 3, NOON + 31 * DAY),
    ];
    let now = NOON + 31 * DAY + 10;
    let used = flow(1, app("curl", 5), "8.8.8.4", now - 5, now - 4);
    store.append(&Batch { programs: programs.clone(), ..ended(now, &[used]) }).unwrap();
    while store.tidy(at(now), KEEP).unwrap() {}
    let kept = store.reader().unwrap().programs().unwrap();
    assert_eq!(kept, [programs[1].clone(), programs[3].clone()]);
}
