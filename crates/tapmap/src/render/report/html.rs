//! The report as one page of HTML that needs nothing else and runs nothing: no script, no address, light
//! or dark as the reader's system is. What comes from outside is escaped.

use super::{class, compared_rows, compared_title, gap, heading, lists, marks, only, unobserved};
use crate::render::harmless;
use std::fmt::Write as _;
use tapmap_web::wire::{Comparison, PartKind, Report, ReportItem, Sentence};

const STYLE: &str = include_str!("style.css");
/// How wide and high the square of a day is, and how far the next one is.
const SQUARE: (usize, usize, usize) = (6, 10, 8);
/// How wide and high the curve of the providers is.
const CURVE: (f64, f64) = (480.0, 120.0);

/// The report as a page.
pub(crate) fn html(report: &Report) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Daily activity report of {day}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Daily activity report of {day}</h1>\n",
        day = report.day
    );
    if !report.filter.is_empty() {
        let _written = writeln!(page, "<p>{}</p>", escaped(&only(&report.filter)));
    }
    for section in &report.sections {
        let sentences: Vec<String> = section.sentences.iter().map(sentence).collect();
        let heading = heading(section.subject);
        let _written = writeln!(page, "<h2>{heading}</h2>\n<p>{}</p>", sentences.join(" "));
    }
    if !report.unobserved.is_empty() {
        let _written = writeln!(page, "<p>{}</p>\n<ul>", unobserved(report));
        for line in report.unobserved.iter().map(gap) {
            let _written = writeln!(page, "<li>{}</li>", escaped(&line));
        }
        page.push_str("</ul>\n");
    }
    for list in lists(report).into_iter().filter(|list| !list.items.is_empty()) {
        let _written = writeln!(page, "<h2>{}</h2>", list.title);
        if list.one == "PROVIDER" {
            page.push_str(&curve(list.items));
        }
        let together = if list.covers { "<th>Together</th>" } else { "" };
        let head = "<th>Last 30 days</th><th class=\"number\">Days</th><th>Class</th>";
        let one = list.one.to_lowercase();
        let _written =
            writeln!(page, "<table>\n<thead><tr><th>{one}</th>{head}{together}</tr></thead>\n<tbody>");
        for (item, mark) in list.items.iter().zip(marks(&list)) {
            page.push_str(&row(item, &report.observed_strip, list.covers.then_some(mark)));
        }
        page.push_str("</tbody>\n</table>\n");
    }
    if let Some(comparison) = &report.comparison {
        page.push_str(&compared(report, comparison));
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn compared(report: &Report, comparison: &Comparison) -> String {
    let head = "<th>what</th><th>value</th><th class=\"number\">Day</th><th class=\"number\">Other</th>";
    let mut text = format!(
        "<h2>{}</h2>\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n",
        compared_title(report, comparison)
    );
    for [kind, value, flows, other] in compared_rows(comparison) {
        let _written = writeln!(
            text,
            "<tr><td>{kind}</td><td>{}</td><td class=\"number\">{flows}</td><td class=\"number\">{other}</td></tr>",
            escaped(&value)
        );
    }
    text.push_str("</tbody>\n</table>\n");
    text
}

fn row(item: &ReportItem, observed: &str, mark: Option<String>) -> String {
    let habit = &item.habit;
    let together = mark.map(|mark| format!("<td>{mark}</td>")).unwrap_or_default();
    format!(
        "<tr><td>{}</td><td>{}</td><td class=\"number\">{}</td><td>{}</td>{together}</tr>\n",
        escaped(&habit.label),
        strip(&habit.strip, observed, habit.days),
        habit.days,
        class(item.recurrence)
    )
}

/// The days of the window as squares: used, not used, not observed.
fn strip(days: &str, observed: &str, count: u32) -> String {
    let (width, height, step) = SQUARE;
    let squares = |class: &str, is_of: &dyn Fn(char, char) -> bool| {
        let days = days.chars().zip(observed.chars()).enumerate();
        let mut path = String::new();
        for (index, _) in days.filter(|(_, (day, observed))| is_of(*day, *observed)) {
            let _written = write!(path, "M{} 0h{width}v{height}h-{width}z", index * step);
        }
        if path.is_empty() { path } else { format!("<path class=\"{class}\" d=\"{path}\"/>") }
    };
    format!(
        "<svg class=\"strip\" role=\"img\" aria-label=\"on {count} of 30 days\" width=\"{wide}\" height=\"{height}\" \
         viewBox=\"0 0 {wide} {height}\">{}{}{}</svg>",
        squares("used", &|day, _| day == '1'),
        squares("unused", &|day, observed| day != '1' && observed == '1'),
        squares("blind", &|day, observed| day != '1' && observed != '1'),
        wide = 30 * step - (step - width),
    )
}

/// How much the first providers have of all days together.
fn curve(items: &[ReportItem]) -> String {
    let (width, height) = CURVE;
    let mut points = format!("0,{height}");
    let mut along = 0.0;
    let step = width / f64::from(u32::try_from(items.len()).unwrap_or(u32::MAX).max(1));
    for item in items {
        along += step;
        let _written = write!(points, " {along:.1},{:.1}", height * (1.0 - item.covered_percent / 100.0));
    }
    let fifths = height * 0.2;
    format!(
        "<svg class=\"curve\" role=\"img\" aria-label=\"the share of all days that the first providers have \
         together\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\
         <path class=\"fifths\" d=\"M0 {fifths}h{width}\"/><polyline points=\"{points}\"/></svg>\n"
    )
}

/// A sentence with its values set apart.
fn sentence(sentence: &Sentence) -> String {
    let part = |part: &tapmap_web::wire::Part| match part.kind {
        PartKind::Value => format!("<b>{}</b>", escaped(&part.text)),
        PartKind::Words | PartKind::Number => escaped(&part.text),
    };
    sentence.parts.iter().map(part).collect()
}

/// A text as it may stand in HTML.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for character in harmless(text).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
