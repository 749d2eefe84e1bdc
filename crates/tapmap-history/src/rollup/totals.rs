//! Counts of all apps together. They follow what is counted by app, and are counted again from that
//! when an app is erased.

use super::{Addition, UseByDay, UseBySlot};
use crate::codes::Coded;
use rusqlite::{Connection, Result, params};
use std::collections::HashMap;
use tapmap_core::{Day, Facet};

/// Adds what was counted by app.
pub(super) fn add(connection: &Connection, days: &UseByDay, slots: &UseBySlot) -> Result<()> {
    let mut totals: HashMap<(i64, Day, i64), Addition> = HashMap::new();
    for ((facet, day, value, _), one) in days {
        let total = totals.entry((*facet, *day, *value)).or_insert(Addition {
            flows: 0,
            mapped: 0,
            sent: 0,
            received: 0,
            ..*one
        });
        total.flows += one.flows;
        total.mapped += one.mapped;
        total.sent += one.sent;
        total.received += one.received;
        total.first_seen = total.first_seen.min(one.first_seen);
        total.last_seen = total.last_seen.max(one.last_seen);
    }
    let mut statement = connection.prepare_cached(
        "INSERT INTO day_total (facet, day, value, imported, flows, mapped, sent, received, first_seen,
             last_seen, sum)
         VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9, row_sum(?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9))
         ON CONFLICT DO UPDATE SET
             flows = flows + ?4, mapped = mapped + ?5, sent = sent + ?6, received = received + ?7,
             first_seen = min(first_seen, ?8), last_seen = max(last_seen, ?9),
             sum = row_sum(facet, day, value, imported, flows + ?4, mapped + ?5, sent + ?6, received + ?7,
                 min(first_seen, ?8), max(last_seen, ?9))",
    )?;
    let mut emptied = connection.prepare_cached(
        "DELETE FROM day_total WHERE facet = ?1 AND day = ?2 AND value = ?3 AND imported = 0 AND flows <= 0",
    )?;
    for ((facet, day, value), total) in totals {
        let Addition { flows, mapped, sent, received, first_seen, last_seen } = total;
        statement
            .execute(params![facet, day.0, value, flows, mapped, sent, received, first_seen, last_seen])?;
        if flows < 0 {
            emptied.execute(params![facet, day.0, value])?;
        }
    }
    add_slots(connection, slots)
}

fn add_slots(connection: &Connection, slots: &UseBySlot) -> Result<()> {
    let mut totals: HashMap<i64, (i64, i64, i64)> = HashMap::new();
    for ((slot, _), (flows, sent, received)) in slots {
        let total = totals.entry(*slot).or_default();
        *total = (total.0 + flows, total.1 + sent, total.2 + received);
    }
    let mut statement = connection.prepare_cached(
        "INSERT INTO slot_total (slot, flows, sent, received, sum)
         VALUES (?1, ?2, ?3, ?4, row_sum(?1, ?2, ?3, ?4))
         ON CONFLICT DO UPDATE SET flows = flows + ?2, sent = sent + ?3, received = received + ?4,
             sum = row_sum(slot, flows + ?2, sent + ?3, received + ?4)",
    )?;
    for (slot, (flows, sent, received)) in totals {
        statement.execute(params![slot, flows, sent, received])?;
    }
    Ok(())
}

/// Adds a day that another program remembers: flows, and how many of them are mapped.
pub(super) fn add_imported(
    connection: &Connection,
    facet: Facet,
    day: Day,
    value: i64,
    (flows, mapped): (i64, i64),
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO day_total (facet, day, value, imported, flows, mapped, sent, received, sum)
             VALUES (?1, ?2, ?3, 1, ?4, ?5, 0, 0, row_sum(?1, ?2, ?3, 1, ?4, ?5, 0, 0, NULL, NULL))
             ON CONFLICT DO UPDATE SET flows = flows + ?4, mapped = mapped + ?5,
                 sum = row_sum(facet, day, value, imported, flows + ?4, mapped + ?5, 0, 0, NULL, NULL)",
        )?
        .execute(params![facet.code(), day.0, value, flows, mapped])?;
    Ok(())
}

/// Counts everything again from what is counted by app.
pub(crate) fn count_again(connection: &Connection) -> Result<()> {
    connection.execute_batch(
        "DELETE FROM day_total;
         INSERT INTO day_total SELECT *,
             row_sum(facet, day, value, imported, flows, mapped, sent, received, first_seen, last_seen)
         FROM (SELECT facet, day, value, imported, sum(flows) AS flows, sum(mapped) AS mapped,
                 sum(sent) AS sent, sum(received) AS received, min(first_seen) AS first_seen,
                 max(last_seen) AS last_seen
             FROM day_use GROUP BY facet, day, value, imported);
         DELETE FROM slot_total;
         INSERT INTO slot_total SELECT *, row_sum(slot, flows, sent, received)
         FROM (SELECT slot, sum(flows) AS flows, sum(sent) AS sent, sum(received) AS received
             FROM slot_use GROUP BY slot);",
    )
}
