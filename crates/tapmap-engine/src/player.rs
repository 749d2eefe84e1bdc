//! Plays observations that were recorded or written by hand, at their own pace or faster.

use std::time::Duration;

use tapmap_core::{Observation, Sighting, SourceError, Timestamp};

use crate::clock::Clock;

/// How a recording is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Seconds of the recording per second of playing; above 0.
    pub speed: f64,
    /// Whether moments are told as if it happened now, not as recorded.
    pub as_if_now: bool,
}

/// Observations of a recording, each at its time: an iterator that waits. Ends with the recording,
/// after its first unreadable line (which is told as a trouble), or when its clock is told to.
pub struct Player<I, C> {
    recording: I,
    clock: C,
    pace: Pace,
    broken: bool,
    /// When playing began, and the recording's own time then.
    start: Option<(Timestamp, Timestamp)>,
}

impl<I, C> Player<I, C>
where
    I: Iterator<Item = Result<Observation, SourceError>>,
    C: Clock,
{
    /// Plays `recording`.
    pub fn new(recording: I, clock: C, pace: Pace) -> Self {
        Self { recording, clock, pace, broken: false, start: None }
    }

    /// When, in time of playing, a moment of the recording is due.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "recordings are days, not eons"
    )]
    fn due(&mut self, at: Timestamp) -> Timestamp {
        let (began, first) = *self.start.get_or_insert_with(|| (self.clock.now(), at));
        let recorded = at.since(first).as_millis() as f64;
        Timestamp::from_millis(began.as_millis().saturating_add((recorded / self.pace.speed) as i64))
    }
}

impl<I, C> Iterator for Player<I, C>
where
    I: Iterator<Item = Result<Observation, SourceError>>,
    C: Clock,
{
    type Item = Observation;

    fn next(&mut self) -> Option<Observation> {
        if self.broken {
            return None;
        }
        let mut observation = match self.recording.next()? {
            Ok(observation) => observation,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the recording ends early");
                self.broken = true;
                let trouble = format!("The recording ends early: {}.", error.in_full());
                let sighting = Sighting::Trouble(Some(trouble.into()));
                return Some(Observation { at: self.clock.now(), sighting });
            }
        };
        let due = self.due(observation.at);
        let wait = due.since(self.clock.now());
        if wait > Duration::ZERO && !self.clock.wait(wait) {
            return None;
        }
        if self.pace.as_if_now {
            observation.at = due;
        }
        Some(observation)
    }
}

impl<I, C> std::fmt::Debug for Player<I, C> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Player").field("pace", &self.pace).finish_non_exhaustive()
    }
}
