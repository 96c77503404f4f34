//! What callers hand in, and how it becomes rows.

use dossier_model::id::Tenant;

use crate::access_log::format::{self, Encoded, MAX_ENTRIES_BYTES, write_bundle};
use crate::error::StoreError;
use crate::log::AccessEntry;
use crate::merkle::{FullTile, Hash, Tree};
use crate::ticket::Promise;

/// Bytes of entries in one bundle: with what is around them, less than 4 MiB. TiDB has no room for a row over 6 MiB.
pub(super) const MOST_BYTES: usize = 4 * 1024 * 1024 - 1024;

/// Entries of one caller that wait for the next flush, in parts that each fit into a bundle.
pub(super) struct Request {
    pub(super) tenant: Tenant,
    pub(super) parts: Vec<Encoded>,
    pub(super) promise: Promise<Result<u64, StoreError>>,
}

impl Request {
    fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.bytes.len()).sum()
    }

    pub(super) fn count(&self) -> u64 {
        self.parts.iter().map(|part| part.hashes.len() as u64).sum()
    }
}

/// Encodes and hashes entries in the caller's thread.
pub(super) fn encode(mut entries: Vec<AccessEntry>) -> Result<Vec<Encoded>, StoreError> {
    let size = |entry: &AccessEntry| entry.leaf.len() + entry.side.len() + 4;
    if entries.iter().map(size).sum::<usize>() > MAX_ENTRIES_BYTES {
        return Err(StoreError::Invalid("one append to the access log has at most 16 MiB: append in parts"));
    }
    let mut parts = Vec::new();
    loop {
        let mut bytes = 0;
        let fits = |entry: &&AccessEntry| {
            bytes += size(entry);
            bytes <= MOST_BYTES
        };
        // An entry that fits into no bundle is refused by its own limits.
        let count = entries.iter().take_while(fits).count().max(1).min(entries.len());
        let later = entries.split_off(count);
        parts.push(format::encode(&entries)?);
        if later.is_empty() {
            return Ok(parts);
        }
        entries = later;
    }
}

/// Takes requests of one tenant off the front, as many as fit into a bundle; at least one, which may need several.
pub(super) fn fitting(requests: &mut Vec<Request>) -> Vec<Request> {
    let mut bytes = 0;
    let fits = |request: &&Request| {
        bytes += request.bytes();
        bytes <= MOST_BYTES
    };
    let count = requests.iter().take_while(fits).count().max(1).min(requests.len());
    let later = requests.split_off(count);
    std::mem::replace(requests, later)
}

/// A row to be written.
pub(super) struct NewBundle {
    pub(super) position: u64,
    pub(super) entries: u64,
    pub(super) root: Hash,
    pub(super) bytes: Vec<u8>,
}

/// What a flush writes, and what is known once it is durable.
pub(super) struct Staged {
    pub(super) bundles: Vec<NewBundle>,
    pub(super) tiles: Vec<FullTile>,
    pub(super) tree: Tree,
}

/// Places requests behind the last entry of a tree.
pub(super) fn stage(tenant: Tenant, mut tree: Tree, requests: &[Request]) -> Staged {
    let (mut bundles, mut tiles) = (Vec::new(), Vec::new());
    let parts: Vec<&Encoded> = requests.iter().flat_map(|request| &request.parts).collect();
    let mut left = parts.as_slice();
    while !left.is_empty() {
        let mut bytes = 0;
        let fits = |part: &&&Encoded| {
            bytes += part.bytes.len();
            bytes <= MOST_BYTES
        };
        let count = left.iter().take_while(fits).count().max(1);
        let (now, later) = left.split_at(count.min(left.len()));
        left = later;
        let position = tree.size();
        for hash in now.iter().flat_map(|part| &part.hashes) {
            tree.append_hash(*hash, &mut tiles);
        }
        let entries = tree.size() - position;
        let mut bytes = Vec::new();
        let number = u32::try_from(entries).unwrap_or(u32::MAX);
        write_bundle(&mut bytes, tenant, position, number, now.iter().map(|part| part.bytes.as_slice()));
        bundles.push(NewBundle { position, entries, root: tree.root(), bytes });
    }
    Staged { bundles, tiles, tree }
}
