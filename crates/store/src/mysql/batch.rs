//! One batch: many write sets, one transaction. The tenant's head row is locked last and gives out the log positions;
//! until then the batch holds nothing that every other server needs.

use std::collections::BTreeMap;

use dossier_model::id::Tenant;

use super::apply::{Applier, Refusal, insert_many};
use super::conn::{Conn, SqlError, Value, values};
use super::node::Node;
use super::query::log::{HeadRow, Tiles, head_row};
use crate::error::{CommitError, Conflict, StoreError};
use crate::merkle::{EMPTY_ROOT, FullTile, Tree, leaf_hash};
use crate::write_set::{Committed, WriteSet};

/// So many entries of other servers are read one by one; for more, the tree is made from its tiles.
const CATCH_UP: u64 = 4096;
/// Entries that are read at a time.
const PAGE: u64 = 256;

/// Why a batch is not filled.
pub(super) enum Failed {
    /// A statement failed.
    Sql(SqlError),
    /// The policy moved on after it was looked at: done again, nobody has been told anything.
    Moved,
    /// A set was refused in the midst of others: done again with a savepoint for each.
    OneByOne,
    /// Another process has this node now.
    Fenced,
    /// What is stored contradicts itself, or a rule was broken.
    Store(StoreError),
}

impl From<SqlError> for Failed {
    fn from(error: SqlError) -> Self {
        Failed::Sql(error)
    }
}

/// A transaction that is ready to be committed.
pub(super) struct Filled {
    /// Whether there is anything to commit.
    pub(super) changes: bool,
    /// The batch's number in the node's row.
    pub(super) number: u64,
    outcomes: Vec<Result<Committed, CommitError>>,
    trees: BTreeMap<Tenant, Tree>,
}

/// What the writer keeps between batches.
pub(super) struct Batch {
    /// The trees of all tenants, as of the last batch of this process.
    trees: BTreeMap<Tenant, Tree>,
    /// How many batches this node has committed; `None` after one of which nobody knows.
    batches: Option<u64>,
}

/// A tenant's part of a batch.
struct Part {
    /// The epoch that its sets were checked under.
    seen: u64,
    /// The epoch that they leave.
    epoch: u64,
}

impl Batch {
    /// From what is stored: each tree must have the root that was stored with it.
    pub(super) fn restore(conn: &mut Conn, node: &Node) -> Result<Self, StoreError> {
        let heads = conn.rows("SELECT tenant, size, root FROM head", &[], |cells| {
            Ok((Tenant(cells.narrow(0)?), cells.narrow::<u64>(1)?, cells.fixed::<32>(2)?))
        })?;
        let mut trees = BTreeMap::new();
        for (tenant, size, root) in heads {
            trees.insert(tenant, restored(conn, tenant, size, &root)?);
        }
        let batches = count(conn, node)?;
        Ok(Self { trees, batches })
    }

    /// Says that nobody knows what became of the last batch.
    pub(super) fn lose_count(&mut self) {
        self.batches = None;
    }

    /// Opens a transaction and does all of the sets in it, up to the commit. With `one_by_one`, sets that are refused are
    /// taken back alone.
    pub(super) fn fill(
        &self,
        conn: &mut Conn,
        node: &Node,
        sets: &[&WriteSet],
        one_by_one: bool,
    ) -> Result<Filled, Failed> {
        conn.run("START TRANSACTION")?;
        let mut parts = BTreeMap::new();
        for set in sets {
            if let std::collections::btree_map::Entry::Vacant(place) = parts.entry(set.tenant) {
                let seen = first_look(conn, set.tenant)?.policy_epoch;
                place.insert(Part { seen, epoch: seen });
            }
        }
        let mut outcomes = if one_by_one || sets.len() == 1 {
            each(conn, &mut parts, sets)?
        } else {
            together(conn, &mut parts, sets)?
        };
        // A batch of which nobody knew is waited for here.
        let committed = match self.batches {
            Some(committed) => committed,
            None => count(conn, node)?.ok_or(Failed::Fenced)?,
        };
        let number = committed + 1;
        let mut filled = Filled { changes: false, number, outcomes: Vec::new(), trees: BTreeMap::new() };
        for (tenant, part) in &parts {
            let of_tenant = |set: &&WriteSet| set.tenant == *tenant;
            let accepted =
                sets.iter().zip(&mut outcomes).filter(|(set, outcome)| of_tenant(set) && outcome.is_ok());
            let accepted: Vec<_> =
                accepted.filter_map(|(set, outcome)| Some((*set, outcome.as_mut().ok()?))).collect();
            if !accepted.is_empty() {
                let tree = self.close(conn, *tenant, part, accepted)?;
                filled.trees.insert(*tenant, tree);
                filled.changes = true;
            }
        }
        if filled.changes {
            let sql = "UPDATE node SET batches = ? WHERE node = ? AND fence = ? AND batches = ?";
            let row = values![whole(number)?, node.number, whole(node.fence)?, whole(committed)?];
            if conn.execute(sql, row)? != 1 {
                return Err(Failed::Fenced);
            }
        }
        filled.outcomes = outcomes;
        Ok(filled)
    }

    /// Takes over what was committed.
    pub(super) fn done(&mut self, filled: Filled) -> Vec<Result<Committed, CommitError>> {
        if filled.changes {
            self.batches = Some(filled.number);
            self.trees.extend(filled.trees);
        }
        filled.outcomes
    }

    /// Locks the head, gives the sets their positions, and writes entries, tiles and the new head.
    fn close(
        &self,
        conn: &mut Conn,
        tenant: Tenant,
        part: &Part,
        accepted: Vec<(&WriteSet, &mut Committed)>,
    ) -> Result<Tree, Failed> {
        let head = head_row(conn, tenant, true)?;
        let head =
            head.ok_or_else(|| Failed::Store(StoreError::Corrupt("a tenant without a head".into())))?;
        if head.policy_epoch != part.seen {
            return Err(Failed::Moved);
        }
        let mut tree = self.caught_up(conn, tenant, &head).map_err(Failed::Store)?;
        let mut tiles: Vec<FullTile> = Vec::new();
        let mut leaves: Vec<Value<'_>> = Vec::new();
        for (set, committed) in accepted {
            *committed = Committed { first: tree.size(), count: set.entries.len() as u64 };
            for leaf in &set.entries {
                leaves.extend(values![tenant.0, whole(tree.size())?, leaf]);
                tree.append_hash(leaf_hash(leaf), &mut tiles);
            }
        }
        insert_many(conn, "INSERT INTO change_log (tenant, position, leaf)", 3, &leaves)?;
        for tile in &tiles {
            conn.execute(
                "INSERT INTO tile (tenant, level, position, hashes) VALUES (?, ?, ?, ?)",
                values![tenant.0, tile.level, whole(tile.index)?, &tile.bytes],
            )?;
        }
        if tree.size() > head.size || part.epoch != part.seen {
            conn.execute(
                "UPDATE head SET size = ?, root = ?, policy_epoch = ? WHERE tenant = ?",
                values![whole(tree.size())?, &tree.root(), whole(part.epoch)?, tenant.0],
            )?;
        }
        Ok(tree)
    }

    /// The tree as the head says, with what other servers appended.
    fn caught_up(&self, conn: &mut Conn, tenant: Tenant, head: &HeadRow) -> Result<Tree, StoreError> {
        let mut tree = self.trees.get(&tenant).cloned().unwrap_or_default();
        if tree.size() > head.size {
            return Err(StoreError::Corrupt("the change log has become shorter".into()));
        }
        if head.size - tree.size() > CATCH_UP {
            return restored(conn, tenant, head.size, &head.root);
        }
        while tree.size() < head.size {
            let (from, to) = (tree.size(), head.size.min(tree.size() + PAGE));
            let sql = "SELECT leaf FROM change_log WHERE tenant = ? AND position >= ? AND position < ? ORDER BY position";
            let at = values![tenant.0, whole(from).map_err(store)?, whole(to).map_err(store)?];
            let hashes = conn.rows(sql, at, |cells| Ok(leaf_hash(&cells.bytes(0)?)))?;
            if hashes.len() as u64 != to - from {
                return Err(StoreError::Corrupt(format!("the change log has a gap after entry {from}")));
            }
            for hash in hashes {
                tree.append_hash(hash, &mut Vec::new());
            }
        }
        same_root(tenant, tree, &head.root)
    }
}

/// How many batches a node has committed, its row locked; none when another process has it now.
fn count(conn: &mut Conn, node: &Node) -> Result<Option<u64>, SqlError> {
    let sql = "SELECT batches FROM node WHERE node = ? AND fence = ? FOR UPDATE";
    let fence = i64::try_from(node.fence).unwrap_or(i64::MAX);
    conn.one(sql, values![node.number, fence], |cells| cells.narrow(0))
}

/// The head as it is without a lock; made for a tenant that has none yet.
fn first_look(conn: &mut Conn, tenant: Tenant) -> Result<HeadRow, SqlError> {
    if let Some(head) = head_row(conn, tenant, false)? {
        return Ok(head);
    }
    let sql = "INSERT INTO head (tenant, size, root, policy_epoch) VALUES (?, 0, ?, 0) \
               ON DUPLICATE KEY UPDATE tenant = tenant";
    conn.execute(sql, values![tenant.0, &EMPTY_ROOT])?;
    Ok(head_row(conn, tenant, false)?.unwrap_or(HeadRow { size: 0, root: EMPTY_ROOT, policy_epoch: 0 }))
}

/// What an accepted set has until its positions are known.
const PENDING: Committed = Committed { first: 0, count: 0 };

type Outcomes = Vec<Result<Committed, CommitError>>;

/// All sets as if they were one: what they add goes in together. Refused, unless nothing had been done of it yet, means
/// that they have to be done one by one.
fn together(
    conn: &mut Conn,
    parts: &mut BTreeMap<Tenant, Part>,
    sets: &[&WriteSet],
) -> Result<Outcomes, Failed> {
    let mut buckets = BTreeMap::new();
    let mut outcomes = vec![Ok(PENDING); sets.len()];
    for (tenant, part) in parts {
        let mut applier = Applier::new(conn, *tenant, &mut buckets);
        let of_tenant = sets.iter().zip(&mut outcomes).filter(|(set, _)| set.tenant == *tenant);
        for (set, outcome) in of_tenant {
            if set.policy_epoch.is_some_and(|expected| expected != part.epoch) {
                *outcome = Err(Conflict::Epoch { current: part.epoch }.into());
                continue;
            }
            applier.add(set, &mut part.epoch).map_err(in_company)?;
        }
        applier.finish().map_err(in_company)?;
    }
    Ok(outcomes)
}

fn in_company(refusal: Refusal) -> Failed {
    match refusal {
        Refusal::Own(_) => Failed::OneByOne,
        Refusal::Sql(error) => Failed::Sql(error),
    }
}

/// Each set with a savepoint of its own.
fn each(conn: &mut Conn, parts: &mut BTreeMap<Tenant, Part>, sets: &[&WriteSet]) -> Result<Outcomes, Failed> {
    let mut buckets = BTreeMap::new();
    let mut outcomes = Vec::with_capacity(sets.len());
    for set in sets {
        let Some(part) = parts.get_mut(&set.tenant) else { continue };
        let (known, epoch) = (buckets.clone(), part.epoch);
        conn.run("SAVEPOINT one")?;
        let mut applier = Applier::new(conn, set.tenant, &mut buckets);
        let applied = applier.add(set, &mut part.epoch).and_then(|()| applier.finish());
        outcomes.push(match applied {
            Ok(()) => Ok(PENDING),
            Err(Refusal::Sql(error)) => return Err(Failed::Sql(error)),
            Err(Refusal::Own(error)) => {
                conn.run("ROLLBACK TO SAVEPOINT one")?;
                buckets = known;
                part.epoch = epoch;
                Err(error)
            }
        });
    }
    Ok(outcomes)
}

/// A tenant's tree from its tiles, which has to have the root that is stored.
pub(super) fn restored(
    conn: &mut Conn,
    tenant: Tenant,
    size: u64,
    root: &[u8; 32],
) -> Result<Tree, StoreError> {
    let tree = Tree::restore(size, &Tiles::new(conn, tenant))?;
    same_root(tenant, tree, root)
}

fn same_root(tenant: Tenant, tree: Tree, root: &[u8; 32]) -> Result<Tree, StoreError> {
    if tree.root() == *root {
        return Ok(tree);
    }
    Err(StoreError::Corrupt(format!("the change log of tenant {} has another root", tenant.0)))
}

fn whole(number: u64) -> Result<i64, Failed> {
    i64::try_from(number).map_err(|_| Failed::Store(StoreError::Invalid("a number of more than 63 bits")))
}

fn store(failed: Failed) -> StoreError {
    match failed {
        Failed::Store(error) => error,
        _ => StoreError::Failed("a number of more than 63 bits".into()),
    }
}
