//! Which way through the table is the short one. Rows are wanted in the order of time, in which the
//! table lies. The latest ones are walked through; where few of them fit, an index goes on.

use super::{
    compile::{Compiled, Condition},
    merge::Merge,
};
use crate::functions::is_sound;
use rusqlite::{Connection, Result, Row};
use std::collections::VecDeque;

/// After how many rows it is judged how many fit.
const STRETCH: usize = 2000;
/// An index goes on when fewer than one in so many rows fits one of its conditions: a row costs about
/// so much more by its id than in passing.
const RARE: usize = 20;
/// With more values an index is not used: each has to be looked up before the first row comes.
const MOST_VALUES: usize = 4000;
/// How many rows are fetched first: a page, mostly. Each time after that twice as many.
const FIRST_CHUNK: usize = 101;
/// How many rows are fetched at a time at most.
const LARGEST_CHUNK: usize = 8192;

const SINGLE_COLUMNS: &str = "id, open, lasted, owner, app, remote, port, other_port, local, name, kind, sent, \
    received, possibly, namespace, NULL, sum";
const FOLD_COLUMNS: &str = "id, 0, count, NULL, app, remote, port, 0, local, name, kind, NULL, NULL, possibly, \
    namespace, members, sum";
/// The columns that a row's check sum is of.
const SUM_OF_SINGLE: &[usize] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
const SUM_OF_FOLD: &[usize] = &[0, 2, 4, 5, 6, 8, 9, 10, 13, 14, 15];

/// What rows are read of.
struct Table {
    name: &'static str,
    columns: &'static str,
    summed: &'static [usize],
}

const SINGLES: &Table = &Table { name: "flow", columns: SINGLE_COLUMNS, summed: SUM_OF_SINGLE };
const FOLDS: &Table = &Table { name: "fold", columns: FOLD_COLUMNS, summed: SUM_OF_FOLD };

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
    fn read(row: &Row<'_>, table: &Table) -> Result<Self> {
        if !is_sound(row, table.summed, 16)? {
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

/// How rows are found.
enum Way {
    /// In passing, counting how many fit each condition.
    Judge {
        rows: usize,
        fits: Vec<usize>,
    },
    /// In passing.
    Walk,
    Index(Merge),
    Ids(VecDeque<i64>),
}

/// Rows, the latest first.
pub(crate) struct Reading<'a> {
    connection: &'a Connection,
    table: &'static Table,
    conditions: Vec<&'a Condition>,
    way: Way,
    lower: i64,
    before: i64,
    chunk: usize,
    rows: VecDeque<RawRow>,
    done: bool,
}

impl<'a> Reading<'a> {
    /// Single flows between two ids.
    pub(crate) fn singles(connection: &'a Connection, filter: &'a Compiled, lower: i64, before: i64) -> Self {
        Self::begin(connection, SINGLES, filter.conditions.iter().collect(), (lower, before))
    }

    /// Folded rows between two ids.
    pub(crate) fn folds(connection: &'a Connection, filter: &'a Compiled, lower: i64, before: i64) -> Self {
        let conditions = filter.conditions.iter().filter(|it| it.is_of_folds()).collect();
        Self::begin(connection, FOLDS, conditions, (lower, before))
    }

    /// Single flows between two ids that are open or lasted long.
    pub(crate) fn long_ones(
        connection: &'a Connection,
        filter: &'a Compiled,
        lower: i64,
        before: i64,
    ) -> Result<Self> {
        let sql = "SELECT id FROM flow INDEXED BY flow_open WHERE open = 1 AND id >= ?1 AND id < ?2
            UNION SELECT id FROM flow INDEXED BY flow_long WHERE lasted >= 3600000 AND id >= ?1 AND id < ?2
            ORDER BY id DESC";
        let mut statement = connection.prepare_cached(sql)?;
        let ids = statement.query_map([lower, before], |row| row.get(0))?.collect::<Result<_>>()?;
        let reading = Self::singles(connection, filter, lower, before);
        Ok(Self { way: Way::Ids(ids), ..reading })
    }

    fn begin(
        connection: &'a Connection,
        table: &'static Table,
        conditions: Vec<&'a Condition>,
        (lower, before): (i64, i64),
    ) -> Self {
        let done = conditions.iter().any(|condition| condition.is_impossible());
        let way = Way::Judge { rows: 0, fits: vec![0; conditions.len()] };
        let rows = VecDeque::new();
        Self { connection, table, conditions, way, lower, before, chunk: FIRST_CHUNK, rows, done }
    }

    /// The next row.
    pub(crate) fn next(&mut self) -> Result<Option<RawRow>> {
        while self.rows.is_empty() && !self.done {
            match &self.way {
                Way::Judge { rows, .. } if *rows >= STRETCH => self.choose()?,
                Way::Judge { .. } | Way::Walk => self.walk()?,
                Way::Index(_) | Way::Ids(_) => self.look_up()?,
            }
        }
        Ok(self.rows.pop_front())
    }

    /// Goes on by the index of the condition that the fewest rows fit, or in passing.
    fn choose(&mut self) -> Result<()> {
        let Way::Judge { rows, fits } = &self.way else { return Ok(()) };
        let rare = self.conditions.iter().zip(fits).filter(|(_, fits)| *fits * RARE < *rows);
        let entries = rare.filter_map(|(condition, fits)| Some((*fits, condition.entries()?)));
        let few = entries.filter(|(_, entries)| entries.len() <= MOST_VALUES);
        let best = few.min_by_key(|(fits, entries)| (*fits, entries.len()));
        self.way = match best {
            None => Way::Walk,
            Some((_, entries)) => {
                let range = (self.lower, self.before);
                Way::Index(Merge::begin(self.connection, self.table.name, entries, range)?)
            }
        };
        Ok(())
    }

    /// Fetches the next rows in passing.
    fn walk(&mut self) -> Result<()> {
        let Table { name, columns, .. } = self.table;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {columns} FROM {name} NOT INDEXED WHERE id >= ?1 AND id < ?2 ORDER BY id DESC"
        ))?;
        let mut rows = statement.query([self.lower, self.before])?;
        while self.rows.len() < self.chunk {
            if matches!(self.way, Way::Judge { rows: STRETCH.., .. }) {
                break;
            }
            let Some(row) = rows.next()? else {
                self.done = true;
                break;
            };
            self.before = row.get(0)?;
            if self.way.fits(&self.conditions, row)? {
                self.rows.push_back(RawRow::read(row, self.table)?);
            }
        }
        self.chunk = (self.chunk * 2).min(LARGEST_CHUNK);
        Ok(())
    }

    /// Fetches the next rows by their ids.
    fn look_up(&mut self) -> Result<()> {
        let Table { name, columns, .. } = self.table;
        let sql = format!("SELECT {columns} FROM {name} NOT INDEXED WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        for _ in 0..FIRST_CHUNK {
            let id = match &mut self.way {
                Way::Index(merge) => merge.next(self.connection)?,
                Way::Ids(ids) => ids.pop_front(),
                Way::Judge { .. } | Way::Walk => None,
            };
            let Some(id) = id else {
                self.done = true;
                break;
            };
            let mut rows = statement.query([id])?;
            if let Some(row) = rows.next()?
                && Way::Walk.fits(&self.conditions, row)?
            {
                self.rows.push_back(RawRow::read(row, self.table)?);
            }
        }
        Ok(())
    }
}

impl Way {
    /// Whether a row fits all conditions.
    fn fits(&mut self, conditions: &[&Condition], row: &Row<'_>) -> Result<bool> {
        let mut all = true;
        if let Self::Judge { rows, fits } = self {
            *rows += 1;
            for (condition, fits) in conditions.iter().zip(fits) {
                let one = condition.fits(row)?;
                *fits += usize::from(one);
                all &= one;
            }
            return Ok(all);
        }
        for condition in conditions {
            all = all && condition.fits(row)?;
        }
        Ok(all)
    }
}
