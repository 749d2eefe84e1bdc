//! Today against what is usual: how much an app does on such a day, and whether today lies outside.
//! Robust statistics, so that one odd day in the past neither hides nor makes a surprise.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{Day, DayUse};

/// So many observed days are needed before anything is called usual.
const DAYS_NEEDED: usize = 7;
/// The usual range reaches so many standard deviations to each side. Of values that vary by chance
/// alone, one in some 370 lies outside.
const DEVIATIONS: f64 = 3.0;
/// What makes a median absolute deviation comparable to a standard deviation (of normally distributed
/// values: 1 / Φ⁻¹(3/4)).
const TO_STANDARD: f64 = 1.4826;
/// The range reaches at least so far above the median, as a share of it: what hardly varies may still
/// grow by half without being news.
const LEAST_SHARE: f64 = 0.5;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// Flows.
    Flows,
    /// Bytes sent.
    Sent,
    /// Bytes received.
    Received,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Flows, Self::Sent, Self::Received];

    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Flows => "flows",
            Self::Sent => "sent",
            Self::Received => "received",
        }
    }

    fn of(self, used: &DayUse) -> u64 {
        match self {
            Self::Flows => used.flows,
            Self::Sent => used.sent,
            Self::Received => used.received,
        }
    }

    /// Below so much above the median nothing is worth a word: 20 flows, 10 MB.
    fn least(self) -> f64 {
        match self {
            Self::Flows => 20.0,
            Self::Sent | Self::Received => 10e6,
        }
    }
}

/// Something that lies above what is usual.
#[derive(Clone, Debug, PartialEq)]
pub struct Surprise {
    /// The app.
    pub app: Arc<str>,
    /// The value of the facet that was compared: the app itself, or one of its providers.
    pub value: Arc<str>,
    /// What was measured.
    pub measure: Measure,
    /// Today's number.
    pub today: u64,
    /// The middle of the days it is compared with.
    pub median: u64,
    /// The upper end of the usual range.
    pub usual_up_to: u64,
    /// With how many days it is compared.
    pub days: usize,
    /// Whether only with such days: Mondays to Fridays, or weekends.
    pub same_kind: bool,
}

/// Whether so much was used that it may be a surprise, whatever is usual.
pub fn may_surprise(used: &DayUse) -> bool {
    Measure::ALL.iter().any(|measure| as_float(measure.of(used)) >= measure.least())
}

/// What lies above what is usual on `today`, the largest excess first. `observed` has the days on which
/// a recorder ran: on those, what was not used counts as nothing; other days do not count at all. Today is
/// not over yet, so what lies below is not told.
pub fn surprises(uses: &[DayUse], observed: &BTreeSet<Day>, today: Day) -> Vec<Surprise> {
    let (days, same_kind) = comparable(observed, today);
    if days.len() < DAYS_NEEDED {
        return Vec::new();
    }
    let mut found: Vec<(f64, Surprise)> = Vec::new();
    for ((app, value), by_day) in by_app(uses) {
        for measure in Measure::ALL {
            let on = |day: &Day| by_day.get(day).map_or(0, |uses| sum(measure, uses));
            let before: Vec<u64> = days.iter().map(on).collect();
            let now = on(&today);
            let (median, upper) = usual_range(&before, measure);
            if as_float(now) > upper {
                let excess = as_float(now) / upper.max(1.0);
                found.push((
                    excess,
                    Surprise {
                        app: Arc::clone(app),
                        value: Arc::clone(value),
                        measure,
                        today: now,
                        median: rounded(median),
                        usual_up_to: rounded(upper),
                        days: days.len(),
                        same_kind,
                    },
                ));
            }
        }
    }
    found.sort_by(|(one, a), (other, b)| other.total_cmp(one).then_with(|| a.app.cmp(&b.app)));
    found.into_iter().map(|(_, surprise)| surprise).collect()
}

/// The days to compare with: those of the same kind when there are enough, else all.
fn comparable(observed: &BTreeSet<Day>, today: Day) -> (Vec<Day>, bool) {
    let before: Vec<Day> = observed.range(..today).copied().collect();
    let same: Vec<Day> = before.iter().copied().filter(|day| is_weekend(*day) == is_weekend(today)).collect();
    if same.len() >= DAYS_NEEDED { (same, true) } else { (before, false) }
}

/// Saturday or Sunday; 1970-01-01 was a Thursday.
fn is_weekend(day: Day) -> bool {
    matches!((day.0 + 4).rem_euclid(7), 0 | 6)
}

type ByDay<'a> = BTreeMap<Day, Vec<&'a DayUse>>;

fn by_app(uses: &[DayUse]) -> BTreeMap<(&Arc<str>, &Arc<str>), ByDay<'_>> {
    let mut by_app: BTreeMap<(&Arc<str>, &Arc<str>), ByDay<'_>> = BTreeMap::new();
    for used in uses.iter().filter(|used| !used.imported) {
        if let Some(app) = &used.app {
            by_app.entry((app, &used.value)).or_default().entry(used.day).or_default().push(used);
        }
    }
    by_app
}

fn sum(measure: Measure, uses: &[&DayUse]) -> u64 {
    uses.iter().map(|used| measure.of(used)).sum()
}

/// Median and upper end of the usual range.
fn usual_range(values: &[u64], measure: Measure) -> (f64, f64) {
    let values: Vec<f64> = values.iter().map(|value| as_float(*value)).collect();
    let median = middle(&values);
    let deviations: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
    let spread = DEVIATIONS * TO_STANDARD * middle(&deviations);
    (median, median + spread.max(LEAST_SHARE * median).max(measure.least()))
}

fn middle(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match (sorted.get(half), sorted.len() % 2) {
        (Some(middle), 1) => *middle,
        (Some(upper), _) => {
            f64::midpoint(*upper, sorted.get(half.wrapping_sub(1)).copied().unwrap_or(*upper))
        }
        (None, _) => 0.0,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a statistic needs no more than 53 bits")]
fn as_float(value: u64) -> f64 {
    value as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, never below zero")]
fn rounded(value: f64) -> u64 {
    value.round() as u64
}

#[cfg(test)]
mod tests;
