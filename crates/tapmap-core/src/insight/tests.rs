//! Facts about insights.

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
