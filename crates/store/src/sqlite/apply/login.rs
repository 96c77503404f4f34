//! Sign-ins of people, and links by which they set themselves up.

use dossier_model::id::Tenant;
use rusqlite::{Connection, params};

use super::Applied;
use crate::error::{Conflict, StoreError};
use crate::write_set::Op;

pub(super) fn apply(conn: &Connection, tenant: Tenant, op: &Op) -> Applied {
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Applied {
        conn.prepare_cached(sql)?.execute(values)?;
        Ok(())
    };
    match op {
        Op::PutLogin(row) => run(
            "INSERT OR REPLACE INTO login (tenant, hash, subject, kind, issued, used, expires, body, mac) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                tenant.0,
                row.hash,
                row.subject.0,
                row.kind,
                row.issued.0,
                row.used.0,
                row.expires.0,
                row.body,
                row.mac
            ],
        ),
        Op::ExpectLogin { hash } => {
            let there = conn
                .prepare_cached("SELECT 1 FROM login WHERE tenant = ?1 AND hash = ?2")?
                .exists(params![tenant.0, hash])?;
            if there { Ok(()) } else { Err(Conflict::Login.into()) }
        }
        Op::UseLogin { hash, used, mac } => run(
            "UPDATE login SET used = ?3, mac = ?4 WHERE tenant = ?1 AND hash = ?2 AND used < ?3",
            params![tenant.0, hash, used.0, mac],
        ),
        Op::DeleteLogin { hash } => {
            run("DELETE FROM login WHERE tenant = ?1 AND hash = ?2", params![tenant.0, hash])
        }
        Op::DeleteLoginsOf { subject, except } => run(
            "DELETE FROM login WHERE tenant = ?1 AND subject = ?2 AND (?3 IS NULL OR hash <> ?3)",
            params![tenant.0, subject.0, except],
        ),
        Op::PruneLogins { before } => {
            run("DELETE FROM login WHERE tenant = ?1 AND expires < ?2", params![tenant.0, before.0])
        }
        _ => Err(StoreError::Invalid("an operation that this backend does not know").into()),
    }
}
