//! Taking in customers from a file.

use super::Work;
use crate::output::Output;
use crate::say;
use crate::sink::Progress;
use dossier_engine::{Import, ImportProgress};
use dossier_model::fault::{Fault, Lang};

pub(super) fn import(work: &mut Work<'_>, ask: Import, as_user: Option<&str>) -> Result<Output, Fault> {
    let caller = work.caller(as_user)?;
    let lang = work.lang;
    let imported = work.engine.import(&caller, &ask, &mut |at| work.sink.progress(&shown(&at, lang)))?;
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
    }
    // Scripts read this line: it is the last one, and the same in every language.
    lines.push(format!(
        "imported {}, rejected {}, duplicates {} in {:.1} s",
        imported.imported, imported.rejected, imported.duplicates, imported.seconds
    ));
    Ok(Output::new(&imported, lines.join("\n")))
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
