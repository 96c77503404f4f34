//! `GET /v1/ledger/logs`.

use axum::response::Response;

use crate::api::document::Guarded;
use crate::api::shown;
use crate::app::Asked;
use crate::http::answer::{items, json};
use crate::http::problem::Refused;

#[utoipa::path(
    get,
    path = "/v1/ledger/logs",
    operation_id = "listLogs",
    tag = "ledger",
    summary = "列出日志 List the logs",
    description = "变更日志一个，访问日志每台服务器一个。One change log, and an access log for each server.",
    responses((status = 200, description = "日志 Logs", body = shown::Logs), Guarded)
)]
pub(crate) async fn logs(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&items(&engine.ledger_logs(caller)?))).await
}
