//! Reads frames. What comes in may be anything: it is refused with a reason, never with a panic, and
//! no more is held than one frame, one table and the processes that have a number, each bounded.

use std::{
    io::{self, BufReader, ErrorKind, Read},
    sync::Arc,
    time::Duration,
};

use serde::Deserialize;
use tapmap_core::{
    Heard, LeadsTo, NameHeard, Observation, Process, Sighting, SocketId, SocketRow, SocketTable, SourceError,
    SourceErrorKind, Timestamp,
};

use super::{
    Kind, MOST_PROCESSES, MOST_SOCKETS, PROGRAM, VERSION,
    items::{self, Change, Count, End, Hello, Lost, ProcessItem, Row},
    refuse,
};
use crate::Map;

/// As much is read at once, in bytes.
const READ_AHEAD: usize = 64 << 10;
/// What a frame leaves behind for the next one, in bytes.
const ROOM_KEPT: usize = 256 << 10;

/// Reads frames: an iterator of the observations in them. It ends where the writer ended, in the
/// midst of a frame too, and after an error.
#[derive(Debug)]
pub struct FrameReader<R> {
    input: BufReader<R>,
    body: Vec<u8>,
    table: Map<SocketId, SocketRow>,
    processes: Vec<Arc<Process>>,
    /// The pids of the program itself.
    own: Vec<u32>,
    cut_off: bool,
    ended: bool,
}

impl<R: Read> FrameReader<R> {
    /// Begins to read: waits for the first frame.
    ///
    /// # Errors
    /// Refuses a writer of another version, and what is no writer of frames. When the writer ended
    /// before it said anything the error is [`SourceErrorKind::Transient`].
    pub fn new(input: R) -> Result<Self, SourceError> {
        let mut reader = Self {
            input: BufReader::with_capacity(READ_AHEAD, input),
            body: Vec::new(),
            table: Map::default(),
            processes: Vec::new(),
            own: Vec::new(),
            cut_off: false,
            ended: false,
        };
        match reader.frame()? {
            Some(Kind::Hello) => whole::<Hello<'_>>(reader.items()).and_then(|hello| known(&hello)),
            Some(_) => Err("it does not say first who it is".to_owned()),
            None => {
                let context = "read what the recorder tells: it ended before it said anything".to_owned();
                return Err(SourceError { kind: SourceErrorKind::Transient, context, cause: None });
            }
        }
        .map_err(refuse)?;
        Ok(reader)
    }

    /// Takes the processes with these pids for the program itself, whatever the writer says: it knows
    /// only itself.
    #[must_use]
    pub fn with_own(mut self, pids: Vec<u32>) -> Self {
        self.own = pids;
        self
    }

    /// Whether the last frame was cut off; known once the iterator has ended.
    pub fn cut_off(&self) -> bool {
        self.cut_off
    }

    /// How many processes have a number now.
    #[cfg(test)]
    pub(super) fn known_processes(&self) -> usize {
        self.processes.len()
    }

    fn read(&mut self) -> Result<Option<Observation>, SourceError> {
        loop {
            let Some(kind) = self.frame()? else { return Ok(None) };
            let body = std::mem::take(&mut self.body);
            let taken = self.take(kind, body.get(1..).unwrap_or_default());
            self.body = body;
            if let Some(observation) = taken.map_err(refuse)? {
                return Ok(Some(observation));
            }
        }
    }

    /// Reads the next frame into the buffer and says what kind it is; `None` where the writer ended.
    fn frame(&mut self) -> Result<Option<Kind>, SourceError> {
        self.body.clear();
        self.body.shrink_to(ROOM_KEPT);
        if !self.fill(4)? {
            return Ok(None);
        }
        let length = self.body.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        self.body.clear();
        if length == 0 {
            return Err(refuse("a frame is empty"));
        }
        if !self.fill(1)? {
            return Ok(None);
        }
        let number = self.body.first().copied().unwrap_or(0);
        let kind = Kind::of(number).ok_or_else(|| refuse(format!("there are no frames of kind {number}")))?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > kind.largest() {
            return Err(refuse(format!("a frame of {length} bytes is longer than may be ({kind:?})")));
        }
        Ok(self.fill(length - 1)?.then_some(kind))
    }

    /// Appends so many bytes to the buffer. `false` when the writer ended before.
    fn fill(&mut self, count: usize) -> Result<bool, SourceError> {
        let wanted = u64::try_from(count).unwrap_or(u64::MAX);
        match self.input.by_ref().take(wanted).read_to_end(&mut self.body) {
            Ok(read) if read == count => Ok(true),
            Ok(_) => {
                self.cut_off = !self.body.is_empty();
                Ok(false)
            }
            Err(error) if is_end(&error) => {
                self.cut_off = true;
                Ok(false)
            }
            Err(error) => Err(SourceError {
                kind: SourceErrorKind::Transient,
                context: "read what the recorder tells".to_owned(),
                cause: Some(error.into()),
            }),
        }
    }

    fn items(&self) -> &[u8] {
        self.body.get(1..).unwrap_or_default()
    }

    /// Takes one frame in and says what it shows, when it shows something by itself.
    fn take(&mut self, kind: Kind, items: &[u8]) -> Result<Option<Observation>, String> {
        match kind {
            Kind::Hello => return Err("it says a second time who it is".to_owned()),
            Kind::Processes => {
                each::<ProcessItem<'_>>(items, |process| self.introduce(process))?;
                return Ok(None);
            }
            Kind::Forget => {
                self.processes.clear();
                return whole::<()>(items).map(|()| None);
            }
            Kind::Changes => {
                each::<Change<'_>>(items, |change| self.change(change))?;
                return Ok(None);
            }
            _ => {}
        }
        let (at, items) = first::<i64>(items)?;
        let sighting = self.sighting(kind, items)?;
        Ok(Some(Observation { at: Timestamp::from_millis(at), sighting }))
    }

    /// What a frame of one observation shows.
    fn sighting(&self, kind: Kind, items: &[u8]) -> Result<Sighting, String> {
        let known = |number| self.process(number);
        Ok(match kind {
            Kind::Socket => Sighting::Socket(whole::<Row<'_>>(items)?.read(&known)?),
            Kind::Destination => Sighting::Destination(whole::<Row<'_>>(items)?.read(&known)?),
            Kind::Closed => {
                let (socket, counters) = whole::<(u64, Count)>(items)?;
                Sighting::Closed { socket: SocketId(socket), counters: counters.read() }
            }
            Kind::Heard => {
                let items::Heard { kind, process, bytes } = whole(items)?;
                let process = process.map(known).transpose()?;
                Sighting::Heard(Heard { kind, bytes: bytes.into(), process })
            }
            Kind::Named => Sighting::Named(self.named(whole(items)?)?),
            Kind::Kernel => Sighting::Kernel(whole::<items::Kernel>(items)?.read()),
            Kind::Coverage => Sighting::Coverage(whole::<items::Coverage<'_>>(items)?.read()),
            Kind::Trouble => Sighting::Trouble(whole::<Option<&str>>(items)?.map(Into::into)),
            Kind::Lost => Sighting::Lost(whole::<Lost>(items)?.read()),
            Kind::Table => {
                whole::<()>(items)?;
                Sighting::Table(SocketTable { sockets: self.table.values().cloned().collect() })
            }
            Kind::Hello | Kind::Processes | Kind::Forget | Kind::Changes => {
                return Err("a frame is not what it says".to_owned());
            }
        })
    }

    fn named(&self, item: items::Named<'_>) -> Result<NameHeard, String> {
        let leads_to = match item.leads_to {
            items::LeadsTo::Connection(from, to) => {
                LeadsTo::Connection { from: End::read(from), to: End::read(to) }
            }
            items::LeadsTo::Addresses(addresses, asked_by, micros) => LeadsTo::Addresses {
                addresses,
                asked_by: asked_by.map(|number| self.process(number)).transpose()?,
                time_to_live: Duration::from_micros(micros),
            },
        };
        let aliases = item.aliases.into_iter().map(Into::into).collect();
        Ok(NameHeard { name: item.name.into(), aliases, source: item.source, leads_to })
    }

    fn process(&self, number: u32) -> Result<Arc<Process>, String> {
        let process = usize::try_from(number).ok().and_then(|number| self.processes.get(number));
        process.cloned().ok_or_else(|| format!("process {number} was not introduced"))
    }

    fn introduce(&mut self, process: ProcessItem<'_>) -> Result<(), String> {
        if self.processes.len() >= MOST_PROCESSES {
            return Err(format!("more than {MOST_PROCESSES} processes"));
        }
        let mut process = process.read();
        process.own |= self.own.contains(&process.key.pid);
        self.processes.push(Arc::new(process));
        Ok(())
    }

    /// Brings the table up to date in one socket.
    fn change(&mut self, change: Change<'_>) -> Result<(), String> {
        match change {
            Change::Set(row) => {
                let row = row.read(&|number| self.process(number))?;
                if self.table.len() >= MOST_SOCKETS && !self.table.contains_key(&row.id) {
                    return Err(format!("more than {MOST_SOCKETS} sockets"));
                }
                self.table.insert(row.id, row);
            }
            Change::Count(id, counters) => {
                let row = self.table.get_mut(&SocketId(id));
                row.ok_or_else(|| format!("socket {id} is not open"))?.counters = counters.read();
            }
            Change::Gone(id) => {
                self.table.remove(&SocketId(id)).ok_or_else(|| format!("socket {id} is not open"))?;
            }
        }
        Ok(())
    }
}

impl<R: Read> Iterator for FrameReader<R> {
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

/// Reads frames to their end and says how many observations they hold: for fuzzing.
///
/// # Errors
/// As [`FrameReader`].
pub fn check(frames: &[u8]) -> Result<usize, SourceError> {
    FrameReader::new(frames)?.map(|observation| observation.map(|_| 1)).sum()
}

/// Whether the writer is of our own version.
fn known(hello: &Hello<'_>) -> Result<(), String> {
    if hello.version == VERSION && hello.program == PROGRAM {
        return Ok(());
    }
    Err(format!(
        "it is of version {:?} (frames {}), and this program of version {PROGRAM:?} (frames {VERSION})",
        hello.program, hello.version
    ))
}

/// The first item, and what follows it.
fn first<'a, T: Deserialize<'a>>(items: &'a [u8]) -> Result<(T, &'a [u8]), String> {
    postcard::take_from_bytes(items).map_err(|error| format!("a frame makes no sense: {error}"))
}

/// The only item.
fn whole<'a, T: Deserialize<'a>>(items: &'a [u8]) -> Result<T, String> {
    let (item, rest) = first(items)?;
    if rest.is_empty() { Ok(item) } else { Err("a frame holds more than it should".to_owned()) }
}

/// Every item.
fn each<'a, T: Deserialize<'a>>(
    mut items: &'a [u8],
    mut take: impl FnMut(T) -> Result<(), String>,
) -> Result<(), String> {
    while !items.is_empty() {
        let (item, rest) = first(items)?;
        take(item)?;
        items = rest;
    }
    Ok(())
}

/// Whether an error only says that the other side has ended, or tells nothing more in time.
fn is_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::WouldBlock | ErrorKind::TimedOut
    )
}
