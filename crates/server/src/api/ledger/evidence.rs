//! `POST /v1/ledger/evidence`.

use axum::response::Response;
use dossier_engine::EVIDENCE_MOST;

use crate::api::document::{Absent, Guarded, Sent};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::Body;
use crate::shape::shaped;

shaped! {
    /// Which entries, all of one log.
    Body ExportEvidence, example r#"{ "entries": ["c-0", "c-7"] }"# {
        /// 台账编号 `c-N` of the change log, or `a-NODE-N` of one access log.
        must entries: Vec<String> = List { of: &Form(&forms::ENTRY), most: EVIDENCE_MOST };
    }
}

#[utoipa::path(
    post,
    path = "/v1/ledger/evidence",
    operation_id = "exportEvidence",
    tag = "ledger",
    summary = "导出证据包 Export evidence",
    description = "条目原文、包含证明、签名检查点与公钥，可离线验证；导出本身也记入台账。The entries with their proofs, one \
        signed checkpoint and the key, to be checked off-line; exporting is an entry itself.",
    request_body = ExportEvidence,
    responses((status = 200, description = "证据包 The pack", body = shown::Evidence), Guarded, Absent, Sent)
)]
pub(crate) async fn evidence(asked: Asked, Body(body): Body<ExportEvidence>) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.evidence(caller, &body?.entries)?)).await
}
