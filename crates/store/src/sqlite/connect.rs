//! Connections, and what their errors mean.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::StoreError;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        match &error {
            E::SqliteFailure(cause, _) => match cause.code {
                ErrorCode::DiskFull => StoreError::DiskFull,
                ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::CannotOpen
                | ErrorCode::OutOfMemory => StoreError::Io(error.to_string()),
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
                _ => StoreError::Failed(error.to_string()),
            },
            // A column that does not hold what the schema says: names and types are told, never the value.
            E::FromSqlConversionFailure(column, ..) | E::IntegralValueOutOfRange(column, _) => {
                StoreError::Corrupt(format!("column {column} of a row cannot be read"))
            }
            E::InvalidColumnType(_, name, _) => {
                StoreError::Corrupt(format!("column {name} of a row has another type"))
            }
            _ => StoreError::Failed(error.to_string()),
        }
    }
}

/// The writer's connection: the one that creates the file and changes it.
pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | flags())?;
    // The page size only takes effect on a file without pages.
    conn.execute_batch(
        "PRAGMA page_size = 8192;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA cache_size = -65536;
         PRAGMA cache_spill = OFF;
         PRAGMA mmap_size = 1073741824;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA journal_size_limit = 268435456;",
    )?;
    common(&conn)?;
    Ok(conn)
}

/// A reader's connection: it cannot change anything.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | flags())?;
    conn.execute_batch(
        "PRAGMA query_only = ON;
         PRAGMA cache_size = -8192;
         PRAGMA mmap_size = 1073741824;",
    )?;
    common(&conn)?;
    Ok(conn)
}

fn common(conn: &Connection) -> Result<(), StoreError> {
    // A plan depends on its statement alone: without this, each new value bound to a statement compiles it again.
    conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.execute_batch(
        "PRAGMA foreign_keys = OFF;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;",
    )?;
    conn.set_prepared_statement_cache_capacity(256);
    Ok(())
}

/// One thread at a time uses a connection, and none shares its cache.
fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE
}
