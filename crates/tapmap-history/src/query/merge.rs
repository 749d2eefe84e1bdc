//! Rows in the order of time by way of an index. Under each value of an index the ids lie in order; the
//! values are read beside each other, always that with the latest id next, a few ids at a time.

use super::compile::Column;
use rusqlite::{Connection, Result, params};
use std::collections::{BinaryHeap, VecDeque};

/// How many ids are read at first, of all values together.
const FIRST: usize = 256;
/// How many ids are read of one value at a time at most.
const MOST: usize = 4096;

/// The ids under some values of indexes, the latest first, each once.
pub(super) struct Merge {
    table: &'static str,
    lower: i64,
    entries: Vec<Entry>,
    /// The latest id of each value, and its place in `entries`.
    heads: BinaryHeap<(i64, usize)>,
    last: Option<i64>,
}

struct Entry {
    column: Column,
    value: i64,
    ids: VecDeque<i64>,
    /// The next id to be read is lower than this; `None` when all are read.
    before: Option<i64>,
    chunk: usize,
}

impl Merge {
    /// Begins with the ids between two.
    pub(super) fn begin(
        connection: &Connection,
        table: &'static str,
        values: Vec<(Column, i64)>,
        (lower, before): (i64, i64),
    ) -> Result<Self> {
        let chunk = (FIRST / values.len().max(1)).max(4);
        let entry =
            |(column, value)| Entry { column, value, ids: VecDeque::new(), before: Some(before), chunk };
        let entries: Vec<Entry> = values.into_iter().map(entry).collect();
        let mut merge = Self { table, lower, entries, heads: BinaryHeap::new(), last: None };
        for place in 0..merge.entries.len() {
            merge.advance(connection, place)?;
        }
        Ok(merge)
    }

    /// The next id.
    pub(super) fn next(&mut self, connection: &Connection) -> Result<Option<i64>> {
        while let Some((id, place)) = self.heads.pop() {
            self.advance(connection, place)?;
            if self.last.replace(id) != Some(id) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Puts the next id of a value among the heads.
    fn advance(&mut self, connection: &Connection, place: usize) -> Result<()> {
        let Some(entry) = self.entries.get_mut(place) else { return Ok(()) };
        if entry.ids.is_empty() {
            entry.read(connection, self.table, self.lower)?;
        }
        self.heads.extend(entry.ids.pop_front().map(|id| (id, place)));
        Ok(())
    }
}

impl Entry {
    fn read(&mut self, connection: &Connection, table: &str, lower: i64) -> Result<()> {
        let (Some(before), Some(column)) = (self.before, self.column.index()) else { return Ok(()) };
        let mut statement = connection.prepare_cached(&format!(
            "SELECT id FROM {table} INDEXED BY {table}_{column}
             WHERE {column} = ?1 AND id >= ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4"
        ))?;
        let limit = i64::try_from(self.chunk).unwrap_or(i64::MAX);
        let ids = statement.query_map(params![self.value, lower, before, limit], |row| row.get(0))?;
        self.ids = ids.collect::<Result<_>>()?;
        self.before = if self.ids.len() < self.chunk { None } else { self.ids.back().copied() };
        self.chunk = (self.chunk * 2).min(MOST);
        Ok(())
    }
}
