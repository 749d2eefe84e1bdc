//! The seam to what is remembered: flows with their times, and what was observed and what was not.
//! A record holds what was known then; later data does not rewrite the past. Nothing here knows how
//! or where records are kept.

mod error;
mod record;

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    fmt,
    ops::ControlFlow,
    sync::Arc,
    time::Duration,
};

pub use error::{StoreError, StoreErrorKind};
pub use record::{Ending, FlowRecord, OwnerRecord, Ownership, RecordId, RecordedName, RemoteRecord};

use crate::{Away, Filter, Flow, Gap, GapReason, Listener, ProgramFile, Protocol, Timestamp};

/// What begins when the recorder starts: everything recorded until it stops belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// When it began.
    pub started_at: Timestamp,
    /// The time zone that says when a day begins, by its IANA name; empty is UTC.
    pub zone: Arc<str>,
    /// The program's version.
    pub version: Arc<str>,
    /// The versions of the data that addresses are placed with.
    pub data_version: Arc<str>,
}

/// What happened since the last batch; also a sign of life, when nothing did.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// When it was made: everything was observed until then.
    pub at: Timestamp,
    /// The time zone, when it is another one than before.
    pub new_zone: Option<Arc<str>>,
    /// Flows that are new, changed or ended; each at most once.
    pub flows: Vec<FlowEntry>,
    /// Ports that opened, got to be known better or closed; each at most once.
    pub listeners: Vec<ListenerEntry>,
    /// What was missed.
    pub gaps: Vec<Unobserved>,
    /// Program files that were seen; one that is known already adds nothing.
    pub programs: Vec<ProgramSeen>,
    /// When nobody was at the computer; one that begins at the same moment as a known one takes its place.
    pub away: Vec<Away>,
}

/// That the program of an app was this file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramSeen {
    /// The app.
    pub app: Arc<str>,
    /// The file.
    pub file: ProgramFile,
    /// When it was first observed.
    pub first_seen: Timestamp,
}

/// A flow as last known.
#[derive(Clone, Debug)]
pub struct FlowEntry {
    /// The flow; [`Flow::id`] tells it within the session.
    pub flow: Arc<Flow>,
    /// Whether it goes on.
    pub ending: Ending,
}

/// A listener as last known.
#[derive(Clone, Debug)]
pub struct ListenerEntry {
    /// The listener; its socket tells it within the session.
    pub listener: Arc<Listener>,
    /// When it closed, if it did.
    pub closed_at: Option<Timestamp>,
}

/// A stretch of time that was not observed, or not wholly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unobserved {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub why: WhyUnobserved,
    /// How many observations were lost, where that is known.
    pub lost: Option<u64>,
}

impl From<&Gap> for Unobserved {
    fn from(gap: &Gap) -> Self {
        let Gap { from, until, reason, lost } = *gap;
        Self { from, until, why: WhyUnobserved::Recorder(reason), lost }
    }
}

/// Why a stretch of time was not observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WhyUnobserved {
    /// The recorder missed something.
    Recorder(GapReason),
    /// No recorder ran.
    NotRunning,
    /// It was seen but could not be kept: the disk was full, too slow or refused.
    NotKept,
    /// The clock was set: times before and after do not fit together.
    ClockSet,
}

impl WhyUnobserved {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Recorder(GapReason::SourceFailed),
        Self::Recorder(GapReason::Overrun),
        Self::Recorder(GapReason::Asleep),
        Self::NotRunning,
        Self::NotKept,
        Self::ClockSet,
    ];

    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recorder(reason) => reason.word(),
            Self::NotRunning => "not_running",
            Self::NotKept => "not_kept",
            Self::ClockSet => "clock_set",
        }
    }
}

/// Which flows, and which page of them.
#[derive(Clone, Debug, Default)]
pub struct FlowQuery {
    /// Flows that were observed at this moment or later.
    pub from: Option<Timestamp>,
    /// Flows that began before this moment.
    pub to: Option<Timestamp>,
    /// Flows that fit.
    pub filter: Filter,
    /// Flows before this one: the last of the page before.
    pub before: Option<RecordId>,
    /// How many at most.
    pub limit: usize,
}

/// A page of flows, the latest beginning first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlowPage {
    /// The flows.
    pub flows: Vec<FlowRecord>,
    /// What to ask with [`FlowQuery::before`] for the next page; `None` when there is none.
    pub next: Option<RecordId>,
}

/// Which stretch of time, in which steps.
#[derive(Clone, Debug)]
pub struct TimelineQuery {
    /// The beginning of the first slot.
    pub from: Timestamp,
    /// The end; the last slot is cut off there.
    pub to: Timestamp,
    /// How long each slot is.
    pub slot: Duration,
    /// Flows that fit.
    pub filter: Filter,
}

/// What began and what went through in one slot of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// When it begins.
    pub from: Timestamp,
    /// Flows that began in it.
    pub flows: u64,
    /// Bytes sent that were counted in it, of flows that were counted.
    pub sent: u64,
    /// Bytes received, likewise.
    pub received: u64,
}

/// A local day: days since 1970-01-01 in the calendar of the zone it was observed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub i32);

/// What days are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Facet {
    /// The app.
    App,
    /// The network's operator.
    Operator,
    /// The country, by its code.
    Country,
    /// The service port: the remote one, or the local one of an inbound flow.
    Port,
    /// The name that led there.
    Name,
}

impl Facet {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::App, Self::Operator, Self::Country, Self::Port, Self::Name];

    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Operator => "operator",
            Self::Country => "country",
            Self::Port => "port",
            Self::Name => "name",
        }
    }
}

/// That one app used one value of a facet on one day. Counted are flows to public addresses with a
/// place, an operator or an anycast mark; a flow counts on every day on which it was observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayUse {
    /// The day.
    pub day: Day,
    /// The value, in words: an app, an operator, a country's code, a port, a name.
    pub value: Arc<str>,
    /// The app; `None` when it was not identified, or the value was imported without one.
    pub app: Option<Arc<str>>,
    /// How many flows were observed.
    pub flows: u64,
    /// How many of them have a point on the map.
    pub mapped: u64,
    /// Bytes sent on that day.
    pub sent: u64,
    /// Bytes received on that day.
    pub received: u64,
    /// When the first of them was observed on that day; `None` when only the day is known.
    pub first_seen: Option<Timestamp>,
    /// When the last of them was, likewise.
    pub last_seen: Option<Timestamp>,
    /// Whether it was imported from another program's history, which knows days only.
    pub imported: bool,
}

impl DayUse {
    /// A day of which another program remembers no more than that the value was used, on the map.
    pub fn imported(day: Day, value: Arc<str>) -> Self {
        Self {
            day,
            value,
            app: None,
            flows: 1,
            mapped: 1,
            sent: 0,
            received: 0,
            first_seen: None,
            last_seen: None,
            imported: true,
        }
    }
}

/// Puts the uses of all apps of each value and day together, what was imported apart.
pub fn total_uses(uses: Vec<DayUse>) -> Vec<DayUse> {
    let mut totals: BTreeMap<(Day, Arc<str>, bool), DayUse> = BTreeMap::new();
    for one in uses {
        match totals.entry((one.day, Arc::clone(&one.value), one.imported)) {
            Entry::Vacant(place) => drop(place.insert(DayUse { app: None, ..one })),
            Entry::Occupied(mut total) => total.get_mut().add(&one),
        }
    }
    totals.into_values().collect()
}

impl DayUse {
    /// Counts another use of the same value and day too.
    pub fn add(&mut self, other: &Self) {
        self.flows += other.flows;
        self.mapped += other.mapped;
        self.sent += other.sent;
        self.received += other.received;
        self.first_seen = self.first_seen.into_iter().chain(other.first_seen).min();
        self.last_seen = self.last_seen.max(other.last_seen);
    }
}

/// A listener as it was recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct ListenerRecord {
    /// Its transport.
    pub protocol: Protocol,
    /// Where it waited.
    pub local: crate::Endpoint,
    /// Who owned it.
    pub owner: Arc<OwnerRecord>,
    /// When it was first observed.
    pub first_seen: Timestamp,
    /// When it was last observed; of one that is open, the recorder's last sign of life.
    pub last_seen: Timestamp,
    /// Whether it is open.
    pub open: bool,
}

/// A stretch of time in which a recorder ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// What it began with.
    pub session: Session,
    /// Its last sign of life.
    pub alive_at: Timestamp,
}

/// What is to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forget {
    /// Everything on days before this one.
    Before(Day),
    /// Everything of one app, by its name.
    App(Arc<str>),
    /// Everything.
    All,
}

/// Something that is hidden already, will be erased, and can be taken back until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgetting {
    /// Which one.
    pub id: i64,
    /// What.
    pub what: Forget,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it is erased.
    pub due_at: Timestamp,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// For how many days.
    pub days: u32,
    /// How many bytes on disk at most.
    pub bytes: u64,
}

/// What there is, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryStats {
    /// Flows.
    pub flows: u64,
    /// Of those, how many lie folded in rows of an hour.
    pub folded: u64,
    /// Rows that hold flows.
    pub rows: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Of those, how many are free to be used again.
    pub free_bytes: u64,
    /// When the first flow began.
    pub oldest: Option<Timestamp>,
    /// When the last flow began.
    pub newest: Option<Timestamp>,
    /// How often a recorder began.
    pub sessions: u64,
    /// Days that were imported from another program.
    pub imported_days: u64,
}

/// The user's days: which one a moment lies in and when one begins, in the zone that days are counted in.
pub trait Calendar {
    /// The day that a moment lies in.
    fn day_of(&self, at: Timestamp) -> Day;
    /// When a day begins.
    fn begin_of(&self, day: Day) -> Timestamp;
    /// When a day ends, which is when the next one begins.
    fn end_of(&self, day: Day) -> Timestamp {
        self.begin_of(Day(day.0.saturating_add(1)))
    }
}

/// Asks what is remembered. Several may ask at once, and nobody waits for the writer.
pub trait HistoryReader: Send + Sync {
    /// A page of flows, the latest beginning first; `now` is what `since:` counts from.
    fn flows(&self, query: &FlowQuery, now: Timestamp) -> Result<FlowPage, StoreError>;
    /// Every flow of a query, the latest beginning first, as long as `visit` goes on; the query's
    /// limit does not count.
    fn each_flow(
        &self,
        query: &FlowQuery,
        now: Timestamp,
        visit: &mut dyn FnMut(FlowRecord) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;
    /// How much began and went through in each slot; every slot is there, also an empty one.
    fn timeline(&self, query: &TimelineQuery, now: Timestamp) -> Result<Vec<Slot>, StoreError>;
    /// Who used which values of a facet on which days, from the first day to the last, both included.
    fn days(&self, facet: Facet, from: Day, to: Day) -> Result<Vec<DayUse>, StoreError>;
    /// The same, all apps of a value together: [`DayUse::app`] says nothing here.
    fn totals(&self, facet: Facet, from: Day, to: Day) -> Result<Vec<DayUse>, StoreError> {
        self.days(facet, from, to).map(total_uses)
    }
    /// The same of some pairs of value and app only.
    fn days_of(
        &self,
        facet: Facet,
        pairs: &[(Arc<str>, Arc<str>)],
        from: Day,
        to: Day,
    ) -> Result<Vec<DayUse>, StoreError> {
        let is_wanted = |used: &DayUse| {
            pairs.iter().any(|(value, app)| used.value == *value && used.app.as_ref() == Some(app))
        };
        let mut uses = self.days(facet, from, to)?;
        uses.retain(is_wanted);
        Ok(uses)
    }
    /// The same of some values on some days only.
    fn users(&self, facet: Facet, on: &BTreeSet<(Day, Arc<str>)>) -> Result<Vec<DayUse>, StoreError> {
        let days: BTreeSet<Day> = on.iter().map(|(day, _)| *day).collect();
        let mut users = Vec::new();
        for day in days {
            let mut uses = self.days(facet, day, day)?;
            uses.retain(|used| on.contains(&(day, Arc::clone(&used.value))));
            users.append(&mut uses);
        }
        Ok(users)
    }
    /// At which ports other computers came in on which days, and to which app: [`DayUse::value`] is the
    /// port. Unlike the facets this counts the neighbourhood too.
    fn inbound(&self, from: Day, to: Day) -> Result<Vec<DayUse>, StoreError>;
    /// The listeners that were open at some time from `from` until before `to`.
    fn listeners(&self, from: Timestamp, to: Timestamp) -> Result<Vec<ListenerRecord>, StoreError>;
    /// Which program files were seen, each of an app once, in the order of their first being seen.
    fn programs(&self) -> Result<Vec<ProgramSeen>, StoreError>;
    /// When nobody was at the computer between two moments, oldest first, where the system told.
    fn away(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Away>, StoreError>;
    /// What was not observed between two moments, oldest first.
    fn unobserved(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Unobserved>, StoreError>;
    /// When a recorder ran, oldest first.
    fn sessions(&self) -> Result<Vec<SessionRecord>, StoreError>;
    /// The days of the zone that was told last.
    fn calendar(&self) -> Result<Box<dyn Calendar>, StoreError>;
    /// What waits to be erased.
    fn forgetting(&self) -> Result<Vec<Forgetting>, StoreError>;
    /// What there is, in numbers.
    fn stats(&self) -> Result<HistoryStats, StoreError>;
    /// What is wrong with what is kept, in sentences; nothing when all is sound. `thoroughly` reads
    /// every row, and takes as long as the history is large.
    fn verify(&self, thoroughly: bool) -> Result<Vec<String>, StoreError>;
}

/// Remembers. There is one of it for a history.
pub trait HistoryStore: Send {
    /// Begins a session; what an earlier one left open has ended.
    fn begin(&mut self, session: &Session) -> Result<(), StoreError>;
    /// Keeps a batch, wholly or not at all.
    fn append(&mut self, batch: &Batch) -> Result<(), StoreError>;
    /// Hides something at once, and erases it when it is due.
    fn forget(&mut self, what: &Forget, at: Timestamp, due_at: Timestamp) -> Result<Forgetting, StoreError>;
    /// Takes it back; `false` when it has been erased already, or never was asked for.
    fn restore(&mut self, id: i64) -> Result<bool, StoreError>;
    /// Erases what is due or too old, folds what is small, a bounded piece of work at a time; `true`
    /// when there is more to do.
    fn tidy(&mut self, now: Timestamp, keep: Retention) -> Result<bool, StoreError>;
    /// Gives free space back to the disk. Takes as long as the history is large.
    fn compact(&mut self) -> Result<(), StoreError>;
    /// Adds days that another program remembers of one facet; what is there already stays as it is.
    fn import(&mut self, facet: Facet, uses: &[DayUse]) -> Result<(), StoreError>;
    /// Keeps what is damaged aside and goes on with a fresh history; answers where the old one is.
    fn begin_anew(&mut self, why: &str, at: Timestamp) -> Result<String, StoreError>;
    /// Another way to ask the same history.
    fn reader(&self) -> Result<Arc<dyn HistoryReader>, StoreError>;
}

impl fmt::Debug for dyn HistoryReader + '_ {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HistoryReader")
    }
}

impl fmt::Debug for dyn HistoryStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HistoryStore")
    }
}
