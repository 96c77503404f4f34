//! Making proofs from tiles, for any size the log ever had (RFC 9162 §2.1.3.1, §2.1.4.1; subtrees as in the
//! Merkle tree certificates draft, of which the two others are the cases with the start at 0).

use super::hash::{EMPTY_ROOT, Hash, node_hash};
use super::tile::{Nodes, TileSource};
use crate::error::StoreError;

/// Root over the first `size` leaves.
///
/// # Errors
/// When the source fails or lacks a tile, as with all functions here.
pub fn root_at(source: &dyn TileSource, size: u64) -> Result<Hash, StoreError> {
    range(&mut Nodes::new(source, size), 0, size)
}

/// Root over the leaves `start..end`, which have to be a subtree: `start` a multiple of the power of two that
/// holds `end - start`.
pub fn subtree_root(source: &dyn TileSource, start: u64, end: u64) -> Result<Hash, StoreError> {
    if !is_subtree(start, end) {
        return Err(StoreError::Invalid("start and end of a subtree: start is a multiple of its width"));
    }
    range(&mut Nodes::new(source, end), start, end)
}

/// Proof that the leaf `index` is in the tree of `size` leaves, from the leaf upwards.
pub fn inclusion_proof(source: &dyn TileSource, index: u64, size: u64) -> Result<Vec<Hash>, StoreError> {
    subtree_inclusion_proof(source, index, 0, size)
}

/// The same for several leaves, each tile read once.
pub fn inclusion_proofs(
    source: &dyn TileSource,
    indexes: &[u64],
    size: u64,
) -> Result<Vec<Vec<Hash>>, StoreError> {
    let mut nodes = Nodes::new(source, size);
    indexes.iter().map(|index| audit_path(&mut nodes, *index, 0, size)).collect()
}

/// Proof that the leaf `index` is in the subtree of the leaves `start..end`.
pub fn subtree_inclusion_proof(
    source: &dyn TileSource,
    index: u64,
    start: u64,
    end: u64,
) -> Result<Vec<Hash>, StoreError> {
    audit_path(&mut Nodes::new(source, end), index, start, end)
}

fn audit_path(nodes: &mut Nodes<'_>, index: u64, start: u64, end: u64) -> Result<Vec<Hash>, StoreError> {
    if !is_subtree(start, end) || index < start || index >= end {
        return Err(StoreError::Invalid("index of an inclusion proof: it lies within the tree"));
    }
    let (mut low, mut high, mut proof) = (start, end, Vec::new());
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            proof.push(range(nodes, middle, high)?);
            high = middle;
        } else {
            proof.push(range(nodes, low, middle)?);
            low = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// Proof that the tree of `new` leaves begins with the tree of `old` leaves. Empty when they are equal, and
/// when `old` is 0: every tree begins with the empty one.
pub fn consistency_proof(source: &dyn TileSource, old: u64, new: u64) -> Result<Vec<Hash>, StoreError> {
    subtree_consistency_proof(source, 0, old, new)
}

/// Proof that the tree of `size` leaves holds the subtree of the leaves `start..end`.
pub fn subtree_consistency_proof(
    source: &dyn TileSource,
    start: u64,
    end: u64,
    size: u64,
) -> Result<Vec<Hash>, StoreError> {
    if !is_subtree(start, end) || end > size {
        return Err(StoreError::Invalid("sizes of a consistency proof: the older lies within the newer"));
    }
    let mut proof = Vec::new();
    if start == end {
        return Ok(proof);
    }
    let mut nodes = Nodes::new(source, size);
    let (mut low, mut high) = (0, size);
    let mut start = start;
    let mut known = true; // whether the verifier has the hash of low..high, it being the subtree itself
    while (start, end) != (low, high) {
        let middle = low + split(high - low);
        if end <= middle {
            proof.push(range(&mut nodes, middle, high)?);
            high = middle;
        } else {
            proof.push(range(&mut nodes, low, middle)?);
            if start < middle {
                (start, known) = (middle, false);
            }
            low = middle;
        }
    }
    if !known {
        proof.push(range(&mut nodes, low, high)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether `start..end` can be a subtree of a larger tree.
pub(super) fn is_subtree(start: u64, end: u64) -> bool {
    match end.checked_sub(start) {
        None => false,
        Some(0) => true,
        Some(width) => {
            start == 0 || width.checked_next_power_of_two().is_some_and(|p| start.is_multiple_of(p))
        }
    }
}

/// The largest power of two below `width`, which is at least 2.
fn split(width: u64) -> u64 {
    1 << (u64::BITS - 1 - (width - 1).leading_zeros())
}

/// Root over `low..high`: from the complete subtrees that it consists of, the last and lowest first.
fn range(nodes: &mut Nodes<'_>, low: u64, high: u64) -> Result<Hash, StoreError> {
    debug_assert!(is_subtree(low, high) && high <= nodes.size(), "callers ask only for parts of the tree");
    let (mut end, mut root) = (high, None);
    while end > low {
        let height = (end - low).trailing_zeros();
        end -= 1 << height;
        let node = nodes.node(height, end >> height)?;
        root = Some(match root {
            None => node,
            Some(right) => node_hash(&node, &right),
        });
    }
    Ok(root.unwrap_or(EMPTY_ROOT))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::merkle::tree::tests::{EDGES, Memory, grow};
    use crate::merkle::{Grown, naive, verify_consistency, verify_inclusion, verify_subtree_consistency};

    fn check_inclusion(memory: &Memory, index: usize, size: usize) {
        let leaves = &memory.leaves[..size];
        let proof = inclusion_proof(memory, index as u64, size as u64).unwrap();
        assert_eq!(proof, naive::path(index, leaves), "leaf {index} of {size}");
        let root = naive::root(leaves);
        verify_inclusion(&leaves[index], index as u64, size as u64, &proof, &root).unwrap();
        assert!(verify_inclusion(&EMPTY_ROOT, index as u64, size as u64, &proof, &root).is_err());
    }

    fn check_consistency(memory: &Memory, old: usize, new: usize) {
        let proof = consistency_proof(memory, old as u64, new as u64).unwrap();
        let expected = if old == 0 { Vec::new() } else { naive::subtree(0, old, &memory.leaves[..new]) };
        assert_eq!(proof, expected, "{old} in {new}");
        let (before, after) = (naive::root(&memory.leaves[..old]), naive::root(&memory.leaves[..new]));
        if old > 0 {
            verify_consistency(old as u64, new as u64, &proof, &before, &after).unwrap();
            assert!(verify_consistency(old as u64, new as u64, &proof, &EMPTY_ROOT, &after).is_err());
        }
    }

    #[test]
    fn proofs_of_all_small_trees_are_those_of_the_definition_and_verify() {
        let (_, memory) = grow(40);
        for size in 1..=40 {
            (0..size).for_each(|index| check_inclusion(&memory, index, size));
            (0..=size).for_each(|old| check_consistency(&memory, old, size));
        }
    }

    #[test]
    fn proofs_at_the_edges_of_tiles_are_those_of_the_definition_and_verify() {
        let (_, memory) = grow(65_537);
        for size in EDGES.into_iter().filter(|size| *size > 0) {
            for index in [size / 2, size - 1] {
                check_inclusion(&memory, index, size);
            }
            // The definition takes its time on large trees.
            let some = |old: &usize| *old <= size && (size < 1000 || [1, 257, 65_535, 65_536].contains(old));
            for old in EDGES.into_iter().filter(some) {
                check_consistency(&memory, old, size);
            }
        }
    }

    #[test]
    fn subtree_proofs_of_all_small_trees_are_those_of_the_definition_and_verify() {
        let (_, memory) = grow(40);
        for size in 1..=40usize {
            let root = naive::root(&memory.leaves[..size]);
            for (start, end) in (0..size).flat_map(|s| (s + 1..=size).map(move |e| (s, e))) {
                if !is_subtree(start as u64, end as u64) {
                    continue;
                }
                let (from, to, of) = (start as u64, end as u64, size as u64);
                let proof = subtree_consistency_proof(&memory, from, to, of).unwrap();
                assert_eq!(
                    proof,
                    naive::subtree(start, end, &memory.leaves[..size]),
                    "{start}..{end} in {size}"
                );
                let part = subtree_root(&memory, from, to).unwrap();
                assert_eq!(part, naive::root(&memory.leaves[start..end]));
                verify_subtree_consistency(from, to, of, &proof, &part, &root).unwrap();
            }
        }
    }

    #[test]
    fn proofs_come_from_the_tree_in_memory_where_tiles_are_not_full() {
        let (tree, memory) = grow(65_600);
        let without_leaves = Memory { tiles: memory.tiles.clone(), leaves: Vec::new() };
        let grown = Grown { tree: &tree, tiles: &without_leaves };
        let proof = inclusion_proof(&grown, 65_590, 65_600).unwrap();
        assert_eq!(proof, naive::path(65_590, &memory.leaves));
    }

    #[test]
    fn several_proofs_at_once_are_those_of_each() {
        let (_, memory) = grow(65_600);
        let indexes = [0, 255, 256, 65_535, 65_536, 65_599];
        let proofs = inclusion_proofs(&memory, &indexes, 65_600).unwrap();
        let each = indexes.map(|index| inclusion_proof(&memory, index, 65_600).unwrap());
        assert_eq!(proofs, each);
    }

    #[test]
    fn what_lies_outside_the_tree_is_refused() {
        let (_, memory) = grow(10);
        assert!(matches!(inclusion_proof(&memory, 10, 10), Err(StoreError::Invalid(_))));
        assert!(matches!(inclusion_proofs(&memory, &[0, 10], 10), Err(StoreError::Invalid(_))));
        assert!(matches!(consistency_proof(&memory, 11, 10), Err(StoreError::Invalid(_))));
        assert!(matches!(subtree_root(&memory, 3, 5), Err(StoreError::Invalid(_))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_proof_is_that_of_the_definition((size, index, old) in (1usize..2000)
            .prop_flat_map(|size| (Just(size), 0..size, 0..=size)))
        {
            let (_, memory) = grow(size);
            check_inclusion(&memory, index, size);
            check_consistency(&memory, old, size);
        }

        #[test]
        fn a_proof_changed_anywhere_is_refused(
            size in 2usize..2000,
            at in any::<proptest::sample::Index>(),
            bit in 0usize..256,
        ) {
            let (_, memory) = grow(size);
            let index = at.index(size);
            let mut proof = naive::path(index, &memory.leaves);
            let place = at.index(proof.len());
            proof[place][bit / 8] ^= 1 << (bit % 8);
            let root = naive::root(&memory.leaves);
            let leaf = &memory.leaves[index];
            prop_assert!(verify_inclusion(leaf, index as u64, size as u64, &proof, &root).is_err());
        }
    }
}
