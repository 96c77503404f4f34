//! `GET /v1/ledger/key`.

use axum::response::Response;

use crate::api::document::Guarded;
use crate::app::Asked;
use crate::http::answer::text;
use crate::http::problem::Refused;

#[utoipa::path(
    get,
    path = "/v1/ledger/key",
    operation_id = "verifierKey",
    tag = "ledger",
    summary = "验证公钥 The verifier key",
    description = "验证检查点签名的公钥（C2SP signed note 格式）。The public key that checkpoints verify with.",
    responses((status = 200, description = "公钥 The key", body = String, content_type = "text/plain"), Guarded)
)]
pub(crate) async fn key(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, _| Ok(text(format!("{}\n", engine.verifier_key())))).await
}
