//! `GET /v1/contacts/{id}/history`.

use axum::response::Response;

use super::{ContactId, KIND};
use crate::api::document::{Guarded, Named};
use crate::api::records::Versions;
use crate::api::shown;
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::{Path, Query};

#[utoipa::path(
    get,
    path = "/v1/contacts/{id}/history",
    operation_id = "contactHistory",
    tag = "contacts",
    summary = "变更历史 Earlier versions",
    description = "每个版本与前一版本之差，按权限脱敏。Each version against the one before, masked as the role must see it.",
    params(ContactId, Versions),
    responses((status = 200, description = "版本 Versions", body = shown::History), Guarded, Named)
)]
pub(crate) async fn history(
    asked: Asked,
    Path(path): Path<ContactId>,
    Query(query): Query<Versions>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, query) = (path?, query?);
            json(&engine.history(caller, KIND, &path.id, query.before, query.limit)?)
        })
        .await
}
