//! The change log.

use super::fixture::*;
use crate::log::LogHead;
use crate::mechanics::Checkpoint;
use crate::merkle::{EMPTY_ROOT, Tree};
use crate::mysql::conn::{SqlError, values};
use crate::mysql::query::log::{self, HeadRow, Tiles};
use crate::store::State;

#[test]
fn a_tree_is_restored_from_tiles_and_leaves() {
    with_tables(|_, conn| {
        let (mut tree, mut full) = (Tree::new(), Vec::new());
        conn.run("BEGIN").unwrap();
        for number in 0..600u32 {
            let leaf = number.to_be_bytes();
            tree.append(&leaf, &mut full);
            insert(conn, "change_log", "tenant, position, leaf", values![TENANT.0, number, &leaf]);
        }
        for tile in &full {
            let values = values![TENANT.0, tile.level, tile.index as i64, &tile.bytes];
            insert(conn, "tile", "tenant, level, position, hashes", values);
        }
        conn.run("COMMIT").unwrap();
        assert_eq!(full.len(), 2);
        assert_eq!(Tree::restore(600, &Tiles::new(conn, TENANT)).unwrap(), tree);
        assert_eq!(log::tile(conn, TENANT, 0, 1).unwrap().as_ref(), Some(&full[1].bytes));
        assert_eq!(log::tile(conn, TENANT, 0, 2).unwrap(), None);
        let page = log::entries(conn, TENANT, 598, 9).unwrap();
        assert_eq!(page, [598u32, 599].map(|number| (u64::from(number), number.to_be_bytes().to_vec())));
        assert!(log::entries(conn, TENANT, u64::MAX, 9).unwrap().is_empty());
    });
}

#[test]
fn the_head_row_is_absent_at_first_and_can_be_locked() {
    with_tables(|database, conn| {
        let empty = LogHead { size: 0, root: EMPTY_ROOT, checkpoint: None };
        assert_eq!(log::head(conn, TENANT).unwrap(), empty);
        assert_eq!(log::head_row(conn, TENANT, true).unwrap(), None);
        assert_eq!(log::state(conn, TENANT).unwrap(), State { policy_epoch: 0, change_size: 0 });
        insert(conn, "head", "tenant, size, root, policy_epoch", values![TENANT.0, 7, &[9; 32], 3]);
        assert_eq!(log::head(conn, TENANT).unwrap(), LogHead { size: 7, root: [9; 32], checkpoint: None });
        conn.execute("UPDATE head SET checkpoint_size = 5, checkpoint = 'note ✓'", &[]).unwrap();
        let checkpoint = Some(Checkpoint { size: 5, text: "note ✓".into() });
        assert_eq!(log::head(conn, TENANT).unwrap(), LogHead { size: 7, root: [9; 32], checkpoint });
        assert_eq!(log::state(conn, TENANT).unwrap(), State { policy_epoch: 3, change_size: 7 });

        let row = Some(HeadRow { size: 7, root: [9; 32], policy_epoch: 3 });
        conn.run("BEGIN").unwrap();
        assert_eq!(log::head_row(conn, TENANT, true).unwrap(), row);
        let mut other = database.conn();
        other.run("SET SESSION innodb_lock_wait_timeout = 1").unwrap();
        assert_eq!(log::head_row(&mut other, TENANT, false).unwrap(), row);
        let waited = log::head_row(&mut other, TENANT, true);
        assert!(matches!(waited, Err(SqlError::Again(_))), "{waited:?}");
        conn.run("ROLLBACK").unwrap();
        assert_eq!(log::head_row(&mut other, TENANT, true).unwrap(), row);
    });
}
