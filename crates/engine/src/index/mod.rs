//! The index over names that this process keeps for itself: made from the records, followed up from the change log.
//!
//! A server has one in its own data folder, whatever the store. It is never trusted: a search opens each record that the
//! index proposes (`query/search`). What does not open, is of another version or of another log is made again.

mod entries;
mod follow;
mod rebuild;
mod scan;

pub use follow::Indexing;
pub use rebuild::Rebuilt;

use crate::{Engine, TENANT};
use dossier_crypto::sha256;
use dossier_model::fault::Fault;
use dossier_search::{Index, Progress, SearchError};
use dossier_store::Read;
use parking_lot::{Mutex, RwLock};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An index that has seen the end of the change log within this time is complete.
const FRESH: Duration = Duration::from_secs(1);

/// The index of this process and the state of what keeps it up.
#[derive(Default)]
pub(crate) struct Names {
    /// Where it is; none: this engine keeps none.
    folder: Option<PathBuf>,
    index: RwLock<Option<Arc<Index>>>,
    /// One step at a time.
    working: Mutex<Purging>,
    /// When everything that was in the change log was in the index.
    caught_up: Mutex<Option<Instant>>,
}

/// Whether what was taken out is to be written out of the files.
struct Purging {
    due: bool,
    last: Instant,
    /// How often in a row a key was not there.
    moved: u32,
}

impl Default for Purging {
    fn default() -> Purging {
        // What the process before this one had left is seen to first.
        Purging { due: true, last: Instant::now(), moved: 0 }
    }
}

impl Names {
    pub(crate) fn new(folder: Option<PathBuf>) -> Names {
        Names { folder, ..Names::default() }
    }

    /// The index, when there is one.
    pub(crate) fn index(&self) -> Option<Arc<Index>> {
        self.index.read().clone()
    }

    /// Lets go of an index that does not open; the next step makes it again.
    pub(crate) fn give_up(&self, error: &SearchError) {
        tracing::warn!(%error, "the search index is made again");
        *self.caught_up.lock() = None;
        if let (Some(folder), SearchError::Damaged(_)) = (&self.folder, error)
            && let Err(error) = Index::remove(folder)
        {
            tracing::error!(%error, "the folder of the search index cannot be emptied");
        }
        *self.index.write() = None;
    }

    /// Whether everything that was committed a second ago is found, and if not, how many entries of a log of this size are
    /// not looked at yet.
    pub(crate) fn standing(&self, change_size: u64) -> (bool, u64) {
        let Some(index) = self.index() else { return (false, change_size) };
        let progress = index.progress();
        let behind = change_size.saturating_sub(progress.cursor);
        let fresh = self.caught_up.lock().is_some_and(|at| at.elapsed() < FRESH);
        let complete = progress.scanning.is_none() && (behind == 0 || fresh);
        (complete, if complete { 0 } else { behind })
    }
}

/// A failure of the index as callers are told of it.
pub(crate) fn failed(error: &SearchError) -> Fault {
    tracing::error!(%error, "the search index fails");
    Fault::new("search_index_failed")
}

impl Engine {
    /// The index: the one in use, the one in the folder, or a new one.
    fn open_index(&self) -> Result<Option<Arc<Index>>, Fault> {
        let names = &self.names;
        if let Some(index) = names.index() {
            return Ok(Some(index));
        }
        let Some(folder) = &names.folder else { return Ok(None) };
        let (keys, first) = (self.keyring.keys(), !folder.exists());
        let opened = Index::open(folder, keys.system(), keys.name(), self.entropy.clone());
        let read = self.store.read()?;
        let index = match opened {
            Ok(index) if self.is_of_this_log(&*read, &index.progress())? => index,
            other => {
                if !first {
                    let of_another = || "it is of another log".to_owned();
                    let why = other.err().map_or_else(of_another, |error| error.to_string());
                    tracing::info!(why, "the search index is made again from the records");
                }
                let size = read.state(TENANT)?.change_size;
                let last = last_hash(&*read, size)?;
                let start = Progress::start(keys.name(), size, last);
                Index::create(folder, keys.system(), start, self.entropy.clone()).map_err(|e| failed(&e))?
            }
        };
        let index = Arc::new(index);
        *names.index.write() = Some(Arc::clone(&index));
        Ok(Some(index))
    }

    fn is_of_this_log(&self, read: &dyn Read, progress: &Progress) -> Result<bool, Fault> {
        let size = read.state(TENANT)?.change_size;
        Ok(progress.cursor <= size && last_hash(read, progress.cursor)? == progress.last)
    }
}

/// The hash of the last of the first `size` entries of the change log.
fn last_hash(read: &dyn Read, size: u64) -> Result<String, Fault> {
    let Some(at) = size.checked_sub(1) else { return Ok(String::new()) };
    let found = read.change_entries(TENANT, at, 1)?;
    Ok(found.first().map(|(_, leaf)| hash_of(leaf)).unwrap_or_default())
}

fn hash_of(leaf: &[u8]) -> String {
    sha256(leaf).iter().map(|byte| format!("{byte:02x}")).collect()
}
