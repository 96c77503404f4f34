//! Reading, proving and exporting the ledger.

use super::Work;
use crate::output::Output;
use crate::sink::Item;
use crate::{say, table};
use dossier_engine::{Consistency, EntryShown, LedgerQuery, Proof};
use dossier_model::fault::{Fault, Lang};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

pub(super) fn logs(work: &Work<'_>) -> Result<Output, Fault> {
    let logs = work.engine.ledger_logs(&work.caller(None)?)?;
    let rows = logs.iter().map(|log| vec![log.log.clone(), log.size.to_string()]);
    let head = match work.lang {
        Lang::Zh => ["日志", "条数"],
        Lang::En => ["LOG", "ENTRIES"],
    };
    let text = table::draw(head, rows);
    Ok(Output::new(&logs, text))
}

pub(super) fn proof(work: &Work<'_>, entry: &str) -> Result<Output, Fault> {
    let proof = work.engine.proof(&work.caller(None)?, entry)?;
    let text = tlog_proof(&proof);
    Ok(Output::new(&proof, text))
}

/// The proof as text of C2SP `tlog-proof`, with the leaf as its extra data.
fn tlog_proof(proof: &Proof) -> String {
    let Proof { index, leaf, checkpoint, .. } = proof;
    let hashes: String = proof.proof.iter().map(|hash| format!("{hash}\n")).collect();
    format!("c2sp.org/tlog-proof@v1\nextra {leaf}\nindex {index}\n{hashes}\n{}", checkpoint.trim_end())
}

pub(super) fn consistency(work: &Work<'_>, log: &str, from: u64) -> Result<Output, Fault> {
    let proof = work.engine.consistency(&work.caller(None)?, log, from)?;
    let Consistency { old_size, old_root, new_size, new_root, .. } = &proof;
    let hashes: String = proof.proof.iter().map(|hash| format!("{hash}\n")).collect();
    let text = format!(
        "old {old_size} {old_root}\nnew {new_size} {new_root}\n{hashes}\n{}",
        proof.checkpoint.trim_end()
    );
    Ok(Output::new(&proof, text))
}

pub(super) fn checkpoint(work: &Work<'_>, log: &str) -> Result<Output, Fault> {
    let note = work.engine.checkpoint(&work.caller(None)?, log)?;
    Ok(Output::new(&json!({ "log": log, "checkpoint": note }), note.trim_end()))
}

pub(super) fn export(work: &Work<'_>, folder: &Path, log: &str) -> Result<Output, Fault> {
    let exported = work.engine.export_ledger(&work.caller(None)?, log, folder)?;
    let (entries, folder) = (exported.entries, folder.display());
    let text =
        say!(work.lang, zh: "已导出 {entries} 条到 {folder}", en: "exported {entries} entries to {folder}");
    Ok(Output::new(&exported, text))
}

pub(super) fn key(work: &Work<'_>) -> Result<Output, Fault> {
    let key = work.engine.verifier_key();
    Ok(Output::new(&json!({ "verifier_key": key }), key))
}

pub(super) fn show(work: &Work<'_>, log: String, from: Option<u64>, limit: u32) -> Result<Output, Fault> {
    let query = LedgerQuery { log, from, limit: Some(limit), ..LedgerQuery::default() };
    let page = work.engine.ledger(&work.caller(None)?, &query)?;
    let lines: Vec<String> = page.items.iter().map(line).collect();
    let notices = page
        .next
        .map(|next| say!(work.lang, zh: "后面还有：--from {next}", en: "there are more: --from {next}"));
    Ok(Output { notices: notices.into_iter().collect(), ..Output::new(&page, lines.join("\n")) })
}

/// An entry in one line.
fn line(entry: &EntryShown) -> String {
    let mut line = format!("{}  {}  {}  {}", entry.id, entry.at, entry.who, entry.action);
    if let Some(code) = &entry.code {
        line += &format!(" {} {code}", entry.outcome);
    }
    match entry.records.as_slice() {
        [] => {}
        [record] => line += &format!("  {}@{}{}", record.id, record.version, by_form(&record.fields)),
        records => line += &format!("  [{}]", records.len()),
    }
    if let Some(purpose) = &entry.purpose {
        line += &format!("  {purpose}");
    }
    line
}

/// Fields by what was done with them: ` written: name, city`.
fn by_form(fields: &BTreeMap<String, &'static str>) -> String {
    let mut forms: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, form) in fields {
        forms.entry(form).or_default().push(name);
    }
    forms.iter().map(|(form, names)| format!(" {form}: {}", names.join(", "))).collect()
}

pub(super) fn follow(work: &mut Work<'_>, name: &str) -> Result<Output, Fault> {
    let caller = work.caller(None)?;
    let sink = &mut *work.sink;
    let followed = work.engine.follow(&caller, name, &mut |entry| {
        let value = serde_json::to_value(entry).map_err(|_| Fault::new("internal"))?;
        // A delivery that nobody took comes again at the next call.
        sink.item(&Item { value, text: line(entry) }).map_err(|_| Fault::new("output_closed"))
    })?;
    let (from, to) = (followed.from, followed.to);
    let notice = say!(work.lang, zh: "位置：{from} → {to}", en: "position: {from} to {to}");
    Ok(Output { notices: vec![notice], ..Output::default() })
}
