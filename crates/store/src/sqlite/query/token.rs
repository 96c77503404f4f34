//! Look-ups by token, in the large tables and among the fresh ones.

use dossier_model::id::{Rid, Tenant};
use rusqlite::{Connection, OptionalExtension, params};

use super::log::at_most;
use crate::error::StoreError;
use crate::mechanics::{TokenRow, UniqueRow};
use crate::sqlite::known::Known;

pub(in crate::sqlite) fn find(
    conn: &Connection,
    tenant: Tenant,
    field: u32,
    version: u16,
    token: i64,
    limit: usize,
) -> Result<Vec<Rid>, StoreError> {
    let mut query = conn.prepare_cached(
        "SELECT rid FROM token WHERE tenant = ?1 AND field = ?2 AND kv = ?3 AND token = ?4 \
         UNION SELECT rid FROM token_fresh WHERE run IN (SELECT run FROM fresh_run) \
         AND tenant = ?1 AND field = ?2 AND kv = ?3 AND token = ?4 ORDER BY rid LIMIT ?5",
    )?;
    let rows = query
        .query_map(params![tenant.0, field, version, token, at_most(limit)], |row| Ok(Rid(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether a record has a token.
pub(in crate::sqlite) fn is_there(
    conn: &Connection,
    tenant: Tenant,
    token: &TokenRow,
) -> Result<bool, StoreError> {
    let mut query = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM token WHERE tenant = ?1 AND field = ?2 AND kv = ?3 AND token = ?4 AND rid = ?5) \
         OR EXISTS (SELECT 1 FROM token_fresh WHERE run IN (SELECT run FROM fresh_run) \
         AND tenant = ?1 AND field = ?2 AND kv = ?3 AND token = ?4 AND rid = ?5)",
    )?;
    let key = params![tenant.0, token.field, token.version, token.token, token.rid.0];
    Ok(query.query_row(key, |row| row.get(0))?)
}

/// A unique token in a slot: field, version of the index key, token, slot.
pub(in crate::sqlite) type UniqueKey<'k> = (u32, u16, &'k [u8; 16], i64);

/// The record that holds a unique token in a slot.
pub(in crate::sqlite) fn holder(
    conn: &Connection,
    tenant: Tenant,
    (field, version, token, slot): UniqueKey<'_>,
) -> Result<Option<Rid>, StoreError> {
    for table in ["uniq WHERE true", "uniq_fresh WHERE run IN (SELECT run FROM fresh_run)"] {
        let sql = format!(
            "SELECT rid FROM {table} AND token = ?4 AND tenant = ?1 AND field = ?2 AND kv = ?3 AND slot = ?5"
        );
        let mut query = conn.prepare_cached(&sql)?;
        let found =
            query.query_row(params![tenant.0, field, version, token, slot], |row| Ok(Rid(row.get(0)?)));
        if let Some(rid) = found.optional()? {
            return Ok(Some(rid));
        }
    }
    Ok(None)
}

/// Which of these keys are taken, and by whom; ascending. The records in what is asked for do not matter.
pub(in crate::sqlite) fn holders(
    conn: &Connection,
    known: &Known,
    tenant: Tenant,
    keys: &[UniqueRow],
) -> Result<Vec<UniqueRow>, StoreError> {
    let mut found = Vec::new();
    for key in keys.iter().filter(|key| known.may_have(key.field, &key.token)) {
        if let Some(rid) = holder(conn, tenant, (key.field, key.version, &key.token, key.slot))? {
            found.push(UniqueRow { rid, ..*key });
        }
    }
    found.sort_unstable_by_key(|row| (row.field, row.version, row.token, row.slot));
    found.dedup();
    Ok(found)
}

/// A page of the large table, and of the fresh entries what lies up to its end.
pub(in crate::sqlite) fn scan(
    conn: &Connection,
    tenant: Tenant,
    after: Option<&TokenRow>,
    limit: usize,
) -> Result<Vec<TokenRow>, StoreError> {
    let first = TokenRow { field: 0, version: 0, token: i64::MIN, rid: Rid(0) };
    let end = TokenRow { field: u32::MAX, version: u16::MAX, token: i64::MAX, rid: Rid(i64::MAX) };
    let after = after.copied().unwrap_or(first);
    let mut page: Vec<TokenRow> = Vec::new();
    for table in ["token WHERE true", "token_fresh WHERE run IN (SELECT run FROM fresh_run)"] {
        let sql = format!(
            "SELECT field, kv, token, rid FROM {table} AND tenant = ?1 \
             AND (field, kv, token, rid) > (?2, ?3, ?4, ?5) AND (field, kv, token, rid) <= (?6, ?7, ?8, ?9) \
             ORDER BY field, kv, token, rid LIMIT ?10"
        );
        let to = page.last().filter(|_| page.len() >= limit).copied().unwrap_or(end);
        let mut query = conn.prepare_cached(&sql)?;
        let mut rows = query.query(params![
            tenant.0,
            after.field,
            after.version,
            after.token,
            after.rid.0,
            to.field,
            to.version,
            to.token,
            to.rid.0,
            at_most(limit)
        ])?;
        while let Some(row) = rows.next()? {
            page.push(TokenRow {
                field: row.get(0)?,
                version: row.get(1)?,
                token: row.get(2)?,
                rid: Rid(row.get(3)?),
            });
        }
    }
    Ok(merged(page, limit))
}

pub(in crate::sqlite) fn scan_uniques(
    conn: &Connection,
    tenant: Tenant,
    after: Option<&UniqueRow>,
    limit: usize,
) -> Result<Vec<UniqueRow>, StoreError> {
    let first = UniqueRow { field: 0, version: 0, token: [0; 16], slot: i64::MIN, rid: Rid(0) };
    let end = UniqueRow { field: u32::MAX, version: u16::MAX, token: [255; 16], slot: i64::MAX, rid: Rid(0) };
    let after = after.copied().unwrap_or(first);
    let mut page: Vec<UniqueRow> = Vec::new();
    for table in ["uniq WHERE true", "uniq_fresh WHERE run IN (SELECT run FROM fresh_run)"] {
        let sql = format!(
            "SELECT field, kv, token, slot, rid FROM {table} AND tenant = ?1 \
             AND (field, kv, token, slot) > (?2, ?3, ?4, ?5) AND (field, kv, token, slot) <= (?6, ?7, ?8, ?9) \
             ORDER BY field, kv, token, slot LIMIT ?10"
        );
        let to = page.last().filter(|_| page.len() >= limit).copied().unwrap_or(end);
        let mut query = conn.prepare_cached(&sql)?;
        let mut rows = query.query(params![
            tenant.0,
            after.field,
            after.version,
            after.token,
            after.slot,
            to.field,
            to.version,
            to.token,
            to.slot,
            at_most(limit)
        ])?;
        while let Some(row) = rows.next()? {
            page.push(UniqueRow {
                field: row.get(0)?,
                version: row.get(1)?,
                token: row.get(2)?,
                slot: row.get(3)?,
                rid: Rid(row.get(4)?),
            });
        }
    }
    Ok(merged(page, limit))
}

fn merged<T: Ord>(mut page: Vec<T>, limit: usize) -> Vec<T> {
    page.sort_unstable();
    page.dedup();
    page.truncate(limit);
    page
}

/// Whether nothing is left of an index-key version. Walks from field to field, so it costs as many steps as there are
/// token fields.
pub(in crate::sqlite) fn version_is_empty(
    conn: &Connection,
    tenant: Tenant,
    version: u16,
) -> Result<bool, StoreError> {
    for table in TABLES {
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
    if table.ends_with("_fresh") {
        let sql = format!("SELECT DISTINCT field FROM {table} WHERE tenant = ?1");
        let mut query = conn.prepare_cached(&sql)?;
        return Ok(query.query_map([tenant.0], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?);
    }
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

/// The large tables, and the small ones whose entries move there.
const TABLES: [&str; 4] = ["token", "uniq", "token_fresh", "uniq_fresh"];
