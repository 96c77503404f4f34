//! Sessions, quotas, idempotency keys, cursors, leases, jobs.

use dossier_model::id::{Tenant, Uid};
use dossier_model::time::Micros;

use super::insert::insert_many;
use super::{Applied, Used};
use crate::error::{Conflict, StoreError};
use crate::mechanics::{JobPart, JobRow, LeaseRow, SessionRow};
use crate::mysql::conn::{Conn, SqlError, Value, values};
use crate::mysql::query::mechanics as query;
use crate::write_set::Op;

pub(super) fn apply(conn: &mut Conn, tenant: Tenant, op: &Op) -> Applied {
    match op {
        Op::PutSession(row) => put_session(conn, tenant, row),
        Op::DeleteSession { hash } => {
            conn.execute("DELETE FROM session WHERE tenant = ? AND hash = ?", values![tenant.0, hash])?;
            Ok(())
        }
        Op::DeleteSessionsOf { subject } => {
            conn.execute(
                "DELETE FROM session WHERE tenant = ? AND subject = ?",
                values![tenant.0, &subject.0],
            )?;
            Ok(())
        }
        Op::PruneSessions { before } => prune(conn, tenant, "session", "expires", *before),
        Op::PruneIdempotency { before } => prune(conn, tenant, "idempotency", "at", *before),
        Op::PutLogin(_)
        | Op::ExpectLogin { .. }
        | Op::UseLogin { .. }
        | Op::DeleteLogin { .. }
        | Op::DeleteLoginsOf { .. } => super::login::apply(conn, tenant, op),
        Op::PruneLogins { before } => prune(conn, tenant, "login", "expires", *before),
        Op::TakeQuota { subject, name, at, window_start, limit } => {
            take_quota(conn, tenant, (*subject, name), *at, *window_start, *limit)
        }
        Op::GiveQuota { subject, name } => {
            conn.execute(
                "DELETE FROM quota_use WHERE tenant = ? AND subject = ? AND name = ? \
                 ORDER BY at DESC, nth DESC LIMIT 1",
                values![tenant.0, &subject.0, name],
            )?;
            Ok(())
        }
        Op::PruneQuotas { before } => {
            prune(conn, tenant, "quota_use", "at", *before)?;
            prune_locks(conn, tenant)
        }
        Op::PutCursor { name, expect, to } => put_cursor(conn, tenant, name, *expect, *to),
        Op::TakeLease { name, holder, now, until } => take_lease(conn, tenant, name, *holder, *now, *until),
        Op::DropLease { name, holder } => {
            let sql = "DELETE FROM lease WHERE tenant = ? AND name = ? AND holder = ?";
            conn.execute(sql, values![tenant.0, name, &holder.0])?;
            Ok(())
        }
        Op::ExpectFence { name, fence } => expect_fence(conn, tenant, name, *fence),
        Op::PutJob { job, expect } => put_job(conn, tenant, job, *expect),
        Op::DeleteJob { id } => {
            conn.execute("DELETE FROM job WHERE tenant = ? AND id = ?", values![tenant.0, &id.0])?;
            Ok(())
        }
        Op::DeletePart { job, class, number } => {
            conn.execute(
                "DELETE FROM job_part WHERE tenant = ? AND job = ? AND class = ? AND number = ?",
                values![tenant.0, &job.0, *class, *number],
            )?;
            Ok(())
        }
        _ => Err(StoreError::Invalid("an operation that this backend does not know").into()),
    }
}

/// Most rows that are cleared away in one transaction: what is left goes the next time.
const PRUNE: i64 = 10_000;

fn prune(conn: &mut Conn, tenant: Tenant, table: &str, column: &str, before: Micros) -> Applied {
    // Nearly always there is nothing, and a delete that finds nothing still locks where it looked.
    let any = format!("SELECT 1 FROM {table} WHERE tenant = ? AND {column} < ? LIMIT 1");
    if conn.one(any, values![tenant.0, before.0], |_| Ok(()))?.is_some() {
        let sql = format!("DELETE FROM {table} WHERE tenant = ? AND {column} < ? LIMIT ?");
        conn.execute(sql, values![tenant.0, before.0, PRUNE])?;
    }
    Ok(())
}

/// Clears away locks of quotas without a use. One that somebody takes at this moment is waited for, and taken anew by the
/// next: it holds nothing.
fn prune_locks(conn: &mut Conn, tenant: Tenant) -> Applied {
    let idle = "tenant = ? AND NOT EXISTS (SELECT 1 FROM quota_use AS used WHERE used.tenant = quota_lock.tenant \
                AND used.subject = quota_lock.subject AND used.name = quota_lock.name)";
    let any = format!("SELECT 1 FROM quota_lock WHERE {idle} LIMIT 1");
    if conn.one(any, values![tenant.0], |_| Ok(()))?.is_some() {
        conn.execute(format!("DELETE FROM quota_lock WHERE {idle} LIMIT ?"), values![tenant.0, PRUNE])?;
    }
    Ok(())
}

fn put_session(conn: &mut Conn, tenant: Tenant, row: &SessionRow) -> Applied {
    conn.execute(
        "REPLACE INTO session (tenant, hash, subject, subject_kind, issued, expires, mac) VALUES (?, ?, ?, ?, ?, ?, ?)",
        values![
            tenant.0,
            &row.hash,
            &row.subject.0,
            row.subject_kind,
            row.issued.0,
            row.expires.0,
            &row.mac
        ],
    )?;
    Ok(())
}

/// Uses idempotency keys. Whoever uses a key that another server is using waits for that one's outcome.
pub(super) fn use_all(conn: &mut Conn, tenant: Tenant, used: &[Used]) -> Applied {
    let mut all: Vec<Value<'_>> = Vec::with_capacity(used.len() * 6);
    for row in used {
        all.extend(values![tenant.0, &row.subject.0, &row.key, &row.command_hash, &row.result, row.at]);
    }
    let head = "INSERT INTO idempotency (tenant, subject, `key`, command_hash, result, at)";
    match insert_many(conn, head, 6, &all) {
        Err(SqlError::Duplicate) => {
            for (at, row) in used.iter().enumerate() {
                let twin = used
                    .get(..at)
                    .into_iter()
                    .flatten()
                    .find(|u| (u.subject, u.key) == (row.subject, row.key));
                let found = match twin {
                    Some(twin) => Some((twin.command_hash, twin.result.clone())),
                    None => query::idempotency(conn, tenant, row.subject, &row.key, true)?
                        .map(|stored| (stored.command_hash, stored.result)),
                };
                if let Some((command_hash, result)) = found {
                    return Err(Conflict::Idempotency { command_hash, result }.into());
                }
            }
            Err(SqlError::Again("a key was taken and given back").into())
        }
        done => Ok(done?),
    }
}

fn take_quota(
    conn: &mut Conn,
    tenant: Tenant,
    (subject, name): (Uid, &str),
    at: Micros,
    window_start: Micros,
    limit: u32,
) -> Applied {
    // One at a time counts, on whichever server.
    conn.execute(
        "INSERT INTO quota_lock (tenant, subject, name) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE tenant = tenant",
        values![tenant.0, &subject.0, name],
    )?;
    conn.execute(
        "DELETE FROM quota_use WHERE tenant = ? AND subject = ? AND name = ? AND (at < ? OR at > ?)",
        values![tenant.0, &subject.0, name, window_start.0, at.plus(Micros::SKEW).0],
    )?;
    let sql = "SELECT CAST(COUNT(*) AS SIGNED) FROM quota_use WHERE tenant = ? AND subject = ? AND name = ? AND at >= ?";
    let used: u32 = conn
        .one(sql, values![tenant.0, &subject.0, name, window_start.0], |cells| cells.narrow(0))?
        .unwrap_or(0);
    if used >= limit {
        return Err(Conflict::Quota { name: name.to_owned(), used }.into());
    }
    // Several uses may fall on one microsecond.
    let sql = "SELECT CAST(COALESCE(MAX(nth), 0) + 1 AS SIGNED) FROM quota_use \
               WHERE tenant = ? AND subject = ? AND name = ? AND at = ?";
    let nth = conn.one(sql, values![tenant.0, &subject.0, name, at.0], |cells| cells.int(0))?.unwrap_or(1);
    conn.execute(
        "INSERT INTO quota_use (tenant, subject, name, at, nth) VALUES (?, ?, ?, ?, ?)",
        values![tenant.0, &subject.0, name, at.0, nth],
    )?;
    Ok(())
}

fn put_cursor(conn: &mut Conn, tenant: Tenant, name: &str, expect: u64, to: u64) -> Applied {
    let found = query::cursor(conn, tenant, name, true)?;
    if found != expect {
        return Err(Conflict::Cursor { name: name.to_owned(), found }.into());
    }
    let to = i64::try_from(to).map_err(|_| StoreError::Invalid("a cursor of more than 63 bits"))?;
    replace(conn, "cursor", expect == 0, || {
        ("(tenant, name, position) VALUES (?, ?, ?)", values![tenant.0, name, to].to_vec())
    })
}

fn take_lease(
    conn: &mut Conn,
    tenant: Tenant,
    name: &str,
    holder: Uid,
    now: Micros,
    until: Micros,
) -> Applied {
    let held = query::lease(conn, tenant, name, true)?;
    let fence = match &held {
        None => 1,
        Some(lease) if lease.holder == holder => lease.fence,
        Some(lease) if lease.until <= now || lease.until > until.plus(Micros::SKEW) => lease.fence + 1,
        Some(lease) => return Err(lease_conflict(name, lease).into()),
    };
    let fence = i64::try_from(fence).map_err(|_| StoreError::Corrupt("a fencing token too high".into()))?;
    replace(conn, "lease", held.is_none(), || {
        let row = values![tenant.0, name, &holder.0, until.0, fence].to_vec();
        ("(tenant, name, holder, until, fence) VALUES (?, ?, ?, ?, ?)", row)
    })
}

fn lease_conflict(name: &str, lease: &LeaseRow) -> Conflict {
    Conflict::Lease { name: name.to_owned(), fence: lease.fence, until: lease.until }
}

fn expect_fence(conn: &mut Conn, tenant: Tenant, name: &str, fence: u64) -> Applied {
    match query::lease(conn, tenant, name, true)? {
        Some(lease) if lease.fence == fence => Ok(()),
        Some(lease) => Err(lease_conflict(name, &lease).into()),
        None => Err(Conflict::Lease { name: name.to_owned(), fence: 0, until: Micros(0) }.into()),
    }
}

fn put_job(conn: &mut Conn, tenant: Tenant, job: &JobRow, expect: u32) -> Applied {
    let found = query::job(conn, tenant, job.id, true)?.map_or(0, |stored| stored.version);
    if found != expect {
        return Err(Conflict::Job { id: job.id, found }.into());
    }
    replace(conn, "job", expect == 0, || {
        let row =
            values![tenant.0, &job.id.0, &job.kind, job.state, job.due.0, job.version, &job.body].to_vec();
        ("(tenant, id, kind, state, due, version, body) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    })
}

/// Writes parts of jobs, over those that are there.
pub(super) fn put_parts(conn: &mut Conn, tenant: Tenant, parts: &[JobPart]) -> Applied {
    let mut all: Vec<Value<'_>> = Vec::with_capacity(parts.len() * 5);
    for part in parts {
        all.extend(values![tenant.0, &part.job.0, part.class, part.number, &part.body]);
    }
    Ok(insert_many(conn, "REPLACE INTO job_part (tenant, job, class, number, body)", 5, &all)?)
}

/// Writes a row whose place was read with a lock: over the old one, or as a new one. A row that is not there cannot be
/// locked: when another server makes it at this moment, the batch is done again and sees it.
fn replace<'v>(
    conn: &mut Conn,
    table: &str,
    new: bool,
    row: impl FnOnce() -> (&'static str, Vec<Value<'v>>),
) -> Applied {
    let (columns, values) = row();
    let verb = if new { "INSERT" } else { "REPLACE" };
    match conn.execute(format!("{verb} INTO `{table}` {columns}"), &values) {
        Err(SqlError::Duplicate) => Err(SqlError::Again("a row was made twice").into()),
        done => Ok(done.map(drop)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mysql::tests::fixture::{TENANT, insert, uid, with_tables};

    #[test]
    fn what_is_locked_for_a_quota_goes_with_its_last_use() {
        with_tables(|_, conn| {
            let (one, other) = (uid(1).0, uid(2).0);
            for (subject, at) in [(&one, 10), (&other, 30)] {
                let values = values![TENANT.0, subject, "sign_in/name", at, 1];
                insert(conn, "quota_use", "tenant, subject, name, at, nth", values);
                insert(
                    conn,
                    "quota_lock",
                    "tenant, subject, name",
                    values![TENANT.0, subject, "sign_in/name"],
                );
            }
            for (before, left) in [(5, 2), (20, 1), (31, 0)] {
                let prune = Op::PruneQuotas { before: Micros(before) };
                assert!(apply(conn, TENANT, &prune).is_ok());
                let locks = "SELECT CAST(COUNT(*) AS SIGNED) FROM quota_lock";
                assert_eq!(conn.one(locks, values![], |cells| cells.int(0)).unwrap(), Some(left));
            }
        });
    }
}
