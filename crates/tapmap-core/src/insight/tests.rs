//! Facts about insights.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{Day, DayUse, habit::habits};

/// Days back from day 100 on which a value was used.
fn history(values: &[(&str, &[i32])]) -> Vec<Habit> {
    let mut uses = Vec::new();
    for (value, days) in values {
        for back in *days {
            let day = Day(100 - back);
            uses.push(DayUse { imported: false, ..DayUse::imported(day, (*value).into()) });
        }
    }
    habits(&uses, Day(100))
}

fn names(habits: &[Habit]) -> Vec<&str> {
    habits.iter().map(|habit| &*habit.value).collect()
}

#[test]
fn new_is_what_was_used_today_and_on_no_day_of_the_window_before() {
    let habits = history(&[("new", &[0]), ("old", &[0, 29]), ("back", &[0, 30]), ("gone", &[1])]);
    let insight = Insight::of(Facet::App, &habits);
    assert_eq!(names(&insight.new_today), ["back", "new"]);
}

#[test]
fn whatever_ties_with_the_fifth_is_among_the_most_frequent() {
    let habits = history(&[
        ("a", &[0, 1, 2, 3]),
        ("b", &[0, 1, 2]),
        ("c", &[0, 1]),
        ("d", &[0, 1]),
        ("e", &[1, 2]),
        ("f", &[5, 6]),
        ("g", &[0]),
    ]);
    let insight = Insight::of(Facet::Port, &habits);
    assert_eq!(names(&insight.most_frequent), ["a", "b", "c", "d", "e", "f"]);
}

#[test]
fn fewer_than_five_are_all_frequent_and_none_is_none() {
    assert_eq!(names(&Insight::of(Facet::App, &history(&[("a", &[3])])).most_frequent), ["a"]);
    assert_eq!(Insight::of(Facet::App, &[]).most_frequent, []);
}

/// What the first `TapMap` keeps of a value, and how: the number of its newest day, and which of the last 30 days it
/// was seen on, bit 0 being that day. Worked out here by its own definition, day after day.
#[derive(Clone, Copy, Default)]
struct Mask {
    newest: i32,
    days: u32,
}

impl Mask {
    fn shift_to(&mut self, today: i32) {
        let delta = u32::try_from(today - self.newest).expect("days in order");
        self.days = if delta >= 30 { 0 } else { self.days << delta & 0x3fff_ffff };
        self.newest = today;
    }
}

/// What it shows on a day: those new today, and the top five with all that tie with the fifth.
fn first_tapmap(masks: &BTreeMap<String, Mask>) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let new = masks.iter().filter(|(_, mask)| mask.days == 1).map(|(value, _)| value.as_str()).collect();
    let mut ranks: Vec<u32> =
        masks.values().map(|mask| mask.days.count_ones()).filter(|days| *days > 0).collect();
    ranks.sort_unstable_by(|one, other| other.cmp(one));
    let least = ranks.get(4).or(ranks.last()).copied().unwrap_or(1);
    let top = masks.iter().filter(|(_, mask)| mask.days.count_ones() >= least.max(1));
    (new, top.map(|(value, _)| value.as_str()).collect())
}

/// Whether a value is used on a day of an invented history of ninety: some always, some weekly, some for a while and
/// some at random.
fn is_used(value: u32, day: i32) -> bool {
    let number = u32::try_from(day).expect("a day of the history");
    match value {
        0 => true,
        1..=3 => number.is_multiple_of(7 * value),
        4..=8 => (value * 9..value * 9 + 20).contains(&number),
        _ => (number * 7919 + value * 104_729) % 97 < value,
    }
}

#[test]
fn on_what_is_mapped_all_is_as_the_first_tapmap_says() {
    let mut masks: BTreeMap<String, Mask> = BTreeMap::new();
    let mut uses = Vec::new();
    let mut ties = 0;
    for day in 0..90 {
        let met: Vec<String> =
            (0..24).filter(|value| is_used(*value, day)).map(|value| format!("v{value}")).collect();
        for mask in masks.values_mut() {
            mask.shift_to(day);
        }
        for value in met {
            let mask = masks.entry(value.clone()).or_insert(Mask { newest: day, days: 0 });
            mask.days |= 1;
            uses.push(DayUse { imported: false, ..DayUse::imported(Day(day), value.into()) });
        }
        let insight = Insight::of(Facet::App, &habits(&uses, Day(day)));
        let ours =
            |habits: &'_ [Habit]| habits.iter().map(|habit| habit.value.to_string()).collect::<BTreeSet<_>>();
        let (new, top) = first_tapmap(&masks);
        let theirs = |values: BTreeSet<&str>| values.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
        ties += usize::from(top.len() > 5);
        assert_eq!(ours(&insight.new_today), theirs(new), "new on day {day}");
        assert_eq!(ours(&insight.most_frequent), theirs(top), "most frequent on day {day}");
    }
    assert!(ties > 5, "{ties} days with a tie at the fifth rank");
}
