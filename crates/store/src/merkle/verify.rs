//! Verifying proofs: pure, for anyone who has hashes and no log.

use super::hash::{EMPTY_ROOT, Hash, node_hash};
use super::proof::is_subtree;

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Index or sizes do not lie within each other.
    #[error("the leaf or the older tree does not lie within the tree")]
    Outside,
    /// No tree has these leaves as a subtree.
    #[error("the subtree does not begin at a multiple of its width")]
    NotASubtree,
    /// Too many hashes, or too few.
    #[error("the proof has {found} hashes, which does not fit the sizes")]
    Length {
        /// Hashes in the proof.
        found: usize,
    },
    /// The hashes lead to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// Checks that the leaf with this hash is number `index` of the tree of `size` leaves (RFC 9162 §2.1.3.2).
///
/// # Errors
/// Why it is not shown, as with all functions here.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    verify_subtree_inclusion(leaf, index, 0, size, proof, root)
}

/// Checks that the leaf with this hash is number `index` of the log, within the subtree of the leaves
/// `start..end`.
pub fn verify_subtree_inclusion(
    leaf: &Hash,
    index: u64,
    start: u64,
    end: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if !is_subtree(start, end) {
        return Err(ProofError::NotASubtree);
    }
    if index < start || index >= end {
        return Err(ProofError::Outside);
    }
    let (mut at, mut last, mut hash) = (index - start, end - start - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length { found: proof.len() });
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last != 0 {
        return Err(ProofError::Length { found: proof.len() });
    }
    if hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Checks that the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162 §2.1.4.2). Every tree
/// begins with the empty one, so nothing can be shown from there: an `old` of 0 is accepted only beside a
/// `new` of 0.
pub fn verify_consistency(
    old: u64,
    new: u64,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> Result<(), ProofError> {
    if old == 0 && new != 0 {
        return Err(ProofError::Outside);
    }
    if new == 0 && new_root != &EMPTY_ROOT {
        return Err(ProofError::Root);
    }
    verify_subtree_consistency(0, old, new, proof, old_root, new_root)
}

/// Checks that the tree of `size` leaves holds the subtree of the leaves `start..end` with the root `part`.
/// An empty subtree is in every tree: there only `part` is checked.
pub fn verify_subtree_consistency(
    start: u64,
    end: u64,
    size: u64,
    proof: &[Hash],
    part: &Hash,
    root: &Hash,
) -> Result<(), ProofError> {
    if end > size {
        return Err(ProofError::Outside);
    }
    if !is_subtree(start, end) {
        return Err(ProofError::NotASubtree);
    }
    if start == end {
        return match (proof, part) {
            ([], &EMPTY_ROOT) => Ok(()),
            ([], _) => Err(ProofError::Root),
            _ => Err(ProofError::Length { found: proof.len() }),
        };
    }
    let (mut first, mut last, mut tree_last) = (start, end - 1, size - 1);
    // Up to the highest node that both trees share whole; the proof begins there.
    while first != last && (last == tree_last || last & 1 == 1) {
        (first, last, tree_last) = (first >> 1, last >> 1, tree_last >> 1);
    }
    // With the start of the subtree reached, its root itself is that node.
    let (seed, rest) = match proof.split_first() {
        _ if first == last => (*part, proof),
        Some((seed, rest)) => (*seed, rest),
        None => return Err(ProofError::Length { found: 0 }),
    };
    climb(Climb { first, last, tree_last }, seed, rest, part, root)
        .unwrap_or(Err(ProofError::Length { found: proof.len() }))
}

struct Climb {
    first: u64,
    last: u64,
    tree_last: u64,
}

/// Calculates both roots from their shared node; `None` if the proof has a wrong length.
fn climb(at: Climb, seed: Hash, proof: &[Hash], part: &Hash, root: &Hash) -> Option<Result<(), ProofError>> {
    let Climb { mut first, mut last, mut tree_last } = at;
    let (mut small, mut large) = (seed, seed);
    for hash in proof {
        if tree_last == 0 {
            return None;
        }
        if last & 1 == 1 || last == tree_last {
            if first < last {
                small = node_hash(hash, &small);
            }
            large = node_hash(hash, &large);
            while last & 1 == 0 && last != 0 {
                (first, last, tree_last) = (first >> 1, last >> 1, tree_last >> 1);
            }
        } else {
            large = node_hash(&large, hash);
        }
        (first, last, tree_last) = (first >> 1, last >> 1, tree_last >> 1);
    }
    if tree_last != 0 {
        return None;
    }
    Some(if small == *part && large == *root { Ok(()) } else { Err(ProofError::Root) })
}
