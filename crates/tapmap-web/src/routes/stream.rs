//! The live stream of changes.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    App, Problem,
    extract::Parameters,
    problem::Code,
    stream::{Position, Wishes},
    wire::Delta,
};

/// From where on, and with what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Whether to send counters that moved, at most each second.
    #[serde(default)]
    #[param(required = false)]
    counters: bool,
    /// Whether to send the connections that ended, as last known, also those that opened and ended
    /// between two deltas.
    #[serde(default)]
    #[param(required = false)]
    ended: bool,
    /// The last delta that is known already: `<epoch>-<seq>`. The header `Last-Event-ID` wins.
    after: Option<String>,
}

/// What changes, as server-sent events: `hello`, then `d` for each delta, `news` for events, `resync` when the
/// client must take a new snapshot.
#[utoipa::path(get, operation_id = "follow_stream", path = "/api/v1/stream", params(Wanted),
    responses((status = 200, body = Delta, content_type = "text/event-stream")))]
pub(crate) async fn follow(
    State(app): State<App>,
    headers: HeaderMap,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Response, Problem> {
    let last_seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let after = match last_seen.filter(|id| !id.is_empty()).or(wanted.after) {
        Some(text) => Some(
            Position::parse(&text)
                .ok_or_else(|| Problem::new(Code::InvalidRequest, "`after` is `<epoch>-<seq>`."))?,
        ),
        None => None,
    };
    let body = app
        .hub()
        .open(after.as_ref(), Wishes { counters: wanted.counters, ended: wanted.ended })
        .ok_or_else(|| Problem::new(Code::TooManyStreams, "Too many pages are open; close one."))?;
    Ok(([(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")], body)
        .into_response())
}
