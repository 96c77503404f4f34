//! One batch: many write sets, one transaction, one flush.
//!
//! Each set has a savepoint of its own. A set gets its log positions only once everything else in it succeeded, so one
//! that is refused leaves neither a trace nor a gap.

use std::collections::BTreeMap;

use dossier_model::id::Tenant;
use rusqlite::{Connection, OptionalExtension, params};

use super::apply::apply;
use super::fresh::{Fresh, Mark};
use super::query::log::Tiles;
use crate::error::{CommitError, StoreError};
use crate::mechanics::Checkpoint;
use crate::merkle::{EMPTY_ROOT, FullTile, Tree, leaf_hash};
use crate::ticket::Promise;
use crate::write_set::{Committed, WriteSet};

/// One thing for the writer to do, and who waits for it.
pub(super) enum Work {
    Commit(WriteSet, Promise<Result<Committed, CommitError>>),
    Lease { tenant: Tenant, sequence: String, count: u32, promise: Promise<Result<i64, StoreError>> },
    Sign { tenant: Tenant, checkpoint: Checkpoint, promise: Promise<Result<(), StoreError>> },
}

/// The trees of all tenants, as of the last flush.
pub(super) type Trees = BTreeMap<Tenant, Tree>;

/// What the writer keeps in memory between batches.
pub(super) struct Memory {
    pub(super) trees: Trees,
    pub(super) fresh: Fresh,
}

/// An answer that is given once the batch is durable, or once it failed.
enum Answer {
    Commit(Promise<Result<Committed, CommitError>>, Result<Committed, CommitError>),
    Lease(Promise<Result<i64, StoreError>>, Result<i64, StoreError>),
    Sign(Promise<Result<(), StoreError>>, Result<(), StoreError>),
}

struct Staged {
    tree: Tree,
    tiles: Vec<FullTile>,
}

/// A transaction that is being filled.
pub(super) struct Batch<'c> {
    conn: &'c Connection,
    staged: BTreeMap<Tenant, Staged>,
    answers: Vec<Answer>,
    began: Mark,
}

impl<'c> Batch<'c> {
    pub(super) fn begin(conn: &'c Connection, memory: &Memory) -> Result<Self, StoreError> {
        run(conn, "BEGIN IMMEDIATE")?;
        Ok(Self { conn, staged: BTreeMap::new(), answers: Vec::new(), began: memory.fresh.mark() })
    }

    pub(super) fn len(&self) -> usize {
        self.answers.len()
    }

    /// Does one thing. An error is one that ends the whole batch; refusals of the one thing are kept for its answer.
    pub(super) fn add(&mut self, memory: &mut Memory, work: Work) -> Result<(), StoreError> {
        let (answer, outcome) = match work {
            Work::Commit(set, promise) => {
                let (result, outcome) = split(self.commit(memory, &set));
                (Answer::Commit(promise, result), outcome)
            }
            Work::Lease { tenant, sequence, count, promise } => {
                let (result, outcome) = split(lease(self.conn, tenant, &sequence, count));
                (Answer::Lease(promise, result), outcome)
            }
            Work::Sign { tenant, checkpoint, promise } => {
                let (result, outcome) = split(self.sign(&memory.trees, tenant, &checkpoint));
                (Answer::Sign(promise, result), outcome)
            }
        };
        self.answers.push(answer);
        outcome
    }

    fn commit(&mut self, memory: &mut Memory, set: &WriteSet) -> Result<Committed, CommitError> {
        let Memory { trees, fresh } = memory;
        let first = self.staged(trees, set.tenant)?.tree.size();
        let mark = fresh.mark();
        run(self.conn, "SAVEPOINT one")?;
        match apply(self.conn, fresh, set, first) {
            Ok(()) => run(self.conn, "RELEASE one")?,
            // SQLite may have rolled the whole transaction back by itself; then there is nothing to go back to.
            Err(error) if self.conn.is_autocommit() => return Err(error),
            Err(error) => {
                fresh.back_to(mark);
                run(self.conn, "ROLLBACK TO one")?;
                run(self.conn, "RELEASE one")?;
                return Err(error);
            }
        }
        let staged = self.staged(trees, set.tenant)?;
        for leaf in &set.entries {
            staged.tree.append_hash(leaf_hash(leaf), &mut staged.tiles);
        }
        Ok(Committed { first, count: set.entries.len() as u64 })
    }

    /// The tenant's tree as this batch leaves it. A tenant that was never seen gets its head row.
    fn staged(&mut self, trees: &Trees, tenant: Tenant) -> Result<&mut Staged, StoreError> {
        use std::collections::btree_map::Entry;
        match self.staged.entry(tenant) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let tree = match trees.get(&tenant) {
                    Some(tree) => tree.clone(),
                    None => {
                        self.conn
                            .prepare_cached(
                                "INSERT INTO head (tenant, size, root, policy_epoch) VALUES (?1, 0, ?2, 0)",
                            )?
                            .execute(params![tenant.0, EMPTY_ROOT])?;
                        Tree::new()
                    }
                };
                Ok(entry.insert(Staged { tree, tiles: Vec::new() }))
            }
        }
    }

    fn sign(&mut self, trees: &Trees, tenant: Tenant, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        if checkpoint.size > self.staged(trees, tenant)?.tree.size() {
            return Err(StoreError::Invalid("a checkpoint of entries that are not there"));
        }
        let size = i64::try_from(checkpoint.size).unwrap_or(i64::MAX);
        let changed = self
            .conn
            .prepare_cached(
                "UPDATE head SET checkpoint_size = ?2, checkpoint = ?3 WHERE tenant = ?1 AND checkpoint_size <= ?2",
            )?
            .execute(params![tenant.0, size, checkpoint.text])?;
        if changed == 1 { Ok(()) } else { Err(StoreError::Invalid("a checkpoint older than the stored one")) }
    }

    /// Writes tiles and heads and flushes. `Ok` means that everything in the batch is durable.
    pub(super) fn finish(&mut self, memory: &mut Memory) -> Result<(), StoreError> {
        let trees = &mut memory.trees;
        for (tenant, staged) in &self.staged {
            if trees.get(tenant).is_some_and(|tree| tree.size() == staged.tree.size()) {
                continue;
            }
            for tile in &staged.tiles {
                self.conn
                    .prepare_cached(
                        "INSERT INTO tile (tenant, level, position, hashes) VALUES (?1, ?2, ?3, ?4)",
                    )?
                    .execute(params![tenant.0, tile.level, position(tile.index), tile.bytes])?;
            }
            self.conn
                .prepare_cached("UPDATE head SET size = ?2, root = ?3 WHERE tenant = ?1")?
                .execute(params![tenant.0, position(staged.tree.size()), staged.tree.root()])?;
        }
        run(self.conn, "COMMIT")?;
        let staged = std::mem::take(&mut self.staged);
        trees.extend(staged.into_iter().map(|(tenant, staged)| (tenant, staged.tree)));
        Ok(())
    }

    /// Takes everything back. Best effort: whoever calls this has an error to tell already.
    pub(super) fn roll_back(&self, memory: &mut Memory) {
        memory.fresh.back_to(self.began);
        if !self.conn.is_autocommit()
            && let Err(error) = run(self.conn, "ROLLBACK")
        {
            tracing::error!(%error, "a failed batch could not be rolled back");
        }
    }

    /// Tells everyone what came of it; `failed` overrides what single answers say.
    pub(super) fn answer(self, failed: Option<&StoreError>) {
        for answer in self.answers {
            match (answer, failed.cloned()) {
                (Answer::Commit(promise, result), None) => promise.fulfil(result),
                (Answer::Commit(promise, _), Some(error)) => promise.fulfil(Err(error.into())),
                (Answer::Lease(promise, result), None) => promise.fulfil(result),
                (Answer::Lease(promise, _), Some(error)) => promise.fulfil(Err(error)),
                (Answer::Sign(promise, result), None) => promise.fulfil(result),
                (Answer::Sign(promise, _), Some(error)) => promise.fulfil(Err(error)),
            }
        }
    }
}

/// Errors after which the transaction cannot go on.
trait EndsBatch: Clone {
    fn ends_batch(&self) -> Option<StoreError>;
}

impl EndsBatch for StoreError {
    fn ends_batch(&self) -> Option<StoreError> {
        match self {
            StoreError::Invalid(_) | StoreError::Corrupt(_) => None,
            _ => Some(self.clone()),
        }
    }
}

impl EndsBatch for CommitError {
    fn ends_batch(&self) -> Option<StoreError> {
        match self {
            CommitError::Conflict(_) => None,
            CommitError::Failed(error) => error.ends_batch(),
        }
    }
}

/// A result as its own answer and as what it means for the batch.
fn split<T, E: EndsBatch>(result: Result<T, E>) -> (Result<T, E>, Result<(), StoreError>) {
    let outcome = result.as_ref().err().and_then(EndsBatch::ends_batch).map_or(Ok(()), Err);
    (result, outcome)
}

fn lease(conn: &Connection, tenant: Tenant, sequence: &str, count: u32) -> Result<i64, StoreError> {
    let next: Option<i64> = conn
        .prepare_cached("SELECT next FROM sequence WHERE tenant = ?1 AND name = ?2")?
        .query_row(params![tenant.0, sequence], |row| row.get(0))
        .optional()?;
    let first = next.unwrap_or(1);
    let after = first.checked_add(i64::from(count)).ok_or(StoreError::Invalid("a sequence is used up"))?;
    conn.prepare_cached("INSERT OR REPLACE INTO sequence (tenant, name, next) VALUES (?1, ?2, ?3)")?
        .execute(params![tenant.0, sequence, after])?;
    Ok(first)
}

/// What the writer keeps in memory, from what is stored.
pub(super) fn restore(conn: &Connection) -> Result<Memory, StoreError> {
    Ok(Memory { trees: restore_trees(conn)?, fresh: Fresh::load(conn)? })
}

/// The trees of all tenants from their tiles; each must have the root that was stored with it.
fn restore_trees(conn: &Connection) -> Result<Trees, StoreError> {
    let mut query = conn.prepare("SELECT tenant, size, root FROM head")?;
    let mut rows = query.query([])?;
    let mut trees = Trees::new();
    while let Some(row) = rows.next()? {
        let tenant = Tenant(row.get(0)?);
        let size = super::query::log::unsigned(row.get(1)?)?;
        let tree = Tree::restore(size, &Tiles { conn, tenant })?;
        if tree.root() != row.get::<_, [u8; 32]>(2)? {
            return Err(StoreError::Corrupt(format!(
                "the change log of tenant {} has another root",
                tenant.0
            )));
        }
        trees.insert(tenant, tree);
    }
    Ok(trees)
}

fn position(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn run(conn: &Connection, sql: &str) -> Result<(), StoreError> {
    conn.prepare_cached(sql)?.execute([])?;
    Ok(())
}
