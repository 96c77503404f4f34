//! Records of the system.

use dossier_model::id::{Tenant, Uid};

use super::Applied;
use crate::error::Conflict;
use crate::mysql::conn::{Conn, SqlError, values};
use crate::row::SystemRow;

pub(super) fn put(conn: &mut Conn, tenant: Tenant, row: &SystemRow, expect: u32) -> Applied {
    expected(conn, tenant, &row.kind, row.id, expect)?;
    if expect == 0 {
        let sql = "INSERT INTO `system` (tenant, kind, id, version, body) VALUES (?, ?, ?, ?, ?)";
        return match conn.execute(sql, values![tenant.0, &row.kind, &row.id.0, row.version, &row.body]) {
            // Another server made it at this very moment: which version it has is seen the next time.
            Err(SqlError::Duplicate) => Err(SqlError::Again("a record of the system was made twice").into()),
            done => Ok(done.map(drop)?),
        };
    }
    keep(conn, tenant, &row.kind, row.id)?;
    conn.execute(
        "UPDATE `system` SET version = ?, body = ? WHERE tenant = ? AND kind = ? AND id = ?",
        values![row.version, &row.body, tenant.0, &row.kind, &row.id.0],
    )?;
    Ok(())
}

/// Locks the record, if it is at this version.
fn expected(conn: &mut Conn, tenant: Tenant, kind: &str, id: Uid, expect: u32) -> Applied {
    let sql = "SELECT version FROM `system` WHERE tenant = ? AND kind = ? AND id = ? FOR UPDATE";
    let found: u32 = conn.one(sql, values![tenant.0, kind, &id.0], |cells| cells.narrow(0))?.unwrap_or(0);
    if found == expect { Ok(()) } else { Err(Conflict::System { kind: kind.to_owned(), id, found }.into()) }
}

/// The version that is stored now goes among the older ones.
fn keep(conn: &mut Conn, tenant: Tenant, kind: &str, id: Uid) -> Result<(), SqlError> {
    let sql = "INSERT INTO system_version (tenant, kind, id, version, body) \
               SELECT tenant, kind, id, version, body FROM `system` WHERE tenant = ? AND kind = ? AND id = ?";
    conn.execute(sql, values![tenant.0, kind, &id.0]).map(drop)
}

pub(super) fn drop_one(conn: &mut Conn, tenant: Tenant, kind: &str, id: Uid, expect: u32) -> Applied {
    expected(conn, tenant, kind, id, expect)?;
    keep(conn, tenant, kind, id)?;
    let sql = "DELETE FROM `system` WHERE tenant = ? AND kind = ? AND id = ?";
    conn.execute(sql, values![tenant.0, kind, &id.0])?;
    Ok(())
}
