//! Sessions, quotas, idempotency keys, cursors, leases, jobs.

use dossier_model::id::{Tenant, Uid};
use dossier_model::time::Micros;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

use super::log::{at_most, unsigned};
use crate::error::StoreError;
use crate::mechanics::{IdempotencyRow, JobPart, JobRow, LeaseRow, LoginRow, SessionRow};

pub(in crate::sqlite) fn session(
    conn: &Connection,
    tenant: Tenant,
    hash: &[u8; 32],
) -> Result<Option<SessionRow>, StoreError> {
    let mut query = conn.prepare_cached(
        "SELECT hash, subject, subject_kind, issued, expires, mac FROM session WHERE tenant = ?1 AND hash = ?2",
    )?;
    let found = query.query_row(params![tenant.0, hash], |row| {
        Ok(SessionRow {
            hash: row.get(0)?,
            subject: Uid(row.get(1)?),
            subject_kind: row.get(2)?,
            issued: Micros(row.get(3)?),
            expires: Micros(row.get(4)?),
            mac: row.get(5)?,
        })
    });
    Ok(found.optional()?)
}

const LOGIN: &str = "hash, subject, kind, issued, used, expires, body, mac";

fn decode_login(row: &SqlRow<'_>) -> rusqlite::Result<LoginRow> {
    Ok(LoginRow {
        hash: row.get(0)?,
        subject: Uid(row.get(1)?),
        kind: row.get(2)?,
        issued: Micros(row.get(3)?),
        used: Micros(row.get(4)?),
        expires: Micros(row.get(5)?),
        body: row.get(6)?,
        mac: row.get(7)?,
    })
}

pub(in crate::sqlite) fn login(
    conn: &Connection,
    tenant: Tenant,
    hash: &[u8; 32],
) -> Result<Option<LoginRow>, StoreError> {
    let sql = format!("SELECT {LOGIN} FROM login WHERE tenant = ?1 AND hash = ?2");
    Ok(conn.prepare_cached(&sql)?.query_row(params![tenant.0, hash], decode_login).optional()?)
}

pub(in crate::sqlite) fn logins_of(
    conn: &Connection,
    tenant: Tenant,
    subject: Uid,
    limit: usize,
) -> Result<Vec<LoginRow>, StoreError> {
    let sql = format!(
        "SELECT {LOGIN} FROM login WHERE tenant = ?1 AND subject = ?2 ORDER BY issued DESC, hash LIMIT ?3"
    );
    let mut query = conn.prepare_cached(&sql)?;
    let rows = query.query_map(params![tenant.0, subject.0, at_most(limit)], decode_login)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(in crate::sqlite) fn idempotency(
    conn: &Connection,
    tenant: Tenant,
    subject: Uid,
    key: &[u8; 32],
) -> Result<Option<IdempotencyRow>, StoreError> {
    let mut query = conn.prepare_cached(
        "SELECT command_hash, result, at FROM idempotency WHERE tenant = ?1 AND subject = ?2 AND key = ?3",
    )?;
    let found = query.query_row(params![tenant.0, subject.0, key], |row| {
        Ok(IdempotencyRow { command_hash: row.get(0)?, result: row.get(1)?, at: Micros(row.get(2)?) })
    });
    Ok(found.optional()?)
}

pub(in crate::sqlite) fn quota(
    conn: &Connection,
    tenant: Tenant,
    subject: Uid,
    name: &str,
    window_start: Micros,
) -> Result<u32, StoreError> {
    let mut query = conn.prepare_cached(
        "SELECT count(*) FROM quota_use WHERE tenant = ?1 AND subject = ?2 AND name = ?3 AND at >= ?4",
    )?;
    Ok(query.query_row(params![tenant.0, subject.0, name, window_start.0], |row| row.get(0))?)
}

pub(in crate::sqlite) fn cursor(conn: &Connection, tenant: Tenant, name: &str) -> Result<u64, StoreError> {
    let mut query = conn.prepare_cached("SELECT position FROM cursor WHERE tenant = ?1 AND name = ?2")?;
    let found: Option<i64> = query.query_row(params![tenant.0, name], |row| row.get(0)).optional()?;
    unsigned(found.unwrap_or(0))
}

pub(in crate::sqlite) fn lease(
    conn: &Connection,
    tenant: Tenant,
    name: &str,
) -> Result<Option<LeaseRow>, StoreError> {
    let mut query =
        conn.prepare_cached("SELECT holder, until, fence FROM lease WHERE tenant = ?1 AND name = ?2")?;
    let found = query
        .query_row(params![tenant.0, name], |row| {
            Ok((Uid(row.get(0)?), Micros(row.get(1)?), row.get::<_, i64>(2)?))
        })
        .optional()?;
    found.map(|(holder, until, fence)| Ok(LeaseRow { holder, until, fence: unsigned(fence)? })).transpose()
}

fn decode_job(row: &SqlRow<'_>) -> rusqlite::Result<JobRow> {
    Ok(JobRow {
        id: Uid(row.get(0)?),
        kind: row.get(1)?,
        state: row.get(2)?,
        due: Micros(row.get(3)?),
        version: row.get(4)?,
        body: row.get(5)?,
    })
}

pub(in crate::sqlite) fn job(
    conn: &Connection,
    tenant: Tenant,
    id: Uid,
) -> Result<Option<JobRow>, StoreError> {
    let mut query = conn.prepare_cached(
        "SELECT id, kind, state, due, version, body FROM job WHERE tenant = ?1 AND id = ?2",
    )?;
    Ok(query.query_row(params![tenant.0, id.0], decode_job).optional()?)
}

pub(in crate::sqlite) fn jobs(
    conn: &Connection,
    tenant: Tenant,
    state: u8,
    due: Micros,
    limit: usize,
) -> Result<Vec<JobRow>, StoreError> {
    let mut query = conn.prepare_cached(
        "SELECT id, kind, state, due, version, body FROM job \
         WHERE tenant = ?1 AND state = ?2 AND due <= ?3 ORDER BY due LIMIT ?4",
    )?;
    let rows = query.query_map(params![tenant.0, state, due.0, at_most(limit)], decode_job)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(in crate::sqlite) fn jobs_of(
    conn: &Connection,
    tenant: Tenant,
    kind: &str,
    before: Option<Uid>,
    limit: usize,
) -> Result<Vec<JobRow>, StoreError> {
    let mut query = conn.prepare_cached(
        "SELECT id, kind, state, due, version, body FROM job \
         WHERE tenant = ?1 AND kind = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4",
    )?;
    // No id is as high as this: the version of a UUID is in it.
    let before = before.unwrap_or(Uid([0xff; 16]));
    let rows = query.query_map(params![tenant.0, kind, before.0, at_most(limit)], decode_job)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(in crate::sqlite) fn parts(
    conn: &Connection,
    tenant: Tenant,
    job: Uid,
    class: u8,
    after: Option<i64>,
    limit: usize,
) -> Result<Vec<JobPart>, StoreError> {
    let mut query = conn.prepare_cached(
        "SELECT number, body FROM job_part WHERE tenant = ?1 AND job = ?2 AND class = ?3 AND number > ?4 \
         ORDER BY number LIMIT ?5",
    )?;
    let after = after.unwrap_or(i64::MIN);
    let rows = query.query_map(params![tenant.0, job.0, class, after, at_most(limit)], |row| {
        Ok(JobPart { job, class, number: row.get(0)?, body: row.get(1)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
