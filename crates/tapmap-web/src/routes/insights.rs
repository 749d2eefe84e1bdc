//! What stands out on a day.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use tapmap_core::LayerName;
use tapmap_engine::remembered;
use utoipa::IntoParams;

use super::{days, history, marks};
use crate::{
    App, Problem,
    extract::Parameters,
    wire::{Absences, Insights, Rhythms},
};

/// Which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfDay {
    /// The day, as in `2026-11-25`; today when left out.
    #[serde(default)]
    day: Option<String>,
    /// Which connections count, as in `app:firefox -country:NO`. Days that were imported have none.
    #[serde(default)]
    filter: Option<String>,
}

/// What is new on a day, what comes most often, and what lies above the usual.
#[utoipa::path(get, operation_id = "show_insights", path = "/api/v1/insights", params(OfDay),
    responses((status = 200, body = Insights)))]
pub(crate) async fn show(
    State(app): State<App>,
    Parameters(OfDay { day, filter }): Parameters<OfDay>,
) -> Result<Json<Insights>, Problem> {
    let wanted = days::Wanted::parse(day.as_deref().unwrap_or(days::TODAY))?;
    let (text, filter) = history::chosen(filter)?;
    let (country, learning_days) = (app.country_name(), app.learning_days());
    let insights = history::read_now(&app, move |reader, now| {
        let day = wanted.day(reader, now)?;
        remembered::of_chosen(reader, &filter, now, |reader| remembered::insights(reader, day, now))
    });
    let insights = insights.await?;
    let marks = marks::held(&app).await?.0;
    Ok(Json(Insights::of(&insights, &marks, learning_days, country).within(&text)))
}

/// What went on on a day while the screen was locked or nobody touched the computer. Looks at every connection
/// of that time.
#[utoipa::path(get, operation_id = "list_absences", path = "/api/v1/insights/away", params(OfDay),
    responses((status = 200, body = Absences)))]
pub(crate) async fn away(
    State(app): State<App>,
    Parameters(OfDay { day, filter }): Parameters<OfDay>,
) -> Result<Json<Absences>, Problem> {
    let wanted = days::Wanted::parse(day.as_deref().unwrap_or(days::TODAY))?;
    let (text, filter) = history::chosen(filter)?;
    let absences = history::read_now(&app, move |reader, now| {
        remembered::absences(reader, wanted.day(reader, now)?, &filter, now)
    });
    Ok(Json(Absences::of(&absences.await?, not_told(&app)).within(&text)))
}

/// Why it is not known whether anybody is at the computer.
fn not_told(app: &App) -> Option<String> {
    let layers = app.live().status().coverage.layers;
    match layers.iter().find(|layer| layer.name == LayerName::Presence) {
        Some(layer) if layer.active => None,
        Some(layer) => Some(layer.reason.to_string()),
        None => Some("Nothing here says whether anybody is at a computer.".to_owned()),
    }
}

/// What recurs at regular intervals on a day: each app with each of its destinations. Looks at every
/// connection of that day, and is answered anew once a minute.
#[utoipa::path(get, operation_id = "list_rhythms", path = "/api/v1/insights/rhythms", params(OfDay),
    responses((status = 200, body = Rhythms)))]
pub(crate) async fn rhythms(
    State(app): State<App>,
    Parameters(OfDay { day, filter }): Parameters<OfDay>,
) -> Result<Json<Rhythms>, Problem> {
    let wanted = days::Wanted::parse(day.as_deref().unwrap_or(days::TODAY))?;
    let (text, filter) = history::chosen(filter)?;
    let rhythms = history::ask(&app, move |history, now| {
        let day = wanted.day(history.reader(), now)?;
        if filter.terms.is_empty() {
            return history.rhythms(day, now);
        }
        remembered::rhythms(history.reader(), day, &filter, now).map(Arc::new)
    });
    Ok(Json(Rhythms::of(&*rhythms.await?).within(&text)))
}
