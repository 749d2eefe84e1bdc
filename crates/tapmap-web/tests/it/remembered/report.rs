//! Every sentence of invented reports, with each number and name worked out again from the rows that its
//! own query answers, by a second and naive way to count.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use serde_json::Value;
use tapmap_core::Facet;
use tapmap_history::LocalDays;

use super::{DAY, Remembering};

type History = Vec<(Facet, &'static str, Vec<i32>)>;

fn days(range: std::ops::Range<i32>) -> Vec<i32> {
    range.collect()
}

/// A month of a quiet desktop.
fn month() -> History {
    let (every, weekly, work) = (days(0..30), vec![0, 7, 14, 21, 28], days(3..15));
    vec![
        (Facet::App, "firefox", every.clone()),
        (Facet::App, "backup", weekly.clone()),
        (Facet::App, "editor", work.clone()),
        (Facet::App, "installer", vec![0]),
        (Facet::App, "game", vec![9]),
        (Facet::Operator, "Alpha & Söhne", every.clone()),
        (Facet::Operator, "Beta", work.clone()),
        (Facet::Operator, "Gamma", weekly),
        (Facet::Operator, "Delta", vec![0]),
        (Facet::Country, "DE", every.clone()),
        (Facet::Country, "NL", work),
        (Facet::Country, "JP", vec![2]),
        (Facet::Port, "443", every),
        (Facet::Port, "22", vec![4]),
    ]
}

/// A history of so many days.
fn short(length: i32) -> History {
    vec![
        (Facet::App, "always", days(0..length)),
        (Facet::App, "once", days((length - 1).max(0)..length)),
        (Facet::App, "half", days(0..length / 2)),
        (Facet::Operator, "One", days(0..length / 2)),
        (Facet::Country, "SE", days(0..length)),
        (Facet::Port, "443", days(0..length)),
    ]
}

/// Many of everything, so that sentences count instead of naming.
fn crowd() -> History {
    const NAMES: [&str; 9] = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let back = |index: usize| i32::try_from(index).unwrap();
    let facets = [Facet::App, Facet::Operator];
    let of_facet = |facet| {
        let used = move |(index, name): (usize, &'static str)| (facet, name, days(0..1 + back(index) * 3));
        NAMES.into_iter().enumerate().map(used)
    };
    facets.into_iter().flat_map(of_facet).chain([(Facet::Country, "FR", vec![5])]).collect()
}

/// The rows of a query: facet and value with the days before [`DAY`] on which it was used.
type Rows = BTreeMap<(String, String), BTreeSet<i32>>;

async fn rows(remembering: &Remembering, query: &str) -> Rows {
    let today = LocalDays::parse(DAY).unwrap().0;
    let mut rows = Rows::new();
    for row in remembering.get(query).await["items"].as_array().unwrap() {
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        let day = LocalDays::parse(&text("day")).unwrap().0;
        assert!((0..30).contains(&(today - day)), "{query}: {row}");
        rows.entry((text("facet"), text("value"))).or_default().insert(today - day);
    }
    rows
}

/// The values of a facet, the most days first.
fn ranked<'a>(rows: &'a Rows, facet: &str) -> Vec<(&'a str, &'a BTreeSet<i32>)> {
    let of_facet = rows.iter().filter(|((of, _), _)| of == facet);
    let mut ranked: Vec<_> = of_facet.map(|((_, value), days)| (value.as_str(), days)).collect();
    ranked.sort_by_key(|(value, days)| (Reverse(days.len()), *value));
    ranked
}

fn length(rows: &Rows) -> usize {
    rows.values().filter_map(|days| days.last()).max().map_or(0, |back| usize::try_from(*back).unwrap() + 1)
}

fn is_frequent(days: &BTreeSet<i32>, history: usize) -> bool {
    days.len() > 1 && days.len() * 30 >= history * 8
}

/// Works a figure out again: its number and the values it counts.
fn recomputed(claim: &Value, rows: &Rows, history: usize) -> (usize, Vec<String>) {
    let facet = claim["facet"].as_str().unwrap_or_default();
    let all = ranked(rows, facet);
    let total: usize = all.iter().map(|(_, days)| days.len()).sum();
    let fitting = |fits: &dyn Fn(&BTreeSet<i32>) -> bool| {
        let values = all.iter().filter(|(_, days)| fits(days)).map(|(value, _)| (*value).to_owned());
        let values: Vec<String> = values.collect();
        (values.len(), values)
    };
    match claim["figure"].as_str().unwrap() {
        "history_days" => (length(rows), vec![]),
        "all" => fitting(&|_| true),
        "new_today" => fitting(&|days| days.iter().eq(&[0])),
        "frequent" => fitting(&|days| is_frequent(days, history)),
        "class" => {
            assert_eq!(claim["class"], "seen_once", "no other class is told");
            fitting(&|days| days.len() == 1)
        }
        "frequent_percent" => (frequent_percent(rows), vec![]),
        "needed_for" => {
            let wanted = total * usize::try_from(claim["percent"].as_u64().unwrap()).unwrap();
            let covered = |count: usize| all.iter().take(count).map(|(_, days)| days.len()).sum::<usize>();
            let count = (0..=all.len()).find(|count| covered(*count) * 100 >= wanted).unwrap();
            (count, all.iter().take(count).map(|(value, _)| (*value).to_owned()).collect())
        }
        "days_of_value" => {
            let found = all.first().map(|(value, days)| (days.len(), vec![(*value).to_owned()]));
            found.unwrap_or_default()
        }
        other => panic!("{other} is not known here"),
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a percentage"
)]
fn frequent_percent(rows: &Rows) -> usize {
    let history = length(rows);
    let share = |facet| {
        let all = ranked(rows, facet);
        let days = |frequent: bool| -> usize {
            let counted = all.iter().filter(|(_, days)| !frequent || is_frequent(days, history));
            counted.map(|(_, days)| days.len()).sum()
        };
        days(true) as f64 / days(false).max(1) as f64
    };
    (50.0 * (share("app") + share("country"))).round() as usize
}

fn told(claim: &Value) -> (usize, Vec<String>) {
    let values = claim["values"].as_array().unwrap().iter();
    let values = values.map(|value| value.as_str().unwrap().to_owned()).collect();
    (usize::try_from(claim["value"].as_u64().unwrap()).unwrap(), values)
}

/// Asks the query of every claim and works the claim out again; answers how many there were.
async fn every_claim_holds(history: &History) -> usize {
    every_claim_of(&Remembering::with(history), &format!("/api/v1/report/{DAY}")).await
}

/// The same of the report that a target answers.
async fn every_claim_of(remembering: &Remembering, target: &str) -> usize {
    let report = remembering.get(target).await;
    let sections = report["sections"].as_array().unwrap().iter();
    let mut checked = 0;
    for sentence in sections.flat_map(|section| section["sentences"].as_array().unwrap()) {
        let text = sentence["text"].as_str().unwrap();
        let claims = sentence["claims"].as_array().unwrap();
        let mut history = 0;
        let mut answers = Vec::new();
        for claim in claims {
            let rows = rows(remembering, claim["query"].as_str().unwrap()).await;
            if claim["figure"] == "history_days" {
                history = length(&rows);
            }
            answers.push((claim, rows));
        }
        for (claim, rows) in &answers {
            assert_eq!(told(claim), recomputed(claim, rows, history), "{} in: {text}", claim["figure"]);
            some_row_matters(claim, rows, history, text);
            checked += 1;
        }
        every_part_is_stated(sentence);
    }
    checked
}

/// Leaving out the rows of a value that a claim counts, or of a day, changes what it says.
fn some_row_matters(claim: &Value, rows: &Rows, history: usize, text: &str) {
    let said = recomputed(claim, rows, history);
    let without = |keep: &dyn Fn(&(String, String), i32) -> bool| -> Rows {
        let kept = rows.iter().map(|(key, days)| {
            (key.clone(), days.iter().copied().filter(|back| keep(key, *back)).collect::<BTreeSet<i32>>())
        });
        kept.filter(|(_, days)| !days.is_empty()).collect()
    };
    for value in &said.1 {
        let fewer = without(&|(_, of), _| of != value);
        assert_ne!(said, recomputed(claim, &fewer, history), "without {value} in: {text}");
    }
    if claim["figure"] == "history_days" && said.0 > 0 {
        let first = i32::try_from(said.0).unwrap() - 1;
        let fewer = without(&|_, back| back != first);
        assert_ne!(said, recomputed(claim, &fewer, history), "without the first day in: {text}");
    }
    if claim["figure"] == "days_of_value" {
        let last = *rows.values().next().unwrap().first().unwrap();
        let fewer = without(&|_, back| back != last);
        assert_ne!(said, recomputed(claim, &fewer, history), "without a day in: {text}");
    }
}

/// Every number and name of a sentence is that of the claim it points to.
fn every_part_is_stated(sentence: &Value) {
    let text = sentence["text"].as_str().unwrap();
    let parts = sentence["parts"].as_array().unwrap();
    let joined: String = parts.iter().map(|part| part["text"].as_str().unwrap()).collect();
    assert_eq!(joined, text);
    let words =
        parts.iter().filter(|part| part["kind"] == "words").map(|part| part["text"].as_str().unwrap());
    // "and 5 more" follows from the claim's number and how many values the sentence names.
    let digits: Vec<&str> = words.filter(|words| words.contains(|one: char| one.is_ascii_digit())).collect();
    let stands_by_itself = |words: &&str| words.contains(" more") || words.contains("day");
    assert!(digits.iter().all(stands_by_itself), "{digits:?} in: {text}");
    for part in parts.iter().filter(|part| part["kind"] != "words") {
        let claim = part["claim"].as_u64().map(|index| &sentence["claims"][usize::try_from(index).unwrap()]);
        let claim = claim.unwrap_or_else(|| panic!("{part} states nothing in: {text}"));
        let (number, values) = told(claim);
        match part["kind"].as_str().unwrap() {
            "number" => assert_eq!(part["text"], number.to_string(), "{text}"),
            _ => assert!(values.iter().any(|value| part["value"] == value.as_str()), "{part} in: {text}"),
        }
    }
}

#[tokio::test]
async fn every_number_and_name_follows_from_the_rows_of_its_query() {
    let mut checked = every_claim_holds(&month()).await + every_claim_holds(&crowd()).await;
    for length in [0, 1, 6, 7, 8, 29, 30, 31] {
        checked += every_claim_holds(&short(length)).await;
    }
    assert!(checked > 120, "{checked} claims");
}

#[tokio::test]
async fn the_report_says_countries_by_name() {
    let remembering = Remembering::with(&month());
    let report = remembering.get(&format!("/api/v1/report/{DAY}")).await;
    let texts: Vec<&str> = report["sections"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|section| section["sentences"].as_array().unwrap())
        .map(|sentence| sentence["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        texts,
        [
            "This looks at the last 30 days.",
            "New on this day: 1 app (installer), 1 provider (Delta) and no country.",
            "Most of what this computer does comes again: 92 % of the days of its apps and countries belong to \
             regular ones.",
            "5 apps used the network: about half are regular, 2 of them.",
            "2 apps were seen on one day only each: game and installer.",
            "Some providers carry much of it: 1 of 4 has half of all days: Alpha & Söhne.",
            "2 providers have four fifths of them: Alpha & Söhne and Beta.",
            "3 countries were reached; most often Germany, on 30 days.",
            "2 service ports were used, regularly 443.",
        ]
    );
    let curve: Vec<u64> = report["providers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["covered_percent"].as_f64().unwrap().round().to_string().parse().unwrap())
        .collect();
    assert_eq!(curve, [63, 88, 98, 100]);
    assert_eq!(report["classes"][0], serde_json::json!({ "recurrence": "stable", "from": 21, "to": 30 }));
}

#[tokio::test]
async fn a_report_of_some_connections_follows_from_theirs_alone() {
    let remembering = Remembering::new();
    remembering.browse_for(1);
    let all = remembering.get(&format!("/api/v1/report/{DAY}")).await;
    let target = format!("/api/v1/report/{DAY}?filter=-app:curl%20-app:%22%22&compare=2026-11-24");
    let some = remembering.get(&target).await;
    let apps = |report: &Value| -> Vec<String> {
        let items = report["apps"].as_array().unwrap().iter();
        items.map(|item| item["habit"]["value"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        (apps(&all), apps(&some)),
        (vec!["curl".into(), "firefox".into()], vec!["firefox".to_owned()])
    );
    assert_eq!(some["filter"], "-app:curl -app:\"\"");
    let firefox = &some["apps"][0]["habit"];
    assert_eq!(
        firefox["filter"], "app:\"firefox\" -app:curl -app:\"\"",
        "its connections lie within the filter"
    );
    let flows = firefox["flows_today"].as_u64().unwrap();
    let beside = &some["comparison"]["facets"][0]["items"][0];
    assert_eq!(
        (&beside["value"], &beside["flows"], &beside["flows_other"]),
        (&"firefox".into(), &flows.into(), &0.into())
    );
    assert!(every_claim_of(&remembering, &target).await > 8);
}
