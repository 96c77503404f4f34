//! Sessions, quotas, idempotency keys, cursors, leases, jobs.

use dossier_model::id::{Tenant, Uid};
use dossier_model::time::Micros;

use super::for_update;
use super::log::at_most;
use crate::mechanics::{IdempotencyRow, JobPart, JobRow, LeaseRow, LoginRow, SessionRow};
use crate::mysql::conn::{Cells, Conn, SqlError, values};

pub(in crate::mysql) fn session(
    conn: &mut Conn,
    tenant: Tenant,
    hash: &[u8; 32],
) -> Result<Option<SessionRow>, SqlError> {
    let sql =
        "SELECT hash, subject, subject_kind, issued, expires, mac FROM session WHERE tenant = ? AND hash = ?";
    conn.one(sql, values![tenant.0, hash], |cells| {
        Ok(SessionRow {
            hash: cells.fixed(0)?,
            subject: Uid(cells.fixed(1)?),
            subject_kind: cells.narrow(2)?,
            issued: Micros(cells.int(3)?),
            expires: Micros(cells.int(4)?),
            mac: cells.fixed(5)?,
        })
    })
}

const LOGIN: &str = "hash, subject, kind, issued, used, expires, body, mac";

fn decode_login(cells: &Cells<'_>) -> Result<LoginRow, SqlError> {
    Ok(LoginRow {
        hash: cells.fixed(0)?,
        subject: Uid(cells.fixed(1)?),
        kind: cells.narrow(2)?,
        issued: Micros(cells.int(3)?),
        used: Micros(cells.int(4)?),
        expires: Micros(cells.int(5)?),
        body: cells.bytes(6)?,
        mac: cells.fixed(7)?,
    })
}

pub(in crate::mysql) fn login(
    conn: &mut Conn,
    tenant: Tenant,
    hash: &[u8; 32],
) -> Result<Option<LoginRow>, SqlError> {
    let sql = format!("SELECT {LOGIN} FROM login WHERE tenant = ? AND hash = ?");
    conn.one(sql, values![tenant.0, hash], decode_login)
}

pub(in crate::mysql) fn logins_of(
    conn: &mut Conn,
    tenant: Tenant,
    subject: Uid,
    limit: usize,
) -> Result<Vec<LoginRow>, SqlError> {
    let sql = format!(
        "SELECT {LOGIN} FROM login FORCE INDEX (login_subject) WHERE tenant = ? AND subject = ? \
         ORDER BY issued DESC, hash LIMIT ?"
    );
    conn.rows(sql, values![tenant.0, &subject.0, at_most(limit)], decode_login)
}

/// What an idempotency key did.
pub(in crate::mysql) fn idempotency(
    conn: &mut Conn,
    tenant: Tenant,
    subject: Uid,
    key: &[u8; 32],
    lock: bool,
) -> Result<Option<IdempotencyRow>, SqlError> {
    let sql = format!(
        "SELECT command_hash, result, at FROM idempotency WHERE tenant = ? AND subject = ? AND `key` = ?{}",
        for_update(lock)
    );
    conn.one(sql, values![tenant.0, &subject.0, key], |cells| {
        Ok(IdempotencyRow {
            command_hash: cells.fixed(0)?,
            result: cells.bytes(1)?,
            at: Micros(cells.int(2)?),
        })
    })
}

/// Uses of a quota from `window_start` on.
pub(in crate::mysql) fn quota(
    conn: &mut Conn,
    tenant: Tenant,
    subject: Uid,
    name: &str,
    window_start: Micros,
) -> Result<u32, SqlError> {
    let sql = "SELECT COUNT(*) FROM quota_use FORCE INDEX (PRIMARY) \
               WHERE tenant = ? AND subject = ? AND name = ? AND at >= ?";
    let uses = conn
        .one(sql, values![tenant.0, &subject.0, name.as_bytes(), window_start.0], |cells| cells.narrow(0))?;
    Ok(uses.unwrap_or(0))
}

/// Where a cursor is; 0 when it never moved.
pub(in crate::mysql) fn cursor(
    conn: &mut Conn,
    tenant: Tenant,
    name: &str,
    lock: bool,
) -> Result<u64, SqlError> {
    let sql = format!("SELECT position FROM `cursor` WHERE tenant = ? AND name = ?{}", for_update(lock));
    let found = conn.one(sql, values![tenant.0, name.as_bytes()], |cells| cells.narrow(0))?;
    Ok(found.unwrap_or(0))
}

/// Who holds a lease, ended or not.
pub(in crate::mysql) fn lease(
    conn: &mut Conn,
    tenant: Tenant,
    name: &str,
    lock: bool,
) -> Result<Option<LeaseRow>, SqlError> {
    let sql =
        format!("SELECT holder, until, fence FROM lease WHERE tenant = ? AND name = ?{}", for_update(lock));
    conn.one(sql, values![tenant.0, name.as_bytes()], |cells| {
        Ok(LeaseRow { holder: Uid(cells.fixed(0)?), until: Micros(cells.int(1)?), fence: cells.narrow(2)? })
    })
}

const JOB_COLUMNS: &str = "id, kind, state, due, version, body";

fn decode_job(cells: &Cells<'_>) -> Result<JobRow, SqlError> {
    Ok(JobRow {
        id: Uid(cells.fixed(0)?),
        kind: cells.text(1)?,
        state: cells.narrow(2)?,
        due: Micros(cells.int(3)?),
        version: cells.narrow(4)?,
        body: cells.bytes(5)?,
    })
}

/// One job.
pub(in crate::mysql) fn job(
    conn: &mut Conn,
    tenant: Tenant,
    id: Uid,
    lock: bool,
) -> Result<Option<JobRow>, SqlError> {
    let sql = format!("SELECT {JOB_COLUMNS} FROM job WHERE tenant = ? AND id = ?{}", for_update(lock));
    conn.one(sql, values![tenant.0, &id.0], decode_job)
}

pub(in crate::mysql) fn jobs(
    conn: &mut Conn,
    tenant: Tenant,
    state: u8,
    due: Micros,
    limit: usize,
) -> Result<Vec<JobRow>, SqlError> {
    let sql = format!(
        "SELECT {JOB_COLUMNS} FROM job FORCE INDEX (job_due) WHERE tenant = ? AND state = ? AND due <= ? \
         ORDER BY due LIMIT ?"
    );
    conn.rows(sql, values![tenant.0, state, due.0, at_most(limit)], decode_job)
}

pub(in crate::mysql) fn jobs_of(
    conn: &mut Conn,
    tenant: Tenant,
    kind: &str,
    before: Option<Uid>,
    limit: usize,
) -> Result<Vec<JobRow>, SqlError> {
    let sql = format!(
        "SELECT {JOB_COLUMNS} FROM job FORCE INDEX (PRIMARY) WHERE tenant = ? AND kind = ? AND id < ? \
         ORDER BY id DESC LIMIT ?"
    );
    // No id is as high as this: the version of a UUID is in it.
    let before = before.unwrap_or(Uid([0xff; 16]));
    conn.rows(sql, values![tenant.0, kind.as_bytes(), &before.0, at_most(limit)], decode_job)
}

pub(in crate::mysql) fn parts(
    conn: &mut Conn,
    tenant: Tenant,
    job: Uid,
    class: u8,
    after: Option<i64>,
    limit: usize,
) -> Result<Vec<JobPart>, SqlError> {
    let sql = "SELECT number, body FROM job_part WHERE tenant = ? AND job = ? AND class = ? AND number > ? \
               ORDER BY number LIMIT ?";
    let after = after.unwrap_or(i64::MIN);
    conn.rows(sql, values![tenant.0, &job.0, class, after, at_most(limit)], |cells| {
        Ok(JobPart { job, class, number: cells.int(0)?, body: cells.bytes(1)? })
    })
}
