//! Invented histories with answers worked out by hand, and every claim held against the rows by a
//! second, naive way to count.

use std::{collections::BTreeSet, sync::Arc};

use super::*;
use crate::WINDOW;

const TODAY: i32 = 20_000;

/// Uses as (facet, value, days back).
fn history(values: &[(Facet, &str, &[i32])]) -> Vec<(Facet, Vec<DayUse>)> {
    let used = |value: &str, back: i32| DayUse {
        imported: false,
        ..DayUse::imported(Day(TODAY - back), value.into())
    };
    REPORT_FACETS
        .into_iter()
        .map(|facet| {
            let of_facet = values.iter().filter(|(of, ..)| *of == facet);
            let rows = of_facet.flat_map(|(_, value, days)| days.iter().map(|back| used(value, *back)));
            (facet, rows.collect())
        })
        .collect()
}

fn report(values: &[(Facet, &str, &[i32])]) -> Report {
    Report::of(Day(TODAY), &history(values))
}

fn days(range: std::ops::Range<i32>) -> Vec<i32> {
    range.collect()
}

/// A month of a quiet desktop.
fn month() -> Vec<(Facet, Vec<DayUse>)> {
    let (every, weekly, work) = (days(0..30), vec![0, 7, 14, 21, 28], days(3..15));
    history(&[
        (Facet::App, "firefox", &every),
        (Facet::App, "backup", &weekly),
        (Facet::App, "editor", &work),
        (Facet::App, "installer", &[0]),
        (Facet::App, "game", &[9]),
        (Facet::Operator, "Alpha", &every),
        (Facet::Operator, "Beta", &work),
        (Facet::Operator, "Gamma", &weekly),
        (Facet::Operator, "Delta", &[0]),
        (Facet::Country, "DE", &every),
        (Facet::Country, "NL", &work),
        (Facet::Country, "JP", &[2]),
        (Facet::Port, "443", &every),
        (Facet::Port, "22", &[4]),
    ])
}

#[test]
fn a_month_is_told_in_these_words() {
    let report = Report::of(Day(TODAY), &month());
    assert_eq!(
        report.text(),
        "This looks at the last 30 days.\n\n\
         New on this day: 1 app (installer), 1 provider (Delta) and no country.\n\n\
         Most of what this computer does comes again: 92 % of the days of its apps and countries belong to \
         regular ones.\n\n\
         5 apps used the network: about half are regular, 2 of them. 2 apps were seen on one day only each: \
         game and installer.\n\n\
         Some providers carry much of it: 1 of 4 has half of all days: Alpha. 2 providers have four fifths \
         of them: Alpha and Beta.\n\n\
         3 countries were reached; most often DE, on 30 days.\n\n\
         2 service ports were used, regularly 443."
    );
}

#[test]
fn the_introduction_goes_by_the_length_of_the_history() {
    let told = |length: i32| report(&[(Facet::App, "a", &days(0..length))]).sections[0].sentences[0].text();
    assert_eq!(told(0), "Nothing has been recorded up to this day.");
    assert_eq!(told(1), "There is 1 day of history so far; what is usual shows after about a week.");
    assert_eq!(told(6), "There are 6 days of history so far; what is usual shows after about a week.");
    assert_eq!(told(7), "This rests on 7 days of history.");
    assert_eq!(told(29), "This rests on 29 days of history.");
    assert_eq!(told(30), "This looks at the last 30 days.");
    assert_eq!(told(31), "This looks at the last 30 days.");
}

#[test]
fn the_pattern_is_judged_from_a_week_on() {
    let subjects = |length: i32| -> Vec<Subject> {
        let report = report(&[(Facet::App, "a", &days(0..length))]);
        report.sections.iter().map(|section| section.subject).collect()
    };
    assert!(!subjects(6).contains(&Subject::Pattern));
    assert!(subjects(7).contains(&Subject::Pattern));
}

#[test]
fn the_curve_of_the_providers_ends_at_all_of_it() {
    let report = Report::of(Day(TODAY), &month());
    let curve: Vec<(&str, u32)> =
        report.providers.iter().map(|it| (&*it.habit.value, text_percent(it.covered_percent))).collect();
    assert_eq!(curve, [("Alpha", 63), ("Beta", 88), ("Gamma", 98), ("Delta", 100)]);
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a percentage")]
fn text_percent(percent: f64) -> u32 {
    percent.round() as u32
}

/// The days of each value, counted anew from the rows: every other way than the report's.
fn days_of(uses: &[(Facet, Vec<DayUse>)], facet: Facet) -> Vec<(Arc<str>, BTreeSet<i32>)> {
    let rows = &uses.iter().find(|(of, _)| *of == facet).unwrap().1;
    let values: BTreeSet<&Arc<str>> = rows.iter().map(|row| &row.value).collect();
    let mut counted: Vec<(Arc<str>, BTreeSet<i32>)> = values
        .into_iter()
        .map(|value| {
            let days = rows.iter().filter(|row| row.value == *value).map(|row| TODAY - row.day.0);
            (Arc::clone(value), days.filter(|back| (0..30).contains(back)).collect())
        })
        .filter(|(_, days): &(_, BTreeSet<i32>)| !days.is_empty())
        .collect();
    counted.sort_by_key(|(value, days)| (std::cmp::Reverse(days.len()), Arc::clone(value)));
    counted
}

fn longest(uses: &[(Facet, Vec<DayUse>)]) -> i32 {
    let all = REPORT_FACETS.into_iter().flat_map(|facet| days_of(uses, facet));
    all.filter_map(|(_, days)| days.last().copied()).max().map_or(0, |back| back + 1)
}

fn is_frequent(days: &BTreeSet<i32>, history: i32) -> bool {
    days.len() > 1 && f64::from(u32::try_from(days.len()).unwrap()) / f64::from(history) >= 8.0 / 30.0 - 1e-9
}

/// Works a claim out again.
fn recomputed(claim: &Claim, uses: &[(Facet, Vec<DayUse>)]) -> (u32, Vec<Arc<str>>) {
    let history = longest(uses);
    let named = |values: Vec<(Arc<str>, BTreeSet<i32>)>| {
        let names: Vec<Arc<str>> = values.into_iter().map(|(value, _)| value).collect();
        (u32::try_from(names.len()).unwrap(), names)
    };
    let fitting = |fits: &dyn Fn(&BTreeSet<i32>) -> bool| {
        named(days_of(uses, claim.facet.unwrap()).into_iter().filter(|(_, days)| fits(days)).collect())
    };
    match claim.figure {
        Figure::HistoryDays => (u32::try_from(history).unwrap(), vec![]),
        Figure::All => fitting(&|_| true),
        Figure::NewToday => fitting(&|days| days.iter().eq(&[0])),
        Figure::Frequent => fitting(&|days| is_frequent(days, history)),
        Figure::Class(class) => {
            assert_eq!(class, Recurrence::SeenOnce, "no other class is told");
            fitting(&|days| days.len() == 1)
        }
        Figure::FrequentPercent => {
            let share = |facet| {
                let all = days_of(uses, facet);
                let count = |frequent: bool| -> f64 {
                    let kept = all.iter().filter(|(_, days)| !frequent || is_frequent(days, history));
                    kept.map(|(_, days)| days.iter().map(|_| 1.0).sum::<f64>()).sum()
                };
                count(true) / count(false).max(1.0)
            };
            (text_percent(50.0 * (share(Facet::App) + share(Facet::Country))), vec![])
        }
        Figure::NeededFor(percent) => {
            let all = days_of(uses, claim.facet.unwrap());
            let total: usize = all.iter().map(|(_, days)| days.len()).sum();
            let enough = |count: &usize| {
                let covered: usize = all.iter().take(*count).map(|(_, days)| days.len()).sum();
                covered * 100 >= total * usize::try_from(percent).unwrap()
            };
            let count = (0..=all.len()).find(enough).unwrap();
            named(all.into_iter().take(count).collect())
        }
        Figure::DaysOfValue => {
            let days = days_of(uses, claim.facet.unwrap());
            let (value, days) = days.into_iter().find(|(value, _)| *value == claim.values[0]).unwrap();
            (u32::try_from(days.len()).unwrap(), vec![value])
        }
    }
}

fn every_claim_holds(uses: &[(Facet, Vec<DayUse>)]) {
    for section in Report::of(Day(TODAY), uses).sections {
        for sentence in section.sentences {
            for claim in &sentence.claims {
                let again = recomputed(claim, uses);
                let told = (claim.value, claim.values.clone());
                assert_eq!(told, again, "{:?} in: {}", claim.figure, sentence.text());
            }
            for part in &sentence.parts {
                match part {
                    Part::Words(_) => {}
                    Part::Number(number) => {
                        let stated = sentence.claims.iter().any(|claim| claim.value == *number);
                        assert!(stated || *number == WINDOW, "{number} in: {}", sentence.text());
                    }
                    Part::Value(_, value) => {
                        let stated = sentence.claims.iter().any(|claim| claim.values.contains(value));
                        assert!(stated, "{value} in: {}", sentence.text());
                    }
                }
            }
        }
    }
}

#[test]
fn every_number_and_name_follows_from_the_rows() {
    every_claim_holds(&month());
    for length in [0, 1, 6, 7, 8, 29, 30, 31] {
        every_claim_holds(&history(&[
            (Facet::App, "always", &days(0..length)),
            (Facet::App, "once", &days((length - 1).max(0)..length)),
            (Facet::Operator, "One", &days(0..length / 2)),
            (Facet::Country, "SE", &days(0..length)),
            (Facet::Port, "443", &days(0..length)),
        ]));
    }
}

#[test]
fn leaving_a_value_out_changes_what_is_said() {
    let all = month();
    let told = Report::of(Day(TODAY), &all);
    for (facet, rows) in &all {
        let values: BTreeSet<&Arc<str>> = rows.iter().map(|row| &row.value).collect();
        for left_out in values {
            let mut fewer = all.clone();
            for (_, rows) in fewer.iter_mut().filter(|(of, _)| of == facet) {
                rows.retain(|row| row.value != *left_out);
            }
            let claims = |report: &Report| {
                let sentences = report.sections.iter().flat_map(|section| &section.sentences);
                sentences.flat_map(|sentence| sentence.claims.clone()).collect::<Vec<_>>()
            };
            let without = Report::of(Day(TODAY), &fewer);
            assert_ne!(claims(&told), claims(&without), "{facet:?} {left_out}");
        }
    }
}
