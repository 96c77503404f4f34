//! What the database itself finds wrong.

use super::fixture::*;
use crate::health::Health;
use crate::mysql::pool::Pool;
use crate::mysql::query::MysqlRead;
use crate::mysql::query::damage::TABLES;
use crate::store::Read;

#[test]
fn every_table_is_checked_and_a_snapshot_outlives_it() {
    with_tables(|database, conn| {
        let sql = "SELECT CAST(table_name AS BINARY) FROM information_schema.tables WHERE table_schema = DATABASE()";
        let mut tables = conn.rows(sql, &[], |cells| cells.text(0)).unwrap();
        tables.sort();
        let mut ours = TABLES;
        ours.sort_unstable();
        assert_eq!(tables, ours);

        let (pool, health) = (Pool::new(database.target(), 2), Health::default());
        let read = MysqlRead::begin(&pool, &health).unwrap();
        assert!(read.damage().unwrap().is_empty());
        insert_rows(conn, &[row(1)]);
        assert!(read.scan_rows(TENANT, None, 9).unwrap().is_empty());
        drop(read);

        conn.execute("DROP TABLE tile", &[]).unwrap();
        let found = MysqlRead::begin(&pool, &health).unwrap().damage().unwrap();
        assert!(!found.is_empty() && found.iter().all(|line| line.starts_with("table tile: ")), "{found:?}");
    });
}
