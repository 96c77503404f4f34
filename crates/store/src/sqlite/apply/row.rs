//! Putting, sealing again and erasing rows.

use dossier_model::id::{Rid, Tenant};
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use super::Applied;
use crate::error::{CommitError, Conflict, StoreError};
use crate::query::RowBy;
use crate::row::Row;
use crate::sqlite::place::row_place;
use crate::sqlite::query::row::{COLUMNS, one};

const INSERT: &str = "INSERT INTO row (id, tenant, record, kind, version, dossier, domain, domain_uid, code, stage, \
     level, team, region, industry, band, owner, created, changed, state, key_version, mask_revision, generation, \
     container) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)";

/// What may change in a row; id, record and kind never do.
const SET: &str = "version = ?5, dossier = ?6, domain = ?7, domain_uid = ?8, code = ?9, stage = ?10, level = ?11, \
     team = ?12, region = ?13, industry = ?14, band = ?15, owner = ?16, created = ?17, changed = ?18, state = ?19, \
     key_version = ?20, mask_revision = ?21, generation = ?22, container = ?23 \
     WHERE id = ?1 AND tenant = ?2 AND record = ?3 AND kind = ?4";

/// The same without the columns that stand in indexes: SQLite rewrites the entries of every index that has a column
/// named here, changed or not, and most new versions change none of them. The condition makes sure of it.
const SET_UNINDEXED: &str = "version = ?5, domain = ?7, domain_uid = ?8, changed = ?18, key_version = ?20, \
     mask_revision = ?21, generation = ?22, container = ?23 \
     WHERE id = ?1 AND tenant = ?2 AND record = ?3 AND kind = ?4 AND dossier = ?6 AND code IS ?9 AND stage = ?10 \
     AND level = ?11 AND team = ?12 AND region = ?13 AND industry = ?14 AND band = ?15 AND owner = ?16 AND created = ?17 \
     AND state = ?19";

pub(super) fn put(conn: &Connection, tenant: Tenant, row: &Row, expect: u32) -> Applied {
    if expect == 0 {
        return insert(conn, tenant, row);
    }
    check_current(conn, tenant, row.rid, expect)?;
    let keep =
        format!("INSERT INTO version (tenant, {COLUMNS}) SELECT tenant, {COLUMNS} FROM row WHERE id = ?1");
    conn.prepare_cached(&keep)?.execute([row_place(tenant, row.rid)?])?;
    update(conn, tenant, row)
}

pub(super) fn erase(conn: &Connection, tenant: Tenant, row: &Row, expect: u32) -> Applied {
    check_current(conn, tenant, row.rid, expect)?;
    conn.prepare_cached("DELETE FROM version WHERE id = ?1")?.execute([row_place(tenant, row.rid)?])?;
    update(conn, tenant, row)
}

pub(super) fn expect(conn: &Connection, tenant: Tenant, rid: Rid, version: u32) -> Applied {
    check_current(conn, tenant, rid, version)
}

/// The version may be the current one or an old one, so both tables are tried.
pub(super) fn reseal(conn: &Connection, tenant: Tenant, row: &Row, expect_generation: u32) -> Applied {
    let place = row_place(tenant, row.rid)?;
    for table in ["row", "version"] {
        let sql = format!(
            "UPDATE {table} SET domain = ?4, domain_uid = ?5, key_version = ?6, mask_revision = ?7, generation = ?8, \
             container = ?9 WHERE id = ?1 AND version = ?2 AND generation = ?3"
        );
        let changed = conn.prepare_cached(&sql)?.execute(params![
            place,
            row.version,
            expect_generation,
            row.domain.0,
            row.domain_uid.0,
            row.key_version,
            row.mask_revision,
            row.generation,
            row.container,
        ])?;
        if changed == 1 {
            return Ok(());
        }
    }
    Err(Conflict::Version { rid: row.rid, found: current(conn, place)? }.into())
}

fn check_current(conn: &Connection, tenant: Tenant, rid: Rid, expect: u32) -> Applied {
    let found = current(conn, row_place(tenant, rid)?)?;
    if found == expect { Ok(()) } else { Err(Conflict::Version { rid, found }.into()) }
}

fn current(conn: &Connection, place: i64) -> Result<u32, StoreError> {
    let mut query = conn.prepare_cached("SELECT version FROM row WHERE id = ?1")?;
    Ok(query.query_row([place], |row| row.get(0)).optional()?.unwrap_or(0))
}

fn insert(conn: &Connection, tenant: Tenant, row: &Row) -> Applied {
    match write(conn, tenant, row, INSERT) {
        Err(error) if is_constraint(&error) => Err(what_stands_in_the_way(conn, tenant, row)?),
        written => written.map(drop).map_err(CommitError::Failed),
    }
}

fn update(conn: &Connection, tenant: Tenant, row: &Row) -> Applied {
    if write(conn, tenant, row, &format!("UPDATE row SET {SET_UNINDEXED}"))? == 1 {
        return Ok(());
    }
    match write(conn, tenant, row, &format!("UPDATE row SET {SET}")) {
        Ok(1) => Ok(()),
        Ok(_) => Err(StoreError::Invalid("the record or kind of a stored row does not change").into()),
        Err(error) if is_constraint(&error) => Err(what_stands_in_the_way(conn, tenant, row)?),
        Err(error) => Err(error.into()),
    }
}

fn write(conn: &Connection, tenant: Tenant, row: &Row, sql: &str) -> Result<usize, StoreError> {
    let place = row_place(tenant, row.rid)?;
    let written = conn.prepare_cached(sql)?.execute(params![
        place,
        tenant.0,
        row.record.0,
        row.kind.0,
        row.version,
        row.dossier.0,
        row.domain.0,
        row.domain_uid.0,
        row.code,
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
        row.container,
    ]);
    match written {
        Err(rusqlite::Error::SqliteFailure(cause, _)) if cause.code == ErrorCode::ConstraintViolation => {
            Err(StoreError::Invalid(CONSTRAINT))
        }
        written => Ok(written?),
    }
}

/// Marks a broken constraint between [`write`] and its callers, who find out which.
const CONSTRAINT: &str = "a row that breaks a constraint";

fn is_constraint(error: &StoreError) -> bool {
    *error == StoreError::Invalid(CONSTRAINT)
}

fn what_stands_in_the_way(conn: &Connection, tenant: Tenant, row: &Row) -> Result<CommitError, CommitError> {
    let place = row_place(tenant, row.rid)?;
    let found = current(conn, place)?;
    if let Some(other) = one(conn, tenant, &RowBy::Uid(row.record))?.filter(|other| other.rid != row.rid) {
        return Ok(Conflict::Record { rid: other.rid }.into());
    }
    if let Some(code) = &row.code {
        let holder = one(conn, tenant, &RowBy::Code(code.clone()))?;
        if let Some(other) = holder.filter(|other| other.rid != row.rid) {
            return Ok(Conflict::Code { rid: other.rid }.into());
        }
    }
    Ok(Conflict::Version { rid: row.rid, found }.into())
}
