//! The read side of one node's log, this node's own or another's.

use dossier_model::id::Tenant;

use super::Shared;
use super::bundles::{Ask, Log, whole};
use crate::access_log::Verified;
use crate::access_log::checkpoint::size_of;
use crate::error::StoreError;
use crate::log::{AccessEntry, LogHead};
use crate::mechanics::Checkpoint;
use crate::merkle::{Hash, Head, TileSource, Tree, full_tiles, leaf_hash, tile_root};
use crate::mysql::conn::{SqlError, values};
use crate::mysql::pool::Pool;
use crate::store::AccessRead;

pub(super) struct NodeLog<'s> {
    pub(super) shared: &'s Shared,
    pub(super) pool: &'s Pool,
    pub(super) tenant: Tenant,
    pub(super) node: u32,
}

impl<'s> NodeLog<'s> {
    fn log(&self) -> Result<Log<'s, Pool>, StoreError> {
        self.shared.health.check()?;
        Ok(Log { asked: self.pool, tenant: self.tenant, node: self.node })
    }

    /// This node's own tree, as far as it is durable; `None` for the log of another, whose end only the database knows.
    fn own(&self) -> Option<Tree> {
        let own = || self.shared.trees.lock().get(&self.tenant).cloned().unwrap_or_default();
        (self.node == self.shared.node).then(own)
    }

    fn durable(&self) -> Result<Head, StoreError> {
        match self.own() {
            Some(tree) => Ok(tree.head()),
            None => self.log()?.head(false),
        }
    }

    fn size(&self) -> Result<u64, StoreError> {
        match self.own() {
            Some(tree) => Ok(tree.size()),
            None => Ok(self.log()?.head(false)?.size),
        }
    }

    fn log_tiles(&self) -> Result<LogTiles<'s, Pool>, StoreError> {
        let log = self.log()?;
        let tree = self.own();
        let size = match &tree {
            Some(tree) => tree.size(),
            None => log.head(false)?.size,
        };
        Ok(LogTiles { log, size, tree })
    }
}

impl AccessRead for NodeLog<'_> {
    fn head(&self) -> Result<LogHead, StoreError> {
        let log = self.log()?;
        let checkpoint = log.checkpoint()?;
        let head = self.durable()?;
        if checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.size > head.size) {
            return Err(log.damage(head.size, "the log ends here, but its checkpoint covers more"));
        }
        Ok(LogHead { size: head.size, root: head.root, checkpoint })
    }

    fn entries(&self, from: u64, limit: usize) -> Result<Vec<(u64, AccessEntry)>, StoreError> {
        let log = self.log()?;
        let to = from.saturating_add(u64::try_from(limit).unwrap_or(u64::MAX));
        log.entries(from, to.min(self.size()?))
    }

    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.log_tiles()?.tile(level, index)
    }

    fn tiles(&self) -> Result<Box<dyn TileSource + '_>, StoreError> {
        Ok(Box::new(self.log_tiles()?))
    }

    fn verify(&self) -> Result<Verified, StoreError> {
        let own = (self.node == self.shared.node).then(|| self.shared.trees.lock().clone());
        self.shared.health.check()?;
        super::verify::verify(self.pool, self.node, own)
    }

    fn save_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        let log = self.log()?;
        if size_of(&checkpoint.text) != Some(checkpoint.size) {
            return Err(StoreError::Invalid("the second line of a checkpoint is its size"));
        }
        let refused = Err(StoreError::Invalid(
            "a checkpoint covers no fewer entries than the last, and only durable ones",
        ));
        if checkpoint.size > self.size()? {
            return refused;
        }
        // Two may do this at once: one statement carries its condition, the other meets a unique key.
        let (size, text) = (whole(checkpoint.size), checkpoint.text.as_bytes());
        let kept = log.asked.ask(|conn| {
            for _ in 0..2 {
                let update = "UPDATE access_checkpoint SET size = ?, checkpoint = ? \
                              WHERE tenant = ? AND node = ? AND size <= ?";
                if conn.execute(update, values![size, text, self.tenant.0, self.node, size])? == 1 {
                    return Ok(true);
                }
                let insert =
                    "INSERT INTO access_checkpoint (tenant, node, size, checkpoint) VALUES (?, ?, ?, ?)";
                match conn.execute(insert, values![self.tenant.0, self.node, size, text]) {
                    Err(SqlError::Duplicate) => {}
                    other => return Ok(other? == 1),
                }
            }
            Ok(false)
        })?;
        if kept { Ok(()) } else { refused }
    }
}

/// The tiles of a log at one size.
pub(super) struct LogTiles<'a, A> {
    pub(super) log: Log<'a, A>,
    pub(super) size: u64,
    /// The tree of that size, where it is in memory.
    pub(super) tree: Option<Tree>,
}

impl<A: Ask> TileSource for LogTiles<'_, A> {
    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        if index >= full_tiles(self.size, level) {
            return Ok(None);
        }
        Ok(self.log.tiles(level, index, 1)?.pop())
    }

    fn leaf_hashes(&self, from: u64, count: usize) -> Result<Vec<Hash>, StoreError> {
        let mut hashes = Vec::with_capacity(count);
        self.log.walk(from, from + count as u64, |leaf, _| hashes.push(leaf_hash(leaf)))?;
        Ok(hashes)
    }

    /// Above the lowest level, the tiles below are read with one question.
    fn partial(&self, level: u8, index: u64, width: usize) -> Result<Option<Vec<Hash>>, StoreError> {
        if let Some(tree) = &self.tree {
            let newest = index == full_tiles(self.size, level);
            return Ok(tree.partial(level).get(..width).filter(|_| newest).map(<[Hash]>::to_vec));
        }
        let Some(below) = level.checked_sub(1) else { return Ok(None) };
        let tiles = self.log.tiles(below, index.saturating_mul(256), width as u64)?;
        tiles.iter().map(|tile| tile_root(tile)).collect::<Result<_, _>>().map(Some)
    }
}
