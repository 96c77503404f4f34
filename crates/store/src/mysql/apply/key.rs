//! Data keys. A key is taken only under the generation that its bucket has now. The bucket's row is locked until the
//! batch is committed: while a bucket is renewed by one server, no key can slip in under the old one on another.

use std::collections::BTreeMap;

use dossier_model::id::{Rid, Tenant};

use super::insert::insert_many;
use super::{Applied, Refusal};
use crate::error::Conflict;
use crate::mechanics::WrappedKey;
use crate::mysql::conn::{Conn, SqlError, Value, values};
use crate::mysql::query::key::one;

/// Generations of the buckets whose rows are locked.
type Locked = BTreeMap<(Tenant, u16), u32>;

const INSERT: &str = "INSERT INTO data_key (tenant, domain, version, bucket_generation, wrapped)";
const WIDTH: usize = 5;

pub(super) fn put_all(conn: &mut Conn, tenant: Tenant, locked: &mut Locked, keys: &[WrappedKey]) -> Applied {
    // In ascending order, as every batch locks them.
    let buckets: BTreeMap<u16, u32> = keys.iter().map(|key| (key.bucket(), key.bucket_generation)).collect();
    for bucket in buckets.keys() {
        lock(conn, tenant, locked, *bucket)?;
    }
    for key in keys {
        expect(conn, tenant, locked, key.bucket(), key.bucket_generation)?;
    }
    let mut all: Vec<Value<'_>> = Vec::with_capacity(keys.len() * WIDTH);
    for key in keys {
        all.extend(values![tenant.0, key.domain.0, key.version, key.bucket_generation, &key.wrapped]);
    }
    match insert_many(conn, INSERT, WIDTH, &all) {
        Err(SqlError::Duplicate) => {
            for (at, key) in keys.iter().enumerate() {
                let twin = keys
                    .get(..at)
                    .into_iter()
                    .flatten()
                    .find(|k| (k.domain, k.version) == (key.domain, key.version));
                let found = match twin {
                    Some(twin) => Some(twin.bucket_generation),
                    None => {
                        one(conn, tenant, key.domain, key.version)?.map(|stored| stored.bucket_generation)
                    }
                };
                if found.is_some() {
                    return Err(Conflict::Key { domain: key.domain, found }.into());
                }
            }
            Err(SqlError::Again("a key was taken and given back").into())
        }
        done => Ok(done?),
    }
}

pub(super) fn delete(conn: &mut Conn, tenant: Tenant, domain: Rid) -> Applied {
    conn.execute("DELETE FROM data_key WHERE tenant = ? AND domain = ?", values![tenant.0, domain.0])?;
    Ok(())
}

pub(super) fn rewrap(
    conn: &mut Conn,
    tenant: Tenant,
    locked: &mut Locked,
    key: &WrappedKey,
    expected: u32,
) -> Applied {
    expect(conn, tenant, locked, key.bucket(), key.bucket_generation)?;
    let met = conn.execute(
        "UPDATE data_key SET bucket_generation = ?, wrapped = ? \
         WHERE tenant = ? AND domain = ? AND version = ? AND bucket_generation = ?",
        values![key.bucket_generation, &key.wrapped, tenant.0, key.domain.0, key.version, expected],
    )?;
    if met == 1 {
        return Ok(());
    }
    let found = one(conn, tenant, key.domain, key.version)?.map(|stored| stored.bucket_generation);
    Err(Conflict::Key { domain: key.domain, found }.into())
}

pub(super) fn expect(
    conn: &mut Conn,
    tenant: Tenant,
    locked: &mut Locked,
    bucket: u16,
    generation: u32,
) -> Applied {
    let current = lock(conn, tenant, locked, bucket)?;
    if current == generation { Ok(()) } else { Err(Conflict::KeyGeneration { bucket, current }.into()) }
}

pub(super) fn set_bucket(
    conn: &mut Conn,
    tenant: Tenant,
    locked: &mut Locked,
    bucket: u16,
    expected: u32,
    to: u32,
) -> Applied {
    expect(conn, tenant, locked, bucket, expected)?;
    conn.execute(
        "UPDATE bucket SET generation = ? WHERE tenant = ? AND bucket = ?",
        values![to, tenant.0, bucket],
    )?;
    locked.insert((tenant, bucket), to);
    Ok(())
}

/// The generation of a bucket, its row locked.
fn lock(conn: &mut Conn, tenant: Tenant, locked: &mut Locked, bucket: u16) -> Result<u32, Refusal> {
    if let Some(generation) = locked.get(&(tenant, bucket)) {
        return Ok(*generation);
    }
    let sql = "SELECT generation FROM bucket WHERE tenant = ? AND bucket = ? FOR UPDATE";
    let found = conn.one(sql, values![tenant.0, bucket], |cells| cells.narrow(0))?;
    let generation = match found {
        Some(generation) => generation,
        None => {
            // The first time that it is needed. Another server may do the same at this moment.
            let sql = "INSERT INTO bucket (tenant, bucket, generation) VALUES (?, ?, 1) \
                       ON DUPLICATE KEY UPDATE bucket = bucket";
            conn.execute(sql, values![tenant.0, bucket])?;
            let sql = "SELECT generation FROM bucket WHERE tenant = ? AND bucket = ? FOR UPDATE";
            conn.one(sql, values![tenant.0, bucket], |cells| cells.narrow(0))?.unwrap_or(1)
        }
    };
    locked.insert((tenant, bucket), generation);
    Ok(generation)
}
