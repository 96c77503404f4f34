//! `POST /v1/imports/{id}/start`, `…/cancel`, `…/undo`.

use axum::http::StatusCode;
use axum::response::Response;
use dossier_engine::{Duplicates, Start};

use super::ImportId;
use crate::api::document::{Absent, Conflicting, Guarded, Written};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{json, with_status};
use crate::http::problem::Refused;
use crate::input::{Body, Path};
use crate::shape::shaped;

shaped! {
    /// What was not said when the file was handed in.
    Body StartImport, example r#"{ "duplicates": "review" }"# {
        /// 团队 Name or id of the owning team.
        may team: Option<String> = Text { least: 1, most: 64 };
        /// 来源 Where the values come from.
        may source: Option<String> = OneOf(forms::SOURCES);
        /// 重复 What becomes of rows whose customer is there.
        may duplicates: Option<String> = OneOf(forms::DUPLICATES);
    }
}

#[utoipa::path(
    post,
    path = "/v1/imports/{id}/start",
    operation_id = "startImport",
    tag = "imports",
    summary = "开始导入 Start an import",
    description = "在后台进行；失败的导入从停下处继续。Goes on by itself; one that failed goes on where it stopped.",
    params(ImportId),
    request_body = StartImport,
    responses((status = 202, description = "已开始 Started", body = shown::Import), Guarded, Absent, Written)
)]
pub(crate) async fn start(
    asked: Asked,
    Path(path): Path<ImportId>,
    Body(body): Body<StartImport>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, body) = (path?, body?);
            let duplicates = body.duplicates.and_then(|text| Duplicates::parse(&text));
            let ask = Start { team: body.team, source: body.source, duplicates };
            with_status(StatusCode::ACCEPTED, &engine.start_import(caller, &path.id, &ask)?)
        })
        .await
}

#[utoipa::path(
    post,
    path = "/v1/imports/{id}/cancel",
    operation_id = "cancelImport",
    tag = "imports",
    summary = "中止导入 Stop an import for good",
    description = "已导入的部分保留，可以撤销。What is in stays, and can be undone.",
    params(ImportId),
    responses(
        (status = 200, description = "导入 The import", body = shown::Import),
        Guarded,
        Absent,
        Conflicting
    )
)]
pub(crate) async fn cancel(asked: Asked, Path(path): Path<ImportId>) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.cancel_import(caller, &path?.id)?)).await
}

#[utoipa::path(
    post,
    path = "/v1/imports/{id}/undo",
    operation_id = "undoImport",
    tag = "imports",
    summary = "撤销整个导入 Take a whole import back",
    description = "上传者或 CDO。未动过的档案销毁，更新过的恢复原值，其余保留并列出。Whoever imported, or a CDO. Untouched dossiers are erased, updated ones get their values back, the others are left and listed.",
    params(ImportId),
    responses(
        (status = 202, description = "已开始撤销 Begun", body = shown::Import),
        Guarded,
        Absent,
        Conflicting
    )
)]
pub(crate) async fn undo(asked: Asked, Path(path): Path<ImportId>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            with_status(StatusCode::ACCEPTED, &engine.undo_import(caller, &path?.id)?.done()?)
        })
        .await
}
