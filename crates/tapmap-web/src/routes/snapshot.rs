//! Everything that is open, in columns.

use axum::{Json, extract::State};

use crate::{App, wire::Snapshot};

/// Everything that is open now, in columns with dictionaries.
#[utoipa::path(get, operation_id = "take_snapshot", path = "/api/v1/snapshot", responses((status = 200, body = Snapshot)))]
pub(crate) async fn take(State(app): State<App>) -> Json<Snapshot> {
    Json(app.hub().snapshot())
}
