//! What `tapmap report` prints: the sentences, and what they are about as tables.

mod html;
mod markdown;
#[cfg(test)]
mod tests;

pub(crate) use self::{html::html, markdown::markdown};
use super::{
    age, harmless,
    insights::{gap, part, strip},
    table::{Column, table},
};
use serde::Serialize;
use std::fmt::Write as _;
use tapmap_web::wire::{ComparedValue, Comparison, Facet, Habit, Recurrence, Report, ReportItem, Subject};

/// How wide lines of text are when there is room; longer ones are hard to read.
const READABLE: usize = 80;

/// The report as text, with the full log when that is wanted.
pub(crate) fn text(report: &Report, log: bool, width: Option<usize>) -> String {
    let mut text = format!("Daily activity report of {}\n", report.day);
    if !report.filter.is_empty() {
        text.push_str(&harmless(&only(&report.filter)));
        text.push('\n');
    }
    for section in &report.sections {
        let _written = write!(text, "\n{}\n", heading(section.subject));
        let sentences: Vec<&str> = section.sentences.iter().map(|it| it.text.as_str()).collect();
        text.push_str(&wrapped(&harmless(&sentences.join(" ")), width.unwrap_or(READABLE).min(READABLE)));
    }
    part(&mut text, &unobserved(report), report.unobserved.iter().map(gap));
    if let Some(comparison) = &report.comparison {
        compared(&mut text, report, comparison, width);
    }
    if log {
        text.push_str("\n■ used   □ not used   · not observed; the day of the report at the right\n");
        for list in lists(report) {
            let _written = write!(text, "\n{}\n", list.title);
            text.push_str(&items(&list, report, width));
        }
    }
    text
}

/// One value of the log, for programs.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row<'a> {
    facet: Facet,
    recurrence: Recurrence,
    share_percent: f64,
    covered_percent: f64,
    #[serde(flatten)]
    habit: &'a Habit,
}

/// Every app, provider, country and port of a report, line by line.
pub(crate) fn rows(report: &Report) -> Vec<Row<'_>> {
    let lists = [
        (Facet::App, &report.apps),
        (Facet::Operator, &report.providers),
        (Facet::Country, &report.countries),
        (Facet::Port, &report.ports),
    ];
    let row = |facet| {
        move |item| {
            let &ReportItem { ref habit, recurrence, share_percent, covered_percent } = item;
            Row { facet, recurrence, share_percent, covered_percent, habit }
        }
    };
    lists.into_iter().flat_map(|(facet, items)| items.iter().map(row(facet))).collect()
}

/// What an answer about some of the connections says first.
pub(super) fn only(filter: &str) -> String {
    format!("Only of connections that fit {filter}")
}

/// One of the lists of a report.
struct List<'a> {
    title: &'static str,
    one: &'static str,
    items: &'a [ReportItem],
    /// Whether it is said how much its first items cover.
    covers: bool,
}

fn lists(report: &Report) -> [List<'_>; 4] {
    let list = |title, one, items, covers| List { title, one, items, covers };
    [
        list("Apps", "APP", &report.apps, false),
        list("Providers", "PROVIDER", &report.providers, true),
        list("Countries", "COUNTRY", &report.countries, true),
        list("Ports", "PORT", &report.ports, false),
    ]
}

fn items(list: &List<'_>, report: &Report, width: Option<usize>) -> String {
    let columns = [
        Column::words(list.one),
        Column::whole("LAST 30 DAYS"),
        Column::numbers("DAYS"),
        Column::whole("CLASS"),
        Column::whole(if list.covers { "TOGETHER" } else { "" }),
    ];
    let marks = marks(list);
    let row = |(item, mark): (&ReportItem, &String)| -> [String; 5] {
        [
            item.habit.label.clone(),
            strip(&item.habit.strip, &report.observed_strip),
            format!("{}/30", item.habit.days),
            class(item.recurrence).to_owned(),
            mark.clone(),
        ]
    };
    let rows: Vec<[String; 5]> = list.items.iter().zip(&marks).map(row).collect();
    if rows.is_empty() { "none\n".to_owned() } else { table(columns, &rows, width) }
}

/// How much each item and those before it cover, with a word where half and four fifths are reached.
fn marks(list: &List<'_>) -> Vec<String> {
    if !list.covers {
        return vec![String::new(); list.items.len()];
    }
    let mut before = 0.0;
    let mark = |item: &ReportItem| {
        let crosses = |percent: f64| before < percent && item.covered_percent >= percent;
        let word = match (crosses(50.0), crosses(80.0)) {
            (_, true) => ", four fifths",
            (true, false) => ", half",
            (false, false) => "",
        };
        before = item.covered_percent;
        format!("{:.0} %{word}", item.covered_percent)
    };
    list.items.iter().map(mark).collect()
}

fn compared(text: &mut String, report: &Report, comparison: &Comparison, width: Option<usize>) {
    const COLUMNS: [Column; 4] =
        [Column::whole("WHAT"), Column::words("VALUE"), Column::numbers("DAY"), Column::numbers("OTHER")];
    let rows = compared_rows(comparison);
    let _written = write!(text, "\n{}\n", compared_title(report, comparison));
    text.push_str(&if rows.is_empty() { "none\n".to_owned() } else { table(COLUMNS, &rows, width) });
}

fn compared_title(report: &Report, comparison: &Comparison) -> String {
    format!("Connections on {} and on {}", report.day, comparison.other)
}

/// What was used on one of two days or on both: of what kind, which, and its connections on each.
fn compared_rows(comparison: &Comparison) -> Vec<[String; 4]> {
    let items = comparison.facets.iter().flat_map(|facet| facet.items.iter().map(|item| (facet.facet, item)));
    let row = |(facet, item): (Facet, &ComparedValue)| {
        let [flows, other] = [item.flows, item.flows_other].map(|flows| flows.to_string());
        [super::insights::kind(facet).to_owned(), item.label.clone(), flows, other]
    };
    items.map(row).collect()
}

fn heading(subject: Subject) -> &'static str {
    match subject {
        Subject::History => "History",
        Subject::Today => "This day",
        Subject::Pattern => "Pattern",
        Subject::Apps => "Apps",
        Subject::Providers => "Providers",
        Subject::Countries => "Countries",
        Subject::Ports => "Ports",
    }
}

fn class(recurrence: Recurrence) -> &'static str {
    match recurrence {
        Recurrence::Stable => "stable",
        Recurrence::Recurring => "recurring",
        Recurrence::Occasional => "occasional",
        Recurrence::SeenOnce => "seen once",
    }
}

/// How much of the day was not observed.
fn unobserved(report: &Report) -> String {
    match report.unobserved_ms / 1000 {
        0 => "Not wholly observed:".to_owned(),
        seconds => format!("Not observed, {} of the day:", age(seconds)),
    }
}

/// Text in lines of a width, cut between words; a word longer than that has a line of its own.
fn wrapped(text: &str, width: usize) -> String {
    use unicode_width::UnicodeWidthStr;
    let mut lines = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let wide = word.width();
        if used > 0 && used + 1 + wide > width {
            lines.push('\n');
            used = 0;
        } else if used > 0 {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += wide;
    }
    lines.push('\n');
    lines
}
