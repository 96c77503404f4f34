//! Tokens. They are random, so each one lands on a page of its own; put in the order of the index, the ones that share
//! a page meet it together.

use dossier_model::id::{Rid, Tenant};
use rusqlite::{Connection, params};

use super::Applied;
use crate::error::Conflict;
use crate::mechanics::{TokenRow, UniqueRow};
use crate::sqlite::query::log::at_most;
use crate::sqlite::query::token::{fields, holder};
use crate::write_set::Op;

/// Puts all tokens of a set, unique ones last: what the set gave back is free by then.
pub(super) fn put_all(conn: &Connection, tenant: Tenant, ops: &[Op]) -> Applied {
    let mut tokens = Vec::new();
    let mut uniques = Vec::new();
    for op in ops {
        match *op {
            Op::PutToken { field, version, token, rid } => {
                tokens.push(TokenRow { field, version, token, rid });
            }
            Op::PutUnique { field, version, token, slot, rid } => {
                uniques.push(UniqueRow { field, version, token, slot, rid });
            }
            _ => {}
        }
    }
    tokens.sort_unstable();
    uniques.sort_unstable();
    put_tokens(conn, tenant, &tokens)?;
    put_uniques(conn, tenant, &uniques)
}

fn put_tokens(conn: &Connection, tenant: Tenant, tokens: &[TokenRow]) -> Applied {
    let mut insert = conn.prepare_cached(
        "INSERT INTO token (tenant, field, kv, token, rid) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
    )?;
    for row in tokens {
        insert.execute(params![tenant.0, row.field, row.version, row.token, row.rid.0])?;
    }
    Ok(())
}

fn put_uniques(conn: &Connection, tenant: Tenant, uniques: &[UniqueRow]) -> Applied {
    let mut insert = conn.prepare_cached(
        "INSERT INTO uniq (tenant, field, kv, token, slot, rid) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT DO NOTHING",
    )?;
    for row in uniques {
        let added =
            insert.execute(params![tenant.0, row.field, row.version, row.token, row.slot, row.rid.0])?;
        if added == 1 {
            continue;
        }
        match holder(conn, tenant, row.field, row.version, &row.token, row.slot)? {
            Some(rid) if rid != row.rid => return Err(Conflict::Unique { field: row.field, rid }.into()),
            _ => {}
        }
    }
    Ok(())
}

pub(super) fn delete(
    conn: &Connection,
    tenant: Tenant,
    field: u32,
    version: u16,
    token: i64,
    rid: Rid,
) -> Applied {
    conn.prepare_cached(
        "DELETE FROM token WHERE tenant = ?1 AND field = ?2 AND kv = ?3 AND token = ?4 AND rid = ?5",
    )?
    .execute(params![tenant.0, field, version, token, rid.0])?;
    Ok(())
}

/// Frees a unique token, but never one that another record holds.
pub(super) fn give_back(
    conn: &Connection,
    tenant: Tenant,
    (field, version, token, slot): (u32, u16, &[u8; 16], i64),
    rid: Rid,
) -> Applied {
    conn.prepare_cached(
        "DELETE FROM uniq WHERE tenant = ?1 AND field = ?2 AND kv = ?3 AND token = ?4 AND slot = ?5 AND rid = ?6",
    )?
    .execute(params![tenant.0, field, version, token, slot, rid.0])?;
    Ok(())
}

/// Field by field, so that the deletes are ranges of the primary key.
pub(super) fn drop_version(conn: &Connection, tenant: Tenant, version: u16, limit: u32) -> Applied {
    let mut left = limit as usize;
    for (table, last) in [("token", "rid"), ("uniq", "slot")] {
        for field in fields(conn, tenant, table)? {
            let sql = format!(
                "DELETE FROM {table} WHERE tenant = ?1 AND field = ?2 AND kv = ?3 AND (token, {last}) IN (\
                 SELECT token, {last} FROM {table} WHERE tenant = ?1 AND field = ?2 AND kv = ?3 LIMIT ?4)"
            );
            let gone = conn.prepare_cached(&sql)?.execute(params![tenant.0, field, version, at_most(left)])?;
            left = left.saturating_sub(gone);
            if left == 0 {
                return Ok(());
            }
        }
    }
    Ok(())
}
