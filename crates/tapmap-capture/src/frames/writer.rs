//! Turns observations into frames. It appends them to a buffer; who sends that, and what happens when
//! nobody takes it, is not decided here.

use std::sync::Arc;

use serde::Serialize;
use tapmap_core::{
    Heard, LeadsTo, NameHeard, Observation, Process, ProcessKey, Sighting, SocketId, SocketRow, SocketTable,
    SourceError, SourceErrorKind, Timestamp,
};

use super::{
    Kind, PROGRAM, VERSION,
    items::{self, Change, Count, End, Hello, Lost, Numbers, ProcessItem, Row, cut, micros},
};
use crate::{Map, recording::same_but_counters};

/// Differences of a table are spread over frames of about this length, in bytes.
const PART: usize = 64 << 10;
/// After so many processes the numbers begin afresh.
const PROCESSES_BEFORE_RESTART: u32 = 4096;
/// So many other names a name stands for are told; the rest is left out.
const MOST_ALIASES: usize = 32;
/// So many addresses a name leads to are told; the rest is left out.
const MOST_ADDRESSES: usize = 1024;

/// Makes frames of observations, one stream of them.
#[derive(Debug, Default)]
pub struct FrameWriter {
    /// The table as it was told, and the look in which each row was last seen.
    table: Map<SocketId, (SocketRow, u64)>,
    looks: u64,
    processes: Processes,
    /// Differences that have not been put into a frame yet.
    part: Vec<u8>,
}

impl FrameWriter {
    /// Begins a stream: writes who speaks.
    ///
    /// # Errors
    /// Never in practice: a buffer takes everything.
    pub fn begin(output: &mut Vec<u8>) -> Result<Self, SourceError> {
        let hello = Hello { version: VERSION, program: PROGRAM };
        frame(output, Kind::Hello, |body| push(body, &hello))?;
        Ok(Self::default())
    }

    /// Appends the frames that tell an observation.
    ///
    /// # Errors
    /// Never in practice: a buffer takes everything.
    pub fn write(&mut self, observation: Observation, output: &mut Vec<u8>) -> Result<(), SourceError> {
        let at = observation.at;
        self.processes.restart_when_many(output)?;
        match observation.sighting {
            Sighting::Table(table) => self.table(table, at, output),
            Sighting::Socket(row) => self.row(Kind::Socket, at, &row, output),
            Sighting::Destination(row) => self.row(Kind::Destination, at, &row, output),
            Sighting::Closed { socket, counters } => {
                told(output, Kind::Closed, at, &(socket.0, Count::of(counters)))
            }
            Sighting::Heard(heard) => self.heard(&heard, at, output),
            Sighting::Named(name) => self.named(&name, at, output),
            Sighting::Kernel(count) => told(output, Kind::Kernel, at, &items::Kernel::of(count)),
            Sighting::Coverage(coverage) => told(output, Kind::Coverage, at, &items::Coverage::of(&coverage)),
            Sighting::Trouble(trouble) => told(output, Kind::Trouble, at, &trouble.as_deref().map(cut)),
            Sighting::Lost(gap) => told(output, Kind::Lost, at, &Lost::of(&gap)),
        }
    }

    fn row(
        &mut self,
        kind: Kind,
        at: Timestamp,
        row: &SocketRow,
        output: &mut Vec<u8>,
    ) -> Result<(), SourceError> {
        let row = Row::of(row, &mut self.processes);
        self.processes.introduce(output)?;
        told(output, kind, at, &row)
    }

    fn heard(&mut self, heard: &Heard, at: Timestamp, output: &mut Vec<u8>) -> Result<(), SourceError> {
        // Room for the moment, the kind and the process.
        let longest = super::LARGEST_HEARD - 64;
        let process = heard.process.as_ref().map(|process| self.processes.number(process));
        self.processes.introduce(output)?;
        let bytes = heard.bytes.get(..longest).unwrap_or(&heard.bytes);
        told(output, Kind::Heard, at, &items::Heard { kind: heard.kind, process, bytes })
    }

    fn named(&mut self, name: &NameHeard, at: Timestamp, output: &mut Vec<u8>) -> Result<(), SourceError> {
        let leads_to = match &name.leads_to {
            LeadsTo::Connection { from, to } => items::LeadsTo::Connection(End::of(*from), End::of(*to)),
            LeadsTo::Addresses { addresses, asked_by, time_to_live } => {
                let asked_by = asked_by.as_ref().map(|process| self.processes.number(process));
                let addresses = addresses.iter().copied().take(MOST_ADDRESSES).collect();
                items::LeadsTo::Addresses(addresses, asked_by, micros(*time_to_live))
            }
        };
        self.processes.introduce(output)?;
        let aliases = name.aliases.iter().take(MOST_ALIASES).map(|alias| cut(alias)).collect();
        let item = items::Named { name: cut(&name.name), aliases, source: name.source, leads_to };
        told(output, Kind::Named, at, &item)
    }

    /// Tells how `table` differs from the one before, which it replaces.
    fn table(&mut self, table: SocketTable, at: Timestamp, output: &mut Vec<u8>) -> Result<(), SourceError> {
        self.looks += 1;
        for row in table.sockets {
            self.change(row)?;
            if self.part.len() >= PART {
                self.end_part(output)?;
            }
        }
        let mut gone: Vec<u64> = Vec::new();
        let looks = self.looks;
        self.table.retain(|id, (_, seen)| {
            let is_here = *seen == looks;
            if !is_here {
                gone.push(id.0);
            }
            is_here
        });
        for id in gone {
            push(&mut self.part, &Change::Gone(id))?;
            if self.part.len() >= PART {
                self.end_part(output)?;
            }
        }
        self.end_part(output)?;
        frame(output, Kind::Table, |body| push(body, &at.as_millis()))
    }

    /// Notes how one row differs from what was told of it.
    fn change(&mut self, row: SocketRow) -> Result<(), SourceError> {
        let known = self.table.get_mut(&row.id);
        match known {
            Some((old, seen)) if same_but_counters(old, &row) => {
                *seen = self.looks;
                if old.counters != row.counters {
                    old.counters = row.counters;
                    push(&mut self.part, &Change::Count(row.id.0, Count::of(row.counters)))?;
                }
            }
            _ => {
                push(&mut self.part, &Change::Set(Row::of(&row, &mut self.processes)))?;
                self.table.insert(row.id, (row, self.looks));
            }
        }
        Ok(())
    }

    /// Puts the differences so far into a frame, after the processes that they name.
    fn end_part(&mut self, output: &mut Vec<u8>) -> Result<(), SourceError> {
        self.processes.introduce(output)?;
        if self.part.is_empty() {
            return Ok(());
        }
        let part = &mut self.part;
        frame(output, Kind::Changes, |body| {
            body.append(part);
            Ok(())
        })?;
        self.processes.restart_when_many(output)
    }
}

/// The processes that have a number.
#[derive(Debug, Default)]
struct Processes {
    numbers: Map<ProcessKey, (Arc<Process>, u32)>,
    /// How many numbers were given since the last restart: a process that changed has had several.
    given: u32,
    /// Those that have a number and were not introduced yet.
    new: Vec<Arc<Process>>,
}

impl Numbers for Processes {
    fn number(&mut self, process: &Arc<Process>) -> u32 {
        if let Some((known, number)) = self.numbers.get(&process.key)
            && known == process
        {
            return *number;
        }
        let number = self.given;
        self.given += 1;
        self.numbers.insert(process.key, (Arc::clone(process), number));
        self.new.push(Arc::clone(process));
        number
    }
}

impl Processes {
    /// Tells of those that are new, before they are named.
    fn introduce(&mut self, output: &mut Vec<u8>) -> Result<(), SourceError> {
        for some in self.new.chunks(32) {
            frame(output, Kind::Processes, |body| {
                some.iter().try_for_each(|process| push(body, &ProcessItem::of(process)))
            })?;
        }
        self.new.clear();
        Ok(())
    }

    /// Begins the numbers afresh, between frames that name processes.
    fn restart_when_many(&mut self, output: &mut Vec<u8>) -> Result<(), SourceError> {
        if self.given < PROCESSES_BEFORE_RESTART {
            return Ok(());
        }
        self.numbers.clear();
        self.given = 0;
        frame(output, Kind::Forget, |_| Ok(()))
    }
}

/// Appends a frame of one item with its moment.
fn told(output: &mut Vec<u8>, kind: Kind, at: Timestamp, item: &impl Serialize) -> Result<(), SourceError> {
    frame(output, kind, |body| push(body, &at.as_millis()).and_then(|()| push(body, item)))
}

/// Appends a frame whose items `fill` appends.
fn frame(
    output: &mut Vec<u8>,
    kind: Kind,
    fill: impl FnOnce(&mut Vec<u8>) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let start = output.len();
    output.extend_from_slice(&[0; 4]);
    output.push(kind as u8);
    fill(output)?;
    let length = output.len() - start - 4;
    debug_assert!(length <= kind.largest(), "{kind:?} of {length} bytes");
    let length = u32::try_from(length).map_err(|cause| failed(cause.into()))?;
    if let Some(place) = output.get_mut(start..start + 4) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    Ok(())
}

/// Appends an item.
fn push(output: &mut Vec<u8>, item: &impl Serialize) -> Result<(), SourceError> {
    postcard::to_io(item, output).map(|_| ()).map_err(|cause| failed(cause.into()))
}

fn failed(cause: Box<dyn std::error::Error + Send + Sync>) -> SourceError {
    let context = "write what is observed".to_owned();
    SourceError { kind: SourceErrorKind::Invalid, context, cause: Some(cause) }
}
