//! Snapshots, restarts, failures.

use dossier_model::id::Rid;

use super::Open;
use super::fixture::*;
use crate::{AccessEntry, CommitError, Op, RowBy, RowQuery, StoreError};

pub fn a_snapshot_does_not_see_what_comes_later(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(new(row(1))).op(token(1, 5, 1)).op(unique(2, 5, 0, 1)).entry(vec![1]));
    let before = store.read().unwrap();
    let next = crate::Row { version: 2, ..row(1) };
    let free = Op::DeleteUnique { field: 2, version: 1, token: [5; 16], slot: 0, rid: Rid(1) };
    commit(&*store, set().op(Op::PutRow { row: next.clone(), expect: 1 }).op(new(row(2))).entry(vec![2]));
    commit(&*store, set().op(token(1, 5, 2)).op(free).op(Op::BumpPolicyEpoch { to: 1 }));
    let after = store.read().unwrap();
    for (read, seen, rows, found, holder, epoch) in
        [(before, row(1), 1, 1, Some(Rid(1)), 0), (after, next, 2, 2, None, 1)]
    {
        assert_eq!(read.row(TENANT, &RowBy::Rid(Rid(1))).unwrap(), Some(seen));
        assert_eq!(read.count(TENANT, &RowQuery::new(KIND)).unwrap(), rows);
        assert_eq!(read.by_token(TENANT, 1, 1, 5, 9).unwrap().len(), found);
        assert_eq!(read.by_unique(TENANT, 2, 1, &[5; 16]).unwrap(), holder);
        assert_eq!(read.state(TENANT).unwrap().policy_epoch, epoch);
        assert_eq!(read.change_head(TENANT).unwrap().size, rows);
    }
}

pub fn a_store_that_is_opened_again_has_everything(open: Open<'_>) {
    let store = open();
    for number in 1..=300 {
        let put = set().op(new(row(number))).op(token(1, number, number)).op(Op::PutKey(key(number)));
        commit(&*store, put.op(unique(2, number as u8, number, number)).entry(number.to_be_bytes().to_vec()));
    }
    let head = store.read().unwrap().change_head(TENANT).unwrap();
    store.access_append(TENANT, vec![AccessEntry { leaf: vec![1], side: Vec::new() }]).wait().unwrap();
    drop(store);
    for round in 0..3 {
        let store = open();
        let read = store.read().unwrap();
        assert_eq!(read.change_head(TENANT).unwrap().size, head.size + round);
        assert_eq!(read.scan_rows(TENANT, None, 999).unwrap(), (1..=300).map(row).collect::<Vec<_>>());
        assert_eq!(read.scan_keys(TENANT, None, 999).unwrap().len(), 300);
        assert_eq!(read.scan_tokens(TENANT, None, 999).unwrap().len(), 300);
        assert_eq!(read.scan_uniques(TENANT, None, 999).unwrap().len(), 300);
        drop(read);
        assert_eq!(store.access_log(TENANT, store.node()).unwrap().head().unwrap().size, 1);
        let taken = conflict(&*store, set().op(unique(2, 7, 7, 999)));
        assert!(matches!(taken, crate::Conflict::Unique { rid: Rid(7), .. }));
        commit(&*store, set().entry(vec![9]));
    }
}

pub fn after_a_failed_flush_nothing_is_served(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(new(row(1))));
    store.break_next_flush();
    let tickets: Vec<_> = (2..=20).map(|number| store.commit(set().op(new(row(number))))).collect();
    let results: Vec<_> = tickets.into_iter().map(|ticket| ticket.wait()).collect();
    assert!(results.iter().all(|result| matches!(result, Err(CommitError::Failed(_)))), "{results:?}");
    assert_eq!(failure(&*store, set()), StoreError::Poisoned);
    assert_eq!(store.read().err(), Some(StoreError::Poisoned));
    assert_eq!(store.ready().err(), Some(StoreError::Poisoned));
    assert_eq!(store.lease(TENANT, "rid", 1).err(), Some(StoreError::Poisoned));
    let entry = AccessEntry { leaf: vec![1], side: Vec::new() };
    assert_eq!(store.access_append(TENANT, vec![entry]).wait().err(), Some(StoreError::Poisoned));
}

pub fn what_a_failed_flush_held_is_gone_after_a_restart(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(new(row(1))).entry(vec![1]));
    store.break_next_flush();
    failure(&*store, set().op(new(row(2))).entry(vec![2]));
    drop(store);
    let store = open();
    assert_eq!((stored(&*store, 1), stored(&*store, 2)), (Some(row(1)), None));
    assert_eq!(commit(&*store, set().op(new(row(2))).entry(vec![2])).first, 1);
}
