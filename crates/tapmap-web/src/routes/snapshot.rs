//! Everything that is open, in columns.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{App, extract::Parameters, wire::Snapshot};

/// What to take.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Whether to take the connections that ended within ten minutes too, the last 2,000 at most.
    #[serde(default)]
    #[param(required = false)]
    ended: bool,
}

/// Everything that is open now, in columns with dictionaries.
#[utoipa::path(get, operation_id = "take_snapshot", path = "/api/v1/snapshot", params(Wanted),
    responses((status = 200, body = Snapshot)))]
pub(crate) async fn take(State(app): State<App>, Parameters(wanted): Parameters<Wanted>) -> Json<Snapshot> {
    Json(app.hub().snapshot(wanted.ended))
}
