//! The steps of the tables (`crate::mysql::schema`).

use super::fixture::with_tables;
use crate::mysql::conn::{Conn, values};
use crate::mysql::schema;

fn newest(conn: &mut Conn) -> i64 {
    conn.one("SELECT MAX(version) FROM format", &[], |cells| cells.int(0)).unwrap().unwrap()
}

#[test]
fn a_start_that_was_stopped_in_any_step_is_carried_on_by_the_next() {
    with_tables(|_, conn| {
        let last = newest(conn);
        assert!(last > 3);
        for done in (0..last).rev() {
            // The statements of the step were carried out, and then the process was gone before it could say so.
            conn.execute("DELETE FROM format WHERE version > ?", values![done]).unwrap();
            schema::migrate(conn).unwrap();
            assert_eq!(newest(conn), last);
        }
    });
}
