//! The writer: takes batches in, one transaction each. Remembers which flows are open, so that each
//! is written when it opens, when it changes and when it ends.

use crate::{
    codes::{Coded, Kind},
    day::LocalDays,
    dictionary::Dictionary,
    erase,
    error::Context,
    file::{self, Opened, Quarantine, WriteLock},
    query::ID_BITS,
    reader::SqliteReader,
    retention,
    rollup::{self, Additions, Counted, NO_APP, Share},
};
use rusqlite::{Connection, OptionalExtension, Result as Sql, params};
use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tapmap_core::{
    Away, Batch, Day, DayUse, Ending, Facet, FlowEntry, FlowId, FlowRecord, Forget, Forgetting,
    HistoryReader, HistoryStore, ListenerEntry, OwnerRecord, ProgramFile, ProgramSeen, RecordId, Retention,
    Session, SocketId, StoreError, Timestamp, Unobserved, WhyUnobserved,
};

/// How far the clock may go back before that is noted.
const CLOCK_SLACK: Duration = Duration::from_secs(2);

/// The history in a file of SQLite. There is one writer for each file.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    pub(crate) connection: Connection,
    reader: Arc<SqliteReader>,
    pub(crate) words: Dictionary,
    pub(crate) open: HashMap<FlowId, OpenFlow>,
    /// Open flows that were erased: they stay away until they end.
    pub(crate) erased: HashSet<FlowId>,
    listeners: HashMap<SocketId, i64>,
    session: Option<(i64, Session)>,
    pub(crate) days: LocalDays,
    alive_at: Timestamp,
    _lock: WriteLock,
}

/// An open flow as last written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenFlow {
    pub(crate) id: i64,
    pub(crate) counted: Counted,
    indexed: Indexed,
    /// The last day on which it was counted, and what it added then.
    day: Day,
    day_bytes: (i64, i64),
    /// Until when it was counted.
    until: Timestamp,
    /// Bytes sent and received that have been counted.
    bytes: (i64, i64),
}

/// The columns of a flow that have an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Indexed {
    app: i64,
    remote: i64,
    port: u16,
    name: Option<i64>,
}

impl SqliteStore {
    /// Opens the history in a file, or begins one; `now` dates a file that has to be kept aside.
    ///
    /// # Errors
    /// `Busy` when another one writes it; otherwise when the system refuses.
    pub fn open(path: &Path, now: Timestamp) -> Result<Opened<Self>, StoreError> {
        let lock = WriteLock::take(path)?;
        let Opened { store: connection, set_aside } = file::open_or_begin(path, now)?;
        let store = Self {
            path: path.to_owned(),
            connection,
            reader: Arc::new(SqliteReader::of(path)),
            words: Dictionary::default(),
            open: HashMap::new(),
            erased: HashSet::new(),
            listeners: HashMap::new(),
            session: None,
            days: LocalDays::default(),
            alive_at: Timestamp::default(),
            _lock: lock,
        };
        Ok(Opened { store, set_aside })
    }

    /// Counts days in a zone, where no session says so.
    pub fn count_days_in(&mut self, zone: &str) {
        self.set_zone(zone);
    }

    pub(crate) fn forget_caches(&mut self) {
        self.words.clear();
    }

    /// Does something in one transaction, wholly or not at all.
    pub(crate) fn atomically<T>(
        &mut self,
        context: &str,
        work: impl FnOnce(&mut Self) -> Sql<T>,
    ) -> Result<T, StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE").context(context)?;
        let outcome = work(self).and_then(|done| self.connection.execute_batch("COMMIT").map(|()| done));
        if outcome.is_err() {
            // Nothing is open any more when SQLite has undone it by itself.
            let _undone = self.connection.execute_batch("ROLLBACK");
            self.forget_caches();
        }
        outcome.context(context)
    }

    /// Ends what the last session left open, at its last sign of life, and notes the time since.
    fn take_over(&mut self, session: &Session) -> Sql<()> {
        let last = "SELECT max(alive_at) FROM session";
        let Some(alive_at) = self.connection.query_row(last, [], |row| row.get::<_, Option<i64>>(0))? else {
            return Ok(());
        };
        let ended_at = "max(lasted, ?1 - (id >> 20))";
        self.connection.execute(
            &format!(
                "UPDATE flow SET open = 0, lasted = {ended_at},
                     sum = row_sum(id, 0, {ended_at}, owner, app, remote, port, other_port, local, name, kind,
                         sent, received, possibly, namespace)
                 WHERE open = 1"
            ),
            [alive_at],
        )?;
        self.connection.execute(
            "UPDATE listener SET open = 0, last_seen = max(last_seen, ?1),
                 sum = row_sum(id, first_seen, max(last_seen, ?1), 0, protocol, local, port, owner)
             WHERE open = 1",
            [alive_at],
        )?;
        let alive_at = Timestamp::from_millis(alive_at);
        let (from, until, why) = if session.started_at < alive_at {
            (session.started_at, alive_at, WhyUnobserved::ClockSet)
        } else {
            (alive_at, session.started_at, WhyUnobserved::NotRunning)
        };
        self.write_gap(&Unobserved { from, until, why, lost: None })
    }

    /// Notes a session, or its part in another zone.
    fn write_session(&mut self, session: &Session, alive_at: Timestamp) -> Sql<i64> {
        self.connection
            .prepare_cached(
                "INSERT INTO session (started_at, alive_at, zone, version, data_version, sum)
                 VALUES (?1, ?2, ?3, ?4, ?5, row_sum(?1, ?2, ?3, ?4, ?5))",
            )?
            .insert(params![
                session.started_at.as_millis(),
                alive_at.as_millis(),
                session.zone,
                session.version,
                session.data_version
            ])
    }

    fn set_zone(&mut self, zone: &str) {
        self.days = LocalDays::of_zone(zone).unwrap_or_else(|_| {
            tracing::warn!(zone, "the time zone is not known here; days are counted in UTC");
            LocalDays::default()
        });
    }

    fn write_batch(&mut self, batch: &Batch) -> Sql<Staged> {
        let mut staged = Staged::default();
        if batch.at < self.alive_at && self.alive_at.since(batch.at) > CLOCK_SLACK {
            let (from, until) = (batch.at, self.alive_at);
            self.write_gap(&Unobserved { from, until, why: WhyUnobserved::ClockSet, lost: None })?;
        }
        for gap in &batch.gaps {
            self.write_gap(gap)?;
        }
        for entry in &batch.flows {
            self.write_flow(entry, batch.at, &mut staged)?;
        }
        self.begin_day(batch.at, &mut staged);
        std::mem::take(&mut staged.additions).write(&self.connection)?;
        for entry in &batch.listeners {
            self.write_listener(entry, batch.at, &mut staged)?;
        }
        for seen in &batch.programs {
            self.write_program(seen)?;
        }
        for away in &batch.away {
            self.write_away(*away)?;
        }
        if let Some((id, _)) = self.session {
            self.connection
                .prepare_cached(
                    "UPDATE session SET alive_at = ?2, sum = row_sum(started_at, ?2, zone, version, data_version)
                     WHERE id = ?1",
                )?
                .execute(params![id, batch.at.as_millis()])?;
        }
        Ok(staged)
    }

    fn write_flow(&mut self, entry: &FlowEntry, at: Timestamp, staged: &mut Staged) -> Sql<()> {
        let flow = &entry.flow;
        if self.erased.contains(&flow.id) {
            return Ok(());
        }
        let is_open = entry.ending == Ending::Open;
        let first_seen = flow.span.first_seen;
        let last_seen = if is_open { at } else { flow.span.last_seen }.max(first_seen);
        let record = FlowRecord::of(flow, entry.ending, RecordId(0));
        let counted = Counted::of(&record, &mut self.words, &self.connection)?;
        let known = self.open.get(&flow.id).copied();
        let id = match known {
            Some(known) => known.id,
            None => self.free_id(first_seen, staged)?,
        };
        let written = known.map(|known| known.indexed);
        let indexed = self.write_record(id, &record, counted.app, last_seen, written)?;

        let mut now = known.unwrap_or_else(|| {
            staged.additions.began(first_seen, counted.app, 1);
            let begun = self.days.day_of(first_seen);
            let fresh = OpenFlow {
                id,
                counted,
                indexed,
                day: begun,
                day_bytes: (0, 0),
                until: first_seen,
                bytes: (0, 0),
            };
            fresh.count_day(first_seen, first_seen, &mut staged.additions);
            fresh
        });
        now.indexed = indexed;
        if now.counted != counted {
            let from = first_seen.max(self.days.begin_of(now.day));
            now.count_as(counted, first_seen, from, &mut staged.additions);
        }
        now.count_until(last_seen, &record, self.days.day_of(last_seen), &mut staged.additions);
        staged.flows.push((flow.id, is_open.then_some(now)));
        Ok(())
    }

    /// The next id of a moment.
    fn free_id(&self, first_seen: Timestamp, staged: &mut Staged) -> Sql<i64> {
        let lowest = first_seen.as_millis() << ID_BITS;
        let last = match staged.last_ids.get(&lowest) {
            Some(last) => Some(*last),
            None => self
                .connection
                .prepare_cached("SELECT max(id) FROM flow WHERE id BETWEEN ?1 AND ?2")?
                .query_row([lowest, lowest | ((1 << ID_BITS) - 1)], |row| row.get(0))?,
        };
        let id = last.map_or(lowest, |last| last + 1);
        staged.last_ids.insert(lowest, id);
        Ok(id)
    }

    /// Writes a flow for the first time, or over what was `written` of it before.
    fn write_record(
        &mut self,
        id: i64,
        record: &FlowRecord,
        app: i64,
        last_seen: Timestamp,
        written: Option<Indexed>,
    ) -> Sql<Indexed> {
        let (words, connection) = (&mut self.words, &self.connection);
        let kind = Kind {
            protocol: record.protocol,
            direction: record.direction,
            state: record.state,
            ownership: record.ownership,
            evidence: record.evidence,
            end_seen: record.ending == Ending::Seen,
        };
        let (port, local_port) = (record.service_port(), record.local.port());
        let other_port = if port == record.remote_port && record.direction == tapmap_core::Direction::Outbound
        {
            local_port
        } else {
            record.remote_port
        };
        let lasted = last_seen.as_millis().saturating_sub(record.span.first_seen.as_millis());
        let owner = words.owner(connection, &record.owner)?;
        let remote = words.remote(connection, &record.remote)?;
        let local = words.local(connection, record.local.address())?;
        let name = record.name.as_ref().map(|name| words.name(connection, name)).transpose()?;
        let possibly = record.possibly.as_ref().map(|app| words.word(connection, app)).transpose()?;
        let indexed = Indexed { app, remote, port, name };
        let sql = match written {
            // An index is written again for each of its columns that is set, also to what it was.
            Some(written) if written == indexed => {
                "UPDATE flow SET open = ?2, lasted = ?3, owner = ?4, other_port = ?8, local = ?9, kind = ?11,
                     sent = ?12, received = ?13, possibly = ?14, namespace = ?15,
                     sum = row_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
                 WHERE id = ?1"
            }
            Some(_) => {
                "UPDATE flow SET open = ?2, lasted = ?3, owner = ?4, app = ?5, remote = ?6, port = ?7,
                     other_port = ?8, local = ?9, name = ?10, kind = ?11, sent = ?12, received = ?13,
                     possibly = ?14, namespace = ?15,
                     sum = row_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
                 WHERE id = ?1"
            }
            None => {
                "INSERT INTO flow (id, open, lasted, owner, app, remote, port, other_port, local, name, kind, sent,
                     received, possibly, namespace, sum)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
                     row_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15))"
            }
        };
        connection.prepare_cached(sql)?.execute(params![
            id,
            record.ending == Ending::Open,
            lasted,
            owner,
            (app != NO_APP).then_some(app),
            remote,
            port,
            other_port,
            local,
            name,
            kind.code(),
            record.sent.map(u64::cast_signed),
            record.received.map(u64::cast_signed),
            possibly,
            record.namespace.0,
        ])?;
        Ok(indexed)
    }

    /// At the first batch of a day, what is open counts for it too.
    fn begin_day(&self, at: Timestamp, staged: &mut Staged) {
        let today = self.days.day_of(at);
        if self.days.day_of(self.alive_at) == today {
            return;
        }
        let written: HashSet<FlowId> = staged.flows.iter().map(|(id, _)| *id).collect();
        for (id, open) in self.open.iter().filter(|(id, open)| open.day != today && !written.contains(id)) {
            let mut open = *open;
            open.enter(today, at, &mut staged.additions);
            staged.flows.push((*id, Some(open)));
        }
    }

    /// What is known already stays as it is.
    fn write_program(&self, seen: &ProgramSeen) -> Sql<()> {
        let ProgramFile { path, identity } = &seen.file;
        let sql =
            "INSERT OR IGNORE INTO program_file (app, path, inode, size, modified, first_seen, print, sum)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, row_print(?1, ?2, ?3, ?4, ?5), row_sum(?6))";
        self.connection.prepare_cached(sql)?.execute(params![
            seen.app,
            path,
            identity.inode.cast_signed(),
            identity.size.cast_signed(),
            identity.modified.as_millis(),
            seen.first_seen.as_millis(),
        ])?;
        Ok(())
    }

    fn write_listener(&mut self, entry: &ListenerEntry, at: Timestamp, staged: &mut Staged) -> Sql<()> {
        let listener = &entry.listener;
        let owner = Arc::new(OwnerRecord::from(&listener.attribution));
        let owner = self.words.owner(&self.connection, &owner)?;
        let local = self.words.local(&self.connection, listener.local.address())?;
        let first_seen = listener.first_seen.as_millis();
        let last_seen = entry.closed_at.unwrap_or(at).as_millis().max(first_seen);
        let known = self.listeners.get(&listener.id).copied();
        let next = || {
            self.connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM listener", [], |row| row.get(0))
        };
        let id: i64 = known.map_or_else(next, Ok)?;
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO listener (id, first_seen, last_seen, open, protocol, local, port, owner, sum)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, row_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))",
            )?
            .execute(params![
                id,
                first_seen,
                last_seen,
                entry.closed_at.is_none(),
                listener.protocol.code(),
                local,
                listener.local.port(),
                owner,
            ])?;
        staged.listeners.push((listener.id, entry.closed_at.is_none().then_some(id)));
        Ok(())
    }

    fn write_away(&self, away: Away) -> Sql<()> {
        let sql =
            "INSERT OR REPLACE INTO away (since, until, why, sum) VALUES (?1, ?2, ?3, row_sum(?1, ?2, ?3))";
        let Away { from, until, why } = away;
        self.connection.prepare_cached(sql)?.execute(params![
            from.as_millis(),
            until.as_millis(),
            why.code()
        ])?;
        Ok(())
    }

    fn write_gap(&mut self, gap: &Unobserved) -> Sql<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO gap (since, until, why, lost, sum) VALUES (?1, ?2, ?3, ?4, row_sum(?1, ?2, ?3, ?4))",
            )?
            .execute(params![
                gap.from.as_millis(),
                gap.until.as_millis(),
                gap.why.code(),
                gap.lost.map(u64::cast_signed)
            ])?;
        Ok(())
    }
}

/// What holds once the transaction has.
#[derive(Debug, Default)]
struct Staged {
    flows: Vec<(FlowId, Option<OpenFlow>)>,
    listeners: Vec<(SocketId, Option<i64>)>,
    last_ids: HashMap<i64, i64>,
    additions: Additions,
}

impl OpenFlow {
    /// Counts the day on which it is.
    fn count_day(&self, from: Timestamp, until: Timestamp, additions: &mut Additions) {
        let share = Share { day: self.day, flows: 1, sent: 0, received: 0, from, until };
        additions.count(&self.counted, &share);
    }

    /// Goes over to another day.
    fn enter(&mut self, day: Day, at: Timestamp, additions: &mut Additions) {
        self.day = day;
        self.day_bytes = (0, 0);
        self.count_day(at, at, additions);
    }

    /// Counts as something else from now on, and did so the whole day, on which it was first observed
    /// at `from`.
    fn count_as(
        &mut self,
        counted: Counted,
        first_seen: Timestamp,
        from: Timestamp,
        additions: &mut Additions,
    ) {
        let (sent, received) = self.day_bytes;
        let (never, ever) = (Timestamp::from_millis(i64::MAX), Timestamp::from_millis(i64::MIN));
        let day = self.day;
        let taken = Share { day, flows: -1, sent: -sent, received: -received, from: never, until: ever };
        additions.count(&self.counted, &taken);
        let until = self.until.max(from);
        additions.count(&counted, &Share { day, flows: 1, sent, received, from, until });
        if self.counted.app != counted.app {
            additions.began(first_seen, self.counted.app, -1);
            additions.began(first_seen, counted.app, 1);
        }
        self.counted = counted;
    }

    /// Counts what went through since it was counted last.
    fn count_until(&mut self, at: Timestamp, record: &FlowRecord, day: Day, additions: &mut Additions) {
        if day != self.day {
            self.enter(day, at, additions);
        }
        let total = |bytes: Option<u64>| bytes.and_then(|bytes| i64::try_from(bytes).ok()).unwrap_or(0);
        let (sent, received) = (total(record.sent), total(record.received));
        let new = ((sent - self.bytes.0).max(0), (received - self.bytes.1).max(0));
        self.until = self.until.max(at);
        self.bytes = (self.bytes.0 + new.0, self.bytes.1 + new.1);
        self.day_bytes = (self.day_bytes.0 + new.0, self.day_bytes.1 + new.1);
        let share = Share { day, flows: 0, sent: new.0, received: new.1, from: at, until: at };
        additions.count(&self.counted, &share);
        additions.went_through(at, self.counted.app, new.0, new.1);
    }
}

impl HistoryStore for SqliteStore {
    fn begin(&mut self, session: &Session) -> Result<(), StoreError> {
        self.open.clear();
        self.erased.clear();
        self.listeners.clear();
        let id = self.atomically("begin a session", |store| {
            store.take_over(session)?;
            store.write_session(session, session.started_at)
        })?;
        self.set_zone(&session.zone);
        self.session = Some((id, session.clone()));
        self.alive_at = session.started_at;
        Ok(())
    }

    fn append(&mut self, batch: &Batch) -> Result<(), StoreError> {
        if let (Some(zone), Some((_, session))) = (&batch.new_zone, &self.session)
            && *zone != session.zone
        {
            let session = Session { zone: Arc::clone(zone), started_at: batch.at, ..session.clone() };
            let id =
                self.atomically("note the time zone", |store| store.write_session(&session, batch.at))?;
            self.set_zone(zone);
            self.session = Some((id, session));
        }
        let staged = self.atomically("write the history", |store| store.write_batch(batch))?;
        for (id, open) in staged.flows {
            match open {
                Some(open) => drop(self.open.insert(id, open)),
                None => drop(self.open.remove(&id)),
            }
        }
        for (id, open) in staged.listeners {
            match open {
                Some(open) => drop(self.listeners.insert(id, open)),
                None => drop(self.listeners.remove(&id)),
            }
        }
        if !self.erased.is_empty() {
            for entry in batch.flows.iter().filter(|entry| entry.ending != Ending::Open) {
                self.erased.remove(&entry.flow.id);
            }
        }
        self.alive_at = batch.at;
        Ok(())
    }

    fn forget(&mut self, what: &Forget, at: Timestamp, due_at: Timestamp) -> Result<Forgetting, StoreError> {
        self.atomically("hide what is to be forgotten", |store| {
            erase::ask(&store.connection, &mut store.words, what, at, due_at)
        })
    }

    fn restore(&mut self, id: i64) -> Result<bool, StoreError> {
        let deleted = self.connection.execute("DELETE FROM forgetting WHERE id = ?1", [id]);
        deleted.map(|count| count > 0).context("take the forgetting back")
    }

    fn tidy(&mut self, now: Timestamp, keep: Retention) -> Result<bool, StoreError> {
        retention::tidy(self, now, keep)
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        self.atomically("sweep the history", |store| retention::sweep(&store.connection))?;
        self.forget_caches();
        self.connection
            .execute_batch("VACUUM; PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)")
            .context("compact the history")
    }

    fn import(&mut self, facet: Facet, uses: &[DayUse]) -> Result<(), StoreError> {
        self.atomically("import days", |store| {
            rollup::import(&store.connection, &mut store.words, facet, uses)
        })
    }

    fn begin_anew(&mut self, why: &str, at: Timestamp) -> Result<String, StoreError> {
        tracing::warn!(why, "the history is begun anew");
        self.connection = Connection::open_in_memory().context("leave the damaged history")?;
        let moved = file::set_aside(&self.path, Quarantine::Damaged, at);
        self.connection = file::open_or_begin(&self.path, at)?.store;
        self.reader.start_over();
        let path = moved?;
        self.forget_caches();
        if let Some((_, session)) = self.session.take() {
            self.begin(&Session { started_at: at, ..session })?;
        }
        Ok(path.display().to_string())
    }

    fn reader(&self) -> Result<Arc<dyn HistoryReader>, StoreError> {
        Ok(Arc::clone(&self.reader) as Arc<dyn HistoryReader>)
    }
}

/// One number from the file, or none.
pub(crate) fn number(connection: &Connection, sql: &str) -> Sql<Option<i64>> {
    connection.query_row(sql, [], |row| row.get(0)).optional().map(Option::flatten)
}
