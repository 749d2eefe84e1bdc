//! What `tapmap flows` and `tapmap history` print.

use super::{
    age, bytes, harmless,
    table::{Column, table as make},
};
use crate::cli::FormArgs;
use serde::Serialize;
use std::fmt::Write as _;
use tapmap_web::wire::{Attribution, Direction, Ending, HistoryStats, RecordedFlow};

/// What is shown where nothing is known.
const UNKNOWN: &str = "-";

/// The table of recorded connections; times are this computer's local ones.
pub(crate) fn table(flows: &[RecordedFlow], width: Option<usize>) -> String {
    const COLUMNS: [Column; 9] = [
        Column::whole("BEGAN"),
        Column::words("APP"),
        Column::words("REMOTE").readable(21),
        Column::words("NAME"),
        Column::words("OPERATOR"),
        Column::words("PLACE"),
        Column::numbers("LASTED").spared(1),
        Column::numbers("SENT").spared(2),
        Column::numbers("RECEIVED").spared(2),
    ];
    make(COLUMNS, &flows.iter().map(row).collect::<Vec<_>>(), width)
}

fn row(flow: &RecordedFlow) -> [String; 9] {
    let known = |text: Option<&str>| text.unwrap_or(UNKNOWN).to_owned();
    let arrow = if flow.direction == Direction::Inbound { "from " } else { "" };
    let address = &flow.remote_address;
    let address = if address.contains(':') { format!("[{address}]") } else { address.clone() };
    let place = match (&flow.city, &flow.country) {
        (Some(city), Some(country)) => format!("{city}, {country}"),
        (None, Some(country)) => country.clone(),
        (Some(city), None) => city.to_string(),
        (None, None) if flow.anycast => "served from many places".to_owned(),
        (None, None) => UNKNOWN.to_owned(),
    };
    let lasted = age(flow.duration_ms / 1000);
    [
        local(&flow.first_seen),
        flow.app.as_deref().map_or_else(|| not_identified(flow.attribution), ToOwned::to_owned),
        format!("{arrow}{address}:{}", flow.remote_port),
        known((!flow.names.is_empty()).then(|| flow.names.join(" or ")).as_deref()),
        known(flow.operator.as_deref()),
        place,
        if flow.ending == Ending::Open { format!("{lasted}, open") } else { lasted },
        flow.bytes_sent.map_or_else(|| UNKNOWN.to_owned(), bytes),
        flow.bytes_received.map_or_else(|| UNKNOWN.to_owned(), bytes),
    ]
}

fn not_identified(attribution: Attribution) -> String {
    match attribution {
        Attribution::Ambiguous => "(several processes)",
        Attribution::NotPermitted => "(may not be looked into)",
        Attribution::Kernel => "(kernel)",
        _ => "(not identified)",
    }
    .to_owned()
}

/// A moment of the wire in local time, to a second.
pub(super) fn local(moment: &str) -> String {
    let parsed = moment.parse::<jiff::Timestamp>();
    let zone = jiff::tz::TimeZone::system();
    parsed.map_or_else(
        |_| moment.to_owned(),
        |at| zone.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

/// A list in the form that is wanted: `whole` as JSON, its `items` line by line, or a table.
///
/// # Errors
/// As [`json_lines`].
pub(crate) fn list<W: Serialize + ?Sized, T: Serialize>(
    form: FormArgs,
    whole: &W,
    items: &[T],
    table: impl FnOnce() -> String,
) -> anyhow::Result<String> {
    match form {
        FormArgs { json: true, .. } => super::json(whole),
        FormArgs { jsonl: true, .. } => json_lines(items),
        FormArgs { csv: true, .. } => comma_separated(items),
        FormArgs { .. } => Ok(table()),
    }
}

/// One JSON object a line.
///
/// # Errors
/// When a value cannot be written as JSON, which none of ours does.
fn json_lines<T: Serialize>(items: &[T]) -> anyhow::Result<String> {
    let mut text = String::new();
    for item in items {
        writeln!(text, "{}", serde_json::to_string(item)?)?;
    }
    Ok(text)
}

/// Comma-separated values after RFC 4180, with lines ended by LF. Lists are joined by blanks.
///
/// # Errors
/// As [`json_lines`].
fn comma_separated<T: Serialize>(items: &[T]) -> anyhow::Result<String> {
    let mut text = String::new();
    let mut head = true;
    for item in items {
        let serde_json::Value::Object(fields) = serde_json::to_value(item)? else { continue };
        if head {
            writeln!(text, "{}", fields.keys().cloned().collect::<Vec<_>>().join(","))?;
            head = false;
        }
        let cells: Vec<String> = fields.values().map(cell).collect();
        writeln!(text, "{}", cells.join(","))?;
    }
    Ok(text)
}

fn cell(value: &serde_json::Value) -> String {
    use serde_json::Value;
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    };
    // A cell that begins like a formula is one to some programs.
    let text = if text.starts_with(['=', '+', '-', '@']) && text.parse::<f64>().is_err() {
        format!("'{text}")
    } else {
        text
    };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The lines of `tapmap history stats`.
pub(crate) fn stats(stats: &HistoryStats) -> String {
    let moment = |moment: &Option<String>| moment.as_deref().map_or_else(|| UNKNOWN.to_owned(), local);
    let mut text = format!(
        "connections: {} in {} rows, {} of them folded\nfrom: {}\nuntil: {}\non disk: {}, {} of it free\n\
         recordings: {}\n",
        stats.flows,
        stats.rows,
        stats.folded,
        moment(&stats.oldest),
        moment(&stats.newest),
        bytes(stats.bytes),
        bytes(stats.free_bytes),
        stats.sessions,
    );
    if stats.imported_days > 0 {
        let _written = writeln!(text, "days taken over from the older program: {}", stats.imported_days);
    }
    for forgetting in &stats.forgetting {
        let what = match (&forgetting.app, forgetting.before_day) {
            (Some(app), _) => format!("everything of {}", harmless(app)),
            (None, Some(_)) => "older days".to_owned(),
            (None, None) => "everything".to_owned(),
        };
        let _written = writeln!(text, "to be erased: {what}, at {}", local(&forgetting.due_at));
    }
    text
}
