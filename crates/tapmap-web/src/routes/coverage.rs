//! What the recorder can see, and how much of what went on it saw.

use axum::{Json, extract::State};
use tapmap_core::Tally;

use crate::{
    App,
    wire::{self, Coverage},
};

/// What the recorder can see, and what it saw held against what the kernel counted.
#[utoipa::path(get, operation_id = "show_coverage", path = "/api/v1/coverage", responses((status = 200, body = Coverage)))]
pub(crate) async fn show(State(app): State<App>) -> Json<Coverage> {
    let status = app.live().status();
    let hours = app.live().account();
    Json(Coverage {
        version: app.about().version.clone(),
        mode: status.identity.mode.into(),
        started_at: Some(wire::rfc3339(status.identity.started_at)),
        observed_at: status.observed_at.map(wire::rfc3339),
        sights: status.coverage.lines.iter().map(Into::into).collect(),
        layers: status.coverage.layers.iter().map(Into::into).collect(),
        total: total(&hours).as_ref().map(Into::into),
        hours: hours.iter().map(Into::into).collect(),
        folded: (&app.live().folded()).into(),
        gaps: status.gaps.iter().map(Into::into).collect(),
        problems: status.problems,
    })
}

/// All hours as one.
pub(super) fn total(hours: &[Tally]) -> Option<Tally> {
    let (first, others) = hours.split_first()?;
    let mut total = first.clone();
    for hour in others {
        total.add(hour);
    }
    Some(total)
}
