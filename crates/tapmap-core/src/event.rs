//! Significant events: something was used for the first time, or for the first time in a month. They
//! are worked out from the days on which things were used, so that the evidence of each can be shown,
//! and are told only once it is known what is usual.

mod ports;
mod programs;

pub use ports::{HANDED_OUT_FROM, PortUse, listened};
pub use programs::{ProgramReplaced, replaced};

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{Day, DayUse, Facet, Protocol, Timestamp, WINDOW};

/// After so many observed days it is known what is usual.
pub const LEARNING_DAYS: u32 = 7;

/// Something that was new, with everything else that was new about the same flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The day.
    pub day: Day,
    /// When it was first observed on that day; `None` when only the day is known.
    pub at: Option<Timestamp>,
    /// The app; `None` when it was not identified.
    pub app: Option<Arc<str>>,
    /// What was new: first in the order of [`EVENT_FACETS`], then sites, then ports that others can reach, then
    /// program files; never empty.
    pub reasons: Vec<Reason>,
}

/// What was new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What was done.
    pub kind: ReasonKind,
    /// The kind of thing.
    pub facet: Facet,
    /// Which one.
    pub value: Arc<str>,
    /// After how many days it came back; `None` when it was never observed before.
    pub returned_after: Option<u32>,
    /// Flows of it on that day; of an open port those that came in, which are none as long as it only waits.
    pub flows: u64,
}

/// What was done for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReasonKind {
    /// It was used.
    Used,
    /// An app waited at the port for others on the network, over this transport.
    Listening(Protocol),
    /// Another computer connected to the app at the port.
    Inbound,
    /// The app turned to a name of this site; no app had on the days before.
    Site,
    /// The app's program file is another one than before, as after an update.
    ProgramChanged,
}

impl ReasonKind {
    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Listening(_) => "listening",
            Self::Inbound => "inbound",
            Self::Site => "site",
            Self::ProgramChanged => "program_changed",
        }
    }
}

/// What events are worked out from: all that is remembered, also from before the days that are asked
/// for. What is not in it counts as never observed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// Who used what on which day.
    pub uses: &'a [(Facet, Vec<DayUse>)],
    /// Ports that others could reach or did.
    pub ports: &'a [PortUse],
    /// Who turned to names of which site on which day.
    pub sites: &'a [DayUse],
    /// Program files that were replaced.
    pub replaced: &'a [ProgramReplaced],
}

/// By which what was new belongs to one flow: the day, the moment where it is known, and the app.
type Beginning = (Day, Option<Timestamp>, Option<Arc<str>>);

/// The facets that make events.
pub const EVENT_FACETS: [Facet; 4] = [Facet::App, Facet::Country, Facet::Operator, Facet::Port];

/// The events of the days from `from` to `to`, both included, the latest first. Days before `learning`
/// others were observed make none; for ports only days count that were observed here, since an imported
/// history knows none.
pub fn events(known: Known<'_>, from: Day, to: Day, learning: u32) -> Vec<Event> {
    let uses = || known.uses.iter().flat_map(|(_, uses)| uses);
    let observed: BTreeSet<Day> = uses().map(|used| used.day).collect();
    let recorded: BTreeSet<Day> = uses().filter(|used| !used.imported).map(|used| used.day).collect();
    let is_told = |day: Day, days: &BTreeSet<Day>| {
        let before = u32::try_from(days.range(..day).count()).unwrap_or(u32::MAX);
        (from..=to).contains(&day) && before >= learning
    };
    let mut events: BTreeMap<Beginning, Vec<Reason>> = BTreeMap::new();
    for facet in EVENT_FACETS {
        let of_facet = known.uses.iter().filter(|(of, _)| *of == facet).flat_map(|(_, uses)| uses);
        for (first, reason) in firsts(facet, of_facet).into_iter().filter(|it| is_told(it.0.day, &observed)) {
            let key = (first.day, first.first_seen, first.app.clone());
            events.entry(key).or_default().push(reason);
        }
    }
    for Event { day, at, app, reasons } in
        new_sites(known.sites).filter(|event| is_told(event.day, &observed))
    {
        events.entry((day, at, app)).or_default().extend(reasons);
    }
    for (first, reason) in ports::firsts(known.ports).into_iter().filter(|it| is_told(it.0.from, &recorded)) {
        let key = (first.from, Some(first.first_seen), first.app.clone());
        events.entry(key).or_default().push(reason);
    }
    for replaced in known.replaced.iter().filter(|replaced| is_told(replaced.day, &recorded)) {
        let key = (replaced.day, Some(replaced.at), Some(Arc::clone(&replaced.app)));
        events.entry(key).or_default().push(replaced.reason());
    }
    let events = events.into_iter().rev();
    events.map(|((day, at, app), reasons)| Event { day, at, app, reasons }).collect()
}

/// On which day each value was used for the first time, and for the first time after a month without.
pub fn first_uses(uses: &[DayUse]) -> BTreeSet<(Day, Arc<str>)> {
    let firsts = firsts(Facet::Name, uses.iter()).into_iter();
    firsts.map(|(first, _)| (first.day, Arc::clone(&first.value))).collect()
}

/// One event for each app and day: browsing meets new sites all day long.
fn new_sites(sites: &[DayUse]) -> impl Iterator<Item = Event> {
    let mut by_app: BTreeMap<_, Event> = BTreeMap::new();
    for (first, reason) in firsts(Facet::Name, sites.iter()) {
        let (day, app, at) = (first.day, first.app.clone(), first.first_seen);
        let new = || Event { day, at, app: app.clone(), reasons: Vec::new() };
        let event = by_app.entry((day, app.clone())).or_insert_with(new);
        event.at = match (event.at, at) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        event.reasons.push(Reason { kind: ReasonKind::Site, ..reason });
    }
    by_app.into_values()
}

/// Every first use of a value, and every first one after a month without, with the use that was first
/// on that day.
fn firsts<'a>(facet: Facet, uses: impl Iterator<Item = &'a DayUse>) -> Vec<(&'a DayUse, Reason)> {
    let mut by_value: BTreeMap<&str, BTreeMap<Day, Vec<&DayUse>>> = BTreeMap::new();
    for used in uses {
        by_value.entry(&used.value).or_default().entry(used.day).or_default().push(used);
    }
    let mut firsts = Vec::new();
    for days in by_value.values() {
        let mut before: Option<Day> = None;
        for (day, uses) in days {
            let absent = before.replace(*day).map(|before| day.0.abs_diff(before.0));
            if absent.is_some_and(|days| days < WINDOW) {
                continue;
            }
            // Of several apps, the one that was first; a use of which only the day is known comes last.
            let first = uses.iter().min_by_key(|used| (used.first_seen.is_none(), used.first_seen));
            if let Some(first) = first {
                let flows = uses.iter().map(|used| used.flows).sum();
                let value = Arc::clone(&first.value);
                let kind = ReasonKind::Used;
                firsts.push((*first, Reason { kind, facet, value, returned_after: absent, flows }));
            }
        }
    }
    firsts
}

#[cfg(test)]
mod tests;
