//! What is answered from counts: timelines, days and numbers.

use crate::{
    codes::{Coded, INBOUND},
    dictionary::{Lookup, number_of_word},
    erase::{self, Hidden},
    error::{Context, damaged},
    functions::is_sum,
    query::{self, lowest_id, millis},
    rollup::{NO_APP, SLOT, slot_begin, slot_of},
    store::number,
};
use rusqlite::{Connection, Result as Sql, ToSql, params};
use std::{collections::BTreeSet, ops::ControlFlow, sync::Arc, time::Duration};
use tapmap_core::{Day, DayUse, Facet, FlowQuery, HistoryStats, Slot, StoreError, TimelineQuery, Timestamp};

/// How many slots a timeline may have.
const MOST_SLOTS: usize = 10_000;

/// How much began and went through in each slot.
pub(super) fn timeline(
    connection: &Connection,
    query: &TimelineQuery,
    now: Timestamp,
) -> Result<Vec<Slot>, StoreError> {
    let mut timeline = Timeline::of(query);
    let whole = query.from.as_millis().rem_euclid(millis_of(SLOT)) == 0
        && millis_of(query.slot) % millis_of(SLOT) == 0
        && query.to.as_millis().rem_euclid(millis_of(SLOT)) == 0;
    if whole && query.filter.terms.is_empty() {
        add_counts(connection, query, &mut timeline).context("read the history")?;
        return Ok(timeline.slots);
    }
    let flows = FlowQuery {
        from: Some(query.from),
        to: Some(query.to),
        filter: query.filter.clone(),
        ..FlowQuery::default()
    };
    query::walk(connection, &flows, now, &mut |record| {
        timeline.add(record.span.first_seen, 1, 0, 0);
        timeline.add(record.span.last_seen, 0, record.sent.unwrap_or(0), record.received.unwrap_or(0));
        ControlFlow::Continue(())
    })?;
    Ok(timeline.slots)
}

struct Timeline {
    from: i64,
    slot: i64,
    slots: Vec<Slot>,
}

impl Timeline {
    /// Empty slots; a query that asks for too many gets the first ones.
    fn of(query: &TimelineQuery) -> Self {
        let (from, slot) = (query.from.as_millis(), millis_of(query.slot).max(1));
        let length = query.to.as_millis().saturating_sub(from).max(0);
        let count = usize::try_from((length + slot - 1) / slot).unwrap_or(MOST_SLOTS).min(MOST_SLOTS);
        let begins = (0..).map(|number: i64| Timestamp::from_millis(from + number * slot));
        let slots = begins.take(count).map(|from| Slot { from, ..Slot::default() }).collect();
        Self { from, slot, slots }
    }

    fn add(&mut self, at: Timestamp, flows: u64, sent: u64, received: u64) {
        let number = at.as_millis().saturating_sub(self.from).div_euclid(self.slot);
        if let Some(slot) = usize::try_from(number).ok().and_then(|number| self.slots.get_mut(number)) {
            slot.flows += flows;
            slot.sent += sent;
            slot.received += received;
        }
    }
}

fn millis_of(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn add_counts(connection: &Connection, query: &TimelineQuery, timeline: &mut Timeline) -> Sql<()> {
    let hidden = erase::hidden(connection)?;
    let mut lookup = Lookup::new(connection);
    // By app only as long as some app is hidden.
    let mut statement = connection.prepare_cached(if hidden.apps.is_empty() {
        "SELECT slot, flows, sent, received, sum = row_sum(slot, flows, sent, received), 0
         FROM slot_total WHERE slot >= ?1 AND slot < ?2"
    } else {
        "SELECT slot, flows, sent, received, sum = row_sum(slot, app, flows, sent, received), app
         FROM slot_use WHERE slot >= ?1 AND slot < ?2"
    })?;
    let from = query.from.max(hidden.from);
    let mut rows = statement.query([slot_of(from), slot_of(query.to)])?;
    while let Some(row) = rows.next()? {
        if !row.get::<_, bool>(4)? {
            return Err(damaged("a count"));
        }
        let app: i64 = row.get(5)?;
        if app != NO_APP && hidden.hides_app(&lookup.word(app)?) {
            continue;
        }
        // A flow whose app got known in a later slot leaves nothing behind in the earlier one.
        let count = |column: usize| row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or(0));
        timeline.add(Timestamp::from_millis(slot_begin(row.get(0)?)), count(1)?, count(2)?, count(3)?);
    }
    Ok(())
}

/// Where uses are read from, how many columns, and which of those with the facet before them their sum is of.
struct Table(&'static str, usize, &'static [usize]);

const BY_APP: Table = Table(
    "SELECT day, value, imported, flows, mapped, sent, received, first_seen, last_seen, sum, app FROM day_use",
    11,
    &[0, 1, 2, 11, 3, 4, 5, 6, 7, 8, 9],
);
/// All apps together.
const TOTAL: Table = Table(
    "SELECT day, value, imported, flows, mapped, sent, received, first_seen, last_seen, sum FROM day_total",
    10,
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
);

/// Who used which values of a facet on which days.
pub(super) fn days(connection: &Connection, facet: Facet, from: Day, to: Day) -> Sql<Vec<DayUse>> {
    Uses::of(connection, facet.code())?.in_time(&BY_APP, from, to)
}

/// At which ports other computers came in on which days.
pub(super) fn inbound(connection: &Connection, from: Day, to: Day) -> Sql<Vec<DayUse>> {
    Uses::of(connection, INBOUND)?.in_time(&BY_APP, from, to)
}

/// The same as [`days`], all apps of a value together.
pub(super) fn totals(connection: &Connection, facet: Facet, from: Day, to: Day) -> Sql<Vec<DayUse>> {
    let uses = Uses::of(connection, facet.code())?;
    if uses.hidden.apps.is_empty() {
        return uses.in_time(&TOTAL, from, to);
    }
    uses.in_time(&BY_APP, from, to).map(tapmap_core::total_uses)
}

/// The same as [`days`], of some pairs of value and app only: each is looked for on each day.
pub(super) fn days_of(
    connection: &Connection,
    facet: Facet,
    pairs: &[(Arc<str>, Arc<str>)],
    from: Day,
    to: Day,
) -> Sql<Vec<DayUse>> {
    let mut uses = Uses::of(connection, facet.code())?;
    for (value, app) in pairs {
        let value = number_of_value(connection, facet, value)?;
        let Some((value, app)) = value.zip(number_of_word(connection, app)?) else { continue };
        for day in from.max(uses.hidden.from_day).0..=to.0 {
            let one = "WHERE facet = ?1 AND day = ?2 AND value = ?3 AND app = ?4";
            uses.read(&BY_APP, one, params![facet.code(), day, value, app])?;
        }
    }
    Ok(uses.found)
}

/// The same as [`days`], of some values on some days: each is looked for.
pub(super) fn users(
    connection: &Connection,
    facet: Facet,
    on: &BTreeSet<(Day, Arc<str>)>,
) -> Sql<Vec<DayUse>> {
    let mut uses = Uses::of(connection, facet.code())?;
    let first = uses.hidden.from_day;
    for (day, value) in on.iter().filter(|(day, _)| *day >= first) {
        if let Some(value) = number_of_value(connection, facet, value)? {
            let one = "WHERE facet = ?1 AND day = ?2 AND value = ?3";
            uses.read(&BY_APP, one, params![facet.code(), day.0, value])?;
        }
    }
    Ok(uses.found)
}

fn number_of_value(connection: &Connection, facet: Facet, value: &str) -> Sql<Option<i64>> {
    match facet {
        Facet::Port => Ok(value.parse().ok()),
        Facet::App | Facet::Operator | Facet::Country | Facet::Name => number_of_word(connection, value),
    }
}

/// Reads uses of one facet, without what is hidden.
struct Uses<'a> {
    connection: &'a Connection,
    lookup: Lookup<'a>,
    hidden: Hidden,
    facet: i64,
    found: Vec<DayUse>,
}

impl<'a> Uses<'a> {
    fn of(connection: &'a Connection, facet: i64) -> Sql<Self> {
        let (lookup, hidden) = (Lookup::new(connection), erase::hidden(connection)?);
        Ok(Self { connection, lookup, hidden, facet, found: Vec::new() })
    }

    fn in_time(mut self, table: &Table, from: Day, to: Day) -> Sql<Vec<DayUse>> {
        let which = "WHERE facet = ?1 AND day BETWEEN ?2 AND ?3";
        let (facet, from) = (self.facet, from.max(self.hidden.from_day));
        self.read(table, which, params![facet, from.0, to.0])?;
        Ok(self.found)
    }

    fn read(&mut self, table: &Table, which: &str, values: &[&dyn ToSql]) -> Sql<()> {
        let Table(select, width, summed) = table;
        let mut statement = self.connection.prepare_cached(&format!("{select} {which}"))?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            // A month has a hundred thousand of these rows: each column is read once.
            let mut numbers = [Some(self.facet); 12];
            numbers[11] = Some(NO_APP);
            for (column, number) in numbers.iter_mut().skip(1).take(*width).enumerate() {
                *number = row.get_ref(column)?.as_i64_or_null()?;
            }
            if !is_sum(summed.iter().filter_map(|column| numbers.get(*column).copied()), numbers[10]) {
                return Err(damaged("a count"));
            }
            let one = day_use(&numbers, &mut self.lookup)?;
            let is_hidden = one.app.as_ref().is_some_and(|app| self.hidden.hides_app(app))
                || (self.facet == Facet::App.code() && self.hidden.hides_app(&one.value))
                || (self.hidden.imported && one.imported);
            if !is_hidden {
                self.found.push(one);
            }
        }
        Ok(())
    }
}

fn day_use(numbers: &[Option<i64>; 12], lookup: &mut Lookup<'_>) -> Sql<DayUse> {
    let [facet, day, value, imported, flows, mapped, sent, received, first_seen, last_seen, _, app] =
        *numbers;
    let whole = |number: Option<i64>| number.ok_or_else(|| damaged("a count"));
    let count = |number| whole(number).map(|count| u64::try_from(count).unwrap_or(0));
    let is_number = facet == Some(INBOUND) || facet == Some(Facet::Port.code());
    let (value, app) = (whole(value)?, whole(app)?);
    Ok(DayUse {
        day: Day(i32::try_from(whole(day)?).map_err(|_| damaged("a count"))?),
        value: if is_number { value.to_string().into() } else { lookup.word(value)? },
        app: if app == NO_APP { None } else { Some(lookup.word(app)?) },
        imported: imported == Some(1),
        flows: count(flows)?,
        mapped: count(mapped)?,
        sent: count(sent)?,
        received: count(received)?,
        first_seen: first_seen.map(Timestamp::from_millis),
        last_seen: last_seen.map(Timestamp::from_millis),
    })
}

/// What there is, in numbers.
pub(super) fn stats(connection: &Connection) -> Sql<HistoryStats> {
    let hidden = erase::hidden(connection)?;
    let lowest = lowest_id(hidden.from.as_millis());
    let count = |sql: &str| connection.query_row(sql, [lowest], |row| row.get::<_, Option<i64>>(0));
    let unsigned = |count: Option<i64>| u64::try_from(count.unwrap_or(0)).unwrap_or(0);
    let single = unsigned(count("SELECT count(*) FROM flow WHERE id >= ?1")?);
    let folded = unsigned(count("SELECT sum(count) FROM fold WHERE id >= ?1")?);
    let rows_of_folds = unsigned(count("SELECT count(*) FROM fold WHERE id >= ?1")?);
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let page = pragma("page_size")?;
    let moment = |id: Option<i64>| id.map(|id| Timestamp::from_millis(millis(id)));
    let first = count("SELECT min(id) FROM flow WHERE id >= ?1")?;
    let first_fold = count("SELECT min(id) FROM fold WHERE id >= ?1")?;
    Ok(HistoryStats {
        flows: single + folded,
        folded,
        rows: single + rows_of_folds,
        bytes: unsigned(Some(pragma("page_count")?.saturating_mul(page))),
        free_bytes: unsigned(Some(pragma("freelist_count")?.saturating_mul(page))),
        oldest: moment(first.into_iter().chain(first_fold).min()),
        newest: moment(
            count("SELECT max(id) FROM flow WHERE id >= ?1")?
                .or(count("SELECT max(id) FROM fold WHERE id >= ?1")?),
        ),
        sessions: unsigned(number(connection, "SELECT count(*) FROM session")?),
        imported_days: unsigned(number(
            connection,
            "SELECT count(DISTINCT day) FROM day_use WHERE imported = 1",
        )?),
    })
}
