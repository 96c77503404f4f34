//! Rows, their versions, keys, system records.

use dossier_model::id::{Rid, Tenant};

use super::fixture::*;
use crate::mechanics::{WrappedKey, bucket_of};
use crate::mysql::conn::{SqlError, values};
use crate::mysql::query::{key, row, system};
use crate::query::RowBy;
use crate::row::{Row, SystemRow};

#[test]
fn a_row_is_found_by_number_id_and_code_and_in_its_own_tenant_only() {
    with_tables(|_, conn| {
        let plain = Row { code: None, container: Vec::new(), ..row(2) };
        insert_rows(conn, &[row(1), plain.clone()]);
        let code = row(1).code.unwrap();
        for by in [RowBy::Rid(Rid(1)), RowBy::Uid(uid(1)), RowBy::Code(code.clone())] {
            assert_eq!(row::one(conn, TENANT, &by).unwrap(), Some(row(1)));
            assert_eq!(row::one(conn, Tenant(2), &by).unwrap(), None);
        }
        assert_eq!(row::one(conn, TENANT, &RowBy::Rid(Rid(2))).unwrap(), Some(plain));
        // Texts compare as bytes: neither case nor trailing spaces are the same.
        for code in [code.to_lowercase(), format!("{code} ")] {
            assert_eq!(row::one(conn, TENANT, &RowBy::Code(code)).unwrap(), None);
        }
    });
}

#[test]
fn every_version_of_a_record_is_found() {
    with_tables(|_, conn| {
        let at = |version| Row { version, container: vec![version as u8; 3], ..row(1) };
        insert_row(conn, "row", &at(4));
        insert_rows(conn, &[row(2)]);
        (1..4).for_each(|version| insert_row(conn, "version", &at(version)));
        assert_eq!(row::current(conn, TENANT, Rid(1)).unwrap(), 4);
        assert_eq!(row::current(conn, TENANT, Rid(9)).unwrap(), 0);
        for version in 1..=4 {
            assert_eq!(row::version(conn, TENANT, Rid(1), version).unwrap(), Some(at(version)));
        }
        assert_eq!(row::version(conn, TENANT, Rid(1), 5).unwrap(), None);
        let mut of = |before, limit| row::versions(conn, TENANT, Rid(1), before, limit).unwrap();
        assert_eq!(of(None, 9), [at(4), at(3), at(2), at(1)]);
        assert_eq!(of(Some(4), 2), [at(3), at(2)]);
        assert_eq!(of(None, 1), [at(4)]);
        assert!(of(Some(1), 9).is_empty());
    });
}

#[test]
fn scans_give_every_row_and_version_once_and_in_order() {
    with_tables(|_, conn| {
        let rows: Vec<Row> = (1..=30).map(row).collect();
        insert_rows(conn, &rows);
        let seen = paged(|last: Option<&Row>| row::scan(conn, TENANT, last.map(|row| row.rid), 7).unwrap());
        assert_eq!(seen, rows);
        let older: Vec<Row> = (1..=9)
            .flat_map(|number| {
                (1..=number % 4).map(move |version| Row { version: version as u32, ..row(number) })
            })
            .collect();
        older.iter().for_each(|row| insert_row(conn, "version", row));
        for limit in [1, 2, 5, 100] {
            let seen = paged(|last: Option<&Row>| {
                let after = last.map(|row| (row.rid, row.version));
                row::scan_versions(conn, TENANT, after, limit).unwrap()
            });
            assert_eq!(seen, older);
        }
    });
}

#[test]
fn a_row_that_cannot_be_read_says_so() {
    with_tables(|_, conn| {
        insert_rows(conn, &[row(1)]);
        conn.execute("UPDATE `row` SET version = -1", &[]).unwrap();
        let read = row::one(conn, TENANT, &RowBy::Rid(Rid(1)));
        assert!(matches!(read, Err(SqlError::Corrupt(_))), "{read:?}");
    });
}

#[test]
fn the_keys_of_a_bucket_are_found_in_all_its_runs() {
    with_tables(|_, conn| {
        let domains = [1, 1023, 1024, 3 << 10, (1 << 20) + 5, (1 << 20) + 5000, (5 << 20) + 1, 1 << 39];
        let keys: Vec<WrappedKey> = domains
            .iter()
            .flat_map(|domain| [1, 2].map(|version| WrappedKey { version, ..key(*domain) }))
            .collect();
        keys.iter().for_each(|key| insert_key(conn, key));
        for limit in [1, 3, 100] {
            let behind = |last: Option<&WrappedKey>| last.map(|key| (key.domain, key.version));
            let all = paged(|last| key::scan(conn, TENANT, behind(last), limit).unwrap());
            assert_eq!(all, keys);
            for bucket in [0, 1, 3, 4, 7] {
                let seen = paged(|last| key::in_bucket(conn, TENANT, bucket, behind(last), limit).unwrap());
                let of_bucket = keys.iter().filter(|key| bucket_of(key.domain) == bucket).cloned();
                assert_eq!(seen, of_bucket.collect::<Vec<_>>(), "bucket {bucket}, {limit} at a time");
            }
        }
        assert_eq!(
            key::one(conn, TENANT, Rid(1024), 2).unwrap(),
            Some(WrappedKey { version: 2, ..key(1024) })
        );
        assert_eq!(key::one(conn, TENANT, Rid(1024), 3).unwrap(), None);
        assert_eq!(key::newest(conn, TENANT, Rid(1024)).unwrap().unwrap().version, 2);
        assert_eq!(key::bucket_generation(conn, TENANT, 5).unwrap(), 1);
        insert(conn, "bucket", "tenant, bucket, generation", values![TENANT.0, 5, 3]);
        assert_eq!(key::bucket_generation(conn, TENANT, 5).unwrap(), 3);
    });
}

#[test]
fn system_records_are_found_with_all_their_versions() {
    with_tables(|_, conn| {
        let at = |kind: &str, number, version| SystemRow {
            kind: kind.into(),
            id: uid(number),
            version,
            body: vec![version as u8; 9],
        };
        for (table, row) in [
            ("system", at("user", 2, 3)),
            ("system", at("user", 1, 1)),
            ("system", at("team", 1, 1)),
            ("system_version", at("user", 2, 2)),
            ("system_version", at("user", 2, 1)),
        ] {
            let values = values![TENANT.0, &row.kind, &row.id.0, row.version, &row.body];
            insert(conn, table, "tenant, kind, id, version, body", values);
        }
        assert_eq!(system::all(conn, TENANT, "user").unwrap(), [at("user", 1, 1), at("user", 2, 3)]);
        assert_eq!(system::one(conn, TENANT, "team", uid(1)).unwrap(), Some(at("team", 1, 1)));
        assert_eq!(system::one(conn, TENANT, "team", uid(2)).unwrap(), None);
        let versions = system::versions(conn, TENANT, "user", uid(2)).unwrap();
        assert_eq!(versions, [at("user", 2, 1), at("user", 2, 2), at("user", 2, 3)]);
    });
}
