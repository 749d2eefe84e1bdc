//! Which way through the table is the short one. Rows are wanted in the order of time, in which the
//! table lies; an index helps only where it leaves few rows or one value's rows in order.

use super::compile::{Compiled, Condition};
use rusqlite::{Connection, Result, Row, Rows, params_from_iter, types::Value};
use std::collections::VecDeque;

/// Up to so many rows an index is asked for all of them, which then are sorted; with more, the table
/// is walked in order, since one in a few hundred fits.
const FEW: usize = 20_000;
/// How many rows are fetched first: a page, mostly. Each time after that twice as many, since each
/// time the dictionaries are looked through.
const FIRST_CHUNK: usize = 101;
/// How many rows are fetched at a time at most.
const LARGEST_CHUNK: usize = 8192;

const SINGLE_COLUMNS: &str = "id, open, lasted, owner, app, remote, port, other_port, local, name, kind, sent, \
    received, possibly, namespace, NULL, sum = row_sum(id, open, lasted, owner, app, remote, port, other_port, \
    local, name, kind, sent, received, possibly, namespace)";
const FOLD_COLUMNS: &str = "id, 0, count, NULL, app, remote, port, 0, local, name, kind, NULL, NULL, possibly, \
    namespace, members, sum = row_sum(id, count, app, remote, port, local, name, kind, possibly, namespace, members)";

/// A row of either table, its dictionaries' numbers not looked up.
#[derive(Clone, Debug)]
pub(crate) struct RawRow {
    pub(crate) id: i64,
    pub(crate) open: bool,
    /// How long it lasted; of a folded row how many flows it holds.
    pub(crate) lasted: i64,
    pub(crate) owner: Option<i64>,
    pub(crate) remote: i64,
    pub(crate) port: u16,
    pub(crate) other_port: u16,
    pub(crate) local: i64,
    pub(crate) name: Option<i64>,
    pub(crate) kind: i64,
    pub(crate) sent: Option<i64>,
    pub(crate) received: Option<i64>,
    pub(crate) possibly: Option<i64>,
    pub(crate) namespace: u32,
    pub(crate) members: Option<Vec<u8>>,
}

impl RawRow {
    fn read(row: &Row<'_>) -> Result<Self> {
        if !row.get::<_, bool>(16)? {
            return Err(crate::error::damaged("a flow"));
        }
        Ok(Self {
            id: row.get(0)?,
            open: row.get(1)?,
            lasted: row.get(2)?,
            owner: row.get(3)?,
            remote: row.get(5)?,
            port: row.get(6)?,
            other_port: row.get(7)?,
            local: row.get(8)?,
            name: row.get(9)?,
            kind: row.get(10)?,
            sent: row.get(11)?,
            received: row.get(12)?,
            possibly: row.get(13)?,
            namespace: row.get(14)?,
            members: row.get(15)?,
        })
    }
}

/// Where rows come from.
pub(crate) struct Source {
    table: &'static str,
    columns: &'static str,
    conditions: Vec<Condition>,
    /// The ids to fetch, the latest first; `None` when the table is walked.
    ids: Option<Vec<i64>>,
    lower: i64,
    before: i64,
}

impl Source {
    /// Single flows between two ids.
    pub(crate) fn singles(
        connection: &Connection,
        filter: &Compiled,
        lower: i64,
        before: i64,
    ) -> Result<Self> {
        Self::choose(connection, "flow", SINGLE_COLUMNS, filter.conditions.clone(), (lower, before))
    }

    /// Folded rows between two ids.
    pub(crate) fn folds(connection: &Connection, filter: &Compiled, lower: i64, before: i64) -> Result<Self> {
        let conditions = filter.conditions.iter().filter(|it| it.of_folds).cloned().collect();
        Self::choose(connection, "fold", FOLD_COLUMNS, conditions, (lower, before))
    }

    /// Single flows between two ids that are open or lasted long.
    pub(crate) fn long_ones(
        connection: &Connection,
        filter: &Compiled,
        lower: i64,
        before: i64,
    ) -> Result<Self> {
        let sql = "SELECT id FROM flow INDEXED BY flow_open WHERE open = 1 AND id >= ?1 AND id < ?2
            UNION SELECT id FROM flow INDEXED BY flow_long WHERE lasted >= 3600000 AND id >= ?1 AND id < ?2
            ORDER BY id DESC";
        let mut statement = connection.prepare_cached(sql)?;
        let ids = statement.query_map([lower, before], |row| row.get(0))?.collect::<Result<_>>()?;
        let conditions = filter.conditions.clone();
        Ok(Self { table: "flow", columns: SINGLE_COLUMNS, conditions, ids: Some(ids), lower, before })
    }

    fn choose(
        connection: &Connection,
        table: &'static str,
        columns: &'static str,
        conditions: Vec<Condition>,
        (lower, before): (i64, i64),
    ) -> Result<Self> {
        let mut source = Self { table, columns, conditions, ids: None, lower, before };
        for condition in &source.conditions {
            let Some(column) = condition.indexed else { continue };
            let sql = format!(
                "SELECT id FROM {table} INDEXED BY {table}_{column}
                 WHERE {} AND {column} IS NOT NULL AND id >= ? AND id < ? LIMIT {}",
                condition.sql,
                FEW + 1
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let range = [Value::Integer(lower), Value::Integer(before)];
            let values = params_from_iter(condition.values.iter().chain(&range));
            let ids: Vec<i64> = statement.query_map(values, |row| row.get(0))?.collect::<Result<_>>()?;
            let fewer = source.ids.as_ref().is_none_or(|known| ids.len() < known.len());
            if ids.len() <= FEW && fewer {
                source.ids = Some(ids);
            }
        }
        if let Some(ids) = &mut source.ids {
            ids.sort_unstable_by(|one, other| other.cmp(one));
        }
        Ok(source)
    }

    /// Begins reading.
    pub(crate) fn open(self) -> Reading {
        let tests: String = self.conditions.iter().flat_map(|it| [" AND ", &it.sql]).collect();
        let values: Vec<Value> = self.conditions.iter().flat_map(|it| it.values.clone()).collect();
        let Self { table, columns, ids, lower, before, .. } = self;
        let sql = match &ids {
            Some(_) => format!("SELECT {columns} FROM {table} NOT INDEXED WHERE id = ?{tests}"),
            None => format!(
                "SELECT {columns} FROM {table} NOT INDEXED WHERE id >= ? AND id < ?{tests}
                 ORDER BY id DESC LIMIT ?"
            ),
        };
        let ids = ids.map(VecDeque::from);
        Reading { sql, values, ids, lower, before, chunk: FIRST_CHUNK, rows: VecDeque::new(), done: false }
    }
}

/// Rows, the latest first.
pub(crate) struct Reading {
    sql: String,
    values: Vec<Value>,
    ids: Option<VecDeque<i64>>,
    lower: i64,
    before: i64,
    chunk: usize,
    rows: VecDeque<RawRow>,
    done: bool,
}

impl Reading {
    /// The next row.
    pub(crate) fn next(&mut self, connection: &Connection) -> Result<Option<RawRow>> {
        while self.rows.is_empty() && !self.done {
            self.fetch(connection)?;
        }
        Ok(self.rows.pop_front())
    }

    fn fetch(&mut self, connection: &Connection) -> Result<()> {
        let mut statement = connection.prepare_cached(&self.sql)?;
        let read = |rows: Rows<'_>| rows.mapped(RawRow::read).collect::<Result<Vec<_>>>();
        let Some(ids) = &mut self.ids else {
            let range = [Value::Integer(self.lower), Value::Integer(self.before)];
            let limit = [Value::Integer(i64::try_from(self.chunk).unwrap_or(i64::MAX))];
            let values = params_from_iter(range.iter().chain(&self.values).chain(&limit));
            let rows = read(statement.query(values)?)?;
            self.done = rows.len() < self.chunk;
            self.chunk = (self.chunk * 2).min(LARGEST_CHUNK);
            self.before = rows.last().map_or(self.lower, |last| last.id);
            self.rows.extend(rows);
            return Ok(());
        };
        for _ in 0..FIRST_CHUNK {
            let Some(id) = ids.pop_front() else {
                self.done = true;
                break;
            };
            let id = [Value::Integer(id)];
            self.rows.extend(read(statement.query(params_from_iter(id.iter().chain(&self.values)))?)?);
        }
        Ok(())
    }
}
