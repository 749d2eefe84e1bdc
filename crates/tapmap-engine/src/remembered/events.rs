//! Significant events, page by page.

mod inbound;

use std::{
    collections::{BTreeMap, HashMap},
    ops::{Range, RangeInclusive},
    sync::Arc,
};

use tapmap_core::{
    Day, DayUse, EVENT_FACETS, Event, Facet, Filter, HistoryReader, Known, LEARNING_DAYS, StoreError,
    Timestamp, events as told, first_uses, listened, replaced,
};

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
    let of_facet = |facet| Ok((facet, uses(reader, facet)?));
    let uses = EVENT_FACETS.into_iter().map(of_facet).collect::<Result<Vec<_>, StoreError>>()?;
    let observed = super::days_of(&uses);
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
    let span = |day: Day| calendar.begin_of(day)..calendar.end_of(day);
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

/// On which days each value was used.
fn uses(reader: &dyn HistoryReader, facet: Facet) -> Result<Vec<DayUse>, StoreError> {
    let uses = reader.totals(facet, Day(i32::MIN), Day(i32::MAX))?;
    let new = first_uses(&uses);
    with_users(reader, facet, uses, |used| new.contains(&(used.day, Arc::clone(&used.value))))
}

/// On which days each site was turned to, and by whom on those of `told` on which it was new.
fn sites(
    reader: &dyn HistoryReader,
    site: SiteOf,
    told: RangeInclusive<Day>,
) -> Result<Vec<DayUse>, StoreError> {
    let names = reader.totals(Facet::Name, Day(i32::MIN), Day(i32::MAX))?;
    let mut sites = Sites { site, known: HashMap::new() };
    let new = first_uses(&sites.of_names(names.clone()));
    let is_new = |used: &DayUse| {
        let site = told.contains(&used.day).then(|| sites.of(&used.value)).flatten();
        site.is_some_and(|site| new.contains(&(used.day, site)))
    };
    let names = with_users(reader, Facet::Name, names, is_new)?;
    Ok(sites.of_names(names))
}

/// The same uses, with who it was in place of those that are new: of others it does not matter, and they are many.
fn with_users(
    reader: &dyn HistoryReader,
    facet: Facet,
    mut uses: Vec<DayUse>,
    mut is_new: impl FnMut(&DayUse) -> bool,
) -> Result<Vec<DayUse>, StoreError> {
    let new = uses.extract_if(.., |used| is_new(used)).map(|used| (used.day, used.value)).collect();
    uses.append(&mut reader.users(facet, &new)?);
    Ok(uses)
}

/// Which site each name belongs to.
struct Sites {
    site: SiteOf,
    known: HashMap<Arc<str>, Option<Arc<str>>>,
}

impl Sites {
    fn of(&mut self, name: &Arc<str>) -> Option<Arc<str>> {
        let site = self.site;
        self.known.entry(Arc::clone(name)).or_insert_with(|| site(name).map(Arc::from)).clone()
    }

    /// The same uses with sites in place of names.
    fn of_names(&mut self, mut names: Vec<DayUse>) -> Vec<DayUse> {
        names.retain_mut(|used| {
            let site = self.of(&used.value);
            site.is_some_and(|site| {
                used.value = site;
                true
            })
        });
        names
    }
}
