//! When what is written: changes within a second, counters and a sign of life each minute, tidying in
//! between. What cannot be written waits, within bounds, and is told as a problem.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tapmap_core::{
    Batch, Changes, Forget, Forgetting, HistoryStore, LiveView, Presence, Retention, Session, StoreError,
    StoreErrorKind, Timestamp, Unobserved, WhyUnobserved,
};

use super::{absence::Absence, is_due, pending::Pending, programs::Programs};
use crate::{clock::Clock, live::Live};

/// How long a change waits at most before it is written, where there are not very many.
const FLUSH: Duration = Duration::from_secs(1);
/// How often counters and a sign of life are written, also when nothing changed.
const HEARTBEAT: Duration = Duration::from_mins(1);
/// How long the writer rests between two pieces of tidying.
const PIECE_REST: Duration = Duration::from_millis(50);

/// Tells the present time zone by its IANA name.
pub type ZoneSource = Box<dyn Fn() -> Arc<str> + Send>;

/// How the history is kept.
pub struct HistorySettings {
    /// How much is kept.
    pub keep: Retention,
    /// Which zone the computer is in now; asked each minute, since people travel.
    pub zone: ZoneSource,
}

impl std::fmt::Debug for HistorySettings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("HistorySettings").field("keep", &self.keep).finish_non_exhaustive()
    }
}

/// The writer of the history.
pub(super) struct Writer {
    pub(super) store: Box<dyn HistoryStore>,
    clock: Box<dyn Clock>,
    zone: Arc<str>,
    settings: HistorySettings,
    live: Live,
    lost: Arc<AtomicU64>,
    pending: Pending,
    programs: Programs,
    absence: Absence,
    written_at: Timestamp,
    beat_at: Timestamp,
    tidied_at: Timestamp,
    /// Whether there is more to tidy, and how soon.
    more: Option<Duration>,
    /// Since when nothing can be written.
    failing_since: Option<Timestamp>,
}

impl Writer {
    pub(super) fn new(
        store: Box<dyn HistoryStore>,
        clock: Box<dyn Clock>,
        session: Session,
        settings: HistorySettings,
        live: Live,
        lost: Arc<AtomicU64>,
    ) -> Self {
        let start = session.started_at;
        Self {
            store,
            clock,
            zone: session.zone,
            settings,
            live,
            lost,
            pending: Pending::default(),
            programs: Programs::default(),
            absence: Absence::default(),
            written_at: start,
            beat_at: start,
            tidied_at: start,
            more: Some(FLUSH),
            failing_since: None,
        }
    }

    /// Takes in what is open now.
    pub(super) fn look_at(&mut self, view: &LiveView) {
        let now = self.clock.now();
        self.pending.look_at(view, now);
    }

    /// Takes changes in.
    pub(super) fn note(&mut self, changes: &Changes) {
        self.pending.note(changes);
    }

    /// Takes in what the system says of who is there.
    pub(super) fn note_presence(&mut self, presence: Presence, at: Timestamp) {
        self.absence.note(presence, at);
    }

    /// Whether nothing waits to be written.
    fn is_empty(&self) -> bool {
        self.pending.is_empty() && !self.absence.is_news()
    }

    /// How long there is nothing to do when nothing comes.
    pub(super) fn rest(&self) -> Duration {
        let tidying = self.more.unwrap_or(HEARTBEAT);
        if self.is_empty() { tidying.min(HEARTBEAT) } else { tidying.min(FLUSH) }
    }

    /// Does what is due.
    pub(super) fn work(&mut self) {
        let now = self.clock.now();
        let beats = is_due(self.beat_at, now, HEARTBEAT);
        if self.lost.load(Ordering::Relaxed) > 0 {
            self.start_over(now);
        }
        let is_late = !self.is_empty() && is_due(self.written_at, now, FLUSH);
        let is_large = self.failing_since.is_none() && self.pending.is_large();
        if beats || is_late || is_large {
            self.write(now, beats);
        }
        if self.failing_since.is_none() && is_due(self.tidied_at, now, self.more.unwrap_or(HEARTBEAT)) {
            self.tidy(now);
        }
    }

    /// Writes what waits.
    pub(super) fn catch_up(&mut self) {
        if !self.is_empty() {
            let now = self.clock.now();
            self.write(now, false);
        }
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) {
        let now = self.clock.now();
        self.write(now, true);
    }

    /// Hides something from now on.
    pub(super) fn forget(&mut self, what: &Forget, undo: Duration) -> Result<Forgetting, StoreError> {
        let now = self.clock.now();
        // What was seen before is written, so that it is forgotten too.
        self.write(now, false);
        let due_at = now.as_millis().saturating_add(i64::try_from(undo.as_millis()).unwrap_or(i64::MAX));
        let forgetting = self.store.forget(what, now, Timestamp::from_millis(due_at))?;
        self.more = Some(FLUSH);
        Ok(forgetting)
    }

    /// Keeps a damaged history aside and goes on with a fresh one.
    pub(super) fn begin_anew(&mut self, why: &str) {
        let now = self.clock.now();
        match self.store.begin_anew(why, now) {
            Ok(place) => {
                tracing::error!(why, place, "the history was damaged and is kept aside");
                self.live.note_history(Some(
                    format!(
                        "The history was damaged ({why}). It is kept as {place}, and a new one has begun."
                    )
                    .into(),
                ));
                self.pending.write_all_again();
                self.programs.write_all_again();
                self.failing_since = None;
            }
            Err(error) => self.fail(&error, now),
        }
    }

    /// Changes got lost on the way: what is open now counts, and the time since is a gap.
    fn start_over(&mut self, now: Timestamp) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        let view = self.live.view();
        self.pending.look_at(&view, now);
        let why = WhyUnobserved::NotKept;
        self.pending.miss(Unobserved { from: self.written_at, until: now, why, lost: Some(lost) });
    }

    fn write(&mut self, now: Timestamp, beats: bool) {
        let zone = if beats { (self.settings.zone)() } else { Arc::clone(&self.zone) };
        let (flows, listeners, gaps) = self.pending.entries(beats);
        let new_zone = (zone != self.zone).then(|| Arc::clone(&zone));
        let programs = self.programs.seen(&flows, &listeners);
        let away = self.absence.entries(now, beats);
        let outcome = self.store.append(&Batch { at: now, new_zone, flows, listeners, gaps, programs, away });
        self.written_at = now;
        match outcome {
            Ok(()) => {
                self.zone = zone;
                if beats {
                    self.beat_at = now;
                }
                self.programs.written();
                self.absence.written();
                let dropped = self.pending.written(beats);
                self.recover(now, dropped);
            }
            Err(error) if error.kind == StoreErrorKind::Corrupt => self.begin_anew(&error.in_full()),
            Err(error) => self.fail(&error, now),
        }
    }

    /// It can be written again: what did not fit in between is a gap.
    fn recover(&mut self, now: Timestamp, dropped: u64) {
        let Some(since) = self.failing_since.take() else { return };
        tracing::info!("the history can be written again");
        self.live.note_history(None);
        if dropped > 0 {
            let why = WhyUnobserved::NotKept;
            self.pending.miss(Unobserved { from: since, until: now, why, lost: Some(dropped) });
        }
    }

    fn fail(&mut self, error: &StoreError, now: Timestamp) {
        if self.failing_since.is_some() {
            return;
        }
        self.failing_since = Some(now);
        tracing::warn!(error = error as &dyn std::error::Error, "the history cannot be written");
        let what = match error.kind {
            StoreErrorKind::Full => "there is no space left on the disk".to_owned(),
            StoreErrorKind::Busy | StoreErrorKind::Corrupt | StoreErrorKind::TooNew | StoreErrorKind::Io => {
                error.in_full()
            }
        };
        let problem = format!("The history cannot be written: {what}. It is tried again by itself.");
        self.live.note_history(Some(problem.into()));
    }

    fn tidy(&mut self, now: Timestamp) {
        self.tidied_at = now;
        self.more = match self.store.tidy(now, self.settings.keep) {
            Ok(true) => Some(PIECE_REST),
            Ok(false) => self.waits_to_forget().then_some(FLUSH),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the history cannot be tidied");
                None
            }
        };
    }

    fn waits_to_forget(&self) -> bool {
        let waiting = self.store.reader().and_then(|reader| reader.forgetting());
        waiting.is_ok_and(|waiting| !waiting.is_empty())
    }
}
