//! `GET /v1/ledger/proof/{entry}`.

use axum::response::Response;

use crate::api::document::{Guarded, Named};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::Path;
use crate::shape::shaped;

shaped! {
    /// Which entry.
    Path EntryId {
        /// 台账编号 `c-N` of the change log, `a-NODE-N` of an access log.
        must entry: String = Form(&forms::ENTRY);
    }
}

#[utoipa::path(
    get,
    path = "/v1/ledger/proof/{entry}",
    operation_id = "proveEntry",
    tag = "ledger",
    summary = "包含证明 Prove an entry",
    description = "证明该条在台账中（RFC 9162），可离线验证。An inclusion proof that can be checked off-line.",
    params(EntryId),
    responses((status = 200, description = "证明 The proof", body = shown::Proof), Guarded, Named)
)]
pub(crate) async fn proof(asked: Asked, Path(path): Path<EntryId>) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.proof(caller, &path?.entry)?)).await
}
