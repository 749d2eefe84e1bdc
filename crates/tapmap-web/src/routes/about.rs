//! What the program is and whom it thanks.

use axum::{Json, extract::State};

use crate::{App, wire::About};

/// Version, licence and credits.
#[utoipa::path(get, operation_id = "show_about", path = "/api/v1/about", responses((status = 200, body = About)))]
pub(crate) async fn show(State(app): State<App>) -> Json<About> {
    Json(app.about().clone())
}
