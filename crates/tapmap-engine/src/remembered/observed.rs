//! What of a day and of its window was observed: a gap is never "nothing happened".

use std::{collections::BTreeSet, time::Duration};

use tapmap_core::{
    Calendar, Day, Days, GapReason, HistoryReader, SessionRecord, StoreError, Timestamp, Unobserved,
    WhyUnobserved,
};

use super::window_begin;

/// A sign of life comes each minute: only after twice that long without one nobody records.
const SILENCE: Duration = Duration::from_mins(2);

/// A day, and how far it and the days before were observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The day.
    pub day: Day,
    /// When it begins.
    pub begins: Timestamp,
    /// When it ends; of a day that goes on, now.
    pub until: Timestamp,
    /// Days from the first one recorded in the window to the day itself, both included.
    pub history_days: u32,
    /// The days of the window on which a recorder ran, or of which something is known otherwise.
    pub strip: Days,
    /// What of the day was not observed until it ended, oldest first.
    pub unobserved: Vec<Unobserved>,
}

impl Observed {
    /// What was observed of a day and its window; `used` has the days of which uses are known.
    pub(super) fn of(
        reader: &dyn HistoryReader,
        calendar: &dyn Calendar,
        day: Day,
        used: &BTreeSet<Day>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let begins = calendar.begin_of(day);
        let until = calendar.end_of(day).min(now).max(begins);
        let sessions = reader.sessions()?;
        let first = window_begin(day);
        let gaps = reader.unobserved(calendar.begin_of(first), until)?;
        let back =
            |day_before: &Day| day.0.checked_sub(day_before.0).and_then(|back| u32::try_from(back).ok());
        let recorded = (first.0..=day.0).map(Day).filter(|day| {
            let (from, to) = (calendar.begin_of(*day), calendar.end_of(*day));
            used.contains(day) || is_observed(&sessions, &gaps, from, to)
        });
        let strip: Days = recorded.filter_map(|day| back(&day)).collect();
        let history_days = used.first().and_then(back).map_or(0, |back| back.saturating_add(1));
        let of_the_day = gaps.into_iter().filter(|gap| gap.until > begins);
        let mut unobserved: Vec<Unobserved> = of_the_day
            .chain(outside(&sessions, begins, until, now))
            .filter_map(|gap| clip(&gap, begins, until))
            .collect();
        unobserved.sort_by_key(|gap| (gap.from, gap.until));
        Ok(Self { day, begins, until, history_days, strip, unobserved })
    }

    /// How much of the day was not observed at all.
    pub fn unobserved_time(&self) -> Duration {
        let gaps: Vec<&Unobserved> = self.unobserved.iter().filter(|gap| is_blind(gap)).collect();
        covered(&gaps, self.begins, self.until)
    }
}

/// What was not observed between two moments, oldest first: the gaps of the recorders, and the times before
/// the first one began and after the last sign of life. What lies ahead of `now` is no gap.
///
/// # Errors
/// When the history cannot be read.
pub fn unobserved(
    reader: &dyn HistoryReader,
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
) -> Result<Vec<Unobserved>, StoreError> {
    let until = to.min(now).max(from);
    let sessions = reader.sessions()?;
    let gaps = reader.unobserved(from, until)?.into_iter();
    let all = gaps.chain(outside(&sessions, from, until, now));
    let mut unobserved: Vec<Unobserved> = all.filter_map(|gap| clip(&gap, from, until)).collect();
    unobserved.sort_by_key(|gap| (gap.from, gap.until));
    Ok(unobserved)
}

/// Whether nothing was seen in a gap: after an overrun only some of it is missing.
fn is_blind(gap: &Unobserved) -> bool {
    !matches!(gap.why, WhyUnobserved::ClockSet | WhyUnobserved::Recorder(GapReason::Overrun))
}

/// Whether a recorder saw anything between two moments.
fn is_observed(sessions: &[SessionRecord], gaps: &[Unobserved], from: Timestamp, to: Timestamp) -> bool {
    let blind: Vec<&Unobserved> = gaps.iter().filter(|gap| is_blind(gap)).collect();
    sessions.iter().any(|record| {
        let (from, to) = (record.session.started_at.max(from), record.alive_at.min(to));
        from < to && covered(&blind, from, to) < to.since(from)
    })
}

/// How much of a time lies in gaps, which may overlap.
fn covered(gaps: &[&Unobserved], from: Timestamp, to: Timestamp) -> Duration {
    let mut spans: Vec<(Timestamp, Timestamp)> = gaps
        .iter()
        .map(|gap| (gap.from.max(from), gap.until.min(to)))
        .filter(|(from, to)| from < to)
        .collect();
    spans.sort_unstable();
    let mut reached = from;
    let mut covered = Duration::ZERO;
    for (begin, end) in spans {
        covered += end.since(begin.max(reached));
        reached = reached.max(end);
    }
    covered
}

/// The time before the first recorder began and after the last sign of life.
fn outside(
    sessions: &[SessionRecord],
    begins: Timestamp,
    until: Timestamp,
    now: Timestamp,
) -> impl Iterator<Item = Unobserved> {
    let first = sessions.iter().map(|record| record.session.started_at).min().unwrap_or(until);
    let last = sessions.iter().map(|record| record.alive_at).max().unwrap_or(until);
    let gap = |from, until| Unobserved { from, until, why: WhyUnobserved::NotRunning, lost: None };
    let before = (begins < first).then(|| gap(begins, first));
    let after = (now.since(last) > SILENCE && last < until).then(|| gap(last, until));
    before.into_iter().chain(after)
}

fn clip(gap: &Unobserved, begins: Timestamp, until: Timestamp) -> Option<Unobserved> {
    let clipped = Unobserved { from: gap.from.max(begins), until: gap.until.min(until), ..gap.clone() };
    (clipped.from < clipped.until).then_some(clipped)
}

#[cfg(test)]
mod tests;
