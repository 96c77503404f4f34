//! What the two logs look like from outside: heads, entries, tickets.

use std::time::Instant;

use dossier_model::id::Tenant;

use crate::error::{CommitError, StoreError};
use crate::mechanics::Checkpoint;
use crate::merkle::{Hash, TileSource, leaf_hash};
use crate::store::Read;
use crate::ticket::Ticket;
use crate::write_set::Committed;

/// Size and root of a log, with its newest signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogHead {
    /// Number of entries.
    pub size: u64,
    /// Merkle root over them (RFC 6962 §2.1).
    pub root: [u8; 32],
    /// The newest signed checkpoint, which may cover fewer entries.
    pub checkpoint: Option<Checkpoint>,
}

/// An entry of the access log.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AccessEntry {
    /// The leaf (`docs/formats.md`), at most [`crate::MAX_LEAF_BYTES`].
    pub leaf: Vec<u8>,
    /// Sealed text beside it (a purpose, a query) that is not part of the tree and may be dropped; may be empty.
    pub side: Vec<u8>,
}

impl std::fmt::Debug for AccessEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessEntry").field("leaf_bytes", &self.leaf.len()).finish_non_exhaustive()
    }
}

/// A write set on its way.
#[derive(Debug)]
#[must_use = "a set is committed, or refused, only when its ticket says so"]
pub struct CommitTicket(pub(crate) Ticket<Result<Committed, CommitError>>);

impl CommitTicket {
    /// Blocks until the set is durable or refused.
    pub fn wait(self) -> Result<Committed, CommitError> {
        self.0.wait().unwrap_or(Err(CommitError::Failed(StoreError::Poisoned)))
    }

    /// The same, with the moment at which it was known.
    pub fn wait_timed(self) -> (Result<Committed, CommitError>, Instant) {
        let gone = || (Err(CommitError::Failed(StoreError::Poisoned)), Instant::now());
        self.0.wait_timed().unwrap_or_else(gone)
    }

    /// Whether [`CommitTicket::wait`] would return at once.
    pub fn is_settled(&self) -> bool {
        self.0.is_settled()
    }
}

/// Access entries on their way.
#[derive(Debug)]
#[must_use = "an answer leaves only after its entry is durable"]
pub struct AccessTicket(pub(crate) Ticket<Result<u64, StoreError>>);

impl AccessTicket {
    /// Blocks until the entries are durable; the index of the first one.
    pub fn wait(self) -> Result<u64, StoreError> {
        self.0.wait().unwrap_or(Err(StoreError::Poisoned))
    }

    /// Whether [`AccessTicket::wait`] would return at once.
    pub fn is_settled(&self) -> bool {
        self.0.is_settled()
    }
}

/// The tiles of a tenant's change log in one snapshot, for proofs ([`crate::merkle::inclusion_proof`] and its
/// siblings).
pub struct ChangeTiles<'r> {
    /// The snapshot.
    pub read: &'r dyn Read,
    /// Whose log.
    pub tenant: Tenant,
}

impl TileSource for ChangeTiles<'_> {
    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.read.tile(self.tenant, level, index)
    }

    fn leaf_hashes(&self, from: u64, count: usize) -> Result<Vec<Hash>, StoreError> {
        let leaves = self.read.change_entries(self.tenant, from, count)?;
        Ok(leaves.iter().map(|(_, leaf)| leaf_hash(leaf)).collect())
    }
}
