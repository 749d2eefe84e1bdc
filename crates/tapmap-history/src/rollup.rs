//! What is counted while it is written, so that a month is answered at once: who used what on which
//! day, and how much began and went through in each five minutes.

pub(crate) mod totals;

use crate::{
    codes::{Coded, INBOUND},
    dictionary::Dictionary,
};
use rusqlite::{Connection, Result, params};
use std::{collections::HashMap, time::Duration};
use tapmap_core::{Day, DayUse, Facet, FlowRecord, Timestamp};

/// How long one slot is.
pub(crate) const SLOT: Duration = Duration::from_mins(5);
const SLOT_MILLIS: i64 = 300_000;
/// Stands for an app that was not identified.
pub(crate) const NO_APP: i64 = 0;

/// The slot that a moment lies in.
pub(crate) fn slot_of(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(SLOT_MILLIS)
}

/// When a slot begins.
pub(crate) fn slot_begin(slot: i64) -> i64 {
    slot.saturating_mul(SLOT_MILLIS)
}

/// What a flow counts as: its values, by their numbers. An app is a value and a part of every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) app: i64,
    /// Whether it counts by days at all.
    by_day: bool,
    inbound: bool,
    mapped: bool,
    operator: Option<i64>,
    country: Option<i64>,
    port: u16,
    name: Option<i64>,
}

impl Counted {
    /// What a record counts as.
    pub(crate) fn of(record: &FlowRecord, words: &mut Dictionary, connection: &Connection) -> Result<Self> {
        let mut word = |text: Option<&str>| text.map(|text| words.word(connection, text)).transpose();
        let remote = &record.remote;
        let country = remote.place.as_ref().and_then(|place| place.country);
        let one_name = record.name.as_ref().filter(|name| name.candidates.len() == 1);
        let name = one_name.and_then(|name| name.candidates.first()).map(AsRef::as_ref);
        Ok(Self {
            app: word(record.app().map(AsRef::as_ref))?.unwrap_or(NO_APP),
            by_day: remote.counts() && !record.owner.own,
            inbound: record.comes_in(),
            mapped: remote.is_mapped(),
            operator: word(remote.system.as_ref().map(|system| system.operator.as_ref()))?,
            country: word(country.as_ref().map(tapmap_core::Country::code))?,
            port: record.service_port(),
            name: word(name)?,
        })
    }

    /// The values that it counts for, with the number of their facet.
    fn values(&self) -> impl Iterator<Item = (i64, i64)> {
        let app = (self.app != NO_APP).then_some(self.app);
        let by_facet = [
            (Facet::App, app),
            (Facet::Operator, self.operator),
            (Facet::Country, self.country),
            (Facet::Port, Some(self.port.into())),
            (Facet::Name, self.name),
        ];
        let public = by_facet.into_iter().filter(|_| self.by_day);
        let inbound = self.inbound.then_some((INBOUND, self.port.into()));
        public.filter_map(|(facet, value)| Some((facet.code(), value?))).chain(inbound)
    }
}

/// What is added to one row of `day_use`.
#[derive(Clone, Copy, Debug)]
struct Addition {
    flows: i64,
    mapped: i64,
    sent: i64,
    received: i64,
    first_seen: i64,
    last_seen: i64,
}

/// What a flow adds on one day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    /// The day.
    pub(crate) day: Day,
    /// 1 when it is counted for the first time on that day, -1 to take that back, else 0.
    pub(crate) flows: i64,
    /// Bytes sent that were not counted yet.
    pub(crate) sent: i64,
    /// Bytes received that were not counted yet.
    pub(crate) received: i64,
    /// The first moment of the day at which it was observed.
    pub(crate) from: Timestamp,
    /// The last one.
    pub(crate) until: Timestamp,
}

/// What a batch adds, put together before it is written.
#[derive(Debug, Default)]
pub(crate) struct Additions {
    days: UseByDay,
    slots: UseBySlot,
}

/// By facet, day, value and app.
type UseByDay = HashMap<(i64, Day, i64, i64), Addition>;
/// By slot and app: flows, bytes sent, bytes received.
type UseBySlot = HashMap<(i64, i64), (i64, i64, i64)>;

impl Additions {
    /// Counts a flow's share of a day.
    pub(crate) fn count(&mut self, counted: &Counted, share: &Share) {
        let (from, until) = (share.from.as_millis(), share.until.as_millis());
        for (facet, value) in counted.values() {
            let key = (facet, share.day, value, counted.app);
            let sum = self.days.entry(key).or_insert(Addition {
                flows: 0,
                mapped: 0,
                sent: 0,
                received: 0,
                first_seen: from,
                last_seen: until,
            });
            sum.flows += share.flows;
            sum.mapped += if counted.mapped { share.flows } else { 0 };
            sum.sent += share.sent;
            sum.received += share.received;
            sum.first_seen = sum.first_seen.min(from);
            sum.last_seen = sum.last_seen.max(until);
        }
    }

    /// Counts flows that began in a slot.
    pub(crate) fn began(&mut self, at: Timestamp, app: i64, flows: i64) {
        self.slots.entry((slot_of(at), app)).or_default().0 += flows;
    }

    /// Counts bytes that went through in a slot.
    pub(crate) fn went_through(&mut self, at: Timestamp, app: i64, sent: i64, received: i64) {
        if (sent, received) != (0, 0) {
            let slot = self.slots.entry((slot_of(at), app)).or_default();
            slot.1 += sent;
            slot.2 += received;
        }
    }

    /// Adds it all to what is written.
    pub(crate) fn write(self, connection: &Connection) -> Result<()> {
        totals::add(connection, &self.days, &self.slots)?;
        let mut statement = connection.prepare_cached(
            "INSERT INTO day_use (facet, day, value, app, imported, flows, mapped, sent, received, first_seen,
                 last_seen, sum)
             VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9, ?10,
                 row_sum(?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9, ?10))
             ON CONFLICT DO UPDATE SET
                 flows = flows + ?5, mapped = mapped + ?6, sent = sent + ?7, received = received + ?8,
                 first_seen = min(first_seen, ?9), last_seen = max(last_seen, ?10),
                 sum = row_sum(facet, day, value, app, imported, flows + ?5, mapped + ?6, sent + ?7,
                     received + ?8, min(first_seen, ?9), max(last_seen, ?10))",
        )?;
        let mut emptied = connection.prepare_cached(
            "DELETE FROM day_use WHERE facet = ?1 AND day = ?2 AND value = ?3 AND app = ?4 AND imported = 0
                 AND flows <= 0",
        )?;
        for ((facet, day, value, app), sum) in self.days {
            let Addition { flows, mapped, sent, received, first_seen, last_seen } = sum;
            statement.execute(params![
                facet, day.0, value, app, flows, mapped, sent, received, first_seen, last_seen
            ])?;
            if flows < 0 {
                emptied.execute(params![facet, day.0, value, app])?;
            }
        }
        let mut statement = connection.prepare_cached(
            "INSERT INTO slot_use (slot, app, flows, sent, received, sum)
             VALUES (?1, ?2, ?3, ?4, ?5, row_sum(?1, ?2, ?3, ?4, ?5))
             ON CONFLICT DO UPDATE SET flows = flows + ?3, sent = sent + ?4, received = received + ?5,
                 sum = row_sum(slot, app, flows + ?3, sent + ?4, received + ?5)",
        )?;
        for ((slot, app), (flows, sent, received)) in self.slots {
            statement.execute(params![slot, app, flows, sent, received])?;
        }
        Ok(())
    }
}

/// Adds days that another program remembers; those that are there already stay as they are.
pub(crate) fn import(
    connection: &Connection,
    words: &mut Dictionary,
    facet: Facet,
    uses: &[DayUse],
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO day_use (facet, day, value, app, imported, flows, mapped, sent, received, first_seen,
             last_seen, sum)
         VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, 0, 0, NULL, NULL,
             row_sum(?1, ?2, ?3, ?4, 1, ?5, ?6, 0, 0, NULL, NULL))
         ON CONFLICT DO NOTHING",
    )?;
    for one in uses {
        let value = match facet {
            Facet::Port => one.value.parse().unwrap_or(0),
            Facet::App | Facet::Operator | Facet::Country | Facet::Name => {
                words.word(connection, &one.value)?
            }
        };
        let app = one.app.as_ref().map(|app| words.word(connection, app)).transpose()?;
        let (flows, mapped) = (one.flows.cast_signed(), one.mapped.cast_signed());
        let added = params![facet.code(), one.day.0, value, app.unwrap_or(NO_APP), flows, mapped];
        if statement.execute(added)? > 0 {
            totals::add_imported(connection, facet, one.day, value, (flows, mapped))?;
        }
    }
    Ok(())
}
