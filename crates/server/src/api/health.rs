//! `GET /healthz`: whether this server can answer. For whoever watches it, without a token, so it says nothing else.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{Ask, Shared, blocking};
use crate::http::answer::with_status;
use crate::http::problem::Refused;

/// The state.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Health {
    #[schema(pattern = "^(ready|failed)$")]
    state: &'static str,
}

#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "health",
    tag = "health",
    summary = "运行状态 Whether the server can answer",
    security(()),
    responses(
        (status = 200, description = "可用 It can", body = Health),
        (status = 503, description = "不可用 It cannot", body = Health),
        super::document::Watched,
    )
)]
pub(crate) async fn health(
    State(app): State<Shared>,
    Extension(ask): Extension<Ask>,
) -> Result<Response, Refused> {
    blocking(&ask, move || match app.state.ready(&app.engine) {
        true => with_status(StatusCode::OK, &Health { state: "ready" }),
        false => with_status(StatusCode::SERVICE_UNAVAILABLE, &Health { state: "failed" }),
    })
    .await
}
