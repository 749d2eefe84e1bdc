//! The reading side: connections of its own, so that nobody waits for the writer, and each question is
//! answered from one moment of the file.

mod counts;

use crate::{
    LocalDays,
    codes::Coded,
    dictionary::{Lookup, coded},
    erase,
    error::{Context, damaged},
    file, query, verify,
};
use rusqlite::{Connection, Result as Sql};
use std::{
    collections::BTreeSet,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tapmap_core::{
    Away, Calendar, Day, DayUse, Endpoint, Facet, FileIdentity, FlowPage, FlowQuery, FlowRecord, Forgetting,
    HistoryReader, HistoryStats, ListenerRecord, ProgramFile, ProgramSeen, Protocol, Session, SessionRecord,
    Slot, StoreError, TimelineQuery, Timestamp, Unobserved, WhyAway, WhyUnobserved,
};

/// How many connections wait to be used again.
const IDLE: usize = 4;

/// Reads a history in a file of SQLite.
#[derive(Debug)]
pub struct SqliteReader {
    path: PathBuf,
    /// Connections that are not in use, and how often the file was begun anew.
    idle: Mutex<(u64, Vec<Connection>)>,
}

impl SqliteReader {
    /// Reads the file at a path, which need not be there yet.
    pub(crate) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::default() }
    }

    /// Opens a file to read it, without the right to write.
    ///
    /// # Errors
    /// When there is none, it is damaged or a newer program's.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let reader = Self::of(path);
        reader.ask(|_| Ok(()))?;
        Ok(reader)
    }

    /// Leaves the connections to a file that is no longer the history.
    pub(crate) fn start_over(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        *idle = (idle.0 + 1, Vec::new());
    }

    /// Does something with a connection.
    fn ask<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let (age, waiting) = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            (idle.0, idle.1.pop())
        };
        let connection = waiting.map_or_else(|| file::open_to_read(&self.path), Ok)?;
        let answer = work(&connection);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.0 == age && idle.1.len() < IDLE && answer.is_ok() {
            idle.1.push(connection);
        }
        answer
    }

    /// The same of what speaks SQL only.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Sql<T>) -> Result<T, StoreError> {
        self.ask(|connection| {
            let moment = connection.unchecked_transaction().context("read the history")?;
            work(&moment).context("read the history")
        })
    }
}

impl HistoryReader for SqliteReader {
    fn flows(&self, query: &FlowQuery, now: Timestamp) -> Result<FlowPage, StoreError> {
        self.ask(|connection| query::page(connection, query, now))
    }

    fn each_flow(
        &self,
        query: &FlowQuery,
        now: Timestamp,
        visit: &mut dyn FnMut(FlowRecord) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.ask(|connection| query::walk(connection, query, now, visit))
    }

    fn timeline(&self, query: &TimelineQuery, now: Timestamp) -> Result<Vec<Slot>, StoreError> {
        self.ask(|connection| counts::timeline(connection, query, now))
    }

    fn days(&self, facet: Facet, from: Day, to: Day) -> Result<Vec<DayUse>, StoreError> {
        self.read(|connection| counts::days(connection, facet, from, to))
    }

    fn totals(&self, facet: Facet, from: Day, to: Day) -> Result<Vec<DayUse>, StoreError> {
        self.read(|connection| counts::totals(connection, facet, from, to))
    }

    fn days_of(
        &self,
        facet: Facet,
        pairs: &[(Arc<str>, Arc<str>)],
        from: Day,
        to: Day,
    ) -> Result<Vec<DayUse>, StoreError> {
        self.read(|connection| counts::days_of(connection, facet, pairs, from, to))
    }

    fn users(&self, facet: Facet, on: &BTreeSet<(Day, Arc<str>)>) -> Result<Vec<DayUse>, StoreError> {
        self.read(|connection| counts::users(connection, facet, on))
    }

    fn inbound(&self, from: Day, to: Day) -> Result<Vec<DayUse>, StoreError> {
        self.read(|connection| counts::inbound(connection, from, to))
    }

    fn listeners(&self, from: Timestamp, to: Timestamp) -> Result<Vec<ListenerRecord>, StoreError> {
        self.read(|connection| listeners(connection, from, to))
    }

    fn programs(&self) -> Result<Vec<ProgramSeen>, StoreError> {
        self.read(programs)
    }

    fn away(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Away>, StoreError> {
        self.read(|connection| away(connection, from, to))
    }

    fn unobserved(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Unobserved>, StoreError> {
        self.read(|connection| unobserved(connection, from, to))
    }

    fn sessions(&self) -> Result<Vec<SessionRecord>, StoreError> {
        self.read(sessions)
    }

    fn calendar(&self) -> Result<Box<dyn Calendar>, StoreError> {
        let sessions = self.sessions()?;
        let zone = sessions.last().map_or("", |last| &*last.session.zone);
        Ok(Box::new(LocalDays::of_zone(zone).unwrap_or_default()))
    }

    fn forgetting(&self) -> Result<Vec<Forgetting>, StoreError> {
        self.read(erase::waiting)
    }

    fn stats(&self) -> Result<HistoryStats, StoreError> {
        self.read(counts::stats)
    }

    fn verify(&self, thoroughly: bool) -> Result<Vec<String>, StoreError> {
        self.read(|connection| verify::verify(connection, thoroughly))
    }
}

/// Whether there is a table: a reader may come before the writer has brought the file to the newest form.
pub(crate) fn has_table(connection: &Connection, name: &str) -> Sql<bool> {
    let sql = "SELECT count(*) > 0 FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    connection.prepare_cached(sql)?.query_row([name], |row| row.get(0))
}

fn listeners(connection: &Connection, from: Timestamp, to: Timestamp) -> Sql<Vec<ListenerRecord>> {
    let hidden = erase::hidden(connection)?;
    let alive_at = query::last_sign_of_life(connection)?;
    let mut lookup = Lookup::new(connection);
    let mut statement = connection.prepare_cached(
        "SELECT first_seen, last_seen, open, protocol, local, port, owner,
             sum = row_sum(id, first_seen, last_seen, open, protocol, local, port, owner)
         FROM listener WHERE first_seen < ?2 AND (open = 1 OR last_seen >= ?1) ORDER BY first_seen, id",
    )?;
    let mut rows = statement.query([from.as_millis(), to.as_millis()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if !row.get::<_, bool>(7)? {
            return Err(damaged("a listener"));
        }
        let open: bool = row.get(2)?;
        let last_seen = Timestamp::from_millis(row.get(1)?);
        let record = ListenerRecord {
            protocol: coded::<Protocol>(row, 3)?.ok_or_else(|| damaged("a listener"))?,
            local: Endpoint::new(lookup.local(row.get(4)?)?, row.get(5)?),
            owner: lookup.owner(row.get(6)?)?,
            first_seen: Timestamp::from_millis(row.get(0)?),
            last_seen: if open { last_seen.max(alive_at) } else { last_seen },
            open,
        };
        let app = record.owner.app.as_ref();
        let is_hidden = record.last_seen < hidden.from || app.is_some_and(|app| hidden.hides_app(&app.name));
        if !is_hidden {
            found.push(record);
        }
    }
    Ok(found)
}

fn programs(connection: &Connection) -> Sql<Vec<ProgramSeen>> {
    if !has_table(connection, "program_file")? {
        return Ok(Vec::new());
    }
    let hidden = erase::hidden(connection)?;
    let mut statement = connection.prepare_cached(
        "SELECT app, path, inode, size, modified, first_seen,
             print = row_print(app, path, inode, size, modified) AND sum = row_sum(first_seen)
         FROM program_file ORDER BY first_seen, id",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if !row.get::<_, bool>(6)? {
            return Err(damaged("a program file"));
        }
        let identity = FileIdentity {
            inode: row.get::<_, i64>(2)?.cast_unsigned(),
            size: row.get::<_, i64>(3)?.cast_unsigned(),
            modified: Timestamp::from_millis(row.get(4)?),
        };
        let file = ProgramFile { path: row.get(1)?, identity };
        let first_seen = Timestamp::from_millis(row.get(5)?);
        let app: Arc<str> = row.get(0)?;
        if first_seen >= hidden.from && !hidden.hides_app(&app) {
            found.push(ProgramSeen { app, file, first_seen });
        }
    }
    Ok(found)
}

fn away(connection: &Connection, from: Timestamp, to: Timestamp) -> Sql<Vec<Away>> {
    if !has_table(connection, "away")? {
        return Ok(Vec::new());
    }
    let from = from.max(erase::hidden(connection)?.from);
    let mut statement = connection.prepare_cached(
        "SELECT since, until, why, sum = row_sum(since, until, why) FROM away
         WHERE since < ?2 AND until > ?1 ORDER BY since",
    )?;
    let mut rows = statement.query([from.as_millis(), to.as_millis()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let why = WhyAway::of_code(row.get(2)?).filter(|_| matches!(row.get(3), Ok(true)));
        found.push(Away {
            from: Timestamp::from_millis(row.get(0)?).max(from),
            until: Timestamp::from_millis(row.get(1)?).min(to),
            why: why.ok_or_else(|| damaged("a time of absence"))?,
        });
    }
    Ok(found)
}

fn unobserved(connection: &Connection, from: Timestamp, to: Timestamp) -> Sql<Vec<Unobserved>> {
    let mut statement = connection.prepare_cached(
        "SELECT since, until, why, lost, sum = row_sum(since, until, why, lost) FROM gap
         WHERE since < ?2 AND until >= ?1 ORDER BY since, id",
    )?;
    let mut rows = statement.query([from.as_millis(), to.as_millis()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let why = WhyUnobserved::of_code(row.get(2)?).filter(|_| matches!(row.get(4), Ok(true)));
        found.push(Unobserved {
            from: Timestamp::from_millis(row.get(0)?),
            until: Timestamp::from_millis(row.get(1)?),
            why: why.ok_or_else(|| damaged("a gap"))?,
            lost: row.get::<_, Option<i64>>(3)?.map(i64::cast_unsigned),
        });
    }
    Ok(found)
}

fn sessions(connection: &Connection) -> Sql<Vec<SessionRecord>> {
    let mut statement = connection.prepare_cached(
        "SELECT started_at, alive_at, zone, version, data_version,
             sum = row_sum(started_at, alive_at, zone, version, data_version)
         FROM session ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if !row.get::<_, bool>(5)? {
            return Err(damaged("a session"));
        }
        let session = Session {
            started_at: Timestamp::from_millis(row.get(0)?),
            zone: row.get(2)?,
            version: row.get(3)?,
            data_version: row.get(4)?,
        };
        found.push(SessionRecord { session, alive_at: Timestamp::from_millis(row.get(1)?) });
    }
    Ok(found)
}
