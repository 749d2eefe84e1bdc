//! Significant events.

use axum::{Json, extract::State};
use serde::Deserialize;
use tapmap_core::Day;
use tapmap_engine::remembered::{self, EventQuery};
use utoipa::IntoParams;

use super::{days, history, marks};
use crate::{App, Problem, extract::Parameters, problem::Code, wire::Events};

/// How many events a page holds when nothing else is said, and at most.
const PAGE: (usize, usize) = (100, 1000);

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Events of this day or later, as in `2026-11-25`.
    #[serde(default)]
    from: Option<String>,
    /// Events of this day or earlier.
    #[serde(default)]
    to: Option<String>,
    /// A filter as for the flows, which an event fits by its app or by what was new about it: words, `app:`,
    /// `country:`, `operator:`, `port:`, `name:`, `protocol:`, `direction:` and `since:`.
    #[serde(default)]
    q: Option<String>,
    /// The `next` of the page before.
    #[serde(default)]
    before: Option<String>,
    /// How many events the page holds; 100 when left out, 1000 at most.
    #[serde(default)]
    limit: Option<usize>,
}

/// What was new, the latest first.
#[utoipa::path(get, operation_id = "list_events", path = "/api/v1/events", params(Wanted),
    responses((status = 200, body = Events)))]
pub(crate) async fn list(
    State(app): State<App>,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Json<Events>, Problem> {
    let from = wanted.from.as_deref().map(days::Wanted::parse).transpose()?;
    let to = wanted.to.as_deref().map(days::Wanted::parse).transpose()?;
    let before = wanted.before.as_deref().map(str::parse).transpose();
    let before = before.map_err(|_| Problem::new(Code::InvalidRequest, "There is no such page."))?;
    let limit = wanted.limit.unwrap_or(PAGE.0).clamp(1, PAGE.1);
    let filter = history::filter(wanted.q.as_deref().unwrap_or_default())?;
    if let Some(field) = filter.not_of_events() {
        let detail = format!("Events have no {field}.");
        return Err(Problem::new(Code::InvalidRequest, detail));
    }
    let (learning_days, site, country) = (app.learning_days(), app.site(), app.country_name());
    let page = history::read_now(&app, move |reader, now| {
        let day = |wanted: Option<days::Wanted>, otherwise| {
            wanted.map_or(Ok(otherwise), |wanted| wanted.day(reader, now))
        };
        let (from, to) = (day(from, Day(i32::MIN))?, day(to, Day(i32::MAX))?);
        remembered::events(reader, &EventQuery { from, to, filter, learning_days, site, before, limit }, now)
    });
    let page = page.await?;
    Ok(Json(Events::of(&page, &marks::held(&app).await?.0, country)))
}
