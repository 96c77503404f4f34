//! `GET /v1/import-mappings`, `DELETE /v1/import-mappings/{id}`.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json as made;

use super::mapping::columns;
use crate::api::document::{Absent, Guarded};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{items, json};
use crate::http::problem::Refused;
use crate::input::Path;
use crate::shape::shaped;

shaped! {
    /// Which mapping.
    Path MappingId {
        /// 映射编号
        must id: String = Form(&forms::MAPPING);
    }
}

#[utoipa::path(
    get,
    path = "/v1/import-mappings",
    operation_id = "listImportMappings",
    tag = "imports",
    summary = "已存映射 Mappings that are kept",
    description = "自己的，最新的在前；列名相同的文件会优先采用。One's own, newest first; one is suggested for files with the same columns.",
    responses((status = 200, description = "映射 The mappings", body = shown::SavedMappings), Guarded)
)]
pub(crate) async fn list(asked: Asked) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let kept = engine.import_mappings(caller)?;
            let shown: Vec<_> = kept
                .iter()
                .map(|saved| made!({ "id": saved.id, "name": saved.name, "columns": columns(&saved.mapping.columns) }))
                .collect();
            json(&items(&shown))
        })
        .await
}

#[utoipa::path(
    delete,
    path = "/v1/import-mappings/{id}",
    operation_id = "forgetImportMapping",
    tag = "imports",
    summary = "删除映射 Forget a mapping",
    params(MappingId),
    responses((status = 204, description = "已删除 Forgotten"), Guarded, Absent)
)]
pub(crate) async fn forget(asked: Asked, Path(path): Path<MappingId>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            engine.forget_import_mapping(caller, &path?.id)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}
