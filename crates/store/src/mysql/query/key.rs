//! Data keys and the generations of their buckets.

use dossier_model::id::{Rid, Tenant};

use super::log::at_most;
use crate::mechanics::{WrappedKey, keys_in_bucket};
use crate::mysql::conn::{Cells, Conn, SqlError, values};

const COLUMNS: &str = "domain, version, bucket_generation, wrapped";

fn decode(cells: &Cells<'_>) -> Result<WrappedKey, SqlError> {
    Ok(WrappedKey {
        domain: Rid(cells.int(0)?),
        version: cells.narrow(1)?,
        bucket_generation: cells.narrow(2)?,
        wrapped: cells.bytes(3)?,
    })
}

/// A data key.
pub(in crate::mysql) fn one(
    conn: &mut Conn,
    tenant: Tenant,
    domain: Rid,
    version: u16,
) -> Result<Option<WrappedKey>, SqlError> {
    let sql = format!("SELECT {COLUMNS} FROM data_key WHERE tenant = ? AND domain = ? AND version = ?");
    conn.one(sql, values![tenant.0, domain.0, version], decode)
}

pub(in crate::mysql) fn newest(
    conn: &mut Conn,
    tenant: Tenant,
    domain: Rid,
) -> Result<Option<WrappedKey>, SqlError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM data_key WHERE tenant = ? AND domain = ? ORDER BY version DESC LIMIT 1"
    );
    conn.one(sql, values![tenant.0, domain.0], decode)
}

pub(in crate::mysql) fn scan(
    conn: &mut Conn,
    tenant: Tenant,
    after: Option<(Rid, u16)>,
    limit: usize,
) -> Result<Vec<WrappedKey>, SqlError> {
    range(conn, tenant, after.unwrap_or((Rid(0), 0)), i64::MAX, limit)
}

pub(in crate::mysql) fn in_bucket(
    conn: &mut Conn,
    tenant: Tenant,
    bucket: u16,
    after: Option<(Rid, u16)>,
    limit: usize,
) -> Result<Vec<WrappedKey>, SqlError> {
    keys_in_bucket(bucket, after, limit, |after, below, most| range(conn, tenant, after, below, most))
}

/// What lies behind a key. The first condition is the one that the index is read from: a domain has few versions.
const BEHIND: &str =
    "FROM data_key FORCE INDEX (PRIMARY) WHERE tenant = ? AND domain >= ? AND (domain > ? OR version > ?)";

fn range(
    conn: &mut Conn,
    tenant: Tenant,
    after: (Rid, u16),
    below: i64,
    limit: usize,
) -> Result<Vec<WrappedKey>, SqlError> {
    let sql = format!("SELECT {COLUMNS} {BEHIND} AND domain < ? ORDER BY domain, version LIMIT ?");
    let (domain, version) = after;
    conn.rows(sql, values![tenant.0, domain.0, domain.0, version, below, at_most(limit)], decode)
}

/// The generation under which a bucket takes data keys; 1 when it has no row.
pub(in crate::mysql) fn bucket_generation(
    conn: &mut Conn,
    tenant: Tenant,
    bucket: u16,
) -> Result<u32, SqlError> {
    let sql = "SELECT generation FROM bucket WHERE tenant = ? AND bucket = ?";
    let found = conn.one(sql, values![tenant.0, bucket], |cells| cells.narrow(0))?;
    Ok(found.unwrap_or(1))
}
