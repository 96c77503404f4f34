//! Tiles: 256 hashes that stand side by side, every eighth level of the tree (C2SP tlog-tiles, height 8).
//!
//! Tile `(level, index)` holds the roots of the complete subtrees of 256^level leaves, from number `index` ×
//! 256 on.

use std::collections::BTreeMap;

use super::Tree;
use super::hash::{Hash, fold};
use crate::error::StoreError;

/// Hashes in a full tile.
pub const TILE_WIDTH: usize = 256;
/// Bytes of a full tile.
pub const TILE_BYTES: usize = TILE_WIDTH * 32;

const WIDTH: u64 = TILE_WIDTH as u64;

/// A tile that will not change any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullTile {
    /// 0 for the hashes of leaves, 1 for the roots of level 0's tiles, and so on; at most 7.
    pub level: u8,
    /// Position among the tiles of its level, from 0.
    pub index: u64,
    /// 256 hashes, 8,192 bytes.
    pub bytes: Vec<u8>,
}

/// Where the tiles of a log lie, and what is not in tiles yet.
pub trait TileSource {
    /// The bytes of a full tile, `None` if there is none at this place.
    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// Hashes of the leaves `from ..  from + count`; asked only within one tile that [`Self::tile`] does not
    /// have.
    fn leaf_hashes(&self, from: u64, count: usize) -> Result<Vec<Hash>, StoreError>;

    /// The first `width` hashes of a tile that is not full, where they are at hand. Without them, the ones of
    /// level 0 are taken from [`Self::leaf_hashes`] and those above are calculated from the tiles below.
    fn partial(&self, level: u8, index: u64, width: usize) -> Result<Option<Vec<Hash>>, StoreError> {
        let _ = (level, index, width);
        Ok(None)
    }
}

/// A source whose newest tiles, those not full yet, are taken from the tree in memory.
#[derive(Clone, Copy)]
pub struct Grown<'a> {
    /// The tree, at the newest size.
    pub tree: &'a Tree,
    /// Where its full tiles are.
    pub tiles: &'a dyn TileSource,
}

impl TileSource for Grown<'_> {
    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.tiles.tile(level, index)
    }

    fn leaf_hashes(&self, from: u64, count: usize) -> Result<Vec<Hash>, StoreError> {
        self.tiles.leaf_hashes(from, count)
    }

    fn partial(&self, level: u8, index: u64, width: usize) -> Result<Option<Vec<Hash>>, StoreError> {
        match self.tree.partial(level).get(..width) {
            Some(hashes) if full_tiles(self.tree.size(), level) == index => Ok(Some(hashes.to_vec())),
            _ => self.tiles.partial(level, index, width),
        }
    }
}

/// How many full tiles a tree of `size` leaves has at `level`.
pub fn full_tiles(size: u64, level: u8) -> u64 {
    nodes_at(size, level.saturating_add(1))
}

/// The root of a full tile: the hash that stands for it one level higher.
pub fn tile_root(bytes: &[u8]) -> Result<Hash, StoreError> {
    Ok(fold(&parse(bytes)?))
}

/// How many complete subtrees of 256^level leaves a tree of `size` leaves has.
fn nodes_at(size: u64, level: u8) -> u64 {
    size.checked_shr(u32::from(level) * 8).unwrap_or(0)
}

fn parse(bytes: &[u8]) -> Result<Vec<Hash>, StoreError> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if hashes.len() != TILE_WIDTH || !rest.is_empty() {
        return Err(StoreError::Corrupt(format!("a tile has {} bytes, not {TILE_BYTES}", bytes.len())));
    }
    Ok(hashes.to_vec())
}

/// Nodes of the tree at one size, read through a source; a tile that was read is kept for the next question.
pub(super) struct Nodes<'a> {
    source: &'a dyn TileSource,
    size: u64,
    read: BTreeMap<(u8, u64), Vec<Hash>>,
}

impl<'a> Nodes<'a> {
    pub(super) fn new(source: &'a dyn TileSource, size: u64) -> Self {
        Self { source, size, read: BTreeMap::new() }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The hashes that the tile holds at this size, as many as there are.
    pub(super) fn tile(&mut self, level: u8, index: u64) -> Result<&[Hash], StoreError> {
        if !self.read.contains_key(&(level, index)) {
            let hashes = self.load(level, index)?;
            self.read.insert((level, index), hashes);
        }
        Ok(self.read.get(&(level, index)).map(Vec::as_slice).unwrap_or_default())
    }

    /// Root of the complete subtree number `index` among those of 2^height leaves.
    pub(super) fn node(&mut self, height: u32, index: u64) -> Result<Hash, StoreError> {
        let level = u8::try_from(height / 8).unwrap_or(u8::MAX);
        let first = index << (height % 8);
        let (from, count) = ((first % WIDTH) as usize, 1usize << (height % 8));
        let hashes = self.tile(level, first / WIDTH)?;
        hashes.get(from..from + count).map(fold).ok_or_else(|| missing(level, first / WIDTH))
    }

    fn load(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        let held = nodes_at(self.size, level).saturating_sub(index.saturating_mul(WIDTH)).min(WIDTH);
        let width = held as usize;
        if width == 0 {
            return Ok(Vec::new());
        }
        // A tile that has filled up since then serves the older size too.
        if let Some(bytes) = self.source.tile(level, index)? {
            let mut hashes = parse(&bytes)?;
            hashes.truncate(width);
            return Ok(hashes);
        }
        if width == TILE_WIDTH {
            return Err(missing(level, index));
        }
        let hashes = match self.source.partial(level, index, width)? {
            Some(hashes) => hashes,
            None => self.calculate(level, index, width)?,
        };
        if hashes.len() == width { Ok(hashes) } else { Err(missing(level, index)) }
    }

    fn calculate(&self, level: u8, index: u64, width: usize) -> Result<Vec<Hash>, StoreError> {
        let first = index * WIDTH;
        match level.checked_sub(1) {
            None => self.source.leaf_hashes(first, width),
            Some(below) => (first..first + width as u64).map(|i| Ok(fold(&self.load(below, i)?))).collect(),
        }
    }
}

fn missing(level: u8, index: u64) -> StoreError {
    StoreError::Corrupt(format!("tile {index} of level {level} is missing or short"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::naive;

    #[test]
    fn a_size_tells_how_many_tiles_are_full() {
        assert_eq!((full_tiles(255, 0), full_tiles(256, 0), full_tiles(65_535, 1)), (0, 1, 0));
        assert_eq!((full_tiles(65_536, 0), full_tiles(65_536, 1)), (256, 1));
        assert_eq!((full_tiles(u64::MAX, 7), full_tiles(u64::MAX, 255)), (0, 0));
    }

    #[test]
    fn the_root_of_a_tile_is_the_root_of_its_hashes() {
        let leaves = naive::leaves(256);
        assert_eq!(tile_root(&leaves.concat()).unwrap(), naive::root(&leaves));
    }

    #[test]
    fn a_tile_of_another_length_is_damage() {
        assert!(matches!(tile_root(&[0; 8191]), Err(StoreError::Corrupt(_))));
        assert!(matches!(tile_root(&[0; 8224]), Err(StoreError::Corrupt(_))));
    }
}
