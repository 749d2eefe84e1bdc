//! Forgetting on demand: hidden at once, erased when it is due, and until then it can be taken back.

use crate::{
    day::LocalDays,
    dictionary::{Dictionary, Lookup},
    error::damaged,
    query::{self, lowest_id},
    rollup::{Additions, Counted, Share, slot_of, totals},
    store::{OpenFlow, SqliteStore},
};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use std::sync::Arc;
use tapmap_core::{Day, FlowRecord, Forget, Forgetting, Timestamp};

const BEFORE: i64 = 1;
const APP: i64 = 2;
const ALL: i64 = 3;
/// How many flows are erased in one piece of work.
pub(crate) const PIECE: i64 = 5000;

/// What questions must not show.
#[derive(Clone, Debug)]
pub(crate) struct Hidden {
    /// Everything before this moment.
    pub(crate) from: Timestamp,
    /// Every day before this one.
    pub(crate) from_day: Day,
    /// Everything of these apps.
    pub(crate) apps: Vec<Arc<str>>,
    /// Whether everything imported is hidden too.
    pub(crate) imported: bool,
}

impl Hidden {
    /// Whether a record is hidden.
    pub(crate) fn hides(&self, record: &FlowRecord) -> bool {
        record.span.first_seen < self.from || record.app().is_some_and(|app| self.hides_app(app))
    }

    /// Whether everything of an app is hidden.
    pub(crate) fn hides_app(&self, app: &str) -> bool {
        self.apps.iter().any(|hidden| **hidden == *app)
    }
}

/// Hides something from now on.
pub(crate) fn ask(
    connection: &Connection,
    words: &mut Dictionary,
    what: &Forget,
    asked_at: Timestamp,
    due_at: Timestamp,
) -> Result<Forgetting> {
    let (code, value) = match what {
        Forget::Before(day) => (BEFORE, i64::from(day.0)),
        Forget::App(app) => (APP, words.word(connection, app)?),
        Forget::All => (ALL, 0),
    };
    let sql = "INSERT INTO forgetting (what, value, asked_at, due_at, sum)
        VALUES (?1, ?2, ?3, ?4, row_sum(?1, ?2, ?3, ?4))";
    let id = connection.prepare_cached(sql)?.insert(params![
        code,
        value,
        asked_at.as_millis(),
        due_at.as_millis()
    ])?;
    Ok(Forgetting { id, what: what.clone(), asked_at, due_at })
}

/// Everything that waits to be erased.
pub(crate) fn waiting(connection: &Connection) -> Result<Vec<Forgetting>> {
    let sql = "SELECT id, what, value, asked_at, due_at, sum = row_sum(what, value, asked_at, due_at)
        FROM forgetting ORDER BY id";
    let mut lookup = Lookup::new(connection);
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(row, &mut lookup)?);
    }
    Ok(all)
}

fn read(row: &Row<'_>, lookup: &mut Lookup<'_>) -> Result<Forgetting> {
    let value: i64 = row.get(2)?;
    let what = match row.get(1)? {
        BEFORE => Forget::Before(Day(i32::try_from(value).map_err(|_| damaged("a day"))?)),
        APP => Forget::App(lookup.word(value)?),
        ALL => Forget::All,
        _ => return Err(damaged("what is to be forgotten")),
    };
    if !row.get::<_, bool>(5)? {
        return Err(damaged("what is to be forgotten"));
    }
    Ok(Forgetting {
        id: row.get(0)?,
        what,
        asked_at: Timestamp::from_millis(row.get(3)?),
        due_at: Timestamp::from_millis(row.get(4)?),
    })
}

/// What questions must not show now.
pub(crate) fn hidden(connection: &Connection) -> Result<Hidden> {
    let mut hidden = Hidden {
        from: Timestamp::from_millis(i64::MIN),
        from_day: Day(i32::MIN),
        apps: Vec::new(),
        imported: false,
    };
    let waiting = waiting(connection)?;
    if waiting.is_empty() {
        return Ok(hidden);
    }
    let days = query::days(connection)?;
    for one in waiting {
        match one.what {
            Forget::Before(day) => {
                hidden.from = hidden.from.max(days.begin_of(day));
                hidden.from_day = hidden.from_day.max(day);
            }
            Forget::App(app) => hidden.apps.push(app),
            Forget::All => {
                hidden.from = hidden.from.max(one.asked_at);
                // What is counted of this day cannot be told apart until it is counted again.
                hidden.from_day = hidden.from_day.max(Day(days.day_of(one.asked_at).0.saturating_add(1)));
                hidden.imported = true;
            }
        }
    }
    Ok(hidden)
}

/// Erases a piece of something; `true` when nothing of it is left.
pub(crate) fn erase(store: &mut SqliteStore, one: &Forgetting) -> Result<bool> {
    let done = match &one.what {
        Forget::Before(day) => {
            let begin = store.days.begin_of(*day);
            store.leave_out(|open| open.id < lowest_id(begin.as_millis()));
            erase_until(&store.connection, begin)?
                && erase_programs(&store.connection, begin)?
                && erase_days(&store.connection, *day, begin)?
        }
        Forget::App(app) => erase_app(store, app)?,
        Forget::All => {
            store.leave_out(|open| open.id < lowest_id(one.asked_at.as_millis()));
            erase_until(&store.connection, one.asked_at)?
                && erase_programs(&store.connection, one.asked_at)?
                && erase_all_days(store, one.asked_at)?
        }
    };
    if done {
        store.connection.execute("DELETE FROM forgetting WHERE id = ?1", [one.id])?;
    }
    Ok(done)
}

impl SqliteStore {
    /// Forgets open flows that are being erased.
    fn leave_out(&mut self, which: impl Fn(&OpenFlow) -> bool) {
        for (id, _) in self.open.extract_if(|_, open| which(open)) {
            self.erased.insert(id);
        }
    }
}

/// Erases flows that began before a moment, a piece at a time.
fn erase_until(connection: &Connection, moment: Timestamp) -> Result<bool> {
    let before = lowest_id(moment.as_millis());
    let mut count = connection.execute(
        "DELETE FROM flow WHERE id IN (SELECT id FROM flow WHERE id < ?1 ORDER BY id LIMIT ?2)",
        params![before, PIECE],
    )?;
    count += connection.execute(
        "DELETE FROM fold WHERE id IN (SELECT id FROM fold WHERE id < ?1 ORDER BY id LIMIT ?2)",
        params![before, PIECE / 10],
    )?;
    Ok(count == 0)
}

/// Erases program files that were first seen before a moment.
fn erase_programs(connection: &Connection, moment: Timestamp) -> Result<bool> {
    connection.execute("DELETE FROM program_file WHERE first_seen < ?1", [moment.as_millis()])?;
    Ok(true)
}

/// Erases program files that were first seen before a moment, but for the last one of each path of an app that is
/// still used: that it changes after months is worth telling.
pub(crate) fn erase_old_programs(connection: &Connection, moment: Timestamp) -> Result<()> {
    connection.execute(
        "DELETE FROM program_file WHERE first_seen < ?1 AND (
             app NOT IN (SELECT word.text FROM day_use JOIN word ON word.id = day_use.app)
             OR EXISTS (SELECT 1 FROM program_file AS later
                 WHERE later.app = program_file.app AND later.path = program_file.path AND later.first_seen < ?1
                     AND (later.first_seen, later.id) > (program_file.first_seen, program_file.id)))",
        [moment.as_millis()],
    )?;
    Ok(())
}

/// Erases what is counted, and what else is known, of days before one.
pub(crate) fn erase_days(connection: &Connection, day: Day, begin: Timestamp) -> Result<bool> {
    let millis = begin.as_millis();
    for table in ["day_use", "day_total"] {
        connection.execute(&format!("DELETE FROM {table} WHERE day < ?1"), [day.0])?;
    }
    for table in ["slot_use", "slot_total"] {
        connection.execute(&format!("DELETE FROM {table} WHERE slot < ?1"), [slot_of(begin)])?;
    }
    connection.execute("DELETE FROM listener WHERE open = 0 AND last_seen < ?1", [millis])?;
    connection.execute("DELETE FROM gap WHERE until < ?1", [millis])?;
    connection.execute("DELETE FROM away WHERE until < ?1", [millis])?;
    let last = "SELECT max(id) FROM session";
    connection.execute(&format!("DELETE FROM session WHERE alive_at < ?1 AND id < ({last})"), [millis])?;
    Ok(true)
}

fn erase_app(store: &mut SqliteStore, app: &Arc<str>) -> Result<bool> {
    let connection = &store.connection;
    connection.execute("DELETE FROM program_file WHERE app = ?1", [app])?;
    let sql = "SELECT id FROM word WHERE text = ?1";
    let Some(word) = connection.query_row(sql, [app], |row| row.get::<_, i64>(0)).optional()? else {
        return Ok(true);
    };
    store.leave_out(|open| open.counted.app == word);
    let connection = &store.connection;
    let mut count = 0;
    for table in ["flow", "fold"] {
        let sql = format!("DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE app = ?1 LIMIT ?2)");
        count += connection.execute(&sql, params![word, PIECE])?;
    }
    if count > 0 {
        return Ok(false);
    }
    connection.execute(
        "UPDATE flow SET possibly = NULL, sum = row_sum(id, open, lasted, owner, app, remote, port, other_port,
             local, name, kind, sent, received, NULL, namespace)
         WHERE possibly = ?1",
        [word],
    )?;
    connection.execute(
        "UPDATE fold SET possibly = NULL, sum = row_sum(id, count, app, remote, port, local, name, kind, NULL,
             namespace, members)
         WHERE possibly = ?1",
        [word],
    )?;
    connection.execute("DELETE FROM day_use WHERE app = ?1 OR (facet = 1 AND value = ?1)", [word])?;
    connection.execute("DELETE FROM slot_use WHERE app = ?1", [word])?;
    totals::count_again(connection)?;
    connection.execute(
        "DELETE FROM listener WHERE owner IN
             (SELECT owner.id FROM owner JOIN program ON program.id = owner.program WHERE program.app = ?1)",
        [word],
    )?;
    Ok(true)
}

/// Erases all that is counted, and counts again what began after `moment`.
fn erase_all_days(store: &mut SqliteStore, moment: Timestamp) -> Result<bool> {
    let connection = &store.connection;
    connection.execute_batch(
        "DELETE FROM day_use; DELETE FROM day_total; DELETE FROM slot_use; DELETE FROM slot_total;
         DELETE FROM gap; DELETE FROM away",
    )?;
    connection.execute("DELETE FROM listener WHERE open = 0", [])?;
    connection.execute("DELETE FROM session WHERE id < (SELECT max(id) FROM session)", [])?;
    let mut additions = Additions::default();
    let kept = query::since(connection, moment)?;
    let days: &LocalDays = &store.days;
    for record in &kept {
        let counted = Counted::of(record, &mut store.words, connection)?;
        let (from, until) = (record.span.first_seen, record.span.last_seen);
        let total = |bytes: Option<u64>| bytes.and_then(|bytes| i64::try_from(bytes).ok()).unwrap_or(0);
        let (sent, received) = (total(record.sent), total(record.received));
        additions.began(from, counted.app, 1);
        additions.went_through(until, counted.app, sent, received);
        additions.count(&counted, &Share { day: days.day_of(until), flows: 1, sent, received, from, until });
    }
    additions.write(connection)?;
    Ok(true)
}
