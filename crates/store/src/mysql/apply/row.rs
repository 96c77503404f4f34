//! Putting, sealing again and erasing rows.

use dossier_model::id::{Rid, Tenant};

use super::insert::insert_many;
use super::{Applied, Refusal};
use crate::error::{Conflict, StoreError};
use crate::mysql::conn::{Conn, SqlError, Value, values};
use crate::mysql::query::row::{current, one};
use crate::query::RowBy;
use crate::row::Row;

const INSERT: &str = "INSERT INTO `row` (tenant, rid, record, kind, version, dossier, domain, domain_uid, code, stage, \
     level, team, region, industry, band, owner, created, changed, state, key_version, mask_revision, generation, \
     container)";
const WIDTH: usize = 23;

/// The columns of both tables of rows, for copying.
const ALL: &str = "tenant, rid, record, kind, version, dossier, domain, domain_uid, code, stage, level, team, region, \
     industry, band, owner, created, changed, state, key_version, mask_revision, generation, container";

const UPDATE: &str = "UPDATE `row` SET version = ?, dossier = ?, domain = ?, domain_uid = ?, code = ?, stage = ?, \
     level = ?, team = ?, region = ?, industry = ?, band = ?, owner = ?, created = ?, changed = ?, state = ?, key_version = ?, \
     mask_revision = ?, generation = ?, container = ? \
     WHERE tenant = ? AND rid = ? AND version = ? AND record = ? AND kind = ?";

/// Numbers of records start at 1 and have at most 40 bits, as on the other backend.
pub(super) fn check(row: &Row) -> Result<(), StoreError> {
    if (1..1 << 40).contains(&row.rid.0) {
        return Ok(());
    }
    Err(StoreError::Invalid("a record number below 1 or of more than 40 bits"))
}

pub(super) fn insert_all(conn: &mut Conn, tenant: Tenant, rows: &[Row]) -> Applied {
    let mut all: Vec<Value<'_>> = Vec::with_capacity(rows.len() * WIDTH);
    for row in rows {
        all.extend(values![tenant.0, row.rid.0, &row.record.0, row.kind.0]);
        all.extend(changing(row));
    }
    match insert_many(conn, INSERT, WIDTH, &all) {
        Err(SqlError::Duplicate) => {
            for row in rows {
                if let Some(conflict) = in_the_way(conn, tenant, row)? {
                    return Err(conflict.into());
                }
            }
            let own = rows.iter().enumerate().find_map(|(at, row)| clash(rows.get(..at)?, row));
            // Whoever was in the way has taken it back meanwhile.
            Err(own.map_or(Refusal::Sql(SqlError::Again("a key was taken and given back")), Refusal::from))
        }
        done => Ok(done?),
    }
}

/// What a row meets among the ones before it in the same insert.
fn clash(before: &[Row], row: &Row) -> Option<Conflict> {
    before.iter().find_map(|other| match other {
        _ if other.rid == row.rid => Some(Conflict::Version { rid: row.rid, found: other.version }),
        _ if other.record == row.record => Some(Conflict::Record { rid: other.rid }),
        _ if row.code.is_some() && other.code == row.code => Some(Conflict::Code { rid: other.rid }),
        _ => None,
    })
}

/// A new version; the one before is kept.
pub(super) fn put(conn: &mut Conn, tenant: Tenant, row: &Row, expect: u32) -> Applied {
    let keep = format!(
        "INSERT INTO version ({ALL}) SELECT {ALL} FROM `row` WHERE tenant = ? AND rid = ? AND version = ? FOR UPDATE"
    );
    if conn.execute(keep, values![tenant.0, row.rid.0, expect])? == 0 {
        return Err(Conflict::Version { rid: row.rid, found: current(conn, tenant, row.rid)? }.into());
    }
    update(conn, tenant, row, expect)
}

pub(super) fn erase(conn: &mut Conn, tenant: Tenant, row: &Row, expect: u32) -> Applied {
    self::expect(conn, tenant, row.rid, expect)?;
    conn.execute("DELETE FROM version WHERE tenant = ? AND rid = ?", values![tenant.0, row.rid.0])?;
    update(conn, tenant, row, expect)
}

pub(super) fn expect(conn: &mut Conn, tenant: Tenant, rid: Rid, version: u32) -> Applied {
    let sql = "SELECT version FROM `row` WHERE tenant = ? AND rid = ? FOR UPDATE";
    let found = conn.one(sql, values![tenant.0, rid.0], |cells| cells.narrow(0))?.unwrap_or(0);
    if found == version { Ok(()) } else { Err(Conflict::Version { rid, found }.into()) }
}

/// The version may be the current one or an old one, so both tables are tried.
pub(super) fn reseal(conn: &mut Conn, tenant: Tenant, row: &Row, expect_generation: u32) -> Applied {
    for table in ["`row`", "version"] {
        let sql = format!(
            "UPDATE {table} SET domain = ?, domain_uid = ?, key_version = ?, mask_revision = ?, generation = ?, \
             container = ? WHERE tenant = ? AND rid = ? AND version = ? AND generation = ?"
        );
        let met = conn.execute(
            sql,
            values![
                row.domain.0,
                &row.domain_uid.0,
                row.key_version,
                row.mask_revision,
                row.generation,
                &row.container,
                tenant.0,
                row.rid.0,
                row.version,
                expect_generation,
            ],
        )?;
        if met == 1 {
            return Ok(());
        }
    }
    Err(Conflict::Version { rid: row.rid, found: current(conn, tenant, row.rid)? }.into())
}

fn update(conn: &mut Conn, tenant: Tenant, row: &Row, expect: u32) -> Applied {
    let mut all = changing(row);
    all.extend(values![tenant.0, row.rid.0, expect, &row.record.0, row.kind.0]);
    let met = conn.execute(UPDATE, &all);
    match met {
        Ok(1) => Ok(()),
        // The version was locked before.
        Ok(_) => Err(StoreError::Invalid("the record or kind of a stored row does not change").into()),
        Err(SqlError::Duplicate) => match in_the_way(conn, tenant, row)? {
            Some(conflict) => Err(conflict.into()),
            None => Err(SqlError::Again("a key was taken and given back").into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// What may change in a row, in the order of both statements; tenant, number, id and kind never do.
fn changing(row: &Row) -> Vec<Value<'_>> {
    values![
        row.version,
        row.dossier.0,
        row.domain.0,
        &row.domain_uid.0,
        row.code.as_ref(),
        row.stage,
        row.level,
        row.team,
        row.region,
        row.industry,
        row.band,
        row.owner,
        row.created.0,
        row.changed.0,
        row.state,
        row.key_version,
        row.mask_revision,
        row.generation,
        &row.container,
    ]
    .to_vec()
}

/// The record whose number, id or code stands in the way of a row.
fn in_the_way(conn: &mut Conn, tenant: Tenant, row: &Row) -> Result<Option<Conflict>, SqlError> {
    let others = |found: Option<Row>| found.filter(|other| other.rid != row.rid).map(|other| other.rid);
    if let Some(rid) = others(one(conn, tenant, &RowBy::Uid(row.record))?) {
        return Ok(Some(Conflict::Record { rid }));
    }
    if let Some(code) = &row.code
        && let Some(rid) = others(one(conn, tenant, &RowBy::Code(code.clone()))?)
    {
        return Ok(Some(Conflict::Code { rid }));
    }
    let found = current(conn, tenant, row.rid)?;
    Ok((found > 0).then_some(Conflict::Version { rid: row.rid, found }))
}
