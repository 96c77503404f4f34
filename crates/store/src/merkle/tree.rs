//! The growing tree: what is not in full tiles yet, in memory.

use super::hash::{Hash, fold, leaf_hash};
use super::tile::{FullTile, Nodes, TILE_WIDTH, TileSource, full_tiles};
use crate::error::StoreError;

/// Size and root of a log: what a checkpoint signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Leaves.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

/// An append-only Merkle tree. Holds at most 255 hashes of each level of tiles (8 KiB; four levels reach four
/// thousand million leaves), so a writer clones it to try a batch and swaps it in once the batch is durable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    partial: Vec<Vec<Hash>>,
}

impl Tree {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tree of the first `size` leaves, from its tiles. Reads at most 256 tiles per level.
    ///
    /// # Errors
    /// When the source fails, or lacks what a tree of this size has.
    pub fn restore(size: u64, source: &dyn TileSource) -> Result<Self, StoreError> {
        let mut nodes = Nodes::new(source, size);
        let mut partial = Vec::new();
        for level in 0..8u8 {
            if size.checked_shr(u32::from(level) * 8).unwrap_or(0) == 0 {
                break;
            }
            let index = full_tiles(size, level);
            partial.push(nodes.tile(level, index)?.to_vec());
        }
        Ok(Self { size, partial })
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf; tiles that fill up go to `full`. Returns the leaf's index.
    pub fn append(&mut self, leaf: &[u8], full: &mut Vec<FullTile>) -> u64 {
        self.append_hash(leaf_hash(leaf), full)
    }

    /// As [`Self::append`], for a leaf that was hashed elsewhere.
    pub fn append_hash(&mut self, hash: Hash, full: &mut Vec<FullTile>) -> u64 {
        let index = self.size;
        self.size += 1;
        let mut carry = hash;
        for level in 0..8u8 {
            if self.partial.len() <= usize::from(level) {
                self.partial.push(Vec::with_capacity(TILE_WIDTH));
            }
            let Some(tile) = self.partial.get_mut(usize::from(level)) else { break };
            tile.push(carry);
            if tile.len() < TILE_WIDTH {
                break;
            }
            full.push(FullTile { level, index: full_tiles(index, level), bytes: tile.concat() });
            carry = fold(tile);
            tile.clear();
        }
        index
    }

    /// Root at the current size. Costs at most 255 hashes per level of tiles.
    pub fn root(&self) -> Hash {
        let mut lower: Option<Hash> = None;
        for tile in &self.partial {
            // What the levels below left over is the last and lowest node of this row.
            let row: Vec<Hash> = tile.iter().copied().chain(lower).collect();
            if !row.is_empty() {
                lower = Some(fold(&row));
            }
        }
        lower.unwrap_or(super::EMPTY_ROOT)
    }

    /// Size and root.
    pub fn head(&self) -> Head {
        Head { size: self.size, root: self.root() }
    }

    /// The hashes of the tile at `level` that is not full yet; at most 255.
    pub fn partial(&self, level: u8) -> &[Hash] {
        self.partial.get(usize::from(level)).map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::merkle::{Grown, naive, root_at};

    /// Tiles in a map, and the leaf hashes beside them.
    #[derive(Default)]
    pub(crate) struct Memory {
        pub(crate) tiles: BTreeMap<(u8, u64), Vec<u8>>,
        pub(crate) leaves: Vec<Hash>,
    }

    impl TileSource for Memory {
        fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
            Ok(self.tiles.get(&(level, index)).cloned())
        }

        fn leaf_hashes(&self, from: u64, count: usize) -> Result<Vec<Hash>, StoreError> {
            let from = usize::try_from(from).unwrap();
            Ok(self.leaves[from..from + count].to_vec())
        }
    }

    /// A tree over made-up leaves, and where its tiles went.
    pub(crate) fn grow(size: usize) -> (Tree, Memory) {
        let mut memory = Memory { leaves: naive::leaves(size), ..Memory::default() };
        let (mut tree, mut full) = (Tree::new(), Vec::new());
        for hash in &memory.leaves {
            tree.append_hash(*hash, &mut full);
        }
        memory.tiles.extend(full.into_iter().map(|t| ((t.level, t.index), t.bytes)));
        (tree, memory)
    }

    pub(crate) const EDGES: [usize; 10] = [0, 1, 2, 255, 256, 257, 511, 65_535, 65_536, 65_537];

    #[test]
    fn at_the_edges_of_tiles_the_root_is_that_of_the_definition() {
        for size in EDGES {
            let (tree, memory) = grow(size);
            let expected = naive::root(&memory.leaves);
            assert_eq!(tree.root(), expected, "grown to {size}");
            assert_eq!(root_at(&memory, size as u64).unwrap(), expected, "read at {size}");
            assert_eq!(Tree::restore(size as u64, &memory).unwrap(), tree, "restored at {size}");
        }
    }

    #[test]
    fn older_sizes_are_read_from_tiles_that_filled_up_later() {
        let (tree, memory) = grow(66_000);
        for size in [1, 200, 256, 300, 40_000, 65_535, 65_536, 65_600, 66_000] {
            let grown = Grown { tree: &tree, tiles: &memory };
            assert_eq!(
                root_at(&grown, size as u64).unwrap(),
                naive::root(&memory.leaves[..size]),
                "size {size}"
            );
        }
    }

    #[test]
    fn every_full_tile_is_given_away_once_and_in_its_place() {
        let (_, memory) = grow(65_537 + 256);
        assert_eq!(memory.tiles.keys().filter(|(level, _)| *level == 0).count(), 257);
        assert_eq!(memory.tiles[&(1, 0)].len(), 8192);
        assert_eq!(memory.tiles[&(0, 256)][..32], memory.leaves[65_536]);
        let below = naive::root(&memory.leaves[512..768]);
        assert_eq!(memory.tiles[&(1, 0)][64..96], below);
    }

    #[test]
    fn a_clone_grows_on_its_own() {
        let (tree, _) = grow(300);
        let mut staged = tree.clone();
        staged.append(b"more", &mut Vec::new());
        assert_eq!((tree.size(), staged.size()), (300, 301));
        assert_ne!(tree.root(), staged.root());
    }

    #[test]
    fn a_missing_tile_is_told_and_not_guessed() {
        let (_, mut memory) = grow(70_000);
        memory.tiles.remove(&(0, 258));
        assert!(matches!(Tree::restore(70_000, &memory), Err(StoreError::Corrupt(_))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_size_has_the_root_of_the_definition(size in 1usize..2000) {
            let (tree, memory) = grow(size);
            prop_assert_eq!(tree.root(), naive::root(&memory.leaves));
            prop_assert_eq!(Tree::restore(size as u64, &memory).unwrap(), tree);
        }
    }
}
