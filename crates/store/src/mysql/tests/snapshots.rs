//! A reader's snapshot, and what becomes of its connection.

use dossier_model::id::Rid;

use super::TestDatabase;
use super::fixture::*;
use crate::error::StoreError;
use crate::health::Health;
use crate::mysql::conn::Conn;
use crate::mysql::pool::Pool;
use crate::mysql::query::{MysqlRead, row};
use crate::query::{RowBy, RowQuery};
use crate::store::Read;

/// Cuts every connection to the database but this one.
fn cut_others(database: &TestDatabase, conn: &mut Conn) {
    let sql = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()";
    for id in conn.rows(sql, &[], |cells| cells.int(0)).unwrap() {
        conn.execute(format!("KILL {id}"), &[]).unwrap();
    }
    drop(database.conn());
}

fn numbers(read: &MysqlRead<'_>) -> Vec<i64> {
    read.scan_rows(TENANT, None, 99).unwrap().iter().map(|row| row.rid.0).collect()
}

#[test]
fn a_snapshot_is_fixed_when_it_begins_and_not_at_the_first_question() {
    with_tables(|database, conn| {
        let (pool, health) = (Pool::new(database.target(), 4), Health::default());
        insert_rows(conn, &[row(1)]);
        let first = MysqlRead::begin(&pool, &health).unwrap();
        insert_rows(conn, &[row(2)]);
        let second = MysqlRead::begin(&pool, &health).unwrap();
        conn.execute("UPDATE `row` SET team = 77", &[]).unwrap();
        insert_rows(conn, &[row(3)]);
        conn.execute("DELETE FROM `row` WHERE rid = 1", &[]).unwrap();
        for _ in 0..2 {
            assert_eq!(numbers(&first), [1]);
            assert_eq!(numbers(&second), [1, 2]);
            assert_eq!(second.row(TENANT, &RowBy::Rid(Rid(2))).unwrap(), Some(row(2)));
            assert_eq!(first.count(TENANT, &RowQuery::new(KIND)).unwrap(), 1);
        }
        drop((first, second));
        assert_eq!(numbers(&MysqlRead::begin(&pool, &health).unwrap()), [2, 3]);
    });
}

#[test]
fn a_connection_that_comes_back_has_no_transaction() {
    with_tables(|database, conn| {
        let (pool, health) = (Pool::new(database.target(), 1), Health::default());
        drop(MysqlRead::begin(&pool, &health).unwrap());
        let mut back = pool.take(false).unwrap();
        assert_eq!(row::current(&mut back, TENANT, Rid(1)).unwrap(), 0);
        insert_rows(conn, &[row(1)]);
        assert_eq!(row::current(&mut back, TENANT, Rid(1)).unwrap(), 1);
    });
}

#[test]
fn connections_that_were_cut_in_the_pool_are_replaced() {
    with_tables(|database, conn| {
        let (pool, health) = (Pool::new(database.target(), 2), Health::default());
        insert_rows(conn, &[row(1)]);
        let reads = (MysqlRead::begin(&pool, &health).unwrap(), MysqlRead::begin(&pool, &health).unwrap());
        drop(reads);
        cut_others(database, conn);
        let reads = [MysqlRead::begin(&pool, &health).unwrap(), MysqlRead::begin(&pool, &health).unwrap()];
        assert!(reads.iter().all(|read| numbers(read) == [1]));
    });
}

#[test]
fn a_snapshot_that_was_cut_answers_nothing_more_and_leaves_its_place() {
    with_tables(|database, conn| {
        let (pool, health) = (Pool::new(database.target(), 1), Health::default());
        insert_rows(conn, &[row(1)]);
        let read = MysqlRead::begin(&pool, &health).unwrap();
        assert_eq!(numbers(&read), [1]);
        cut_others(database, conn);
        for _ in 0..2 {
            let lost = read.state(TENANT);
            assert!(matches!(lost, Err(StoreError::Unreachable(_))), "{lost:?}");
        }
        drop(read);
        assert_eq!(numbers(&MysqlRead::begin(&pool, &health).unwrap()), [1]);
        assert_eq!(health.check(), Ok(()));
    });
}

#[test]
fn after_a_failure_nothing_is_read() {
    with_tables(|database, _| {
        let (pool, health) = (Pool::new(database.target(), 1), Health::default());
        health.poison();
        assert_eq!(MysqlRead::begin(&pool, &health).err(), Some(StoreError::Poisoned));
    });
}
