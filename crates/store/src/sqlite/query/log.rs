//! The change log: head, leaves, tiles.

use dossier_model::id::Tenant;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::StoreError;
use crate::log::LogHead;
use crate::mechanics::Checkpoint;
use crate::merkle::{self, Hash, TileSource};
use crate::sqlite::place::{bounds, log_place, number_of};
use crate::store::State;

pub(in crate::sqlite) fn state(conn: &Connection, tenant: Tenant) -> Result<State, StoreError> {
    let mut query = conn.prepare_cached("SELECT policy_epoch, size FROM head WHERE tenant = ?1")?;
    let found =
        query.query_row([tenant.0], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).optional()?;
    let (epoch, size) = found.unwrap_or((0, 0));
    Ok(State { policy_epoch: unsigned(epoch)?, change_size: unsigned(size)? })
}

pub(in crate::sqlite) fn head(conn: &Connection, tenant: Tenant) -> Result<LogHead, StoreError> {
    let mut query =
        conn.prepare_cached("SELECT size, root, checkpoint_size, checkpoint FROM head WHERE tenant = ?1")?;
    let found = query
        .query_row([tenant.0], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, [u8; 32]>(1)?,
                row.get::<_, i64>(2)?,
                row.get::<_, Option<String>>(3)?,
            ))
        })
        .optional()?;
    let Some((size, root, signed_size, text)) = found else {
        return Ok(LogHead { size: 0, root: merkle::EMPTY_ROOT, checkpoint: None });
    };
    let signed_size = unsigned(signed_size)?;
    let checkpoint = text.map(|text| Checkpoint { size: signed_size, text });
    Ok(LogHead { size: unsigned(size)?, root, checkpoint })
}

pub(in crate::sqlite) fn entries(
    conn: &Connection,
    tenant: Tenant,
    from: u64,
    limit: usize,
) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
    let mut query = conn
        .prepare_cached("SELECT id, leaf FROM change_log WHERE id >= ?1 AND id <= ?2 ORDER BY id LIMIT ?3")?;
    let mut rows = query.query(params![log_place(tenant, from)?, bounds(tenant).1, at_most(limit)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((unsigned(number_of(tenant, row.get(0)?))?, row.get(1)?));
    }
    Ok(found)
}

pub(in crate::sqlite) fn tile(
    conn: &Connection,
    tenant: Tenant,
    level: u8,
    index: u64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut query =
        conn.prepare_cached("SELECT hashes FROM tile WHERE tenant = ?1 AND level = ?2 AND position = ?3")?;
    let index = i64::try_from(index).unwrap_or(i64::MAX);
    Ok(query.query_row(params![tenant.0, level, index], |row| row.get(0)).optional()?)
}

/// The tiles of a tenant's change log as they lie in the database.
pub(in crate::sqlite) struct Tiles<'c> {
    pub(in crate::sqlite) conn: &'c Connection,
    pub(in crate::sqlite) tenant: Tenant,
}

impl TileSource for Tiles<'_> {
    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        tile(self.conn, self.tenant, level, index)
    }

    fn leaf_hashes(&self, from: u64, count: usize) -> Result<Vec<Hash>, StoreError> {
        let leaves = entries(self.conn, self.tenant, from, count)?;
        Ok(leaves.iter().map(|(_, leaf)| merkle::leaf_hash(leaf)).collect())
    }
}

/// A number that the store never lets below zero.
pub(in crate::sqlite) fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Corrupt("a position below zero".into()))
}

/// A limit as SQL takes it.
pub(in crate::sqlite) fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
