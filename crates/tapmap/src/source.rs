//! Where the observations come from: this computer, a recording, or the invented day.

use crate::{
    config::Speed,
    exit::{Failure, FailureKind},
    host,
};
use std::{iter, path::Path, time::Duration};
use tapmap_capture::replay::Replay;
use tapmap_core::{Coverage, Observation, Sighting, SourceError, SourceErrorKind, Timestamp};
use tapmap_engine::{Clock, Mode, Pace, Player, Sampler, Stop, SystemClock};

/// The invented day.
static DAY: &[u8] = include_bytes!("../../../fixtures/demo/day.jsonl");

/// How long the evening rests before the next day begins.
const NIGHT: Duration = Duration::from_mins(1);

/// What is observed.
#[derive(Debug)]
pub(crate) enum Source {
    /// This computer's sockets.
    Computer {
        /// How long between two looks.
        interval: Duration,
    },
    /// A recording or a scenario.
    Replay {
        /// The opened file.
        replay: Box<Replay>,
        /// How fast it is played.
        pace: Pace,
    },
    /// The invented day, over and over.
    Demo {
        /// How fast it is played.
        pace: Pace,
    },
}

impl Source {
    /// A recording or scenario, opened.
    ///
    /// # Errors
    /// When the file cannot be read or is neither.
    pub(crate) fn replay(path: &Path, speed: Speed) -> Result<Self, Failure> {
        let replay = Replay::open(path).map_err(|error| unplayable(path, &error))?;
        Ok(Self::Replay { replay: Box::new(replay), pace: Pace { speed: speed.0, as_if_now: false } })
    }

    /// The invented day.
    ///
    /// # Errors
    /// When the day inside the program is broken, which a test excludes.
    pub(crate) fn demo(speed: Speed) -> Result<Self, SourceError> {
        Replay::embedded(DAY)?;
        Ok(Self::Demo { pace: Pace { speed: speed.0, as_if_now: true } })
    }

    /// What it is called.
    pub(crate) fn mode(&self) -> Mode {
        match self {
            Self::Computer { .. } => Mode::Live,
            Self::Replay { .. } => Mode::Replay,
            Self::Demo { .. } => Mode::Demo,
        }
    }

    /// The name of the computer that is observed.
    pub(crate) fn host_name(&self) -> String {
        match self {
            Self::Computer { .. } => host::name(),
            Self::Replay { replay, .. } => replay.header().host.clone(),
            Self::Demo { .. } => "demo".to_owned(),
        }
    }

    /// How long between two looks.
    pub(crate) fn interval(&self) -> Duration {
        match self {
            Self::Computer { interval } => *interval,
            Self::Replay { replay, .. } => replay.header().interval,
            Self::Demo { .. } => Duration::from_secs(1),
        }
    }

    /// The observations, each at its time; ends when `stop` says so. Called on the recorder's thread.
    pub(crate) fn observations(self, stop: &Stop) -> Box<dyn Iterator<Item = Observation>> {
        let clock = SystemClock::new(stop.clone());
        match self {
            Self::Computer { interval } => Box::new(Sampler::new(tapmap_capture::sockets(), clock, interval)),
            Self::Replay { replay, pace } => {
                let coverage = seen(replay.coverage(), &clock);
                Box::new(iter::once(coverage).chain(Player::new(each(*replay), clock, pace)))
            }
            Self::Demo { pace } => {
                let coverage = Replay::embedded(DAY).ok().map(|day| seen(day.coverage(), &clock));
                Box::new(coverage.into_iter().chain(Player::new(days(), clock, pace)))
            }
        }
    }
}

/// The invented day.
///
/// # Errors
/// When it is broken, which a test excludes.
pub(crate) fn demo_day() -> Result<Replay, SourceError> {
    Replay::embedded(DAY)
}

/// What a source can see, told now.
fn seen(coverage: Coverage, clock: &impl Clock) -> Observation {
    Observation { at: clock.now(), sighting: Sighting::Coverage(coverage) }
}

/// What a replay holds, one after the other.
fn each(mut replay: Replay) -> impl Iterator<Item = Result<Observation, SourceError>> {
    iter::from_fn(move || replay.next().transpose())
}

/// The invented day again and again, each a day after the one before.
fn days() -> impl Iterator<Item = Result<Observation, SourceError>> {
    let mut begins = None;
    let mut ended = None;
    let mut shift = 0;
    let mut day = Replay::embedded(DAY).ok();
    iter::from_fn(move || {
        loop {
            match day.as_mut()?.next() {
                Ok(Some(mut observation)) => {
                    let at = observation.at.as_millis();
                    let begin = *begins.get_or_insert(at);
                    observation.at = Timestamp::from_millis(at + shift);
                    ended = Some(at - begin);
                    return Some(Ok(observation));
                }
                Ok(None) => {
                    shift += ended.take()? + i64::try_from(NIGHT.as_millis()).unwrap_or(0);
                    day = Replay::embedded(DAY).ok();
                }
                Err(error) => {
                    day = None;
                    return Some(Err(error));
                }
            }
        }
    })
}

/// Why this computer's sockets cannot be read, for the person who asked.
pub(crate) fn unreadable(error: &SourceError) -> Failure {
    let kind = match error.kind {
        SourceErrorKind::Permission => FailureKind::NotPermitted,
        SourceErrorKind::Transient | SourceErrorKind::Unsupported | SourceErrorKind::Invalid => {
            FailureKind::Unexpected
        }
    };
    let cause = error.cause.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default();
    let cause = format!("{error}{cause}");
    Failure::new(kind, "the sockets of this computer cannot be read").because(cause)
}

/// Why a file cannot be played, for the person who named it.
fn unplayable(path: &Path, error: &SourceError) -> Failure {
    let kind = match error.kind {
        SourceErrorKind::Permission => FailureKind::NotPermitted,
        SourceErrorKind::Transient | SourceErrorKind::Unsupported | SourceErrorKind::Invalid => {
            FailureKind::Configuration
        }
    };
    let cause = error.cause.as_ref().map_or_else(|| error.context.clone(), ToString::to_string);
    Failure::new(kind, format!("the file {} cannot be played", path.display()))
        .because(cause)
        .hint("a recording is made by `tapmap record FILE`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_refuses_the_sockets_is_told_with_its_reason() {
        let refusal = |kind| SourceError {
            kind,
            context: "list sockets: a sandbox forbids it".to_owned(),
            cause: Some("permission denied".into()),
        };
        let failure = unreadable(&refusal(SourceErrorKind::Permission));
        assert_eq!(failure.kind, FailureKind::NotPermitted);
        let cause = failure.cause.unwrap();
        assert!(cause.ends_with("list sockets: a sandbox forbids it: permission denied"), "{cause}");
        assert_eq!(unreadable(&refusal(SourceErrorKind::Unsupported)).kind, FailureKind::Unexpected);
    }

    #[test]
    fn the_invented_day_comes_again_and_time_goes_on() {
        let length = each(Replay::embedded(DAY).unwrap()).map(Result::unwrap).count();
        assert!(length > 10);
        let two: Vec<Timestamp> =
            days().take(2 * length).map(|observation| observation.unwrap().at).collect();
        assert!(two.is_sorted());
        assert!(two[length] > two[length - 1]);
    }
}
