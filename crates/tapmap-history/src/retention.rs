//! What is done beside writing: erasing what is due, too old or too much, and folding what is small.
//! Each call does a bounded piece, so that nothing waits long.

use crate::{
    erase::{self, PIECE},
    error::Context,
    fold,
    query::{lowest_id, millis},
    store::{SqliteStore, number},
};
use rusqlite::{Connection, OptionalExtension, Result, params};
use std::{collections::HashSet, time::Duration};
use tapmap_core::{Day, Forgetting, Retention, StoreError, Timestamp};

const HOUR: i64 = 3_600_000;
/// After how long flows are folded.
const FOLD_AFTER: Duration = Duration::from_hours(48);
/// How many free pages are worth giving back, and how many at a time.
const FREE_PAGES: i64 = 256;
/// How many of the oldest rows go at a time when there is too little room: few, since what is young
/// enough goes only because it must.
const SURPLUS: i64 = 1000;

/// Does a piece of the work; `true` when there is more.
pub(crate) fn tidy(
    store: &mut SqliteStore,
    now: Timestamp,
    keep: Retention,
) -> std::result::Result<bool, StoreError> {
    let due = erase::waiting(&store.connection).context("see what is to be forgotten")?;
    if let Some(one) = due.into_iter().find(|one| one.due_at <= now) {
        return forget(store, &one);
    }
    let context = "tidy the history";
    let too_old = store.atomically(context, |store| erase_old(store, now, keep.days))?;
    let too_much = store.atomically(context, |store| erase_surplus(store, keep.bytes))?;
    let folded = store.atomically(context, |store| fold_next(&store.connection, now))?;
    let swept = store.atomically(context, |store| sweep_daily(store, now))?;
    give_back(&store.connection).context(context)?;
    Ok(too_old || too_much || folded || swept)
}

fn forget(store: &mut SqliteStore, one: &Forgetting) -> std::result::Result<bool, StoreError> {
    let done = store.atomically("forget", |store| erase::erase(store, one))?;
    if done {
        store.atomically("forget", |store| sweep(&store.connection))?;
        store.forget_caches();
    }
    Ok(true)
}

/// Erases flows that ended before the first day that is kept.
fn erase_old(store: &mut SqliteStore, now: Timestamp, days: u32) -> Result<bool> {
    let today = store.days.day_of(now).0;
    let first = Day(today.saturating_sub(i32::try_from(days).unwrap_or(i32::MAX).saturating_sub(1)));
    let begin = store.days.begin_of(first);
    let connection = &store.connection;
    let ends = begin.as_millis();
    let flows = connection.execute(
        "DELETE FROM flow WHERE id IN
             (SELECT id FROM flow NOT INDEXED WHERE id < ?1 AND open = 0 AND (id >> 20) + lasted < ?2 LIMIT ?3)",
        params![lowest_id(ends), ends, PIECE],
    )?;
    // Folded flows are short: those of an hour have ended within the next.
    let folds = connection.execute(
        "DELETE FROM fold WHERE id IN (SELECT id FROM fold WHERE id < ?1 LIMIT ?2)",
        params![lowest_id(ends.saturating_sub(2 * HOUR)), PIECE / 10],
    )?;
    if flows + folds > 0 {
        return Ok(true);
    }
    if progress(connection, "erased_before_day")? != Some(first.0.into()) {
        erase::erase_days(connection, first, begin)?;
        erase::erase_old_programs(connection, begin)?;
        note(connection, "erased_before_day", first.0.into())?;
    }
    Ok(false)
}

/// Erases the oldest flows when all together take too much room.
fn erase_surplus(store: &mut SqliteStore, bytes: u64) -> Result<bool> {
    let connection = &store.connection;
    let used = used_bytes(connection)?;
    if used <= bytes.cast_signed() {
        return Ok(false);
    }
    let oldest = |table: &str| number(connection, &format!("SELECT min(id) FROM {table}"));
    let (flow, fold) = (oldest("flow")?, oldest("fold")?);
    let table = if fold.is_some_and(|fold| flow.is_none_or(|flow| fold < flow)) { "fold" } else { "flow" };
    let sql = format!("DELETE FROM {table} WHERE id IN (SELECT id FROM {table} ORDER BY id LIMIT {SURPLUS})");
    if connection.execute(&sql, [])? == 0 {
        return Ok(false);
    }
    if let Some(oldest) = oldest("flow")?.into_iter().chain(oldest("fold")?).min() {
        let day = store.days.day_of(Timestamp::from_millis(millis(oldest)));
        erase::erase_days(connection, day, store.days.begin_of(day))?;
    }
    Ok(true)
}

/// Bytes that hold something.
pub(crate) fn used_bytes(connection: &Connection) -> Result<i64> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok((pragma("page_count")? - pragma("freelist_count")?) * pragma("page_size")?)
}

/// Folds the next hour that is old enough.
fn fold_next(connection: &Connection, now: Timestamp) -> Result<bool> {
    let age = i64::try_from(FOLD_AFTER.as_millis()).unwrap_or(i64::MAX);
    let last = now.as_millis().saturating_sub(age).div_euclid(HOUR);
    let begun = number(connection, "SELECT min(id) FROM flow")?.map(|id| millis(id).div_euclid(HOUR));
    let done = progress(connection, "folded_before_hour")?;
    // What lies before the first hour was folded or never was.
    let Some(hour) = done.max(begun).filter(|_| begun.is_some()) else { return Ok(false) };
    if hour >= last {
        return Ok(false);
    }
    fold::fold_hour(connection, hour)?;
    note(connection, "folded_before_hour", hour + 1)?;
    Ok(hour + 1 < last)
}

/// Sweeps the dictionaries once a day.
fn sweep_daily(store: &mut SqliteStore, now: Timestamp) -> Result<bool> {
    let today = i64::from(store.days.day_of(now).0);
    match progress(&store.connection, "swept_on_day")? {
        Some(day) if day == today => return Ok(false),
        // Nothing to sweep on the first day.
        None => {}
        Some(_) => {
            sweep(&store.connection)?;
            store.forget_caches();
        }
    }
    note(&store.connection, "swept_on_day", today)?;
    Ok(false)
}

/// Erases values that nothing refers to any more.
pub(crate) fn sweep(connection: &Connection) -> Result<()> {
    let mut used = Used::default();
    used.read(connection)?;
    used.erase_others(connection)?;
    connection.execute_batch(
        "DELETE FROM program WHERE id NOT IN (SELECT program FROM owner);
         DELETE FROM remote WHERE NOT EXISTS (SELECT 1 FROM flow WHERE flow.remote = remote.id)
             AND NOT EXISTS (SELECT 1 FROM fold WHERE fold.remote = remote.id);
         DELETE FROM name WHERE NOT EXISTS (SELECT 1 FROM flow WHERE flow.name = name.id)
             AND NOT EXISTS (SELECT 1 FROM fold WHERE fold.name = name.id);",
    )?;
    // A flow's app is that of its owner's program.
    let words = "SELECT app FROM program UNION SELECT value FROM day_use WHERE facet NOT IN (4, 6)
        UNION SELECT app FROM day_use UNION SELECT app FROM slot_use
        UNION SELECT value FROM forgetting WHERE what = 2";
    let mut statement = connection.prepare(words)?;
    for word in statement.query_map([], |row| row.get::<_, Option<i64>>(0))? {
        used.words.extend(word?);
    }
    erase_unused(connection, "word", &used.words)
}

/// Numbers in columns that no index helps to find.
#[derive(Default)]
struct Used {
    owners: HashSet<i64>,
    locals: HashSet<i64>,
    words: HashSet<i64>,
}

impl Used {
    fn read(&mut self, connection: &Connection) -> Result<()> {
        let columns =
            "SELECT owner, local, possibly FROM flow UNION ALL SELECT NULL, local, possibly FROM fold
            UNION ALL SELECT owner, local, NULL FROM listener";
        let mut statement = connection.prepare(columns)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            self.owners.extend(row.get::<_, Option<i64>>(0)?);
            self.locals.insert(row.get(1)?);
            self.words.extend(row.get::<_, Option<i64>>(2)?);
        }
        let mut statement = connection.prepare("SELECT id, members FROM fold")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let hour = millis(row.get(0)?).div_euclid(HOUR) * HOUR;
            let members = fold::unfold(row.get_ref(1)?.as_blob()?, hour);
            self.owners.extend(members.into_iter().flatten().filter_map(|member| member.owner));
        }
        Ok(())
    }

    fn erase_others(&self, connection: &Connection) -> Result<()> {
        erase_unused(connection, "owner", &self.owners)?;
        erase_unused(connection, "local", &self.locals)
    }
}

fn erase_unused(connection: &Connection, table: &str, used: &HashSet<i64>) -> Result<()> {
    let mut statement = connection.prepare(&format!("SELECT id FROM {table}"))?;
    let ids: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<Result<_>>()?;
    let mut delete = connection.prepare(&format!("DELETE FROM {table} WHERE id = ?1"))?;
    for id in ids.into_iter().filter(|id| !used.contains(id)) {
        delete.execute([id])?;
    }
    Ok(())
}

/// Gives free pages back to the disk, some at a time.
fn give_back(connection: &Connection) -> Result<()> {
    let free: i64 = connection.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
    if free > FREE_PAGES {
        let mut statement = connection.prepare_cached("PRAGMA incremental_vacuum(256)")?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
    }
    Ok(())
}

fn progress(connection: &Connection, name: &str) -> Result<Option<i64>> {
    let sql = "SELECT value FROM progress WHERE name = ?1";
    connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()
}

fn note(connection: &Connection, name: &str, value: i64) -> Result<()> {
    let sql = "INSERT INTO progress (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2";
    connection.prepare_cached(sql)?.execute(params![name, value])?;
    Ok(())
}
