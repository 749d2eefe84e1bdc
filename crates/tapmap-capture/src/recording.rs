//! The recording format: JSON Lines of what a source saw, made to be kept, sent and played again.
//! It does not pace a replay and knows nothing of how the rows were gained.
//!
//! Line 1 is the header; each further line is one observation:
//!
//! ```text
//! {"format":"tapmap-recording","version":2,"started_at":1764064800000,"boot":"…","host":"…","interval_ms":1000,"demo":false}
//! {"at":1764064800000,"owners":[{"word":"descriptor","process":{…}}],"table":{"set":[[7,"tcp","10.0.0.5:50000","192.0.2.7:443","established",0,1200,5300,18000,0,"list"]]}}
//! {"at":1764064801000,"table":{"count":[[7,1300,9000,18100]]}}
//! {"at":1764064802000,"table":{"closed":[7]}}
//! ```
//!
//! Tables are written as their difference from the table before: rows that are new or changed
//! (`set`), rows of which only the counters moved (`count`: id, bytes sent, bytes received,
//! round-trip time in microseconds) and rows that are gone (`closed`). Owners are written once
//! and then named by their number, counted from 0 in the order of appearance. A line with
//! `"restart":true` forgets owners and rows before it is read, so neither side grows for ever.
//!
//! Beside `table` a line may hold, each alone: `socket` and `destination` (a row), `closed` (as in
//! `count`), `kernel` (what the kernel counted), `coverage` (what the source says of itself),
//! `trouble`, `lost` (a gap), and, where names were wanted, `heard` (bytes, unread) and `named`.
//!
//! Version 1 had only `table`, `socket`, `closed` and `lost`, and rows without their last two values
//! (the number of the network namespace, 0 for the recorder's own, and the word of the evidence). It
//! is still read.

mod coverage;
mod names;
mod owners;
mod reader;
mod rows;
mod writer;

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tapmap_core::{SourceError, SourceErrorKind, Timestamp};

pub use reader::{RecordingReader, check};
pub(crate) use rows::{GAP_REASONS, REASONS, STATES, by_word, same_but_counters};
pub use writer::RecordingWriter;

/// The word by which a recording is recognised.
pub const FORMAT: &str = "tapmap-recording";

/// The version of the format that is written. Those before it are read too.
pub const VERSION: u32 = 2;

/// What a recording says of itself in its first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingHeader {
    /// When it was begun.
    pub started_at: Timestamp,
    /// Names the boot of the machine within which its socket ids mean something.
    pub boot: String,
    /// The name of the machine it was made on.
    pub host: String,
    /// How far apart its tables are, about.
    pub interval: Duration,
    /// Whether it is invented, for showing the program.
    pub demo: bool,
}

/// The header as it stands in the file.
#[derive(Serialize, Deserialize)]
struct HeaderLine {
    format: String,
    version: u32,
    started_at: i64,
    boot: String,
    host: String,
    interval_ms: u64,
    demo: bool,
}

impl From<&RecordingHeader> for HeaderLine {
    fn from(header: &RecordingHeader) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            started_at: header.started_at.as_millis(),
            boot: header.boot.clone(),
            host: header.host.clone(),
            interval_ms: u64::try_from(header.interval.as_millis()).unwrap_or(u64::MAX),
            demo: header.demo,
        }
    }
}

impl From<HeaderLine> for RecordingHeader {
    fn from(line: HeaderLine) -> Self {
        Self {
            started_at: Timestamp::from_millis(line.started_at),
            boot: line.boot,
            host: line.host,
            interval: Duration::from_millis(line.interval_ms),
            demo: line.demo,
        }
    }
}

/// What every version of the format has had in its first line.
#[derive(Deserialize)]
struct AnyHeader {
    format: String,
    version: u32,
}

/// Whether the beginning of a file looks like a recording, of any version.
pub fn is_recording(beginning: &[u8]) -> bool {
    let line = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice::<AnyHeader>(line).is_ok_and(|header| header.format == FORMAT)
}

/// Reads the first line.
fn parse_header(line: &[u8]) -> Result<RecordingHeader, SourceError> {
    let any: AnyHeader =
        serde_json::from_slice(line).map_err(|error| invalid("read the recording's first line", error))?;
    if any.format != FORMAT {
        return Err(refuse(format!("read the recording: its format is {:?}, not {FORMAT:?}", any.format)));
    }
    if !(1..=VERSION).contains(&any.version) {
        return Err(refuse(format!(
            "read the recording: it has version {}, and this program reads versions 1 to {VERSION}",
            any.version
        )));
    }
    let line: HeaderLine =
        serde_json::from_slice(line).map_err(|error| invalid("read the recording's first line", error))?;
    Ok(line.into())
}

/// An error of the input, without a cause below it.
fn refuse(context: String) -> SourceError {
    SourceError { kind: SourceErrorKind::Invalid, context, cause: None }
}

/// An error of the input, with what the parser said.
fn invalid(context: impl Into<String>, cause: serde_json::Error) -> SourceError {
    SourceError { kind: SourceErrorKind::Invalid, context: context.into(), cause: Some(cause.into()) }
}
