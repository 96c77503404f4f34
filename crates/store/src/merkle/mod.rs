//! The Merkle tree of a log: hashing (RFC 6962 §2.1, RFC 9162 §2.1), tiles (C2SP tlog-tiles, height 8),
//! proofs and their verification.
//!
//! [`Tree`] grows with a log and gives away each tile that fills up; a [`TileSource`] is wherever those tiles
//! went. From a source, proofs are made for any size that the log ever had. Verifying needs neither.

mod hash;
mod proof;
mod tile;
mod tree;
mod verify;

pub use hash::{EMPTY_ROOT, Hash, leaf_hash, node_hash};
pub use proof::{
    consistency_proof, inclusion_proof, inclusion_proofs, root_at, subtree_consistency_proof,
    subtree_inclusion_proof, subtree_root,
};
pub use tile::{FullTile, Grown, TILE_BYTES, TILE_WIDTH, TileSource, full_tiles, tile_root};
pub use tree::{Head, Tree};
pub use verify::{
    ProofError, verify_consistency, verify_inclusion, verify_subtree_consistency, verify_subtree_inclusion,
};

#[cfg(test)]
pub(crate) mod naive;
#[cfg(test)]
mod vectors;
