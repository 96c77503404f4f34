//! Sign-ins of people, and links by which they set themselves up.

use dossier_model::id::Tenant;

use super::Applied;
use crate::error::{Conflict, StoreError};
use crate::mysql::conn::{Conn, values};
use crate::write_set::Op;

pub(super) fn apply(conn: &mut Conn, tenant: Tenant, op: &Op) -> Applied {
    match op {
        Op::PutLogin(row) => conn.execute(
            "REPLACE INTO login (tenant, hash, subject, kind, issued, used, expires, body, mac) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values![
                tenant.0,
                &row.hash,
                &row.subject.0,
                row.kind,
                row.issued.0,
                row.used.0,
                row.expires.0,
                &row.body,
                &row.mac
            ],
        )?,
        Op::ExpectLogin { hash } => {
            let sql = "SELECT 1 FROM login WHERE tenant = ? AND hash = ? FOR UPDATE";
            let there: Option<u32> = conn.one(sql, values![tenant.0, hash], |cells| cells.narrow(0))?;
            return if there.is_some() { Ok(()) } else { Err(Conflict::Login.into()) };
        }
        Op::UseLogin { hash, used, mac } => conn.execute(
            "UPDATE login SET used = ?, mac = ? WHERE tenant = ? AND hash = ? AND used < ?",
            values![used.0, mac, tenant.0, hash, used.0],
        )?,
        Op::DeleteLogin { hash } => {
            conn.execute("DELETE FROM login WHERE tenant = ? AND hash = ?", values![tenant.0, hash])?
        }
        Op::DeleteLoginsOf { subject, except: None } => {
            conn.execute("DELETE FROM login WHERE tenant = ? AND subject = ?", values![tenant.0, &subject.0])?
        }
        Op::DeleteLoginsOf { subject, except: Some(stays) } => conn.execute(
            "DELETE FROM login WHERE tenant = ? AND subject = ? AND hash <> ?",
            values![tenant.0, &subject.0, stays],
        )?,
        _ => return Err(StoreError::Invalid("an operation that this backend does not know").into()),
    };
    Ok(())
}
