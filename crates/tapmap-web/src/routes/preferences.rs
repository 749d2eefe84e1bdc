//! What the reader chose for the page.

use axum::{Json, extract::State};

use super::geo::aside;
use crate::{
    App, PreferencesRefusal, Problem,
    extract::Body,
    problem::Code,
    wire::{NewPreferences, Preferences},
};

/// Keeps what the reader chose for the page; the status answers it.
#[utoipa::path(put, operation_id = "put_preferences", path = "/api/v1/preferences", request_body = NewPreferences,
    security(("token" = [])), responses((status = 200, body = Preferences)))]
pub(crate) async fn put(
    State(app): State<App>,
    Body(new): Body<NewPreferences>,
) -> Result<Json<Preferences>, Problem> {
    let control = app.control();
    let kept = aside(move || control.change_preferences(new)).await?;
    kept.map(Json).map_err(|refusal| match refusal {
        PreferencesRefusal::NotUnderstood(sentence) => Problem::new(Code::InvalidRequest, sentence),
        PreferencesRefusal::NotKept(sentence) => Problem::new(Code::NotKept, sentence),
    })
}
