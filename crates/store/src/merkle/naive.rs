//! The definitions of RFC 9162 §2.1 written down as they stand there: an oracle for tests, with no care for
//! speed.

use super::{EMPTY_ROOT, Hash, leaf_hash, node_hash};

/// Leaf hashes of `count` made-up leaves.
pub(crate) fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|i| leaf_hash(format!("leaf {i}").as_bytes())).collect()
}

fn split(count: usize) -> usize {
    let mut k = 1;
    while k * 2 < count {
        k *= 2;
    }
    k
}

/// MTH(D).
pub(crate) fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [one] => *one,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&root(left), &root(right))
        }
    }
}

/// PATH(m, D).
pub(crate) fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut proof, other) = if m < k { (path(m, left), right) } else { (path(m - k, right), left) };
    proof.push(root(other));
    proof
}

/// SUBTREE_PROOF(start, end, D); with start 0 it is PROOF(end, D).
pub(crate) fn subtree(start: usize, end: usize, leaves: &[Hash]) -> Vec<Hash> {
    subproof(start, end, leaves, true)
}

fn subproof(start: usize, end: usize, leaves: &[Hash], known: bool) -> Vec<Hash> {
    if start == 0 && end == leaves.len() {
        return if known { Vec::new() } else { vec![root(leaves)] };
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut proof, other) = if end <= k {
        (subproof(start, end, left, known), right)
    } else if k <= start {
        (subproof(start - k, end - k, right, known), left)
    } else {
        (subproof(0, end - k, right, false), left)
    };
    proof.push(root(other));
    proof
}
