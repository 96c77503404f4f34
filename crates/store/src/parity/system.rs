//! Records of the system, and the policy epoch.

use super::Open;
use super::fixture::*;
use crate::{Conflict, Op};

pub fn system_records_keep_all_their_versions(open: Open<'_>) {
    let store = open();
    let put = |number, version, expect| Op::PutSystem { row: system_row("user", number, version), expect };
    commit(&*store, set().op(put(2, 1, 0)).op(put(1, 1, 0)));
    commit(&*store, set().op(put(1, 2, 1)));
    let refused = conflict(&*store, set().op(put(1, 3, 1)));
    assert_eq!(refused, Conflict::System { kind: "user".into(), id: uid(1), found: 2 });
    commit(&*store, set().op(Op::PutSystem { row: system_row("team", 1, 1), expect: 0 }));
    let read = store.read().unwrap();
    assert_eq!(read.system(TENANT, "user").unwrap(), [system_row("user", 1, 2), system_row("user", 2, 1)]);
    assert_eq!(read.system_row(TENANT, "user", uid(2)).unwrap(), Some(system_row("user", 2, 1)));
    assert_eq!(read.system_row(TENANT, "client", uid(2)).unwrap(), None);
    let both = [system_row("user", 1, 1), system_row("user", 1, 2)];
    assert_eq!(read.system_versions(TENANT, "user", uid(1)).unwrap(), both);
}

pub fn a_system_record_that_is_dropped_leaves_its_versions(open: Open<'_>) {
    let store = open();
    let put = |version, expect| Op::PutSystem { row: system_row("grant", 1, version), expect };
    let drop_it = |expect| Op::DropSystem { kind: "grant".into(), id: uid(1), expect };
    commit(&*store, set().op(put(1, 0)));
    commit(&*store, set().op(put(2, 1)));
    let moved = |found| Conflict::System { kind: "grant".into(), id: uid(1), found };
    assert_eq!(conflict(&*store, set().op(drop_it(1))), moved(2));
    commit(&*store, set().op(drop_it(2)));
    assert_eq!(conflict(&*store, set().op(drop_it(2))), moved(0));
    let read = store.read().unwrap();
    assert_eq!(read.system(TENANT, "grant").unwrap(), []);
    let both = [system_row("grant", 1, 1), system_row("grant", 1, 2)];
    assert_eq!(read.system_versions(TENANT, "grant", uid(1)).unwrap(), both);
}

pub fn a_set_decided_under_an_old_policy_is_refused(open: Open<'_>) {
    let store = open();
    commit(&*store, set().under(0).op(Op::BumpPolicyEpoch { to: 3 }));
    assert_eq!(conflict(&*store, set().under(0).op(new(row(1)))), Conflict::Epoch { current: 3 });
    commit(&*store, set().under(3).op(new(row(1))));
    assert_eq!(store.read().unwrap().state(TENANT).unwrap().policy_epoch, 3);
}

pub fn the_policy_epoch_only_moves_forward(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(Op::BumpPolicyEpoch { to: 3 }));
    for to in [2, 3] {
        assert_eq!(conflict(&*store, set().op(Op::BumpPolicyEpoch { to })), Conflict::Epoch { current: 3 });
    }
}
