//! `GET /v1/dossiers/{id}/looks`.

use axum::response::Response;

use super::DossierId;
use crate::api::document::{Guarded, Named};
use crate::api::shown;
use crate::app::Asked;
use crate::http::answer::{items, json};
use crate::http::problem::Refused;
use crate::input::Path;

#[utoipa::path(
    get,
    path = "/v1/dossiers/{id}/looks",
    operation_id = "dossierLooks",
    tag = "dossiers",
    summary = "谁看过 Who looked",
    description = "近 30 天的查看、明文、复制与还原令牌的记录；此查询也记入台账。Openings, reveals, copies and tokens led back of the last 30 days; \
        asking is recorded too.",
    params(DossierId),
    responses((status = 200, description = "查看记录 Looks", body = shown::Looks), Guarded, Named)
)]
pub(crate) async fn looks(asked: Asked, Path(path): Path<DossierId>) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&items(&engine.looks(caller, &path?.id)?))).await
}
