//! Ports that others on the network can reach: when an app first waited at one, and when another computer
//! first came in. A port that the system hands out changes from start to start and says nothing by its number.

use std::{collections::BTreeMap, sync::Arc};

use super::{Reason, ReasonKind};
use crate::{Calendar, Day, Facet, ListenerRecord, Timestamp, WINDOW};

/// Where ports begin that the system hands out (RFC 6335, section 6; Linux begins at 32768).
pub const HANDED_OUT_FROM: u16 = 32_768;

/// That an app waited at a port or was connected to there, on one day or over several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortUse {
    /// [`ReasonKind::Listening`] or [`ReasonKind::Inbound`].
    pub kind: ReasonKind,
    /// The port.
    pub port: u16,
    /// The app; `None` when it was not identified.
    pub app: Option<Arc<str>>,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// When it was first observed.
    pub first_seen: Timestamp,
    /// How many flows came in on the first day; 0 of one that waits.
    pub flows: u64,
}

/// When ports were open to others: without this program's own, those that only this computer can reach,
/// and those that the system hands out.
pub fn listened(listeners: &[ListenerRecord], calendar: &dyn Calendar) -> Vec<PortUse> {
    let reachable = listeners
        .iter()
        .filter(|it| !it.owner.own && !it.local.address().is_loopback() && it.local.port() < HANDED_OUT_FROM);
    reachable
        .map(|it| PortUse {
            kind: ReasonKind::Listening(it.protocol),
            port: it.local.port(),
            app: it.owner.app.as_ref().map(|app| Arc::clone(&app.name)),
            from: calendar.day_of(it.first_seen),
            to: calendar.day_of(it.last_seen),
            first_seen: it.first_seen,
            flows: 0,
        })
        .collect()
}

/// Every first use of a port by an app, and every first one after a month without. Where the app was not
/// identified it may have been any, so that what is identified later is not new.
pub(super) fn firsts(uses: &[PortUse]) -> Vec<(&PortUse, Reason)> {
    let mut by_port: BTreeMap<(ReasonKind, Option<u16>), Vec<&PortUse>> = BTreeMap::new();
    for used in uses {
        let told = (used.port < HANDED_OUT_FROM).then_some(used.port);
        if told.is_some() || used.app.is_some() {
            by_port.entry((used.kind, told)).or_default().push(used);
        }
    }
    by_port.into_values().flat_map(firsts_at).collect()
}

/// The same of one port.
fn firsts_at(mut uses: Vec<&PortUse>) -> Vec<(&PortUse, Reason)> {
    uses.sort_by_key(|used| (used.from, used.first_seen));
    let mut last_days: BTreeMap<Option<&str>, Day> = BTreeMap::new();
    let mut firsts = Vec::new();
    for used in uses {
        let app = used.app.as_deref();
        let could_be = |other: Option<&str>| app.is_none() || other.is_none() || other == app;
        let before = last_days.iter().filter(|(other, _)| could_be(**other)).map(|(_, day)| *day).max();
        let absent = before.map(|before| u32::try_from(used.from.0.saturating_sub(before.0)).unwrap_or(0));
        let last_day = last_days.entry(app).or_insert(used.to);
        *last_day = used.to.max(*last_day);
        if absent.is_none_or(|days| days >= WINDOW) {
            let value = used.port.to_string().into();
            let (kind, flows) = (used.kind, used.flows);
            firsts.push((used, Reason { kind, facet: Facet::Port, value, returned_after: absent, flows }));
        }
    }
    firsts
}
