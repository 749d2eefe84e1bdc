//! Open ports as objects.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    App,
    extract::Parameters,
    wire::{Listener, Listeners},
};

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Whether to list this program's own open ports too.
    #[serde(default)]
    #[param(required = false)]
    own: bool,
}

/// The ports that are open now.
#[utoipa::path(get, operation_id = "list_listeners", path = "/api/v1/listeners", params(Wanted),
    responses((status = 200, body = Listeners)))]
pub(crate) async fn list(State(app): State<App>, Parameters(wanted): Parameters<Wanted>) -> Json<Listeners> {
    let view = app.live().view();
    let shown = view.listeners.iter().filter(|listener| wanted.own || !listener.attribution.is_own());
    Json(Listeners { items: shown.map(|listener| Listener::from(&**listener)).collect() })
}
