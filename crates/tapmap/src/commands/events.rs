//! `tapmap events`: what was new on this computer, the latest first.

use crate::{
    cli::{DayChoice, EventsArgs},
    client,
    exit::Failure,
    filter, history,
    marks::MarkFile,
    redact::{Pseudonyms, Redact as _},
    render::{self, insights, remembered},
};
use std::fmt::Write as _;
use std::path::Path;
use tapmap_core::{Day, Filter, HistoryReader, StoreError, Timestamp};
use tapmap_engine::remembered::{self as asked, EventPage, EventQuery};
use tapmap_web::wire::{Event, Events};

/// How many events are asked for at a time.
const PAGE: usize = 1000;

/// Lists significant events.
///
/// # Errors
/// When the history cannot be used.
pub(super) fn events(args: &EventsArgs, folder: &Path, learning_days: u32) -> anyhow::Result<()> {
    let filter = filter_of_events(args.filter.as_deref().unwrap_or_default())?;
    let query = EventQuery { filter, learning_days, ..EventQuery::all(tapmap_names::site) };
    let mut found: Vec<Event> = Vec::new();
    let mut before = None;
    let page = loop {
        let page = page(args, &query, folder, (args.limit - found.len()).min(PAGE), before.as_deref())?;
        found.extend(page.items.iter().cloned());
        if found.len() >= args.limit || page.next.is_none() {
            break page;
        }
        before.clone_from(&page.next);
    };
    if args.redact {
        found.redact(&mut Pseudonyms::default());
    }
    let table = || insights::events(&found, &page, args.all, render::terminal_width());
    render::print(&remembered::list(args.form, &found, &found, table)?)
}

/// # Errors
/// When the filter is not understood, or asks for what events do not have.
fn filter_of_events(text: &str) -> Result<Filter, Failure> {
    let filter = filter::parse(text)?;
    match filter.not_of_events() {
        Some(field) => Err(filter::refused(text).because(format!("events have no {field}"))),
        None => Ok(filter),
    }
}

fn page(
    args: &EventsArgs,
    query: &EventQuery,
    folder: &Path,
    limit: usize,
    before: Option<&str>,
) -> anyhow::Result<Events> {
    let mut path = format!("/api/v1/events?limit={limit}");
    for (key, day) in [("from", args.from), ("to", args.to)] {
        if let Some(day) = day {
            let _written = write!(path, "&{key}={day}");
        }
    }
    if let Some(text) = &args.filter {
        let _written = write!(path, "&q={}", client::escaped(text));
    }
    if let Some(before) = before {
        let _written = write!(path, "&before={before}");
    }
    history::answer(folder, &path, |reader, now| {
        let page = from_file(args, query, reader, now, limit, before)?;
        let marks = MarkFile::open(folder, now).marks(now).0;
        Ok(Events::of(&page, &marks, tapmap_enrich::country_name))
    })
}

fn from_file(
    args: &EventsArgs,
    query: &EventQuery,
    reader: &dyn HistoryReader,
    now: Timestamp,
    limit: usize,
    before: Option<&str>,
) -> Result<EventPage, StoreError> {
    let day = |choice: Option<DayChoice>, otherwise| {
        choice.map_or(Ok(otherwise), |choice| history::day(reader, choice, now))
    };
    let query = EventQuery {
        from: day(args.from, Day(i32::MIN))?,
        to: day(args.to, Day(i32::MAX))?,
        before: before.and_then(|before| before.parse().ok()),
        limit,
        ..query.clone()
    };
    asked::events(reader, &query, now)
}
