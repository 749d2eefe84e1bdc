//! The rows of `tapmap ls` and `tapmap listeners`.

use super::{
    age, bytes,
    table::{Column, table},
};
use tapmap_core::Timestamp;
use tapmap_web::wire::{Attribution, Direction, Flow, Listener, Protocol, RecentFlow, Scope};

/// As wide as an IPv4 address and its port.
const ADDRESS: usize = 21;
/// What is shown where nothing is known.
const UNKNOWN: &str = "-";

/// The order in which flows are listed: by app, those not identified last, then by the far end.
pub(crate) fn flow_order(flow: &Flow) -> impl Ord + use<> {
    let app = flow.app.as_deref().map(str::to_lowercase);
    (app.is_none(), app, flow.pid, flow.remote_address.clone(), flow.remote_port, flow.local_port)
}

/// Puts listeners in the order in which they are listed: by port.
pub(crate) fn sort_listeners(listeners: &mut [Listener]) {
    listeners.sort_by_cached_key(|listener| {
        (listener.local_port, listener.protocol.word(), listener.local_address.clone(), listener.pid)
    });
}

/// The table of flows, for a terminal of `width` columns. Ages are told as of `now`; without it they
/// are not known, as after a single look.
pub(crate) fn flows(flows: &[Flow], now: Option<Timestamp>, width: Option<usize>) -> String {
    flow_table(flows.iter().map(|flow| flow_row(flow, now)), width)
}

/// The same of flows of which some have ended, which their state then says.
pub(crate) fn recent_flows(flows: &[RecentFlow], now: Option<Timestamp>, width: Option<usize>) -> String {
    let row = |recent: &RecentFlow| {
        let mut row = flow_row(&recent.flow, now);
        if recent.ended.is_some() {
            "ended".clone_into(&mut row[STATE]);
        }
        row
    };
    flow_table(flows.iter().map(row), width)
}

/// Which column says the state.
const STATE: usize = 5;

fn flow_table(rows: impl Iterator<Item = [String; 9]>, width: Option<usize>) -> String {
    const COLUMNS: [Column; 9] = [
        Column::words("APP"),
        Column::words("REMOTE").readable(ADDRESS),
        Column::words("SERVICE"),
        Column::words("OPERATOR"),
        Column::words("PLACE"),
        Column::whole("STATE").spared(2),
        Column::numbers("AGE").spared(1),
        Column::numbers("SENT").spared(3),
        Column::numbers("RECEIVED").spared(3),
    ];
    table(COLUMNS, &rows.collect::<Vec<_>>(), width)
}

fn flow_row(flow: &Flow, now: Option<Timestamp>) -> [String; 9] {
    let inbound = flow.direction == Direction::Inbound;
    let service_port = if inbound { flow.local_port } else { flow.remote_port };
    let arrow = if inbound { "from " } else { "" };
    [
        owner(flow.app.as_deref(), flow.attribution),
        format!("{arrow}{}", endpoint(&flow.remote_address, flow.remote_port)),
        service(flow.protocol, service_port, flow.service.as_deref()),
        flow.operator.as_deref().unwrap_or(UNKNOWN).to_owned(),
        place(flow),
        flow.state.word().to_owned(),
        since(&flow.first_seen, now),
        flow.bytes_sent.map_or_else(|| UNKNOWN.to_owned(), bytes),
        flow.bytes_received.map_or_else(|| UNKNOWN.to_owned(), bytes),
    ]
}

/// The table of open ports, as [`flows`].
pub(crate) fn listeners(listeners: &[Listener], now: Option<Timestamp>, width: Option<usize>) -> String {
    const COLUMNS: [Column; 6] = [
        Column::whole("PORT"),
        Column::words("SERVICE"),
        Column::words("REACHED FROM"),
        Column::words("APP"),
        Column::numbers("PID"),
        Column::numbers("AGE"),
    ];
    let rows: Vec<[String; 6]> = listeners.iter().map(|listener| listener_row(listener, now)).collect();
    table(COLUMNS, &rows, width)
}

fn listener_row(listener: &Listener, now: Option<Timestamp>) -> [String; 6] {
    let reached = match listener.scope {
        Scope::Local => "this computer".to_owned(),
        Scope::Unspecified => format!("every interface ({})", listener.local_address),
        _ => format!("{} ({})", scope_words(listener.scope), listener.local_address),
    };
    [
        format!("{}/{}", listener.local_port, listener.protocol.word()),
        listener.service.as_deref().unwrap_or(UNKNOWN).to_owned(),
        reached,
        owner(listener.app.as_deref(), listener.attribution),
        listener.pid.map_or_else(|| UNKNOWN.to_owned(), |pid| pid.to_string()),
        since(&listener.first_seen, now),
    ]
}

/// The app, or why it is not identified.
fn owner(app: Option<&str>, attribution: Attribution) -> String {
    let reason = match attribution {
        Attribution::Descriptor | Attribution::Event | Attribution::Remembered => None,
        Attribution::Ambiguous => Some("several processes"),
        Attribution::NotPermitted => Some("may not be looked into"),
        Attribution::Exited => Some("ended"),
        Attribution::Kernel => Some("kernel"),
        Attribution::NotFound => Some("not identified"),
        Attribution::Pending => Some("not identified yet"),
        Attribution::NotSupported => Some("cannot be told"),
    };
    match (app, reason) {
        (Some(app), _) => app.to_owned(),
        (None, reason) => format!("({})", reason.unwrap_or("not identified")),
    }
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

fn scope_words(scope: Scope) -> &'static str {
    match scope {
        Scope::Public => "the internet",
        Scope::Lan => "local network",
        Scope::LinkLocal => "local link",
        Scope::Local => "this computer",
        Scope::Multicast => "a group",
        Scope::Broadcast => "everyone on the local network",
        Scope::Cgnat => "the carrier's network",
        Scope::Unspecified => "every interface",
        Scope::Documentation => "an example address",
        Scope::Benchmarking => "a test address",
        Scope::Reserved => "a reserved address",
    }
}

/// How long ago a moment of the wire was.
fn since(first_seen: &str, now: Option<Timestamp>) -> String {
    let (Some(now), Ok(moment)) = (now, first_seen.parse::<jiff::Timestamp>()) else {
        return UNKNOWN.to_owned();
    };
    age(now.since(Timestamp::from_millis(moment.as_millisecond())).as_secs())
}
