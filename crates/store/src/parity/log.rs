//! The two logs.

use super::Open;
use super::fixture::*;
use crate::merkle::{Tree, inclusion_proof, leaf_hash, verify_inclusion};
use crate::{AccessEntry, ChangeTiles, Checkpoint, CommitError, MAX_LEAF_BYTES, Store, StoreError};

pub fn entries_stand_in_the_order_in_which_they_were_committed(open: Open<'_>) {
    let store = open();
    let first = commit(&*store, set().entry(vec![0]).entry(vec![1]));
    let none = commit(&*store, set());
    let second = commit(&*store, set().entry(vec![2]));
    assert_eq!((first.first, first.count), (0, 2));
    assert_eq!((none.first, none.count), (2, 0));
    assert_eq!((second.first, second.count), (2, 1));
    let read = store.read().unwrap();
    assert_eq!(read.change_entries(TENANT, 1, 9).unwrap(), [(1, vec![1]), (2, vec![2])]);
    assert_eq!(read.change_entries(TENANT, 0, 1).unwrap(), [(0, vec![0])]);
    assert!(read.change_entries(TENANT, 3, 9).unwrap().is_empty());
}

pub fn sixty_four_writers_leave_no_gap(open: Open<'_>) {
    let store = open();
    let placed = on_threads(64, |at| {
        let mut placed = Vec::new();
        for round in 0..8u8 {
            let leaves: Vec<_> = (0..=round % 3).map(|part| vec![at as u8, round, part]).collect();
            let done = commit(&*store, leaves.iter().cloned().fold(set(), crate::WriteSet::entry));
            assert_eq!(done.count, leaves.len() as u64);
            placed.extend((done.first..).zip(leaves));
        }
        placed
    });
    let mut placed: Vec<_> = placed.into_iter().flatten().collect();
    placed.sort();
    let read = store.read().unwrap();
    assert_eq!(read.change_entries(TENANT, 0, 9999).unwrap(), placed);
    assert!(placed.iter().map(|(index, _)| *index).eq(0..placed.len() as u64));
    assert_eq!(read.state(TENANT).unwrap().change_size, placed.len() as u64);
    check_root(&*store);
}

pub fn refused_sets_among_others_leave_neither_trace_nor_gap(open: Open<'_>) {
    let store = open();
    commit(&*store, set().op(unique(1, 1, 0, 1)).entry(vec![0]));
    // Handed in without waiting, so that they share batches.
    let tickets: Vec<_> = (1..=200i64)
        .map(|number| {
            let put =
                set().op(new(row(number))).op(token(1, number, number)).entry(number.to_be_bytes().to_vec());
            store.commit(if number % 3 == 0 { put.op(unique(1, 1, 0, number)) } else { put })
        })
        .collect();
    let mut expected = vec![(0, vec![0])];
    for (number, ticket) in (1i64..).zip(tickets) {
        match ticket.wait() {
            Ok(done) => expected.push((done.first, number.to_be_bytes().to_vec())),
            Err(CommitError::Conflict(_)) => assert_eq!(number % 3, 0),
            Err(error) => panic!("{error}"),
        }
    }
    let read = store.read().unwrap();
    assert_eq!(read.change_entries(TENANT, 0, 999).unwrap(), expected);
    assert_eq!(expected.len(), 1 + 134);
    for number in 1..=200 {
        let stands = number % 3 != 0;
        assert_eq!(stored(&*store, number).is_some(), stands);
        assert_eq!(!read.by_token(TENANT, 1, 1, number, 9).unwrap().is_empty(), stands);
    }
    check_root(&*store);
}

/// The stored root against one that is made from the leaves.
fn check_root(store: &dyn Store) {
    let read = store.read().unwrap();
    let mut tree = Tree::new();
    for (_, leaf) in read.change_entries(TENANT, 0, usize::MAX).unwrap() {
        tree.append(&leaf, &mut Vec::new());
    }
    let head = read.change_head(TENANT).unwrap();
    assert_eq!((head.size, head.root), (tree.size(), tree.root()));
}

pub fn the_root_is_that_of_all_leaves_and_proofs_verify(open: Open<'_>) {
    let store = open();
    for from in (0..600u32).step_by(50) {
        let leaves = (from..from + 50).map(|number| number.to_be_bytes().to_vec());
        commit(&*store, leaves.fold(set(), crate::WriteSet::entry));
    }
    check_root(&*store);
    let read = store.read().unwrap();
    let head = read.change_head(TENANT).unwrap();
    assert_eq!(read.tile(TENANT, 0, 1).unwrap().map(|tile| tile.len()), Some(8192));
    assert_eq!(read.tile(TENANT, 0, 2).unwrap(), None);
    let tiles = ChangeTiles { read: &*read, tenant: TENANT };
    for index in [0u64, 255, 256, 511, 512, 599] {
        let leaf = u32::try_from(index).unwrap().to_be_bytes();
        let proof = inclusion_proof(&tiles, index, head.size).unwrap();
        verify_inclusion(&leaf_hash(&leaf), index, head.size, &proof, &head.root).unwrap();
    }
}

pub fn checkpoints_only_grow_and_never_pass_the_log(open: Open<'_>) {
    let store = open();
    commit(&*store, set().entry(vec![1]).entry(vec![2]));
    let at = |size| Checkpoint { size, text: format!("name\n{size}\nroot\n") };
    store.save_checkpoint(TENANT, &at(1)).unwrap();
    store.save_checkpoint(TENANT, &at(2)).unwrap();
    for size in [1, 3] {
        assert!(matches!(store.save_checkpoint(TENANT, &at(size)), Err(StoreError::Invalid(_))));
    }
    assert_eq!(store.read().unwrap().change_head(TENANT).unwrap().checkpoint, Some(at(2)));
}

pub fn a_leaf_of_more_than_32_kib_is_refused(open: Open<'_>) {
    let store = open();
    commit(&*store, set().entry(vec![1; MAX_LEAF_BYTES]));
    let refused = failure(&*store, set().op(new(row(1))).entry(vec![1; MAX_LEAF_BYTES + 1]));
    assert!(matches!(refused, StoreError::Invalid(_)));
    assert_eq!(stored(&*store, 1), None);
}

pub fn access_entries_are_read_back_and_have_a_log_of_their_own(open: Open<'_>) {
    let store = open();
    let entry = |number: u8| AccessEntry { leaf: vec![number; 40], side: vec![number; 3] };
    assert_eq!(store.access_append(TENANT, vec![entry(0), entry(1)]).wait().unwrap(), 0);
    assert_eq!(store.access_append(TENANT, vec![entry(2)]).wait().unwrap(), 2);
    let log = store.access_log(TENANT, store.node()).unwrap();
    assert_eq!(log.entries(1, 9).unwrap(), [(1, entry(1)), (2, entry(2))]);
    let mut tree = Tree::new();
    for number in 0..3 {
        tree.append(&entry(number).leaf, &mut Vec::new());
    }
    let head = log.head().unwrap();
    assert_eq!((head.size, head.root, head.checkpoint), (3, tree.root(), None));
    assert_eq!(store.read().unwrap().state(TENANT).unwrap().change_size, 0);
    let nodes = store.nodes(TENANT).unwrap();
    assert!(nodes.contains(&store.node()) && nodes.is_sorted());
    assert!(matches!(store.access_log(TENANT, 4_000_000_000), Err(StoreError::Invalid(_))));
}
