//! The two traits behind which a database stands, and nothing else of it.

use dossier_model::id::{Rid, Tenant, Uid};
use dossier_model::time::Micros;

use crate::access_log::Verified;
use crate::error::StoreError;
use crate::log::{AccessEntry, AccessTicket, CommitTicket, LogHead};
use crate::mechanics::{
    Checkpoint, IdempotencyRow, JobPart, JobRow, LeaseRow, LoginRow, SessionRow, TokenRow, UniqueRow,
    WrappedKey,
};
use crate::merkle::TileSource;
use crate::query::{RowBy, RowQuery};
use crate::row::{Row, SystemRow};
use crate::write_set::WriteSet;

/// A database of sealed records with the two logs beside it. Blocking; to be called from threads that may wait.
///
/// After a failed flush every call answers [`StoreError::Poisoned`] until the process is started again: a flush is
/// never tried twice.
pub trait Store: Send + Sync {
    /// One consistent snapshot, fixed at this call. It holds a reader until dropped: keep it short, and take no
    /// second one meanwhile.
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError>;

    /// Hands a write set to the writer. Nothing happened before the ticket says so; dropping the ticket does not
    /// recall the set. Sets handed in by one thread are committed in that order, those in bulk after what waits.
    fn commit(&self, set: WriteSet) -> CommitTicket;

    /// Whether others have committed something a moment ago: then work in bulk has to come in small sets.
    fn is_shared(&self) -> bool;

    /// The first of `count` numbers that nobody else gets, from a named sequence that starts at 1. Durable before it
    /// returns; numbers of a block that are not used are gaps.
    fn lease(&self, tenant: Tenant, sequence: &str, count: u32) -> Result<i64, StoreError>;

    /// Keeps a signed checkpoint of the change log. One of fewer entries than the stored one is refused as `Invalid`.
    fn save_checkpoint(&self, tenant: Tenant, checkpoint: &Checkpoint) -> Result<(), StoreError>;

    /// The node that this process is: each node has an access log of its own. An embedded store has the one node 1.
    fn node(&self) -> u32;

    /// The nodes that have an access log of the tenant, and this process's own, ascending.
    fn nodes(&self, tenant: Tenant) -> Result<Vec<u32>, StoreError>;

    /// Hands entries to this node's access log; they get adjacent positions.
    fn access_append(&self, tenant: Tenant, entries: Vec<AccessEntry>) -> AccessTicket;

    /// The read side of a node's access log. A node that is none of [`Store::nodes`] is refused as `Invalid`.
    fn access_log(&self, tenant: Tenant, node: u32) -> Result<Box<dyn AccessRead + '_>, StoreError>;

    /// Fails unless the store can serve: not poisoned, and a reader answers.
    fn ready(&self) -> Result<(), StoreError>;

    /// Makes the next flush fail, as a broken disk would: for tests of what must happen then.
    #[cfg(any(test, feature = "parity"))]
    fn break_next_flush(&self) {}
}

/// The read side of one node's access log of one tenant. Only what is durable is seen.
pub trait AccessRead {
    /// Size, root and newest checkpoint.
    fn head(&self) -> Result<LogHead, StoreError>;

    /// Up to `limit` entries from index `from` on, ascending, each with its index.
    fn entries(&self, from: u64, limit: usize) -> Result<Vec<(u64, AccessEntry)>, StoreError>;

    /// A full tile (256 hashes, 8,192 bytes), or `None` when it is not full yet.
    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// The tiles at this moment, for proofs ([`crate::merkle::inclusion_proof`] and its siblings).
    fn tiles(&self) -> Result<Box<dyn TileSource + '_>, StoreError>;

    /// Reads the whole log, of all tenants, and compares it with what is derived from it.
    fn verify(&self) -> Result<Verified, StoreError>;

    /// Keeps a signed checkpoint; one of fewer entries than the stored one is refused as `Invalid`.
    fn save_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), StoreError>;
}

/// What every data statement must agree with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Epoch of the policy that holds in this snapshot; 0 before the first.
    pub policy_epoch: u64,
    /// Size of the change log.
    pub change_size: u64,
}

/// Questions to one snapshot. Pages are keysets: give the last key of a page as `after` for the next.
pub trait Read: Send {
    /// Policy epoch and size of the change log.
    fn state(&self, tenant: Tenant) -> Result<State, StoreError>;

    /// The current version of one record.
    fn row(&self, tenant: Tenant, by: &RowBy) -> Result<Option<Row>, StoreError>;

    /// A page of current rows, newest first (by descending number), each with the data key that its container is
    /// sealed with. The key is `None` only where it was deleted: an erased row.
    fn rows_with_keys(
        &self,
        tenant: Tenant,
        query: &RowQuery,
    ) -> Result<Vec<(Row, Option<WrappedKey>)>, StoreError>;

    /// How many rows a query matches, whatever its `limit` and `after`.
    fn count(&self, tenant: Tenant, query: &RowQuery) -> Result<u64, StoreError>;

    /// One version of one record, old or current.
    fn version(&self, tenant: Tenant, rid: Rid, version: u32) -> Result<Option<Row>, StoreError>;

    /// Versions of one record, newest first, the current one included, below `before` when given.
    fn versions(
        &self,
        tenant: Tenant,
        rid: Rid,
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError>;

    /// A data key.
    fn key(&self, tenant: Tenant, domain: Rid, version: u16) -> Result<Option<WrappedKey>, StoreError>;

    /// The data key with the highest version of a domain.
    fn newest_key(&self, tenant: Tenant, domain: Rid) -> Result<Option<WrappedKey>, StoreError>;

    /// Data keys of a bucket, ascending by (domain, version), after the given one.
    fn keys_in_bucket(
        &self,
        tenant: Tenant,
        bucket: u16,
        after: Option<(Rid, u16)>,
        limit: usize,
    ) -> Result<Vec<WrappedKey>, StoreError>;

    /// The generation under which a bucket takes data keys; 1 when it was never set.
    fn bucket_generation(&self, tenant: Tenant, bucket: u16) -> Result<u32, StoreError>;

    /// Records that have a token, ascending.
    fn by_token(
        &self,
        tenant: Tenant,
        field: u32,
        version: u16,
        token: i64,
        limit: usize,
    ) -> Result<Vec<Rid>, StoreError>;

    /// Which of these unique tokens are taken in the slots that they name, and by whom; ascending by (field, version,
    /// token, slot). The records in what is asked for do not matter.
    fn holders(&self, tenant: Tenant, keys: &[UniqueRow]) -> Result<Vec<UniqueRow>, StoreError>;

    /// The record that holds a unique token in slot 0.
    fn by_unique(
        &self,
        tenant: Tenant,
        field: u32,
        version: u16,
        token: &[u8; 16],
    ) -> Result<Option<Rid>, StoreError> {
        let key = UniqueRow { field, version, token: *token, slot: 0, rid: Rid(0) };
        Ok(self.holders(tenant, &[key])?.first().map(|row| row.rid))
    }

    /// Current rows ascending by number, of all kinds and states: for verification and rebuilding.
    fn scan_rows(&self, tenant: Tenant, after: Option<Rid>, limit: usize) -> Result<Vec<Row>, StoreError>;

    /// Old versions ascending by (number, version).
    fn scan_versions(
        &self,
        tenant: Tenant,
        after: Option<(Rid, u32)>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError>;

    /// Tokens in ascending order.
    fn scan_tokens(
        &self,
        tenant: Tenant,
        after: Option<&TokenRow>,
        limit: usize,
    ) -> Result<Vec<TokenRow>, StoreError>;

    /// Unique tokens in ascending order.
    fn scan_uniques(
        &self,
        tenant: Tenant,
        after: Option<&UniqueRow>,
        limit: usize,
    ) -> Result<Vec<UniqueRow>, StoreError>;

    /// Data keys ascending by (domain, version).
    fn scan_keys(
        &self,
        tenant: Tenant,
        after: Option<(Rid, u16)>,
        limit: usize,
    ) -> Result<Vec<WrappedKey>, StoreError>;

    /// Whether a record has a token.
    fn has_token(&self, tenant: Tenant, token: &TokenRow) -> Result<bool, StoreError>;

    /// What the backend itself finds wrong with its pages and indexes; nothing when all is well. Reads everything.
    fn damage(&self) -> Result<Vec<String>, StoreError>;

    /// Whether no token, unique ones included, is left of an index-key version.
    fn token_version_is_empty(&self, tenant: Tenant, version: u16) -> Result<bool, StoreError>;

    /// Current versions of all system records of a kind, ascending by id.
    fn system(&self, tenant: Tenant, kind: &str) -> Result<Vec<SystemRow>, StoreError>;

    /// The current version of one system record.
    fn system_row(&self, tenant: Tenant, kind: &str, id: Uid) -> Result<Option<SystemRow>, StoreError>;

    /// All versions of one system record, ascending, the current one included.
    fn system_versions(&self, tenant: Tenant, kind: &str, id: Uid) -> Result<Vec<SystemRow>, StoreError>;

    /// Size, root and newest checkpoint of the change log.
    fn change_head(&self, tenant: Tenant) -> Result<LogHead, StoreError>;

    /// Leaves of the change log from index `from` on, ascending, each with its index.
    fn change_entries(
        &self,
        tenant: Tenant,
        from: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError>;

    /// A full tile of the change log (256 hashes, 8,192 bytes), or `None` when it is not full yet.
    fn tile(&self, tenant: Tenant, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// A session by the hash of its secret, ended or not.
    fn session(&self, tenant: Tenant, hash: &[u8; 32]) -> Result<Option<SessionRow>, StoreError>;

    /// A sign-in or a link by the hash of its secret, ended or not.
    fn login(&self, tenant: Tenant, hash: &[u8; 32]) -> Result<Option<LoginRow>, StoreError>;

    /// Sign-ins and links of a person, ended or not, newest first.
    fn logins_of(&self, tenant: Tenant, subject: Uid, limit: usize) -> Result<Vec<LoginRow>, StoreError>;

    /// What an idempotency key did.
    fn idempotency(
        &self,
        tenant: Tenant,
        subject: Uid,
        key: &[u8; 32],
    ) -> Result<Option<IdempotencyRow>, StoreError>;

    /// Uses of a quota from `window_start` on.
    fn quota(
        &self,
        tenant: Tenant,
        subject: Uid,
        name: &str,
        window_start: Micros,
    ) -> Result<u32, StoreError>;

    /// Where a cursor is; 0 when it never moved.
    fn cursor(&self, tenant: Tenant, name: &str) -> Result<u64, StoreError>;

    /// Who holds a lease, ended or not.
    fn lease(&self, tenant: Tenant, name: &str) -> Result<Option<LeaseRow>, StoreError>;

    /// One job.
    fn job(&self, tenant: Tenant, id: Uid) -> Result<Option<JobRow>, StoreError>;

    /// Jobs in a state that are due at a moment, the longest due first.
    fn jobs(&self, tenant: Tenant, state: u8, due: Micros, limit: usize) -> Result<Vec<JobRow>, StoreError>;

    /// Jobs of a kind in any state, newest id first, below `before` when given.
    fn jobs_of(
        &self,
        tenant: Tenant,
        kind: &str,
        before: Option<Uid>,
        limit: usize,
    ) -> Result<Vec<JobRow>, StoreError>;

    /// Parts of one class of a job, ascending by number, after the given one.
    fn parts(
        &self,
        tenant: Tenant,
        job: Uid,
        class: u8,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<JobPart>, StoreError>;
}
