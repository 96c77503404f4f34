//! Records and their versions.

use dossier_model::id::{Rid, Tenant};
use dossier_model::kind::KindId;
use dossier_model::time::Micros;

use super::Open;
use super::fixture::*;
use crate::{Conflict, Op, Row, RowBy, RowQuery, STATE_ERASED, STATE_FROZEN, StoreError, WriteSet};

pub fn a_row_is_read_back_by_number_id_and_code(open: Open<'_>) {
    let store = open();
    let row = row(7);
    commit(&*store, set().op(new(row.clone())));
    let read = store.read().unwrap();
    for by in [RowBy::Rid(row.rid), RowBy::Uid(row.record), RowBy::Code(row.code.clone().unwrap())] {
        assert_eq!(read.row(TENANT, &by).unwrap(), Some(row.clone()), "{by:?}");
    }
    for by in [RowBy::Rid(Rid(8)), RowBy::Uid(uid(8)), RowBy::Code("C".into())] {
        assert_eq!(read.row(TENANT, &by).unwrap(), None, "{by:?}");
    }
}

pub fn a_new_version_keeps_the_one_before(open: Open<'_>) {
    let store = open();
    let first = row(1);
    commit(&*store, set().op(new(first.clone())));
    let mut second = first.clone();
    (second.version, second.stage, second.code, second.container) = (2, 4, None, vec![9; 500]);
    commit(&*store, set().op(Op::PutRow { row: second.clone(), expect: 1 }));
    let mut fourth = second.clone();
    fourth.version = 4;
    commit(&*store, set().op(Op::PutRow { row: fourth.clone(), expect: 2 }));

    let read = store.read().unwrap();
    assert_eq!(read.row(TENANT, &RowBy::Rid(Rid(1))).unwrap(), Some(fourth.clone()));
    assert_eq!(read.version(TENANT, Rid(1), 1).unwrap(), Some(first.clone()));
    assert_eq!(read.version(TENANT, Rid(1), 2).unwrap(), Some(second.clone()));
    assert_eq!(read.version(TENANT, Rid(1), 3).unwrap(), None);
    assert_eq!(read.version(TENANT, Rid(1), 4).unwrap(), Some(fourth.clone()));
    assert_eq!(read.versions(TENANT, Rid(1), None, 2).unwrap(), [fourth, second.clone()]);
    assert_eq!(read.versions(TENANT, Rid(1), Some(4), 9).unwrap(), [second.clone(), first.clone()]);
    assert_eq!(read.scan_versions(TENANT, None, 9).unwrap(), [first, second.clone()]);
    assert_eq!(read.scan_versions(TENANT, Some((Rid(1), 1)), 9).unwrap(), [second]);
}

pub fn every_column_of_a_new_version_is_stored_and_listed(open: Open<'_>) {
    let store = open();
    let mut row = row(1);
    commit(&*store, set().op(new(row.clone())));
    let edits: Vec<fn(&mut Row)> = vec![
        |r| r.dossier = Rid(9),
        |r| (r.domain, r.domain_uid) = (Rid(9), uid(9)),
        |r| r.code = None,
        |r| r.code = Some("C0126000000099".into()),
        |r| r.stage = 5,
        |r| r.level = 4,
        |r| r.team = 77,
        |r| r.region = 77,
        |r| r.industry = 77,
        |r| r.band = 77,
        |r| r.created = Micros(7),
        |r| r.changed = Micros(8),
        |r| r.state = STATE_FROZEN,
        |r| (r.key_version, r.mask_revision, r.generation) = (2, 3, 4),
        |r| r.container = vec![5; 50],
    ];
    for edit in edits {
        let expect = row.version;
        row.version += 1;
        edit(&mut row);
        commit(&*store, set().op(Op::PutRow { row: row.clone(), expect }));
        let query = RowQuery {
            teams: Some(vec![row.team]),
            stages: Some(vec![row.stage]),
            levels: Some(vec![row.level]),
            industries: Some(vec![row.industry]),
            created_from: Some(row.created),
            dossier: None,
            ..RowQuery::new(KIND)
        };
        let read = store.read().unwrap();
        assert_eq!(read.rows_with_keys(TENANT, &query).unwrap(), [(row.clone(), None)]);
        let query = RowQuery { dossier: Some(row.dossier), teams: None, ..query };
        assert_eq!(read.rows_with_keys(TENANT, &query).unwrap(), [(row.clone(), None)]);
        if let Some(code) = &row.code {
            assert_eq!(read.row(TENANT, &RowBy::Code(code.clone())).unwrap(), Some(row.clone()));
        }
    }
    assert_eq!(store.read().unwrap().versions(TENANT, Rid(1), None, 99).unwrap().len(), 16);
}

pub fn a_put_on_another_version_is_refused_and_told_which_is_stored(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(new(row(1))));
    let mut next = row(1);
    next.version = 3;
    let refused = conflict(&*store, set().op(Op::PutRow { row: next.clone(), expect: 2 }));
    assert_eq!(refused, Conflict::Version { rid: Rid(1), found: 1 });
    next.rid = Rid(2);
    let refused = conflict(&*store, set().op(Op::PutRow { row: next, expect: 2 }));
    assert_eq!(refused, Conflict::Version { rid: Rid(2), found: 0 });
    let refused = conflict(&*store, set().op(Op::ExpectRow { rid: Rid(1), version: 2 }));
    assert_eq!(refused, Conflict::Version { rid: Rid(1), found: 1 });
    commit(&*store, set().op(Op::ExpectRow { rid: Rid(1), version: 1 }));
    assert_eq!(stored(&*store, 1), Some(row(1)));
}

pub fn a_new_record_on_a_taken_number_is_refused(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(new(row(1))));
    let mut other = row(2);
    other.rid = Rid(1);
    assert_eq!(conflict(&*store, set().op(new(other))), Conflict::Version { rid: Rid(1), found: 1 });
}

pub fn the_id_or_code_of_another_record_is_refused_by_its_holder(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(new(row(1))).op(new(row(2))));
    let mut same_id = row(3);
    same_id.record = uid(2);
    assert_eq!(conflict(&*store, set().op(new(same_id))), Conflict::Record { rid: Rid(2) });
    let mut same_code = row(3);
    same_code.code = row(2).code;
    assert_eq!(conflict(&*store, set().op(new(same_code.clone()))), Conflict::Code { rid: Rid(2) });
    (same_code.rid, same_code.record, same_code.version) = (Rid(1), uid(1), 2);
    let change = Op::PutRow { row: same_code, expect: 1 };
    assert_eq!(conflict(&*store, set().op(change)), Conflict::Code { rid: Rid(2) });
    assert_eq!(store.read().unwrap().versions(TENANT, Rid(1), None, 9).unwrap(), [row(1)]);
}

pub fn record_and_kind_of_a_row_never_change(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(new(row(1))));
    let mut other = row(1);
    (other.version, other.kind) = (2, KindId(2));
    let refused = failure(&*store, set().op(Op::PutRow { row: other, expect: 1 }));
    assert!(matches!(refused, StoreError::Invalid(_)));
    assert_eq!(stored(&*store, 1), Some(row(1)));
}

pub fn sealing_again_replaces_the_current_or_an_old_version_in_place(open: Open<'_>) {
    let store = open();
    let mut second = row(1);
    second.version = 2;
    commit(&*store, set().op(new(row(1))));
    commit(&*store, set().op(Op::PutRow { row: second.clone(), expect: 1 }));
    for version in [1, 2] {
        let mut sealed = row(1);
        (sealed.version, sealed.generation, sealed.key_version) = (version, 2, 2);
        sealed.container = vec![version as u8; 64];
        let op = Op::ResealRow { row: sealed.clone(), expect_generation: 1 };
        commit(&*store, set().op(op.clone()));
        let read = store.read().unwrap();
        assert_eq!(read.version(TENANT, Rid(1), version).unwrap(), Some(sealed));
        assert_eq!(read.versions(TENANT, Rid(1), None, 9).unwrap().len(), 2);
        drop(read);
        assert_eq!(conflict(&*store, set().op(op)), Conflict::Version { rid: Rid(1), found: 2 });
    }
}

pub fn erasing_leaves_clear_columns_and_no_older_version(open: Open<'_>) {
    let store = open();
    let mut second = row(1);
    second.version = 2;
    commit(&*store, set().op(new(row(1))).op(Op::PutKey(key(1))));
    commit(&*store, set().op(Op::PutRow { row: second, expect: 1 }));
    let mut erased = row(1);
    (erased.version, erased.state, erased.container) = (3, STATE_ERASED, Vec::new());
    let op = Op::EraseRow { row: erased.clone(), expect: 2 };
    commit(&*store, set().op(op.clone()).op(Op::DeleteKeys { domain: Rid(1) }));
    let read = store.read().unwrap();
    assert_eq!(read.versions(TENANT, Rid(1), None, 9).unwrap(), [erased]);
    assert_eq!(read.key(TENANT, Rid(1), 1).unwrap(), None);
    drop(read);
    assert_eq!(conflict(&*store, set().op(op)), Conflict::Version { rid: Rid(1), found: 3 });
}

pub fn what_no_state_could_make_right_is_refused_at_once(open: Open<'_>) {
    let store = open();
    let mut old = row(1);
    old.version = 2;
    let mut full = row(1);
    (full.version, full.state) = (2, STATE_ERASED);
    for op in [
        Op::PutRow { row: old, expect: 2 },
        Op::EraseRow { row: full, expect: 1 },
        Op::ResealRow { row: row(1), expect_generation: 1 },
        Op::SetBucket { bucket: 1024, expect: 1, to: 2 },
        Op::SetBucket { bucket: 0, expect: 2, to: 2 },
        Op::PutSystem { row: system_row("user", 1, 1), expect: 1 },
        new(crate::Row { rid: Rid(0), ..row(1) }),
    ] {
        assert!(matches!(failure(&*store, set().op(op)), StoreError::Invalid(_)));
    }
    commit(&*store, set().op(new(row(1))));
}

pub fn tenants_do_not_see_each_other(open: Open<'_>) {
    let store = open();
    let other = Tenant(2);
    commit(&*store, set().op(new(row(1))).op(token(9, 9, 1)).entry(vec![1]));
    let mut theirs = row(1);
    theirs.stage = 5;
    let first = WriteSet::new(other).op(new(theirs.clone())).op(token(9, 9, 1)).entry(vec![2]).entry(vec![3]);
    assert_eq!(commit(&*store, first).first, 0);
    let read = store.read().unwrap();
    assert_eq!(read.row(TENANT, &RowBy::Rid(Rid(1))).unwrap(), Some(row(1)));
    assert_eq!(read.row(other, &RowBy::Uid(uid(1))).unwrap(), Some(theirs.clone()));
    assert_eq!(read.scan_rows(other, None, 9).unwrap(), [theirs]);
    assert_eq!(read.change_entries(TENANT, 0, 9).unwrap(), [(0, vec![1])]);
    assert_eq!(read.change_head(other).unwrap().size, 2);
    assert_eq!(read.row(Tenant(3), &RowBy::Rid(Rid(1))).unwrap(), None);
}
