//! The report of a day.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use tapmap_engine::remembered;
use utoipa::IntoParams;

use super::{days, history};
use crate::{App, Problem, extract::Parameters, wire::Report};

/// What else the report holds.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Beside {
    /// Another day to compare with, as in `2026-11-24`.
    #[serde(default)]
    compare: Option<String>,
    /// Which connections it is about, as in `app:firefox -country:NO`. Days that were imported have none.
    #[serde(default)]
    filter: Option<String>,
}

/// The report of a day: `today`, or a date as in `2026-11-25`.
#[utoipa::path(get, operation_id = "show_report", path = "/api/v1/report/{day}",
    params(("day" = String, Path, description = "The day: `today`, or as in `2026-11-25`"), Beside),
    responses((status = 200, body = Report)))]
pub(crate) async fn show(
    State(app): State<App>,
    Path(day): Path<String>,
    Parameters(beside): Parameters<Beside>,
) -> Result<Json<Report>, Problem> {
    let wanted = days::Wanted::parse(&day)?;
    let other = beside.compare.as_deref().map(days::Wanted::parse).transpose()?;
    let (text, filter) = history::chosen(beside.filter)?;
    let country = app.country_name();
    let report = history::read_now(&app, move |reader, now| {
        let day = wanted.day(reader, now)?;
        let other = other.map(|other| other.day(reader, now)).transpose()?;
        remembered::of_chosen(reader, &filter, now, |reader| remembered::report(reader, day, other, now))
    });
    Ok(Json(Report::of(&report.await?, country).within(&text)))
}
