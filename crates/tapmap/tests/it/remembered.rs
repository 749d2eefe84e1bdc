//! Insights, report, events and timeline: of a running program and from its file.

use crate::program::Program;
use rustix::process::Signal;
use serde_json::Value;

/// Firefox on 25 and 23 November 2026, port 443 and Germany on the 25th.
const INSIGHTS: &str = r#"{"version": 2, "insights": {"applications": {"Firefox": {"l": 739945, "m": 5}},
    "countries": {"DE": {"l": 739945, "m": 1}}, "ports": {"443": {"l": 739945, "m": 1}}, "providers": {}}}"#;
const DAY: [&str; 2] = ["--day", "2026-11-25"];

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn with_days(program: &Program) {
    let file = program.folder().join("insights.json").display().to_string();
    program.print(&["import", &file]);
}

fn on_the_day(program: &Program, command: &[&str]) -> String {
    program.print(&[command, &DAY].concat())
}

#[test]
fn a_day_is_told_alike_by_a_running_program_and_from_its_file() {
    let program = Program::new().with_file("insights.json", INSIGHTS);
    let running = program.start(&["run", "--no-browser", "--port", "0"]);
    with_days(&program);
    let sections = || json(&on_the_day(&program, &["report", "--format", "json"]))["sections"].clone();
    let facets = || json(&on_the_day(&program, &["insights", "--json"]))["facets"].clone();
    let (told, found) = (sections(), facets());
    assert!(told.to_string().contains("Germany"), "{told}");
    assert_eq!(found[0]["most_frequent"][0]["value"], "Firefox");
    assert_eq!(found[0]["most_frequent"][0]["strip"], format!("{}101", "0".repeat(27)));
    running.end_by(Signal::TERM);
    assert_eq!(sections(), told);
    assert_eq!(facets(), found);
}

#[test]
fn a_report_has_four_forms() {
    let program = Program::new().with_file("insights.json", INSIGHTS);
    with_days(&program);
    let text = on_the_day(&program, &["report"]);
    assert!(text.starts_with("Daily activity report of 2026-11-25\n\nHistory\nThere are 3 days"), "{text}");
    assert!(!text.contains('■'));
    let log = on_the_day(&program, &["report", "--log"]);
    assert!(log.contains("Firefox  ···························■·■  2/30  recurring"), "{log}");
    let compared = on_the_day(&program, &["report", "--compare", "2026-11-23"]);
    assert!(compared.contains("Connections on 2026-11-25 and on 2026-11-23\n"), "{compared}");
    let markdown = on_the_day(&program, &["report", "--format", "markdown"]);
    assert!(
        markdown.contains("\n## Countries\n\n1 country was reached, **Germany**, on 1 day.\n"),
        "{markdown}"
    );
    let page = on_the_day(&program, &["report", "--format", "html"]);
    assert!(page.starts_with("<!doctype html>") && page.contains("<td>Firefox</td>"), "{page}");
}

#[test]
fn insights_events_and_the_timeline_are_lists_too() {
    let program = Program::new().with_file("insights.json", INSIGHTS);
    with_days(&program);
    let table = on_the_day(&program, &["insights"]);
    assert!(table.contains("frequent  app      Firefox"), "{table}");
    let lines = on_the_day(&program, &["insights", "--jsonl"]);
    let first = json(lines.lines().next().unwrap());
    assert_eq!(
        (&first["list"], &first["facet"], &first["value"]),
        (&"new_today".into(), &"country".into(), &"DE".into())
    );
    let csv = on_the_day(&program, &["insights", "--csv"]);
    assert!(csv.starts_with("list,facet,value,label,days,strip,"), "{csv}");
    assert!(on_the_day(&program, &["insights", "--rhythms"]).starts_with("APP"));
    let events = program.print(&["events"]);
    assert!(events.starts_with("What is usual is learnt first: "), "{events}");
    assert_eq!(json(&program.print(&["events", "fire", "--json", "--from", "2026-11-25"])), json("[]"));
    let day = ["--from", "2026-11-25T00:00:00Z", "--to", "2026-11-26T00:00:00Z"];
    let options = &["timeline", "--bucket", "6h", "--jsonl"][..];
    let timeline = program.print(&[options, &day, &["port:443"]].concat());
    assert_eq!(timeline.lines().count(), 4, "{timeline}");
    assert!(program.print(&[&["timeline"][..], &day].concat()).starts_with("FROM"));
}

#[test]
fn marks_are_changed_with_and_without_a_running_program() {
    let program = Program::new().with_file("insights.json", INSIGHTS);
    with_days(&program);
    let marks = || json(&program.print(&["marks", "list", "--json"]));
    let added = program.print(&["marks", "add", "--country", "de", "--note", "my mail"]);
    assert!(added.starts_with("marked\n") && added.contains("Germany  my mail"), "{added}");
    let news = on_the_day(&program, &["insights"]);
    assert!(news.contains("And 1 marked as known; --all lists them."), "{news}");
    assert!(!news.contains("new       country"), "{news}");
    assert!(on_the_day(&program, &["insights", "--all"]).contains("new       country"));

    let running = program.start(&["run", "--no-browser", "--port", "0"]);
    program.print(&["marks", "add", "--port", "443", "--mute"]);
    let both = marks();
    assert_eq!((&both["items"][0]["kind"], &both["items"][1]["label"]), (&"muted".into(), &"Germany".into()));
    program.print(&["marks", "remove", both["items"][1]["id"].as_str().unwrap()]);
    assert_eq!(marks()["items"].as_array().unwrap().len(), 1);
    program.print(&["marks", "undo"]);
    running.end_by(Signal::TERM);
    assert_eq!(marks()["items"], both["items"]);

    program.print(&["history", "forget", "--all", "--marks", "--yes"]);
    assert_eq!(marks()["items"], json("[]"));
    program.print(&["marks", "undo"]);
    assert_eq!(marks()["items"], both["items"]);
}

#[test]
fn what_makes_no_sense_is_said() {
    let program = Program::new();
    for (arguments, code) in [
        (&["report", "--day", "yesterday"][..], 2),
        (&["report", "--format", "pdf"], 2),
        (&["insights", "--json", "--csv"], 2),
        (&["timeline", "prot:443"], 2),
        (&["timeline", "--bucket", "1ms"], 2),
        (&["report"], 6),
        (&["insights"], 6),
        (&["events"], 6),
        (&["timeline"], 6),
    ] {
        let ended = program.run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{arguments:?}: {}", ended.stderr);
    }
}
