//! Rows that somebody edited, removed or moved; and processes that no longer are the node they were.

use super::*;
use crate::access_log::format::write_bundle;

/// A log of ten bundles of 60 entries, closed, with its database.
fn filled() -> Option<Setup> {
    let setup = setup()?;
    fill(&setup.process, ONE, 600, 60);
    Some(setup)
}

fn corrupt<T>(outcome: Result<T, StoreError>) -> String {
    match outcome {
        Err(StoreError::Corrupt(text)) => text,
        Err(other) => panic!("damage expected, not {other:?}"),
        Ok(_) => panic!("damage expected"),
    }
}

/// A bundle of one entry, as nobody wrote it.
fn forged(tenant: Tenant, first: u64, count: u64) -> Vec<u8> {
    let entries: Vec<_> =
        (0..count).map(|_| AccessEntry { leaf: b"forged".to_vec(), side: Vec::new() }).collect();
    let encoded = crate::access_log::format::encode(&entries).unwrap();
    let mut bytes = Vec::new();
    write_bundle(&mut bytes, tenant, first, count as u32, [encoded.bytes.as_slice()].into_iter());
    bytes
}

#[test]
fn an_edited_removed_or_swapped_bundle_is_found_on_reading_and_by_verification() {
    let edits = [
        "UPDATE access_bundle SET bytes = CONCAT(LEFT(bytes, 100), 'X', SUBSTRING(bytes, 102)) WHERE position = 120",
        "UPDATE access_bundle SET bytes = LEFT(bytes, LENGTH(bytes) - 1) WHERE position = 120",
        "UPDATE access_bundle SET bytes = CONCAT(bytes, 'X') WHERE position = 120",
        "UPDATE access_bundle SET entries = 59 WHERE position = 120",
        "UPDATE access_bundle SET position = 121 WHERE position = 120",
        "DELETE FROM access_bundle WHERE position = 120",
        "UPDATE access_bundle a JOIN access_bundle b SET a.bytes = b.bytes, a.root = b.root \
         WHERE a.position = 120 AND b.position = 180",
    ];
    for edit in edits {
        let Some(setup) = filled() else { return };
        assert!(setup.database.conn().execute(edit, &[]).unwrap() > 0);
        let log = setup.process.read(ONE);
        corrupt(log.entries(130, 10));
        corrupt(log.entries(0, 600));
        corrupt(log.verify());
        assert_eq!(log.entries(0, 120).unwrap().len(), 120, "{edit}");
    }
}

#[test]
fn a_forged_bundle_with_a_right_checksum_is_found_by_verification_and_so_is_another_root() {
    let Some(setup) = filled() else { return };
    let mut conn = setup.database.conn();
    let bytes = forged(ONE, 120, 60);
    let whole = conn
        .one("SELECT bytes FROM access_bundle WHERE position = 120", &[], |cells| cells.bytes(0))
        .unwrap()
        .unwrap();
    let log = setup.process.read(ONE);
    let put = "UPDATE access_bundle SET bytes = ? WHERE position = 120";
    conn.execute(put, values![&bytes]).unwrap();
    assert!(corrupt(log.verify()).contains("entry 120"));
    conn.execute(put, values![&whole]).unwrap();
    log.verify().unwrap();
    conn.execute("UPDATE access_bundle SET root = ? WHERE position = 60", values![&[7u8; 32]]).unwrap();
    assert!(corrupt(log.verify()).contains("entry 60"));
}

#[test]
fn a_bundle_of_another_log_in_the_place_of_one_is_found() {
    let Some(setup) = filled() else { return };
    let put = "UPDATE access_bundle SET bytes = ? WHERE position = 120";
    for bytes in [forged(OTHER, 120, 60), forged(ONE, 119, 60), forged(ONE, 120, 61)] {
        setup.database.conn().execute(put, values![&bytes]).unwrap();
        corrupt(setup.process.read(ONE).entries(120, 1));
    }
}

#[test]
fn a_wrong_or_missing_tile_is_found_by_verification() {
    let edits = [
        "UPDATE access_tile SET hashes = CONCAT('X', SUBSTRING(hashes, 2)) WHERE position = 1",
        "UPDATE access_tile SET hashes = LEFT(hashes, 8191) WHERE position = 1",
        "DELETE FROM access_tile WHERE position = 1",
    ];
    for edit in edits {
        let Some(setup) = filled() else { return };
        setup.database.conn().execute(edit, &[]).unwrap();
        corrupt(setup.process.read(ONE).verify());
        let (_database, _folder, reopened) = setup.reopen();
        // What is not read to find the end of the log is found by verification alone.
        if let Ok(process) = reopened {
            corrupt(process.read(ONE).verify());
        }
    }
}

#[test]
fn a_log_with_a_wrong_end_does_not_open() {
    let edits = [
        "UPDATE access_bundle SET root = REPEAT('X', 32) WHERE position = 540",
        "UPDATE access_bundle SET bytes = CONCAT(LEFT(bytes, 100), 'X', SUBSTRING(bytes, 102)) WHERE position = 540",
        "DELETE FROM access_bundle WHERE position >= 480",
        "UPDATE access_tile SET hashes = CONCAT('X', SUBSTRING(hashes, 2)) WHERE position = 1",
    ];
    for edit in edits {
        let Some(setup) = filled() else { return };
        setup.database.conn().execute(edit, &[]).unwrap();
        corrupt(setup.reopen().2);
    }
}

#[test]
fn a_log_behind_its_checkpoint_or_behind_what_was_acknowledged_is_told() {
    let Some(setup) = filled() else { return };
    let remove = "DELETE FROM access_bundle WHERE position = 540";
    setup.database.conn().execute(remove, &[]).unwrap();
    assert!(corrupt(setup.process.read(ONE).verify()).contains("more was durable"));
    corrupt(setup.process.read(ONE).entries(590, 1));
    let Some(setup) = filled() else { return };
    setup.process.read(ONE).save_checkpoint(&note(599)).unwrap();
    setup.database.conn().execute(remove, &[]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let other = Process::start(&setup.database.target(), folder.path()).unwrap();
    assert!(corrupt(other.access.read(ONE, 1).head()).contains("checkpoint"));
    assert!(corrupt(setup.reopen().2).contains("checkpoint"));
}

#[test]
fn a_process_that_was_taken_for_dead_appends_nothing_more_and_stops() {
    let Some(setup) = setup() else { return };
    fill(&setup.process, ONE, 10, 5);
    // The same folder elsewhere: the newer one is the node.
    let second = Process::start(&setup.database.target(), setup.folder.path()).unwrap();
    assert_eq!(second.node.number, setup.process.node.number);
    assert_eq!(setup.process.access.append(ONE, vec![entry(ONE, 10)]).wait(), Err(StoreError::Poisoned));
    assert_eq!(setup.process.health.check(), Err(StoreError::Poisoned));
    assert_eq!(setup.process.access.append(ONE, vec![entry(ONE, 10)]).wait(), Err(StoreError::Poisoned));
    assert!(matches!(setup.process.read(ONE).head(), Err(StoreError::Poisoned)));
    fill(&second, ONE, 700, 50);
    check(&*second.read(ONE), ONE, 700);
    assert_eq!(second.health.check(), Ok(()));
}

#[test]
fn a_fenced_out_process_appends_no_bundle_that_fills_a_tile_either() {
    let Some(setup) = setup() else { return };
    fill(&setup.process, ONE, 200, 200);
    let sql = "UPDATE node SET fence = fence + 1";
    setup.database.conn().execute(sql, &[]).unwrap();
    let entries = (200..300).map(|i| entry(ONE, i)).collect();
    assert_eq!(setup.process.access.append(ONE, entries).wait(), Err(StoreError::Poisoned));
    let count = "SELECT COUNT(*) FROM access_tile";
    assert_eq!(setup.database.conn().one(count, &[], |cells| cells.int(0)).unwrap(), Some(0));
}
