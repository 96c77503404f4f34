//! Moving an installation from one store to another. No record is opened and nothing is entered in the ledger: both logs
//! go on in the target as they are.

use crate::StoreUrl;
use dossier_model::fault::Fault;
use dossier_store::MysqlOptions;
use dossier_store::migrate::{self as store, MigrateError, Side, Step};
use serde::Serialize;
use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// From where to where.
#[derive(Clone, Default)]
pub struct MigrateOptions {
    /// The data folder, whose lock is held meanwhile.
    pub data: PathBuf,
    /// The store that everything is in.
    pub from: StoreUrl,
    /// Its password, where it is not in its address.
    pub from_password: Option<String>,
    /// The store that everything is to be in; empty.
    pub to: StoreUrl,
    /// Its password, where it is not in its address.
    pub to_password: Option<String>,
}

/// How far a migration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrateProgress {
    /// Whether both sides are compared already.
    pub verifying: bool,
    /// The table that is at work; `access_log` for the access logs.
    pub table: &'static str,
    /// Rows and entries that were copied and those that were compared.
    pub done: u64,
    /// How many there are to copy and to compare.
    pub total: u64,
}

/// What is in the target now, and the same as in the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Migrated {
    /// Where it came from, without a password.
    pub from: String,
    /// What `store.url` has to be from now on, without a password.
    pub to: String,
    /// Each table.
    pub tables: Vec<MigratedTable>,
    /// Each log.
    pub logs: Vec<MigratedLog>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MigratedTable {
    /// Its name.
    pub table: &'static str,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 over the digests of its rows, hexadecimal.
    pub sha256: String,
}

/// A log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MigratedLog {
    /// `change`, or `access/N` of node N.
    pub log: String,
    /// Its entries.
    pub size: u64,
    /// Root over them, hexadecimal.
    pub root: String,
}

/// Moves an installation, and compares both sides record by record. The source stays as it is; which of both stores is
/// used from then on is said by the settings.
///
/// # Errors
/// `migrate_same`, `migrate_source_empty`, `migrate_target_not_empty`, `migrate_node_alive`, `store_locked`: nothing was
/// changed. `migrate_differs`, `migrate_source_moved` and those of the stores: the target is refused from then on
/// (`store_unfinished`) until the same migration is done again, which begins anew.
pub fn migrate(
    options: &MigrateOptions,
    progress: &mut dyn FnMut(&MigrateProgress),
) -> Result<Migrated, Fault> {
    let MigrateOptions { data, from, from_password, to, to_password } = options;
    from.check().map_err(|fault| fault.field("--from"))?;
    to.check().map_err(|fault| fault.field("--to"))?;
    if from == to {
        return Err(MigrateError::Same.into());
    }
    if !from.is_sqlite() {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(data);
        made.map_err(|error| Fault::new("file_failed").with("reason", error.kind().to_string()))?;
    } else if !data.join("store.db").exists() {
        // A mistyped folder is not even locked.
        return Err(MigrateError::SourceEmpty.into());
    }
    let (source, target) = (side(data, from, from_password), side(data, to, to_password));
    let moved = store::migrate(&source, &target, &mut |at| {
        let verifying = at.step == Step::Verify;
        progress(&MigrateProgress { verifying, table: at.table, done: at.done, total: at.total });
    });
    let moved = moved.map_err(|error| {
        if let MigrateError::Store(error) = &error {
            tracing::error!(%error, "the migration was not done");
        }
        Fault::from(error)
    })?;
    let tables = moved.tables.iter().map(|table| MigratedTable {
        table: table.name,
        rows: table.rows,
        sha256: hex(&table.sha256),
    });
    let logs = moved.logs.iter().map(|log| MigratedLog {
        log: log.node.map_or_else(|| "change".to_owned(), |node| format!("access/{node}")),
        size: log.head.size,
        root: hex(&log.head.root),
    });
    Ok(Migrated {
        from: from.to_string(),
        to: to.to_string(),
        tables: tables.collect(),
        logs: logs.collect(),
    })
}

fn side(data: &Path, url: &StoreUrl, password: &Option<String>) -> Side {
    if url.is_sqlite() {
        return Side::Sqlite { folder: data.to_owned() };
    }
    Side::Mysql(MysqlOptions { password: password.clone(), ..MysqlOptions::new(url.secret(), data) })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(data: &Path, from: &str, to: &str) -> Fault {
        let (from, to) = (StoreUrl::new(from), StoreUrl::new(to));
        migrate(&MigrateOptions { data: data.to_owned(), from, to, ..Default::default() }, &mut |_| {})
            .unwrap_err()
    }

    #[test]
    fn what_cannot_be_moved_is_told_and_no_folder_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let odd = refused(&data, "mysql://u:secret@h", "sqlite");
        assert_eq!((odd.key, odd.field.as_deref()), ("config_store_url", Some("--from")));
        assert!(!format!("{odd:?} {odd}").contains("secret"));
        assert_eq!(refused(&data, "sqlite", "file:x").field.as_deref(), Some("--to"));
        assert_eq!(refused(&data, "sqlite", "sqlite").key, "migrate_same");
        assert_eq!(refused(&data, "sqlite", "mysql://u@127.0.0.1:1/d").key, "migrate_source_empty");
        assert!(!data.exists());
    }
}
