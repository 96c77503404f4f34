//! `GET /v1/quality`: how complete the dossiers are that the caller reaches.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dossier_engine::model::Fault;

use super::document::{Conflicting, Guarded};
use super::shown;
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::Query;
use crate::shape::shaped;

shaped! {
    /// Which figures; without either those that are kept while they are good enough.
    Query QualityAsk {
        /// 重新统计 Worked out anew.
        may fresh: bool = Flag;
        /// 仅取已有结果 Those that are kept, however old; nothing is worked out.
        may kept: bool = Flag;
    }
}

#[utoipa::path(
    get,
    path = "/v1/quality",
    operation_id = "readQuality",
    tag = "quality",
    summary = "完整率 How complete the dossiers are",
    description = "计算调用方可及的全部档案；结果在内存中沿用一段时间（`quality.keep_seconds`），并注明截至时刻。Goes through every dossier in reach; the figures are kept in memory for a while, and say of when they are.",
    params(QualityAsk),
    responses(
        (status = 200, description = "完整率 Completeness", body = shown::Quality),
        (status = 204, description = "没有已有结果 Nothing is kept, and only that was asked for"),
        Guarded,
        Conflicting
    )
)]
pub(crate) async fn quality(asked: Asked, Query(query): Query<QualityAsk>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let query = query?;
            match (query.kept, query.fresh) {
                (true, true) => Err(Fault::new("query_invalid").with("name", "kept")),
                (true, false) => match engine.kept_quality(caller)? {
                    Some(quality) => json(&quality),
                    None => Ok(StatusCode::NO_CONTENT.into_response()),
                },
                (false, fresh) => json(&engine.quality(caller, fresh)?),
            }
        })
        .await
}
