//! Connections as objects.

use std::time::Duration;

use axum::{Json, extract::State};
use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, de};
use utoipa::IntoParams;

use crate::{
    App,
    extract::Parameters,
    wire::{Flow, FlowList, Flows, RecentFlow, RecentFlows},
};

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Whether to list this program's own connections too.
    #[serde(default)]
    #[param(required = false)]
    own: bool,
    /// With what is open, list also what ended within this time, as in `10m` or `1h30m`; the program
    /// keeps ten minutes and ten thousand of them. The items then have the keys `ended` and
    /// `duration_ms` too.
    #[serde(default, deserialize_with = "time")]
    #[param(value_type = Option<String>)]
    recent: Option<Duration>,
}

/// The connections that are open now, and with `recent` those that ended.
#[utoipa::path(get, operation_id = "list_flows", path = "/api/v1/flows", params(Wanted),
    responses((status = 200, body = FlowList)))]
pub(crate) async fn list(State(app): State<App>, Parameters(wanted): Parameters<Wanted>) -> Json<FlowList> {
    let view = app.live().view();
    let shown = |flow: &tapmap_core::Flow| wanted.own || !flow.is_own();
    let open = view.flows.iter().filter(|flow| shown(flow));
    let Some(recent) = wanted.recent else {
        return Json(FlowList::Open(Flows { items: open.map(|flow| Flow::from(&**flow)).collect() }));
    };
    let ended = app.live().ended_within(recent);
    let ended = ended.iter().filter(|flow| shown(flow)).map(|flow| RecentFlow::ended(flow));
    Json(FlowList::Recent(RecentFlows {
        items: open.map(|flow| RecentFlow::open(flow)).chain(ended).collect(),
        folded: (&app.live().folded()).into(),
    }))
}

/// Reads a length of time, as in `10m`.
fn time<'text, D: Deserializer<'text>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let time = text.parse::<SignedDuration>().map_err(de::Error::custom)?;
    Duration::try_from(time).map(Some).map_err(de::Error::custom)
}
