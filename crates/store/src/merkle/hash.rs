//! The two hashes of the tree, and how a row of nodes folds into their common root.

use sha2::{Digest, Sha256};

/// A SHA-256 value: of a leaf, a node, or a whole tree.
pub type Hash = [u8; 32];

/// Root of the tree without leaves: SHA-256 of nothing (RFC 9162 §2.1.1).
pub const EMPTY_ROOT: Hash = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// SHA-256(0x00 ‖ leaf).
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

/// SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut input = [1u8; 65];
    let [_prefix, children @ ..] = &mut input;
    let (first, second) = children.split_at_mut(32);
    first.copy_from_slice(left);
    second.copy_from_slice(right);
    Sha256::digest(input).into()
}

/// Root over nodes that stand side by side and are all complete and of one height, but the last, which may be
/// lower.
///
/// Going up in pairs and lifting an odd last node as it is gives the same tree as the recursive definition,
/// which splits at the largest power of two below the size: to the left of that split everything pairs up.
pub(super) fn fold(nodes: &[Hash]) -> Hash {
    let mut row = pairs(nodes);
    while row.len() > 1 {
        row = pairs(&row);
    }
    row.first().copied().unwrap_or(EMPTY_ROOT)
}

fn pairs(nodes: &[Hash]) -> Vec<Hash> {
    nodes
        .chunks(2)
        .map(|pair| match pair {
            [left, right] => node_hash(left, right),
            [odd, ..] => *odd,
            [] => EMPTY_ROOT,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::naive;

    fn hex(hash: &Hash) -> String {
        hash.iter().map(|b| format!("{b:02x}")).collect()
    }

    #[test]
    fn hashes_of_the_empty_tree_and_the_empty_leaf_are_those_of_rfc_6962() {
        assert_eq!(EMPTY_ROOT, <Hash>::from(Sha256::digest([])));
        assert_eq!(hex(&leaf_hash(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    }

    #[test]
    fn a_node_is_hashed_with_its_prefix_before_both_children() {
        let (left, right) = (leaf_hash(b"a"), leaf_hash(b"b"));
        let expected = Sha256::digest([&[1u8][..], &left, &right].concat());
        assert_eq!(node_hash(&left, &right), <Hash>::from(expected));
    }

    #[test]
    fn folding_pairs_upwards_is_the_recursive_definition() {
        let leaves = naive::leaves(600);
        for size in 0..600 {
            assert_eq!(fold(&leaves[..size]), naive::root(&leaves[..size]), "size {size}");
        }
    }
}
