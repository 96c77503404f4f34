//! Looking after imports: which there are, what was put aside, stopping, taking back.

use super::Work;
use super::import::met_line;
use crate::output::Output;
use crate::sink::Progress;
use crate::{say, table};
use dossier_engine::{Decision, ImportProgress, ImportShown};
use dossier_model::fault::{Fault, Lang};
use std::time::Duration;

/// Rows that are asked for at a time, and dossiers that are named of those an undo has left.
const PAGE: u32 = 100;
const FIRST_LEFT: u32 = 20;

pub(super) fn list(work: &Work<'_>, as_user: Option<&str>) -> Result<Output, Fault> {
    let caller = work.caller(as_user)?;
    let (mut all, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = work.engine.imports(&caller, after.as_deref(), Some(PAGE))?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let rows = all.iter().map(|one| {
        let figures = [one.imported, one.updated, one.rejected, one.duplicate].map(|count| count.to_string());
        let [imported, updated, rejected, duplicates] = figures;
        let state = state(one, work.lang).to_owned();
        vec![one.id.clone(), state, one.name.clone(), imported, updated, rejected, duplicates]
    });
    let head = match work.lang {
        Lang::Zh => ["编号", "状态", "文件", "导入", "更新", "问题", "重复"],
        Lang::En => ["ID", "STATE", "FILE", "IMPORTED", "UPDATED", "REJECTED", "DUPLICATES"],
    };
    Ok(Output::new(&all, table::draw(head, rows)))
}

pub(super) fn show(work: &Work<'_>, id: &str, as_user: Option<&str>) -> Result<Output, Fault> {
    let caller = work.caller(as_user)?;
    let shown = work.engine.import_state(&caller, id)?;
    let mut lines = vec![line(&shown, work.lang)];
    if shown.undo.as_ref().is_some_and(|undo| undo.left > 0) {
        let left = work.engine.import_left(&caller, id, None, Some(FIRST_LEFT))?;
        lines.extend(left.items.iter().map(|left| {
            let (id, code, why) = (&left.id, left.code.as_deref().unwrap_or_default(), left.why.as_str());
            let why = match (work.lang, why) {
                (Lang::Zh, "changed") => "之后被修改",
                (Lang::Zh, "erased") => "之后被销毁",
                (Lang::Zh, "has_contacts") => "已有联系人",
                (Lang::Zh, "number_taken") => "原号码已被其他档案使用",
                (_, why) => why,
            };
            format!("  {id} {code} {why}")
        }));
    }
    Ok(Output::new(&shown, lines.join("\n")))
}

pub(super) fn problems(work: &Work<'_>, id: &str, as_user: Option<&str>) -> Result<Output, Fault> {
    let (name, bytes) = work.engine.import_problem_file(&work.caller(as_user)?, id)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Output::new(&serde_json::json!({"name": name, "csv": text}), text.trim_end()))
}

pub(super) fn duplicates(work: &mut Work<'_>, id: &str, as_user: Option<&str>) -> Result<Output, Fault> {
    let caller = work.caller(as_user)?;
    let (mut all, mut lines) = (Vec::new(), Vec::new());
    for waiting in [true, false] {
        let mut after = None;
        loop {
            let page = work.engine.import_duplicates(&caller, id, waiting, after, Some(PAGE))?;
            for met in page.items {
                lines.push(met_line(&met, work.lang));
                all.push(serde_json::json!({
                    "row": met.row, "same_as": met.same_as, "code": met.code, "team": met.team, "waits": waiting
                }));
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(Output::new(&all, lines.join("\n")))
}

pub(super) fn decide(
    work: &Work<'_>,
    id: &str,
    row: u64,
    update: bool,
    as_user: Option<&str>,
) -> Result<Output, Fault> {
    let decision = if update { Decision::Update } else { Decision::Skip };
    let done = work.engine.decide_import_row(&work.caller(as_user)?, id, row, decision)?;
    let mut lines = vec![format!("{row}: {}", done.outcome)];
    lines.extend(done.problems.iter().map(|problem| match work.lang {
        Lang::Zh => problem.zh.clone(),
        Lang::En => problem.en.clone(),
    }));
    Ok(Output::new(&done, lines.join("\n")))
}

pub(super) fn cancel(work: &Work<'_>, id: &str, as_user: Option<&str>) -> Result<Output, Fault> {
    let shown = work.engine.cancel_import(&work.caller(as_user)?, id)?;
    Ok(Output::new(&shown, line(&shown, work.lang)))
}

pub(super) fn undo(work: &mut Work<'_>, id: &str, as_user: Option<&str>) -> Result<Output, Fault> {
    let caller = work.caller(as_user)?;
    let lang = work.lang;
    // One that was begun and cut off is ended.
    match work.engine.undo_import(&caller, id) {
        Err(fault) if fault.key == "import_state" => {
            let shown = work.engine.import_state(&caller, id)?;
            if shown.state != "undoing" {
                return Err(fault);
            }
        }
        begun => drop(begun?),
    }
    loop {
        let sink = &mut *work.sink;
        match work.engine.finish_import_undo(id, &|| false, &mut |at| sink.progress(&undoing(&at, lang))) {
            Ok(()) => break,
            // The server does it by itself.
            Err(fault) if fault.key == "import_running" => std::thread::sleep(Duration::from_millis(200)),
            Err(fault) => return Err(fault),
        }
    }
    show(work, id, as_user)
}

fn undoing(at: &ImportProgress, lang: Lang) -> Progress {
    let (removed, restored, left) = (at.imported, at.updated, at.duplicates);
    Progress {
        step: match lang {
            Lang::Zh => "撤销".to_owned(),
            Lang::En => "undoing".to_owned(),
        },
        done: at.rows,
        total: at.total,
        note: say!(
            lang,
            zh: "已销毁 {removed}，恢复 {restored}，保留 {left}",
            en: "erased {removed}, restored {restored}, left {left}",
        ),
    }
}

fn line(shown: &ImportShown, lang: Lang) -> String {
    let state = state(shown, lang);
    let ImportShown { id, name, total, imported, updated, rejected, duplicate, skipped, .. } = shown;
    let mut text = say!(
        lang,
        zh: "{id} {name}：{state}，共 {total} 行，导入 {imported}，更新 {updated}，问题 {rejected}，重复 {duplicate}，跳过 {skipped}",
        en: "{id} {name}: {state}, {total} rows, imported {imported}, updated {updated}, rejected {rejected}, duplicates {duplicate}, skipped {skipped}",
    );
    if let Some(undo) = &shown.undo {
        let (removed, restored, left) = (undo.removed, undo.restored, undo.left);
        text.push_str(&say!(
            lang,
            zh: "；撤销：销毁 {removed}，恢复 {restored}，保留 {left}",
            en: "; undo: erased {removed}, restored {restored}, left {left}",
        ));
    }
    text
}

fn state(shown: &ImportShown, lang: Lang) -> &'static str {
    match (lang, shown.state) {
        (Lang::Zh, "uploading") => "上传中",
        (Lang::Zh, "uploaded") => "待映射",
        (Lang::Zh, "ready") => "待开始",
        (Lang::Zh, "running") => "进行中",
        (Lang::Zh, "done") => "完成",
        (Lang::Zh, "failed") => "失败",
        (Lang::Zh, "cancelled") => "已中止",
        (Lang::Zh, "undoing") => "撤销中",
        (Lang::Zh, "undone") => "已撤销",
        (_, state) => state,
    }
}
