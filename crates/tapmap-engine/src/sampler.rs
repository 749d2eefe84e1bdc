//! Asks a socket table again and again: soon when something may have opened, else at an interval.

use std::time::Duration;

use tapmap_core::{Gap, GapReason, Observation, Sighting, SnapshotSource, SourceError, Timestamp};

use crate::{clock::Clock, live::Live};

/// How often the cheap gate is asked. A connection that lives longer is seen.
const GATE: Duration = Duration::from_millis(100);
/// An early look must wait this many times as long as the last look took, so that a machine which
/// opens sockets all the time spends at most 2 % of one core on early looks.
const EARLY_LOOK_REST: u32 = 50;
/// A pause of so much more than was asked for means that the machine slept, or that the program
/// was not scheduled.
const SLEPT: Duration = Duration::from_secs(10);
/// The longest pause before a failed source is asked again.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);

/// Observations of a live source, for ever: an iterator that waits. Ends when its clock is told to.
pub struct Sampler<C> {
    source: Box<dyn SnapshotSource>,
    clock: C,
    live: Live,
    interval: Duration,
    last_look: Option<Timestamp>,
    look_took: Duration,
    failures: u32,
    pending: Option<Observation>,
}

impl<C: Clock> Sampler<C> {
    /// Asks `source` at least each `interval`; what it can see and what fails is told to `live`.
    pub fn new(source: Box<dyn SnapshotSource>, clock: C, live: Live, interval: Duration) -> Self {
        live.set_coverage(source.coverage());
        let look_took = Duration::ZERO;
        Self { source, clock, live, interval, last_look: None, look_took, failures: 0, pending: None }
    }

    /// Waits until it is time to look; `false` when told to stop.
    fn wait_for_look(&mut self) -> bool {
        let Some(last_look) = self.last_look else { return true };
        if self.failures > 0 {
            let back_off = self.interval.saturating_mul(1 << self.failures.min(5)).min(LONGEST_BACK_OFF);
            return self.clock.wait(back_off);
        }
        loop {
            if !self.clock.wait(GATE.min(self.interval)) {
                return false;
            }
            let since = self.clock.now().since(last_look);
            if since >= self.interval || self.clock.now() < last_look {
                return true;
            }
            if since >= self.look_took * EARLY_LOOK_REST && self.source.may_have_opened() {
                return true;
            }
        }
    }

    fn look(&mut self) -> Option<Observation> {
        let at = self.clock.now();
        let slept = self.last_look.is_some_and(|last| at.since(last) > self.interval + SLEPT);
        match self.source.snapshot() {
            Ok(table) => {
                let gap = if self.failures > 0 {
                    Some(GapReason::SourceFailed)
                } else {
                    slept.then_some(GapReason::Asleep)
                };
                if self.failures > 0 {
                    self.failures = 0;
                    self.live.set_problem(None);
                    self.live.set_coverage(self.source.coverage());
                }
                self.look_took = self.clock.now().since(at);
                let from = self.last_look.replace(at).unwrap_or(at);
                let seen = Observation { at, sighting: Sighting::Table(table) };
                let Some(reason) = gap else { return Some(seen) };
                self.pending = Some(seen);
                let lost = Sighting::Lost(Gap { from, until: at, reason, lost: None });
                Some(Observation { at, sighting: lost })
            }
            Err(error) => {
                self.note_failure(&error, at);
                None
            }
        }
    }

    fn note_failure(&mut self, error: &SourceError, at: Timestamp) {
        if self.failures == 0 {
            tracing::warn!(error = error as &dyn std::error::Error, "cannot read this computer's sockets");
        }
        self.failures = self.failures.saturating_add(1);
        self.last_look.get_or_insert(at);
        let cause = error.cause.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default();
        self.live.set_problem(Some(format!("The recorder {error}{cause}. It tries again by itself.")));
        self.live.set_coverage(self.source.coverage());
    }
}

impl<C: Clock> Iterator for Sampler<C> {
    type Item = Observation;

    fn next(&mut self) -> Option<Observation> {
        if let Some(pending) = self.pending.take() {
            return Some(pending);
        }
        loop {
            if !self.wait_for_look() {
                return None;
            }
            if let Some(observation) = self.look() {
                return Some(observation);
            }
        }
    }
}

impl<C: std::fmt::Debug> std::fmt::Debug for Sampler<C> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sampler").field("interval", &self.interval).finish_non_exhaustive()
    }
}
