//! `GET /v1/imports/{id}/duplicates`, `POST …/duplicates/{row}`.

use axum::response::Response;
use dossier_engine::Decision;

use super::{ImportId, ImportRow};
use crate::api::document::{Absent, Guarded, Written};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{json, page};
use crate::http::problem::Refused;
use crate::input::{Body, Path, Query};
use crate::shape::shaped;

shaped! {
    /// Which rows.
    Query DuplicateRows {
        /// 待复核 Those that wait for a decision; else those that were passed over.
        may waiting: bool = Flag;
        /// 翻页 `next` of the page before.
        may after: Option<u64> = Whole { least: 0, most: forms::LARGEST };
        /// 每页条数 How many at most; 25 when not given.
        may limit: Option<u32> = Whole { least: 1, most: 100 };
    }
}

shaped! {
    /// What is to become of the row.
    Body DecideRow, example r#"{ "decision": "update" }"# {
        /// 决定 `skip` passes over it, `update` puts it over the record.
        must decision: String = OneOf(&["skip", "update"]);
    }
}

#[utoipa::path(
    get,
    path = "/v1/imports/{id}/duplicates",
    operation_id = "listImportDuplicates",
    tag = "imports",
    summary = "重复的行 Rows whose customer is there",
    description = "范围外的客户只给编码与团队，并计入查询配额。Of a customer outside the caller's rows code and team are told, and count as a look-up.",
    params(ImportId, DuplicateRows),
    responses((status = 200, description = "一页 A page", body = shown::ImportDuplicates), Guarded, Absent)
)]
pub(crate) async fn list(
    asked: Asked,
    Path(path): Path<ImportId>,
    Query(query): Query<DuplicateRows>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, query) = (path?, query?);
            page(&engine.import_duplicates(caller, &path.id, query.waiting, query.after, query.limit)?)
        })
        .await
}

#[utoipa::path(
    post,
    path = "/v1/imports/{id}/duplicates/{row}",
    operation_id = "decideImportRow",
    tag = "imports",
    summary = "复核 Decide on a row",
    params(ImportRow),
    request_body = DecideRow,
    responses((status = 200, description = "结果 What became of it", body = shown::Mended), Guarded, Absent, Written)
)]
pub(crate) async fn decide(
    asked: Asked,
    Path(path): Path<ImportRow>,
    Body(body): Body<DecideRow>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, body) = (path?, body?);
            let decision = if body.decision == "update" { Decision::Update } else { Decision::Skip };
            json(&engine.decide_import_row(caller, &path.id, path.row, decision)?)
        })
        .await
}
