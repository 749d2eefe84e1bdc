//! Gaps that overlap, days on which nobody looked, and where a day is cut off.

use super::*;

const HOUR: i64 = 3_600_000;

fn at(hour: i64) -> Timestamp {
    Timestamp::from_millis(hour * HOUR)
}

fn gap(from: i64, until: i64, why: WhyUnobserved) -> Unobserved {
    Unobserved { from: at(from), until: at(until), why, lost: None }
}

fn asleep(from: i64, until: i64) -> Unobserved {
    gap(from, until, WhyUnobserved::Recorder(GapReason::Asleep))
}

fn session(from: i64, until: i64) -> SessionRecord {
    let session = tapmap_core::Session { started_at: at(from), ..tapmap_core::Session::default() };
    SessionRecord { session, alive_at: at(until) }
}

fn observed(unobserved: Vec<Unobserved>) -> Observed {
    Observed {
        day: Day(0),
        begins: at(0),
        until: at(24),
        history_days: 1,
        strip: Days::default(),
        unobserved,
    }
}

#[test]
fn time_in_several_gaps_counts_once() {
    let hours = |gaps: Vec<Unobserved>| observed(gaps).unobserved_time().as_secs() / 3600;
    assert_eq!(hours(vec![]), 0);
    assert_eq!(hours(vec![asleep(1, 3), asleep(2, 5), asleep(2, 4)]), 4);
    assert_eq!(hours(vec![asleep(20, 30), asleep(-5, 1)]), 5, "only what lies in the day");
    let overrun = gap(1, 3, WhyUnobserved::Recorder(GapReason::Overrun));
    assert_eq!(hours(vec![overrun, gap(5, 6, WhyUnobserved::ClockSet)]), 0, "most of that was seen");
}

#[test]
fn a_day_counts_when_a_recorder_saw_some_of_it() {
    let is_seen = |gaps: &[Unobserved]| is_observed(&[session(2, 3), session(10, 20)], gaps, at(0), at(24));
    assert!(is_seen(&[]));
    assert!(is_seen(&[asleep(0, 19)]));
    assert!(!is_seen(&[asleep(0, 5), asleep(9, 21)]));
    assert!(!is_observed(&[session(2, 3)], &[], at(24), at(48)));
    assert!(!is_observed(&[session(2, 3)], &[], at(3), at(4)), "it ended when the day began");
}

#[test]
fn before_the_first_and_after_the_last_sign_of_life_nobody_looked() {
    let outside = |sessions: &[SessionRecord], now| -> Vec<(Timestamp, Timestamp)> {
        outside(sessions, at(0), at(24), at(now)).map(|gap| (gap.from, gap.until)).collect()
    };
    assert_eq!(outside(&[session(6, 20)], 48), [(at(0), at(6)), (at(20), at(24))]);
    assert_eq!(outside(&[session(-6, 30)], 48), []);
    assert_eq!(outside(&[session(0, 20)], 20), [], "it is alive");
    assert_eq!(outside(&[], 48), [(at(0), at(24))], "without any recorder nobody looked at all");
}

#[test]
fn what_reaches_beyond_the_day_is_cut_off() {
    assert_eq!(clip(&asleep(-3, 2), at(0), at(24)), Some(asleep(0, 2)));
    assert_eq!(clip(&asleep(-3, 0), at(0), at(24)), None);
}
