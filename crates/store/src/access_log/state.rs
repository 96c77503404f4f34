//! What is known of a log in memory: its end, and per tenant the tree and what is derived but not in files
//! yet.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use dossier_model::id::Tenant;
use parking_lot::Mutex;

use super::files::Folder;
use crate::merkle::{FullTile, Hash, Tree};

/// A bundle is in the index when it begins so many entries after the last one that is, ...
const INDEX_EVERY_ENTRIES: u64 = 64;
/// ... or so many bytes: bundles of other tenants may lie between.
pub(super) const INDEX_EVERY_BYTES: u64 = 64 * 1024;
/// Bytes of an index record.
pub(super) const RECORD_BYTES: u64 = 16;

/// Where a bundle begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Index of its first entry.
    pub(super) first: u64,
    /// Offset in the log file.
    pub(super) offset: u64,
}

impl Record {
    pub(super) fn to_bytes(self) -> [u8; RECORD_BYTES as usize] {
        ((u128::from(self.first) << 64) | u128::from(self.offset)).to_be_bytes()
    }

    pub(super) fn from_bytes(bytes: &[u8; RECORD_BYTES as usize]) -> Self {
        let both = u128::from_be_bytes(*bytes);
        Self { first: (both >> 64) as u64, offset: both as u64 }
    }
}

/// One tenant's part of the log.
#[derive(Clone, Default)]
pub(super) struct TenantLog {
    pub(super) tree: Tree,
    /// Full tiles that are not in their files yet.
    pub(super) tiles: Vec<Arc<FullTile>>,
    /// Records that are in the index file.
    pub(super) written: u64,
    /// Records behind those.
    pub(super) records: Vec<Record>,
    /// The newest record, wherever it is.
    pub(super) newest: Option<Record>,
}

impl TenantLog {
    /// Takes in a bundle that is durable: the index, the tree and its tiles.
    pub(super) fn take(&mut self, offset: u64, hashes: impl Iterator<Item = Hash>) {
        let first = self.tree.size();
        let due = self.newest.is_none_or(|newest| {
            first - newest.first >= INDEX_EVERY_ENTRIES || offset - newest.offset >= INDEX_EVERY_BYTES
        });
        if due {
            let record = Record { first, offset };
            self.records.push(record);
            self.newest = Some(record);
        }
        let mut full = Vec::new();
        for hash in hashes {
            self.tree.append_hash(hash, &mut full);
        }
        self.tiles.extend(full.into_iter().map(Arc::new));
    }
}

/// The log as far as it is durable.
#[derive(Clone, Default)]
pub(super) struct State {
    /// Where the next bundle will begin.
    pub(super) end: u64,
    pub(super) tenants: BTreeMap<Tenant, TenantLog>,
}

impl State {
    /// Entries of a tenant.
    pub(super) fn size(&self, tenant: Tenant) -> u64 {
        self.tenants.get(&tenant).map_or(0, |log| log.tree.size())
    }
}

/// Writes what is derived to its files. The lock is not held meanwhile; only one thread may do this at a
/// time.
///
/// After an error it stays in memory and will be written with the next call.
pub(super) fn write_derived(state: &Mutex<State>, folder: &Folder) -> io::Result<()> {
    let pending: Vec<_> = {
        let state = state.lock();
        let some = state.tenants.iter().filter(|(_, log)| !log.tiles.is_empty() || !log.records.is_empty());
        some.map(|(tenant, log)| (*tenant, log.tiles.clone(), log.written, log.records.clone())).collect()
    };
    for (tenant, tiles, written, records) in pending {
        folder.write_tiles(tenant, &tiles)?;
        folder.write_records(tenant, written, &records)?;
        if let Some(log) = state.lock().tenants.get_mut(&tenant) {
            log.tiles.drain(..tiles.len());
            log.records.drain(..records.len());
            log.written += records.len() as u64;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(count: u64) -> impl Iterator<Item = Hash> {
        (0..count).map(|_| [0; 32])
    }

    #[test]
    fn the_index_has_a_record_for_every_sixty_four_entries_and_every_sixty_four_kilobytes() {
        let mut log = TenantLog::default();
        (0..640).for_each(|i| log.take(i * 300, hashes(1)));
        let firsts: Vec<_> = log.records.iter().map(|r| r.first).collect();
        assert_eq!(firsts, [0, 64, 128, 192, 256, 320, 384, 448, 512, 576]);
        log.take(640 * 300 + 70_000, hashes(1));
        log.take(640 * 300 + 140_000, hashes(1));
        assert_eq!(log.records.len(), 12);
    }

    #[test]
    fn what_is_derived_moves_from_memory_to_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let files = Folder::new(folder.path().to_owned());
        let state = Mutex::new(State::default());
        state.lock().tenants.entry(Tenant(1)).or_default().take(0, hashes(300));
        state.lock().tenants.entry(Tenant(1)).or_default().take(9000, hashes(300));
        write_derived(&state, &files).unwrap();
        let log = state.lock().tenants.remove(&Tenant(1)).unwrap();
        assert!(log.tiles.is_empty() && log.records.is_empty());
        assert_eq!((log.written, log.tree.size()), (2, 600));
        assert_eq!(files.read_record(Tenant(1), 1).unwrap(), Record { first: 300, offset: 9000 });
        assert_eq!(files.read_tile(Tenant(1), 0, 1).unwrap(), vec![0; 8192]);
        assert!(matches!(files.read_tile(Tenant(1), 0, 2), Err(crate::StoreError::Corrupt(_))));
    }
}
