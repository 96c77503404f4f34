//! The change log: head, leaves, tiles.

use std::cell::RefCell;

use dossier_model::id::Tenant;

use super::for_update;
use crate::error::StoreError;
use crate::log::LogHead;
use crate::mechanics::Checkpoint;
use crate::merkle::{self, Hash, TileSource};
use crate::mysql::conn::{Conn, SqlError, values};
use crate::store::State;

/// What a tenant's head row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mysql) struct HeadRow {
    /// Number of entries of the change log.
    pub(in crate::mysql) size: u64,
    /// Their root.
    pub(in crate::mysql) root: [u8; 32],
    /// Epoch of the policy that holds.
    pub(in crate::mysql) policy_epoch: u64,
}

/// The head row, which whoever locks it commits next; `None` before the first commit of the tenant.
pub(in crate::mysql) fn head_row(
    conn: &mut Conn,
    tenant: Tenant,
    lock: bool,
) -> Result<Option<HeadRow>, SqlError> {
    let sql = format!("SELECT size, root, policy_epoch FROM head WHERE tenant = ?{}", for_update(lock));
    conn.one(sql, values![tenant.0], |cells| {
        Ok(HeadRow { size: cells.narrow(0)?, root: cells.fixed(1)?, policy_epoch: cells.narrow(2)? })
    })
}

/// Policy epoch and size of the change log.
pub(in crate::mysql) fn state(conn: &mut Conn, tenant: Tenant) -> Result<State, SqlError> {
    let sql = "SELECT policy_epoch, size FROM head WHERE tenant = ?";
    let found = conn.one(sql, values![tenant.0], |cells| {
        Ok(State { policy_epoch: cells.narrow(0)?, change_size: cells.narrow(1)? })
    })?;
    Ok(found.unwrap_or(State { policy_epoch: 0, change_size: 0 }))
}

/// Size, root and newest checkpoint.
pub(in crate::mysql) fn head(conn: &mut Conn, tenant: Tenant) -> Result<LogHead, SqlError> {
    let sql = "SELECT size, root, checkpoint_size, checkpoint FROM head WHERE tenant = ?";
    let found = conn.one(sql, values![tenant.0], |cells| {
        let checkpoint = match cells.is_null(3)? {
            true => None,
            false => Some(Checkpoint { size: cells.narrow(2)?, text: cells.text(3)? }),
        };
        Ok(LogHead { size: cells.narrow(0)?, root: cells.fixed(1)?, checkpoint })
    })?;
    Ok(found.unwrap_or(LogHead { size: 0, root: merkle::EMPTY_ROOT, checkpoint: None }))
}

/// Leaves from an index on, ascending.
pub(in crate::mysql) fn entries(
    conn: &mut Conn,
    tenant: Tenant,
    from: u64,
    limit: usize,
) -> Result<Vec<(u64, Vec<u8>)>, SqlError> {
    let sql = "SELECT position, leaf FROM change_log FORCE INDEX (PRIMARY) WHERE tenant = ? AND position >= ? \
               ORDER BY position LIMIT ?";
    conn.rows(sql, values![tenant.0, signed(from), at_most(limit)], |cells| {
        Ok((cells.narrow(0)?, cells.bytes(1)?))
    })
}

/// A full tile.
pub(in crate::mysql) fn tile(
    conn: &mut Conn,
    tenant: Tenant,
    level: u8,
    index: u64,
) -> Result<Option<Vec<u8>>, SqlError> {
    let sql = "SELECT hashes FROM tile WHERE tenant = ? AND level = ? AND position = ?";
    conn.one(sql, values![tenant.0, level, signed(index)], |cells| cells.bytes(0))
}

/// The tiles of a tenant's change log as they lie in the database.
pub(in crate::mysql) struct Tiles<'c> {
    conn: RefCell<&'c mut Conn>,
    tenant: Tenant,
}

impl<'c> Tiles<'c> {
    pub(in crate::mysql) fn new(conn: &'c mut Conn, tenant: Tenant) -> Self {
        Self { conn: RefCell::new(conn), tenant }
    }
}

impl TileSource for Tiles<'_> {
    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(tile(&mut self.conn.borrow_mut(), self.tenant, level, index)?)
    }

    fn leaf_hashes(&self, from: u64, count: usize) -> Result<Vec<Hash>, StoreError> {
        let leaves = entries(&mut self.conn.borrow_mut(), self.tenant, from, count)?;
        Ok(leaves.iter().map(|(_, leaf)| merkle::leaf_hash(leaf)).collect())
    }
}

/// A position as SQL takes it.
pub(in crate::mysql) fn signed(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

/// A limit as SQL takes it.
pub(in crate::mysql) fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
