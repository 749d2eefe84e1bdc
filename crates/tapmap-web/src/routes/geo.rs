//! The location data.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{App, Problem, extract::Body, problem::Code, wire::DataSources};

/// No choices yet.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recheck {}

/// Looks for data files again.
#[utoipa::path(post, operation_id = "recheck_geo", path = "/api/v1/geo/recheck", request_body = Recheck, security(("token" = [])),
    responses((status = 200, body = DataSources)))]
pub(crate) async fn recheck(
    State(app): State<App>,
    Body(Recheck {}): Body<Recheck>,
) -> Result<Json<DataSources>, Problem> {
    let control = app.control();
    let data = aside(move || control.recheck_data()).await?;
    Ok(Json(DataSources { data }))
}

/// Runs what may wait for a disk beside the threads that answer requests.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a request failed inside the program");
        Problem::new(Code::Internal, "The program has a bug here; its log says more.")
    })
}
