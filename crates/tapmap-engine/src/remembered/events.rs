//! Significant events, page by page.

mod inbound;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::{Range, RangeInclusive},
    sync::Arc,
};

use tapmap_core::{
    Day, DayUse, EVENT_FACETS, Event, Facet, Filter, HistoryReader, Known, LEARNING_DAYS, StoreError,
    Timestamp, events as told, first_days, listened, replaced,
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
    let learnt = usize::try_from(query.learning_days).unwrap_or(usize::MAX);
    let told_from = observed.iter().nth(learnt).map_or(query.from, |first| query.from.max(*first));
    let sites = sites(reader, query.site, told_from..=query.to)?;
    let replaced = replaced(&reader.programs()?, &*calendar);
    let known = Known { uses: &uses, ports: &ports, sites: &sites, replaced: &replaced };
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

/// Who turned to which site on which day. Who it was is read, and told, only of the days within `told` on which
/// some site was new: of others it does not matter, and names are many.
fn sites(
    reader: &dyn HistoryReader,
    site: SiteOf,
    told: RangeInclusive<Day>,
) -> Result<Vec<DayUse>, StoreError> {
    let mut uses = of_sites(reader.totals(Facet::Name, Day(i32::MIN), Day(i32::MAX))?, site);
    let mut new = first_days(&uses);
    new.retain(|day| told.contains(day));
    uses.retain(|used| !new.contains(&used.day));
    for day in new {
        uses.extend(of_sites(reader.days(Facet::Name, day, day)?, site));
    }
    Ok(uses)
}

/// The same days with sites in place of names.
fn of_sites(mut names: Vec<DayUse>, site: SiteOf) -> Vec<DayUse> {
    let mut known: HashMap<Arc<str>, Option<Arc<str>>> = HashMap::new();
    names.retain_mut(|used| {
        let site = known.entry(Arc::clone(&used.value)).or_insert_with(|| site(&used.value).map(Arc::from));
        site.as_ref().is_some_and(|site| {
            used.value = Arc::clone(site);
            true
        })
    });
    names
}
