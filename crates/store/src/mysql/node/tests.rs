//! Numbers that are taken, kept, taken over and given back.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;

use super::*;
use crate::mysql::schema;
use crate::mysql::tests::{TestDatabase, database};

fn prepared() -> Option<TestDatabase> {
    let database = database()?;
    schema::migrate(&mut database.conn()).unwrap();
    Some(database)
}

fn claim(database: &TestDatabase, folder: &Path) -> (Node, Health) {
    let health = Health::default();
    let node = Node::claim(&mut database.conn(), &database.target(), folder, &health).unwrap();
    (node, health)
}

/// Microseconds that a lease still has.
fn left(database: &TestDatabase, node: u32) -> i64 {
    let sql = format!("SELECT until - {NOW} FROM node WHERE node = ?");
    database.conn().one(sql, values![node], |cells| cells.int(0)).unwrap().unwrap()
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_identity_is_made_once_and_for_nobody_else_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let made = identity(folder.path()).unwrap();
    assert_eq!(identity(folder.path()).unwrap(), made);
    let path = folder.path().join("node");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_ne!(identity(tempfile::tempdir().unwrap().path()).unwrap(), made);
    for damaged in ["", "00", "0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcdef00"] {
        std::fs::write(&path, damaged).unwrap();
        assert!(matches!(identity(folder.path()), Err(StoreError::Corrupt(_))), "{damaged}");
    }
}

#[test]
fn a_folder_takes_its_number_again_with_a_higher_fence() {
    let Some(database) = prepared() else { return };
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, _) = claim(&database, one.path());
    let (second, _) = claim(&database, two.path());
    assert_eq!([(first.number, first.fence), (second.number, second.fence)], [(1, 1), (2, 1)]);
    // As after a crash: the lease of the second has not ended.
    let (again, health) = claim(&database, two.path());
    assert_eq!((again.number, again.fence), (2, 2));
    drop(second);
    assert!(left(&database, 2) > 0, "what is another's by now is not given back");
    assert_eq!(health.check(), Ok(()));
}

#[test]
fn a_number_whose_lease_ended_is_taken_over_and_who_had_it_stops() {
    let Some(database) = prepared() else { return };
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (paused, health) = claim(&database, one.path());
    // As if the first had been asleep for longer than its lease.
    let holder = identity(two.path()).unwrap();
    wait_for("it is taken over", || {
        database.conn().execute("UPDATE node SET until = 1", &[]).unwrap();
        take(&mut database.conn(), holder).unwrap().node == paused.number
            || database.conn().execute("DELETE FROM node WHERE node > 1", &[]).is_err()
    });
    wait_for("the keeper finds out", || health.check().is_err());
    let (back, _) = claim(&database, one.path());
    assert_eq!(back.number, 2, "the old number is another's now");
}

#[test]
fn a_lease_is_renewed_and_given_back_at_the_end() {
    let Some(database) = prepared() else { return };
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (node, health) = claim(&database, one.path());
    database.conn().execute("UPDATE node SET until = until - 20000000", &[]).unwrap();
    wait_for("it is renewed", || left(&database, 1) > 25_000_000);
    assert!(left(&database, 1) <= 30_000_000);
    // A connection that is cut is replaced.
    let others = "SELECT CAST(id AS SIGNED) FROM information_schema.processlist \
                  WHERE db = DATABASE() AND id <> CONNECTION_ID()";
    let mut conn = database.conn();
    for id in conn.rows(others, &[], |cells| cells.int(0)).unwrap() {
        let _ = conn.execute(format!("KILL CONNECTION {id}"), &[]);
    }
    conn.execute("UPDATE node SET until = until - 20000000", &[]).unwrap();
    wait_for("it is renewed after the cut", || left(&database, 1) > 25_000_000);
    assert_eq!(health.check(), Ok(()));
    drop(node);
    assert!(left(&database, 1) < 0);
    let (next, _) = claim(&database, two.path());
    assert_eq!((next.number, next.fence), (1, 2));
}

#[test]
fn processes_that_start_at_once_get_different_numbers() {
    let Some(database) = prepared() else { return };
    for round in 0..5 {
        let claims: Vec<_> = std::thread::scope(|scope| {
            let take_one = || {
                let holder = identity(tempfile::tempdir().unwrap().path()).unwrap();
                take(&mut database.conn(), holder).unwrap()
            };
            let threads: Vec<_> = (0..12).map(|_| scope.spawn(take_one)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let numbers: BTreeSet<_> = claims.iter().map(|claim| claim.node).collect();
        assert_eq!(numbers, (1..=12).collect());
        assert!(claims.iter().all(|claim| claim.fence == round + 1));
        // The next round takes over the numbers of this one.
        database.conn().execute("UPDATE node SET until = 0", &[]).unwrap();
    }
}
