//! Data keys and the generations of their buckets.

use dossier_model::id::{Rid, Tenant};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

use super::log::at_most;
use crate::error::StoreError;
use crate::mechanics::WrappedKey;

const COLUMNS: &str = "domain, version, bucket_generation, wrapped";
/// Numbers of one bucket lie in runs of 1,024 (`bucket_of`), one run in every 1,048,576 numbers.
const RUN: i64 = 1 << 10;
const PERIOD: i64 = 1 << 20;

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

/// A bucket needs no index of its own: its numbers are runs of the primary key.
pub(in crate::sqlite) fn in_bucket(
    conn: &Connection,
    tenant: Tenant,
    bucket: u16,
    after: Option<(Rid, u16)>,
    limit: usize,
) -> Result<Vec<WrappedKey>, StoreError> {
    let mut found: Vec<WrappedKey> = Vec::new();
    let mut after = after.unwrap_or((Rid(0), 0));
    while found.len() < limit {
        let Some(domain) = next_domain(conn, tenant, after)? else { break };
        let run = run_at(bucket, domain.0);
        if domain.0 < run {
            // Everything up to the run belongs to other buckets.
            after = (Rid(run - 1), u16::MAX);
            continue;
        }
        let page = range(conn, tenant, after, run + RUN, limit - found.len())?;
        after = match page.last() {
            Some(last) => (last.domain, last.version),
            None => (Rid(run + RUN - 1), u16::MAX),
        };
        found.extend(page);
    }
    Ok(found)
}

/// Start of the first run of the bucket that does not end before `domain`.
fn run_at(bucket: u16, domain: i64) -> i64 {
    let run = domain - domain % PERIOD + i64::from(bucket) * RUN;
    if run + RUN <= domain { run + PERIOD } else { run }
}

fn next_domain(conn: &Connection, tenant: Tenant, after: (Rid, u16)) -> Result<Option<Rid>, StoreError> {
    let sql = "SELECT domain FROM data_key WHERE tenant = ?1 AND (domain, version) > (?2, ?3) \
               ORDER BY domain, version LIMIT 1";
    let mut query = conn.prepare_cached(sql)?;
    Ok(query.query_row(params![tenant.0, after.0.0, after.1], |row| Ok(Rid(row.get(0)?))).optional()?)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanics::bucket_of;

    #[test]
    fn the_next_run_of_a_bucket_is_where_its_numbers_are() {
        assert_eq!(run_at(0, 5), 0);
        assert_eq!(run_at(0, 1024), PERIOD);
        assert_eq!(run_at(3, 5), 3 * RUN);
        assert_eq!(run_at(3, 4 * RUN), PERIOD + 3 * RUN);
        for domain in [1, 1023, 1024, 5_000_000, (1 << 39) + 77] {
            let bucket = bucket_of(Rid(domain));
            let run = run_at(bucket, domain);
            assert!(run <= domain && domain < run + RUN);
        }
    }
}
