//! What each command does with an open engine. The same functions serve a command that opened the data folder itself
//! and one that came through the socket of the running server.

mod accounts;
mod import;
mod imports;
mod keys;
mod ledger;
mod roles;
mod search;
pub mod verify;

use crate::command::Command;
use crate::output::Output;
use crate::say;
use crate::sink::Sink;
use dossier_engine::{Caller, Duplicates, Engine, Import, Leave, Leaving, Origin, TeamChange, UserChange};
use dossier_model::fault::{Fault, Lang};

/// A command at work: on which engine, for whom, and where it reports.
pub struct Work<'a> {
    /// The open data folder.
    pub engine: &'a Engine,
    /// The account that asks.
    pub uid: u32,
    /// Its language.
    pub lang: Lang,
    /// Where progress and parts of the answer go.
    pub sink: &'a mut dyn Sink,
}

impl Work<'_> {
    /// The account of the operating system, on behalf of a user where one is named.
    fn caller(&self, as_user: Option<&str>) -> Result<Caller, Fault> {
        self.engine.operator(&Origin::default(), self.uid, as_user)
    }
}

/// Does a command.
///
/// # Errors
/// Those of the engine.
pub fn run(command: Command, mut work: Work<'_>) -> Result<Output, Fault> {
    let work = &mut work;
    match command {
        Command::TeamAdd { name } => accounts::add_team(work, &name),
        Command::TeamList => accounts::teams(work),
        Command::UserAdd { name, roles, team, as_user } => {
            accounts::add_user(work, &name, &roles, team.as_deref(), as_user.as_deref())
        }
        Command::TeamChange { name, rename, above, lead, as_user } => {
            let ask = TeamChange { name: rename, above, lead };
            accounts::change_team(work, &name, &ask, as_user.as_deref())
        }
        Command::RoleList => roles::list(work),
        Command::RoleShow { name, as_user } => roles::show(work, &name, as_user.as_deref()),
        Command::RoleApply { form, as_user } => roles::apply(work, &form, as_user.as_deref()),
        Command::RoleRemove { name, as_user } => roles::remove(work, &name, as_user.as_deref()),
        Command::UserChange { name, roles, team, as_user } => {
            let ask = UserChange { roles: (!roles.is_empty()).then_some(roles), team };
            accounts::change_user(work, &name, &ask, as_user.as_deref())
        }
        Command::UserList => accounts::users(work),
        Command::UserSetUp { name, as_user } => accounts::set_up(work, name.as_deref(), as_user.as_deref()),
        Command::UserEnable { name, as_user } => accounts::enable_user(work, &name, as_user.as_deref()),
        Command::UserLeave { name, how, successor, roles, team, as_user } => {
            let how = Leaving::parse(&how).ok_or_else(|| Fault::new("internal"))?;
            let roles = Some(roles).filter(|roles| !roles.is_empty());
            accounts::leave(work, &name, &Leave { how, successor, roles, team }, as_user.as_deref())
        }
        Command::UserSignOut { name, as_user } => accounts::sign_out(work, &name, as_user.as_deref()),
        Command::ClientAdd { name, roles, team, how, as_user } => {
            accounts::add_client(work, &name, &roles, team.as_deref(), how, as_user.as_deref())
        }
        Command::ClientList => accounts::clients(work),
        Command::ClientDisable { id, as_user } => accounts::disable_client(work, &id, as_user.as_deref()),
        Command::Import {
            file,
            fallback,
            sheet,
            mapping,
            columns,
            subject_by_name,
            save_mapping,
            duplicates,
            preview,
            team,
            as_user,
            source,
            rejected,
        } => {
            let duplicates = Duplicates::parse(&duplicates)
                .ok_or_else(|| Fault::new("choice_unknown").field("duplicates"))?;
            let ask = Import {
                file,
                sheet,
                columns,
                mapping,
                subject_by_name,
                save_mapping,
                team,
                source,
                duplicates,
                rejected,
                fallback,
            };
            match preview {
                Some(rows) => import::preview(work, &ask, rows, as_user.as_deref()),
                None => import::import(work, &ask, as_user.as_deref()),
            }
        }
        Command::ImportList { as_user } => imports::list(work, as_user.as_deref()),
        Command::ImportShow { id, as_user } => imports::show(work, &id, as_user.as_deref()),
        Command::ImportProblems { id, as_user } => imports::problems(work, &id, as_user.as_deref()),
        Command::ImportDuplicates { id, as_user } => imports::duplicates(work, &id, as_user.as_deref()),
        Command::ImportDecide { id, row, update, as_user } => {
            imports::decide(work, &id, row, update, as_user.as_deref())
        }
        Command::ImportCancel { id, as_user } => imports::cancel(work, &id, as_user.as_deref()),
        Command::ImportUndo { id, as_user } => imports::undo(work, &id, as_user.as_deref()),
        Command::LedgerLogs => ledger::logs(work),
        Command::LedgerVerify { against, deep } => verify::verify(work, against, deep),
        Command::LedgerProof { entry } => ledger::proof(work, &entry),
        Command::LedgerExport { folder, log } => ledger::export(work, &folder, &log),
        Command::LedgerCheckpoint { log } => ledger::checkpoint(work, &log),
        Command::LedgerConsistency { log, from } => ledger::consistency(work, &log, from),
        Command::LedgerShow { log, from, limit } => ledger::show(work, log, from, limit),
        Command::LedgerKey => ledger::key(work),
        Command::LedgerFollow { name } => ledger::follow(work, &name),
        Command::KeyStatus => keys::status(work),
        Command::KeyRotate { data_keys, as_user } => keys::rotate(work, data_keys, as_user.as_deref()),
        Command::KeyRecovery { step, root } => keys::recovery(work, step, &root),
        Command::SearchRebuild => search::rebuild(work),
        Command::Erase { id, as_user } => erase(work, &id, &as_user),
    }
}

/// Destroys a dossier and its keys.
fn erase(work: &Work<'_>, id: &str, as_user: &str) -> Result<Output, Fault> {
    let erased = work.engine.erase(&work.caller(Some(as_user))?, id)?.done()?;
    let (id, records) = (&erased.id, erased.records);
    let text = say!(
        work.lang,
        zh: "已销毁 {id}：{records} 条记录，其密钥已不存在",
        en: "erased {id}: {records} records; their keys are gone",
    );
    Ok(Output::new(&erased, text))
}
