//! Open ports as objects.

use axum::{Json, extract::State};

use crate::{
    App,
    wire::{Listener, Listeners},
};

/// The ports that are open now.
#[utoipa::path(get, path = "/api/v1/listeners", responses((status = 200, body = Listeners)))]
pub(crate) async fn list(State(app): State<App>) -> Json<Listeners> {
    let view = app.live().view();
    Json(Listeners { items: view.listeners.iter().map(|listener| Listener::from(&**listener)).collect() })
}
