//! Records of the system.

use dossier_model::id::{Tenant, Uid};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

use crate::error::StoreError;
use crate::row::SystemRow;

fn decode(row: &SqlRow<'_>) -> rusqlite::Result<SystemRow> {
    Ok(SystemRow { kind: row.get(0)?, id: Uid(row.get(1)?), version: row.get(2)?, body: row.get(3)? })
}

pub(in crate::sqlite) fn all(
    conn: &Connection,
    tenant: Tenant,
    kind: &str,
) -> Result<Vec<SystemRow>, StoreError> {
    let mut query = conn.prepare_cached(
        "SELECT kind, id, version, body FROM system WHERE tenant = ?1 AND kind = ?2 ORDER BY id",
    )?;
    let rows = query.query_map(params![tenant.0, kind], decode)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(in crate::sqlite) fn one(
    conn: &Connection,
    tenant: Tenant,
    kind: &str,
    id: Uid,
) -> Result<Option<SystemRow>, StoreError> {
    let mut query = conn.prepare_cached(
        "SELECT kind, id, version, body FROM system WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
    )?;
    Ok(query.query_row(params![tenant.0, kind, id.0], decode).optional()?)
}

pub(in crate::sqlite) fn versions(
    conn: &Connection,
    tenant: Tenant,
    kind: &str,
    id: Uid,
) -> Result<Vec<SystemRow>, StoreError> {
    let mut query = conn.prepare_cached(
        "SELECT kind, id, version, body FROM system_version WHERE tenant = ?1 AND kind = ?2 AND id = ?3 \
         UNION ALL SELECT kind, id, version, body FROM system WHERE tenant = ?1 AND kind = ?2 AND id = ?3 \
         ORDER BY version",
    )?;
    let rows = query.query_map(params![tenant.0, kind, id.0], decode)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
