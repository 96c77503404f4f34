//! Look-ups by token.

use dossier_model::id::{Rid, Tenant};
use rusqlite::{Connection, OptionalExtension, params};

use super::log::at_most;
use crate::error::StoreError;
use crate::mechanics::{TokenRow, UniqueRow};

pub(in crate::sqlite) fn find(
    conn: &Connection,
    tenant: Tenant,
    field: u32,
    version: u16,
    token: i64,
    limit: usize,
) -> Result<Vec<Rid>, StoreError> {
    let mut query = conn.prepare_cached(
        "SELECT rid FROM token WHERE tenant = ?1 AND field = ?2 AND kv = ?3 AND token = ?4 ORDER BY rid LIMIT ?5",
    )?;
    let rows =
        query.query_map(params![tenant.0, field, version, token, at_most(limit)], |row| Ok(Rid(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The record that holds a unique token in a slot.
pub(in crate::sqlite) fn holder(
    conn: &Connection,
    tenant: Tenant,
    field: u32,
    version: u16,
    token: &[u8; 16],
    slot: i64,
) -> Result<Option<Rid>, StoreError> {
    let mut query = conn.prepare_cached(
        "SELECT rid FROM uniq WHERE tenant = ?1 AND field = ?2 AND kv = ?3 AND token = ?4 AND slot = ?5",
    )?;
    let found = query.query_row(params![tenant.0, field, version, token, slot], |row| Ok(Rid(row.get(0)?)));
    Ok(found.optional()?)
}

pub(in crate::sqlite) fn scan(
    conn: &Connection,
    tenant: Tenant,
    after: Option<&TokenRow>,
    limit: usize,
) -> Result<Vec<TokenRow>, StoreError> {
    let first = TokenRow { field: 0, version: 0, token: i64::MIN, rid: Rid(0) };
    let after = after.unwrap_or(&first);
    let mut query = conn.prepare_cached(
        "SELECT field, kv, token, rid FROM token \
         WHERE tenant = ?1 AND (field, kv, token, rid) > (?2, ?3, ?4, ?5) \
         ORDER BY field, kv, token, rid LIMIT ?6",
    )?;
    let from = params![tenant.0, after.field, after.version, after.token, after.rid.0, at_most(limit)];
    let rows = query.query_map(from, |row| {
        Ok(TokenRow {
            field: row.get(0)?,
            version: row.get(1)?,
            token: row.get(2)?,
            rid: Rid(row.get(3)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(in crate::sqlite) fn scan_uniques(
    conn: &Connection,
    tenant: Tenant,
    after: Option<&UniqueRow>,
    limit: usize,
) -> Result<Vec<UniqueRow>, StoreError> {
    let first = UniqueRow { field: 0, version: 0, token: [0; 16], slot: i64::MIN, rid: Rid(0) };
    let after = after.unwrap_or(&first);
    let mut query = conn.prepare_cached(
        "SELECT field, kv, token, slot, rid FROM uniq \
         WHERE tenant = ?1 AND (field, kv, token, slot) > (?2, ?3, ?4, ?5) \
         ORDER BY field, kv, token, slot LIMIT ?6",
    )?;
    let from = params![tenant.0, after.field, after.version, after.token, after.slot, at_most(limit)];
    let rows = query.query_map(from, |row| {
        Ok(UniqueRow {
            field: row.get(0)?,
            version: row.get(1)?,
            token: row.get(2)?,
            slot: row.get(3)?,
            rid: Rid(row.get(4)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether nothing is left of an index-key version. Walks from field to field, so it costs as many steps as there are
/// token fields.
pub(in crate::sqlite) fn version_is_empty(
    conn: &Connection,
    tenant: Tenant,
    version: u16,
) -> Result<bool, StoreError> {
    for table in ["token", "uniq"] {
        for field in fields(conn, tenant, table)? {
            let sql = format!("SELECT 1 FROM {table} WHERE tenant = ?1 AND field = ?2 AND kv = ?3 LIMIT 1");
            if conn.prepare_cached(&sql)?.exists(params![tenant.0, field, version])? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// The token fields that a table holds.
pub(in crate::sqlite) fn fields(
    conn: &Connection,
    tenant: Tenant,
    table: &str,
) -> Result<Vec<u32>, StoreError> {
    let sql = format!("SELECT field FROM {table} WHERE tenant = ?1 AND field > ?2 ORDER BY field LIMIT 1");
    let mut query = conn.prepare_cached(&sql)?;
    let mut found: Vec<u32> = Vec::new();
    let mut last = -1;
    while let Some(field) = query.query_row(params![tenant.0, last], |row| row.get(0)).optional()? {
        found.push(field);
        last = i64::from(field);
    }
    Ok(found)
}
