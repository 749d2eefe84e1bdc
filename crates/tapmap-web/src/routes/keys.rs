//! Keys that open one page each with the right to change things: a second start of the program asks
//! the running one for one.

use axum::{Json, extract::State};

use crate::{App, wire::OneTimeKey};

/// Makes a one-time link to the page.
#[utoipa::path(post, operation_id = "make_one_time_key", path = "/api/v1/one-time-keys", security(("token" = [])),
    responses((status = 200, body = OneTimeKey)))]
pub(crate) async fn make(State(app): State<App>) -> Json<OneTimeKey> {
    Json(OneTimeKey { path: app.open_path() })
}
