//! Records of the system.

use dossier_model::id::{Tenant, Uid};

use crate::mysql::conn::{Cells, Conn, SqlError, values};
use crate::row::SystemRow;

const COLUMNS: &str = "kind, id, version, body";

fn decode(cells: &Cells<'_>) -> Result<SystemRow, SqlError> {
    Ok(SystemRow {
        kind: cells.text(0)?,
        id: Uid(cells.fixed(1)?),
        version: cells.narrow(2)?,
        body: cells.bytes(3)?,
    })
}

pub(in crate::mysql) fn all(conn: &mut Conn, tenant: Tenant, kind: &str) -> Result<Vec<SystemRow>, SqlError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM `system` FORCE INDEX (PRIMARY) WHERE tenant = ? AND kind = ? ORDER BY id"
    );
    conn.rows(sql, values![tenant.0, kind.as_bytes()], decode)
}

/// The current version of one system record.
pub(in crate::mysql) fn one(
    conn: &mut Conn,
    tenant: Tenant,
    kind: &str,
    id: Uid,
) -> Result<Option<SystemRow>, SqlError> {
    let sql = format!("SELECT {COLUMNS} FROM `system` WHERE tenant = ? AND kind = ? AND id = ?");
    conn.one(sql, values![tenant.0, kind.as_bytes(), &id.0], decode)
}

pub(in crate::mysql) fn versions(
    conn: &mut Conn,
    tenant: Tenant,
    kind: &str,
    id: Uid,
) -> Result<Vec<SystemRow>, SqlError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM system_version FORCE INDEX (PRIMARY) \
         WHERE tenant = ? AND kind = ? AND id = ? ORDER BY version"
    );
    let mut found = conn.rows(sql, values![tenant.0, kind.as_bytes(), &id.0], decode)?;
    found.extend(one(conn, tenant, kind, id)?);
    Ok(found)
}
