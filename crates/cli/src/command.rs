//! What can be asked of an open data folder, whether this process opens it or a running server has it.

use dossier_engine::{RecoveryStep, RoleForm};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How a new program gets its tokens.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are those of the command line, where they are described
pub struct ClientHow {
    pub redirects: Vec<String>,
    pub public: bool,
    pub flows: Vec<String>,
}

/// A command, complete in itself: paths are absolute and nothing depends on the caller's terminal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)] // the fields are those of the command line, where they are described
pub enum Command {
    TeamAdd {
        name: String,
    },
    TeamList,
    TeamChange {
        name: String,
        rename: Option<String>,
        above: Option<String>,
        lead: Option<String>,
        as_user: Option<String>,
    },
    RoleList,
    RoleShow {
        name: String,
        as_user: Option<String>,
    },
    RoleApply {
        form: Box<RoleForm>,
        as_user: Option<String>,
    },
    RoleRemove {
        name: String,
        as_user: Option<String>,
    },
    UserAdd {
        name: String,
        roles: Vec<String>,
        team: Option<String>,
        as_user: Option<String>,
    },
    UserList,
    UserSetUp {
        name: Option<String>,
        as_user: Option<String>,
    },
    UserEnable {
        name: String,
        as_user: Option<String>,
    },
    UserLeave {
        name: String,
        how: String,
        successor: Option<String>,
        roles: Vec<String>,
        team: Option<String>,
        as_user: Option<String>,
    },
    UserChange {
        name: String,
        roles: Vec<String>,
        team: Option<String>,
        as_user: Option<String>,
    },
    UserSignOut {
        name: String,
        as_user: Option<String>,
    },
    ClientAdd {
        name: String,
        roles: Vec<String>,
        team: Option<String>,
        #[serde(default)]
        how: ClientHow,
        as_user: Option<String>,
    },
    ClientList,
    ClientDisable {
        id: String,
        as_user: Option<String>,
    },
    /// `fallback`: the caller's folder, for the rejected rows where the file's own folder cannot be written.
    Import {
        file: PathBuf,
        fallback: Option<PathBuf>,
        sheet: Option<String>,
        mapping: Option<String>,
        columns: Vec<(String, Option<String>)>,
        subject_by_name: bool,
        save_mapping: Option<String>,
        duplicates: String,
        /// Only show what so many rows would become.
        preview: Option<u32>,
        team: Option<String>,
        as_user: Option<String>,
        source: Option<String>,
        rejected: Option<PathBuf>,
    },
    ImportList {
        as_user: Option<String>,
    },
    ImportShow {
        id: String,
        as_user: Option<String>,
    },
    ImportProblems {
        id: String,
        as_user: Option<String>,
    },
    ImportDuplicates {
        id: String,
        as_user: Option<String>,
    },
    ImportDecide {
        id: String,
        row: u64,
        update: bool,
        as_user: Option<String>,
    },
    ImportCancel {
        id: String,
        as_user: Option<String>,
    },
    ImportUndo {
        id: String,
        as_user: Option<String>,
    },
    LedgerLogs,
    LedgerVerify {
        against: Vec<String>,
        deep: bool,
    },
    LedgerProof {
        entry: String,
    },
    LedgerExport {
        folder: PathBuf,
        log: String,
    },
    LedgerCheckpoint {
        log: String,
    },
    LedgerConsistency {
        log: String,
        from: u64,
    },
    LedgerShow {
        log: String,
        from: Option<u64>,
        limit: u32,
    },
    LedgerKey,
    LedgerFollow {
        name: String,
    },
    KeyStatus,
    KeyRotate {
        data_keys: bool,
        as_user: Option<String>,
    },
    /// What happened at a terminal with the sheets of this root key; the key itself goes through no socket.
    KeyRecovery {
        step: RecoveryStep,
        root: String,
    },
    SearchRebuild,
    Erase {
        id: String,
        as_user: String,
    },
}

impl Command {
    /// Whether the command may be the first one on a data folder. The others would only make an empty installation
    /// where a folder was mistyped.
    pub fn starts_installation(&self) -> bool {
        use Command::*;
        matches!(self, TeamAdd { .. } | UserAdd { .. } | UserSetUp { .. } | ClientAdd { .. } | Import { .. })
    }
}
