//! From what was typed to a command that any process can do.

use crate::args::{
    ClientVerb, ImportFile, ImportVerb, KeyVerb, LedgerVerb, RoleVerb, SearchVerb, TeamVerb, UserVerb, Verb,
};
use crate::command::{ClientHow, Command};
use crate::folder::{absolute, unwritable};
use crate::output::Output;
use crate::say;
use dossier_model::fault::{Fault, Lang};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The command, and the file into which its answer goes where one was asked for: that file is the caller's, not the
/// server's.
///
/// # Errors
/// `file_not_found`, `file_unreadable`.
pub fn translate(verb: Verb) -> Result<(Command, Option<PathBuf>), Fault> {
    let command = match verb {
        Verb::Team { verb: TeamVerb::Add { name } } => Command::TeamAdd { name },
        Verb::Team { verb: TeamVerb::List } => Command::TeamList,
        Verb::Team { verb: TeamVerb::Change { name, rename, above, lead, as_user } } => {
            Command::TeamChange { name, rename, above, lead, as_user }
        }
        Verb::Role { verb } => role(verb)?,
        Verb::User { verb: UserVerb::Change { name, roles, team, as_user } } => {
            Command::UserChange { name, roles, team, as_user }
        }
        Verb::User { verb: UserVerb::Add { name, roles, team, as_user } } => {
            Command::UserAdd { name, roles, team, as_user }
        }
        Verb::User { verb: UserVerb::List } => Command::UserList,
        Verb::User { verb: UserVerb::SetUp { name, as_user } } => Command::UserSetUp { name, as_user },
        Verb::User { verb: UserVerb::Disable { name, as_user } } => {
            let how = "left".to_owned();
            Command::UserLeave { name, how, successor: None, roles: Vec::new(), team: None, as_user }
        }
        Verb::User { verb: UserVerb::Leave { name, how, successor, roles, team, as_user } } => {
            Command::UserLeave { name, how, successor, roles, team, as_user }
        }
        Verb::User { verb: UserVerb::Enable { name, as_user } } => Command::UserEnable { name, as_user },
        Verb::User { verb: UserVerb::SignOut { name, as_user } } => Command::UserSignOut { name, as_user },
        Verb::Client { verb: ClientVerb::Add { name, roles, team, redirects, public, flows, as_user } } => {
            let how = ClientHow { redirects, public, flows };
            Command::ClientAdd { name, roles, team, how, as_user }
        }
        Verb::Client { verb: ClientVerb::List } => Command::ClientList,
        Verb::Client { verb: ClientVerb::Disable { id, as_user } } => Command::ClientDisable { id, as_user },
        Verb::Import { verb: None, file } => import(*file)?,
        Verb::Import { verb: Some(ImportVerb::Problems { id, out, as_user }), .. } => {
            return Ok((Command::ImportProblems { id, as_user }, out));
        }
        Verb::Import { verb: Some(verb), .. } => look_after(verb),
        Verb::Ledger { verb: LedgerVerb::Checkpoint { log, out } } => {
            return Ok((Command::LedgerCheckpoint { log }, out));
        }
        Verb::Ledger { verb } => ledger(verb)?,
        Verb::Search { verb: SearchVerb::Rebuild } => Command::SearchRebuild,
        Verb::Key { verb: KeyVerb::Status } => Command::KeyStatus,
        Verb::Key { verb: KeyVerb::Rotate { data_keys, as_user } } => {
            Command::KeyRotate { data_keys, as_user }
        }
        Verb::Erase { id, as_user } => Command::Erase { id, as_user },
        // These need no open store, are the server itself, or work at this terminal; `main` has taken them.
        Verb::Serve { .. }
        | Verb::Migrate { .. }
        | Verb::Demo { .. }
        | Verb::Config { .. }
        | Verb::Key { verb: KeyVerb::Recovery { .. } } => {
            return Err(Fault::new("internal"));
        }
    };
    Ok((command, None))
}

fn import(ask: ImportFile) -> Result<Command, Fault> {
    let file = ask.file.ok_or_else(|| Fault::new("internal"))?;
    Ok(Command::Import {
        file: readable(&file)?,
        fallback: std::env::current_dir().ok(),
        sheet: ask.sheet,
        mapping: ask.mapping,
        columns: ask.map,
        subject_by_name: ask.subject_by_name,
        save_mapping: ask.save_mapping,
        duplicates: ask.duplicates,
        preview: ask.preview,
        team: ask.team,
        as_user: ask.as_user,
        source: ask.source,
        rejected: ask.rejected.and_then(|path| std::path::absolute(path).ok()),
    })
}

fn role(verb: RoleVerb) -> Result<Command, Fault> {
    Ok(match verb {
        RoleVerb::List => Command::RoleList,
        RoleVerb::Show { name, as_user } => Command::RoleShow { name, as_user },
        RoleVerb::Remove { name, as_user } => Command::RoleRemove { name, as_user },
        RoleVerb::Apply { file, as_user } => {
            let invalid = |why: String| {
                Fault::new("role_file_invalid").with("path", file.display().to_string()).with("why", why)
            };
            let text = small_text(&file)?;
            let form = toml::from_str(&text).map_err(|error| invalid(error.message().to_owned()))?;
            Command::RoleApply { form: Box::new(form), as_user }
        }
    })
}

fn look_after(verb: ImportVerb) -> Command {
    match verb {
        ImportVerb::List { as_user } => Command::ImportList { as_user },
        ImportVerb::Show { id, as_user } => Command::ImportShow { id, as_user },
        ImportVerb::Problems { id, as_user, .. } => Command::ImportProblems { id, as_user },
        ImportVerb::Duplicates { id, as_user } => Command::ImportDuplicates { id, as_user },
        ImportVerb::Decide { id, row, decision, as_user } => {
            Command::ImportDecide { id, row, update: decision == "update", as_user }
        }
        ImportVerb::Cancel { id, as_user } => Command::ImportCancel { id, as_user },
        ImportVerb::Undo { id, as_user } => Command::ImportUndo { id, as_user },
    }
}

fn ledger(verb: LedgerVerb) -> Result<Command, Fault> {
    Ok(match verb {
        LedgerVerb::Verify { against, deep } => {
            let against = against.iter().map(|file| small_text(file)).collect::<Result<_, _>>()?;
            Command::LedgerVerify { against, deep }
        }
        LedgerVerb::Logs => Command::LedgerLogs,
        LedgerVerb::Proof { entry } => Command::LedgerProof { entry },
        LedgerVerb::Export { folder, log } => Command::LedgerExport { folder: absolute(&folder)?, log },
        LedgerVerb::Checkpoint { log, .. } => Command::LedgerCheckpoint { log },
        LedgerVerb::Consistency { from, log } => Command::LedgerConsistency { log, from },
        LedgerVerb::Show { log, from, limit } => Command::LedgerShow { log, from, limit },
        LedgerVerb::Key => Command::LedgerKey,
        LedgerVerb::Follow { name } => Command::LedgerFollow { name },
    })
}

/// The absolute path of a file that can be read; said before anything is opened.
fn readable(file: &Path) -> Result<PathBuf, Fault> {
    let shown = || file.display().to_string();
    match std::fs::File::open(file).and_then(|open| open.metadata()) {
        Ok(about) if about.is_dir() => Err(Fault::new("file_unreadable").with("path", shown())),
        Ok(_) => absolute(file),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Fault::new("file_not_found").with("path", shown()))
        }
        Err(_) => Err(Fault::new("file_unreadable").with("path", shown())),
    }
}

/// A small text that is kept elsewhere: a checkpoint, the rules of a role.
fn small_text(file: &Path) -> Result<String, Fault> {
    /// Far more than any of them needs; a wrong file is refused before it is read whole.
    const MOST: u64 = 1 << 16;
    let failed = || Fault::new("file_unreadable").with("path", file.display().to_string());
    let mut text = String::new();
    let read =
        std::fs::File::open(readable(file)?).and_then(|open| open.take(MOST + 1).read_to_string(&mut text));
    match read {
        Ok(read) if read as u64 <= MOST => Ok(text),
        _ => Err(failed()),
    }
}

/// Puts the text of an answer into a file of the caller, and says so.
///
/// # Errors
/// `file_unwritable`.
pub fn keep(output: Output, file: Option<&Path>, lang: Lang) -> Result<Output, Fault> {
    let Some(file) = file else { return Ok(output) };
    std::fs::write(file, format!("{}\n", output.text)).map_err(|error| unwritable(file, &error))?;
    let path = file.display();
    let text = say!(lang, zh: "已写入 {path}", en: "written to {path}");
    Ok(Output { text, ..output })
}
