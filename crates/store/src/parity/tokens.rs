//! Tokens for finding, and unique ones.

use std::collections::BTreeSet;

use dossier_model::id::Rid;

use super::Open;
use super::fixture::*;
use crate::{CommitError, Conflict, Op, Store, TokenRow, UniqueRow, WriteSet};

fn found(store: &dyn Store, field: u32, token: i64) -> Vec<i64> {
    let rids = store.read().unwrap().by_token(TENANT, field, 1, token, 99).unwrap();
    rids.into_iter().map(|rid| rid.0).collect()
}

fn holder(store: &dyn Store, field: u32, token: u8) -> Option<i64> {
    store.read().unwrap().by_unique(TENANT, field, 1, &[token; 16]).unwrap().map(|rid| rid.0)
}

pub fn a_token_finds_all_records_that_share_it(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(token(1, -5, 30)).op(token(1, -5, 10)).op(token(1, 6, 10)).op(token(2, -5, 40)));
    commit(&*store, set().op(token(1, -5, 20)).op(token(1, -5, 10)));
    assert_eq!(found(&*store, 1, -5), [10, 20, 30]);
    assert_eq!(found(&*store, 2, -5), [40]);
    let read = store.read().unwrap();
    assert_eq!(read.by_token(TENANT, 1, 1, -5, 2).unwrap(), [Rid(10), Rid(20)]);
    assert!(read.by_token(TENANT, 1, 2, -5, 9).unwrap().is_empty());
}

pub fn a_deleted_token_finds_nothing(open: Open<'_>) {
    let store = open();
    let delete = Op::DeleteToken { field: 1, version: 1, token: 5, rid: Rid(1) };
    commit(&*store, set().op(token(1, 5, 1)).op(token(1, 5, 2)));
    commit(&*store, set().op(delete.clone()));
    assert_eq!(found(&*store, 1, 5), [2]);
    // Deleted and put in one set: a put comes last.
    commit(&*store, set().op(token(1, 5, 1)).op(delete));
    assert_eq!(found(&*store, 1, 5), [1, 2]);
}

pub fn a_unique_value_is_refused_with_the_record_that_holds_it(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(unique(1, 7, 0, 10)));
    let refused = conflict(&*store, set().op(unique(2, 7, 0, 11)).op(unique(1, 7, 0, 11)).op(new(row(11))));
    assert_eq!(refused, Conflict::Unique { field: 1, rid: Rid(10) });
    assert_eq!(holder(&*store, 2, 7), None);
    assert_eq!(stored(&*store, 11), None);
    commit(&*store, set().op(unique(1, 7, 0, 10)));
    assert_eq!(holder(&*store, 1, 7), Some(10));
}

pub fn of_many_writers_one_gets_the_unique_value(open: Open<'_>) {
    let store = open();
    let won =
        on_threads(16, |at| match store.commit(set().op(unique(1, 1, 0, at + 1)).entry(vec![1])).wait() {
            Ok(_) => Some(at + 1),
            Err(CommitError::Conflict(Conflict::Unique { .. })) => None,
            Err(error) => panic!("{error}"),
        });
    let winners: Vec<_> = won.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(holder(&*store, 1, 1), Some(winners[0]));
    assert_eq!(store.read().unwrap().state(TENANT).unwrap().change_size, 1);
}

pub fn a_value_can_change_hands_within_a_set(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(unique(1, 7, 0, 10)));
    let free = Op::DeleteUnique { field: 1, version: 1, token: [7; 16], slot: 0, rid: Rid(10) };
    commit(&*store, set().op(unique(1, 7, 0, 11)).op(free));
    assert_eq!(holder(&*store, 1, 7), Some(11));
}

pub fn slots_keep_merged_records_beside_the_live_one(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(unique(1, 7, 0, 10)).op(unique(1, 7, 11, 11)).op(unique(1, 7, 12, 12)));
    assert_eq!(holder(&*store, 1, 7), Some(10));
    let all = store.read().unwrap().scan_uniques(TENANT, None, 9).unwrap();
    assert_eq!(
        all.iter().map(|row| (row.slot, row.rid.0)).collect::<Vec<_>>(),
        [(0, 10), (11, 11), (12, 12)]
    );
    let refused = conflict(&*store, set().op(unique(1, 7, 11, 13)));
    assert_eq!(refused, Conflict::Unique { field: 1, rid: Rid(11) });
}

pub fn only_the_holder_gives_a_unique_value_back(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(unique(1, 7, 0, 10)));
    for (rid, left) in [(11, Some(10)), (10, None)] {
        let free = Op::DeleteUnique { field: 1, version: 1, token: [7; 16], slot: 0, rid: Rid(rid) };
        commit(&*store, set().op(free));
        assert_eq!(holder(&*store, 1, 7), left);
    }
}

pub fn an_index_key_version_can_be_dropped_in_parts(open: Open<'_>) {
    let store = open();
    let mut put = set().op(unique(3, 1, 0, 1));
    for number in 1..=20 {
        put = put.op(token(1, number, number)).op(token(2, number, number));
        put = put.op(Op::PutToken { field: 1, version: 2, token: number, rid: Rid(number) });
    }
    commit(&*store, put);
    let mut rounds = 0;
    while !store.read().unwrap().token_version_is_empty(TENANT, 1).unwrap() {
        commit(&*store, set().op(Op::DropTokenVersion { version: 1, limit: 15 }));
        rounds += 1;
    }
    assert_eq!(rounds, 3);
    let read = store.read().unwrap();
    assert_eq!(read.scan_tokens(TENANT, None, 99).unwrap().len(), 20);
    assert!(read.scan_uniques(TENANT, None, 99).unwrap().is_empty());
    assert!(!read.token_version_is_empty(TENANT, 2).unwrap());
}

/// Enough of them for a backend that moves tokens about to do so, with refused sets among them.
pub fn many_tokens_are_all_found_and_scanned_in_order(open: Open<'_>) {
    let store = open();
    let spread = |number: i64| number.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64.cast_signed());
    let token_of =
        |number: i64| ((spread(number) as u128) << 64 | spread(number + 1) as u64 as u128).to_be_bytes();
    let (mut tokens, mut uniques) = (BTreeSet::new(), BTreeSet::new());
    for chunk in 0..150 {
        let mut put = set();
        for number in chunk * 40 + 1..=chunk * 40 + 40 {
            let rid = Rid(number);
            let rows = (1..=3).map(|field| TokenRow {
                field,
                version: 1,
                token: spread(number * 3 + i64::from(field)),
                rid,
            });
            tokens.extend(rows.inspect(|row| put.ops.push(token(row.field, row.token, number))));
            let row = UniqueRow { field: 9, version: 1, token: token_of(number), slot: 0, rid };
            put.ops.push(Op::PutUnique { field: 9, version: 1, token: row.token, slot: 0, rid });
            uniques.insert(row);
        }
        commit(&*store, put.clone());
        let first = put.ops.iter().find_map(|op| match op {
            Op::PutUnique { token, .. } => Some(*token),
            _ => None,
        });
        let taken = Op::PutUnique { field: 9, version: 1, token: first.unwrap(), slot: 0, rid: Rid(999_999) };
        conflict(&*store, WriteSet { ops: vec![token(8, 1, 999_999), taken], ..set() });
    }
    let read = store.read().unwrap();
    for row in tokens.iter().step_by(97) {
        assert_eq!(read.by_token(TENANT, row.field, 1, row.token, 9).unwrap(), [row.rid]);
        assert!(read.has_token(TENANT, row).unwrap());
        let other = crate::TokenRow { rid: Rid(row.rid.0 + 1_000_000), ..*row };
        assert!(!read.has_token(TENANT, &other).unwrap());
    }
    for row in uniques.iter().step_by(97) {
        assert_eq!(read.by_unique(TENANT, 9, 1, &row.token).unwrap(), Some(row.rid));
    }
    let free = uniques.iter().map(|row| UniqueRow { field: 10, ..*row });
    let asked: Vec<UniqueRow> =
        uniques.iter().rev().map(|row| UniqueRow { rid: Rid(0), ..*row }).chain(free).collect();
    assert!(read.holders(TENANT, &asked).unwrap().iter().eq(uniques.iter()), "holders of many at once");
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = read.scan_tokens(TENANT, after.as_ref(), 1000).unwrap();
        let Some(last) = page.last() else { break };
        after = Some(*last);
        seen.extend(page);
    }
    assert!(seen.iter().eq(tokens.iter()), "{} of {} tokens", seen.len(), tokens.len());
    assert!(read.scan_uniques(TENANT, None, 99_999).unwrap().iter().eq(uniques.iter()));
}
