//! Reads a recording line by line. Input may be anything: it is refused with the line's number,
//! never with a panic, and no more is held than one line and one table.

use std::{
    collections::BTreeMap,
    io::{BufRead, Read},
};

use tapmap_core::{
    Attribution, Observation, Sighting, SocketId, SocketRow, SocketTable, SourceError, SourceErrorKind,
    Timestamp,
};

use super::{
    RecordingHeader, invalid, parse_header, refuse,
    rows::{Line, TableDelta},
};

/// The longest line that is read. A table of 100,000 sockets takes about 12 MB.
const LONGEST_LINE: u64 = 64 << 20;

/// Reads a recording: an iterator of its observations.
///
/// After an error it ends. A last line that was cut off (the recorder was killed, the disk was
/// full) is no error: the iterator ends before it and [`RecordingReader::cut_off`] says so.
#[derive(Debug)]
pub struct RecordingReader<R: BufRead> {
    input: R,
    header: RecordingHeader,
    line: u64,
    owners: Vec<Attribution>,
    table: BTreeMap<SocketId, SocketRow>,
    cut_off: bool,
    ended: bool,
}

impl<R: BufRead> RecordingReader<R> {
    /// Begins to read: takes the header.
    ///
    /// # Errors
    /// Refuses what is not a recording, and recordings of another version.
    pub fn new(mut input: R) -> Result<Self, SourceError> {
        let first =
            read_line(&mut input)?.ok_or_else(|| refuse("read the recording: it is empty".to_owned()))?;
        let header = parse_header(&first)?;
        Ok(Self {
            input,
            header,
            line: 1,
            owners: Vec::new(),
            table: BTreeMap::new(),
            cut_off: false,
            ended: false,
        })
    }

    /// What the recording says of itself.
    pub fn header(&self) -> &RecordingHeader {
        &self.header
    }

    /// Whether the last line was cut off; known once the iterator has ended.
    pub fn cut_off(&self) -> bool {
        self.cut_off
    }

    fn read(&mut self) -> Result<Option<Observation>, SourceError> {
        let Some(text) = read_line(&mut self.input)? else { return Ok(None) };
        self.line += 1;
        let parsed: Line = match serde_json::from_slice(&text) {
            Ok(parsed) => parsed,
            Err(_) if !text.ends_with(b"\n") => {
                self.cut_off = true;
                return Ok(None);
            }
            Err(error) => return Err(invalid(format!("read line {} of the recording", self.line), error)),
        };
        let at = Timestamp::from_millis(parsed.at);
        match self.take(parsed) {
            Ok(sighting) => Ok(Some(Observation { at, sighting })),
            Err(why) => Err(refuse(format!("read line {} of the recording: {why}", self.line))),
        }
    }

    /// Takes one line in and says what it shows.
    fn take(&mut self, line: Line) -> Result<Sighting, String> {
        if line.restart {
            self.owners.clear();
            self.table.clear();
        }
        for owner in line.owners {
            self.owners.push(owner.read()?);
        }
        let owners = &self.owners;
        let sightings = [
            line.socket.map(|row| row.read(owners).map(Sighting::Socket)),
            line.closed.map(|count| Ok(Sighting::Closed { socket: count.id(), counters: count.counters() })),
            line.destination.map(|row| row.read(owners).map(Sighting::Destination)),
            line.heard.map(|heard| heard.read(owners).map(Sighting::Heard)),
            line.named.map(|name| name.read(owners).map(Sighting::Named)),
            line.kernel.map(|count| Ok(Sighting::Kernel(count.read()))),
            line.coverage.map(|coverage| coverage.read().map(Sighting::Coverage)),
            line.trouble.map(|trouble| Ok(Sighting::Trouble(trouble.text.map(Into::into)))),
            line.lost.map(|lost| lost.read().map(Sighting::Lost)),
            line.table.map(|delta| self.apply(delta)),
        ];
        let mut sightings = sightings.into_iter().flatten();
        match (sightings.next(), sightings.next()) {
            (Some(sighting), None) => sighting,
            _ => Err("it must hold one of table, socket, closed, destination, heard, named, kernel, \
                      coverage, trouble and lost"
                .to_owned()),
        }
    }

    /// Brings the table up to date and copies it out.
    fn apply(&mut self, delta: TableDelta) -> Result<Sighting, String> {
        for id in delta.closed {
            self.table.remove(&SocketId(id)).ok_or_else(|| format!("socket {id} is not open"))?;
        }
        for count in delta.count {
            let row = self
                .table
                .get_mut(&count.id())
                .ok_or_else(|| format!("socket {} is not open", count.id().0))?;
            row.counters = count.counters();
        }
        for row in delta.set {
            let row = row.read(&self.owners)?;
            self.table.insert(row.id, row);
        }
        Ok(Sighting::Table(SocketTable { sockets: self.table.values().cloned().collect() }))
    }
}

impl<R: BufRead> Iterator for RecordingReader<R> {
    type Item = Result<Observation, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.read().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// Reads a whole recording and says how many observations it holds: to check a file, and for fuzzing.
///
/// # Errors
/// As [`RecordingReader`].
pub fn check(recording: &[u8]) -> Result<usize, SourceError> {
    RecordingReader::new(recording)?.map(|observation| observation.map(|_| 1)).sum()
}

/// The next line with its end, which the last may lack; `None` at the end of the input.
fn read_line(input: &mut impl BufRead) -> Result<Option<Vec<u8>>, SourceError> {
    let mut line = Vec::new();
    input.take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|cause| SourceError {
        kind: SourceErrorKind::Transient,
        context: "read the recording".to_owned(),
        cause: Some(cause.into()),
    })?;
    if u64::try_from(line.len()).is_ok_and(|length| length >= LONGEST_LINE) && !line.ends_with(b"\n") {
        return Err(refuse("read the recording: a line is longer than 64 MiB".to_owned()));
    }
    Ok((!line.is_empty()).then_some(line))
}
