//! Tables, and how an older database becomes a newer one: a list of steps, counted in the table `format`. Two processes
//! may do this at once: each statement of a step can be repeated.

use super::conn::{Conn, SqlError, values};
use crate::error::StoreError;

/// One step per version, in order; a step that was released is never edited.
const MIGRATIONS: &[&str] = &[include_str!("schema/001.sql")];

/// Brings the tables to the newest version; refuses a database of a newer program or of another one.
pub(super) fn migrate(conn: &mut Conn) -> Result<(), StoreError> {
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let found = version(conn)?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (number, step) in (1u32..).zip(MIGRATIONS).skip(found as usize) {
        for statement in without_comments(step).split(';').map(str::trim).filter(|sql| !sql.is_empty()) {
            conn.execute(statement, &[])?;
        }
        conn.execute("INSERT IGNORE INTO format (version) VALUES (?)", values![number])?;
    }
    Ok(())
}

/// Comments may hold a semicolon of their own; within statements there is none.
fn without_comments(sql: &str) -> String {
    sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n")
}

/// The version of the tables; 0 in an empty database.
fn version(conn: &mut Conn) -> Result<u32, StoreError> {
    let tables = conn.rows(
        "SELECT CAST(table_name AS BINARY) FROM information_schema.tables WHERE table_schema = DATABASE()",
        &[],
        |cells| cells.text(0),
    )?;
    if !tables.iter().any(|table| table == "format") {
        if !tables.is_empty() {
            return Err(StoreError::Corrupt("the database has tables of another program".into()));
        }
        conn.execute(
            "CREATE TABLE IF NOT EXISTS format (version BIGINT NOT NULL PRIMARY KEY) ENGINE = InnoDB",
            &[],
        )?;
    }
    let newest = conn.one("SELECT COALESCE(MAX(version), 0) FROM format", &[], |cells| cells.narrow(0))?;
    newest.ok_or_else(|| SqlError::Failed("a sum without a row".into()).into())
}
