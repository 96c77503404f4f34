//! Records of the system.

use dossier_model::id::Tenant;

use super::Applied;
use crate::error::Conflict;
use crate::mysql::conn::{Conn, SqlError, values};
use crate::row::SystemRow;

pub(super) fn put(conn: &mut Conn, tenant: Tenant, row: &SystemRow, expect: u32) -> Applied {
    let conflict = |found| Conflict::System { kind: row.kind.clone(), id: row.id, found };
    let sql = "SELECT version FROM `system` WHERE tenant = ? AND kind = ? AND id = ? FOR UPDATE";
    let at = values![tenant.0, &row.kind, &row.id.0];
    let found: u32 = conn.one(sql, at, |cells| cells.narrow(0))?.unwrap_or(0);
    if found != expect {
        return Err(conflict(found).into());
    }
    if expect == 0 {
        let sql = "INSERT INTO `system` (tenant, kind, id, version, body) VALUES (?, ?, ?, ?, ?)";
        return match conn.execute(sql, values![tenant.0, &row.kind, &row.id.0, row.version, &row.body]) {
            // Another server made it at this very moment: which version it has is seen the next time.
            Err(SqlError::Duplicate) => Err(SqlError::Again("a record of the system was made twice").into()),
            done => Ok(done.map(drop)?),
        };
    }
    let keep = "INSERT INTO system_version (tenant, kind, id, version, body) \
                SELECT tenant, kind, id, version, body FROM `system` WHERE tenant = ? AND kind = ? AND id = ?";
    conn.execute(keep, at)?;
    conn.execute(
        "UPDATE `system` SET version = ?, body = ? WHERE tenant = ? AND kind = ? AND id = ?",
        values![row.version, &row.body, tenant.0, &row.kind, &row.id.0],
    )?;
    Ok(())
}
