//! A database with our tables, and rows that are put into it by plain SQL.

use super::{TestDatabase, database};
use crate::mechanics::{TokenRow, UniqueRow, WrappedKey};
use crate::mysql::conn::{Conn, Value, values};
use crate::mysql::query::row::COLUMNS;
use crate::mysql::schema;
pub(in crate::mysql) use crate::parity::fixture::{KIND, TENANT, key, row, uid};
use crate::row::Row;

/// Runs a check on a database with our tables; without a server there is nothing to check.
pub(in crate::mysql) fn with_tables(check: impl FnOnce(&TestDatabase, &mut Conn)) {
    let Some(database) = database() else { return };
    let mut conn = database.conn();
    schema::migrate(&mut conn).unwrap();
    check(&database, &mut conn);
}

/// One row: the column names, and a value for each.
pub(in crate::mysql) fn insert(conn: &mut Conn, table: &str, columns: &str, values: &[Value<'_>]) {
    let marks = vec!["?"; values.len()].join(", ");
    conn.execute(format!("INSERT INTO `{table}` ({columns}) VALUES ({marks})"), values).unwrap();
}

/// A current or an older version of a record.
pub(in crate::mysql) fn insert_row(conn: &mut Conn, table: &str, row: &Row) {
    let values = values![
        TENANT.0,
        row.rid.0,
        &row.record.0,
        row.kind.0,
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
    ];
    insert(conn, table, &format!("tenant, {COLUMNS}"), values);
}

/// Current rows, in one transaction.
pub(in crate::mysql) fn insert_rows(conn: &mut Conn, rows: &[Row]) {
    conn.run("BEGIN").unwrap();
    for row in rows {
        insert_row(conn, "row", row);
    }
    conn.run("COMMIT").unwrap();
}

pub(in crate::mysql) fn insert_key(conn: &mut Conn, key: &WrappedKey) {
    let values = values![TENANT.0, key.domain.0, key.version, key.bucket_generation, &key.wrapped];
    insert(conn, "data_key", "tenant, domain, version, bucket_generation, wrapped", values);
}

pub(in crate::mysql) fn insert_token(conn: &mut Conn, row: &TokenRow) {
    let values = values![TENANT.0, row.field, row.version, row.token, row.rid.0];
    insert(conn, "token", "tenant, field, kv, token, rid", values);
}

pub(in crate::mysql) fn insert_unique(conn: &mut Conn, row: &UniqueRow) {
    let values = values![TENANT.0, row.field, row.version, &row.token, row.slot, row.rid.0];
    insert(conn, "uniq", "tenant, field, kv, token, slot, rid", values);
}

/// Everything, page after page; `next` asks for what comes after the last.
pub(in crate::mysql) fn paged<T: Clone>(mut next: impl FnMut(Option<&T>) -> Vec<T>) -> Vec<T> {
    let mut all: Vec<T> = Vec::new();
    loop {
        let page = next(all.last());
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}
