//! The own place, as the user picks it.

use axum::{Json, extract::State};
use tapmap_core::Coordinates;

use crate::{
    App, Problem,
    extract::Body,
    problem::Code,
    routes::geo::aside,
    wire::{ChosenPlace, OwnPlace},
};

/// Picks the own place.
#[utoipa::path(put, operation_id = "choose_own_place", path = "/api/v1/own-place", request_body = ChosenPlace, security(("token" = [])),
    responses((status = 200, body = OwnPlace)))]
pub(crate) async fn choose(
    State(app): State<App>,
    Body(chosen): Body<ChosenPlace>,
) -> Result<Json<OwnPlace>, Problem> {
    let coordinates = Coordinates::new(chosen.latitude, chosen.longitude).ok_or_else(|| {
        Problem::new(Code::InvalidRequest, "Latitude is -90 to 90 and longitude -180 to 180.")
    })?;
    let place = keep(&app, Some(coordinates)).await?;
    place.map(Json).ok_or_else(|| Problem::new(Code::NotKept, "The place was not kept."))
}

/// Forgets the picked place; answers the one that is guessed instead.
#[utoipa::path(delete, operation_id = "forget_own_place", path = "/api/v1/own-place", security(("token" = [])),
    responses((status = 200, body = Option<OwnPlace>)))]
pub(crate) async fn forget(State(app): State<App>) -> Result<Json<Option<OwnPlace>>, Problem> {
    keep(&app, None).await.map(Json)
}

async fn keep(app: &App, coordinates: Option<Coordinates>) -> Result<Option<OwnPlace>, Problem> {
    let control = app.control();
    let kept = aside(move || control.choose_own_place(coordinates)).await?;
    let place = kept.map_err(|sentence| Problem::new(Code::NotKept, sentence))?;
    Ok(place.as_ref().map(Into::into))
}
