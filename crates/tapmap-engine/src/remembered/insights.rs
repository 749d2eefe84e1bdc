//! What stands out on a day.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use tapmap_core::{
    Day, DayUse, Facet, HANDED_OUT_FROM, HistoryReader, Insight, ListenerRecord, Protocol, StoreError,
    Surprise, Timestamp, habits, may_surprise, surprises,
};

use super::{Observed, days_of, window, window_begin};

/// What stands out on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Insights {
    /// The day, and how far it was observed.
    pub observed: Observed,
    /// What is new and what is most frequent, for every facet.
    pub facets: Vec<Insight>,
    /// Listeners that were open on the day and on none of the 29 before.
    pub new_listeners: Vec<ListenerRecord>,
    /// What lies above the usual.
    pub surprises: Vec<AppSurprise>,
}

/// Something of an app that lies above the usual.
#[derive(Clone, Debug, PartialEq)]
pub struct AppSurprise {
    /// What was compared: [`Facet::App`] for all of the app, [`Facet::Operator`] for what it did with one.
    pub facet: Facet,
    /// The numbers.
    pub surprise: Surprise,
}

/// What stands out on a day, as known at `now`.
///
/// # Errors
/// When the history cannot be read.
pub fn insights(reader: &dyn HistoryReader, day: Day, now: Timestamp) -> Result<Insights, StoreError> {
    let calendar = reader.calendar()?;
    let uses = window(reader, &Facet::ALL, day)?;
    let observed = Observed::of(reader, &*calendar, day, &days_of(&uses), now)?;
    let facets = uses.iter().map(|(facet, uses)| Insight::of(*facet, &habits(uses, day))).collect();
    let before = reader.listeners(calendar.begin_of(window_begin(day)), observed.begins)?;
    let on_the_day = reader.listeners(observed.begins, calendar.end_of(day))?;
    let surprises = surprises_of(&much_used(reader, day)?, &observed, day);
    Ok(Insights { observed, facets, new_listeners: new_listeners(&before, on_the_day), surprises })
}

/// What makes two listeners the same thing: who waits at which port. Ports that the system hands out
/// change from start to start, so a port there is like another of the same app.
type Waiting = (Option<Arc<str>>, Protocol, Option<u16>);

fn waiting(record: &ListenerRecord) -> Waiting {
    let port = record.local.port();
    let app = record.owner.app.as_ref().map(|app| Arc::clone(&app.name));
    (app, record.protocol, (port < HANDED_OUT_FROM).then_some(port))
}

fn new_listeners(before: &[ListenerRecord], on_the_day: Vec<ListenerRecord>) -> Vec<ListenerRecord> {
    let mut known: HashSet<Waiting> = before.iter().map(waiting).collect();
    // Of several sockets at one port (both versions of IP) the first one is told.
    on_the_day.into_iter().filter(|it| !it.owner.own && known.insert(waiting(it))).collect()
}

/// What was used so much on a day that it may be a surprise, over the whole window.
fn much_used(reader: &dyn HistoryReader, day: Day) -> Result<Vec<(Facet, Vec<DayUse>)>, StoreError> {
    let facets = [Facet::App, Facet::Operator];
    let used = |facet| {
        let on_the_day = reader.days(facet, day, day)?;
        let much = on_the_day.into_iter().filter(may_surprise);
        let pairs: Vec<_> = much.filter_map(|used| Some((used.value, used.app?))).collect();
        Ok((facet, reader.days_of(facet, &pairs, window_begin(day), day)?))
    };
    facets.into_iter().map(used).collect()
}

fn surprises_of(uses: &[(Facet, Vec<DayUse>)], observed: &Observed, day: Day) -> Vec<AppSurprise> {
    let back = |back: u32| Day(day.0.saturating_sub(i32::try_from(back).unwrap_or(i32::MAX)));
    let days: BTreeSet<Day> =
        (0..tapmap_core::WINDOW).filter(|it| observed.strip.has(*it)).map(back).collect();
    uses.iter()
        .flat_map(|(facet, uses)| {
            let found = surprises(uses, &days, day).into_iter();
            found.map(|surprise| AppSurprise { facet: *facet, surprise })
        })
        .collect()
}
