//! Tokens and unique tokens.

use std::collections::BTreeSet;

use dossier_model::id::{Rid, Tenant};

use super::fixture::*;
use crate::mechanics::{TokenRow, UniqueRow};
use crate::mysql::query::token;

fn tokens() -> Vec<TokenRow> {
    let mut tokens: Vec<TokenRow> = (1..=200)
        .map(|number| TokenRow {
            field: (number % 3) as u32,
            version: (number % 2 + 1) as u16,
            token: (number / 10 - 9) * 1_000_000_007_000,
            rid: Rid(number),
        })
        .collect();
    tokens.push(TokenRow { field: u32::MAX, version: u16::MAX, token: i64::MAX, rid: Rid(i64::MAX) });
    tokens.push(TokenRow { field: 0, version: 1, token: i64::MIN, rid: Rid(1) });
    tokens.sort();
    tokens
}

fn uniques() -> Vec<UniqueRow> {
    let mut uniques: Vec<UniqueRow> = (1..=700i64)
        .map(|number| UniqueRow {
            field: (number % 2) as u32,
            version: 1,
            token: uid(number / 3).0,
            slot: if number % 3 == 0 { 0 } else { number },
            rid: Rid(number),
        })
        .collect();
    uniques.sort();
    uniques
}

#[test]
fn tokens_are_found_and_scanned_in_order_whatever_the_size_of_a_page() {
    with_tables(|_, conn| {
        let all = tokens();
        all.iter().for_each(|row| insert_token(conn, row));
        for limit in [1, 7, 1000] {
            assert_eq!(paged(|last| token::scan(conn, TENANT, last, limit).unwrap()), all, "{limit}");
        }
        assert!(token::scan(conn, Tenant(2), None, 9).unwrap().is_empty());
        for wanted in all.iter().step_by(17) {
            let TokenRow { field, version, token, .. } = *wanted;
            let same = |row: &&TokenRow| (row.field, row.version, row.token) == (field, version, token);
            let rids: Vec<Rid> = all.iter().filter(same).map(|row| row.rid).collect();
            assert_eq!(token::find(conn, TENANT, field, version, token, 99).unwrap(), rids);
            assert_eq!(token::find(conn, TENANT, field, version, token, 1).unwrap(), [rids[0]]);
            assert!(token::is_there(conn, TENANT, wanted).unwrap());
            assert!(!token::is_there(conn, TENANT, &TokenRow { rid: Rid(1000), ..*wanted }).unwrap());
        }
    });
}

#[test]
fn holders_are_told_of_what_is_taken_and_of_nothing_else() {
    with_tables(|_, conn| {
        let all = uniques();
        all.iter().for_each(|row| insert_unique(conn, row));
        for limit in [1, 100, 1000] {
            assert_eq!(paged(|last| token::scan_uniques(conn, TENANT, last, limit).unwrap()), all, "{limit}");
        }
        let asked: Vec<UniqueRow> = (0..1000i64)
            .map(|number| UniqueRow { field: 0, version: 1, token: uid(number).0, slot: 0, rid: Rid(9999) })
            .chain([UniqueRow { rid: Rid(1), ..all[5] }, all[5]])
            .collect();
        let key = |row: &UniqueRow| (row.field, row.version, row.token, row.slot);
        let keys: BTreeSet<_> = asked.iter().map(key).collect();
        let expected: Vec<UniqueRow> = all.iter().filter(|row| keys.contains(&key(row))).copied().collect();
        assert_eq!(token::holders(conn, TENANT, &asked).unwrap(), expected);
        assert!(expected.len() > 100);
        assert!(token::holders(conn, TENANT, &[]).unwrap().is_empty());
        assert_eq!(token::holders(conn, TENANT, &[UniqueRow { rid: Rid(0), ..all[5] }]).unwrap(), [all[5]]);
        assert!(token::holders(conn, TENANT, &[UniqueRow { version: 2, ..all[5] }]).unwrap().is_empty());
    });
}

#[test]
fn a_version_is_empty_when_no_table_has_it_in_any_field() {
    with_tables(|_, conn| {
        let row = TokenRow { field: 3, version: 2, token: 1, rid: Rid(1) };
        [row, TokenRow { field: 70_000, version: 1, ..row }].iter().for_each(|row| insert_token(conn, row));
        insert_unique(conn, &UniqueRow { field: 0, version: 3, token: [7; 16], slot: 0, rid: Rid(1) });
        assert_eq!(token::fields(conn, TENANT, "token").unwrap(), [3, 70_000]);
        assert_eq!(token::fields(conn, TENANT, "uniq").unwrap(), [0]);
        for (version, empty) in [(1, false), (2, false), (3, false), (4, true)] {
            assert_eq!(token::version_is_empty(conn, TENANT, version).unwrap(), empty, "{version}");
        }
    });
}
