//! Days as they are asked for, and the rows behind what is said of them.

use axum::{Json, extract::State};
use serde::Deserialize;
use tapmap_core::{Day, HistoryReader, REPORT_FACETS, StoreError, Timestamp};
use tapmap_engine::remembered;
use utoipa::IntoParams;

use super::history;
use crate::{
    App, Problem,
    extract::Parameters,
    problem::Code,
    wire::{DayUse, DayUses, Facet, calendar},
};

/// How today is written.
pub(crate) const TODAY: &str = "today";
/// How many days of rows are answered at most.
const MOST_DAYS: i32 = 400;

/// A day that is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    Today,
    Day(Day),
}

impl Wanted {
    /// Reads `today` or a date.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        if text == TODAY {
            return Ok(Self::Today);
        }
        let problem = || Problem::new(Code::InvalidRequest, "A day is written as in 2026-11-25, or today.");
        calendar::parse(text).map(Self::Day).ok_or_else(problem)
    }

    /// Which one it is.
    pub(crate) fn day(self, reader: &dyn HistoryReader, now: Timestamp) -> Result<Day, StoreError> {
        match self {
            Self::Today => remembered::today(reader, now),
            Self::Day(day) => Ok(day),
        }
    }
}

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Rows {
    /// The first day.
    #[param(format = Date)]
    from: String,
    /// The last day; at most 400 days are answered.
    #[param(format = Date)]
    to: String,
    /// The facet; those of a report (app, operator, country, port) when left out.
    #[serde(default)]
    #[param(inline)]
    facet: Option<Facet>,
    /// Only rows of this value.
    #[serde(default)]
    value: Option<String>,
    /// Only rows of this app.
    #[serde(default)]
    app: Option<String>,
    /// Which connections count, as in `app:firefox -country:NO`: their days are counted one by one, bytes on
    /// the day on which a connection was last seen. Days that were imported have no connections.
    #[serde(default)]
    filter: Option<String>,
}

/// Who used which values on which days: the rows that insights, reports and events are worked out from.
#[utoipa::path(get, operation_id = "list_days", path = "/api/v1/history/days", params(Rows),
    responses((status = 200, body = DayUses)))]
pub(crate) async fn list(
    State(app): State<App>,
    Parameters(rows): Parameters<Rows>,
) -> Result<Json<DayUses>, Problem> {
    let (from, to) = (Wanted::parse(&rows.from)?, Wanted::parse(&rows.to)?);
    let (_, filter) = history::chosen(rows.filter.clone())?;
    let items = history::read_now(&app, move |reader, now| {
        let (from, to) = (from.day(reader, now)?, to.day(reader, now)?);
        remembered::of_chosen(reader, &filter, now, |reader| rows.of(reader, from, to))
    });
    Ok(Json(DayUses { items: items.await? }))
}

impl Rows {
    fn of(&self, reader: &dyn HistoryReader, from: Day, to: Day) -> Result<Vec<DayUse>, StoreError> {
        let to = to.min(Day(from.0.saturating_add(MOST_DAYS - 1)));
        let facets = self.facet.map_or_else(|| REPORT_FACETS.to_vec(), |facet| vec![facet.into()]);
        let mut items = Vec::new();
        for facet in facets {
            let mut uses = reader.days(facet, from, to)?;
            uses.retain(|used| {
                let is_value = self.value.as_deref().is_none_or(|value| value == &*used.value);
                is_value && self.app.as_deref().is_none_or(|app| used.app.as_deref() == Some(app))
            });
            items.extend(uses.iter().map(|used| DayUse::of(facet, used)));
        }
        Ok(items)
    }
}
