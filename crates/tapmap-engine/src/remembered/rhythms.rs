//! What recurs at regular intervals on a day: each app with each of its destinations.

use std::{collections::HashMap, ops::ControlFlow, sync::Arc};

use tapmap_core::{
    Day, Direction, Filter, FlowQuery, FlowRecord, HistoryReader, Rhythm, Span, StoreError, Timestamp, rhythm,
};

/// How many flows of a day are looked at; a quiet desktop has some thousands.
const MOST_FLOWS: usize = 200_000;
/// How many starts of one app with one destination are kept; more often than that keeps no clock busy.
const MOST_STARTS: usize = 5_000;

/// What keeps time on a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rhythms {
    /// The day.
    pub day: Day,
    /// What recurs, the shortest period first.
    pub items: Vec<AppRhythm>,
    /// Whether there were too many flows to look at all of them.
    pub partly: bool,
}

/// An app that turns to a destination at regular intervals.
#[derive(Clone, Debug, PartialEq)]
pub struct AppRhythm {
    /// The app.
    pub app: Arc<str>,
    /// The name that led there, or the address.
    pub destination: Arc<str>,
    /// Whether it is a name.
    pub named: bool,
    /// The service port.
    pub port: u16,
    /// How it recurs.
    pub rhythm: Rhythm,
}

type Destination = (Arc<str>, Arc<str>, bool, u16);

/// What keeps time on a day among the flows that a filter chooses. Looks at each of them, so this takes
/// longer than other questions.
///
/// # Errors
/// When the history cannot be read.
pub fn rhythms(
    reader: &dyn HistoryReader,
    day: Day,
    filter: &Filter,
    now: Timestamp,
) -> Result<Rhythms, StoreError> {
    let calendar = reader.calendar()?;
    let (from, to) = (calendar.begin_of(day), calendar.end_of(day));
    let query =
        FlowQuery { from: Some(from), to: Some(to), filter: filter.clone(), before: None, limit: MOST_FLOWS };
    let mut starts: HashMap<Destination, Vec<Timestamp>> = HashMap::new();
    let mut looked_at = 0;
    let mut partly = false;
    reader.each_flow(&query, now, &mut |record| {
        looked_at += 1;
        partly = looked_at > MOST_FLOWS;
        if partly {
            return ControlFlow::Break(());
        }
        if let Some(destination) = destination(&record).filter(|_| record.span.first_seen >= from) {
            let starts = starts.entry(destination).or_default();
            if starts.len() < MOST_STARTS {
                starts.push(record.span.first_seen);
            }
        }
        ControlFlow::Continue(())
    })?;
    let gaps = reader.unobserved(from, to)?;
    let gaps: Vec<Span> =
        gaps.iter().map(|gap| Span { first_seen: gap.from, last_seen: gap.until }).collect();
    let mut items: Vec<AppRhythm> = starts
        .into_iter()
        .filter_map(|((app, destination, named, port), starts)| {
            let rhythm = rhythm(&starts, &gaps)?;
            Some(AppRhythm { app, destination, named, port, rhythm })
        })
        .collect();
    items.sort_by(|one, other| {
        (one.rhythm.period, &one.app, &one.destination, one.port).cmp(&(
            other.rhythm.period,
            &other.app,
            &other.destination,
            other.port,
        ))
    });
    Ok(Rhythms { day, items, partly })
}

/// Who turns to whom: nobody does of a flow without an app, and others do of an inbound one.
fn destination(record: &FlowRecord) -> Option<Destination> {
    if record.direction == Direction::Inbound || record.owner.own || !record.remote.counts() {
        return None;
    }
    let app = Arc::clone(record.app()?);
    let name = record.name.as_ref().and_then(|name| name.candidates.first());
    let destination = name.map_or_else(|| record.remote.address.to_string().into(), Arc::clone);
    Some((app, destination, name.is_some(), record.service_port()))
}
