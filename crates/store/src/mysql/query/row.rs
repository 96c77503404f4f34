//! Rows by id, and their versions.

use dossier_model::id::{Rid, Tenant, Uid};
use dossier_model::kind::KindId;
use dossier_model::time::Micros;

use super::keyset::Keyset;
use super::log::at_most;
use crate::mysql::conn::{Cells, Conn, SqlError, Value, values};
use crate::query::RowBy;
use crate::row::Row;

/// Columns of `row` and `version`, in the order that [`decode`] reads and the writer binds.
pub(in crate::mysql) const COLUMNS: &str = "rid, record, kind, version, dossier, domain, domain_uid, code, stage, \
     level, team, region, industry, band, owner, created, changed, state, key_version, mask_revision, generation, container";
/// How many they are.
pub(in crate::mysql) const COLUMN_COUNT: usize = 22;

/// A row from the first [`COLUMN_COUNT`] columns.
pub(in crate::mysql) fn decode(cells: &Cells<'_>) -> Result<Row, SqlError> {
    Ok(Row {
        rid: Rid(cells.int(0)?),
        record: Uid(cells.fixed(1)?),
        kind: KindId(cells.narrow(2)?),
        version: cells.narrow(3)?,
        dossier: Rid(cells.int(4)?),
        domain: Rid(cells.int(5)?),
        domain_uid: Uid(cells.fixed(6)?),
        code: if cells.is_null(7)? { None } else { Some(cells.text(7)?) },
        stage: cells.narrow(8)?,
        level: cells.narrow(9)?,
        team: cells.narrow(10)?,
        region: cells.narrow(11)?,
        industry: cells.narrow(12)?,
        band: cells.narrow(13)?,
        owner: cells.narrow(14)?,
        created: Micros(cells.int(15)?),
        changed: Micros(cells.int(16)?),
        state: cells.narrow(17)?,
        key_version: cells.narrow(18)?,
        mask_revision: cells.narrow(19)?,
        generation: cells.narrow(20)?,
        container: cells.bytes(21)?,
    })
}

/// The current version of one record.
pub(in crate::mysql) fn one(conn: &mut Conn, tenant: Tenant, by: &RowBy) -> Result<Option<Row>, SqlError> {
    let (column, key) = match by {
        RowBy::Rid(rid) => ("rid", Value::from(rid.0)),
        RowBy::Uid(uid) => ("record", Value::from(&uid.0)),
        RowBy::Code(code) => ("code", Value::from(code.as_bytes())),
    };
    let sql = format!("SELECT {COLUMNS} FROM `row` WHERE tenant = ? AND {column} = ?");
    conn.one(sql, values![tenant.0, key], decode)
}

/// The number of the current version of one record; 0 when there is no record.
pub(in crate::mysql) fn current(conn: &mut Conn, tenant: Tenant, rid: Rid) -> Result<u32, SqlError> {
    let sql = "SELECT version FROM `row` WHERE tenant = ? AND rid = ?";
    let found = conn.one(sql, values![tenant.0, rid.0], |cells| cells.narrow(0))?;
    Ok(found.unwrap_or(0))
}

/// One version of one record, old or current.
pub(in crate::mysql) fn version(
    conn: &mut Conn,
    tenant: Tenant,
    rid: Rid,
    version: u32,
) -> Result<Option<Row>, SqlError> {
    for table in TABLES {
        let sql = format!("SELECT {COLUMNS} FROM {table} WHERE tenant = ? AND rid = ? AND version = ?");
        let found = conn.one(sql, values![tenant.0, rid.0, version], decode)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The table of current versions, and that of older ones.
const TABLES: [&str; 2] = ["`row`", "version"];

pub(in crate::mysql) fn versions(
    conn: &mut Conn,
    tenant: Tenant,
    rid: Rid,
    before: Option<u32>,
    limit: usize,
) -> Result<Vec<Row>, SqlError> {
    let below = before.map_or(i64::MAX, i64::from);
    let mut found = Vec::new();
    for table in TABLES {
        let rest = limit.saturating_sub(found.len());
        let sql = format!(
            "SELECT {COLUMNS} FROM {table} WHERE tenant = ? AND rid = ? AND version < ? \
             ORDER BY version DESC LIMIT ?"
        );
        found.extend(conn.rows(sql, values![tenant.0, rid.0, below, at_most(rest)], decode)?);
    }
    Ok(found)
}

pub(in crate::mysql) fn scan(
    conn: &mut Conn,
    tenant: Tenant,
    after: Option<Rid>,
    limit: usize,
) -> Result<Vec<Row>, SqlError> {
    let after = after.map_or(i64::MIN, |rid| rid.0);
    let sql = format!(
        "SELECT {COLUMNS} FROM `row` FORCE INDEX (PRIMARY) WHERE tenant = ? AND rid > ? ORDER BY rid LIMIT ?"
    );
    conn.rows(sql, values![tenant.0, after, at_most(limit)], decode)
}

pub(in crate::mysql) fn scan_versions(
    conn: &mut Conn,
    tenant: Tenant,
    after: Option<(Rid, u32)>,
    limit: usize,
) -> Result<Vec<Row>, SqlError> {
    let select = format!("SELECT {COLUMNS} FROM version");
    let after = after.map(|(rid, version)| [Value::from(rid.0), Value::from(version)]);
    let keyset = Keyset { select: &select, keys: ["rid", "version"] };
    keyset.page(conn, tenant, after, limit, decode)
}
