//! `GET /v1/imports`, `GET /v1/imports/{id}`, `GET /v1/imports/{id}/left`.

use axum::response::Response;

use super::{ImportId, ImportRows};
use crate::api::document::{Absent, Guarded};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::{Path, Query};
use crate::shape::shaped;

shaped! {
    /// Which imports.
    Query ListImports {
        /// 翻页 `next` of the page before.
        may after: Option<String> = Form(&forms::IMPORT);
        /// 每页条数 How many at most; 25 when not given.
        may limit: Option<u32> = Whole { least: 1, most: 100 };
    }
}

#[utoipa::path(
    get,
    path = "/v1/imports",
    operation_id = "listImports",
    tag = "imports",
    summary = "列出导入 List imports",
    description = "自己的导入，最新的在前；CDO 可见全部。One's own, newest first; a CDO sees everybody's.",
    params(ListImports),
    responses((status = 200, description = "一页导入 A page", body = shown::Imports), Guarded)
)]
pub(crate) async fn list(asked: Asked, Query(query): Query<ListImports>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let query = query?;
            json(&engine.imports(caller, query.after.as_deref(), query.limit)?)
        })
        .await
}

#[utoipa::path(
    get,
    path = "/v1/imports/{id}",
    operation_id = "readImport",
    tag = "imports",
    summary = "导入状态与进度 State and progress of an import",
    params(ImportId),
    responses((status = 200, description = "导入 The import", body = shown::Import), Guarded, Absent)
)]
pub(crate) async fn read(asked: Asked, Path(path): Path<ImportId>) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.import_state(caller, &path?.id)?)).await
}

#[utoipa::path(
    get,
    path = "/v1/imports/{id}/left",
    operation_id = "listImportLeft",
    tag = "imports",
    summary = "撤销时保留的档案 Dossiers that the undoing left",
    description = "之后被修改、销毁或已有联系人的档案不撤销。What was changed or erased since, or has contacts, stays.",
    params(ImportId, ImportRows),
    responses((status = 200, description = "一页档案 A page", body = shown::ImportLeft), Guarded, Absent)
)]
pub(crate) async fn left(
    asked: Asked,
    Path(path): Path<ImportId>,
    Query(query): Query<ImportRows>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, query) = (path?, query?);
            json(&engine.import_left(caller, &path.id, query.after, query.limit)?)
        })
        .await
}
