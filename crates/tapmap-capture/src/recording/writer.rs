//! Writes observations as lines. It flushes nothing by itself and decides nothing about files.

use std::{collections::HashMap, io, io::Write, sync::Arc};

use tapmap_core::{
    Attribution, LeadsTo, MatchQuality, Observation, Process, Sighting, SocketId, SocketRow, SocketTable,
    SourceError, SourceErrorKind,
};

use super::{
    HeaderLine, RecordingHeader,
    coverage::{CoverageEntry, TroubleEntry},
    names::{HeardEntry, NamedEntry},
    owners::OwnerEntry,
    rows::{Count, KernelEntry, Line, LostEntry, Row, TableDelta, same_but_counters},
};

/// After so many owners a table begins afresh, so that long recordings take bounded memory to
/// write and to read.
const OWNERS_BEFORE_RESTART: usize = 4096;

/// Writes a recording.
#[derive(Debug)]
pub struct RecordingWriter<W: Write> {
    output: W,
    table: HashMap<SocketId, SocketRow>,
    owners: HashMap<String, u32>,
    owners_before_restart: usize,
    names: bool,
}

impl<W: Write> RecordingWriter<W> {
    /// Begins a recording: writes the header.
    ///
    /// # Errors
    /// Fails when the output does.
    pub fn new(output: W, header: &RecordingHeader) -> Result<Self, SourceError> {
        let mut writer = Self {
            output,
            table: HashMap::new(),
            owners: HashMap::new(),
            owners_before_restart: OWNERS_BEFORE_RESTART,
            names: false,
        };
        writer.line(&HeaderLine::from(header))?;
        Ok(writer)
    }

    /// The same, writing also names and what may hold them: whom this computer's programs asked for.
    /// Without this they are left out.
    #[must_use]
    pub fn with_names(mut self) -> Self {
        self.names = true;
        self
    }

    /// The same, beginning afresh after so many owners.
    #[cfg(test)]
    pub(super) fn restarting_after(mut self, owners: usize) -> Self {
        self.owners_before_restart = owners;
        self
    }

    /// Writes one observation as one line.
    ///
    /// # Errors
    /// Fails when the output does; the recording is then cut off and must not be continued.
    pub fn write(&mut self, observation: &Observation) -> Result<(), SourceError> {
        let mut line = Line { at: observation.at.as_millis(), ..Line::default() };
        match &observation.sighting {
            Sighting::Table(table) => {
                if self.owners.len() >= self.owners_before_restart {
                    self.owners.clear();
                    self.table.clear();
                    line.restart = true;
                }
                line.table = Some(self.difference(table, &mut line.owners)?);
            }
            Sighting::Socket(row) => {
                let owner = self.owner(&row.owner, &mut line.owners)?;
                line.socket = Some(Row::of(row, owner));
            }
            Sighting::Closed { socket, counters } => line.closed = Some(Count::of(*socket, *counters)),
            Sighting::Lost(gap) => line.lost = Some(LostEntry::of(gap)),
            Sighting::Destination(row) => {
                let owner = self.owner(&row.owner, &mut line.owners)?;
                line.destination = Some(Row::of(row, owner));
            }
            Sighting::Heard(_) | Sighting::Named(_) if !self.names => return Ok(()),
            Sighting::Heard(heard) => {
                let owner = self.process(heard.process.as_ref(), &mut line.owners)?;
                line.heard = Some(HeardEntry::of(heard, owner));
            }
            Sighting::Named(name) => {
                let asked_by = match &name.leads_to {
                    LeadsTo::Addresses { asked_by, .. } => asked_by.as_ref(),
                    LeadsTo::Connection { .. } => None,
                };
                let asked_by = self.process(asked_by, &mut line.owners)?;
                line.named = Some(NamedEntry::of(name, asked_by));
            }
            Sighting::Kernel(count) => line.kernel = Some(KernelEntry::of(*count)),
            Sighting::Coverage(coverage) => line.coverage = Some(CoverageEntry::of(coverage)),
            Sighting::Trouble(trouble) => {
                line.trouble = Some(TroubleEntry { text: trouble.as_ref().map(ToString::to_string) });
            }
        }
        self.line(&line)
    }

    /// Hands everything written so far to the system.
    ///
    /// # Errors
    /// Fails when the output does.
    pub fn flush(&mut self) -> Result<(), SourceError> {
        self.output.flush().map_err(write_failed)
    }

    /// Ends the recording and gives the output back.
    ///
    /// # Errors
    /// Fails when the output does.
    pub fn finish(mut self) -> Result<W, SourceError> {
        self.flush()?;
        Ok(self.output)
    }

    /// How `table` differs from the one before, which it replaces.
    fn difference(
        &mut self,
        table: &SocketTable,
        introduced: &mut Vec<OwnerEntry>,
    ) -> Result<TableDelta, SourceError> {
        let mut delta = TableDelta::default();
        let mut before = std::mem::take(&mut self.table);
        for row in &table.sockets {
            match before.remove(&row.id) {
                Some(old) if old == *row => {}
                Some(old) if same_but_counters(&old, row) => {
                    delta.count.push(Count::of(row.id, row.counters));
                }
                _ => {
                    let owner = self.owner(&row.owner, introduced)?;
                    delta.set.push(Row::of(row, owner));
                }
            }
            self.table.insert(row.id, row.clone());
        }
        // Whatever is left was not seen again, unless the table named an id twice.
        delta.closed = before.into_keys().filter(|id| !self.table.contains_key(id)).map(|id| id.0).collect();
        delta.closed.sort_unstable();
        Ok(delta)
    }

    /// The number of an owner, who is introduced where he is new.
    fn owner(&mut self, owner: &Attribution, introduced: &mut Vec<OwnerEntry>) -> Result<u32, SourceError> {
        let entry = OwnerEntry::of(owner);
        let text = serde_json::to_string(&entry).map_err(|error| write_failed(error.into()))?;
        let next = u32::try_from(self.owners.len()).unwrap_or(u32::MAX);
        Ok(*self.owners.entry(text).or_insert_with(|| {
            introduced.push(entry);
            next
        }))
    }

    /// The number of a process, as the owner that it is.
    fn process(
        &mut self,
        process: Option<&Arc<Process>>,
        introduced: &mut Vec<OwnerEntry>,
    ) -> Result<Option<u32>, SourceError> {
        let Some(process) = process.map(Arc::clone) else { return Ok(None) };
        let owner = Attribution::Owned { process, quality: MatchQuality::Event };
        self.owner(&owner, introduced).map(Some)
    }

    fn line(&mut self, line: &impl serde::Serialize) -> Result<(), SourceError> {
        let mut text = serde_json::to_vec(line).map_err(|error| write_failed(error.into()))?;
        text.push(b'\n');
        self.output.write_all(&text).map_err(write_failed)
    }
}

fn write_failed(cause: io::Error) -> SourceError {
    SourceError {
        kind: SourceErrorKind::Transient,
        context: "write the recording".to_owned(),
        cause: Some(cause.into()),
    }
}
