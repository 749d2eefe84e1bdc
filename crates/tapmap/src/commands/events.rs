//! `tapmap events`: what was new on this computer, the latest first.

use crate::{
    cli::{DayChoice, EventsArgs},
    client, history,
    marks::MarkFile,
    render::{self, insights, remembered},
};
use std::fmt::Write as _;
use std::path::Path;
use tapmap_core::{Day, HistoryReader, StoreError, Timestamp};
use tapmap_engine::remembered::{self as asked, EventPage, EventQuery};
use tapmap_web::wire::{Event, Events};

/// How many events are asked for at a time.
const PAGE: usize = 1000;

/// Lists significant events.
///
/// # Errors
/// When the history cannot be used.
pub(super) fn events(args: &EventsArgs, folder: &Path) -> anyhow::Result<()> {
    let mut found: Vec<Event> = Vec::new();
    let mut before = None;
    let page = loop {
        let page = page(args, folder, (args.limit - found.len()).min(PAGE), before.as_deref())?;
        found.extend(page.items.iter().cloned());
        if found.len() >= args.limit || page.next.is_none() {
            break page;
        }
        before.clone_from(&page.next);
    };
    let table = || insights::events(&found, &page, args.all, render::terminal_width());
    render::print(&remembered::list(args.form, &found, &found, table)?)
}

fn page(args: &EventsArgs, folder: &Path, limit: usize, before: Option<&str>) -> anyhow::Result<Events> {
    let mut path = format!("/api/v1/events?limit={limit}");
    for (key, day) in [("from", args.from), ("to", args.to)] {
        if let Some(day) = day {
            let _written = write!(path, "&{key}={day}");
        }
    }
    if let Some(text) = &args.text {
        let _written = write!(path, "&q={}", client::escaped(text));
    }
    if let Some(before) = before {
        let _written = write!(path, "&before={before}");
    }
    history::answer(folder, &path, |reader, now| {
        let page = from_file(args, reader, now, limit, before)?;
        let marks = MarkFile::open(folder, now).marks(now).0;
        Ok(Events::of(&page, &marks, tapmap_enrich::country_name))
    })
}

fn from_file(
    args: &EventsArgs,
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
        text: args.text.clone().unwrap_or_default(),
        before: before.and_then(|before| before.parse().ok()),
        limit,
        ..EventQuery::all()
    };
    asked::events(reader, &query, now)
}
