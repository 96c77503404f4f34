//! `GET /v1/quality`: how complete the dossiers are that the caller reaches.

use axum::response::Response;

use super::document::{Conflicting, Guarded};
use super::shown;
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;

#[utoipa::path(
    get,
    path = "/v1/quality",
    operation_id = "readQuality",
    tag = "quality",
    summary = "完整率 How complete the dossiers are",
    description = "逐份计算调用方可及的全部档案，一次只算一遍。Goes through every dossier in reach, one pass at a time.",
    responses(
        (status = 200, description = "完整率 Completeness", body = shown::Quality),
        Guarded,
        Conflicting
    )
)]
pub(crate) async fn quality(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.quality(caller)?)).await
}
