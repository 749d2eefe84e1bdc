//! Whether something happens at regular intervals: the period and how far it strays, by robust
//! statistics over the starts of flows. Sleep and other gaps are no intervals.

use std::time::Duration;

use crate::{Span, Timestamp};

/// So many intervals are needed before a rhythm is spoken of.
const INTERVALS_NEEDED: usize = 8;
/// Starts so close together are one: a program opens several connections at once.
const TOGETHER: Duration = Duration::from_secs(5);
/// The median interval strays at most by this share of the period, else there is no rhythm.
const MOST_JITTER: f64 = 0.2;
/// At least this share of the intervals lies near the period, or near twice or three times it, when one
/// or two were left out.
const LEAST_REGULAR: f64 = 0.7;

/// A regular recurrence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rhythm {
    /// The time from one start to the next.
    pub period: Duration,
    /// By how much an interval strays from it: the median, so half stray less.
    pub jitter: Duration,
    /// How many intervals it was taken from.
    pub intervals: usize,
    /// The share of the intervals that keep the period, from 0 to 1.
    pub regular: f64,
}

/// The rhythm of these starts, in any order; none when they are too few or keep no time. An interval
/// in which something was not observed does not count.
pub fn rhythm(starts: &[Timestamp], unobserved: &[Span]) -> Option<Rhythm> {
    let intervals = intervals(starts, unobserved);
    if intervals.len() < INTERVALS_NEEDED {
        return None;
    }
    let period = middle(intervals.clone())?;
    let strays: Vec<f64> = intervals.iter().map(|interval| stray(*interval, period)).collect();
    let jitter = middle(strays.clone())?;
    let kept = strays.iter().filter(|stray| **stray <= MOST_JITTER * period).count();
    let regular = as_float(kept) / as_float(intervals.len());
    (jitter <= MOST_JITTER * period && regular >= LEAST_REGULAR).then(|| Rhythm {
        period: Duration::from_secs_f64(period),
        jitter: Duration::from_secs_f64(jitter),
        intervals: intervals.len(),
        regular,
    })
}

/// The seconds between one start and the next, without those that a gap lies in.
fn intervals(starts: &[Timestamp], unobserved: &[Span]) -> Vec<f64> {
    let mut starts = starts.to_vec();
    starts.sort_unstable();
    starts.dedup_by(|later, earlier| later.since(*earlier) < TOGETHER);
    let is_observed = |from: Timestamp, to: Timestamp| {
        !unobserved.iter().any(|gap| gap.first_seen < to && gap.last_seen > from)
    };
    starts
        .windows(2)
        .filter_map(|pair| match pair {
            [from, to] if is_observed(*from, *to) => Some(to.since(*from).as_secs_f64()),
            _ => None,
        })
        .collect()
}

/// How far an interval lies from the period, or from a small multiple of it.
fn stray(interval: f64, period: f64) -> f64 {
    let times = (interval / period).round().clamp(1.0, 3.0);
    (interval - times * period).abs()
}

fn middle(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[expect(clippy::cast_precision_loss, reason = "counts of intervals are small")]
fn as_float(count: usize) -> f64 {
    count as f64
}

/// A benign explanation that many programs share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Explanation {
    /// Sets the clock (NTP, RFC 5905).
    TimeSync,
    /// Keeps a connection alive through which messages are pushed.
    PushKeepAlive,
    /// Looks for updates once or a few times a day.
    UpdateCheck,
}

impl Explanation {
    /// The lower-case word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::TimeSync => "time_sync",
            Self::PushKeepAlive => "push_keep_alive",
            Self::UpdateCheck => "update_check",
        }
    }

    /// What a rhythm on this service port probably is, where that is plain. The ports are those that
    /// the makers name: 123 (NTP), 5223 (Apple push), 5228 to 5230 (Google push).
    pub fn of(port: u16, rhythm: &Rhythm) -> Option<Self> {
        match port {
            123 => Some(Self::TimeSync),
            5223 | 5228..=5230 => Some(Self::PushKeepAlive),
            80 | 443 if rhythm.period >= Duration::from_hours(4) => Some(Self::UpdateCheck),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
