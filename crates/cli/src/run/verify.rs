//! Checking the ledger.

use super::Work;
use crate::output::Output;
use crate::say;
use crate::sink::Progress;
use dossier_engine::{VerifyOptions, VerifyReport};
use dossier_model::fault::{Fault, Lang};

pub(super) fn verify(work: &mut Work<'_>, against: Vec<String>, deep: bool) -> Result<Output, Fault> {
    let caller = work.caller(None)?;
    let options = VerifyOptions { against, deep };
    let verified = work.engine.verify(&caller, &options, &mut |step, done, total| {
        work.sink.progress(&Progress { step: step.to_owned(), done, total, note: String::new() });
    });
    match verified {
        Ok(report) => Ok(answer(&report, deep, work.lang)),
        Err(fault) => found(&fault, work.lang).ok_or(fault),
    }
}

/// What a verification says of a data folder that is too damaged to be opened or read on: that is a finding, not a
/// failure to look.
pub fn found(fault: &Fault, lang: Lang) -> Option<Output> {
    let damage = fault.key.ends_with("_damaged") || fault.key == "ledger_inconsistent";
    damage.then(|| {
        let problems = vec![format!("{} ({})", fault.text(lang), fault.code())];
        answer(&VerifyReport { problems, problem_count: 1, ..VerifyReport::default() }, false, lang)
    })
}

fn answer(report: &VerifyReport, deep: bool, lang: Lang) -> Output {
    Output { problems: !report.ok, ..Output::new(report, text(report, deep, lang)) }
}

fn text(report: &VerifyReport, deep: bool, lang: Lang) -> String {
    let mut lines: Vec<String> = report
        .logs
        .iter()
        .map(|log| {
            let (origin, size, root, speed) = (&log.origin, log.size, &log.root, log.entries_per_second);
            say!(
                lang,
                zh: "{origin}：{size} 条，根 {root}，每秒验证 {speed} 条",
                en: "{origin}: {size} entries, root {root}, {speed} entries/s",
            )
        })
        .collect();
    if deep {
        let records = report.records;
        lines.push(say!(lang, zh: "记录：{records} 条", en: "records: {records}"));
    }
    if report.anchors > 0 {
        let anchors = report.anchors;
        lines.push(say!(lang, zh: "另存的检查点：{anchors} 个相符", en: "checkpoints kept elsewhere: {anchors} agree"));
    }
    lines.extend(report.problems.iter().map(|problem| format!("✕ {problem}")));
    let count = report.problem_count;
    lines.push(match report.ok {
        true => say!(lang, zh: "✓ 验证通过", en: "✓ verified"),
        false => say!(lang, zh: "✕ 验证未通过：{count} 处", en: "✕ not verified: {count} problems"),
    });
    lines.join("\n")
}
