//! Plays a recording or a scenario: a file stands in for the machine. It says what comes next;
//! when that is due is for the engine.

use std::{
    collections::VecDeque,
    fmt,
    fs::File,
    io::{BufRead, BufReader, Cursor, Read},
    path::Path,
};

use tapmap_core::{Coverage, CoverageLine, Observation, Sight, SourceError, SourceErrorKind};

use crate::{
    recording::{RecordingHeader, RecordingReader, is_recording},
    scenario::Scenario,
};

#[cfg(test)]
mod tests;

/// The largest scenario that is read; they are written by hand.
const LARGEST_SCENARIO: u64 = 1 << 20;

/// As much of a file as tells what it is.
const BEGINNING: u64 = 4096;

/// A recording or a scenario that is being played.
#[derive(Debug)]
pub struct Replay {
    header: RecordingHeader,
    source: Source,
}

enum Source {
    Recording(RecordingReader<Box<dyn BufRead + Send>>),
    Scenario(VecDeque<Observation>),
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Recording(_) => "Recording",
            Self::Scenario(_) => "Scenario",
        })
    }
}

impl Replay {
    /// Opens a file; what it is, its content says, not its name.
    ///
    /// # Errors
    /// Fails when the file cannot be read, or is neither a recording of this version nor a scenario.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let file = File::open(path).map_err(|cause| SourceError {
            kind: match cause.kind() {
                std::io::ErrorKind::PermissionDenied => SourceErrorKind::Permission,
                _ => SourceErrorKind::Invalid,
            },
            context: format!("open {}", path.display()),
            cause: Some(cause.into()),
        })?;
        Self::of(file)
    }

    /// Plays bytes that are in the program itself.
    ///
    /// # Errors
    /// As [`Replay::open`].
    pub fn embedded(bytes: &'static [u8]) -> Result<Self, SourceError> {
        Self::of(bytes)
    }

    fn of(mut input: impl Read + Send + 'static) -> Result<Self, SourceError> {
        let mut beginning = Vec::new();
        input.by_ref().take(BEGINNING).read_to_end(&mut beginning).map_err(unreadable)?;
        // TOML never begins with a brace, and a recording of another version must be told as such.
        if is_recording(&beginning) || beginning.starts_with(b"{") {
            let whole = BufReader::new(Cursor::new(beginning).chain(input));
            let reader = RecordingReader::new(Box::new(whole) as Box<dyn BufRead + Send>)?;
            return Ok(Self { header: reader.header().clone(), source: Source::Recording(reader) });
        }
        input.take(LARGEST_SCENARIO).read_to_end(&mut beginning).map_err(unreadable)?;
        let text = String::from_utf8(beginning).map_err(|cause| SourceError {
            kind: SourceErrorKind::Invalid,
            context: "read the file: it is neither a recording nor a scenario".to_owned(),
            cause: Some(cause.into()),
        })?;
        if text.trim().is_empty() {
            let context = "the file is empty".to_owned();
            return Err(SourceError { kind: SourceErrorKind::Invalid, context, cause: None });
        }
        let scenario = Scenario::parse(&text)?;
        Ok(Self { header: scenario.header(), source: Source::Scenario(scenario.observations().into()) })
    }

    /// What it says of itself.
    pub fn header(&self) -> &RecordingHeader {
        &self.header
    }

    /// What was seen next; `None` at the end.
    ///
    /// # Errors
    /// Fails at a line that is not understood; the replay has then ended.
    #[expect(clippy::should_implement_trait, reason = "a failing source is asked with `?`, not looped over")]
    pub fn next(&mut self) -> Result<Option<Observation>, SourceError> {
        match &mut self.source {
            Source::Recording(reader) => reader.next().transpose(),
            Source::Scenario(observations) => Ok(observations.pop_front()),
        }
    }

    /// Whether the recording's last line was cut off; known at its end.
    pub fn cut_off(&self) -> bool {
        matches!(&self.source, Source::Recording(reader) if reader.cut_off())
    }

    /// What a replay can show.
    pub fn coverage(&self) -> Coverage {
        let made = if self.header.demo {
            "This is an invented day, not this computer.".to_owned()
        } else {
            format!("Played from a file made on {}: it shows what was seen there.", self.header.host)
        };
        let missing = "The file holds what was open at each look, and nothing between.";
        let line = |sight, seen: bool| CoverageLine {
            sight,
            seen,
            reason: if seen { made.as_str().into() } else { missing.into() },
            remedy: None,
        };
        Coverage {
            lines: vec![
                line(Sight::TcpSockets, true),
                line(Sight::UdpSockets, true),
                line(Sight::TcpCounters, true),
                line(Sight::ShortConnections, false),
            ],
            layers: Vec::new(),
        }
    }
}

fn unreadable(cause: std::io::Error) -> SourceError {
    SourceError {
        kind: SourceErrorKind::Invalid,
        context: "read the file".to_owned(),
        cause: Some(cause.into()),
    }
}
