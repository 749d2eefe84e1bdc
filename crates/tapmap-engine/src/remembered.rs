//! What can be said from what is remembered: what stands out on a day, its report, what keeps time, and
//! significant events. Puts together what core works out; keeps nothing, and knows neither HTTP nor text.

mod absences;
mod chosen;
mod events;
mod executables;
mod insights;
mod news;
mod observed;
mod report;
mod rhythms;

pub use absences::{Absence, Absences, Active, absences};
pub use chosen::{Chosen, of_chosen};
pub use events::{EventPage, EventQuery, SiteOf, events};
pub use executables::executables;
pub use insights::{AppSurprise, Insights, insights};
pub use news::News;
pub use observed::{Observed, unobserved};
pub use report::{Compared, Comparison, DayCount, DayReport, report};
pub use rhythms::{AppRhythm, Rhythms, rhythms};

use std::collections::BTreeSet;

use tapmap_core::{Day, DayUse, Facet, HistoryReader, StoreError, Timestamp, WINDOW};

/// The day that goes on at `now`, in the zone that days are counted in.
///
/// # Errors
/// When the history cannot be read.
pub fn today(reader: &dyn HistoryReader, now: Timestamp) -> Result<Day, StoreError> {
    Ok(reader.calendar()?.day_of(now))
}

/// The first day of the window that ends with a day.
fn window_begin(day: Day) -> Day {
    let window = i32::try_from(WINDOW).unwrap_or(i32::MAX);
    Day(day.0.saturating_sub(window - 1))
}

/// The uses of the window that ends with a day, facet by facet, all apps of a value together.
fn window(
    reader: &dyn HistoryReader,
    facets: &[Facet],
    day: Day,
) -> Result<Vec<(Facet, Vec<DayUse>)>, StoreError> {
    totals(reader, facets, window_begin(day), day)
}

fn totals(
    reader: &dyn HistoryReader,
    facets: &[Facet],
    from: Day,
    to: Day,
) -> Result<Vec<(Facet, Vec<DayUse>)>, StoreError> {
    facets.iter().map(|facet| Ok((*facet, reader.totals(*facet, from, to)?))).collect()
}

/// The days on which anything was used.
fn days_of(uses: &[(Facet, Vec<DayUse>)]) -> BTreeSet<Day> {
    uses.iter().flat_map(|(_, rows)| rows.iter().map(|row| row.day)).collect()
}
