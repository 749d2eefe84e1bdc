//! Scenarios: hand-written TOML files that hold what is seen and what is to come of it. They are
//! read here and compared here; the live state between the two is the caller's.
//!
//! ```toml
//! title = "a reused port is a new flow"
//! [[at]]
//! time = "09:00:00"
//! see  = ["tcp 10.0.0.5:50000 > 192.0.2.7:443 firefox", "listen tcp 0.0.0.0:22 sshd"]
//! [[at]]
//! time = "09:00:05"
//! see  = []
//! [expect]
//! changes = ["09:00:00 open #1 outbound", "09:00:00 listen", "09:00:05 close #1", "09:00:05 unlisten"]
//! ```
//!
//! `see` is a whole table. `opened`, `closed` and `ended` are single events: `ended` is the end of a
//! socket, told with all that is known of it, also of one that was never seen before. `sends` is a
//! destination of a UDP socket without a fixed peer, `named` a name ([`name`] says how it is
//! written), `kernel` what the kernel counted (active opens, passive opens, established now), and
//! `lost` is a gap. How one row is written is told at [`row`]; a socket keeps its identity as long
//! as its row's protocol, ends and `tag=` are there, whatever becomes of its state, owner and counters.
//!
//! An expected line needs only as many words as matter: it fits every change that begins with
//! them ([`describe_changes`] writes the words). Each change must be expected by a line of its
//! own; moved counters (`count`) only where the file expects any. Changes of one moment may come
//! in any order.

mod describe;
pub mod name;
pub mod row;

#[cfg(test)]
mod tests;

use std::{collections::HashMap, time::Duration};

use serde::Deserialize;
use tapmap_core::{
    Counters, Evidence, Gap, GapReason, KernelCount, Observation, Sighting, SocketId, SocketRow, SocketState,
    SocketTable, SourceError, SourceErrorKind, Timestamp,
};

use crate::recording::{GAP_REASONS, RecordingHeader, by_word};

pub use describe::describe_changes;

/// Midnight of the day on which scenarios play: 2026-01-01, UTC.
pub(crate) const MIDNIGHT: i64 = 1_767_225_600_000;

/// A scenario: what is seen, and what is to come of it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it shows, in one sentence.
    pub title: String,
    /// The changes that are to come of it.
    pub expect: Vec<String>,
    observations: Vec<Observation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    #[serde(default)]
    at: Vec<Moment>,
    expect: Expectation,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Moment {
    time: String,
    see: Option<Vec<String>>,
    #[serde(default)]
    opened: Vec<String>,
    #[serde(default)]
    closed: Vec<String>,
    #[serde(default)]
    ended: Vec<String>,
    #[serde(default)]
    sends: Vec<String>,
    #[serde(default)]
    named: Vec<String>,
    kernel: Option<[u64; 3]>,
    lost: Option<Lost>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lost {
    from: String,
    reason: String,
    count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    changes: Vec<String>,
}

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// Refuses what is not TOML of the described shape, naming the row or the time.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        let file: File = toml::from_str(text).map_err(|error| SourceError {
            kind: SourceErrorKind::Invalid,
            context: "read the scenario".to_owned(),
            cause: Some(error.into()),
        })?;
        let observations = observations(&file.at).map_err(|why| SourceError {
            kind: SourceErrorKind::Invalid,
            context: format!("read the scenario {:?}: {why}", file.title),
            cause: None,
        })?;
        Ok(Self { title: file.title, expect: file.expect.changes, observations })
    }

    /// What is seen, in order.
    pub fn observations(&self) -> Vec<Observation> {
        self.observations.clone()
    }

    /// What a recording of it would say of itself.
    pub fn header(&self) -> RecordingHeader {
        let times = || self.observations.iter().map(|observation| observation.at);
        let interval = times().zip(times().skip(1)).map(|(from, until)| until.since(from)).min();
        RecordingHeader {
            started_at: times().next().unwrap_or_default(),
            boot: "scenario".to_owned(),
            host: self.title.clone(),
            interval: interval.unwrap_or(Duration::from_secs(1)),
            demo: false,
        }
    }

    /// Compares what came of it, as [`describe_changes`] words it, with what was to come.
    ///
    /// # Errors
    /// Lists what is missing and what was not expected, a line each.
    pub fn compare(&self, changes: &[String]) -> Result<(), String> {
        let is_count = |line: &str| line.split(' ').nth(1) == Some("count");
        let counts = self.expect.iter().any(|line| is_count(line));
        let mut left: Vec<&String> = changes.iter().filter(|line| counts || !is_count(line)).collect();
        let mut differences = Vec::new();
        // Longer expectations choose first: they fit fewer changes.
        let mut expected: Vec<&String> = self.expect.iter().collect();
        expected.sort_by_key(|line| std::cmp::Reverse(line.len()));
        for line in expected {
            match left.iter().position(|change| begins_with(change, line)) {
                Some(index) => drop(left.remove(index)),
                None => differences.push(format!("missing:      {line}")),
            }
        }
        differences.extend(left.iter().map(|change| format!("not expected: {change}")));
        if differences.is_empty() {
            Ok(())
        } else {
            Err(format!("{}\n{}", self.title, differences.join("\n")))
        }
    }
}

/// Whether a line begins with these words.
fn begins_with(line: &str, words: &str) -> bool {
    line.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Follows which sockets are there, so that each keeps its identity.
#[derive(Default)]
struct Sockets {
    present: HashMap<row::Key, SocketId>,
    last: u64,
    processes: row::Processes,
}

impl Sockets {
    fn row(&mut self, text: &str) -> Result<SocketRow, String> {
        let parsed = row::parse(text, &mut self.processes)?;
        let id = self.identity(parsed.key.clone());
        Ok(parsed.into_row(id))
    }

    fn table(&mut self, rows: &[String]) -> Result<SocketTable, String> {
        let sockets = rows.iter().map(|text| self.row(text)).collect::<Result<Vec<_>, _>>()?;
        let mut ids: Vec<_> = sockets.iter().map(|row| row.id).collect();
        ids.sort_unstable();
        if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            let twice = sockets.iter().position(|row| row.id == pair[0]).and_then(|index| rows.get(index));
            return Err(format!("{:?} is there twice: give one a tag=2", twice.map_or("", String::as_str)));
        }
        self.present.retain(|_, id| ids.binary_search(id).is_ok());
        Ok(SocketTable { sockets })
    }

    /// The last that is told of a socket, whether or not it was seen before.
    fn end(&mut self, text: &str) -> Result<SocketRow, String> {
        let row = self.row(text)?;
        self.present.retain(|_, id| *id != row.id);
        Ok(SocketRow { state: SocketState::Closed, evidence: Evidence::End, ..row })
    }

    /// A destination is of the socket that is bound to the near end and has no peer.
    fn destination(&mut self, text: &str) -> Result<SocketRow, String> {
        let parsed = row::parse(text, &mut self.processes)?;
        let id = self.identity(parsed.key.without_peer());
        Ok(parsed.into_row(id))
    }

    fn identity(&mut self, key: row::Key) -> SocketId {
        let last = &mut self.last;
        *self.present.entry(key).or_insert_with(|| {
            *last += 1;
            SocketId(*last)
        })
    }

    fn close(&mut self, text: &str) -> Result<SocketId, String> {
        let key = row::parse_key(text)?;
        self.present.remove(&key).ok_or_else(|| format!("{text:?} is not open"))
    }
}

fn observations(moments: &[Moment]) -> Result<Vec<Observation>, String> {
    let mut sockets = Sockets::default();
    let mut observations = Vec::new();
    for moment in moments {
        let at = time(&moment.time)?;
        let sightings =
            sightings(moment, at, &mut sockets).map_err(|why| format!("at {}: {why}", moment.time))?;
        observations.extend(sightings.into_iter().map(|sighting| Observation { at, sighting }));
    }
    Ok(observations)
}

fn sightings(moment: &Moment, at: Timestamp, sockets: &mut Sockets) -> Result<Vec<Sighting>, String> {
    let mut sightings = Vec::new();
    if let Some(lost) = &moment.lost {
        sightings.push(Sighting::Lost(Gap {
            from: time(&lost.from)?,
            until: at,
            reason: by_word(&GAP_REASONS, GapReason::word, &lost.reason)?,
            lost: lost.count,
        }));
    }
    if let Some(rows) = &moment.see {
        sightings.push(Sighting::Table(sockets.table(rows)?));
    }
    for text in &moment.closed {
        sightings.push(Sighting::Closed { socket: sockets.close(text)?, counters: Counters::default() });
    }
    for text in &moment.named {
        sightings.push(Sighting::Named(name::parse(text, &mut sockets.processes)?));
    }
    for text in &moment.opened {
        sightings.push(Sighting::Socket(sockets.row(text)?));
    }
    for text in &moment.sends {
        sightings.push(Sighting::Destination(sockets.destination(text)?));
    }
    for text in &moment.ended {
        sightings.push(Sighting::Socket(sockets.end(text)?));
    }
    if let Some([active_opens, passive_opens, established]) = moment.kernel {
        sightings.push(Sighting::Kernel(KernelCount { active_opens, passive_opens, established }));
    }
    Ok(sightings)
}

/// A time of day, `09:00:00` or `09:00:00.250`.
fn time(text: &str) -> Result<Timestamp, String> {
    let parse = || {
        let (clock, millis) = text.split_once('.').unwrap_or((text, "0"));
        let mut seconds = 0;
        let mut parts = 0;
        for part in clock.split(':') {
            seconds = seconds * 60 + i64::from(part.parse::<u8>().ok().filter(|number| *number < 60)?);
            parts += 1;
        }
        let millis = i64::from(millis.parse::<u16>().ok().filter(|millis| *millis < 1000)?);
        (parts == 3).then(|| Timestamp::from_millis(MIDNIGHT + seconds * 1000 + millis))
    };
    parse().ok_or_else(|| format!("{text:?} is not a time like 09:00:00"))
}
