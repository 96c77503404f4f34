//! Data keys and buckets.

use dossier_model::id::Rid;

use super::Open;
use super::fixture::*;
use crate::{Conflict, Op, WrappedKey, bucket_of};

pub fn a_key_is_taken_only_under_the_generation_of_its_bucket(open: Open<'_>) {
    let store = open();
    let bucket = bucket_of(Rid(5000));
    commit(&*store, set().op(Op::PutKey(key(5000))).op(Op::ExpectBucket { bucket, generation: 1 }));
    commit(&*store, set().op(Op::SetBucket { bucket, expect: 1, to: 2 }));
    let late = conflict(&*store, set().op(Op::PutKey(key(5001))));
    assert_eq!(late, Conflict::KeyGeneration { bucket, current: 2 });
    let late = conflict(&*store, set().op(Op::SetBucket { bucket, expect: 1, to: 3 }));
    assert_eq!(late, Conflict::KeyGeneration { bucket, current: 2 });
    let late = conflict(&*store, set().op(Op::ExpectBucket { bucket, generation: 1 }));
    assert_eq!(late, Conflict::KeyGeneration { bucket, current: 2 });
    commit(&*store, set().op(Op::PutKey(WrappedKey { bucket_generation: 2, ..key(5001) })));
    let read = store.read().unwrap();
    assert_eq!(read.bucket_generation(TENANT, bucket).unwrap(), 2);
    assert_eq!(read.bucket_generation(TENANT, bucket + 1).unwrap(), 1);
}

pub fn a_key_is_not_replaced_by_a_put(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(Op::PutKey(key(1))));
    let other = WrappedKey { wrapped: vec![0; 40], ..key(1) };
    let refused = conflict(&*store, set().op(Op::PutKey(other)));
    assert_eq!(refused, Conflict::Key { domain: Rid(1), found: Some(1) });
    assert_eq!(store.read().unwrap().key(TENANT, Rid(1), 1).unwrap(), Some(key(1)));
}

pub fn wrapping_again_moves_a_key_to_the_new_generation_once(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(Op::PutKey(key(1))).op(Op::SetBucket { bucket: 0, expect: 1, to: 2 }));
    let again = WrappedKey { bucket_generation: 2, wrapped: vec![8; 40], ..key(1) };
    let op = Op::RewrapKey { key: again.clone(), expect_generation: 1 };
    commit(&*store, set().op(op.clone()));
    assert_eq!(store.read().unwrap().key(TENANT, Rid(1), 1).unwrap(), Some(again));
    assert_eq!(conflict(&*store, set().op(op)), Conflict::Key { domain: Rid(1), found: Some(2) });
    let gone = WrappedKey { bucket_generation: 2, ..key(2) };
    let op = Op::RewrapKey { key: gone, expect_generation: 1 };
    assert_eq!(conflict(&*store, set().op(op)), Conflict::Key { domain: Rid(2), found: None });
}

pub fn the_keys_of_a_bucket_are_found_in_all_its_runs(open: Open<'_>) {
    let store = open();
    let period = 1 << 20;
    let domains = [3, 1023, 1024, 2047, 2048, 5 * period + 1030, 5 * period + 3000, 9 * period + 2047];
    let mut put = set();
    for domain in domains {
        put = put.op(Op::PutKey(key(domain)));
        put = put.op(Op::PutKey(WrappedKey { version: 2, ..key(domain) }));
    }
    commit(&*store, put);
    let read = store.read().unwrap();
    for bucket in [0, 1, 2, 1023] {
        let expected: Vec<_> = domains.iter().copied().filter(|d| bucket_of(Rid(*d)) == bucket).collect();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = read.keys_in_bucket(TENANT, bucket, after, 3).unwrap();
            let Some(last) = page.last() else { break };
            after = Some((last.domain, last.version));
            seen.extend(page.into_iter().map(|key| (key.domain.0, key.version)));
        }
        let both: Vec<_> = expected.iter().flat_map(|domain| [(*domain, 1), (*domain, 2)]).collect();
        assert_eq!(seen, both, "bucket {bucket}");
    }
    assert_eq!(read.scan_keys(TENANT, Some((Rid(1023), 1)), 2).unwrap().len(), 2);
    assert_eq!(read.scan_keys(TENANT, None, 99).unwrap().len(), 16);
}

pub fn deleting_the_keys_of_a_domain_leaves_the_others(open: Open<'_>) {
    let store = open();
    let newer = WrappedKey { version: 2, ..key(1) };
    commit(&*store, set().op(Op::PutKey(key(1))).op(Op::PutKey(newer.clone())).op(Op::PutKey(key(2))));
    assert_eq!(store.read().unwrap().newest_key(TENANT, Rid(1)).unwrap(), Some(newer));
    commit(&*store, set().op(Op::DeleteKeys { domain: Rid(1) }));
    let read = store.read().unwrap();
    assert_eq!(read.newest_key(TENANT, Rid(1)).unwrap(), None);
    assert_eq!(read.scan_keys(TENANT, None, 9).unwrap(), [key(2)]);
}
