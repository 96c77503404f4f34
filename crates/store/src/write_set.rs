//! What is committed as one: expected state, changes, and the change-log entries that tell of them.

use dossier_model::id::{Rid, Tenant, Uid};
use dossier_model::time::Micros;

use crate::error::StoreError;
use crate::mechanics::{JobPart, JobRow, LoginRow, SessionRow, WrappedKey};
use crate::row::{Row, STATE_ERASED, SystemRow};

/// Longest leaf of a log (`docs/formats.md`, "The two logs").
pub const MAX_LEAF_BYTES: usize = 32 * 1024;

/// A write set: all of it happens, or nothing.
///
/// Operations are checked and applied in the order given, except that tokens are put last, in the order of
/// the index: what one operation changed, a later one sees.
#[derive(Clone)]
pub struct WriteSet {
    /// Whose data.
    pub tenant: Tenant,
    /// The policy epoch under which the set was decided; `None` where no decision stands behind it.
    pub policy_epoch: Option<u64>,
    /// Expectations and changes.
    pub ops: Vec<Op>,
    /// Leaves of the change log, each at most [`MAX_LEAF_BYTES`]. They get adjacent positions.
    pub entries: Vec<Vec<u8>>,
    /// Whether it lets others go first: work in bulk, for which nobody is to wait.
    pub bulk: bool,
}

impl WriteSet {
    /// An empty set.
    pub fn new(tenant: Tenant) -> Self {
        Self { tenant, policy_epoch: None, ops: Vec::new(), entries: Vec::new(), bulk: false }
    }

    /// The same set, to be refused when the policy has moved on from `epoch`.
    pub fn under(mut self, epoch: u64) -> Self {
        self.policy_epoch = Some(epoch);
        self
    }

    /// The same set, to be committed when nobody else waits.
    pub fn in_bulk(mut self) -> Self {
        self.bulk = true;
        self
    }

    /// Adds an operation.
    pub fn op(mut self, op: Op) -> Self {
        self.ops.push(op);
        self
    }

    /// Adds a change-log entry.
    pub fn entry(mut self, leaf: Vec<u8>) -> Self {
        self.entries.push(leaf);
        self
    }
}

impl std::fmt::Debug for WriteSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WriteSet")
            .field("tenant", &self.tenant.0)
            .field("ops", &self.ops.len())
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}

/// One expectation or change.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Op {
    /// Writes a new record (`expect` 0) or a new version of one; the version before is kept among the old ones.
    /// The new version must be higher than `expect`. Conflicts: `Version`, `Record`, `Code`.
    PutRow {
        /// The new version.
        row: Row,
        /// The version that must be stored now; 0 when the record must be new.
        expect: u32,
    },
    /// Replaces one version in place: the same content sealed again, or its masks written afresh. `row.version`
    /// says which, the current or an old one; its stored generation must be `expect_generation` and the new one
    /// higher. Conflict: `Version`.
    ResealRow {
        /// The same version, sealed again.
        row: Row,
        /// Generation that must be stored now.
        expect_generation: u32,
    },
    /// Writes `row` as the last version, with an empty container, and deletes all versions before.
    /// Conflict: `Version`.
    EraseRow {
        /// What is left: clear columns, state erased.
        row: Row,
        /// The version that must be stored now.
        expect: u32,
    },
    /// Only checks that a record is at a version. Conflict: `Version`.
    ExpectRow {
        /// The record.
        rid: Rid,
        /// The version that must be stored; 0 when there must be none.
        version: u32,
    },
    /// Stores a new data key; its bucket generation must be the current one. Conflicts: `KeyGeneration`, `Key`.
    PutKey(WrappedKey),
    /// Deletes all data keys of a domain.
    DeleteKeys {
        /// The domain.
        domain: Rid,
    },
    /// Replaces a wrapped key by the same key wrapped under the bucket's current generation.
    /// Conflicts: `KeyGeneration`, `Key`.
    RewrapKey {
        /// The key, wrapped again.
        key: WrappedKey,
        /// Bucket generation under which it must be stored now.
        expect_generation: u32,
    },
    /// Checks a bucket's generation (1 when it was never set). Conflict: `KeyGeneration`.
    ExpectBucket {
        /// The bucket, below 1,024.
        bucket: u16,
        /// The generation that must hold.
        generation: u32,
    },
    /// Moves a bucket to a new generation: from here on data keys are accepted under it alone.
    /// Conflict: `KeyGeneration`.
    SetBucket {
        /// The bucket, below 1,024.
        bucket: u16,
        /// The generation that must hold now (1 when it was never set).
        expect: u32,
        /// The new one.
        to: u32,
    },
    /// Adds a token; one that is there already is left.
    PutToken {
        /// Token field.
        field: u32,
        /// Version of the index key.
        version: u16,
        /// First eight bytes of the token.
        token: i64,
        /// The record.
        rid: Rid,
    },
    /// Removes a token, if it is there.
    DeleteToken {
        /// Token field.
        field: u32,
        /// Version of the index key.
        version: u16,
        /// First eight bytes of the token.
        token: i64,
        /// The record.
        rid: Rid,
    },
    /// Takes a unique token; one that the same record holds already is left. Conflict: `Unique`.
    PutUnique {
        /// Token field.
        field: u32,
        /// Version of the index key.
        version: u16,
        /// First sixteen bytes of the token.
        token: [u8; 16],
        /// 0 for the live dossier, the record's own number for merged and closed ones.
        slot: i64,
        /// The record.
        rid: Rid,
    },
    /// Gives a unique token back, if `rid` holds it.
    DeleteUnique {
        /// Token field.
        field: u32,
        /// Version of the index key.
        version: u16,
        /// First sixteen bytes of the token.
        token: [u8; 16],
        /// The slot.
        slot: i64,
        /// The record that holds it.
        rid: Rid,
    },
    /// Deletes up to `limit` tokens, unique ones too, of one index-key version (`key reindex` drops the old).
    DropTokenVersion {
        /// Version of the index key.
        version: u16,
        /// At most so many in this set; repeat until [`crate::Read::token_version_is_empty`].
        limit: u32,
    },
    /// Writes a new system record (`expect` 0) or a new version of one; all versions are kept. Conflict: `System`.
    PutSystem {
        /// The new version, higher than `expect`.
        row: SystemRow,
        /// The version that must be stored now; 0 when it must be new.
        expect: u32,
    },
    /// Takes a system record out of use; its versions are kept. Conflict: `System`.
    DropSystem {
        /// Name of the system kind.
        kind: String,
        /// Public id.
        id: Uid,
        /// The version that must be stored now.
        expect: u32,
    },
    /// Moves the policy epoch forward. Conflict: `Epoch`, when `to` is not higher than the current one.
    BumpPolicyEpoch {
        /// The new epoch.
        to: u64,
    },
    /// Stores a session, replacing one of the same hash.
    PutSession(SessionRow),
    /// Ends a session, if it is there.
    DeleteSession {
        /// SHA-256 of the bearer secret.
        hash: [u8; 32],
    },
    /// Ends all sessions of a user or client.
    DeleteSessionsOf {
        /// The user or client.
        subject: Uid,
    },
    /// Deletes sessions that ended before a moment.
    PruneSessions {
        /// The moment.
        before: Micros,
    },
    /// The sign-in is still there: what its owner asked for was asked by somebody who is signed in.
    ExpectLogin {
        /// SHA-256 of its secret.
        hash: [u8; 32],
    },
    /// Stores a sign-in or a link, replacing one of the same hash.
    PutLogin(LoginRow),
    /// Marks a sign-in as used, if it is there and was not marked later.
    UseLogin {
        /// SHA-256 of the secret.
        hash: [u8; 32],
        /// When.
        used: Micros,
        /// The MAC of the row as it is then.
        mac: [u8; 16],
    },
    /// Ends a sign-in or a link, if it is there.
    DeleteLogin {
        /// SHA-256 of the secret.
        hash: [u8; 32],
    },
    /// Ends all sign-ins and links of a person, except one where one is named.
    DeleteLoginsOf {
        /// The person.
        subject: Uid,
        /// SHA-256 of the secret of the one that stays.
        except: Option<[u8; 32]>,
    },
    /// Deletes sign-ins and links that ended before a moment.
    PruneLogins {
        /// The moment.
        before: Micros,
    },
    /// Uses an idempotency key. Conflict: `Idempotency`, which carries what the first use stored.
    PutIdempotency {
        /// The user or client; each has keys of its own.
        subject: Uid,
        /// SHA-256 of the key.
        key: [u8; 32],
        /// Hash of the command.
        command_hash: [u8; 32],
        /// The id of what came out of it, in the engine's own form.
        result: Vec<u8>,
        /// Now.
        at: Micros,
    },
    /// Deletes idempotency keys used before a moment.
    PruneIdempotency {
        /// The moment.
        before: Micros,
    },
    /// Counts one use against a quota. Uses are rows of their own, counted from `window_start` on and deleted when older, or
    /// when they are further ahead of now than clocks differ. Unlike sessions they carry no MAC: who can edit the database
    /// can give back quota, not take rights. Conflict: `Quota`.
    TakeQuota {
        /// The user or client.
        subject: Uid,
        /// Name of the quota.
        name: String,
        /// Now.
        at: Micros,
        /// Uses before this moment no longer count. All uses of one name have windows of one length.
        window_start: Micros,
        /// How many uses a window may hold.
        limit: u32,
    },
    /// Gives back the newest use of a quota, if there is one: what was taken beforehand and turned out to be no use.
    GiveQuota {
        /// The user or client.
        subject: Uid,
        /// Name of the quota.
        name: String,
    },
    /// Deletes uses of all quotas before a moment, with what else is kept of a subject that has none left: names that
    /// somebody tried once are tried by nobody again, and no use of theirs would ever clear them away.
    PruneQuotas {
        /// The moment.
        before: Micros,
    },
    /// Moves a cursor. Conflict: `Cursor`.
    PutCursor {
        /// Name of the cursor.
        name: String,
        /// Where it must be; 0 when it never moved.
        expect: u64,
        /// Where it goes.
        to: u64,
    },
    /// Takes or renews a lease: granted when it is free, ended, held by the same holder, or taken for so long ahead that its
    /// holder's clock was wrong. The fencing token goes up when the holder changes. Conflict: `Lease`.
    TakeLease {
        /// Name of the lease.
        name: String,
        /// Who takes it.
        holder: Uid,
        /// Now.
        now: Micros,
        /// Until when it is taken.
        until: Micros,
    },
    /// Deletes a lease, if this holder has it, whose fencing tokens begin anew then: for what is done once, and whose writes
    /// name something else as well that never comes back, such as the version of a job.
    DropLease {
        /// Name of the lease.
        name: String,
        /// Who has it.
        holder: Uid,
    },
    /// Checks that a lease still has this fencing token. Conflict: `Lease`.
    ExpectFence {
        /// Name of the lease.
        name: String,
        /// The fencing token.
        fence: u64,
    },
    /// Writes a job, new (`expect` 0) or changed. Conflict: `Job`.
    PutJob {
        /// The job; its version must be higher than `expect`.
        job: JobRow,
        /// The version that must be stored now; 0 when it must be new.
        expect: u32,
    },
    /// Deletes a job, if it is there.
    DeleteJob {
        /// The job.
        id: Uid,
    },
    /// Writes a part of a job, over the one that is there. Whoever does so writes the job too: its version decides
    /// between two.
    PutPart(JobPart),
    /// Deletes a part of a job, if it is there.
    DeletePart {
        /// The job.
        job: Uid,
        /// The class.
        class: u8,
        /// The number in it.
        number: i64,
    },
}

impl Op {
    /// Whether it puts a token: those are applied together, after the others.
    pub(crate) fn is_token_put(&self) -> bool {
        matches!(self, Op::PutToken { .. } | Op::PutUnique { .. })
    }

    /// Whether it takes a token away.
    pub(crate) fn is_token_delete(&self) -> bool {
        matches!(self, Op::DeleteToken { .. } | Op::DeleteUnique { .. })
    }

    /// What is wrong with the operation in itself, whatever is stored.
    fn fault(&self) -> Option<&'static str> {
        match self {
            Op::PutRow { row, expect } if row.version <= *expect => {
                Some("a new version that is not above the expected one")
            }
            Op::EraseRow { row, expect } if row.version <= *expect || *expect == 0 => {
                Some("an erased version that is not above the expected one")
            }
            Op::EraseRow { row, .. } if row.state != STATE_ERASED || !row.container.is_empty() => {
                Some("an erased row that still has content")
            }
            Op::ResealRow { row, expect_generation } if row.generation <= *expect_generation => {
                Some("a seal generation that is not above the expected one")
            }
            Op::ExpectBucket { bucket, .. } | Op::SetBucket { bucket, .. } if *bucket >= 1024 => {
                Some("a bucket above 1,023")
            }
            Op::SetBucket { expect, to, .. } if to <= expect => {
                Some("a bucket generation that is not above the expected one")
            }
            Op::PutSystem { row, expect } if row.version <= *expect => {
                Some("a new version that is not above the expected one")
            }
            Op::PutJob { job, expect } if job.version <= *expect => {
                Some("a new version that is not above the expected one")
            }
            Op::PutLogin(row) if row.body.len() > 4096 => Some("a sign-in of more than 4,096 bytes"),
            _ => None,
        }
    }
}

impl WriteSet {
    /// Refuses what no state of the store could make right.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if let Some(fault) = self.ops.iter().find_map(Op::fault) {
            return Err(StoreError::Invalid(fault));
        }
        if self.entries.iter().any(|leaf| leaf.is_empty() || leaf.len() > MAX_LEAF_BYTES) {
            return Err(StoreError::Invalid("a log entry that is empty or longer than 32 KiB"));
        }
        Ok(())
    }
}

/// Where a set's entries stand in the change log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Index of the first entry; the size of the log, if the set had none.
    pub first: u64,
    /// Number of entries.
    pub count: u64,
}
