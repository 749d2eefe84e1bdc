//! Significant events, page by page.

mod inbound;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use tapmap_core::{
    Day, DayUse, EVENT_FACETS, Event, Facet, Filter, HistoryReader, Known, LEARNING_DAYS, StoreError,
    Timestamp, events as told, listened,
};

use super::uses;

/// Which events.
#[derive(Clone, Debug)]
pub struct EventQuery {
    /// Events of this day or later.
    pub from: Day,
    /// Events of this day or earlier.
    pub to: Day,
    /// Only those that it fits ([`Filter::fits_event`]).
    pub filter: Filter,
    /// After how many observed days events are told.
    pub learning_days: u32,
    /// The site that a name belongs to.
    pub site: SiteOf,
    /// The [`EventPage::next`] of the page before.
    pub before: Option<usize>,
    /// How many a page holds at most.
    pub limit: usize,
}

/// Says the site that a name belongs to, as in `example.org` for `www.example.org`; `None` for a name that
/// belongs to none.
pub type SiteOf = for<'name> fn(&'name str) -> Option<&'name str>;

impl EventQuery {
    /// All events that are told by default.
    pub fn all(site: SiteOf) -> Self {
        Self {
            from: Day(i32::MIN),
            to: Day(i32::MAX),
            filter: Filter::default(),
            learning_days: LEARNING_DAYS,
            site,
            before: None,
            limit: usize::MAX,
        }
    }
}

/// A page of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    let names = reader.days(Facet::Name, Day(i32::MIN), Day(i32::MAX))?;
    let sites = sites(names, query.site);
    let programs = reader.programs()?;
    let known =
        Known { uses: &uses, ports: &ports, sites: &sites, programs: &programs, calendar: Some(&*calendar) };
    let mut events = told(known, query.from, query.to, query.learning_days);
    events.retain(|event| query.filter.fits_event(event, calendar.begin_of(event.day), now));
    let count = events.len();
    // Counted from the oldest one: what happens meanwhile moves nothing.
    let older = query.before.unwrap_or(count).min(count);
    let page: Vec<Event> = events.into_iter().skip(count - older).take(query.limit).collect();
    let left = older - page.len();
    let span = |day: Day| calendar.begin_of(day)..calendar.begin_of(Day(day.0.saturating_add(1)));
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

/// The same days with sites in place of names.
fn sites(mut names: Vec<DayUse>, site: SiteOf) -> Vec<DayUse> {
    names.retain_mut(|used| match site(&used.value) {
        Some(site) => {
            if site.len() != used.value.len() {
                used.value = site.into();
            }
            true
        }
        None => false,
    });
    names
}
