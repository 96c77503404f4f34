//! Taking in customers from a file.

use super::Work;
use crate::output::Output;
use crate::say;
use crate::sink::Progress;
use dossier_engine::{Duplicates, Import, ImportProgress, RowMet};
use dossier_model::fault::{Fault, Lang};
use serde_json::json;

/// How many duplicates the summary names.
const FIRST_DUPLICATES: u32 = 5;

pub(super) fn import(work: &mut Work<'_>, ask: &Import, as_user: Option<&str>) -> Result<Output, Fault> {
    let caller = work.caller(as_user)?;
    let lang = work.lang;
    let imported = work.engine.import(&caller, ask, &mut |at| work.sink.progress(&shown(&at, lang)))?;
    let mut lines = Vec::new();
    if imported.resumed {
        lines.push(match lang {
            Lang::Zh => "从上次中断处继续".to_owned(),
            Lang::En => "went on where an earlier run of this import had stopped".to_owned(),
        });
    }
    if !imported.ignored_columns.is_empty() {
        let columns = imported.ignored_columns.join(", ");
        lines.push(say!(lang, zh: "未识别的列，未导入：{columns}", en: "columns that are not known and were left out: {columns}"));
    }
    if let Some(path) = &imported.rejected_file {
        let path = path.display();
        lines.push(say!(lang, zh: "未导入的行及原因：{path}", en: "rejected rows and why: {path}"));
    } else if imported.rejected > 0 {
        lines.push(say!(
            lang,
            zh: "问题行的文件未能写入；问题行及原因已保留在本次导入记录中，可在网页上修正或下载",
            en: "the file of rejected rows could not be written; the rows and their reasons are kept with the import; mend or download them in the browser",
        ));
    }
    if imported.updated > 0 {
        let updated = imported.updated;
        lines.push(say!(lang, zh: "已更新 {updated} 份已有档案", en: "{updated} rows were put over dossiers that were there"));
    }
    if imported.duplicates > 0 {
        let waiting = ask.duplicates == Duplicates::Review;
        let first =
            work.engine.import_duplicates(&caller, &imported.id, waiting, None, Some(FIRST_DUPLICATES))?;
        lines.extend(first.items.iter().map(|met| met_line(met, lang)));
        if first.next.is_some() {
            let id = &imported.id;
            lines.push(say!(lang, zh: "其余见 dossier import duplicates {id}", en: "the rest: dossier import duplicates {id}"));
        }
    }
    let id = &imported.id;
    lines.push(match imported.state {
        "cancelled" => say!(lang, zh: "导入 {id} 已被中止，已导入的部分保留", en: "import {id} was stopped; what is in stays"),
        _ => say!(lang, zh: "导入编号 {id}，可用 dossier import undo 整体撤销", en: "import {id}; dossier import undo takes all of it back"),
    });
    // Scripts read this line: it is the last one, and the same in every language.
    lines.push(format!(
        "imported {}, rejected {}, duplicates {} in {:.1} s",
        imported.imported, imported.rejected, imported.duplicates, imported.seconds
    ));
    Ok(Output::new(&imported, lines.join("\n")))
}

/// A row whose customer is there, as one line.
pub(super) fn met_line(met: &RowMet, lang: Lang) -> String {
    let row = met.row;
    match (met.same_as, &met.code, &met.team) {
        (Some(other), ..) => {
            say!(lang, zh: "第 {row} 行与第 {other} 行是同一客户", en: "row {row} is the same customer as row {other}")
        }
        (None, Some(code), Some(team)) => {
            say!(lang, zh: "第 {row} 行已有档案 {code}（{team}）", en: "row {row} is there as {code} ({team})")
        }
        _ => {
            say!(lang, zh: "第 {row} 行的客户已存在，不在您的范围内", en: "row {row} is there, outside your rows")
        }
    }
}

/// What the first rows of a file would become.
pub(super) fn preview(
    work: &Work<'_>,
    ask: &Import,
    rows: u32,
    as_user: Option<&str>,
) -> Result<Output, Fault> {
    let caller = work.caller(as_user)?;
    let lang = work.lang;
    let (mut shown, mut lines) = (Vec::new(), Vec::new());
    let preview = work.engine.preview_file(&caller, ask, rows)?;
    for row in preview.rows {
        let number = row.row;
        lines.push(say!(lang, zh: "第 {number} 行", en: "row {number}"));
        let mut cells = Vec::new();
        for (column, cell) in preview.columns.iter().zip(&row.cells) {
            let (column, raw) = (&column.header, &cell.raw);
            match &cell.value {
                Some(value) if value == raw => lines.push(format!("  {column}: {raw}")),
                Some(value) => lines.push(format!("  {column}: {raw} → {value}")),
                None if cell.aside => {
                    lines.push(say!(lang, zh: "  {column}: {raw} → 备注", en: "  {column}: {raw} → remarks"));
                }
                None => {}
            }
            cells.push(json!({"column": column, "raw": raw, "value": cell.value, "aside": cell.aside}));
        }
        if let Some(subject) = row.subject_by_name {
            lines.push(say!(lang, zh: "  客户主体: {subject}（由名称推得）", en: "  subject: {subject} (told by the name)"));
        }
        let problems: Vec<_> = row
            .problems
            .iter()
            .map(|problem| json!({"column": problem.header, "field": problem.field, "code": problem.fault.code(), "text": problem.fault.text(lang)}))
            .collect();
        lines.extend(row.problems.iter().map(|problem| format!("  ✗ {}", problem.text(lang))));
        let subject = row.subject_by_name.map(|subject| subject.to_string());
        shown.push(json!({"row": number, "cells": cells, "subject_by_name": subject, "problems": problems}));
    }
    Ok(Output::new(&shown, lines.join("\n")))
}

fn shown(at: &ImportProgress, lang: Lang) -> Progress {
    let ImportProgress { imported, rejected, duplicates, .. } = at;
    Progress {
        step: match lang {
            Lang::Zh => "导入".to_owned(),
            Lang::En => "importing".to_owned(),
        },
        done: at.rows,
        total: at.total,
        note: say!(
            lang,
            zh: "已导入 {imported}，拒绝 {rejected}，重复 {duplicates}",
            en: "imported {imported}, rejected {rejected}, duplicates {duplicates}",
        ),
    }
}
