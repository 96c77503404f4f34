//! Moving an installation from one store to another.

use crate::output::Output;
use crate::say;
use crate::settings::{Setup, password_beside};
use crate::sink::{Progress, Sink};
use dossier_engine::{MigrateOptions, MigrateProgress, Migrated, StoreUrl};
use dossier_model::fault::{Fault, Lang};
use std::path::Path;

/// Moves everything from the first store to the second, each with the file of its password.
///
/// # Errors
/// Those of the engine; `file_unreadable`, `passphrase_file_open`, `passphrase_file_empty`.
pub fn migrate(
    setup: &Setup,
    urls: [String; 2],
    password_files: [Option<&Path>; 2],
    sink: &mut dyn Sink,
) -> Result<Output, Fault> {
    let [from, to] = urls.map(StoreUrl::new);
    let only_one = from.is_sqlite() || to.is_sqlite();
    let [from_password, to_password] = password_files.map(|file| password_beside(file, only_one));
    let options = MigrateOptions {
        data: setup.data.clone(),
        from,
        from_password: from_password?,
        to,
        to_password: to_password?,
    };
    let migrated = dossier_engine::migrate(&options, &mut |at| sink.progress(&shown(at, setup.lang)))?;
    let text = text(&migrated, setup.lang);
    Ok(Output { notices: next_steps(&migrated, setup.lang), ..Output::new(&migrated, text) })
}

fn shown(at: &MigrateProgress, lang: Lang) -> Progress {
    let step = match (at.verifying, lang) {
        (false, Lang::Zh) => "复制",
        (false, Lang::En) => "copying",
        (true, Lang::Zh) => "核对",
        (true, Lang::En) => "comparing",
    };
    Progress { step: step.to_owned(), done: at.done, total: at.total, note: at.table.to_owned() }
}

fn text(migrated: &Migrated, lang: Lang) -> String {
    let rows: u64 = migrated.tables.iter().map(|table| table.rows).sum();
    let (from, to) = (&migrated.from, &migrated.to);
    let logs = migrated.logs.iter().map(|log| {
        let (log, size, root) = (&log.log, log.size, &log.root);
        say!(lang, zh: "{log}：{size} 条，根 {root}", en: "{log}: {size} entries, root {root}")
    });
    let mut lines: Vec<String> = logs.collect();
    lines.push(say!(
        lang,
        zh: "✓ 已从 {from} 迁移到 {to}：{rows} 行，两处逐条核对一致",
        en: "✓ moved from {from} to {to}: {rows} rows, compared one by one, the same on both sides",
    ));
    lines.join("\n")
}

/// What the operator has to do now: nothing says to the next start that there is another store.
fn next_steps(migrated: &Migrated, lang: Lang) -> Vec<String> {
    let (from, to) = (&migrated.from, &migrated.to);
    vec![say!(
        lang,
        zh: "请现在设置 `store.url = \"{to}\"`，再启动服务。{from} 中的内容未变，但已是旧的：不要再用它启动",
        en: "now set `store.url = \"{to}\"`, then start the server. What is in {from} is as it was, but from now on it is old: start nothing with it any more",
    )]
}
