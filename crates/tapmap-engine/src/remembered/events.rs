//! Significant events, page by page.

mod inbound;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use tapmap_core::{
    Day, EVENT_FACETS, Event, Filter, HistoryReader, Known, LEARNING_DAYS, StoreError, Timestamp,
    events as told, listened,
};

use super::uses;

/// Which events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventQuery {
    /// Events of this day or later.
    pub from: Day,
    /// Events of this day or earlier.
    pub to: Day,
    /// Only those that it fits ([`Filter::fits_event`]).
    pub filter: Filter,
    /// After how many observed days events are told.
    pub learning_days: u32,
    /// The [`EventPage::next`] of the page before.
    pub before: Option<usize>,
    /// How many a page holds at most.
    pub limit: usize,
}

impl EventQuery {
    /// All events that are told by default.
    pub fn all() -> Self {
        Self {
            from: Day(i32::MIN),
            to: Day(i32::MAX),
            filter: Filter::default(),
            learning_days: LEARNING_DAYS,
            before: None,
            limit: usize::MAX,
        }
    }
}

/// A page of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// The events, the latest first.
    pub events: Vec<Event>,
    /// When each of their days begins and ends.
    pub days: BTreeMap<Day, Range<Timestamp>>,
    /// How many older ones there are, which is what the next page begins with; `None` when there is none.
    pub next: Option<usize>,
    /// How many there are in all.
    pub count: usize,
    /// After how many observed days events are told.
    pub learning_days: u32,
    /// How many days before today something was observed on.
    pub observed_days: u32,
}

/// All that is remembered.
const ALWAYS: (Timestamp, Timestamp) = (Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX));

/// The events that a query asks for, as known at `now`.
///
/// # Errors
/// When the history cannot be read.
pub fn events(
    reader: &dyn HistoryReader,
    query: &EventQuery,
    now: Timestamp,
) -> Result<EventPage, StoreError> {
    let today = super::today(reader, now)?;
    let uses = uses(reader, &EVENT_FACETS, Day(i32::MIN), Day(i32::MAX))?;
    let observed: BTreeSet<Day> =
        uses.iter().flat_map(|(_, uses)| uses.iter().map(|used| used.day)).collect();
    let calendar = reader.calendar()?;
    let mut ports = listened(&reader.listeners(ALWAYS.0, ALWAYS.1)?, &*calendar);
    ports.extend(inbound::inbound(reader)?);
    let known = Known { uses: &uses, ports: &ports };
    let mut events = told(known, query.from, query.to, query.learning_days);
    events.retain(|event| query.filter.fits_event(event, calendar.begin_of(event.day), now));
    let count = events.len();
    // Counted from the oldest one: what happens meanwhile moves nothing.
    let older = query.before.unwrap_or(count).min(count);
    let page: Vec<Event> = events.into_iter().skip(count - older).take(query.limit).collect();
    let left = older - page.len();
    let span = |day: Day| calendar.begin_of(day)..calendar.begin_of(Day(day.0 + 1));
    let days = page.iter().map(|event| (event.day, span(event.day))).collect();
    Ok(EventPage {
        events: page,
        days,
        next: (left > 0).then_some(left),
        count,
        learning_days: query.learning_days,
        observed_days: u32::try_from(observed.range(..today).count()).unwrap_or(u32::MAX),
    })
}
