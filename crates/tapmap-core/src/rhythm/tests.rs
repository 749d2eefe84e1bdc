//! Facts about rhythm.

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn gap(from: i64, until: i64) -> Span {
    Span { first_seen: at(from), last_seen: at(until) }
}

#[test]
fn a_steady_beat_is_found_with_its_jitter() {
    let starts: Vec<Timestamp> = (0..20).map(|beat| at(beat * 300 + beat % 3 * 4)).collect();
    let rhythm = rhythm(&starts, &[]).unwrap();
    assert_eq!((rhythm.period.as_secs(), rhythm.intervals), (304, 19));
    assert!(rhythm.jitter.as_secs() <= 12 && rhythm.regular > 0.99, "{rhythm:?}");
}

#[test]
fn too_few_beats_say_nothing() {
    let starts: Vec<Timestamp> = (0..8).map(|beat| at(beat * 300)).collect();
    assert_eq!(rhythm(&starts, &[]), None);
}

#[test]
fn connections_opened_together_are_one_beat() {
    let starts: Vec<Timestamp> = (0..10).flat_map(|beat| [at(beat * 300), at(beat * 300 + 2)]).collect();
    assert_eq!(rhythm(&starts, &[]).unwrap().period.as_secs(), 300);
}

#[test]
fn sleep_is_no_interval() {
    let evening = (0..6).map(|beat| at(beat * 300));
    let morning = (0..6).map(|beat| at(30_000 + beat * 300));
    let starts: Vec<Timestamp> = evening.chain(morning).collect();
    let found = rhythm(&starts, &[gap(2_000, 29_900)]).unwrap();
    assert_eq!((found.period.as_secs(), found.intervals, found.regular), (300, 10, 1.0));
}

#[test]
fn a_beat_left_out_does_not_break_the_rhythm() {
    let starts: Vec<Timestamp> = (0..20).filter(|beat| beat % 7 != 3).map(|beat| at(beat * 300)).collect();
    assert_eq!(rhythm(&starts, &[]).unwrap().period.as_secs(), 300);
}

#[test]
fn what_people_do_keeps_no_time() {
    let mut seconds = 0;
    let starts: Vec<Timestamp> = (1..30_i64)
        .map(|step| {
            seconds += step * step % 17 * 60 + 10;
            at(seconds)
        })
        .collect();
    assert_eq!(rhythm(&starts, &[]), None);
}

#[test]
fn plain_explanations_are_named_and_others_are_not() {
    let beat = |hours| Rhythm {
        period: Duration::from_hours(hours),
        jitter: Duration::ZERO,
        intervals: 10,
        regular: 1.0,
    };
    assert_eq!(Explanation::of(123, &beat(1)), Some(Explanation::TimeSync));
    assert_eq!(Explanation::of(443, &beat(24)), Some(Explanation::UpdateCheck));
    assert_eq!(Explanation::of(443, &beat(1)), None);
}
