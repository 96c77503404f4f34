//! Moving an installation from one store to another: everything is copied, then both sides are read again and compared.
//!
//! Nobody may work on either side meanwhile. The trees of both logs go on in the target as they are: same leaves, same
//! roots, so that every checkpoint that was given out still holds. The target is marked before the first row comes in
//! and until everything was compared. A store with the mark is not opened, and a migration into it begins anew: it
//! empties what the one before left there.

mod logs;
pub(crate) mod table;
mod tables;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dossier_model::fault::Fault;
use dossier_model::id::Tenant;

use self::table::{Cell, Cells, TABLES, Table};
use crate::access_log::Verified;
use crate::error::StoreError;
use crate::lock::FolderLock;
use crate::log::AccessEntry;
use crate::mechanics::Checkpoint;
use crate::merkle::Head;
use crate::mysql::{MysqlEnd, MysqlOptions};
use crate::sqlite::SqliteEnd;

/// A store that is moved from or to.
#[derive(Clone, Debug)]
pub enum Side {
    /// The file in a data folder.
    Sqlite {
        /// The data folder.
        folder: PathBuf,
    },
    /// A database; its data folder's lock is held too.
    Mysql(MysqlOptions),
}

impl Side {
    fn folder(&self) -> &Path {
        match self {
            Side::Sqlite { folder } => folder,
            Side::Mysql(options) => &options.folder,
        }
    }

    fn is_same(&self, other: &Side) -> bool {
        match (self, other) {
            (Side::Sqlite { folder: one }, Side::Sqlite { folder: other }) => {
                let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
                real(one) == real(other)
            }
            // One address may be written in many ways: a target that is the source is refused as not empty as well.
            (Side::Mysql(one), Side::Mysql(other)) => one.url == other.url,
            _ => false,
        }
    }
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The source is copied.
    Copy,
    /// Both sides are read and compared.
    Verify,
}

/// How far a migration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// With which table; `access_log` for the access logs.
    pub table: &'static str,
    /// How many rows and entries are done, of both steps together.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

/// What was moved, and found to be the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Each table.
    pub tables: Vec<MovedTable>,
    /// The change logs, then the access logs.
    pub logs: Vec<MovedLog>,
}

/// A table that was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedTable {
    /// Its name.
    pub name: &'static str,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 over the digests of its rows in the order of the key: row hashes where the ledger has them, else SHA-256
    /// of the CBOR array of the columns.
    pub sha256: [u8; 32],
}

/// A log that was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedLog {
    /// Whose log.
    pub tenant: Tenant,
    /// The node of an access log; `None` for the change log.
    pub node: Option<u32>,
    /// Size and root.
    pub head: Head,
}

/// Why nothing was moved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MigrateError {
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Source and target are the same.
    #[error("source and target are the same")]
    Same,
    /// There is nothing to move.
    #[error("there is nothing in the source")]
    SourceEmpty,
    /// The target has something in it already; nothing was changed.
    #[error("the target is not empty")]
    TargetNotEmpty,
    /// A server works on a database.
    #[error("node {node} works on the database")]
    NodeAlive {
        /// Its number.
        node: u32,
        /// Whether on the source.
        source_side: bool,
    },
    /// A server worked on the source meanwhile.
    #[error("node {node} worked on the source meanwhile")]
    SourceMoved {
        /// Its number.
        node: u32,
    },
    /// The target is not what the source is.
    #[error("source and target differ: {place}")]
    Differs {
        /// Where; no values.
        place: String,
    },
}

impl From<MigrateError> for Fault {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Store(error) => error.into(),
            MigrateError::Same => Fault::new("migrate_same"),
            MigrateError::SourceEmpty => Fault::new("migrate_source_empty"),
            MigrateError::TargetNotEmpty => Fault::new("migrate_target_not_empty"),
            MigrateError::NodeAlive { node, source_side } => Fault::new("migrate_node_alive")
                .with("node", node.to_string())
                .with("side", if source_side { "--from" } else { "--to" }.to_owned()),
            MigrateError::SourceMoved { node } => {
                Fault::new("migrate_source_moved").with("node", node.to_string())
            }
            MigrateError::Differs { place } => Fault::new("migrate_differs").with("place", place),
        }
    }
}

/// One of the two stores.
pub(crate) trait End {
    /// Rows of a table.
    fn count(&mut self, table: &Table) -> Result<u64, StoreError>;

    /// The next page of a table behind a row, ascending by the key.
    fn page(&mut self, table: &Table, after: Option<&[Cell]>) -> Result<Vec<Cells>, StoreError>;

    /// Nodes that have an access log, ascending.
    fn nodes(&mut self) -> Result<Vec<u32>, StoreError>;

    /// Sizes and roots of a node's access logs, ascending by tenant.
    fn heads(&mut self, node: u32) -> Result<Vec<(Tenant, Head)>, StoreError>;

    /// The newest checkpoint of an access log.
    fn checkpoint(&mut self, node: u32, tenant: Tenant) -> Result<Option<Checkpoint>, StoreError>;

    /// All bundles of a node, some at a time, those of each tenant in their order.
    fn bundles(
        &mut self,
        node: u32,
        each: &mut dyn FnMut(Vec<Vec<u8>>) -> Result<(), MigrateError>,
    ) -> Result<(), MigrateError>;

    /// Entries of an access log from an index on.
    fn entries(
        &mut self,
        node: u32,
        tenant: Tenant,
        from: u64,
        limit: u64,
    ) -> Result<Vec<(u64, AccessEntry)>, StoreError>;

    /// Compares a node's access logs with what is derived from them.
    fn verify_log(&mut self, node: u32) -> Result<Verified, StoreError>;

    /// Fails when somebody worked on it since it was opened.
    fn still(&mut self) -> Result<(), MigrateError>;
}

/// The one that is filled.
pub(crate) trait Target: End {
    /// Adds rows to a table.
    fn put(&mut self, table: &Table, rows: &[Cells]) -> Result<(), StoreError>;

    /// Adds bundles behind those that a node's logs have.
    fn put_bundles(&mut self, node: u32, bundles: &[Vec<u8>]) -> Result<(), StoreError>;

    /// Says that a node's logs are complete, and keeps their checkpoints.
    fn end_log(&mut self, node: u32, checkpoints: &[(Tenant, Checkpoint)]) -> Result<(), StoreError>;

    /// Reads the change log's trees as an ordinary opening does.
    fn restore(&mut self) -> Result<(), StoreError>;

    /// Takes the mark away: from here on it is a store like any other.
    fn finish(&mut self) -> Result<(), StoreError>;
}

/// Moves everything from one store to another, and compares both. The source stays as it is.
///
/// # Errors
/// What is in the way, before anything was changed; a failure of either store; `Differs` when both are not the same
/// afterwards. After the last two the target is marked, and the same call begins anew.
pub fn migrate(from: &Side, to: &Side, progress: &mut dyn FnMut(&Progress)) -> Result<Moved, MigrateError> {
    if from.is_same(to) {
        return Err(MigrateError::Same);
    }
    let _locks = lock(&[from.folder(), to.folder()])?;
    let mut source: Box<dyn End> = match from {
        Side::Sqlite { folder } => Box::new(SqliteEnd::source(folder)?),
        Side::Mysql(options) => Box::new(MysqlEnd::source(options)?),
    };
    let mut at = Progress { step: Step::Copy, table: "", done: 0, total: 2 * size(&mut *source)? };
    if at.total == 0 {
        return Err(MigrateError::SourceEmpty);
    }
    let mut target: Box<dyn Target> = match to {
        Side::Sqlite { folder } => Box::new(SqliteEnd::target(folder)?),
        Side::Mysql(options) => Box::new(MysqlEnd::target(options)?),
    };
    let mut work = Work { source: &mut *source, target: &mut *target, at: &mut at, progress: &mut *progress };
    for table in TABLES {
        work.copy(table)?;
    }
    work.copy_logs()?;
    work.at.step = Step::Verify;
    let mut moved = Moved { tables: Vec::new(), logs: Vec::new() };
    for table in TABLES {
        moved.tables.push(work.compare(table)?);
    }
    moved.logs = work.change_heads()?;
    moved.logs.extend(work.compare_logs()?);
    source.still()?;
    target.restore()?;
    target.finish()?;
    Ok(moved)
}

/// Both sides at work.
struct Work<'w> {
    source: &'w mut dyn End,
    target: &'w mut dyn Target,
    at: &'w mut Progress,
    progress: &'w mut dyn FnMut(&Progress),
}

impl Work<'_> {
    /// Says that so much more is done.
    fn tell(&mut self, table: &'static str, done: usize) {
        self.at.table = table;
        self.at.done += done as u64;
        (self.progress)(self.at);
    }
}

/// What both sides have differs here.
fn differs(place: impl Into<String>) -> MigrateError {
    MigrateError::Differs { place: place.into() }
}

/// Each folder once.
fn lock(folders: &[&Path]) -> Result<Vec<FolderLock>, StoreError> {
    let mut known = BTreeSet::new();
    let mut locks = Vec::new();
    for folder in folders {
        let folder = folder.canonicalize()?;
        if known.insert(folder.clone()) {
            locks.push(FolderLock::take(&folder)?);
        }
    }
    Ok(locks)
}

/// Rows and entries of a store.
fn size(end: &mut dyn End) -> Result<u64, StoreError> {
    let mut total = 0;
    for table in TABLES {
        total += end.count(table)?;
    }
    for node in end.nodes()? {
        total += end.heads(node)?.iter().map(|(_, head)| head.size).sum::<u64>();
    }
    Ok(total)
}
