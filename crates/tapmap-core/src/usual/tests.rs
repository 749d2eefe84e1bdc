//! Facts about what is usual.

use super::*;

/// A Wednesday.
const TODAY: i32 = 20_005;

fn used(app: &str, back: i32, received: u64) -> DayUse {
    DayUse {
        day: Day(TODAY - back),
        value: app.into(),
        app: Some(app.into()),
        flows: 1,
        mapped: 1,
        sent: 0,
        received,
        first_seen: None,
        last_seen: None,
        imported: false,
    }
}

fn observed(days: i32) -> BTreeSet<Day> {
    (1..=days).map(|back| Day(TODAY - back)).collect()
}

#[test]
fn today_is_a_wednesday() {
    assert_eq!(
        (0..7).map(|back| is_weekend(Day(TODAY - back))).collect::<Vec<_>>(),
        [false, false, false, true, true, false, false]
    );
}

#[test]
fn what_is_far_above_the_usual_is_told_with_its_numbers() {
    let mut uses: Vec<DayUse> =
        (1..=14_u64).map(|back| used("sync", i32::try_from(back).unwrap(), 100_000_000 + back)).collect();
    uses.push(used("sync", 0, 400_000_000));
    let told = surprises(&uses, &observed(14), Day(TODAY));
    let [surprise] = &told[..] else { panic!("{told:?}") };
    assert_eq!((surprise.measure, surprise.today), (Measure::Received, 400_000_000));
    assert_eq!((surprise.days, surprise.same_kind), (10, true), "two weeks have ten days like this one");
    assert!(surprise.usual_up_to < 160_000_000, "{surprise:?}");
}

#[test]
fn what_varies_much_may_vary_much() {
    let day = |back: i32| used("video", back, if back % 2 == 0 { 0 } else { 900_000_000 });
    let mut uses: Vec<DayUse> = (1..=14).map(day).collect();
    uses.push(used("video", 0, 950_000_000));
    assert_eq!(surprises(&uses, &observed(14), Day(TODAY)), []);
}

#[test]
fn a_day_without_use_counts_as_nothing_and_an_unobserved_day_not_at_all() {
    let uses = [used("tool", 0, 50_000_000)];
    assert_eq!(surprises(&uses, &observed(9), Day(TODAY)).len(), 1);
    assert_eq!(surprises(&uses, &observed(6), Day(TODAY)), [], "six days do not say what is usual");
}

#[test]
fn too_few_days_of_the_same_kind_are_compared_with_all() {
    let uses = [used("tool", 0, 50_000_000)];
    let told = surprises(&uses, &observed(8), Day(TODAY));
    assert_eq!((told[0].days, told[0].same_kind), (8, false));
}

#[test]
fn little_is_no_surprise() {
    let uses = [used("tool", 0, 9_000_000)];
    assert_eq!(surprises(&uses, &observed(20), Day(TODAY)), []);
}
