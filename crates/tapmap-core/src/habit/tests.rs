//! Facts about habits.

use super::*;

fn used(day: i32, value: &str) -> DayUse {
    DayUse {
        day: Day(day),
        value: value.into(),
        app: None,
        flows: 2,
        mapped: 0,
        sent: 10,
        received: 20,
        first_seen: Some(Timestamp::from_millis(i64::from(day) * 1000 + 5)),
        last_seen: Some(Timestamp::from_millis(i64::from(day) * 1000 + 9)),
        imported: false,
    }
}

#[test]
fn days_outside_the_window_are_not_looked_at() {
    let uses = [used(69, "a"), used(70, "a"), used(71, "b"), used(100, "b"), used(101, "c")];
    let habits = habits(&uses, Day(100));
    let told: Vec<(&str, u32, u32)> =
        habits.iter().map(|habit| (&*habit.value, habit.days.count(), habit.days.length())).collect();
    assert_eq!(told, [("b", 2, 30)], "30 days ago is not in a window of 30 days, tomorrow is not either");
}

#[test]
fn what_several_apps_did_today_is_one_habit_with_its_sums() {
    let mut one = used(100, "DE");
    one.first_seen = None;
    let habits = habits(&[one, used(100, "DE"), used(99, "DE")], Day(100));
    let habit = &habits[0];
    assert_eq!((habit.flows, habit.flows_today, habit.sent_today, habit.received_today), (6, 4, 20, 40));
    assert_eq!(habit.first_today, Some(Timestamp::from_millis(100_005)));
    assert!(!habit.days.is_only_today());
}

#[test]
fn the_strip_ends_with_the_day_itself() {
    let habits = habits(&[used(100, "a"), used(98, "a")], Day(100));
    let strip: String = habits[0].days.strip().map(|used| if used { 'x' } else { '.' }).collect();
    assert_eq!(strip, format!("{}x.x", ".".repeat(27)));
}

#[test]
fn the_classes_have_these_borders() {
    use Recurrence::{Occasional, Recurring, SeenOnce, Stable};
    let class = |days| Recurrence::of(days, 30);
    assert_eq!(
        [1, 2, 7, 8, 20, 21, 30].map(class),
        [SeenOnce, Occasional, Occasional, Recurring, Recurring, Stable, Stable]
    );
    // One day is seen once, however short the history; 7 days: 8/30 is 1.9 and 21/30 is 4.9.
    assert_eq!(
        [1, 2, 4, 5, 7].map(|days| Recurrence::of(days, 7)),
        [SeenOnce, Recurring, Recurring, Stable, Stable]
    );
    assert_eq!(Recurrence::of(1, 1), SeenOnce);
}

#[test]
fn the_ranges_of_the_classes_cover_every_number_of_days_once() {
    for history in 1..=WINDOW {
        let mut covered: Vec<u32> = Vec::new();
        for (first, last) in Recurrence::ALL.iter().filter_map(|class| class.range(history)) {
            covered.extend(first..=last);
        }
        covered.sort_unstable();
        assert_eq!(covered, (1..=history).collect::<Vec<_>>());
    }
}
