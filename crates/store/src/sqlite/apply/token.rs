//! Tokens. New ones go into the open run, in the order of its key; what is taken away goes from wherever it is.

use dossier_model::id::{Rid, Tenant};
use rusqlite::{Connection, params};

use super::Applied;
use crate::error::Conflict;
use crate::mechanics::{TokenRow, UniqueRow};
use crate::sqlite::fresh::{Fresh, Table};
use crate::sqlite::query::log::at_most;
use crate::sqlite::query::token::{fields, holder};
use crate::write_set::Op;

/// Puts all tokens of a set, unique ones last: what the set gave back is free by then.
pub(super) fn put_all(conn: &Connection, fresh: &mut Fresh, tenant: Tenant, ops: &[Op]) -> Applied {
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
    if tokens.is_empty() && uniques.is_empty() {
        return Ok(());
    }
    // In the order of the run, so that neighbours meet the page that they share together.
    tokens.sort_unstable_by_key(|row| (row.token, row.field, row.version, row.rid));
    uniques.sort_unstable_by_key(|row| (row.token, row.field, row.version, row.slot));
    let run = fresh.open_run(conn)?;
    put_tokens(conn, fresh, run, tenant, &tokens)?;
    put_uniques(conn, fresh, run, tenant, &uniques)
}

/// A token may stand in several runs and in the large table as well: readers see it once.
fn put_tokens(
    conn: &Connection,
    fresh: &mut Fresh,
    run: i64,
    tenant: Tenant,
    tokens: &[TokenRow],
) -> Applied {
    let mut insert = conn.prepare_cached(
        "INSERT INTO token_fresh (run, tenant, field, kv, token, rid) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT DO NOTHING",
    )?;
    for row in tokens {
        insert.execute(params![run, tenant.0, row.field, row.version, row.token, row.rid.0])?;
    }
    fresh.count(Table::Token, tokens.len());
    Ok(())
}

fn put_uniques(
    conn: &Connection,
    fresh: &mut Fresh,
    run: i64,
    tenant: Tenant,
    uniques: &[UniqueRow],
) -> Applied {
    fresh.expect_uniques(uniques.len());
    let mut insert = conn.prepare_cached(
        "INSERT INTO uniq_fresh (run, tenant, field, kv, token, slot, rid) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for row in uniques {
        let key = (row.field, row.version, &row.token, row.slot);
        let held =
            if fresh.known.may_have(row.field, &row.token) { holder(conn, tenant, key)? } else { None };
        match held {
            Some(rid) if rid != row.rid => return Err(Conflict::Unique { field: row.field, rid }.into()),
            Some(_) => continue,
            None => {}
        }
        insert.execute(params![run, tenant.0, row.field, row.version, row.token, row.slot, row.rid.0])?;
        fresh.known.put(row.field, &row.token);
    }
    fresh.count(Table::Uniq, uniques.len());
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
    for table in ["token WHERE true", "token_fresh WHERE run IN (SELECT run FROM fresh_run)"] {
        let sql = format!(
            "DELETE FROM {table} AND tenant = ?1 AND field = ?2 AND kv = ?3 AND token = ?4 AND rid = ?5"
        );
        conn.prepare_cached(&sql)?.execute(params![tenant.0, field, version, token, rid.0])?;
    }
    Ok(())
}

/// Frees a unique token, but never one that another record holds.
pub(super) fn give_back(
    conn: &Connection,
    tenant: Tenant,
    (field, version, token, slot): (u32, u16, &[u8; 16], i64),
    rid: Rid,
) -> Applied {
    for table in ["uniq WHERE true", "uniq_fresh WHERE run IN (SELECT run FROM fresh_run)"] {
        let sql = format!(
            "DELETE FROM {table} AND tenant = ?1 AND field = ?2 AND kv = ?3 AND token = ?4 AND slot = ?5 AND rid = ?6"
        );
        conn.prepare_cached(&sql)?.execute(params![tenant.0, field, version, token, slot, rid.0])?;
    }
    Ok(())
}

/// Field by field, so that the deletes are ranges of the primary key.
pub(super) fn drop_version(conn: &Connection, tenant: Tenant, version: u16, limit: u32) -> Applied {
    let mut left = limit as usize;
    for (table, columns) in [
        ("token", "field, kv, token, rid"),
        ("uniq", "field, kv, token, slot"),
        ("token_fresh", "run, field, kv, token, rid"),
        ("uniq_fresh", "run, field, kv, token, slot"),
    ] {
        for field in fields(conn, tenant, table)? {
            let sql = format!(
                "DELETE FROM {table} WHERE tenant = ?1 AND ({columns}) IN (\
                 SELECT {columns} FROM {table} WHERE tenant = ?1 AND field = ?2 AND kv = ?3 LIMIT ?4)"
            );
            let gone =
                conn.prepare_cached(&sql)?.execute(params![tenant.0, field, version, at_most(left)])?;
            left = left.saturating_sub(gone);
            if left == 0 {
                return Ok(());
            }
        }
    }
    Ok(())
}
