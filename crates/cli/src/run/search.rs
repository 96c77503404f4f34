//! The search index.

use super::Work;
use crate::output::Output;
use crate::say;
use dossier_model::fault::Fault;

pub(super) fn rebuild(work: &Work<'_>) -> Result<Output, Fault> {
    let rebuilt = work.engine.rebuild_search(&work.caller(None)?)?;
    let (entries, seconds) = (rebuilt.entries, format!("{:.1}", rebuilt.seconds));
    let text = say!(
        work.lang,
        zh: "检索索引已重建，含变更日志至第 {entries} 条，用时 {seconds} 秒",
        en: "the search index is made again, up to entry {entries} of the change log, in {seconds} s",
    );
    Ok(Output::new(&rebuilt, text))
}
