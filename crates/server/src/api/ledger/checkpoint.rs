//! `GET /v1/ledger/checkpoint`.

use axum::response::Response;

use super::{WhichLog, or_change};
use crate::api::document::Guarded;
use crate::app::Asked;
use crate::http::answer::text;
use crate::http::problem::Refused;
use crate::input::Query;

#[utoipa::path(
    get,
    path = "/v1/ledger/checkpoint",
    operation_id = "checkpoint",
    tag = "ledger",
    summary = "检查点 The newest checkpoint",
    description = "已签名的检查点（C2SP signed note），可另存作锚点。A signed note; keep it elsewhere as an anchor.",
    params(WhichLog),
    responses((status = 200, description = "检查点 A signed note", body = String, content_type = "text/plain"), Guarded)
)]
pub(crate) async fn checkpoint(asked: Asked, Query(query): Query<WhichLog>) -> Result<Response, Refused> {
    asked.run(|engine, caller| Ok(text(engine.checkpoint(caller, &or_change(query?.log))?))).await
}
