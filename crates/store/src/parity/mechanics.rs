//! Quotas, idempotency keys, cursors, leases, sessions, jobs, sequences.

use dossier_model::time::Micros;

use super::Open;
use super::fixture::*;
use crate::{CommitError, Conflict, JobPart, JobRow, LeaseRow, LoginRow, Op, SessionRow};

fn take(at: i64, window_start: i64, limit: u32) -> Op {
    let (at, window_start) = (Micros(at), Micros(window_start));
    Op::TakeQuota { subject: uid(1), name: "reveal".into(), at, window_start, limit }
}

pub fn exactly_the_limit_of_a_quota_succeeds_among_many(open: Open<'_>) {
    let store = open();
    let taken = on_threads(16, |_| {
        let tries = (0..10).map(|_| store.commit(set().op(take(50, 0, 37)).entry(vec![1])).wait());
        tries
            .filter(|result| match result {
                Ok(_) => true,
                Err(CommitError::Conflict(Conflict::Quota { used: 37, .. })) => false,
                Err(error) => panic!("{error}"),
            })
            .count()
    });
    assert_eq!(taken.into_iter().sum::<usize>(), 37);
    let read = store.read().unwrap();
    assert_eq!(read.quota(TENANT, uid(1), "reveal", Micros(0)).unwrap(), 37);
    assert_eq!(read.state(TENANT).unwrap().change_size, 37);
}

pub fn a_quota_is_free_again_when_its_window_has_moved_on(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(take(10, 0, 2)).op(take(20, 0, 2)));
    assert!(matches!(conflict(&*store, set().op(take(30, 0, 2))), Conflict::Quota { used: 2, .. }));
    commit(&*store, set().op(take(30, 15, 2)));
    assert!(matches!(conflict(&*store, set().op(take(31, 15, 2))), Conflict::Quota { used: 2, .. }));
    let read = store.read().unwrap();
    assert_eq!(read.quota(TENANT, uid(1), "reveal", Micros(0)).unwrap(), 2);
    assert_eq!(read.quota(TENANT, uid(1), "find", Micros(0)).unwrap(), 0);
    assert_eq!(read.quota(TENANT, uid(2), "reveal", Micros(0)).unwrap(), 0);
}

pub fn a_used_idempotency_key_answers_what_it_did(open: Open<'_>) {
    let store = open();
    let key = |subject, command: u8, at| Op::PutIdempotency {
        subject: uid(subject),
        key: [1; 32],
        command_hash: [command; 32],
        result: vec![command; 3],
        at: Micros(at),
    };
    commit(&*store, set().op(key(1, 7, 10)).op(new(row(1))));
    let replay = conflict(&*store, set().op(new(row(2))).op(key(1, 8, 20)));
    assert_eq!(replay, Conflict::Idempotency { command_hash: [7; 32], result: vec![7; 3] });
    assert_eq!(stored(&*store, 2), None);
    commit(&*store, set().op(key(2, 8, 20)));
    commit(&*store, set().op(Op::PruneIdempotency { before: Micros(20) }));
    let read = store.read().unwrap();
    assert_eq!(read.idempotency(TENANT, uid(1), &[1; 32]).unwrap(), None);
    assert_eq!(read.idempotency(TENANT, uid(2), &[1; 32]).unwrap().unwrap().result, [8; 3]);
}

pub fn a_cursor_moves_only_from_where_it_is_expected(open: Open<'_>) {
    let store = open();
    let put = |expect, to| Op::PutCursor { name: "search".into(), expect, to };
    commit(&*store, set().op(put(0, 5)));
    let refused = conflict(&*store, set().op(put(0, 6)));
    assert_eq!(refused, Conflict::Cursor { name: "search".into(), found: 5 });
    commit(&*store, set().op(put(5, 9)));
    let read = store.read().unwrap();
    assert_eq!(read.cursor(TENANT, "search").unwrap(), 9);
    assert_eq!(read.cursor(TENANT, "mail").unwrap(), 0);
}

pub fn a_lease_is_refused_while_held_and_fenced_when_it_changes_hands(open: Open<'_>) {
    let store = open();
    let name = || "mail".to_owned();
    let take = |holder, now, until| Op::TakeLease {
        name: name(),
        holder: uid(holder),
        now: Micros(now),
        until: Micros(until),
    };
    let fence = |fence| Op::ExpectFence { name: name(), fence };
    assert!(matches!(conflict(&*store, set().op(fence(1))), Conflict::Lease { fence: 0, .. }));
    commit(&*store, set().op(take(1, 0, 10)));
    commit(&*store, set().op(take(1, 5, 20)).op(fence(1)));
    let refused = conflict(&*store, set().op(take(2, 19, 30)));
    assert_eq!(refused, Conflict::Lease { name: name(), fence: 1, until: Micros(20) });
    commit(&*store, set().op(take(2, 20, 30)));
    assert!(matches!(conflict(&*store, set().op(fence(1))), Conflict::Lease { fence: 2, .. }));
    let held = LeaseRow { holder: uid(2), until: Micros(30), fence: 2 };
    assert_eq!(store.read().unwrap().lease(TENANT, "mail").unwrap(), Some(held));
    // By a clock that was days ahead: it need not be waited for.
    let days = 3 * 86_400 * Micros::SECOND;
    commit(&*store, set().op(take(2, days, days + 10)));
    let almost = days + 10 - Micros::SKEW;
    assert!(matches!(conflict(&*store, set().op(take(1, almost - 10, almost))), Conflict::Lease { .. }));
    commit(&*store, set().op(take(1, 40, 50)).op(fence(3)));
    let drop = |holder| Op::DropLease { name: name(), holder: uid(holder) };
    commit(&*store, set().op(fence(3)).op(drop(2)));
    assert!(store.read().unwrap().lease(TENANT, "mail").unwrap().is_some(), "it is of another by now");
    commit(&*store, set().op(fence(3)).op(drop(1)));
    assert_eq!(store.read().unwrap().lease(TENANT, "mail").unwrap(), None);
    assert!(matches!(conflict(&*store, set().op(fence(3))), Conflict::Lease { fence: 0, .. }));
}

pub fn sessions_end_one_by_one_by_subject_and_by_age(open: Open<'_>) {
    let store = open();
    let session = |number: u8, subject, expires| SessionRow {
        hash: [number; 32],
        subject: uid(subject),
        subject_kind: 2,
        issued: Micros(1),
        expires: Micros(expires),
        mac: [number; 16],
    };
    let all = [session(1, 1, 50), session(2, 1, 50), session(3, 2, 50), session(4, 3, 10), session(5, 3, 50)];
    commit(&*store, all.iter().cloned().map(Op::PutSession).fold(set(), crate::WriteSet::op));
    let left = |ops: Vec<Op>| {
        commit(&*store, crate::WriteSet { ops, ..set() });
        let read = store.read().unwrap();
        let found = all.iter().filter_map(|session| read.session(TENANT, &session.hash).unwrap());
        found.map(|session| session.mac[0]).collect::<Vec<_>>()
    };
    assert_eq!(store.read().unwrap().session(TENANT, &[1; 32]).unwrap(), Some(all[0].clone()));
    assert_eq!(left(vec![Op::DeleteSession { hash: [1; 32] }]), [2, 3, 4, 5]);
    assert_eq!(left(vec![Op::PruneSessions { before: Micros(50) }]), [2, 3, 5]);
    assert_eq!(left(vec![Op::DeleteSessionsOf { subject: uid(1) }]), [3, 5]);
}

pub fn sign_ins_are_marked_listed_and_ended(open: Open<'_>) {
    let store = open();
    let login = |number: u8, subject, expires| LoginRow {
        hash: [number; 32],
        subject: uid(subject),
        kind: 1,
        issued: Micros(i64::from(number)),
        used: Micros(10),
        expires: Micros(expires),
        body: vec![number; 40],
        mac: [number; 16],
    };
    let all = [login(1, 1, 50), login(2, 1, 50), login(3, 1, 50), login(4, 2, 10), login(5, 3, 50)];
    commit(&*store, all.iter().cloned().map(Op::PutLogin).fold(set(), crate::WriteSet::op));
    let of = |subject, limit| {
        let found = store.read().unwrap().logins_of(TENANT, uid(subject), limit).unwrap();
        found.into_iter().map(|login| login.mac[0]).collect::<Vec<_>>()
    };
    assert_eq!((of(1, 9), of(1, 2), of(2, 9), of(9, 9)), (vec![3, 2, 1], vec![3, 2], vec![4], vec![]));
    let used = |number: u8, at, mac| Op::UseLogin { hash: [number; 32], used: Micros(at), mac: [mac; 16] };
    // An earlier mark changes nothing, and what is ended does not come back by being marked.
    commit(&*store, set().op(used(1, 20, 7)).op(used(1, 15, 8)).op(Op::DeleteLogin { hash: [2; 32] }));
    commit(&*store, set().op(used(2, 30, 7)));
    let read = store.read().unwrap();
    let marked = LoginRow { used: Micros(20), mac: [7; 16], ..all[0].clone() };
    assert_eq!(read.login(TENANT, &[1; 32]).unwrap(), Some(marked));
    assert_eq!(read.login(TENANT, &[2; 32]).unwrap(), None);
    drop(read);
    commit(&*store, set().op(Op::PruneLogins { before: Micros(50) }));
    assert_eq!((of(2, 9), of(3, 9)), (vec![], vec![5]));
    commit(&*store, set().op(Op::DeleteLoginsOf { subject: uid(1), except: Some([3; 32]) }));
    assert_eq!(of(1, 9), [3]);
    commit(&*store, set().op(Op::ExpectLogin { hash: [3; 32] }));
    let ended = conflict(&*store, set().op(Op::ExpectLogin { hash: [2; 32] }));
    assert_eq!(ended, Conflict::Login);
    commit(&*store, set().op(Op::DeleteLoginsOf { subject: uid(1), except: None }));
    assert_eq!((of(1, 9), of(3, 9)), (vec![], vec![5]));
}

pub fn a_use_of_a_quota_can_be_given_back(open: Open<'_>) {
    let store = open();
    let give = |subject| Op::GiveQuota { subject: uid(subject), name: "reveal".into() };
    commit(&*store, set().op(take(10, 0, 3)).op(take(20, 0, 3)).op(take(20, 0, 3)));
    commit(&*store, set().op(give(2)).op(give(1)));
    let left = |from| store.read().unwrap().quota(TENANT, uid(1), "reveal", Micros(from)).unwrap();
    assert_eq!((left(0), left(20)), (2, 1), "the newest use is given back");
    commit(&*store, set().op(give(1)).op(give(1)).op(give(1)));
    assert_eq!(left(0), 0);
}

pub fn uses_by_a_clock_that_was_ahead_count_no_more(open: Open<'_>) {
    let store = open();
    let ahead = Micros::SKEW + 20;
    commit(&*store, set().op(take(ahead, 0, 2)).op(take(ahead + 1, 0, 2)));
    let refused = conflict(&*store, set().op(take(20, 0, 1)));
    assert!(matches!(refused, Conflict::Quota { used: 1, .. }), "clocks may differ by so much");
    commit(&*store, set().op(take(19, 0, 2)));
    let left = store.read().unwrap().quota(TENANT, uid(1), "reveal", Micros(0)).unwrap();
    assert_eq!(left, 1, "those that were ahead are gone");
}

pub fn uses_of_quotas_are_cleared_away_whoever_they_are_of(open: Open<'_>) {
    let store = open();
    let of = |subject, name: &str, at| Op::TakeQuota {
        subject: uid(subject),
        name: name.into(),
        at: Micros(at),
        window_start: Micros(0),
        limit: 9,
    };
    commit(&*store, set().op(of(1, "reveal", 10)).op(of(1, "reveal", 20)).op(of(2, "sign_in/name", 19)));
    commit(&*store, set().op(Op::PruneQuotas { before: Micros(20) }));
    let left = |subject, name| store.read().unwrap().quota(TENANT, uid(subject), name, Micros(0)).unwrap();
    assert_eq!((left(1, "reveal"), left(2, "sign_in/name")), (1, 0));
    // What was cleared away can be used again.
    commit(&*store, set().op(of(2, "sign_in/name", 30)));
    assert_eq!(left(2, "sign_in/name"), 1);
}

pub fn jobs_are_compared_on_put_and_listed_when_due(open: Open<'_>) {
    let store = open();
    let job = |number, version, state, due| JobRow {
        id: uid(number),
        kind: "mail".into(),
        state,
        due: Micros(due),
        version,
        body: vec![1; 10],
    };
    let put = |job, expect| Op::PutJob { job, expect };
    commit(
        &*store,
        set().op(put(job(1, 1, 0, 30), 0)).op(put(job(2, 1, 0, 10), 0)).op(put(job(3, 1, 1, 5), 0)),
    );
    assert_eq!(conflict(&*store, set().op(put(job(1, 1, 0, 1), 0))), Conflict::Job { id: uid(1), found: 1 });
    let due = |state, at| store.read().unwrap().jobs(TENANT, state, Micros(at), 9).unwrap();
    assert_eq!(due(0, 20), [job(2, 1, 0, 10)]);
    assert_eq!(due(0, 30), [job(2, 1, 0, 10), job(1, 1, 0, 30)]);
    commit(&*store, set().op(put(job(2, 2, 1, 10), 1)).op(Op::DeleteJob { id: uid(3) }));
    assert_eq!(due(1, 99), [job(2, 2, 1, 10)]);
    assert_eq!(store.read().unwrap().job(TENANT, uid(3)).unwrap(), None);
}

pub fn jobs_of_a_kind_are_listed_newest_first(open: Open<'_>) {
    let store = open();
    let job = |number, kind: &str| JobRow {
        id: uid(number),
        kind: kind.into(),
        state: 1,
        due: Micros(1),
        version: 1,
        body: vec![number as u8; 2],
    };
    let put = |job| Op::PutJob { job, expect: 0 };
    let all = [job(1, "mail"), job(2, "print"), job(3, "mail"), job(4, "mail")];
    commit(&*store, all.iter().cloned().map(put).fold(set(), crate::WriteSet::op));
    let of = |before, limit| {
        let found = store.read().unwrap().jobs_of(TENANT, "mail", before, limit).unwrap();
        found.into_iter().map(|job| job.body[0]).collect::<Vec<_>>()
    };
    assert_eq!(of(None, 9), [4, 3, 1]);
    assert_eq!((of(None, 1), of(Some(uid(4)), 1), of(Some(uid(1)), 9)), (vec![4], vec![3], vec![]));
}

pub fn parts_of_a_job_are_listed_by_class_and_number(open: Open<'_>) {
    let store = open();
    let part = |job, class, number, size| JobPart { job: uid(job), class, number, body: vec![7; size] };
    let large = 300_000;
    let all = [part(1, 1, 3, 4), part(1, 1, -2, 4), part(1, 1, 9, large), part(1, 2, 3, 4), part(2, 1, 3, 4)];
    commit(&*store, all.iter().cloned().map(Op::PutPart).fold(set(), crate::WriteSet::op));
    let parts = |class, after, limit| {
        let found = store.read().unwrap().parts(TENANT, uid(1), class, after, limit).unwrap();
        found.into_iter().map(|part| (part.number, part.body.len())).collect::<Vec<_>>()
    };
    assert_eq!(parts(1, None, 9), [(-2, 4), (3, 4), (9, large)]);
    assert_eq!((parts(1, None, 1), parts(1, Some(3), 9)), (vec![(-2, 4)], vec![(9, large)]));
    let gone = |class, number| Op::DeletePart { job: uid(1), class, number };
    // A part that is written again takes the place of the one before; what is not there can be deleted.
    commit(&*store, set().op(Op::PutPart(part(1, 1, 3, 5))).op(gone(1, 9)).op(gone(1, 100)));
    assert_eq!((parts(1, None, 9), parts(2, None, 9)), (vec![(-2, 4), (3, 5)], vec![(3, 4)]));
    // Of a set that is refused nothing is left.
    let refused = Op::PutCursor { name: "x".into(), expect: 5, to: 6 };
    conflict(&*store, set().op(gone(1, 3)).op(Op::PutPart(part(1, 1, 4, 1))).op(refused));
    drop(store);
    let found = open().read().unwrap().parts(TENANT, uid(1), 1, None, 9).unwrap();
    assert_eq!(found, [part(1, 1, -2, 4), part(1, 1, 3, 5)]);
}

pub fn work_in_bulk_is_done_like_any_other(open: Open<'_>) {
    let store = open();
    let tickets: Vec<_> =
        (1..=6).map(|at| store.commit(set().op(new(row(at))).entry(vec![at as u8]).in_bulk())).collect();
    commit(&*store, set().op(new(row(7))));
    for ticket in tickets {
        ticket.wait().unwrap();
    }
    assert!((1..=7).all(|at| stored(&*store, at).is_some()));
    assert_eq!(store.read().unwrap().state(TENANT).unwrap().change_size, 6);
}

pub fn blocks_of_a_sequence_never_overlap(open: Open<'_>) {
    let store = open();
    let blocks =
        on_threads(8, |_| (0..20).map(|_| store.lease(TENANT, "rid", 50).unwrap()).collect::<Vec<_>>());
    let mut firsts: Vec<_> = blocks.into_iter().flatten().collect();
    firsts.sort_unstable();
    assert_eq!(firsts, (0..160).map(|block| 1 + block * 50).collect::<Vec<_>>());
    assert_eq!(store.lease(TENANT, "code", 1).unwrap(), 1);
    drop(store);
    assert_eq!(open().lease(TENANT, "rid", 1).unwrap(), 8001);
}
