//! Asks a socket table again and again: soon when something may have opened, else at an interval.

use std::{collections::VecDeque, time::Duration};

use tapmap_core::{Coverage, Gap, GapReason, Observation, Sighting, SnapshotSource, SourceError, Timestamp};

use crate::clock::Clock;

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
    interval: Duration,
    /// What was last told of what the source can see.
    coverage: Coverage,
    /// When a look was last tried.
    last_try: Option<Timestamp>,
    /// Until when the source was seen: the last look that succeeded, or the first that failed.
    seen_until: Option<Timestamp>,
    look_took: Duration,
    failures: u32,
    /// Something got lost on the way: only a look tells what is open.
    lost: bool,
    pending: VecDeque<Observation>,
}

impl<C: Clock> Sampler<C> {
    /// Asks `source` at least each `interval`. What it can see is told first of all.
    pub fn new(source: Box<dyn SnapshotSource>, clock: C, interval: Duration) -> Self {
        let coverage = source.coverage();
        let sighting = Sighting::Coverage(coverage.clone());
        let pending = VecDeque::from([Observation { at: clock.now(), sighting }]);
        Self {
            source,
            clock,
            interval,
            coverage,
            last_try: None,
            seen_until: None,
            look_took: Duration::ZERO,
            failures: 0,
            lost: false,
            pending,
        }
    }

    /// Takes in what the system told by itself.
    fn hear(&mut self) {
        let at = self.clock.now();
        let told = self.source.told(at);
        self.lost |= told.iter().any(|observation| matches!(observation.sighting, Sighting::Lost(_)));
        // A storm is taken over as it is, not copied.
        if self.pending.is_empty() {
            self.pending = told.into();
        } else {
            self.pending.extend(told);
        }
    }

    /// Whether it is time to look: when something may have opened or got lost, else at the interval.
    fn is_due(&mut self) -> bool {
        let Some(last_try) = self.last_try else { return true };
        let now = self.clock.now();
        if now < last_try {
            return true;
        }
        let since = now.since(last_try);
        if self.failures > 0 {
            let back_off = self.interval.saturating_mul(1 << self.failures.min(5)).min(LONGEST_BACK_OFF);
            return since >= back_off;
        }
        let rested = since >= self.look_took * EARLY_LOOK_REST;
        since >= self.interval || (rested && (self.lost || self.source.may_have_opened()))
    }

    fn look(&mut self) {
        let at = self.clock.now();
        self.last_try = Some(at);
        match self.source.snapshot() {
            Ok(table) => {
                self.note_gap(at);
                self.look_took = self.clock.now().since(at);
                self.seen_until = Some(at);
                self.lost = false;
                // What ended while the list was made, or just before: told first, with all that is known of it.
                self.hear();
                self.tell(at, Sighting::Table(table));
            }
            Err(error) => self.note_failure(&error, at),
        }
        self.note_coverage(at);
    }

    fn note_coverage(&mut self, at: Timestamp) {
        let coverage = self.source.coverage();
        if coverage != self.coverage {
            self.tell(at, Sighting::Coverage(coverage.clone()));
            self.coverage = coverage;
        }
    }

    fn tell(&mut self, at: Timestamp, sighting: Sighting) {
        self.pending.push_back(Observation { at, sighting });
    }

    /// A look succeeded: what lies between it and the one before is a gap when that was too long.
    fn note_gap(&mut self, at: Timestamp) {
        let Some(from) = self.seen_until else { return };
        let reason = if self.failures > 0 {
            self.tell(at, Sighting::Trouble(None));
            GapReason::SourceFailed
        } else if at.since(from) > self.interval + SLEPT {
            GapReason::Asleep
        } else {
            return;
        };
        self.failures = 0;
        self.tell(at, Sighting::Lost(Gap { from, until: at, reason, lost: None }));
    }

    fn note_failure(&mut self, error: &SourceError, at: Timestamp) {
        if self.failures == 0 {
            tracing::warn!(error = error as &dyn std::error::Error, "cannot read this computer's sockets");
        }
        self.failures = self.failures.saturating_add(1);
        self.seen_until.get_or_insert(at);
        let trouble = format!("The recorder {}. It tries again by itself.", error.in_full());
        self.tell(at, Sighting::Trouble(Some(trouble.into())));
    }
}

impl<C: Clock> Iterator for Sampler<C> {
    type Item = Observation;

    fn next(&mut self) -> Option<Observation> {
        loop {
            if let Some(observation) = self.pending.pop_front() {
                return Some(observation);
            }
            if self.last_try.is_some() && !self.clock.wait(GATE.min(self.interval)) {
                return None;
            }
            self.hear();
            if self.is_due() {
                self.look();
            }
        }
    }
}

impl<C: std::fmt::Debug> std::fmt::Debug for Sampler<C> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sampler").field("interval", &self.interval).finish_non_exhaustive()
    }
}
