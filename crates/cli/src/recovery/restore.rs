//! A keystore from both sheets, typed group by group.

use super::{Work, somebody_types};
use crate::failure::Failure;
use crate::output::Output;
use crate::say;
use dossier_engine::RecoveryStep;
use dossier_engine::recovery::{GROUPS, Group, Restoring, Sheet, Side};
use dossier_model::fault::Fault;
use serde_json::json;
use std::path::PathBuf;

pub(super) fn restore(work: &mut Work<'_>) -> Result<Output, Failure> {
    let lang = work.terminal.lang;
    let restoring =
        work.options().and_then(|options| options.restoring()).map_err(|fault| work.failed(&fault))?;
    // One whose entry could not be written is there already: only the entry is made up.
    let made = restoring.made().map_or_else(|| typed(work, &restoring), Ok);
    let (path, root) = made.map_err(|fault| work.failed(&fault))?;
    let path = path.display();
    // Said before anything else can fail: the file is there.
    work.terminal.notice(&say!(
        lang,
        zh: "根密钥已写入 {path}，并已打开密钥环",
        en: "the root key is in {path} and has opened the keyring",
    ));
    work.record(RecoveryStep::Restored, &root)?;
    restoring.recorded().map_err(|fault| work.failed(&fault))?;
    let text = say!(
        lang,
        zh: "已恢复。启动服务时请用此根密钥文件：--keystore {path}",
        en: "restored. Start the server with this keystore: --keystore {path}",
    );
    Ok(Output::new(&json!({ "keystore": path.to_string(), "root": root }), text))
}

/// Makes the keystore from what is typed: where it is, and the root key.
fn typed(work: &mut Work<'_>, restoring: &Restoring) -> Result<(PathBuf, String), Fault> {
    work.terminal.notice(&say!(
        work.terminal.lang,
        zh: "请对照纸面输入两张凭据，各 {GROUPS} 组，组间以空格分开，一行几组都可以。",
        en: "type both sheets from the paper, {GROUPS} groups each, with spaces between, as many in a line as you like.",
    ));
    let typed = sheet(work, Side::A).and_then(|a| Ok([a, sheet(work, Side::B)?]));
    work.clear();
    restoring.finish(&typed?)
}

/// One sheet. Whoever sits at the keyboard is asked again from the group that is wrong; a file that is not right is
/// refused.
fn sheet(work: &mut Work<'_>, side: Side) -> Result<Sheet, Fault> {
    let (lang, letter) = (work.terminal.lang, side.letter());
    let mut groups: Vec<Group> = Vec::with_capacity(GROUPS.into());
    loop {
        let number = groups.len() + 1;
        let question = say!(
            lang,
            zh: "凭据 {letter}，第 {number} 组起：",
            en: "sheet {letter}, from group {number} on:",
        );
        let typed = work.ask(&question).ok_or_else(|| Fault::new("recovery_unfinished"))?;
        match take(side, &mut groups, &typed) {
            Ok(None) => {}
            Ok(Some(sheet)) => return Ok(sheet),
            Err(fault) if somebody_types() => work.terminal.notice(&fault.text(lang)),
            Err(fault) => return Err(fault),
        }
    }
}

/// Takes the groups of a line; the sheet, when that was the last one. Groups before a wrong one stay.
fn take(side: Side, groups: &mut Vec<Group>, line: &str) -> Result<Option<Sheet>, Fault> {
    for typed in line.split(|c: char| c.is_whitespace() || c == '-').filter(|typed| !typed.is_empty()) {
        let number = u8::try_from(groups.len() + 1).unwrap_or(u8::MAX);
        // One too many has a number that no group has.
        groups.push(Group::read(side, number, typed)?);
    }
    if groups.len() < usize::from(GROUPS) {
        return Ok(None);
    }
    let sheet = Sheet::of(side, groups);
    if sheet.is_err() {
        groups.clear();
    }
    Ok(Some(sheet?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dossier_engine::{Engine, OpenOptions};

    /// The groups of a first sheet.
    fn printed() -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let options =
            OpenOptions { data: place("data"), keystore: Some(place("key")), ..OpenOptions::default() };
        drop(Engine::open_folder(&options).unwrap());
        let [a, _] = options.recovery_sheets().unwrap().sheets;
        a.groups().iter().map(|group| group.to_string()).collect()
    }

    #[test]
    fn what_was_typed_before_a_wrong_group_stays() {
        let printed = printed();
        let mut groups = Vec::new();
        let wrong = format!("{} {} 00000 {}", printed[0], printed[1], printed[3]);
        let fault = take(Side::A, &mut groups, &wrong).err().unwrap();
        assert_eq!((fault.key, groups.len()), ("recovery_group", 2));
        assert!(fault.text(dossier_model::fault::Lang::En).contains("group 3 of sheet A"));
        assert!(take(Side::A, &mut groups, "  ").unwrap().is_none());
        assert!(take(Side::A, &mut groups, &printed[2..].join("-")).unwrap().is_some());
    }

    #[test]
    fn a_sheet_that_does_not_add_up_is_begun_anew() {
        let (one, other) = (printed(), printed());
        let mut groups = Vec::new();
        let mixed = [&one[..7], &other[7..]].concat().join(" ");
        assert_eq!(take(Side::A, &mut groups, &mixed).err().unwrap().key, "recovery_sheet");
        assert!(groups.is_empty());
        assert!(take(Side::A, &mut groups, &one.join(" ")).unwrap().is_some());
    }
}
