//! What the recorder's process tells, as observations. When it ends, or says what makes no sense, that is
//! told too, and the page goes on showing what was seen.

use std::{collections::VecDeque, io::Read, time::Duration};
use tapmap_capture::frames::FrameReader;
use tapmap_core::{Gap, GapReason, Observation, Sighting, SourceError, SourceErrorKind, Timestamp};
use tapmap_engine::Clock;

/// The last moment that is taken for one: the end of the year 9999.
const LAST_MOMENT: i64 = 253_402_300_799_999;

/// The observations of a recorder that runs elsewhere: an iterator that waits for them.
#[derive(Debug)]
pub(crate) struct Told<R, C> {
    reading: Reading<R>,
    clock: C,
    /// The pids of both halves of the program.
    own: Vec<u32>,
    /// The moment of the last observation.
    last: Option<Timestamp>,
    /// What is to be said at the end.
    end: VecDeque<Sighting>,
}

#[derive(Debug)]
enum Reading<R> {
    Beginning(R),
    Frames(Box<FrameReader<R>>),
    Ended,
}

impl<R: Read, C: Clock> Told<R, C> {
    /// Reads what comes from `input`, of which the processes `own` are TapMap itself. A clock that is told to stop makes the end an expected one.
    pub(crate) fn new(input: R, own: Vec<u32>, clock: C) -> Self {
        Self { reading: Reading::Beginning(input), clock, own, last: None, end: VecDeque::new() }
    }

    /// The next observation; `None` when the recorder has ended.
    fn read(&mut self) -> Result<Option<Observation>, SourceError> {
        let mut frames = match std::mem::replace(&mut self.reading, Reading::Ended) {
            Reading::Beginning(input) => Box::new(FrameReader::new(input)?.with_own(self.own.clone())),
            Reading::Frames(frames) => frames,
            Reading::Ended => return Ok(None),
        };
        let Some(observation) = frames.next().transpose()? else { return Ok(None) };
        if !(0..=LAST_MOMENT).contains(&observation.at.as_millis()) {
            let context = "read what the recorder tells: a moment is out of range".to_owned();
            return Err(SourceError { kind: SourceErrorKind::Invalid, context, cause: None });
        }
        self.reading = Reading::Frames(frames);
        Ok(Some(observation))
    }

    /// The recorder has ended: says so, unless that was asked for.
    fn end(&mut self, error: Option<&SourceError>) {
        self.reading = Reading::Ended;
        if !self.clock.wait(Duration::ZERO) {
            return;
        }
        let why = match error {
            Some(error) if error.kind == SourceErrorKind::Invalid => {
                format!("TapMap {} and no longer listens to it", error.in_full())
            }
            Some(error) => format!("The recorder has ended ({})", error.context),
            None => "The recorder has ended".to_owned(),
        };
        tracing::error!("{why}");
        let until = self.clock.now();
        let from = self.last.unwrap_or(until);
        let gap = Gap { from, until, reason: GapReason::SourceFailed, lost: None };
        let trouble = format!("{why}: nothing new is seen. Start TapMap again.");
        self.end = [Sighting::Lost(gap), Sighting::Trouble(Some(trouble.into()))].into();
    }
}

impl<R: Read, C: Clock> Iterator for Told<R, C> {
    type Item = Observation;

    fn next(&mut self) -> Option<Observation> {
        if !matches!(self.reading, Reading::Ended) {
            match self.read() {
                Ok(Some(observation)) => {
                    self.last = Some(observation.at);
                    return Some(observation);
                }
                Ok(None) => self.end(None),
                Err(error) => self.end(Some(&error)),
            }
        }
        let sighting = self.end.pop_front()?;
        Some(Observation { at: self.clock.now(), sighting })
    }
}

#[cfg(test)]
mod tests;
