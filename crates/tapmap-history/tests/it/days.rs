//! Days are the user's, also where the clock changes and where the user travels.

use crate::support::*;
use tapmap_core::{Batch, Day, Facet, HistoryStore};

/// 2026-10-25T00:00:00+02:00, the beginning of a day of 25 hours in Vienna.
const LONG_DAY: i64 = 1_792_879_200_000;
/// 2026-03-29T00:00:00+01:00, the beginning of a day of 23 hours.
const SHORT_DAY: i64 = 1_774_738_800_000;

fn used_days(store: &dyn HistoryStore) -> Vec<(i32, u64)> {
    let mut days: Vec<(i32, u64)> = Vec::new();
    for one in store.reader().unwrap().days(Facet::Port, Day(0), Day(i32::MAX)).unwrap() {
        days.push((one.day.0, one.flows));
    }
    days.sort_unstable();
    days
}

#[test]
fn a_day_has_as_many_hours_as_the_clock_gives_it() {
    for (begin, hours, day) in [(LONG_DAY, 25, 20_751), (SHORT_DAY, 23, 20_541)] {
        let (_folder, mut store) = sqlite();
        store.begin(&session(begin - HOUR, "Europe/Vienna")).unwrap();
        for hour in -1..=hours {
            let at = begin + hour * HOUR;
            let id = u64::try_from(hour + 1).unwrap();
            store.append(&ended(at, &[flow(id, nobody(), "8.8.8.4", at, at)])).unwrap();
        }
        let hours = u64::try_from(hours).unwrap();
        assert_eq!(used_days(&store), [(day - 1, 1), (day, hours), (day + 1, 1)]);
    }
}

#[test]
fn who_travels_has_the_days_of_the_place() {
    let (_folder, mut store) = sqlite();
    store.begin(&session(NOON, "Europe/Vienna")).unwrap();
    let evening = NOON + 10 * HOUR + HOUR / 2;
    store.append(&ended(evening, &[flow(1, nobody(), "8.8.8.4", evening, evening)])).unwrap();
    let landed = Batch {
        new_zone: Some("Asia/Tokyo".into()),
        ..ended(evening + MINUTE, &[flow(2, nobody(), "8.8.8.4", evening + MINUTE, evening + MINUTE)])
    };
    store.append(&landed).unwrap();
    assert_eq!(used_days(&store), [(20_782, 1), (20_783, 1)]);
    let sessions = store.reader().unwrap().sessions().unwrap();
    assert_eq!(
        sessions.iter().map(|it| &*it.session.zone).collect::<Vec<_>>(),
        ["Europe/Vienna", "Asia/Tokyo"]
    );
}

#[test]
fn an_unknown_zone_counts_in_utc() {
    let (_folder, mut store) = sqlite();
    store.begin(&session(NOON, "Moon/Crater")).unwrap();
    store.append(&ended(NOON + 1, &[flow(1, nobody(), "8.8.8.4", NOON, NOON)])).unwrap();
    assert_eq!(used_days(&store), [(20_782, 1)]);
}
