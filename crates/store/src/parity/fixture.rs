//! Rows and sets that default everything.

use dossier_model::id::{Rid, Tenant, Uid};
use dossier_model::kind::KindId;
use dossier_model::time::Micros;

use crate::{
    CommitError, Committed, Conflict, Op, Row, RowBy, STATE_LIVE, Store, StoreError, SystemRow, WrappedKey,
    WriteSet,
};

pub const TENANT: Tenant = Tenant(1);
pub const KIND: KindId = KindId(1);

pub fn uid(number: i64) -> Uid {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    Uid(bytes)
}

pub fn row(number: i64) -> Row {
    Row {
        rid: Rid(number),
        record: uid(number),
        kind: KIND,
        version: 1,
        dossier: Rid(number),
        domain: Rid(number),
        domain_uid: uid(number),
        code: Some(format!("C0126{number:010}")),
        stage: 1,
        level: 2,
        team: 3,
        region: 4,
        industry: 5,
        band: 6,
        owner: 0,
        created: Micros(1_000 + number),
        changed: Micros(1_000 + number),
        state: STATE_LIVE,
        key_version: 1,
        mask_revision: 1,
        generation: 1,
        container: number.to_be_bytes().repeat(20),
    }
}

pub fn key(number: i64) -> WrappedKey {
    WrappedKey { domain: Rid(number), version: 1, bucket_generation: 1, wrapped: vec![number as u8; 40] }
}

pub fn system_row(kind: &str, number: i64, version: u32) -> SystemRow {
    SystemRow { kind: kind.into(), id: uid(number), version, body: vec![version as u8; 64] }
}

pub fn set() -> WriteSet {
    WriteSet::new(TENANT)
}

pub fn new(row: Row) -> Op {
    Op::PutRow { row, expect: 0 }
}

pub fn token(field: u32, token: i64, rid: i64) -> Op {
    Op::PutToken { field, version: 1, token, rid: Rid(rid) }
}

pub fn unique(field: u32, token: u8, slot: i64, rid: i64) -> Op {
    Op::PutUnique { field, version: 1, token: [token; 16], slot, rid: Rid(rid) }
}

pub fn commit(store: &dyn Store, set: WriteSet) -> Committed {
    store.commit(set).wait().unwrap()
}

pub fn conflict(store: &dyn Store, set: WriteSet) -> Conflict {
    match store.commit(set).wait() {
        Err(CommitError::Conflict(conflict)) => conflict,
        other => panic!("a conflict was expected, not {other:?}"),
    }
}

pub fn failure(store: &dyn Store, set: WriteSet) -> StoreError {
    match store.commit(set).wait() {
        Err(CommitError::Failed(error)) => error,
        other => panic!("a failure was expected, not {other:?}"),
    }
}

pub fn stored(store: &dyn Store, number: i64) -> Option<Row> {
    store.read().unwrap().row(TENANT, &RowBy::Rid(Rid(number))).unwrap()
}

/// Runs `work` on so many threads at once and gathers what they return.
pub fn on_threads<T: Send>(count: i64, work: impl Fn(i64) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..count).map(|at| scope.spawn(move || work(at))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
