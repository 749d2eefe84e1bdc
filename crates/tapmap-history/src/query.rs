//! Questions about flows: which rows are read, in which order, and what becomes of them. Rows of
//! single flows and folded rows are read beside each other, an hour at a time, so that flows come in
//! the order of their beginnings whichever way they are kept.

mod compile;
mod merge;
mod plan;
mod rows;

use crate::{
    day::LocalDays,
    dictionary::Lookup,
    erase::{self, Hidden},
    error::Context,
};
use compile::Compiled;
use plan::Reading;
use rows::RowReader;
use rusqlite::{Connection, Result as Sql};
use std::{collections::BTreeMap, ops::ControlFlow};
use tapmap_core::{FlowPage, FlowQuery, FlowRecord, RecordId, StoreError, Timestamp};

/// How many bits of an id number the flows within a millisecond.
pub(crate) const ID_BITS: u32 = 20;
/// Flows that lasted at least so long are found by an index of their own, so that only those that
/// began shortly before a moment must be looked through for those that went on until then.
const LONG: i64 = 3_600_000;
const HOUR: i64 = 3_600_000;

/// The moment in an id, in milliseconds.
pub(crate) fn millis(id: i64) -> i64 {
    id >> ID_BITS
}

/// The lowest id of a moment; a moment that no id can hold is held by the nearest.
pub(crate) fn lowest_id(millis: i64) -> i64 {
    millis.clamp(i64::MIN >> ID_BITS, i64::MAX >> ID_BITS) << ID_BITS
}

fn hour(id: i64) -> i64 {
    millis(id).div_euclid(HOUR)
}

/// A page of flows.
pub(crate) fn page(
    connection: &Connection,
    query: &FlowQuery,
    now: Timestamp,
) -> Result<FlowPage, StoreError> {
    let mut flows: Vec<FlowRecord> = Vec::new();
    walk(connection, query, now, &mut |record| {
        flows.push(record);
        if flows.len() > query.limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let more = flows.len() > query.limit;
    flows.truncate(query.limit);
    let next = flows.last().filter(|_| more).map(|last| last.id);
    Ok(FlowPage { flows, next })
}

/// Every flow of a query, as long as `visit` goes on.
pub(crate) fn walk(
    connection: &Connection,
    query: &FlowQuery,
    now: Timestamp,
    visit: &mut dyn FnMut(FlowRecord) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    // One moment of the file for all that is read.
    let moment = connection.unchecked_transaction().context("read the history")?;
    let walked = Walk::begin(&moment, query, now).and_then(|walk| walk.run(visit));
    walked.context("read the history")
}

/// Every flow that began at a moment or later and is kept by itself, also what is hidden.
pub(crate) fn since(connection: &Connection, moment: Timestamp) -> Sql<Vec<FlowRecord>> {
    let mut rows = RowReader::new(Lookup::new(connection), last_sign_of_life(connection)?);
    let lower = lowest_id(moment.as_millis());
    let everything = Compiled::default();
    let mut reading = Reading::singles(connection, &everything, lower, i64::MAX);
    let mut records = Vec::new();
    while let Some(row) = reading.next()? {
        records.push(rows.single(&row)?);
    }
    Ok(records)
}

struct Walk<'a> {
    connection: &'a Connection,
    query: &'a FlowQuery,
    now: Timestamp,
    hidden: Hidden,
    rows: RowReader<'a>,
    compiled: Compiled,
}

impl<'a> Walk<'a> {
    fn begin(connection: &'a Connection, query: &'a FlowQuery, now: Timestamp) -> Sql<Self> {
        let hidden = erase::hidden(connection)?;
        let alive_at = last_sign_of_life(connection)?;
        let rows = RowReader::new(Lookup::new(connection), alive_at);
        let compiled = Compiled::of(connection, &query.filter, now, &hidden)?;
        Ok(Self { connection, query, now, hidden, rows, compiled })
    }

    fn run(mut self, visit: &mut dyn FnMut(FlowRecord) -> ControlFlow<()>) -> Sql<()> {
        let before = self.query.before.map_or(i64::MAX, |RecordId(id)| id);
        let before = before.min(self.query.to.map_or(i64::MAX, |to| lowest_id(to.as_millis())));
        let lowest = lowest_id(self.hidden.from.as_millis());
        let recent =
            self.query.from.map_or(i64::MIN, |from| lowest_id(from.as_millis().saturating_sub(LONG)));
        let lower = recent.max(lowest);
        if self.merge(lower, before, visit)?.is_break() || recent <= lowest {
            return Ok(());
        }
        self.long_ones(lowest, recent.min(before), visit)
    }

    /// Flows that began between two ids, single and folded ones in order.
    fn merge(
        &mut self,
        lower: i64,
        before: i64,
        visit: &mut dyn FnMut(FlowRecord) -> ControlFlow<()>,
    ) -> Sql<ControlFlow<()>> {
        let connection = self.connection;
        let mut single = Reading::singles(connection, &self.compiled, lower, before);
        // A folded row's id is its hour's beginning; its flows may begin up to an hour later.
        let fold_lower = hour(lower).saturating_mul(HOUR);
        let fold_before = before.saturating_add(1 << ID_BITS);
        let mut folded = Reading::folds(connection, &self.compiled, lowest_id(fold_lower), fold_before);
        let mut next_single = single.next()?;
        let mut next_folded = folded.next()?;
        loop {
            let heads = [next_single.as_ref(), next_folded.as_ref()].into_iter().flatten();
            let Some(now) = heads.map(|row| hour(row.id)).max() else { return Ok(ControlFlow::Continue(())) };
            let mut unfolded = BTreeMap::new();
            while let Some(row) = next_folded.take_if(|row| hour(row.id) == now) {
                let members = self.rows.members(&row)?;
                unfolded.extend(
                    members.into_iter().filter(|it| (lower..before).contains(&it.id.0)).map(|it| (it.id, it)),
                );
                next_folded = folded.next()?;
            }
            loop {
                let of_hour = next_single.as_ref().filter(|row| hour(row.id) == now);
                let latest = unfolded.last_key_value().map(|(id, _)| id.0);
                let record = match (of_hour, latest) {
                    (Some(row), latest) if latest.is_none_or(|latest| row.id > latest) => {
                        let record = self.rows.single(row)?;
                        next_single = single.next()?;
                        record
                    }
                    (_, Some(_)) => match unfolded.pop_last() {
                        Some((_, record)) => record,
                        None => break,
                    },
                    (_, None) => break,
                };
                if self.fits(&record) && visit(record).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
    }

    /// Flows that began long before the query's time and went on into it.
    fn long_ones(
        &mut self,
        lowest: i64,
        before: i64,
        visit: &mut dyn FnMut(FlowRecord) -> ControlFlow<()>,
    ) -> Sql<()> {
        let connection = self.connection;
        let mut long = Reading::long_ones(connection, &self.compiled, lowest, before)?;
        while let Some(row) = long.next()? {
            let record = self.rows.single(&row)?;
            if self.fits(&record) && visit(record).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Whether a record belongs to the answer. What SQL has chosen is looked at again: a folded row is
    /// chosen by what its flows have in common, and a damaged index may choose anything.
    fn fits(&self, record: &FlowRecord) -> bool {
        self.query.from.is_none_or(|from| record.span.last_seen >= from)
            && !self.hidden.hides(record)
            && self.query.filter.fits(record, self.now)
    }
}

/// When the recorder last gave a sign of life: until then open flows were seen.
pub(crate) fn last_sign_of_life(connection: &Connection) -> Sql<Timestamp> {
    let sql = "SELECT alive_at, sum = row_sum(started_at, alive_at, zone, version, data_version)
        FROM session ORDER BY id DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else { return Ok(Timestamp::default()) };
    if !row.get::<_, bool>(1)? {
        return Err(crate::error::damaged("a session"));
    }
    row.get(0).map(Timestamp::from_millis)
}

/// The days of the zone that was last recorded in.
pub(crate) fn days(connection: &Connection) -> Sql<LocalDays> {
    let sql = "SELECT zone FROM session ORDER BY id DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else { return Ok(LocalDays::default()) };
    Ok(LocalDays::of_zone(row.get_ref(0)?.as_str()?).unwrap_or_default())
}
