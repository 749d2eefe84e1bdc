//! What `tapmap insights` and `tapmap events` print.

use super::{
    age, bytes, harmless,
    remembered::local,
    report::only,
    table::{Column, table},
};
use serde::Serialize;
use std::fmt::Write as _;
use tapmap_web::wire::{
    Event, Events, Explanation, Facet, Habit, Insights, Mark, MarkKind, Marks, Measure, Rhythm, Rhythms,
    Surprise, UnobservedTime, WhyUnobserved,
};

/// What is shown where nothing is known.
const UNKNOWN: &str = "-";

/// One line of what stands out, for programs.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row<'a> {
    list: &'static str,
    facet: Facet,
    #[serde(flatten)]
    habit: &'a Habit,
}

/// What is new and what is most frequent, line by line.
pub(crate) fn rows(insights: &Insights) -> Vec<Row<'_>> {
    let of_list = |list: &'static str| {
        insights.facets.iter().flat_map(move |facet| {
            let habits = if list == "new_today" { &facet.new_today } else { &facet.most_frequent };
            habits.iter().map(move |habit| Row { list, facet: facet.facet, habit })
        })
    };
    of_list("new_today").chain(of_list("most_frequent")).collect()
}

/// The text of `tapmap insights`.
/// What is marked is counted instead of listed, unless all is wanted; what comes most often is always listed.
pub(crate) fn text(insights: &Insights, all: bool, width: Option<usize>) -> String {
    const COLUMNS: [Column; 8] = [
        Column::whole(""),
        Column::whole("WHAT"),
        Column::words("VALUE"),
        Column::whole("LAST 30 DAYS").spared(3),
        Column::numbers("DAYS"),
        Column::numbers("TODAY"),
        Column::numbers("SENT").spared(1),
        Column::numbers("RECEIVED").spared(1),
    ];
    let row = |row: &Row<'_>| -> [String; 8] {
        let habit = row.habit;
        [
            if row.list == "new_today" { "new" } else { "frequent" }.to_owned(),
            kind(row.facet).to_owned(),
            habit.label.clone(),
            strip(&habit.strip, &insights.observed_strip),
            habit.days.to_string(),
            habit.flows_today.to_string(),
            bytes(habit.sent_today),
            bytes(habit.received_today),
        ]
    };
    let mut text = format!("{}{}\n", insights.day, observed(insights.observed_days));
    if !insights.filter.is_empty() {
        write_line(&mut text, &harmless(&only(&insights.filter)));
    }
    if insights.learning {
        let _written = writeln!(text, "What is usual shows after {} observed days.", insights.learning_days);
    }
    let is_told = |row: &&Row<'_>| all || row.list != "new_today" || row.habit.mark.is_none();
    let found = rows(insights);
    let rows: Vec<[String; 8]> = found.iter().filter(is_told).map(row).collect();
    if !rows.is_empty() {
        write_line(&mut text, "");
        text.push_str(&table(COLUMNS, &rows, width));
    }
    let surprises = insights.surprises.iter().filter(|it| all || it.mark.is_none()).map(surprise);
    let listeners = insights.new_listeners.iter().filter(|it| all || it.mark.is_none()).map(|it| {
        let app = it.app.as_deref().unwrap_or("an app that was not identified");
        format!("{} waits at {} port {} since {}", app, it.address, it.port, local(&it.first_seen))
    });
    part(&mut text, "Above the usual:", surprises);
    part(&mut text, "New open ports:", listeners);
    let known = known(insights);
    if known > 0 && !all {
        write_line(&mut text, "");
        write_line(&mut text, &format!("And {known} marked as known; --all lists them."));
    }
    part(&mut text, "Not observed:", insights.unobserved.iter().map(gap));
    text
}

/// How much of the news is marked as known.
fn known(insights: &Insights) -> usize {
    let fresh = insights.facets.iter().flat_map(|facet| facet.new_today.iter().map(|habit| &habit.mark));
    let listeners = insights.new_listeners.iter().map(|listener| &listener.mark);
    let surprises = insights.surprises.iter().map(|surprise| &surprise.mark);
    fresh.chain(listeners).chain(surprises).flatten().count()
}

/// Lines under a heading, when there are any.
pub(super) fn part(text: &mut String, heading: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return;
    }
    write_line(text, "");
    write_line(text, heading);
    for line in lines {
        write_line(text, &format!("  {}", harmless(&line)));
    }
}

fn write_line(text: &mut String, line: &str) {
    let _written = writeln!(text, "{line}");
}

fn observed(days: u32) -> String {
    format!(": {days} of the last 30 days were observed")
}

/// What a value is of.
pub(super) fn kind(facet: Facet) -> &'static str {
    match facet {
        Facet::App => "app",
        Facet::Operator => "provider",
        Facet::Country => "country",
        Facet::Port => "port",
        Facet::Name => "name",
    }
}

/// The days of the window, today at the right: used, not used, and not observed.
pub(super) fn strip(days: &str, observed: &str) -> String {
    let square = |(day, observed)| match (day, observed) {
        ('1', _) => '■',
        (_, '0') => '·',
        _ => '□',
    };
    days.chars().zip(observed.chars()).map(square).collect()
}

fn surprise(surprise: &Surprise) -> String {
    let amount = |number: u64| match surprise.measure {
        Measure::Flows if number == 1 => "1 connection".to_owned(),
        Measure::Flows => format!("{number} connections"),
        Measure::Sent => format!("{} sent", bytes(number)),
        Measure::Received => format!("{} received", bytes(number)),
    };
    let with = surprise.operator.as_ref().map(|operator| format!(" with {operator}"));
    format!(
        "{}{}: {}; usual are up to {} (middle {}, of {} {}days)",
        surprise.app,
        with.unwrap_or_default(),
        amount(surprise.today),
        amount(surprise.usual_up_to),
        amount(surprise.median),
        surprise.days,
        if surprise.same_kind { "such " } else { "" },
    )
}

/// A stretch of time that was not observed, and why.
pub(super) fn gap(gap: &UnobservedTime) -> String {
    let why = match gap.why {
        WhyUnobserved::SourceFailed => "the sockets could not be read",
        WhyUnobserved::Overrun => "more happened than could be taken in",
        WhyUnobserved::Asleep => "the computer slept",
        WhyUnobserved::NotRunning => "TapMap did not run",
        WhyUnobserved::NotKept => "it could not be kept",
        WhyUnobserved::ClockSet => "the clock was set",
    };
    format!("{} to {}: {why}", local(&gap.from), local(&gap.until))
}

/// The table of `tapmap insights --rhythms`.
pub(crate) fn rhythms(rhythms: &Rhythms, width: Option<usize>) -> String {
    const COLUMNS: [Column; 6] = [
        Column::words("APP"),
        Column::words("DESTINATION"),
        Column::numbers("PORT"),
        Column::numbers("EVERY"),
        Column::numbers("TIMES"),
        Column::words("PROBABLY"),
    ];
    let time = |millis: u64| {
        if millis < 10_000 {
            format!("{}.{}s", millis / 1000, millis % 1000 / 100)
        } else {
            age(millis / 1000)
        }
    };
    let row = |rhythm: &Rhythm| -> [String; 6] {
        [
            rhythm.app.to_string(),
            rhythm.destination.to_string(),
            rhythm.port.to_string(),
            format!("{} ± {}", time(rhythm.period_ms), time(rhythm.jitter_ms)),
            (rhythm.intervals + 1).to_string(),
            explained(rhythm.explanation).to_owned(),
        ]
    };
    table(COLUMNS, &rhythms.items.iter().map(row).collect::<Vec<_>>(), width)
}

fn explained(explanation: Option<Explanation>) -> &'static str {
    match explanation {
        Some(Explanation::TimeSync) => "sets the clock",
        Some(Explanation::PushKeepAlive) => "keeps a line open for messages",
        Some(Explanation::UpdateCheck) => "looks for updates",
        None => UNKNOWN,
    }
}

/// The table of `tapmap events`; muted ones are counted instead of listed, unless all are wanted.
pub(crate) fn events(events: &[Event], page: &Events, all: bool, width: Option<usize>) -> String {
    const COLUMNS: [Column; 5] = [
        Column::whole("WHEN"),
        Column::words("APP"),
        Column::words("WHAT").readable(40),
        Column::numbers("CONNECTIONS").spared(1),
        Column::whole("MARK").spared(2),
    ];
    if page.learning {
        return format!(
            "What is usual is learnt first: {} of {} days were observed so far.\n",
            page.observed_days, page.learning_days
        );
    }
    let is_muted = |event: &&Event| event.mark.as_ref().is_some_and(|mark| mark.kind == MarkKind::Muted);
    let row = |event: &Event| -> [String; 5] {
        let flows = event.reasons.iter().map(|reason| reason.flows).max();
        [
            event.at.as_deref().map_or_else(|| event.day.clone(), local),
            event.app.as_deref().unwrap_or(UNKNOWN).to_owned(),
            event.text.clone(),
            flows.unwrap_or(0).to_string(),
            event.mark.as_ref().map_or("", |mark| marked(mark.kind)).to_owned(),
        ]
    };
    let told = events.iter().filter(|event| all || !is_muted(event));
    let mut text = table(COLUMNS, &told.map(row).collect::<Vec<_>>(), width);
    let muted = events.iter().filter(is_muted).count();
    if muted > 0 && !all {
        write_line(&mut text, &format!("And {muted} muted; --all lists them."));
    }
    text
}

/// What a mark makes of something.
fn marked(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Known => "known",
        MarkKind::Muted => "muted",
    }
}

/// The table of `tapmap marks`.
pub(crate) fn marks(marks: &Marks, width: Option<usize>) -> String {
    const COLUMNS: [Column; 6] = [
        Column::numbers("ID"),
        Column::whole("MARK"),
        Column::words("WHAT"),
        Column::words("NOTE"),
        Column::whole("SINCE").spared(1),
        Column::words("EXPIRES").spared(2),
    ];
    let row = |mark: &Mark| -> [String; 6] {
        let expires = match &mark.expired {
            Some(noticed) => format!("expired: its program's file changed, noticed {}", local(noticed)),
            None if mark.files.is_empty() => "not by itself".to_owned(),
            None => format!("when {} changes", mark.files.join(" or ")),
        };
        [
            mark.id.clone(),
            marked(mark.kind).to_owned(),
            mark.label.clone(),
            mark.note.to_string(),
            local(&mark.since),
            expires,
        ]
    };
    let problem = marks.problem.as_ref().map(|problem| format!("{}\n", harmless(problem)));
    problem.unwrap_or_default() + &table(COLUMNS, &marks.items.iter().map(row).collect::<Vec<_>>(), width)
}
