//! Sessions, quotas, idempotency keys, cursors, leases, jobs.

use dossier_model::id::{Tenant, Uid};
use dossier_model::time::Micros;
use rusqlite::{Connection, params};

use super::Applied;
use crate::error::{Conflict, StoreError};
use crate::mechanics::{JobRow, LeaseRow, SessionRow};
use crate::sqlite::query::mechanics as query;
use crate::write_set::Op;

pub(super) fn apply(conn: &Connection, tenant: Tenant, op: &Op) -> Applied {
    match op {
        Op::PutSession(row) => put_session(conn, tenant, row),
        Op::DeleteSession { hash } => {
            conn.prepare_cached("DELETE FROM session WHERE tenant = ?1 AND hash = ?2")?
                .execute(params![tenant.0, hash])?;
            Ok(())
        }
        Op::DeleteSessionsOf { subject } => {
            conn.prepare_cached("DELETE FROM session WHERE tenant = ?1 AND subject = ?2")?
                .execute(params![tenant.0, subject.0])?;
            Ok(())
        }
        Op::PruneSessions { before } => {
            conn.prepare_cached("DELETE FROM session WHERE tenant = ?1 AND expires < ?2")?
                .execute(params![tenant.0, before.0])?;
            Ok(())
        }
        Op::PutLogin(_)
        | Op::ExpectLogin { .. }
        | Op::UseLogin { .. }
        | Op::DeleteLogin { .. }
        | Op::DeleteLoginsOf { .. }
        | Op::PruneLogins { .. } => super::login::apply(conn, tenant, op),
        Op::PutIdempotency { subject, key, command_hash, result, at } => {
            put_idempotency(conn, tenant, (*subject, key), command_hash, result, *at)
        }
        Op::PruneIdempotency { before } => {
            conn.prepare_cached("DELETE FROM idempotency WHERE tenant = ?1 AND at < ?2")?
                .execute(params![tenant.0, before.0])?;
            Ok(())
        }
        Op::TakeQuota { subject, name, at, window_start, limit } => {
            take_quota(conn, tenant, (*subject, name), *at, *window_start, *limit)
        }
        Op::GiveQuota { subject, name } => {
            conn.prepare_cached(
                "DELETE FROM quota_use WHERE (tenant, subject, name, at, nth) IN \
                 (SELECT tenant, subject, name, at, nth FROM quota_use WHERE tenant = ?1 AND subject = ?2 \
                  AND name = ?3 ORDER BY at DESC, nth DESC LIMIT 1)",
            )?
            .execute(params![tenant.0, subject.0, name])?;
            Ok(())
        }
        Op::PruneQuotas { before } => {
            conn.prepare_cached("DELETE FROM quota_use WHERE tenant = ?1 AND at < ?2")?
                .execute(params![tenant.0, before.0])?;
            Ok(())
        }
        Op::PutCursor { name, expect, to } => put_cursor(conn, tenant, name, *expect, *to),
        Op::TakeLease { name, holder, now, until } => take_lease(conn, tenant, name, *holder, *now, *until),
        Op::DropLease { name, holder } => {
            conn.prepare_cached("DELETE FROM lease WHERE tenant = ?1 AND name = ?2 AND holder = ?3")?
                .execute(params![tenant.0, name, holder.0])?;
            Ok(())
        }
        Op::ExpectFence { name, fence } => expect_fence(conn, tenant, name, *fence),
        Op::PutJob { job, expect } => put_job(conn, tenant, job, *expect),
        Op::DeleteJob { id } => {
            conn.prepare_cached("DELETE FROM job WHERE tenant = ?1 AND id = ?2")?
                .execute(params![tenant.0, id.0])?;
            Ok(())
        }
        Op::PutPart(part) => {
            conn.prepare_cached(
                "INSERT OR REPLACE INTO job_part (tenant, job, class, number, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![tenant.0, part.job.0, part.class, part.number, part.body])?;
            Ok(())
        }
        Op::DeletePart { job, class, number } => {
            conn.prepare_cached(
                "DELETE FROM job_part WHERE tenant = ?1 AND job = ?2 AND class = ?3 AND number = ?4",
            )?
            .execute(params![tenant.0, job.0, class, number])?;
            Ok(())
        }
        _ => Err(StoreError::Invalid("an operation that this backend does not know").into()),
    }
}

fn put_session(conn: &Connection, tenant: Tenant, row: &SessionRow) -> Applied {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO session (tenant, hash, subject, subject_kind, issued, expires, mac) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        tenant.0,
        row.hash,
        row.subject.0,
        row.subject_kind,
        row.issued.0,
        row.expires.0,
        row.mac
    ])?;
    Ok(())
}

fn put_idempotency(
    conn: &Connection,
    tenant: Tenant,
    (subject, key): (Uid, &[u8; 32]),
    command_hash: &[u8; 32],
    result: &[u8],
    at: Micros,
) -> Applied {
    if let Some(used) = query::idempotency(conn, tenant, subject, key)? {
        return Err(Conflict::Idempotency { command_hash: used.command_hash, result: used.result }.into());
    }
    conn.prepare_cached(
        "INSERT INTO idempotency (tenant, subject, key, command_hash, result, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![tenant.0, subject.0, key, command_hash, result, at.0])?;
    Ok(())
}

fn take_quota(
    conn: &Connection,
    tenant: Tenant,
    (subject, name): (Uid, &str),
    at: Micros,
    window_start: Micros,
    limit: u32,
) -> Applied {
    conn.prepare_cached(
        "DELETE FROM quota_use WHERE tenant = ?1 AND subject = ?2 AND name = ?3 AND (at < ?4 OR at > ?5)",
    )?
    .execute(params![tenant.0, subject.0, name, window_start.0, at.plus(Micros::SKEW).0])?;
    let used = query::quota(conn, tenant, subject, name, window_start)?;
    if used >= limit {
        return Err(Conflict::Quota { name: name.to_owned(), used }.into());
    }
    // Several uses may fall on one microsecond.
    conn.prepare_cached(
        "INSERT INTO quota_use (tenant, subject, name, at, nth) SELECT ?1, ?2, ?3, ?4, coalesce(max(nth), 0) + 1 \
         FROM quota_use WHERE tenant = ?1 AND subject = ?2 AND name = ?3 AND at = ?4",
    )?
    .execute(params![tenant.0, subject.0, name, at.0])?;
    Ok(())
}

fn put_cursor(conn: &Connection, tenant: Tenant, name: &str, expect: u64, to: u64) -> Applied {
    let found = query::cursor(conn, tenant, name)?;
    if found != expect {
        return Err(Conflict::Cursor { name: name.to_owned(), found }.into());
    }
    let to = i64::try_from(to).map_err(|_| StoreError::Invalid("a cursor of more than 63 bits"))?;
    conn.prepare_cached("INSERT OR REPLACE INTO cursor (tenant, name, position) VALUES (?1, ?2, ?3)")?
        .execute(params![tenant.0, name, to])?;
    Ok(())
}

fn take_lease(
    conn: &Connection,
    tenant: Tenant,
    name: &str,
    holder: Uid,
    now: Micros,
    until: Micros,
) -> Applied {
    let held = query::lease(conn, tenant, name)?;
    let fence = match &held {
        None => 1,
        Some(lease) if lease.holder == holder => lease.fence,
        Some(lease) if lease.until <= now || lease.until > until.plus(Micros::SKEW) => lease.fence + 1,
        Some(lease) => return Err(lease_conflict(name, lease)),
    };
    let fence = i64::try_from(fence).map_err(|_| StoreError::Corrupt("a fencing token too high".into()))?;
    conn.prepare_cached(
        "INSERT OR REPLACE INTO lease (tenant, name, holder, until, fence) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![tenant.0, name, holder.0, until.0, fence])?;
    Ok(())
}

fn lease_conflict(name: &str, lease: &LeaseRow) -> crate::error::CommitError {
    Conflict::Lease { name: name.to_owned(), fence: lease.fence, until: lease.until }.into()
}

fn expect_fence(conn: &Connection, tenant: Tenant, name: &str, fence: u64) -> Applied {
    match query::lease(conn, tenant, name)? {
        Some(lease) if lease.fence == fence => Ok(()),
        Some(lease) => Err(lease_conflict(name, &lease)),
        None => Err(Conflict::Lease { name: name.to_owned(), fence: 0, until: Micros(0) }.into()),
    }
}

fn put_job(conn: &Connection, tenant: Tenant, job: &JobRow, expect: u32) -> Applied {
    let found = query::job(conn, tenant, job.id)?.map_or(0, |stored| stored.version);
    if found != expect {
        return Err(Conflict::Job { id: job.id, found }.into());
    }
    conn.prepare_cached(
        "INSERT OR REPLACE INTO job (tenant, id, kind, state, due, version, body) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![tenant.0, job.id.0, job.kind, job.state, job.due.0, job.version, job.body])?;
    Ok(())
}
