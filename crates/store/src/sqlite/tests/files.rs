//! What lies in the folder.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use dossier_model::id::Rid;

use super::open;
use crate::parity::fixture::*;
use crate::{Op, Row, STATE_ERASED, Store};

const MARK: &[u8] = b"a mark that is found nowhere else";

/// Files of the database that hold the mark.
fn marked(folder: &Path) -> Vec<String> {
    ["store.db", "store.db-wal"]
        .into_iter()
        .filter(|name| {
            let bytes = std::fs::read(folder.join(name)).unwrap_or_default();
            bytes.windows(MARK.len()).any(|window| window == MARK)
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn what_was_erased_is_no_longer_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 1..=50 {
        let container = MARK.repeat(20);
        commit(&store, set().op(new(Row { container: container.clone(), ..row(number) })));
        let next = Row { version: 2, container, ..row(number) };
        commit(&store, set().op(Op::PutRow { row: next, expect: 1 }));
    }
    drop(store);
    assert_eq!(marked(folder.path()), ["store.db"]);
    let store = open(folder.path());
    for number in 1..=50 {
        let erased = Row { version: 3, state: STATE_ERASED, container: Vec::new(), ..row(number) };
        commit(&store, set().op(Op::EraseRow { row: erased, expect: 2 }));
    }
    drop(store);
    assert!(marked(folder.path()).is_empty(), "still in {:?}", marked(folder.path()));
}

#[test]
fn nobody_else_may_read_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let store = open(&data);
    commit(&store, set().op(new(row(1))));
    store.read().unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for name in ["store.db", "store.db-wal", "store.db-shm", "lock"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
}

#[test]
fn the_file_is_set_up_as_it_should_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    drop(open(folder.path()));
    let writer = crate::sqlite::connect::writer(&path).unwrap();
    let pragma = |conn: &rusqlite::Connection, name: &str| {
        conn.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0)).unwrap()
    };
    use rusqlite::types::Value::{Integer, Text};
    for (name, value) in [
        ("page_size", Integer(8192)),
        ("journal_mode", Text("wal".into())),
        ("synchronous", Integer(2)),
        ("secure_delete", Integer(1)),
        ("foreign_keys", Integer(0)),
        ("trusted_schema", Integer(0)),
        ("temp_store", Integer(2)),
    ] {
        assert_eq!(pragma(&writer, name), value, "{name}");
    }
    let reader = crate::sqlite::connect::reader(&path).unwrap();
    assert_eq!(pragma(&reader, "mmap_size"), Integer(1 << 30));
    assert!(reader.execute("DELETE FROM row", []).is_err());
}

#[test]
fn a_row_may_be_asked_for_while_all_readers_but_one_are_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    commit(&store, set().op(new(row(1))));
    let held: Vec<_> = (0..15).map(|_| store.read().unwrap()).collect();
    let found = store.read().unwrap().row(TENANT, &crate::RowBy::Rid(Rid(1))).unwrap();
    assert_eq!((held.len(), found), (15, Some(row(1))));
}
