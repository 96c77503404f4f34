//! Tables, and how an older folder becomes a newer one: a list of steps, counted by `user_version`.

use rusqlite::Connection;

use crate::error::StoreError;

/// `DOSS`: tells our files from other SQLite files.
const APPLICATION_ID: i64 = 0x444F_5353;

/// One step per version, in order; a step that was released is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/001.sql"),
    include_str!("schema/002.sql"),
    include_str!("schema/003.sql"),
    include_str!("schema/004.sql"),
];

/// Brings the tables to the newest version, in one transaction; refuses a file of a newer program or of another one.
pub(super) fn migrate(conn: &mut Connection) -> Result<(), StoreError> {
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let found = version(conn)?;
    check_owner(conn, found)?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    if found == known {
        return Ok(());
    }
    let step = conn.transaction()?;
    for sql in MIGRATIONS.iter().skip(found as usize) {
        step.execute_batch(sql)?;
    }
    step.pragma_update(None, "user_version", known)?;
    step.pragma_update(None, "application_id", APPLICATION_ID)?;
    step.commit()?;
    Ok(())
}

fn version(conn: &Connection) -> Result<u32, StoreError> {
    Ok(conn.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn check_owner(conn: &Connection, found: u32) -> Result<(), StoreError> {
    let owner: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let ours = if found == 0 { tables == 0 } else { owner == APPLICATION_ID };
    if ours {
        return Ok(());
    }
    Err(StoreError::Corrupt("store.db is not a store of this program".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_gets_all_steps_once() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn).unwrap();
        migrate(&mut conn).unwrap();
        assert_eq!(version(&conn).unwrap() as usize, MIGRATIONS.len());
    }

    #[test]
    fn a_newer_file_is_refused_and_left_alone() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn).unwrap();
        conn.pragma_update(None, "user_version", 99).unwrap();
        let refused = migrate(&mut conn).unwrap_err();
        assert_eq!(refused, StoreError::Newer { found: 99, known: MIGRATIONS.len() as u32 });
    }

    #[test]
    fn a_file_of_another_program_is_refused() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE notes (text)").unwrap();
        assert!(matches!(migrate(&mut conn), Err(StoreError::Corrupt(_))));
    }
}
