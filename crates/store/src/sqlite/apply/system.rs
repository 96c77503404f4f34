//! Records of the system, and the policy epoch.

use dossier_model::id::{Tenant, Uid};
use rusqlite::{Connection, params};

use super::Applied;
use crate::error::{Conflict, StoreError};
use crate::row::SystemRow;
use crate::sqlite::query::{log, system};

pub(super) fn put(conn: &Connection, tenant: Tenant, row: &SystemRow, expect: u32) -> Applied {
    let found = system::one(conn, tenant, &row.kind, row.id)?.map_or(0, |stored| stored.version);
    if found != expect {
        return Err(Conflict::System { kind: row.kind.clone(), id: row.id, found }.into());
    }
    keep(conn, tenant, &row.kind, row.id)?;
    conn.prepare_cached(
        "INSERT INTO system (tenant, kind, id, version, body) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT DO UPDATE SET version = excluded.version, body = excluded.body",
    )?
    .execute(params![tenant.0, row.kind, row.id.0, row.version, row.body])?;
    Ok(())
}

/// The version that is stored now goes among the older ones.
fn keep(conn: &Connection, tenant: Tenant, kind: &str, id: Uid) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO system_version (tenant, kind, id, version, body) \
         SELECT tenant, kind, id, version, body FROM system WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
    )?
    .execute(params![tenant.0, kind, id.0])?;
    Ok(())
}

pub(super) fn drop_one(conn: &Connection, tenant: Tenant, kind: &str, id: Uid, expect: u32) -> Applied {
    let found = system::one(conn, tenant, kind, id)?.map_or(0, |stored| stored.version);
    if found != expect {
        return Err(Conflict::System { kind: kind.to_owned(), id, found }.into());
    }
    keep(conn, tenant, kind, id)?;
    conn.prepare_cached("DELETE FROM system WHERE tenant = ?1 AND kind = ?2 AND id = ?3")?
        .execute(params![tenant.0, kind, id.0])?;
    Ok(())
}

pub(super) fn bump_epoch(conn: &Connection, tenant: Tenant, to: u64) -> Applied {
    let current = log::state(conn, tenant)?.policy_epoch;
    let next = i64::try_from(to).map_err(|_| StoreError::Invalid("a policy epoch of more than 63 bits"))?;
    if to <= current {
        return Err(Conflict::Epoch { current }.into());
    }
    let changed = conn
        .prepare_cached("UPDATE head SET policy_epoch = ?2 WHERE tenant = ?1")?
        .execute(params![tenant.0, next])?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Corrupt("a tenant without a head".into()).into()) }
}
