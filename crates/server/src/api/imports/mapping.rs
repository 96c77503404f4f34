//! `GET` and `PUT /v1/imports/{id}/mapping`, `GET /v1/imports/{id}/preview`.

use axum::response::Response;
use dossier_engine::model::Fault;
use dossier_engine::{Column, MappingAsk, MappingShown, Preview, RowProblem, Target};
use serde::Serialize;
use std::collections::BTreeMap;

use super::ImportId;
use crate::api::document::{Absent, Guarded, Written};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::{Body, Path, Query};
use crate::shape::shaped;

shaped! {
    /// Which column is which field; what is not named stays.
    Body MapImport, least 1, example r#"{ "columns": { "公司": "name", "内部备注": null }, "save_as": "旧系统导出" }"# {
        /// 已存映射 Name of a kept mapping to begin with.
        may saved: Option<String> = Form(&forms::NAME);
        /// 列 The field of each column, `stage` or `level`; null leaves the column out.
        may columns: BTreeMap<String, Option<String>> = Texts { most: 256, longest: 64, none: true, empty: "import_mapping_empty" };
        /// 单位 What the amounts of a column count in, for instance `万元`.
        may units: BTreeMap<String, String> = Texts { most: 256, longest: 16, none: false, empty: "value_count" };
        /// 由名称推得 Whether rows that say nothing of their subject have the one that their names tell.
        may subject_by_name: Option<bool> = Flag;
        /// 存为 Name to keep the mapping under.
        may save_as: Option<String> = Form(&forms::NAME);
    }
}

shaped! {
    /// How many rows.
    Query PreviewRows {
        /// 行数 10 when not given.
        may limit: Option<u32> = Whole { least: 1, most: 100 };
    }
}

/// A column as it is answered.
#[derive(Serialize)]
struct ColumnOut {
    column: String,
    field: Option<String>,
    by: dossier_engine::By,
    confidence: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    others: Vec<String>,
}

impl From<&Column> for ColumnOut {
    fn from(column: &Column) -> ColumnOut {
        ColumnOut {
            column: column.header.clone(),
            field: match &column.target {
                Target::Field(name) => Some(name.clone()),
                Target::Stage => Some("stage".to_owned()),
                Target::Level => Some("level".to_owned()),
                Target::Ignored => None,
            },
            by: column.by,
            confidence: column.confidence,
            unit: column.unit.clone(),
            others: column.others.clone(),
        }
    }
}

#[derive(Serialize)]
struct MappingOut<'a> {
    columns: Vec<ColumnOut>,
    subject_by_name: bool,
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a RowProblem>,
}

fn answered(shown: &MappingShown) -> Result<Response, Fault> {
    json(&MappingOut {
        columns: shown.mapping.columns.iter().map(ColumnOut::from).collect(),
        subject_by_name: shown.mapping.subject_by_name,
        ready: shown.ready,
        problem: shown.problem.as_ref(),
    })
}

/// The columns of a kept mapping.
pub(super) fn columns(columns: &[Column]) -> impl Serialize + use<> {
    columns.iter().map(ColumnOut::from).collect::<Vec<_>>()
}

#[utoipa::path(
    get,
    path = "/v1/imports/{id}/mapping",
    operation_id = "readImportMapping",
    tag = "imports",
    summary = "列与字段的对应 Which column is which field",
    params(ImportId),
    responses((status = 200, description = "映射 The mapping", body = shown::ImportMapping), Guarded, Absent)
)]
pub(crate) async fn read(asked: Asked, Path(path): Path<ImportId>) -> Result<Response, Refused> {
    asked.run(|engine, caller| answered(&engine.import_mapping(caller, &path?.id)?)).await
}

#[utoipa::path(
    put,
    path = "/v1/imports/{id}/mapping",
    operation_id = "changeImportMapping",
    tag = "imports",
    summary = "修改对应 Change the mapping",
    description = "只在开始之前。列名须与文件一致。Only before it is started. Columns are named as in the file.",
    params(ImportId),
    request_body = MapImport,
    responses((status = 200, description = "映射 The mapping", body = shown::ImportMapping), Guarded, Absent, Written)
)]
pub(crate) async fn change(
    asked: Asked,
    Path(path): Path<ImportId>,
    Body(body): Body<MapImport>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, body) = (path?, body?);
            let ask = MappingAsk {
                saved: body.saved,
                columns: body.columns.into_iter().collect(),
                units: body.units.into_iter().collect(),
                subject_by_name: body.subject_by_name,
                save_as: body.save_as,
                ..MappingAsk::default()
            };
            answered(&engine.map_import(caller, &path.id, &ask)?)
        })
        .await
}

#[derive(Serialize)]
struct CellOut<'a> {
    column: &'a str,
    raw: &'a str,
    value: Option<&'a str>,
    aside: bool,
}

#[derive(Serialize)]
struct RowOut<'a> {
    row: u64,
    cells: Vec<CellOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_by_name: Option<String>,
    problems: Vec<RowProblem>,
}

#[derive(Serialize)]
struct PreviewOut<'a> {
    items: Vec<RowOut<'a>>,
}

fn rows(preview: &Preview) -> PreviewOut<'_> {
    let items = preview.rows.iter().map(|row| RowOut {
        row: row.row,
        cells: preview
            .columns
            .iter()
            .zip(&row.cells)
            .map(|(column, cell)| CellOut {
                column: &column.header,
                raw: &cell.raw,
                value: cell.value.as_deref(),
                aside: cell.aside,
            })
            .collect(),
        subject_by_name: row.subject_by_name.map(|subject| subject.to_string()),
        problems: row.problems.iter().map(RowProblem::from).collect(),
    });
    PreviewOut { items: items.collect() }
}

#[utoipa::path(
    get,
    path = "/v1/imports/{id}/preview",
    operation_id = "previewImport",
    tag = "imports",
    summary = "预览 What the first rows would become",
    description = "只给上传者，只在开始之前。For whoever handed the file in, before it is started.",
    params(ImportId, PreviewRows),
    responses(
        (status = 200, description = "行 The rows", body = shown::ImportPreview),
        Guarded,
        Absent,
        crate::api::document::Conflicting
    )
)]
pub(crate) async fn preview(
    asked: Asked,
    Path(path): Path<ImportId>,
    Query(query): Query<PreviewRows>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, query) = (path?, query?);
            let preview = engine.preview_import(caller, &path.id, query.limit.unwrap_or(10))?;
            json(&rows(&preview))
        })
        .await
}
