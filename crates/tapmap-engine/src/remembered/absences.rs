//! What went on while nobody was at the computer.

use std::{collections::HashMap, ops::ControlFlow, sync::Arc};

use tapmap_core::{
    AddressScope, Away, Day, Filter, FlowQuery, FlowRecord, HistoryReader, StoreError, Timestamp,
};

/// How many flows of a day are looked at.
const MOST_FLOWS: usize = 200_000;
/// How many destinations of an app are named.
const NAMED: usize = 3;

/// What went on while nobody was at the computer, on one day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Absences {
    /// The day.
    pub day: Day,
    /// Each time of absence, the latest first.
    pub items: Vec<Absence>,
    /// Whether there were too many flows to look at all of them.
    pub partly: bool,
}

/// A time of absence and what went on in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Absence {
    /// From when to when, within the day.
    pub away: Away,
    /// Who was connected to public addresses, the most connections first.
    pub apps: Vec<Active>,
}

/// What one app did while nobody was there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Active {
    /// The app; `None` when it was not identified.
    pub app: Option<Arc<str>>,
    /// Flows that were open at some time of the absence.
    pub flows: u64,
    /// Those of them that began in it.
    pub begun: u64,
    /// Bytes sent by those that began in it.
    pub sent: u64,
    /// Bytes received by those that began in it.
    pub received: u64,
    /// Where most of them went: names, else operators, else addresses.
    pub destinations: Vec<Arc<str>>,
}

/// How many flows went to each.
type Destinations = HashMap<Arc<str>, u64>;

/// What went on while nobody was at the computer on a day, among the flows that a filter chooses. Looks at each
/// of them, so this takes longer than other questions.
///
/// # Errors
/// When the history cannot be read.
pub fn absences(
    reader: &dyn HistoryReader,
    day: Day,
    filter: &Filter,
    now: Timestamp,
) -> Result<Absences, StoreError> {
    let calendar = reader.calendar()?;
    let (begins, ends) = (calendar.begin_of(day), calendar.end_of(day));
    let mut absences = Absences { day, ..Absences::default() };
    let mut left = MOST_FLOWS;
    for away in reader.away(begins, ends)?.into_iter().rev() {
        let apps = active(reader, away, filter, now, &mut left)?;
        absences.partly |= left == 0;
        absences.items.push(Absence { away, apps });
    }
    Ok(absences)
}

/// Who was connected in a time of absence; counts down how many flows may still be looked at.
fn active(
    reader: &dyn HistoryReader,
    away: Away,
    filter: &Filter,
    now: Timestamp,
    left: &mut usize,
) -> Result<Vec<Active>, StoreError> {
    let query = FlowQuery {
        from: Some(away.from),
        to: Some(away.until),
        filter: filter.clone(),
        ..FlowQuery::default()
    };
    let mut by_app: HashMap<Option<Arc<str>>, (Active, Destinations)> = HashMap::new();
    reader.each_flow(&query, now, &mut |record| {
        if *left == 0 {
            return ControlFlow::Break(());
        }
        *left -= 1;
        if record.remote.scope == AddressScope::Public && !record.owner.own {
            let (active, destinations) = by_app.entry(record.app().cloned()).or_default();
            active.add(&record, away);
            *destinations.entry(destination(&record)).or_default() += 1;
        }
        ControlFlow::Continue(())
    })?;
    let named = by_app.into_iter().map(|(app, (active, destinations))| Active {
        app,
        destinations: most_used(destinations),
        ..active
    });
    let mut apps: Vec<Active> = named.collect();
    apps.sort_by(|one, other| (other.flows, &one.app).cmp(&(one.flows, &other.app)));
    Ok(apps)
}

impl Active {
    fn add(&mut self, record: &FlowRecord, away: Away) {
        self.flows += 1;
        if record.span.first_seen >= away.from {
            self.begun += 1;
            self.sent += record.sent.unwrap_or(0);
            self.received += record.received.unwrap_or(0);
        }
    }
}

fn destination(record: &FlowRecord) -> Arc<str> {
    let name = record.name.as_ref().and_then(|name| name.candidates.first());
    let operator = record.remote.system.as_ref().map(|system| &system.operator);
    name.or(operator).map_or_else(|| record.remote.address.to_string().into(), Arc::clone)
}

fn most_used(destinations: Destinations) -> Vec<Arc<str>> {
    let mut destinations: Vec<(Arc<str>, u64)> = destinations.into_iter().collect();
    destinations.sort_by(|one, other| (other.1, &one.0).cmp(&(one.1, &other.0)));
    destinations.into_iter().take(NAMED).map(|(destination, _)| destination).collect()
}
