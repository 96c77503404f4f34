//! `DELETE /v1/dossiers/{id}`.

use axum::response::Response;

use super::DossierId;
use crate::api::document::{Conflicting, Guarded, Named};
use crate::api::records::carried_out;
use crate::api::shown;
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::Path;

#[utoipa::path(
    delete,
    path = "/v1/dossiers/{id}",
    operation_id = "eraseDossier",
    tag = "dossiers",
    summary = "销毁档案 Erase a dossier",
    description = "销毁其密钥，所有副本随之不可读，不可恢复；仅 CDO。\
                   Destroys its keys, so that every copy becomes unreadable, for good; a CDO's right.",
    params(DossierId),
    responses(
        (status = 200, description = "已销毁 Erased", body = shown::Erased),
        (status = 202, description = "等待审批 It waits for approval", body = shown::Waiting,
            headers(("Location" = String, description = "申请地址 The request's address"))),
        Guarded,
        Named,
        Conflicting
    )
)]
pub(crate) async fn erase(asked: Asked, Path(path): Path<DossierId>) -> Result<Response, Refused> {
    asked.run(|engine, caller| carried_out(&engine.erase(caller, &path?.id)?, json)).await
}
