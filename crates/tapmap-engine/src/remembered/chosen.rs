//! The same history with only those flows that a filter chooses: its days are counted from the flows
//! themselves, one by one.

use std::{
    collections::{HashMap, hash_map::Entry},
    ops::ControlFlow,
    sync::Arc,
};

use tapmap_core::{
    Away, Calendar, Day, DayUse, Facet, Filter, FlowPage, FlowQuery, FlowRecord, Forgetting, HistoryReader,
    HistoryStats, ListenerRecord, ProgramSeen, SessionRecord, Slot, StoreError, TimelineQuery, Timestamp,
    Unobserved,
};

/// A history without the flows and listeners that a filter leaves out. Everything else is told as it is. Bytes
/// count on the day on which a flow was last seen, since a record does not say when they went through; days
/// that were imported have no flows and are left out.
#[derive(Debug)]
pub struct Chosen<'a> {
    all: &'a dyn HistoryReader,
    filter: &'a Filter,
    now: Timestamp,
    /// Who used what on which day, in the order of days and values.
    days: HashMap<Facet, Vec<DayUse>>,
    inbound: Vec<DayUse>,
}

/// Asks a question of the flows that a filter chooses; `now` is what its `since:` counts from.
///
/// # Errors
/// When the history cannot be read.
pub fn of_chosen<T>(
    reader: &dyn HistoryReader,
    filter: &Filter,
    now: Timestamp,
    question: impl FnOnce(&dyn HistoryReader) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    if filter.terms.is_empty() { question(reader) } else { question(&Chosen::of(reader, filter, now)?) }
}

impl<'a> Chosen<'a> {
    /// Reads every flow that fits and counts its days.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn of(all: &'a dyn HistoryReader, filter: &'a Filter, now: Timestamp) -> Result<Self, StoreError> {
        let query = FlowQuery { filter: filter.clone(), ..FlowQuery::default() };
        let calendar = all.calendar()?;
        let mut counts =
            Counts { calendar: &*calendar, day: None, of_facet: HashMap::new(), inbound: Uses::new() };
        all.each_flow(&query, now, &mut |record| {
            counts.add(&record);
            ControlFlow::Continue(())
        })?;
        let days = counts.of_facet.into_iter().map(|(facet, uses)| (facet, in_order(uses))).collect();
        Ok(Self { all, filter, now, days, inbound: in_order(counts.inbound) })
    }

    fn narrowed(&self, filter: &Filter) -> Filter {
        Filter { terms: filter.terms.iter().chain(&self.filter.terms).cloned().collect() }
    }
}

/// By day, value and app.
type Uses = HashMap<(Day, Arc<str>, Option<Arc<str>>), DayUse>;

fn in_order(uses: Uses) -> Vec<DayUse> {
    let mut uses: Vec<DayUse> = uses.into_values().collect();
    uses.sort_unstable_by(|one, other| {
        (one.day, &one.value, &one.app).cmp(&(other.day, &other.value, &other.app))
    });
    uses
}

struct Counts<'a> {
    calendar: &'a dyn Calendar,
    /// The day that was asked for last and when it begins and ends: most flows come one after another.
    day: Option<(Day, Timestamp, Timestamp)>,
    of_facet: HashMap<Facet, Uses>,
    inbound: Uses,
}

impl Counts<'_> {
    fn add(&mut self, record: &FlowRecord) {
        let counts = record.remote.counts() && !record.owner.own;
        if !counts && !record.comes_in() {
            return;
        }
        let last = self.day(record.span.last_seen);
        for day in self.day(record.span.first_seen).0.0..=last.0.0 {
            let share = self.share(record, Day(day), Day(day) == last.0);
            let values = Facet::ALL.into_iter().filter_map(|facet| Some((facet, record.value_of(facet)?)));
            for (facet, value) in values.filter(|_| counts) {
                add(self.of_facet.entry(facet).or_default(), &share, value);
            }
            if record.comes_in() {
                add(&mut self.inbound, &share, record.service_port().to_string().into());
            }
        }
    }

    /// What a flow adds on a day.
    fn share(&self, record: &FlowRecord, day: Day, is_last: bool) -> DayUse {
        let (begins, ends) = (self.calendar.begin_of(day), self.calendar.end_of(day));
        let bytes = |count: Option<u64>| count.filter(|_| is_last).unwrap_or(0);
        DayUse {
            day,
            value: Arc::default(),
            app: record.app().cloned(),
            imported: false,
            flows: 1,
            mapped: u64::from(record.remote.is_mapped()),
            sent: bytes(record.sent),
            received: bytes(record.received),
            first_seen: Some(record.span.first_seen.max(begins)),
            last_seen: Some(record.span.last_seen.min(ends)),
        }
    }

    /// The day that a moment lies in, and when it begins and ends.
    fn day(&mut self, at: Timestamp) -> (Day, Timestamp, Timestamp) {
        match self.day {
            Some(known) if (known.1..known.2).contains(&at) => known,
            _ => {
                let day = self.calendar.day_of(at);
                let ends = self.calendar.end_of(day);
                *self.day.insert((day, self.calendar.begin_of(day), ends))
            }
        }
    }
}

fn add(uses: &mut Uses, share: &DayUse, value: Arc<str>) {
    match uses.entry((share.day, value, share.app.clone())) {
        Entry::Occupied(mut known) => known.get_mut().add(share),
        Entry::Vacant(new) => {
            let value = Arc::clone(&new.key().1);
            new.insert(DayUse { value, ..share.clone() });
        }
    }
}

impl HistoryReader for Chosen<'_> {
    fn flows(&self, query: &FlowQuery, now: Timestamp) -> Result<FlowPage, StoreError> {
        self.all.flows(&FlowQuery { filter: self.narrowed(&query.filter), ..query.clone() }, now)
    }

    fn each_flow(
        &self,
        query: &FlowQuery,
        now: Timestamp,
        visit: &mut dyn FnMut(FlowRecord) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.all.each_flow(&FlowQuery { filter: self.narrowed(&query.filter), ..query.clone() }, now, visit)
    }

    fn timeline(&self, query: &TimelineQuery, now: Timestamp) -> Result<Vec<Slot>, StoreError> {
        self.all.timeline(&TimelineQuery { filter: self.narrowed(&query.filter), ..query.clone() }, now)
    }

    fn days(&self, facet: Facet, from: Day, to: Day) -> Result<Vec<DayUse>, StoreError> {
        Ok(between(self.days.get(&facet).map_or(&[], Vec::as_slice), from, to))
    }

    fn inbound(&self, from: Day, to: Day) -> Result<Vec<DayUse>, StoreError> {
        Ok(between(&self.inbound, from, to))
    }

    fn listeners(&self, from: Timestamp, to: Timestamp) -> Result<Vec<ListenerRecord>, StoreError> {
        let mut listeners = self.all.listeners(from, to)?;
        listeners.retain(|listener| self.filter.fits_listener(listener, self.now));
        Ok(listeners)
    }

    fn programs(&self) -> Result<Vec<ProgramSeen>, StoreError> {
        self.all.programs()
    }

    fn away(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Away>, StoreError> {
        self.all.away(from, to)
    }

    fn unobserved(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Unobserved>, StoreError> {
        self.all.unobserved(from, to)
    }

    fn sessions(&self) -> Result<Vec<SessionRecord>, StoreError> {
        self.all.sessions()
    }

    fn calendar(&self) -> Result<Box<dyn Calendar>, StoreError> {
        self.all.calendar()
    }

    fn forgetting(&self) -> Result<Vec<Forgetting>, StoreError> {
        self.all.forgetting()
    }

    fn stats(&self) -> Result<HistoryStats, StoreError> {
        self.all.stats()
    }

    fn verify(&self, thoroughly: bool) -> Result<Vec<String>, StoreError> {
        self.all.verify(thoroughly)
    }
}

fn between(uses: &[DayUse], from: Day, to: Day) -> Vec<DayUse> {
    uses.iter().filter(|used| (from..=to).contains(&used.day)).cloned().collect()
}
