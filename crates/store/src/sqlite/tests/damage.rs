//! What somebody does to the file behind our back.

use dossier_model::id::Rid;
use rusqlite::Connection;

use super::{open, options};
use crate::parity::fixture::*;
use crate::sqlite::SqliteStore;
use crate::{RowBy, Store, StoreError};

#[test]
fn a_change_log_with_another_root_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 0..300u32 {
        commit(&store, set().entry(number.to_be_bytes().to_vec()));
    }
    drop(store);
    let edit = |sql: &str| {
        Connection::open(folder.path().join("store.db")).unwrap().execute(sql, []).unwrap();
        SqliteStore::open(&options(folder.path())).err()
    };
    let damaged = edit("UPDATE change_log SET leaf = x'00' WHERE id = 290");
    assert!(matches!(damaged, Some(StoreError::Corrupt(_))), "{damaged:?}");
    let missing = edit("DELETE FROM change_log WHERE id = 299");
    assert!(matches!(missing, Some(StoreError::Corrupt(_))), "{missing:?}");
}

#[test]
fn a_row_that_cannot_be_read_is_told_and_the_others_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    commit(&store, set().op(new(row(1))).op(new(row(2))));
    let other = Connection::open(folder.path().join("store.db")).unwrap();
    other.execute("UPDATE row SET version = -1 WHERE id = 1", []).unwrap();
    let read = store.read().unwrap();
    let refused = read.row(TENANT, &RowBy::Rid(Rid(1)));
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
    assert_eq!(read.row(TENANT, &RowBy::Rid(Rid(2))).unwrap(), Some(row(2)));
    store.ready().unwrap();
}

#[test]
fn a_torn_file_stops_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 1..200 {
        commit(&store, set().op(new(row(number))));
    }
    drop(store);
    let path = folder.path().join("store.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0xFF);
    std::fs::write(&path, bytes).unwrap();
    match SqliteStore::open(&options(folder.path())) {
        Err(error) => assert!(matches!(error, StoreError::Io(_)), "{error:?}"),
        Ok(store) => {
            let scan = store.read().unwrap().scan_rows(TENANT, None, 999);
            assert!(matches!(scan, Err(StoreError::Io(_))), "{scan:?}");
            assert_eq!(store.ready().err(), Some(StoreError::Poisoned));
        }
    }
}
