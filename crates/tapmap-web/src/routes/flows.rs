//! Connections as objects.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    App,
    extract::Parameters,
    wire::{Flow, Flows},
};

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Whether to list this program's own sockets too.
    #[serde(default)]
    #[param(required = false)]
    pub(super) own: bool,
}

/// The connections that are open now.
#[utoipa::path(get, operation_id = "list_flows", path = "/api/v1/flows", params(Wanted),
    responses((status = 200, body = Flows)))]
pub(crate) async fn list(State(app): State<App>, Parameters(wanted): Parameters<Wanted>) -> Json<Flows> {
    let view = app.live().view();
    let shown = view.flows.iter().filter(|flow| wanted.own || !flow.is_own());
    Json(Flows { items: shown.map(|flow| Flow::from(&**flow)).collect() })
}
