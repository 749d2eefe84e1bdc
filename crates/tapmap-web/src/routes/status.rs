//! What the recorder says of itself.

use axum::{Json, extract::State};

use crate::{
    App,
    wire::{self, Counts, Status, StatusTally},
};

/// What is observed, since when, how, and what cannot be seen.
#[utoipa::path(get, operation_id = "show_status", path = "/api/v1/status", responses((status = 200, body = Status)))]
pub(crate) async fn show(State(app): State<App>) -> Json<Status> {
    let status = app.live().status();
    let view = app.live().view();
    let own_flows = view.flows.iter().filter(|flow| flow.is_own()).count();
    let identity = status.identity;
    Json(Status {
        version: app.about().version.clone(),
        epoch: identity.epoch,
        mode: identity.mode.into(),
        host_name: identity.host_name,
        started_at: wire::rfc3339(identity.started_at),
        observed_at: status.observed_at.map(wire::rfc3339),
        interval_ms: u64::try_from(identity.interval.as_millis()).unwrap_or(u64::MAX),
        coverage: status.coverage.lines.iter().map(Into::into).collect(),
        gaps: status.gaps.iter().map(Into::into).collect(),
        own_place: status.own_place.as_ref().map(Into::into),
        data: app.control().data(),
        counts: Counts { flows: view.flows.len() - own_flows, listeners: view.listeners.len(), own_flows },
        problems: status.problems,
        tally: super::coverage::total(&app.live().account())
            .as_ref()
            .map(StatusTally::from)
            .unwrap_or_default(),
        continues: app.control().continues(),
        preferences: app.control().preferences(),
    })
}
