//! What `tapmap insights --away` prints.

use super::{
    bytes, harmless,
    remembered::local,
    table::{Column, table},
};
use std::fmt::Write as _;
use tapmap_web::wire::{Absence, Absences, ActiveApp, WhyAway};

/// Each time of absence with what went on in it.
pub(crate) fn text(absences: &Absences, width: Option<usize>) -> String {
    let mut text = String::new();
    for absence in &absences.items {
        if !text.is_empty() {
            text.push('\n');
        }
        let (from, until) = (local(&absence.from), local(&absence.until));
        let _written = writeln!(text, "{from} to {until}, {}", why(absence.why));
        text.push_str(&apps(absence, width));
    }
    match (&absences.not_told, absences.items.is_empty()) {
        (Some(why), _) => {
            let _written =
                writeln!(text, "Whether anybody is at the computer is not known. {}", harmless(why));
        }
        (None, true) => text.push_str("No time of absence is known of this day.\n"),
        (None, false) => {}
    }
    if absences.partly {
        text.push_str("There were too many connections to look at all of them.\n");
    }
    text
}

fn why(why: WhyAway) -> &'static str {
    match why {
        WhyAway::Locked => "the screen was locked",
        WhyAway::Idle => "nobody touched the computer",
    }
}

fn apps(absence: &Absence, width: Option<usize>) -> String {
    const COLUMNS: [Column; 6] = [
        Column::words("APP"),
        Column::numbers("CONNECTIONS"),
        Column::numbers("BEGUN THEN"),
        Column::numbers("SENT").spared(1),
        Column::numbers("RECEIVED").spared(1),
        Column::words("MOSTLY TO"),
    ];
    let row = |active: &ActiveApp| -> [String; 6] {
        [
            active.app.as_deref().unwrap_or("not identified").to_owned(),
            active.flows.to_string(),
            active.begun.to_string(),
            bytes(active.sent),
            bytes(active.received),
            active.destinations.join(", "),
        ]
    };
    let rows: Vec<[String; 6]> = absence.apps.iter().map(row).collect();
    if rows.is_empty() {
        "no connection to a public address\n".to_owned()
    } else {
        table(COLUMNS, &rows, width)
    }
}
