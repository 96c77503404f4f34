//! Reading the log: bundles one after the other, entries of one tenant from any index, tiles. All of it reads
//! at offsets below the durable end, so it never stands in the way of who appends.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use dossier_model::id::Tenant;
use parking_lot::Mutex;

use super::files::Folder;
use super::format::{Bundle, HEADER_BYTES, Header, header};
use super::state::{INDEX_EVERY_BYTES, State};
use crate::error::StoreError;
use crate::log::AccessEntry;
use crate::merkle::{FullTile, Hash, TileSource, Tree, full_tiles, leaf_hash};

/// Bytes read at once when looking for a few entries.
const LOOK_BYTES: usize = 64 * 1024;
/// Bytes read at once when all is read.
const SCAN_BYTES: usize = 1024 * 1024;

/// An error that names its place in the log file.
pub(super) fn damage(offset: u64, what: &str) -> StoreError {
    StoreError::Corrupt(format!("access log, byte {offset}: {what}"))
}

/// Why a scan stopped before its end.
pub(super) enum Stop {
    /// No whole bundle lies here.
    Bad { offset: u64, reason: &'static str },
    /// The file could not be read.
    Failed(StoreError),
}

impl From<Stop> for StoreError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Bad { offset, reason } => damage(offset, reason),
            Stop::Failed(error) => error,
        }
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Failed(error.into())
    }
}

/// Goes through the bundles of a range of the file, holding one stretch of it in memory.
pub(super) struct Scanner {
    file: Arc<File>,
    at: u64,
    end: u64,
    stretch: usize,
    held: Vec<u8>,
    held_at: u64,
}

impl Scanner {
    /// A scanner of all bundles from `at` on, which is where one begins.
    pub(super) fn new(file: Arc<File>, at: u64, end: u64) -> Self {
        Self { file, at, end, stretch: SCAN_BYTES, held: Vec::new(), held_at: at }
    }

    /// The next bundle with its offset, checked; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Bundle<'_>)>, Stop> {
        let Some(header) = self.peek()? else { return Ok(None) };
        self.fill(header.bytes)?;
        let offset = self.at;
        self.at += header.bytes as u64;
        let from = usize::try_from(offset - self.held_at).unwrap_or(usize::MAX);
        let bytes = self.held.get(from..).unwrap_or_default();
        Bundle::parse(bytes)
            .map(|bundle| Some((offset, bundle)))
            .map_err(|reason| Stop::Bad { offset, reason })
    }

    /// The header of the next bundle, unchecked.
    fn peek(&mut self) -> Result<Option<Header>, Stop> {
        if self.at >= self.end {
            return Ok(None);
        }
        let (offset, left) = (self.at, self.end - self.at);
        let bad = |reason| Stop::Bad { offset, reason };
        let found = header(self.fill(HEADER_BYTES)?).ok_or_else(|| bad("no bundle begins here"))?;
        if found.bytes as u64 > left { Err(bad("the bundle ends too early")) } else { Ok(Some(found)) }
    }

    /// Bytes from here on, `wanted` of them unless the range ends before.
    fn fill(&mut self, wanted: usize) -> io::Result<&[u8]> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let from = usize::try_from(self.at - self.held_at).unwrap_or(usize::MAX).min(self.held.len());
        if self.held.len() - from < wanted.min(left) {
            self.held.drain(..from);
            self.held_at = self.at;
            let have = self.held.len();
            self.held.resize(wanted.max(self.stretch).min(left), 0);
            let missing = self.held.get_mut(have..).unwrap_or_default();
            self.file.read_exact_at(missing, self.held_at + have as u64)?;
            return Ok(&self.held);
        }
        Ok(self.held.get(from..).unwrap_or_default())
    }

    fn jump(&mut self, at: u64) {
        if at < self.held_at || at > self.held_at + self.held.len() as u64 {
            self.held.clear();
            self.held_at = at;
        }
        self.at = at;
    }
}

/// The files of a log and what is known of them: all that reading needs.
pub(super) struct Core {
    pub(super) folder: Folder,
    pub(super) file: Arc<File>,
    pub(super) state: Mutex<State>,
}

impl Core {
    /// Entries `from..to` of a tenant; `to` is not behind the tenant's last one.
    pub(super) fn entries(&self, tenant: Tenant, from: u64, to: u64) -> Result<Entries<'_>, StoreError> {
        let end = self.state.lock().end;
        let at = if from < to { self.locate(tenant, from)? } else { end };
        let mut scanner = Scanner::new(Arc::clone(&self.file), at, end);
        scanner.stretch = LOOK_BYTES;
        Ok(Entries { core: self, tenant, next: from, to, scanner, sought: at, ready: VecDeque::new() })
    }

    /// Offset of the last indexed bundle that begins at the entry or before it.
    fn locate(&self, tenant: Tenant, entry: u64) -> Result<u64, StoreError> {
        let written = {
            let state = self.state.lock();
            let Some(log) = state.tenants.get(&tenant) else { return Ok(state.end) };
            let after = log.records.partition_point(|record| record.first <= entry);
            match after.checked_sub(1).and_then(|last| log.records.get(last)) {
                Some(record) => return Ok(record.offset),
                None => log.written,
            }
        };
        let (mut low, mut high) = (0, written);
        let mut found = None;
        while low < high {
            let middle = low + (high - low) / 2;
            let record = self.folder.read_record(tenant, middle)?;
            if record.first <= entry {
                (low, found) = (middle + 1, Some(record.offset));
            } else {
                high = middle;
            }
        }
        found.ok_or_else(|| {
            StoreError::Corrupt("access log: the index does not begin at the first entry".into())
        })
    }

    /// The tiles of a tenant, as far as they are full at this moment.
    pub(super) fn tiles(&self, tenant: Tenant) -> Tiles<'_> {
        let state = self.state.lock();
        let log = state.tenants.get(&tenant);
        let (tree, pending) = log.map(|log| (log.tree.clone(), log.tiles.clone())).unwrap_or_default();
        Tiles { core: self, tenant, tree, pending }
    }
}

/// Iterator over entries of one tenant with their indexes, ascending. Ends after an error.
pub struct Entries<'a> {
    core: &'a Core,
    tenant: Tenant,
    next: u64,
    to: u64,
    scanner: Scanner,
    /// Where the index was asked last.
    sought: u64,
    ready: VecDeque<AccessEntry>,
}

impl Entries<'_> {
    /// Takes the next bundle of the tenant that has an entry in question.
    fn load(&mut self) -> Result<(), StoreError> {
        while let Some(header) = self.scanner.peek()? {
            if header.tenant != self.tenant || header.next() <= self.next {
                let behind = self.scanner.at + header.bytes as u64;
                self.scanner.jump(behind);
                self.seek_past_others(behind)?;
                continue;
            }
            let Some((offset, bundle)) = self.scanner.next()? else { break };
            if bundle.header.first > self.next {
                return Err(damage(offset, &format!("entry {} is missing before this bundle", self.next)));
            }
            let skipped = usize::try_from(self.next - bundle.header.first).unwrap_or(usize::MAX);
            let wanted = usize::try_from(self.to - self.next).unwrap_or(usize::MAX);
            let entry =
                |(leaf, side): (&[u8], &[u8])| AccessEntry { leaf: leaf.to_vec(), side: side.to_vec() };
            self.ready.extend(bundle.entries().skip(skipped).take(wanted).map(entry));
            return Ok(());
        }
        Err(StoreError::Corrupt(format!("access log: entry {} is missing", self.next)))
    }

    /// Where others filled the log for a while, the index knows where this tenant goes on.
    fn seek_past_others(&mut self, at: u64) -> Result<(), StoreError> {
        if at - self.sought > INDEX_EVERY_BYTES {
            let known = self.core.locate(self.tenant, self.next)?;
            self.sought = at.max(known);
            self.scanner.jump(self.sought);
        }
        Ok(())
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<(u64, AccessEntry), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.to {
            return None;
        }
        if self.ready.is_empty()
            && let Err(error) = self.load()
        {
            self.to = self.next;
            return Some(Err(error));
        }
        let entry = self.ready.pop_front()?;
        self.next += 1;
        Some(Ok((self.next - 1, entry)))
    }
}

/// Tiles of one tenant at one moment: those in files, those still in memory, and those not full yet.
pub struct Tiles<'a> {
    core: &'a Core,
    tenant: Tenant,
    pub(super) tree: Tree,
    pending: Vec<Arc<FullTile>>,
}

impl TileSource for Tiles<'_> {
    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        if index >= full_tiles(self.tree.size(), level) {
            return Ok(None);
        }
        match self.pending.iter().find(|tile| (tile.level, tile.index) == (level, index)) {
            Some(tile) => Ok(Some(tile.bytes.clone())),
            None => self.core.folder.read_tile(self.tenant, level, index).map(Some),
        }
    }

    fn leaf_hashes(&self, from: u64, count: usize) -> Result<Vec<Hash>, StoreError> {
        let entries = self.core.entries(self.tenant, from, from + count as u64)?;
        entries.map(|entry| entry.map(|(_, entry)| leaf_hash(&entry.leaf))).collect()
    }

    fn partial(&self, level: u8, index: u64, width: usize) -> Result<Option<Vec<Hash>>, StoreError> {
        let newest = index == full_tiles(self.tree.size(), level);
        Ok(self.tree.partial(level).get(..width).filter(|_| newest).map(<[Hash]>::to_vec))
    }
}
