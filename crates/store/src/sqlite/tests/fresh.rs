//! Fresh tokens on their way into the large tables.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::open;
use crate::parity::fixture::*;
use crate::sqlite::{batch, connect, schema};
use crate::{Conflict, Op, Store, WriteSet};

fn count(folder: &Path, table: &str) -> i64 {
    let conn = Connection::open(folder.join("store.db")).unwrap();
    conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// A set with as many tokens as a run takes, spread as tokens are.
fn many(from: i64, count: i64) -> WriteSet {
    let mut put = set();
    for number in from..from + count {
        let spread = number.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64.cast_signed());
        put.ops.push(token(1, spread, number));
        let mut token = [7; 16];
        token[..8].copy_from_slice(&spread.to_be_bytes());
        put.ops.push(Op::PutUnique {
            field: 2,
            version: 1,
            token,
            slot: 0,
            rid: dossier_model::id::Rid(number),
        });
    }
    put
}

#[test]
fn an_idle_writer_moves_all_fresh_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    commit(&store, many(1, 30_000));
    commit(&store, many(30_001, 10));
    let until = Instant::now() + Duration::from_secs(30);
    while count(folder.path(), "fresh_run") > 0 {
        assert!(Instant::now() < until, "the writer did not move the tokens");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!((count(folder.path(), "token"), count(folder.path(), "token_fresh")), (30_010, 0));
    assert_eq!((count(folder.path(), "uniq"), count(folder.path(), "uniq_fresh")), (30_010, 0));
    let taken = WriteSet { ops: many(30_005, 1).ops.into_iter().map(as_other).collect(), ..set() };
    assert!(matches!(conflict(&store, taken), Conflict::Unique { .. }));
}

/// The same tokens for another record.
fn as_other(op: Op) -> Op {
    let rid = dossier_model::id::Rid(999_999);
    match op {
        Op::PutToken { field, version, token, .. } => Op::PutToken { field, version, token, rid },
        Op::PutUnique { field, version, token, slot, .. } => {
            Op::PutUnique { field, version, token, slot, rid }
        }
        other => other,
    }
}

#[test]
fn a_move_that_stops_anywhere_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    std::fs::write(&path, b"").unwrap();
    let mut conn = connect::writer(&path).unwrap();
    schema::migrate(&mut conn).unwrap();
    let mut put = many(1, 25_000);
    put.ops.sort_by_key(|op| matches!(op, Op::PutUnique { .. }));
    let mut memory = batch::restore(&conn).unwrap();
    for slices in 0..10 {
        let part = WriteSet { ops: put.ops.iter().skip(slices).step_by(10).cloned().collect(), ..set() };
        let step = conn.transaction().unwrap();
        crate::sqlite::apply::apply(&step, &mut memory.fresh, &part, 0).unwrap();
        step.commit().unwrap();
        for _ in 0..slices {
            if memory.fresh.wants_move(true) {
                memory.fresh.move_slice(&mut conn, slices % 2 == 0).unwrap();
            }
        }
        let entries =
            |table: &str| count(folder.path(), table) + count(folder.path(), &format!("{table}_fresh"));
        assert_eq!(entries("token") + entries("uniq"), 5_000 * (slices as i64 + 1));
        // As after a crash: what was in memory is made again.
        memory = batch::restore(&conn).unwrap();
    }
    while memory.fresh.wants_move(true) {
        memory.fresh.move_slice(&mut conn, false).unwrap();
    }
    assert_eq!((count(folder.path(), "token"), count(folder.path(), "uniq")), (25_000, 25_000));
    assert_eq!(count(folder.path(), "token_fresh") + count(folder.path(), "uniq_fresh"), 0);
}

#[test]
fn a_unique_value_is_held_while_it_moves() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for from in (1..20_000).step_by(500) {
        commit(&store, many(from, 500));
        let again = WriteSet { ops: many(from / 2 + 1, 1).ops.into_iter().map(as_other).collect(), ..set() };
        assert!(matches!(conflict(&store, again), Conflict::Unique { .. }), "{from}");
        let read = store.read().unwrap();
        let Some(Op::PutUnique { token, rid, .. }) = many(from / 3 + 1, 1).ops.pop() else { panic!() };
        assert_eq!(read.by_unique(TENANT, 2, 1, &token).unwrap(), Some(rid));
    }
}
