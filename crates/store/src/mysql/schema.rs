//! Tables, and how an older database becomes a newer one: a list of steps, counted in the table `format`. Two processes
//! may do this at once: each statement of a step can be repeated.

use super::conn::{Conn, SqlError, values};
use crate::error::StoreError;

/// One step per version, in order; a step that was released is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/001.sql"),
    include_str!("schema/002.sql"),
    include_str!("schema/003.sql"),
    include_str!("schema/004.sql"),
];

/// The marks of a database into which an installation is moved (`crate::migrate`). They stand among the versions: an
/// older program refuses the database as too new.
const FIRST_MARK: i64 = 1_000_000_001;

/// How far a migration into this database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nothing was put in yet.
    Taken,
    /// What is in it was put there by a migration.
    Filling,
}

impl Mark {
    fn number(self) -> i64 {
        match self {
            Mark::Taken => FIRST_MARK,
            Mark::Filling => FIRST_MARK + 1,
        }
    }
}

/// The mark of the database, where it has one.
pub(super) fn mark(conn: &mut Conn) -> Result<Option<Mark>, SqlError> {
    let newest = conn.one("SELECT COALESCE(MAX(version), 0) FROM format", &[], |cells| cells.int(0))?;
    Ok([Mark::Filling, Mark::Taken].into_iter().find(|mark| newest == Some(mark.number())))
}

/// Marks the database, or takes all marks away.
pub(super) fn set_mark(conn: &mut Conn, mark: Option<Mark>) -> Result<(), SqlError> {
    match mark {
        Some(mark) => conn.execute("INSERT IGNORE INTO format (version) VALUES (?)", values![mark.number()]),
        None => conn.execute("DELETE FROM format WHERE version >= ?", values![FIRST_MARK]),
    }
    .map(drop)
}

/// Refuses a database that a migration has not filled to its end.
pub(super) fn check_finished(conn: &mut Conn) -> Result<(), StoreError> {
    match mark(conn)? {
        Some(_) => Err(StoreError::Unfinished),
        None => Ok(()),
    }
}

/// Whether there are tables of this program; refuses those of another one.
pub(super) fn is_made(conn: &mut Conn) -> Result<bool, StoreError> {
    let tables = tables(conn)?;
    if tables.iter().any(|table| table == "format") {
        return Ok(true);
    }
    if !tables.is_empty() {
        return Err(StoreError::Corrupt("the database has tables of another program".into()));
    }
    Ok(false)
}

/// Brings the tables to the newest version; refuses a database of a newer program or of another one, and one that a
/// migration has not filled to its end.
pub(super) fn migrate(conn: &mut Conn) -> Result<(), StoreError> {
    if is_made(conn)? {
        check_finished(conn)?;
    }
    make(conn)
}

/// As [`migrate`], whatever the mark.
pub(super) fn make(conn: &mut Conn) -> Result<(), StoreError> {
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let found = version(conn)?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (number, step) in (1u32..).zip(MIGRATIONS).skip(found as usize) {
        for statement in without_comments(step).split(';').map(str::trim).filter(|sql| !sql.is_empty()) {
            match conn.execute(statement, &[]) {
                // Another process, or this one before it was stopped, has added the columns and dropped the keys already.
                // A statement is carried out as a whole; which of the two it names first differs.
                Err(SqlError::Duplicate | SqlError::Absent) => {}
                done => drop(done?),
            }
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
    if !is_made(conn)? {
        conn.execute(
            "CREATE TABLE IF NOT EXISTS format (version BIGINT NOT NULL PRIMARY KEY) ENGINE = InnoDB",
            &[],
        )?;
    }
    let sql = "SELECT COALESCE(MAX(version), 0) FROM format WHERE version < ?";
    let newest = conn.one(sql, values![FIRST_MARK], |cells| cells.narrow(0))?;
    newest.ok_or_else(|| SqlError::Failed("a sum without a row".into()).into())
}

fn tables(conn: &mut Conn) -> Result<Vec<String>, SqlError> {
    conn.rows(
        "SELECT CAST(table_name AS BINARY) FROM information_schema.tables WHERE table_schema = DATABASE()",
        &[],
        |cells| cells.text(0),
    )
}
