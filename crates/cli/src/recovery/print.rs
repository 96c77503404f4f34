//! Both sheets, and two groups of each typed back.

use super::Work;
use crate::failure::Failure;
use crate::output::Output;
use crate::say;
use dossier_engine::RecoveryStep;
use dossier_engine::recovery::{Sheet, Sheets};
use dossier_model::fault::Fault;
use std::io::IsTerminal;

/// How often a group is asked for.
const TRIES: usize = 3;
/// Groups in a line of a sheet.
const IN_LINE: usize = 5;

pub(super) fn print(work: &mut Work<'_>, force: bool) -> Result<Output, Failure> {
    if work.terminal.json || !(force || std::io::stdout().is_terminal()) {
        return Err(work.failed(&Fault::new("recovery_output")));
    }
    let sheets =
        work.options().and_then(|options| options.recovery_sheets()).map_err(|fault| work.failed(&fault))?;
    // What is shown stands in the ledger before.
    work.record(RecoveryStep::Shown, &sheets.root)?;
    let shown = sheets.sheets.iter().all(|sheet| work.terminal.print(&page(&sheets, sheet)));
    if !shown {
        return Err(work.failed(&Fault::new("output_closed")));
    }
    let lang = work.terminal.lang;
    work.ask(&say!(
        lang,
        zh: "请把两张凭据抄到（或打印到）纸上，然后按回车。屏幕会清除，再请你对照纸面输入其中几组。",
        en: "copy (or print) both sheets onto paper, then press Enter. The screen is cleared, and you are asked for groups of both.",
    ));
    work.clear();
    typed_back(work, &sheets).map_err(|fault| work.failed(&fault))?;
    work.record(RecoveryStep::Confirmed, &sheets.root)
}

/// Asks for the groups. Whoever can type them has them on paper: on the screen they are not any more.
fn typed_back(work: &mut Work<'_>, sheets: &Sheets) -> Result<(), Fault> {
    let lang = work.terminal.lang;
    for (sheet, asked) in sheets.sheets.iter().zip(sheets.asked) {
        let letter = sheet.side().letter();
        for number in asked {
            let question =
                say!(lang, zh: "凭据 {letter} 第 {number} 组：", en: "sheet {letter}, group {number}:");
            let mut right = false;
            for _ in 0..TRIES {
                let Some(typed) = work.ask(&question) else { break };
                right = sheet.says(number, typed.trim());
                if right {
                    break;
                }
                work.terminal.notice(&say!(lang, zh: "与凭据不符", en: "that is not what the sheet says"));
            }
            if !right {
                let fault = Fault::new("recovery_not_confirmed").with("sheet", letter.to_string());
                return Err(fault.with("group", number.to_string()));
            }
        }
    }
    Ok(())
}

/// One sheet, in both languages: paper is read by whoever finds it.
fn page(sheets: &Sheets, sheet: &Sheet) -> String {
    let (letter, set, root, name) =
        (sheet.side().letter(), sheet.set_name(), &sheets.root, &sheets.installation);
    let at = sheets.at.to_string();
    let day = at.split('T').next().unwrap_or_default();
    let groups = sheet.groups();
    let mut text = format!(
        "\n────────────────────────────────────────────────────────────\n\
         Dossier 根密钥恢复凭据 {letter} · root key recovery sheet {letter}\n\n  \
         安装 installation  {name}\n  \
         根密钥 root key    {root}\n  \
         套号 set           {set}\n  \
         日期 date          {day}\n\n"
    );
    for (line, groups) in groups.chunks(IN_LINE).enumerate() {
        let first = line * IN_LINE + 1;
        text += &format!("  {:>5} ", format!("{first}–{}", first + groups.len() - 1));
        for group in groups {
            text.push_str("  ");
            text.push_str(group);
        }
        text.push('\n');
    }
    text + "\n  A、B 分开保管：单独一张什么也不说明，两张合在一起就是根密钥。\n  \
            Keep A and B apart: one alone says nothing, both together are the root key.\n  \
            恢复 restore: dossier key recovery restore --keystore FILE\n"
}
