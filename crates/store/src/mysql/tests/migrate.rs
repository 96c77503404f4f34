//! Moving an installation into this database and out of it (`crate::migrate`).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use tempfile::tempdir;

use super::{TestDatabase, database};
use crate::migrate::tests::*;
use crate::migrate::{MigrateError, Side, migrate};
use crate::mysql::schema;
use crate::parity::fixture::{TENANT, commit, set};
use crate::{AccessEntry, MysqlStore, Store, StoreError};

fn mysql(database: &TestDatabase, folder: &Path) -> MysqlStore {
    MysqlStore::open(&database.options(folder)).unwrap()
}

fn at(database: &TestDatabase, folder: &Path) -> Side {
    Side::Mysql(database.options(folder))
}

/// Puts every other token back into a run, where new ones lie until they are moved.
fn freshen(folder: &Path) {
    let conn = rusqlite::Connection::open(folder.join("store.db")).unwrap();
    conn.execute_batch(
        "INSERT INTO fresh_run (run) VALUES (97), (99);
         INSERT INTO token_fresh SELECT 97 + rid % 4, token, tenant, field, kv, rid FROM token WHERE rid % 2 = 0;
         DELETE FROM token WHERE rid % 2 = 0;
         INSERT INTO uniq_fresh SELECT 99, token, tenant, field, kv, slot, rid FROM uniq WHERE slot % 2 = 0;
         DELETE FROM uniq WHERE slot % 2 = 0;",
    )
    .unwrap();
}

#[test]
fn an_installation_goes_into_the_database_and_back_with_everything() {
    let Some(database) = database() else { return };
    let (folder, back) = (tempdir().unwrap(), tempdir().unwrap());
    let store = sqlite(folder.path());
    fill(&store);
    let before = answers(&store, TENANT);
    drop(store);
    freshen(folder.path());
    moved(&side(folder.path()), &at(&database, folder.path()));

    let store = mysql(&database, folder.path());
    assert_eq!((store.node(), store.nodes(TENANT).unwrap()), (1, vec![1]));
    assert_same(&before, &answers(&store, TENANT));
    drop(store);
    moved(&at(&database, back.path()), &side(back.path()));
    let store = sqlite(back.path());
    assert_same(&before, &answers(&store, TENANT));
    goes_on(&store);

    let store = mysql(&database, folder.path());
    goes_on(&store);
}

#[test]
fn the_logs_of_all_nodes_are_kept_and_a_new_process_goes_on_with_a_free_one() {
    let (Some(database), Some(other)) = (database(), database()) else { return };
    let folders = [(); 3].map(|()| tempdir().unwrap());
    let [one, two, file] = &folders;
    let stores = [one, two].map(|folder| mysql(&database, folder.path()));
    for store in &stores {
        commit(store, set().entry(vec![1]));
        looks(store, 600);
    }
    looks(&stores[1], 20);
    drop(stores);
    moved(&at(&database, file.path()), &side(file.path()));

    let store = sqlite(file.path());
    assert_eq!((store.node(), store.nodes(TENANT).unwrap()), (1, vec![1, 2]));
    let before = answers(&store, TENANT);
    assert_eq!(before.logs.iter().map(|log| log.head.size).collect::<Vec<_>>(), [600, 620]);
    let log = store.access_log(TENANT, 2).unwrap();
    log.save_checkpoint(&checkpoint(620)).unwrap();
    assert!(log.save_checkpoint(&checkpoint(621)).is_err() && log.save_checkpoint(&checkpoint(7)).is_err());
    drop(log);
    assert!(matches!(store.access_log(TENANT, 3), Err(StoreError::Invalid(_))));
    looks(&store, 10);
    let before = answers(&store, TENANT);
    drop(store);

    moved(&side(file.path()), &at(&other, file.path()));
    let stores = [one, two, file].map(|folder| mysql(&other, folder.path()));
    assert_same(&before, &answers(&stores[0], TENANT));
    let mut numbers: Vec<u32> = stores.iter().map(Store::node).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3]);
    for (store, next) in stores.iter().map(|store| (store, [610, 620, 0][store.node() as usize - 1])) {
        let entry = AccessEntry { leaf: vec![5], side: Vec::new() };
        assert_eq!(store.access_append(TENANT, vec![entry]).wait().unwrap(), next);
        store.access_log(TENANT, store.node()).unwrap().verify().unwrap();
    }
    assert_eq!(stores[0].nodes(TENANT).unwrap(), [1, 2, 3]);
}

#[test]
fn a_server_that_works_on_the_database_is_named() {
    let (Some(database), Some(other)) = (database(), database()) else { return };
    let (folder, another, file) = (tempdir().unwrap(), tempdir().unwrap(), tempdir().unwrap());
    let store = mysql(&database, another.path());
    commit(&store, set().entry(vec![1]));
    let alive = migrate(&at(&database, folder.path()), &side(folder.path()), &mut |_| {}).unwrap_err();
    assert_eq!(alive, MigrateError::NodeAlive { node: 1, source_side: true });
    commit(&sqlite(file.path()), set().entry(vec![1]));
    let alive = migrate(&side(file.path()), &at(&database, file.path()), &mut |_| {}).unwrap_err();
    assert_eq!(alive, MigrateError::NodeAlive { node: 1, source_side: false });
    drop(store);
    let full = migrate(&side(file.path()), &at(&database, file.path()), &mut |_| {}).unwrap_err();
    assert_eq!(full, MigrateError::TargetNotEmpty);
    // One that starts while it is copied.
    let mut started = false;
    let meanwhile = migrate(&at(&database, folder.path()), &at(&other, folder.path()), &mut |_| {
        if !std::mem::replace(&mut started, true) {
            drop(mysql(&database, another.path()));
        }
    });
    assert_eq!(meanwhile.unwrap_err(), MigrateError::SourceMoved { node: 1 });
    // And one that wants to start on the target, or to fill it as well.
    migrate(&at(&database, folder.path()), &at(&other, folder.path()), &mut |_| {
        let refused = MysqlStore::open(&other.options(another.path())).unwrap_err();
        assert_eq!(refused, StoreError::Unfinished);
        let refused = migrate(&side(file.path()), &at(&other, file.path()), &mut |_| {}).unwrap_err();
        assert_eq!(refused, MigrateError::NodeAlive { node: 1, source_side: false });
    })
    .unwrap();
    assert_eq!(mysql(&other, folder.path()).read().unwrap().change_head(TENANT).unwrap().size, 1);
}

#[test]
fn a_database_that_was_not_filled_to_its_end_is_not_opened_and_is_filled_anew() {
    let Some(database) = database() else { return };
    let folder = tempdir().unwrap();
    let store = sqlite(folder.path());
    fill(&store);
    let before = answers(&store, TENANT);
    drop(store);
    for pages in [1, 12, 40] {
        let mut seen = 0;
        let torn = catch_unwind(AssertUnwindSafe(|| {
            migrate(&side(folder.path()), &at(&database, folder.path()), &mut |_| {
                seen += 1;
                assert!(seen < pages, "the process dies here");
            })
        }));
        assert!(torn.is_err());
        let refused = MysqlStore::open(&database.options(folder.path())).unwrap_err();
        assert_eq!(refused, StoreError::Unfinished);
    }
    // The source was not touched by any of this.
    assert_same(&before, &answers(&sqlite(folder.path()), TENANT));
    moved(&side(folder.path()), &at(&database, folder.path()));
    assert_same(&before, &answers(&mysql(&database, folder.path()), TENANT));
}

#[test]
fn what_changed_in_the_database_is_found() {
    for (sql, place) in [
        ("UPDATE `row` SET container = 'x' WHERE rid = 77", "row, record 77"),
        ("UPDATE version SET stage = 3 WHERE rid = 60 AND version = 2", "version, record 60"),
        ("DELETE FROM uniq WHERE field = 3", "uniq, row"),
        ("INSERT INTO token (tenant, field, kv, token, rid) VALUES (1, 1, 1, 1, 99999)", "token, row"),
        ("UPDATE change_log SET leaf = 'x' WHERE position = 5", "change_log, row 6"),
        ("DELETE FROM access_checkpoint", "access/1, checkpoint"),
    ] {
        let Some(database) = database() else { return };
        let folder = tempdir().unwrap();
        fill(&sqlite(folder.path()));
        let mut done = false;
        let found = migrate(&side(folder.path()), &at(&database, folder.path()), &mut |at| {
            if at.done == at.total / 2 && !std::mem::replace(&mut done, true) {
                // Checkpoints come in after the last entry, so the next page will do for them.
                assert!(database.conn().execute(sql, &[]).unwrap() > 0 || sql.contains("checkpoint"));
            }
            if at.done > at.total / 2 && sql.contains("checkpoint") {
                database.conn().execute(sql, &[]).unwrap();
            }
        });
        let Err(MigrateError::Differs { place: found }) = found else { panic!("{sql}: {found:?}") };
        assert!(found.starts_with(place), "{sql}: {found}");
        let refused = MysqlStore::open(&database.options(folder.path())).unwrap_err();
        assert_eq!(refused, StoreError::Unfinished);
    }
}

#[test]
fn a_mark_that_was_set_before_anything_came_in_never_costs_data() {
    let Some(database) = database() else { return };
    let (folder, file) = (tempdir().unwrap(), tempdir().unwrap());
    commit(&sqlite(file.path()), set().entry(vec![1]));
    commit(&mysql(&database, folder.path()), set().entry(vec![2]));
    let mut conn = database.conn();
    schema::set_mark(&mut conn, Some(schema::Mark::Taken)).unwrap();
    assert_eq!(MysqlStore::open(&database.options(folder.path())).unwrap_err(), StoreError::Unfinished);
    let refused = migrate(&side(file.path()), &at(&database, file.path()), &mut |_| {}).unwrap_err();
    assert_eq!(refused, MigrateError::TargetNotEmpty);
    let store = mysql(&database, folder.path());
    assert_eq!(store.read().unwrap().change_entries(TENANT, 0, 9).unwrap(), [(0, vec![2])]);
}
