//! The rows of `tapmap ls`: what is open, and what ended a while ago.

use super::{UNKNOWN, owner, scope_words, since};
use crate::render::{
    age, bytes, count, harmless,
    table::{Column, table},
};
use std::fmt::Write as _;
use tapmap_core::Timestamp;
use tapmap_web::wire::{Direction, Flow, Folded, FoldedGroup, Protocol, RecentFlow, Scope, State};

/// As wide as an IPv4 address and its port.
const ADDRESS: usize = 21;
/// From this width on a terminal has room for the operator beside the name.
const ROOMY: usize = 160;
/// What is shown for bytes that nobody counts.
const NOT_VISIBLE: &str = "not visible";
/// How many groups of folded flows are told.
const GROUPS: usize = 3;

/// How a table is to be written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// The moment as of which ages are told; without it they are not known, as after a single look.
    pub(crate) now: Option<Timestamp>,
    /// How wide the terminal is; `None` when there is none and nothing is cut.
    pub(crate) width: Option<usize>,
    /// Whether what ended may be dimmed.
    pub(crate) dim: bool,
}

/// The order in which flows are listed: by app, those not identified last, then by the far end.
pub(crate) fn flow_order(flow: &Flow) -> impl Ord + use<> {
    let app = flow.app.as_deref().map(str::to_lowercase);
    (app.is_none(), app, flow.pid, flow.remote_address.clone(), flow.remote_port, flow.local_port)
}

/// The table of flows.
pub(crate) fn flows(flows: &[Flow], look: Look) -> String {
    let rows = flows.iter().map(|flow| flow_row(flow, look.now)).collect();
    flow_table(rows, Column::whole("STATE").spared(2), look.width)
}

/// The same of flows of which some have ended, and what is known of those no longer listed.
pub(crate) fn recent_flows(flows: &[RecentFlow], folded: &Folded, look: Look) -> String {
    let rows = flows.iter().map(|recent| recent_row(recent, look.now)).collect();
    let text = flow_table(rows, Column::whole("STATE"), look.width);
    let text = if look.dim { dimmed(&text, flows) } else { text };
    text + &no_longer_listed(folded)
}

type Row = [String; 10];

fn flow_table(mut rows: Vec<Row>, state: Column, width: Option<usize>) -> String {
    let columns = [
        Column::words("APP"),
        Column::words("REMOTE").readable(ADDRESS),
        Column::words("NAME"),
        Column::words("SERVICE"),
        Column::words("OPERATOR"),
        Column::words("PLACE"),
        state,
        Column::numbers("AGE").spared(1),
        Column::numbers("SENT").spared(3),
        Column::numbers("RECEIVED").spared(3),
    ];
    if width.is_none_or(|width| width >= ROOMY) {
        return table(columns, &rows, width);
    }
    // Without room for both, the operator stands for a name that is not known.
    for [_, _, name, _, operator, ..] in &mut rows {
        let operator = std::mem::take(operator);
        if name == UNKNOWN {
            *name = operator;
        }
    }
    let columns = columns.map(|column| if column.title == "OPERATOR" { Column::words("") } else { column });
    table(columns, &rows, width)
}

fn flow_row(flow: &Flow, now: Option<Timestamp>) -> Row {
    let inbound = flow.direction == Direction::Inbound;
    let service_port = if inbound { flow.local_port } else { flow.remote_port };
    let arrow = if inbound { "from " } else { "" };
    [
        app(flow),
        format!("{arrow}{}", endpoint(&flow.remote_address, flow.remote_port)),
        name(flow),
        service(flow.protocol, service_port, flow.service.as_deref()),
        flow.operator.as_deref().unwrap_or(UNKNOWN).to_owned(),
        place(flow),
        flow.state.word().to_owned(),
        since(&flow.first_seen, now),
        visible_bytes(flow.protocol, flow.bytes_sent),
        visible_bytes(flow.protocol, flow.bytes_received),
    ]
}

/// As [`flow_row`]; of what ended, the state says when, and the age how long it lasted.
fn recent_row(recent: &RecentFlow, now: Option<Timestamp>) -> Row {
    let mut row = flow_row(&recent.flow, now);
    let Some(ended) = &recent.ended else { return row };
    let [.., state, lasted, _, _] = &mut row;
    *state = format!("ended {} ago{}", since(ended, now), last_state(recent.flow.state));
    *lasted = recent.duration_ms.map_or_else(|| UNKNOWN.to_owned(), duration);
    row
}

/// The last state where it says more than that it ended.
fn last_state(state: State) -> String {
    match state {
        State::Established | State::Closed | State::Datagram => String::new(),
        state => format!(" ({})", state.word()),
    }
}

fn duration(milliseconds: u64) -> String {
    if milliseconds < 1000 { format!("{milliseconds}ms") } else { age(milliseconds / 1000) }
}

/// The app, a guess marked as one, or why it is not identified.
fn app(flow: &Flow) -> String {
    match (&flow.app, &flow.possibly) {
        (None, Some(possibly)) => format!("(possibly {possibly})"),
        (app, _) => owner(app.as_deref(), flow.attribution),
    }
}

/// The name of the far end; several that fit equally well are all told.
fn name(flow: &Flow) -> String {
    match flow.names.as_slice() {
        [] => UNKNOWN.to_owned(),
        [name] => name.to_string(),
        several => format!("one of {}", several.join(", ")),
    }
}

/// Bytes; of a UDP socket they may be invisible, which is said.
fn visible_bytes(protocol: Protocol, count: Option<u64>) -> String {
    match (protocol, count) {
        (_, Some(count)) => bytes(count),
        (Protocol::Udp, None) => NOT_VISIBLE.to_owned(),
        (Protocol::Tcp, None) => UNKNOWN.to_owned(),
    }
}

/// The table with the lines of what ended dimmed (SGR 2 and 0 of ECMA-48 §8.3.117).
fn dimmed(table: &str, flows: &[RecentFlow]) -> String {
    let is_dim = std::iter::once(false).chain(flows.iter().map(|recent| recent.ended.is_some()));
    let mut text = String::with_capacity(table.len() + 8 * flows.len());
    for (line, is_dim) in table.lines().zip(is_dim) {
        let (before, after) = if is_dim { ("\u{1b}[2m", "\u{1b}[0m") } else { ("", "") };
        let _written = writeln!(text, "{before}{line}{after}");
    }
    text
}

/// A last line about what ended and is no longer listed one by one; empty when there is nothing.
pub(crate) fn no_longer_listed(folded: &Folded) -> String {
    if folded.flows == 0 {
        return String::new();
    }
    let groups: Vec<String> = folded.groups.iter().take(GROUPS).map(group).collect();
    let told: u64 = folded.groups.iter().take(GROUPS).map(|group| group.flows).sum();
    let most = if told < folded.flows { ", most of them " } else { ": " };
    let most = if groups.is_empty() { String::new() } else { format!("{most}{}", groups.join(", ")) };
    format!("and {} more that ended and are no longer listed one by one{most}\n", count(folded.flows))
}

fn group(group: &FoldedGroup) -> String {
    let app = harmless(group.app.as_deref().unwrap_or("not identified"));
    format!("{app} to {} ({})", group.remote_address, count(group.flows))
}

/// An address and a port, with the brackets that IPv6 needs.
fn endpoint(address: &str, port: u16) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

fn service(protocol: Protocol, port: u16, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{name} {port}/{}", protocol.word()),
        None => format!("{port}/{}", protocol.word()),
    }
}

/// Where the far end is; in words where it is nowhere on the map.
fn place(flow: &Flow) -> String {
    if let Some(peer) = &flow.peer_app {
        return format!("this computer: {peer}");
    }
    if flow.scope != Scope::Public {
        return scope_words(flow.scope).to_owned();
    }
    if flow.anycast {
        return "served from many places".to_owned();
    }
    match (&flow.city, &flow.country) {
        (Some(city), Some(country)) => format!("{city}, {country}"),
        (Some(city), None) => city.to_string(),
        (None, Some(country)) => country.clone(),
        (None, None) => UNKNOWN.to_owned(),
    }
}

#[cfg(test)]
mod tests;
