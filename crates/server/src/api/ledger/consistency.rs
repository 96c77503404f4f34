//! `GET /v1/ledger/consistency`.

use axum::response::Response;

use super::or_change;
use crate::api::document::Guarded;
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::Query;
use crate::shape::shaped;

shaped! {
    /// Which log, and since when.
    Query SinceWhen {
        /// 日志 `change`: commands; `access`: looks at the server that answers, `access/N`: at server N. `change` when not given.
        may log: Option<String> = Form(&forms::LOG);
        /// 旧检查点的条数 The size of an earlier checkpoint.
        must old_size: u64 = Whole { least: 1, most: forms::LARGEST };
    }
}

#[utoipa::path(
    get,
    path = "/v1/ledger/consistency",
    operation_id = "proveConsistency",
    tag = "ledger",
    summary = "一致性证明 Prove that a log only grew",
    description = "证明自旧检查点以来只有追加（RFC 9162）。A consistency proof since an earlier checkpoint.",
    params(SinceWhen),
    responses((status = 200, description = "证明 The proof", body = shown::Consistency), Guarded)
)]
pub(crate) async fn consistency(asked: Asked, Query(query): Query<SinceWhen>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let query = query?;
            json(&engine.consistency(caller, &or_change(query.log), query.old_size)?)
        })
        .await
}
