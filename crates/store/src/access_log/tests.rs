//! What a log promises while it is open, and across a clean end. Crashes are in `crash_tests`.

use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;

use super::*;
use crate::merkle::{leaf_hash, naive, verify_consistency, verify_inclusion};

pub(super) const ONE: Tenant = Tenant(1);
pub(super) const OTHER: Tenant = Tenant(7);

pub(super) fn options() -> AccessLogOptions {
    AccessLogOptions { reserve_bytes: 0, ..AccessLogOptions::default() }
}

pub(super) fn open(folder: &Path) -> AccessLog {
    AccessLog::open(folder, &options()).unwrap()
}

/// A made-up entry of 100 to 400 bytes; it tells its tenant and index.
pub(super) fn entry(tenant: Tenant, index: u64) -> AccessEntry {
    let mut leaf = format!("leaf {index} of {}; ", tenant.0).into_bytes();
    leaf.resize(100 + (index as usize * 37) % 200, b'.');
    AccessEntry { leaf, side: vec![0xD0; (index as usize * 13) % 100] }
}

/// Appends entries so that the tenant has `to`, `step` of them with each flush.
pub(super) fn fill(log: &AccessLog, tenant: Tenant, to: u64, step: u64) {
    let mut at = log.size(tenant).unwrap();
    while at < to {
        let until = to.min(at + step);
        let first = log.append(tenant, (at..until).map(|i| entry(tenant, i)).collect()).wait().unwrap();
        assert_eq!(first, at);
        at = until;
    }
}

/// Checks that a tenant has exactly the entries that `fill` makes, and the tree over them.
pub(super) fn check(log: &AccessLog, tenant: Tenant, size: u64) {
    assert_eq!(log.size(tenant).unwrap(), size);
    let read: Vec<_> = log.entries(tenant, 0, u64::MAX).unwrap().map(Result::unwrap).collect();
    assert_eq!(read.len() as u64, size);
    assert!(read.iter().enumerate().all(|(i, (index, e))| *index == i as u64 && *e == entry(tenant, *index)));
    let hashes: Vec<_> = read.iter().map(|(_, e)| leaf_hash(&e.leaf)).collect();
    assert_eq!(log.head(tenant).unwrap().root, naive::root(&hashes));
}

#[test]
fn entries_of_two_tenants_are_kept_apart_and_survive_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    for round in 1..=20 {
        fill(&log, ONE, round * 33, 11);
        fill(&log, OTHER, round * 5, 2);
    }
    for _ in 0..2 {
        let log = open_again(&log, folder.path());
        check(&log, ONE, 660);
        check(&log, OTHER, 100);
        assert_eq!(log.tenants().unwrap(), [ONE, OTHER]);
        assert_eq!(log.verify().unwrap().entries, 760);
    }
}

/// A second look at the same files; the first log only stays open because nothing is appended meanwhile.
fn open_again(_first: &AccessLog, folder: &Path) -> AccessLog {
    open(folder)
}

#[test]
fn writers_on_many_threads_get_adjacent_indexes_and_share_flushes() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    let mut firsts: Vec<u64> = std::thread::scope(|scope| {
        let write =
            || (0..50).map(|_| log.append(ONE, vec![entry(ONE, 0); 2]).wait().unwrap()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(write)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    firsts.sort_unstable();
    assert!(firsts.iter().enumerate().all(|(i, first)| *first == i as u64 * 2));
    log.verify().unwrap();
}

#[test]
fn any_range_is_read_without_the_ones_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    for round in 1..=6 {
        fill(&log, ONE, round * 50, 7);
        fill(&log, OTHER, round * 700, 100); // what lies between is more than the index leaves out
    }
    for (from, to) in [(0, 1), (49, 51), (63, 65), (120, 300), (299, 300), (200, 200), (300, 999), (999, 1)] {
        let read: Vec<_> = log.entries(ONE, from, to).unwrap().map(|e| e.unwrap().0).collect();
        assert_eq!(read, (from..to.min(300)).collect::<Vec<_>>(), "{from}..{to}");
    }
}

#[test]
fn reading_goes_on_while_others_append() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    fill(&log, ONE, 10, 1);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            fill(&log, ONE, 3000, 10);
            done.store(true, Ordering::Release);
        });
        while !done.load(Ordering::Acquire) {
            let head = log.head(ONE).unwrap();
            let last = log.entries(ONE, head.size - 1, head.size).unwrap().next().unwrap().unwrap();
            assert_eq!(last, (head.size - 1, entry(ONE, head.size - 1)));
            let proof = log.inclusion_proof(ONE, head.size - 1, head.size).unwrap();
            verify_inclusion(&leaf_hash(&last.1.leaf), last.0, head.size, &proof, &head.root).unwrap();
            log.verify().unwrap();
        }
    });
}

#[test]
fn proofs_and_tiles_are_served_at_any_size_the_log_ever_had() {
    let folder = tempfile::tempdir().unwrap();
    fill(&open(folder.path()), ONE, 700, 50);
    let log = open(folder.path());
    let hashes: Vec<_> = (0..700).map(|i| leaf_hash(&entry(ONE, i).leaf)).collect();
    assert_eq!(log.tile(ONE, 0, 1).unwrap().unwrap(), hashes[256..512].concat());
    assert_eq!(log.tile(ONE, 0, 2).unwrap(), None);
    let root = log.root_at(ONE, 300).unwrap();
    assert_eq!(root, naive::root(&hashes[..300]));
    let proof = log.consistency_proof(ONE, 300, 700).unwrap();
    verify_consistency(300, 700, &proof, &root, &log.head(ONE).unwrap().root).unwrap();
    assert!(matches!(log.root_at(ONE, 701), Err(StoreError::Invalid(_))));
}

#[test]
fn limits_are_refused_through_the_ticket_and_leave_the_log_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    let large = AccessEntry { leaf: vec![0; 32 * 1024 + 1], side: Vec::new() };
    assert!(matches!(log.append(ONE, vec![entry(ONE, 0), large]).wait(), Err(StoreError::Invalid(_))));
    assert!(matches!(log.append(ONE, Vec::new()).wait(), Err(StoreError::Invalid(_))));
    fill(&log, ONE, 3, 1);
    check(&log, ONE, 3);
}

#[test]
fn more_than_one_bundle_can_hold_is_spread_over_several() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    let large = || AccessEntry { leaf: vec![7; 32 * 1024], side: Vec::new() };
    let tickets: Vec<_> = (0..5).map(|_| log.append(ONE, (0..250).map(|_| large()).collect())).collect();
    let firsts: Vec<_> = tickets.into_iter().map(|ticket| ticket.wait().unwrap()).collect();
    assert_eq!(firsts, [0, 250, 500, 750, 1000]);
    assert_eq!(log.verify().unwrap().entries, 1250);
}

#[test]
fn a_checkpoint_is_kept_and_an_older_or_a_premature_one_refused() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    fill(&log, ONE, 5, 5);
    let note = |size: u64| Checkpoint { size, text: format!("origin\n{size}\nroot\n\nsignature\n") };
    log.save_checkpoint(ONE, &note(4)).unwrap();
    log.save_checkpoint(ONE, &note(5)).unwrap();
    for refused in [note(3), note(6), Checkpoint { size: 5, text: "no note".into() }] {
        assert!(matches!(log.save_checkpoint(ONE, &refused), Err(StoreError::Invalid(_))));
    }
    drop(log);
    let log = open(folder.path());
    assert_eq!(log.head(ONE).unwrap().checkpoint, Some(note(5)));
    assert_eq!(log.checkpoint(OTHER).unwrap(), None);
}

#[test]
fn dropping_a_log_finishes_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    let tickets: Vec<_> = (0..100).map(|i| log.append(ONE, vec![entry(ONE, i)])).collect();
    drop(log);
    assert!(tickets.into_iter().enumerate().all(|(i, ticket)| ticket.wait() == Ok(i as u64)));
    check(&open(folder.path()), ONE, 100);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn whatever_is_appended_in_whatever_portions_is_there(
        steps in prop::collection::vec((prop::bool::ANY, 1u64..90, prop::bool::weighted(0.15)), 1..25)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut log = open(folder.path());
        let mut sizes = [(ONE, 0), (OTHER, 0)];
        for (other, count, reopen) in steps {
            let (tenant, size) = &mut sizes[usize::from(other)];
            *size += count;
            fill(&log, *tenant, *size, 40);
            if reopen {
                drop(log);
                log = open(folder.path());
            }
        }
        sizes.iter().for_each(|(tenant, size)| check(&log, *tenant, *size));
        log.verify().unwrap();
    }
}
