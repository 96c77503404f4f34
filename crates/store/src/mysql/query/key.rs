//! Data keys and the generations of their buckets.

use dossier_model::id::{Rid, Tenant};

use super::log::at_most;
use crate::mechanics::WrappedKey;
use crate::mysql::conn::{Cells, Conn, SqlError, values};

const COLUMNS: &str = "domain, version, bucket_generation, wrapped";
/// Numbers of one bucket lie in runs of 1,024 (`bucket_of`), one run in every 1,048,576 numbers.
const RUN: i64 = 1 << 10;
const PERIOD: i64 = 1 << 20;

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

/// A bucket needs no index of its own: its numbers are runs of the primary key.
pub(in crate::mysql) fn in_bucket(
    conn: &mut Conn,
    tenant: Tenant,
    bucket: u16,
    after: Option<(Rid, u16)>,
    limit: usize,
) -> Result<Vec<WrappedKey>, SqlError> {
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

/// What lies behind a key. The first condition is the one that the index is read from: a domain has few versions.
const BEHIND: &str =
    "FROM data_key FORCE INDEX (PRIMARY) WHERE tenant = ? AND domain >= ? AND (domain > ? OR version > ?)";

fn next_domain(conn: &mut Conn, tenant: Tenant, after: (Rid, u16)) -> Result<Option<Rid>, SqlError> {
    let sql = format!("SELECT domain {BEHIND} ORDER BY domain, version LIMIT 1");
    let (domain, version) = after;
    conn.one(sql, values![tenant.0, domain.0, domain.0, version], |cells| Ok(Rid(cells.int(0)?)))
}

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
