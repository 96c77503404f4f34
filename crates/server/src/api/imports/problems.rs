//! `GET /v1/imports/{id}/problems`, as a page and as a file; `PATCH` and `DELETE …/problems/{row}`.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use dossier_engine::RowMend;
use std::collections::BTreeMap;

use super::{ImportId, ImportRow, ImportRows};
use crate::api::document::{Absent, Conflicting, Guarded, Written};
use crate::api::shown;
use crate::app::Asked;
use crate::http::answer::{json, page};
use crate::http::problem::Refused;
use crate::input::{Body, Path, Query};
use crate::shape::shaped;

shaped! {
    /// Cells as they are to be.
    Body MendRow, least 1, example r#"{ "cells": { "联系电话": "15400000001" } }"# {
        /// 单元格 By the names of the columns in the file.
        may cells: BTreeMap<String, String> = Texts { most: 256, longest: 32_000, none: false, empty: "nothing_changed" };
        /// 字段 Values of fields that no column goes to, by their names.
        may fields: BTreeMap<String, String> = Texts { most: 64, longest: 32_000, none: false, empty: "nothing_changed" };
    }
}

#[utoipa::path(
    get,
    path = "/v1/imports/{id}/problems",
    operation_id = "listImportProblems",
    tag = "imports",
    summary = "问题行 Rows that wait to be mended",
    description = "只给上传者。For whoever handed the file in.",
    params(ImportId, ImportRows),
    responses((status = 200, description = "一页问题行 A page", body = shown::ImportProblems), Guarded, Absent)
)]
pub(crate) async fn list(
    asked: Asked,
    Path(path): Path<ImportId>,
    Query(query): Query<ImportRows>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, query) = (path?, query?);
            page(&engine.import_problems(caller, &path.id, query.after, query.limit)?)
        })
        .await
}

#[utoipa::path(
    patch,
    path = "/v1/imports/{id}/problems/{row}",
    operation_id = "mendImportRow",
    tag = "imports",
    summary = "修改问题行 Mend a row",
    description = "改后立即重新检查：通过则导入，否则继续等待。It is checked again at once: taken in, or waiting on with what is wrong now.",
    params(ImportRow),
    request_body = MendRow,
    responses((status = 200, description = "结果 What became of it", body = shown::Mended), Guarded, Absent, Written)
)]
pub(crate) async fn mend(
    asked: Asked,
    Path(path): Path<ImportRow>,
    Body(body): Body<MendRow>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, body) = (path?, body?);
            let mend = RowMend { cells: body.cells, fields: body.fields };
            json(&engine.mend_import_row(caller, &path.id, path.row, &mend)?)
        })
        .await
}

#[utoipa::path(
    delete,
    path = "/v1/imports/{id}/problems/{row}",
    operation_id = "skipImportRow",
    tag = "imports",
    summary = "跳过问题行 Pass over a row",
    params(ImportRow),
    responses(
        (status = 200, description = "已跳过 Passed over", body = shown::Mended),
        Guarded,
        Absent,
        Conflicting
    )
)]
pub(crate) async fn skip(asked: Asked, Path(path): Path<ImportRow>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let path = path?;
            json(&engine.skip_import_row(caller, &path.id, path.row)?)
        })
        .await
}

#[utoipa::path(
    get,
    path = "/v1/imports/{id}/problems.csv",
    operation_id = "downloadImportProblems",
    tag = "imports",
    summary = "下载问题行 Rows that wait to be mended, as a file",
    description = "附原因，改好后可再次上传；公式样的单元格前加撇号。With the reasons; mended it can be handed in again. Cells that look like formulas have an apostrophe in front.",
    params(ImportId),
    responses(
        (status = 200, description = "CSV", body = String, content_type = "text/csv", headers(
            ("Content-Disposition" = String, description = "附件 An attachment"),
        )),
        Guarded,
        Absent
    )
)]
pub(crate) async fn file(asked: Asked, Path(path): Path<ImportId>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (_, bytes) = engine.import_problem_file(caller, &path?.id)?;
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
                (
                    header::CONTENT_DISPOSITION,
                    HeaderValue::from_static("attachment; filename=\"problems.csv\""),
                ),
            ];
            Ok((headers, bytes).into_response())
        })
        .await
}
