//! The rows of `tapmap listeners`, and what they share with those of `tapmap ls`.

pub(crate) mod flows;

use super::{
    age,
    table::{Column, table},
};
use tapmap_core::Timestamp;
use tapmap_web::wire::{Attribution, Listener, Scope};

/// What is shown where nothing is known.
const UNKNOWN: &str = "-";

/// Puts listeners in the order in which they are listed: by port.
pub(crate) fn sort_listeners(listeners: &mut [Listener]) {
    listeners.sort_by_cached_key(|listener| {
        (listener.local_port, listener.protocol.word(), listener.local_address.clone(), listener.pid)
    });
}

/// The table of open ports, for a terminal of `width` columns. Ages are told as of `now`; without it they
/// are not known, as after a single look.
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
fn since(moment: &str, now: Option<Timestamp>) -> String {
    let (Some(now), Ok(moment)) = (now, moment.parse::<jiff::Timestamp>()) else {
        return UNKNOWN.to_owned();
    };
    age(now.since(Timestamp::from_millis(moment.as_millisecond())).as_secs())
}
