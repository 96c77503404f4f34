//! The access log: every query, view, reveal, search and export, durable before the answer leaves.
//!
//! One file of bundles for all tenants (`format`), a Merkle tree for each. Callers hand in entries and get a
//! ticket; one thread makes all that waits durable with one flush (`writer`). Tiles and an index lie beside
//! the file and are made again from it when they are missing (`recover`). Readers see what is durable and
//! never hold up the writer (`reader`). After a failed write or flush every call answers
//! [`StoreError::Poisoned`].

pub(crate) mod checkpoint;
pub(crate) mod copy;
pub(crate) mod files;
pub(crate) mod format;
mod mark;
mod reader;
mod recover;
mod reserve;
mod state;
mod verify;
mod writer;

#[cfg(test)]
mod crash_tests;
#[cfg(test)]
mod disk_tests;
#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
mod tests;

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use dossier_model::id::Tenant;
use parking_lot::Mutex;

use self::files::Folder;
use self::reader::Core;
pub use self::reader::{Entries, Tiles};
pub use self::recover::Recovery;
use self::reserve::Reserve;
pub use self::verify::{Verified, verify_file};
use self::writer::{Disk, Flusher, Queue, Request};
use crate::error::StoreError;
use crate::log::{AccessEntry, AccessTicket, LogHead};
use crate::mechanics::Checkpoint;
use crate::merkle::{self, Hash};
use crate::ticket::{Ticket, ticket};

/// How a log is opened.
#[derive(Clone, Copy, Debug)]
pub struct AccessLogOptions {
    /// Incarnation of the node, the folder's name; 1 for an embedded store.
    pub node: u32,
    /// Bytes of the disk that are kept for this log.
    pub reserve_bytes: u64,
}

impl Default for AccessLogOptions {
    fn default() -> Self {
        Self { node: 1, reserve_bytes: 64 * 1024 * 1024 }
    }
}

/// An open access log. Whoever opens it holds the lock of the data folder.
pub struct AccessLog {
    core: Arc<Core>,
    queue: Arc<Queue>,
    flusher: Option<JoinHandle<()>>,
    recovery: Recovery,
    saving: Mutex<()>,
}

impl AccessLog {
    /// Opens the log in `folder` (the `access` folder of the data), made if it was missing. Reads what was
    /// written since the last mark, at most about 32 MiB, or all of it when something derived is missing;
    /// cuts off a torn last bundle.
    ///
    /// # Errors
    /// `Corrupt` with the position when the log is damaged anywhere else, or has fewer entries than its
    /// checkpoint.
    pub fn open(folder: &Path, options: &AccessLogOptions) -> Result<Self, StoreError> {
        Self::open_on(folder, options, |file| Box::new(file))
    }

    fn open_on(
        folder: &Path,
        options: &AccessLogOptions,
        disk: impl FnOnce(Arc<File>) -> Box<dyn Disk>,
    ) -> Result<Self, StoreError> {
        let path = folder.join(options.node.to_string());
        DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
        let files = Folder::new(path.clone());
        let file = Arc::new(files::read_write(&files.log())?);
        let reserve = Reserve::open(&folder.join("reserve"), options.reserve_bytes)?;
        for folder in path.ancestors().take(3) {
            // The log's name, its folder's, and that one's: a flush of the file alone would not keep them.
            files::sync_folder(folder)?;
        }
        let (core, recovery) = recover::recover(files, Arc::clone(&file))?;
        let (core, queue) = (Arc::new(core), Arc::new(Queue::default()));
        let flusher = Flusher::new(Arc::clone(&core), Arc::clone(&queue), disk(file), reserve, recovery);
        let thread = std::thread::Builder::new().name("access-log".into()).spawn(move || flusher.run())?;
        Ok(Self { core, queue, flusher: Some(thread), recovery, saving: Mutex::new(()) })
    }

    /// Hands in entries; they get adjacent indexes, and those of one thread come in its order. Nothing is
    /// durable before the ticket says so. Refusals (a leaf over 32 KiB, text beside it over 64 KiB, none at
    /// all, over 16 MiB together) come through the ticket as well.
    pub fn append(&self, tenant: Tenant, entries: Vec<AccessEntry>) -> AccessTicket {
        let encoded = match self.queue.check().and_then(|()| format::encode(&entries)) {
            Ok(encoded) => encoded,
            Err(error) => return AccessTicket(Ticket::ready(Err(error))),
        };
        let (promise, ticket) = ticket();
        self.queue.push(Request { tenant, encoded, promise });
        AccessTicket(ticket)
    }

    /// Durable entries of a tenant.
    pub fn size(&self, tenant: Tenant) -> Result<u64, StoreError> {
        self.queue.check()?;
        Ok(self.core.state.lock().size(tenant))
    }

    /// Tenants that have entries, ascending.
    pub fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        self.queue.check()?;
        Ok(self.core.state.lock().tenants.keys().copied().collect())
    }

    /// Size and root of a tenant's part, with its newest checkpoint.
    pub fn head(&self, tenant: Tenant) -> Result<LogHead, StoreError> {
        let checkpoint = self.checkpoint(tenant)?;
        let head = self.core.tiles(tenant).tree.head();
        Ok(LogHead { size: head.size, root: head.root, checkpoint })
    }

    /// Durable entries `from..to` of a tenant, as far as there are any, read as they are asked for.
    pub fn entries(&self, tenant: Tenant, from: u64, to: u64) -> Result<Entries<'_>, StoreError> {
        let size = self.size(tenant)?;
        self.core.entries(tenant, from, to.min(size))
    }

    /// A full tile (256 hashes, 8,192 bytes), `None` when it is not full yet.
    pub fn tile(&self, tenant: Tenant, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        merkle::TileSource::tile(&self.tiles(tenant)?, level, index)
    }

    /// All tiles at this moment, for many questions at one size: proofs, roots, an export.
    pub fn tiles(&self, tenant: Tenant) -> Result<Tiles<'_>, StoreError> {
        self.queue.check()?;
        Ok(self.core.tiles(tenant))
    }

    /// Root over the first `size` entries.
    pub fn root_at(&self, tenant: Tenant, size: u64) -> Result<Hash, StoreError> {
        merkle::root_at(&self.tiles_of(tenant, size)?, size)
    }

    /// Proof that the entry `index` is among the first `size`.
    pub fn inclusion_proof(&self, tenant: Tenant, index: u64, size: u64) -> Result<Vec<Hash>, StoreError> {
        merkle::inclusion_proof(&self.tiles_of(tenant, size)?, index, size)
    }

    /// Proof that the first `new` entries begin with the first `old` ones.
    pub fn consistency_proof(&self, tenant: Tenant, old: u64, new: u64) -> Result<Vec<Hash>, StoreError> {
        merkle::consistency_proof(&self.tiles_of(tenant, new)?, old, new)
    }

    fn tiles_of(&self, tenant: Tenant, size: u64) -> Result<Tiles<'_>, StoreError> {
        let tiles = self.tiles(tenant)?;
        if size > tiles.tree.size() {
            return Err(StoreError::Invalid("size of the access log: at most that of its head"));
        }
        Ok(tiles)
    }

    /// Reads the whole log and compares it with trees, tiles and index, in constant memory; appends go on
    /// meanwhile.
    ///
    /// # Errors
    /// `Corrupt` with the place of the first thing that is wrong.
    pub fn verify(&self) -> Result<Verified, StoreError> {
        self.queue.check()?;
        self.core.verify()
    }

    /// The newest signed checkpoint of a tenant.
    pub fn checkpoint(&self, tenant: Tenant) -> Result<Option<Checkpoint>, StoreError> {
        self.queue.check()?;
        checkpoint::load(&self.core.folder, tenant)
    }

    /// Keeps a signed checkpoint, atomically and durably. One for fewer entries than the stored one, or for
    /// more than are durable, is refused as `Invalid`, and so is one whose second line is not its size.
    pub fn save_checkpoint(&self, tenant: Tenant, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        let size = self.size(tenant)?;
        let _one_at_a_time = self.saving.lock();
        let newest = checkpoint::load(&self.core.folder, tenant)?.map_or(0, |newest| newest.size);
        if checkpoint.size < newest || checkpoint.size > size {
            return Err(StoreError::Invalid(
                "a checkpoint covers no fewer entries than the last, and only durable ones",
            ));
        }
        checkpoint::save(&self.core.folder, tenant, checkpoint)
    }

    /// What opening did.
    pub fn recovery(&self) -> Recovery {
        self.recovery
    }

    /// Bytes of the disk that are still kept for this log; fewer than configured once the disk has been full.
    pub fn reserve_left(&self) -> u64 {
        self.queue.reserve.load(Ordering::Acquire)
    }
}

impl Drop for AccessLog {
    /// Finishes what waits.
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.flusher.take() {
            // A panic of the thread has poisoned the log, and everybody was told.
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for AccessLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessLog").field("recovery", &self.recovery).finish_non_exhaustive()
    }
}
