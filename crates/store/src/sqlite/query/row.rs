//! Rows by id, and their versions.

use dossier_model::id::{Rid, Tenant, Uid};
use dossier_model::kind::KindId;
use dossier_model::time::Micros;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

use super::log::at_most;
use crate::error::StoreError;
use crate::query::RowBy;
use crate::row::Row;
use crate::sqlite::place::{bounds, number_of, row_place};

/// Columns of `row` and `version`, in the order that [`decode`] reads and the writer binds.
pub(in crate::sqlite) const COLUMNS: &str = "id, record, kind, version, dossier, domain, domain_uid, code, stage, \
     level, team, region, industry, band, owner, created, changed, state, key_version, mask_revision, generation, container";
/// How many they are.
pub(in crate::sqlite) const COLUMN_COUNT: usize = 22;

/// A row from the first [`COLUMN_COUNT`] columns.
pub(in crate::sqlite) fn decode(tenant: Tenant, row: &SqlRow<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        rid: Rid(number_of(tenant, row.get(0)?)),
        record: Uid(row.get(1)?),
        kind: KindId(row.get(2)?),
        version: row.get(3)?,
        dossier: Rid(row.get(4)?),
        domain: Rid(row.get(5)?),
        domain_uid: Uid(row.get(6)?),
        code: row.get(7)?,
        stage: row.get(8)?,
        level: row.get(9)?,
        team: row.get(10)?,
        region: row.get(11)?,
        industry: row.get(12)?,
        band: row.get(13)?,
        owner: row.get(14)?,
        created: Micros(row.get(15)?),
        changed: Micros(row.get(16)?),
        state: row.get(17)?,
        key_version: row.get(18)?,
        mask_revision: row.get(19)?,
        generation: row.get(20)?,
        container: row.get(21)?,
    })
}

pub(in crate::sqlite) fn one(
    conn: &Connection,
    tenant: Tenant,
    by: &RowBy,
) -> Result<Option<Row>, StoreError> {
    let found = match by {
        RowBy::Rid(rid) => conn
            .prepare_cached(&format!("SELECT {COLUMNS} FROM row WHERE id = ?1"))?
            .query_row([row_place(tenant, *rid)?], |row| decode(tenant, row)),
        RowBy::Uid(uid) => conn
            .prepare_cached(&format!("SELECT {COLUMNS} FROM row WHERE tenant = ?1 AND record = ?2"))?
            .query_row(params![tenant.0, uid.0], |row| decode(tenant, row)),
        RowBy::Code(code) => conn
            .prepare_cached(&format!("SELECT {COLUMNS} FROM row WHERE tenant = ?1 AND code = ?2"))?
            .query_row(params![tenant.0, code], |row| decode(tenant, row)),
    };
    Ok(found.optional()?)
}

pub(in crate::sqlite) fn version(
    conn: &Connection,
    tenant: Tenant,
    rid: Rid,
    version: u32,
) -> Result<Option<Row>, StoreError> {
    for table in ["row", "version"] {
        let found = conn
            .prepare_cached(&format!("SELECT {COLUMNS} FROM {table} WHERE id = ?1 AND version = ?2"))?
            .query_row(params![row_place(tenant, rid)?, version], |row| decode(tenant, row))
            .optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

pub(in crate::sqlite) fn versions(
    conn: &Connection,
    tenant: Tenant,
    rid: Rid,
    before: Option<u32>,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let place = row_place(tenant, rid)?;
    let below = before.map_or(i64::MAX, i64::from);
    let mut found = Vec::new();
    for table in ["row", "version"] {
        let rest = limit.saturating_sub(found.len());
        let mut query = conn.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM {table} WHERE id = ?1 AND version < ?2 ORDER BY version DESC LIMIT ?3"
        ))?;
        for row in query.query_map(params![place, below, at_most(rest)], |row| decode(tenant, row))? {
            found.push(row?);
        }
    }
    Ok(found)
}

/// In the order of the table itself: an index that begins with the tenant would be walked whole for each page.
fn scan_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM row NOT INDEXED WHERE id > ?1 AND id <= ?2 AND tenant = ?3 ORDER BY id LIMIT ?4"
    )
}

pub(in crate::sqlite) fn scan(
    conn: &Connection,
    tenant: Tenant,
    after: Option<Rid>,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let (first, last) = bounds(tenant);
    let after = after.map_or(Ok(first), |rid| row_place(tenant, rid))?;
    let mut query = conn.prepare_cached(&scan_sql())?;
    let rows = query.query_map(params![after, last, tenant.0, at_most(limit)], |row| decode(tenant, row))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(in crate::sqlite) fn scan_versions(
    conn: &Connection,
    tenant: Tenant,
    after: Option<(Rid, u32)>,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let (first, last) = bounds(tenant);
    let (place, version) = match after {
        Some((rid, version)) => (row_place(tenant, rid)?, version),
        None => (first, 0),
    };
    let mut query = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM version WHERE (id, version) > (?1, ?2) AND id <= ?3 AND tenant = ?4 \
         ORDER BY id, version LIMIT ?5"
    ))?;
    let rows = query
        .query_map(params![place, version, last, tenant.0, at_most(limit)], |row| decode(tenant, row))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    #[test]
    fn a_scan_goes_on_where_it_was_and_sorts_nothing() {
        let mut conn = Connection::open_in_memory().unwrap();
        schema::migrate(&mut conn).unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {}", scan_sql());
        let mut statement = conn.prepare(&sql).unwrap();
        let steps = statement.query_map(params![1, 2, 1, 10], |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<String> = steps.map(Result::unwrap).collect();
        assert_eq!(plan, ["SEARCH row USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"]);
    }
}
