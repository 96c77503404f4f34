//! Data keys. A key is taken only under the generation that its bucket has now: while a bucket is renewed, no key can
//! slip in under the old one.

use dossier_model::id::{Rid, Tenant};
use rusqlite::{Connection, params};

use super::Applied;
use crate::error::Conflict;
use crate::mechanics::WrappedKey;
use crate::sqlite::query::key::{bucket_generation, one};

pub(super) fn put(conn: &Connection, tenant: Tenant, key: &WrappedKey) -> Applied {
    expect(conn, tenant, key.bucket(), key.bucket_generation)?;
    let added = conn
        .prepare_cached(
            "INSERT INTO data_key (tenant, domain, version, bucket_generation, wrapped) \
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?
        .execute(params![tenant.0, key.domain.0, key.version, key.bucket_generation, key.wrapped])?;
    if added == 1 { Ok(()) } else { refuse(conn, tenant, key) }
}

pub(super) fn delete(conn: &Connection, tenant: Tenant, domain: Rid) -> Applied {
    conn.prepare_cached("DELETE FROM data_key WHERE tenant = ?1 AND domain = ?2")?
        .execute(params![tenant.0, domain.0])?;
    Ok(())
}

pub(super) fn rewrap(conn: &Connection, tenant: Tenant, key: &WrappedKey, expected: u32) -> Applied {
    expect(conn, tenant, key.bucket(), key.bucket_generation)?;
    let changed = conn
        .prepare_cached(
            "UPDATE data_key SET bucket_generation = ?5, wrapped = ?6 \
             WHERE tenant = ?1 AND domain = ?2 AND version = ?3 AND bucket_generation = ?4",
        )?
        .execute(params![
            tenant.0,
            key.domain.0,
            key.version,
            expected,
            key.bucket_generation,
            key.wrapped
        ])?;
    if changed == 1 { Ok(()) } else { refuse(conn, tenant, key) }
}

pub(super) fn expect(conn: &Connection, tenant: Tenant, bucket: u16, generation: u32) -> Applied {
    let current = bucket_generation(conn, tenant, bucket)?;
    if current == generation { Ok(()) } else { Err(Conflict::KeyGeneration { bucket, current }.into()) }
}

pub(super) fn set_bucket(conn: &Connection, tenant: Tenant, bucket: u16, expected: u32, to: u32) -> Applied {
    expect(conn, tenant, bucket, expected)?;
    conn.prepare_cached(
        "INSERT INTO bucket (tenant, bucket, generation) VALUES (?1, ?2, ?3) \
         ON CONFLICT DO UPDATE SET generation = excluded.generation",
    )?
    .execute(params![tenant.0, bucket, to])?;
    Ok(())
}

fn refuse(conn: &Connection, tenant: Tenant, key: &WrappedKey) -> Applied {
    let found = one(conn, tenant, key.domain, key.version)?.map(|stored| stored.bucket_generation);
    Err(Conflict::Key { domain: key.domain, found }.into())
}
