//! What `tapmap status` and `tapmap about` print.

use super::{harmless, tally};
use std::fmt::Write as _;
use tapmap_web::wire::{About, CoverageLine, DataSource, Mode, OwnPlace, OwnPlaceSource, Status};

/// The recorder's account of itself, as lines.
pub(crate) fn status(status: &Status, url: &str) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        let _written = writeln!(text, "{label:<11}{}", harmless(value));
    };
    line("page", url);
    line("shows", mode(status.mode));
    line("since", &status.started_at);
    line("last look", status.observed_at.as_deref().unwrap_or("none yet"));
    let counts = status.counts;
    line("open now", &format!("{} connections, {} ports", counts.flows, counts.listeners));
    line("so far", &tally::sentence(status.tally));
    line("own place", &own_place(status.own_place.as_ref()));
    for (index, coverage) in status.coverage.iter().enumerate() {
        // TCP and UDP are seen for the same reason, which is said once.
        let said =
            |earlier: &CoverageLine| earlier.seen == coverage.seen && earlier.reason == coverage.reason;
        if status.coverage.iter().take(index).any(said) {
            continue;
        }
        line(if coverage.seen { "sees" } else { "cannot see" }, &coverage.reason);
        if let Some(remedy) = &coverage.remedy {
            line("", &format!("  {remedy}"));
        }
    }
    for gap in &status.gaps {
        line("gap", &format!("{} to {}: {}", gap.from, gap.until, gap.reason.word()));
    }
    for problem in &status.problems {
        line("problem", problem);
    }
    text + &data(&status.data)
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => "this computer, now",
        Mode::Replay => "a recording",
        Mode::Demo => "an invented day",
    }
}

fn own_place(place: Option<&OwnPlace>) -> String {
    let Some(place) = place else { return "not known".to_owned() };
    let how = match place.source {
        OwnPlaceSource::Configured => "as configured",
        OwnPlaceSource::Chosen => "as picked on the map",
        OwnPlaceSource::Interface => "from an interface's address",
        OwnPlaceSource::TimeZone => "from the time zone",
    };
    let label = place.label.as_deref().map(|label| format!("{label}, ")).unwrap_or_default();
    let accuracy =
        if place.accuracy_km == 0 { String::new() } else { format!(", within {} km", place.accuracy_km) };
    format!("{label}{:.2},{:.2}{accuracy}, {how}", place.latitude, place.longitude)
}

/// The location data in use and refused, as lines.
pub(crate) fn data(data: &[DataSource]) -> String {
    let mut text = String::new();
    for source in data {
        let state = match (&source.problem, source.active) {
            (Some(problem), _) => problem.as_str(),
            (None, true) => "in use",
            (None, false) => "not in use",
        };
        let version = if source.version.is_empty() { String::new() } else { format!(", {}", source.version) };
        let about = format!("{} ({}{version}): {state}", source.name, source.source);
        let _written = writeln!(text, "{:<11}{}", "data", harmless(&about));
    }
    text
}

/// Version, licence and credits, as paragraphs.
pub(crate) fn about(about: &About) -> String {
    let mut text = format!("TapMap {}, {}\n{}\n", about.version, about.licence, about.independent);
    for credit in &about.credits {
        let _written =
            write!(text, "\n{} ({})\n  {}\n  {}\n", credit.name, credit.licence, credit.text, credit.url);
    }
    text
}
