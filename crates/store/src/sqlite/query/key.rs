//! Data keys and the generations of their buckets.

use dossier_model::id::{Rid, Tenant};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

use super::log::at_most;
use crate::error::StoreError;
use crate::mechanics::{WrappedKey, keys_in_bucket};

const COLUMNS: &str = "domain, version, bucket_generation, wrapped";

fn decode(row: &SqlRow<'_>) -> rusqlite::Result<WrappedKey> {
    Ok(WrappedKey {
        domain: Rid(row.get(0)?),
        version: row.get(1)?,
        bucket_generation: row.get(2)?,
        wrapped: row.get(3)?,
    })
}

pub(in crate::sqlite) fn one(
    conn: &Connection,
    tenant: Tenant,
    domain: Rid,
    version: u16,
) -> Result<Option<WrappedKey>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM data_key WHERE tenant = ?1 AND domain = ?2 AND version = ?3");
    let mut query = conn.prepare_cached(&sql)?;
    Ok(query.query_row(params![tenant.0, domain.0, version], decode).optional()?)
}

pub(in crate::sqlite) fn newest(
    conn: &Connection,
    tenant: Tenant,
    domain: Rid,
) -> Result<Option<WrappedKey>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM data_key WHERE tenant = ?1 AND domain = ?2 ORDER BY version DESC LIMIT 1"
    );
    Ok(conn.prepare_cached(&sql)?.query_row(params![tenant.0, domain.0], decode).optional()?)
}

pub(in crate::sqlite) fn scan(
    conn: &Connection,
    tenant: Tenant,
    after: Option<(Rid, u16)>,
    limit: usize,
) -> Result<Vec<WrappedKey>, StoreError> {
    range(conn, tenant, after.unwrap_or((Rid(0), 0)), i64::MAX, limit)
}

pub(in crate::sqlite) fn in_bucket(
    conn: &Connection,
    tenant: Tenant,
    bucket: u16,
    after: Option<(Rid, u16)>,
    limit: usize,
) -> Result<Vec<WrappedKey>, StoreError> {
    keys_in_bucket(bucket, after, limit, |after, below, most| range(conn, tenant, after, below, most))
}

fn range(
    conn: &Connection,
    tenant: Tenant,
    after: (Rid, u16),
    below: i64,
    limit: usize,
) -> Result<Vec<WrappedKey>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM data_key WHERE tenant = ?1 AND (domain, version) > (?2, ?3) AND domain < ?4 \
         ORDER BY domain, version LIMIT ?5"
    );
    let mut query = conn.prepare_cached(&sql)?;
    let rows = query.query_map(params![tenant.0, after.0.0, after.1, below, at_most(limit)], decode)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(in crate::sqlite) fn bucket_generation(
    conn: &Connection,
    tenant: Tenant,
    bucket: u16,
) -> Result<u32, StoreError> {
    let mut query = conn.prepare_cached("SELECT generation FROM bucket WHERE tenant = ?1 AND bucket = ?2")?;
    Ok(query.query_row(params![tenant.0, bucket], |row| row.get(0)).optional()?.unwrap_or(1))
}
