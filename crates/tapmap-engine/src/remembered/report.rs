//! The report of a day, also beside another one.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tapmap_core::{Day, DayUse, Facet, HistoryReader, REPORT_FACETS, Report, StoreError, Timestamp};

use super::{Observed, days_of, totals, window};

/// A day's report, and the days around it.
#[derive(Clone, Debug, PartialEq)]
pub struct DayReport {
    /// The day, and how far it was observed.
    pub observed: Observed,
    /// What is said.
    pub report: Report,
    /// The last day before it of which something is remembered.
    pub earlier: Option<Day>,
    /// The first day after it of which something is remembered.
    pub later: Option<Day>,
    /// The day beside another one, when that was asked for.
    pub comparison: Option<Comparison>,
}

/// A day beside another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The other day.
    pub other: Day,
    /// What was used on one of the two or on both, by facet; the most flows first.
    pub facets: Vec<(Facet, Vec<Compared>)>,
}

/// A value on two days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The value.
    pub value: Arc<str>,
    /// On the day itself.
    pub on_day: DayCount,
    /// On the other day.
    pub on_other: DayCount,
}

/// What was counted on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayCount {
    /// Flows.
    pub flows: u64,
    /// Bytes sent.
    pub sent: u64,
    /// Bytes received.
    pub received: u64,
}

/// The report of a day as known at `now`, and beside another day when one is named.
///
/// # Errors
/// When the history cannot be read.
pub fn report(
    reader: &dyn HistoryReader,
    day: Day,
    other: Option<Day>,
    now: Timestamp,
) -> Result<DayReport, StoreError> {
    let calendar = reader.calendar()?;
    let in_window = window(reader, &REPORT_FACETS, day)?;
    let observed = Observed::of(reader, &*calendar, day, &days_of(&in_window), now)?;
    let known = known_days(reader)?;
    Ok(DayReport {
        report: Report::of(day, &in_window),
        observed,
        earlier: known.range(..day).next_back().copied(),
        later: known.range(Day(day.0.saturating_add(1))..).next().copied(),
        comparison: other.map(|other| compare(reader, day, other)).transpose()?,
    })
}

/// The days of which something is remembered. Every flow that counts has a port, so ports have them all
/// but those that were imported; apps have those.
fn known_days(reader: &dyn HistoryReader) -> Result<BTreeSet<Day>, StoreError> {
    Ok(days_of(&totals(reader, &[Facet::Port, Facet::App], Day(i32::MIN), Day(i32::MAX))?))
}

fn compare(reader: &dyn HistoryReader, day: Day, other: Day) -> Result<Comparison, StoreError> {
    let compared = |facet| {
        let (on_day, on_other) = (reader.totals(facet, day, day)?, reader.totals(facet, other, other)?);
        Ok((facet, beside(&on_day, &on_other)))
    };
    let facets = REPORT_FACETS.into_iter().map(compared).collect::<Result<_, StoreError>>()?;
    Ok(Comparison { other, facets })
}

fn beside(on_day: &[DayUse], on_other: &[DayUse]) -> Vec<Compared> {
    let mut values: BTreeMap<&Arc<str>, (DayCount, DayCount)> = BTreeMap::new();
    for used in on_day {
        values.entry(&used.value).or_default().0.add(used);
    }
    for used in on_other {
        values.entry(&used.value).or_default().1.add(used);
    }
    let compared = values.into_iter().map(|(value, (on_day, on_other))| Compared {
        value: Arc::clone(value),
        on_day,
        on_other,
    });
    let mut compared: Vec<Compared> = compared.collect();
    compared.sort_by_key(|it| Reverse(it.on_day.flows.saturating_add(it.on_other.flows)));
    compared
}

impl DayCount {
    fn add(&mut self, used: &DayUse) {
        self.flows += used.flows;
        self.sent += used.sent;
        self.received += used.received;
    }
}
