//! A disk without room.

use std::sync::Arc;

use rusqlite::Connection;

use crate::error::{CommitError, StoreError};
use crate::health::Health;
use crate::parity::fixture::*;
use crate::queue::Queue;
use crate::sqlite::batch::{self, Work};
use crate::sqlite::checkpointer::Checkpointer;
use crate::sqlite::connect;
use crate::sqlite::schema;
use crate::sqlite::writer::Writer;
use crate::ticket::ticket;
use crate::write_set::{Committed, WriteSet};

/// A writer on a file that may have so many pages and no more: SQLite then says what it says on a full disk.
fn writer(path: &std::path::Path, pages: u32) -> (Arc<Queue<Work>>, Health, std::thread::JoinHandle<()>) {
    let mut conn = connect::writer(path).unwrap();
    schema::migrate(&mut conn).unwrap();
    conn.pragma_update(None, "max_page_count", pages).unwrap();
    let (queue, health) = (Arc::new(Queue::default()), Health::default());
    let memory = batch::restore(&conn).unwrap();
    let writer = Writer {
        conn,
        memory,
        queue: Arc::clone(&queue),
        health: health.clone(),
        checkpointer: Checkpointer::start(path, health.clone()).unwrap(),
        broken: Arc::default(),
    };
    (queue, health, std::thread::spawn(move || writer.run()))
}

fn hand_in(queue: &Queue<Work>, set: WriteSet) -> Result<Committed, CommitError> {
    let (promise, ticket) = ticket();
    assert!(queue.push(Work::Commit(set, promise)).is_ok());
    ticket.wait().unwrap()
}

#[test]
fn a_full_disk_is_told_and_changes_nothing_until_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    std::fs::write(&path, b"").unwrap();
    let (queue, health, thread) = writer(&path, 120);
    let big = |number: i64| {
        let row = crate::Row { container: vec![1; 20_000], ..row(number) };
        set()
            .op(new(row))
            .op(token(1, number, number))
            .op(unique(2, number as u8, number, number))
            .entry(vec![1; 100])
    };
    let mut stored = 0;
    let full = loop {
        match hand_in(&queue, big(stored + 1)) {
            Ok(done) => assert_eq!(done.first, stored as u64),
            Err(error) => break error,
        }
        stored += 1;
    };
    assert_eq!(full, CommitError::Failed(StoreError::DiskFull));
    assert!(stored > 5);
    health.check().unwrap();
    // What needs no room still goes.
    hand_in(&queue, set()).unwrap();
    assert_eq!(hand_in(&queue, big(stored + 1)), Err(CommitError::Failed(StoreError::DiskFull)));
    queue.close();
    thread.join().unwrap();

    let count = |table: &str| {
        let conn = Connection::open(&path).unwrap();
        conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!((count("row"), count("change_log")), (stored, stored));
    assert_eq!(count("token") + count("token_fresh"), stored);
    let (queue, _, thread) = writer(&path, 10_000);
    let done = hand_in(&queue, big(stored + 1)).unwrap();
    assert_eq!(done.first, stored as u64);
    queue.close();
    thread.join().unwrap();
    assert_eq!((count("row"), count("uniq") + count("uniq_fresh")), (stored + 1, stored + 1));
}
