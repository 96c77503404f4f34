//! Imports, and the rows that they have put aside.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

use super::Dossier;

/// 导入 An import as it is. Each row done with counts once: imported, updated, rejected, duplicate or skipped.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "id": "imp_01ktzmay00e1hs6v0rhdvhtc0m",
    "state": "done",
    "name": "客户.csv",
    "size": 10240,
    "format": "csv, UTF-8",
    "by": "crm",
    "team": "华东",
    "duplicates": "skip",
    "total": 100,
    "rows": 100,
    "imported": 90,
    "updated": 0,
    "rejected": 4,
    "duplicate": 6,
    "skipped": 0,
    "mended": 0,
    "created_at": "2026-11-22T06:03:22.000000Z",
    "started_at": "2026-11-22T06:04:00.000000Z",
    "ended_at": "2026-11-22T06:04:01.000000Z"
})))]
pub(crate) struct Import {
    #[schema(pattern = "^imp_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    /// 状态 `uploaded`: some column has to be mapped first; `ready`: it can be started.
    #[schema(pattern = "^(uploading|uploaded|ready|running|done|failed|cancelled|undoing|undone)$")]
    state: String,
    /// 文件名
    name: String,
    /// 字节数
    size: u64,
    /// 格式
    format: String,
    /// 上传者
    by: String,
    /// 团队 The team that the dossiers go to.
    team: String,
    /// 来源
    #[schema(required = false, nullable = false)]
    source: Option<String>,
    /// 重复 What becomes of rows whose customer is there.
    #[schema(pattern = "^(skip|update|review)$")]
    duplicates: String,
    /// 总行数
    total: u64,
    /// 已处理
    rows: u64,
    /// 已导入 Rows that are dossiers now.
    imported: u64,
    /// 已更新 Rows that were put over a record.
    updated: u64,
    /// 问题行 Rows that wait to be mended.
    rejected: u64,
    /// 重复 Rows whose customer is there.
    duplicate: u64,
    /// 已跳过 Rows that somebody passed over.
    skipped: u64,
    /// 修正后导入 Rows that were taken in after they had been mended.
    mended: u64,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime, required = false, nullable = false)]
    started_at: Option<String>,
    #[schema(format = DateTime, required = false, nullable = false)]
    ended_at: Option<String>,
    /// 错误码 What it failed of.
    #[schema(pattern = "^[0-9]{10}$", required = false, nullable = false)]
    failed: Option<String>,
    /// 撤销 How far its undoing is.
    #[schema(required = false, nullable = false)]
    undo: Option<ImportUndo>,
}

/// How far the undoing of an import is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportUndo {
    /// 已销毁
    removed: u64,
    /// 已恢复原值
    restored: u64,
    /// 已保留 Listed under `left`.
    left: u64,
}

/// A page of imports, newest first.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Imports {
    items: Vec<Import>,
    /// To be sent as `after`; null when this is the last page.
    #[schema(required = true)]
    next: Option<String>,
}

/// What is wrong with a row or with a mapping.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportProblem {
    /// 字段
    #[schema(required = false, nullable = false)]
    field: Option<String>,
    /// 列
    #[schema(required = false, nullable = false)]
    column: Option<String>,
    #[schema(pattern = "^[0-9]{10}$")]
    code: String,
    /// 规则与改法
    zh: String,
    /// Rule and mend.
    en: String,
    /// 建议 What could stand there, for a person to say yes to.
    #[schema(required = false, nullable = false)]
    proposal: Option<String>,
}

/// A column of a file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportColumn {
    /// 列名
    column: String,
    /// 字段 Name of the field, `stage` or `level`; null: the column is left out.
    #[schema(required = true)]
    field: Option<String>,
    /// 依据 By its name, its content, by hand, or not found.
    #[schema(pattern = "^(header|content|hand|nothing)$")]
    by: String,
    /// 把握 How sure that is, in percent.
    #[schema(maximum = 100)]
    confidence: u8,
    /// 单位
    #[schema(required = false, nullable = false)]
    unit: Option<String>,
    /// 其他可能 Fields that its content fits as well.
    others: Vec<String>,
}

/// Which column is which field.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportMapping {
    columns: Vec<ImportColumn>,
    /// 由名称推得 Whether rows that say nothing of their subject have the one that their names tell.
    subject_by_name: bool,
    /// 可用 Whether the file can be taken in with it.
    ready: bool,
    #[schema(required = false, nullable = false)]
    problem: Option<ImportProblem>,
}

/// A mapping that is kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedMapping {
    #[schema(pattern = "^map_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    name: String,
    columns: Vec<ImportColumn>,
}

/// All mappings that are kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedMappings {
    items: Vec<SavedMapping>,
}

/// A cell before and after.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewCell {
    column: String,
    /// 原值
    raw: String,
    /// 导入值 Null where nothing is kept, or the row has problems.
    #[schema(required = true)]
    value: Option<String>,
    /// 归入备注 Whether the value fits no field and goes to the remarks.
    aside: bool,
}

/// A row before and after.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewRow {
    #[schema(minimum = 1)]
    row: u64,
    cells: Vec<PreviewCell>,
    /// 由名称推得的主体 The subject, where the name alone tells it.
    #[schema(required = false, nullable = false, pattern = "^[AC]$")]
    subject_by_name: Option<String>,
    problems: Vec<ImportProblem>,
}

/// What the first rows would become.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportPreview {
    items: Vec<PreviewRow>,
}

/// A row that waits to be mended.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProblemRow {
    #[schema(minimum = 1)]
    row: u64,
    /// 单元格 By the names of the columns.
    cells: BTreeMap<String, String>,
    /// 补充的字段 What was said of it beyond its cells, by the names of fields.
    #[schema(required = false)]
    fields: BTreeMap<String, String>,
    problems: Vec<ImportProblem>,
}

/// Rows with the same value.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SameValue {
    /// 原值
    value: String,
    rows: u64,
}

/// Rows with the same problem.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProblemClass {
    /// 问题 As the first row has it.
    problem: ImportProblem,
    /// 首行 The first row.
    #[schema(minimum = 1)]
    first: u64,
    /// 行数
    rows: u64,
    /// 有建议的行数 How many have a proposal.
    proposals: u64,
    /// 相同的值 Values that several of them have.
    values: Vec<SameValue>,
}

/// Which problems there are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProblemClasses {
    items: Vec<ProblemClass>,
    /// 已看的行 Rows that were looked at.
    looked: u64,
    /// 还有 Whether there are rows behind them.
    more: bool,
}

/// What became of rows with the same problem.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MendedClass {
    /// 处理的行
    rows: u64,
    imported: u64,
    updated: u64,
    /// 仍有问题 Rows that wait on.
    problems: u64,
    duplicates: u64,
    skipped: u64,
    /// To be sent as `after`; null when there are no more.
    #[schema(required = true)]
    next: Option<u64>,
}

/// A page of rows in the order of the file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportProblems {
    items: Vec<ProblemRow>,
    /// To be sent as `after`; null when this is the last page.
    #[schema(required = true)]
    next: Option<u64>,
}

/// What became of a row.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mended {
    #[schema(minimum = 1)]
    row: u64,
    #[schema(pattern = "^(imported|updated|problem|review|duplicate|skipped)$")]
    outcome: String,
    #[schema(required = false)]
    problems: Vec<ImportProblem>,
}

/// A row whose customer is there.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DuplicateRow {
    #[schema(minimum = 1)]
    row: u64,
    /// 相同的行 The earlier row of the file that is the same customer.
    #[schema(required = false, nullable = false)]
    same_as: Option<u64>,
    /// 客户编码 Its first 15 characters.
    #[schema(required = false, nullable = false)]
    code: Option<String>,
    /// 团队
    #[schema(required = false, nullable = false)]
    team: Option<String>,
    /// 档案 As the caller may see it, when it is inside the caller's rows.
    #[schema(required = false, nullable = false)]
    record: Option<Dossier>,
    /// 单元格 While the row waits for a decision.
    #[schema(required = false, nullable = false)]
    cells: Option<BTreeMap<String, String>>,
}

/// A page of rows in the order of the file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportDuplicates {
    items: Vec<DuplicateRow>,
    /// To be sent as `after`; null when this is the last page.
    #[schema(required = true)]
    next: Option<u64>,
}

/// A dossier that the undoing has left.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeftDossier {
    #[schema(pattern = "^dos_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    id: String,
    /// 客户编码 Its first 15 characters.
    #[schema(required = true)]
    code: Option<String>,
    /// 原因
    #[schema(pattern = "^(changed|erased|has_contacts|number_taken|out_of_reach)$")]
    why: String,
}

/// A page of dossiers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportLeft {
    items: Vec<LeftDossier>,
    /// To be sent as `after`; null when this is the last page.
    #[schema(required = true)]
    next: Option<u64>,
}
