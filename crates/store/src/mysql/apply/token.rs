//! Tokens, in the order of their index.

use std::collections::BTreeMap;

use dossier_model::id::Tenant;

use super::Applied;
use super::insert::insert_many;
use crate::error::Conflict;
use crate::mechanics::{TokenRow, UniqueRow};
use crate::mysql::conn::{Conn, SqlError, Value, values};
use crate::mysql::query::token::holders;

pub(super) fn put_all(conn: &mut Conn, tenant: Tenant, tokens: &[TokenRow]) -> Applied {
    let mut all: Vec<Value<'_>> = Vec::with_capacity(tokens.len() * 5);
    for row in tokens {
        all.extend(values![tenant.0, row.field, row.version, row.token, row.rid.0]);
    }
    // A token that is there already is left.
    insert_many(conn, "INSERT IGNORE INTO token (tenant, field, kv, token, rid)", 5, &all)?;
    Ok(())
}

pub(super) fn put_uniques(conn: &mut Conn, tenant: Tenant, uniques: &[UniqueRow]) -> Applied {
    // Within one insert a key may stand twice, for one record or for two.
    let mut wanted: BTreeMap<(u32, u16, [u8; 16], i64), UniqueRow> = BTreeMap::new();
    for row in uniques {
        let held = wanted.entry((row.field, row.version, row.token, row.slot)).or_insert(*row);
        if held.rid != row.rid {
            return Err(Conflict::Unique { field: row.field, rid: held.rid }.into());
        }
    }
    let rows: Vec<UniqueRow> = wanted.values().copied().collect();
    match insert(conn, tenant, "INSERT", &rows) {
        Err(SqlError::Duplicate) => {}
        done => return Ok(done?),
    }
    let held = |conn: &mut Conn| -> Result<Option<Conflict>, SqlError> {
        let other = |held: &&UniqueRow| {
            wanted
                .get(&(held.field, held.version, held.token, held.slot))
                .is_some_and(|row| row.rid != held.rid)
        };
        let found = holders(conn, tenant, &rows)?;
        Ok(found.iter().find(other).map(|held| Conflict::Unique { field: held.field, rid: held.rid }))
    };
    if let Some(conflict) = held(conn)? {
        return Err(conflict.into());
    }
    // What is there belongs to the same records. Somebody else may still have come first with the rest.
    insert(conn, tenant, "INSERT IGNORE", &rows)?;
    held(conn)?.map_or(Ok(()), |conflict| Err(conflict.into()))
}

fn insert(conn: &mut Conn, tenant: Tenant, verb: &str, rows: &[UniqueRow]) -> Result<(), SqlError> {
    let mut all: Vec<Value<'_>> = Vec::with_capacity(rows.len() * 6);
    for row in rows {
        all.extend(values![tenant.0, row.field, row.version, &row.token, row.slot, row.rid.0]);
    }
    insert_many(conn, &format!("{verb} INTO uniq (tenant, field, kv, token, slot, rid)"), 6, &all)
}

pub(super) fn delete(conn: &mut Conn, tenant: Tenant, row: &TokenRow) -> Applied {
    conn.execute(
        "DELETE FROM token WHERE tenant = ? AND field = ? AND kv = ? AND token = ? AND rid = ?",
        values![tenant.0, row.field, row.version, row.token, row.rid.0],
    )?;
    Ok(())
}

/// Frees a unique token, but never one that another record holds.
pub(super) fn give_back(conn: &mut Conn, tenant: Tenant, row: &UniqueRow) -> Applied {
    conn.execute(
        "DELETE FROM uniq WHERE tenant = ? AND field = ? AND kv = ? AND token = ? AND slot = ? AND rid = ?",
        values![tenant.0, row.field, row.version, &row.token, row.slot, row.rid.0],
    )?;
    Ok(())
}

/// Field by field, so that the deletes are ranges of the primary key.
pub(super) fn drop_version(conn: &mut Conn, tenant: Tenant, version: u16, limit: u32) -> Applied {
    let mut left = u64::from(limit);
    for table in ["token", "uniq"] {
        let fields: Vec<i64> = conn.rows(
            format!("SELECT DISTINCT field FROM {table} WHERE tenant = ?"),
            values![tenant.0],
            |cells| cells.int(0),
        )?;
        for field in fields {
            let sql = format!(
                "DELETE FROM {table} WHERE tenant = ? AND field = ? AND kv = ? ORDER BY token LIMIT ?"
            );
            let most = i64::try_from(left).unwrap_or(i64::MAX);
            left = left.saturating_sub(conn.execute(sql, values![tenant.0, field, version, most])?);
            if left == 0 {
                return Ok(());
            }
        }
    }
    Ok(())
}
