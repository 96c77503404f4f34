//! Rows of the mechanics: keys, sessions, quotas, idempotency keys, cursors, leases, jobs. Plain tables, no history.

use dossier_model::id::{Rid, Uid};
use dossier_model::time::Micros;

/// The bucket whose key wraps the data keys of a domain (`docs/formats.md`, "Keys").
pub fn bucket_of(domain: Rid) -> u16 {
    u16::try_from((domain.0 >> 10) & 1023).expect("ten bits fit in sixteen")
}

/// A data key, wrapped with its bucket's key.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Key domain: the record that the domain was made for.
    pub domain: Rid,
    /// Version of the data key, from 1.
    pub version: u16,
    /// Generation of the bucket key that it is wrapped with.
    pub bucket_generation: u32,
    /// The wrapped key, 40 bytes.
    pub wrapped: Vec<u8>,
}

impl WrappedKey {
    /// The bucket whose key wraps it.
    pub fn bucket(&self) -> u16 {
        bucket_of(self.domain)
    }
}

impl std::fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WrappedKey")
            .field("domain", &self.domain.0)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// A token for finding: several records may share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenRow {
    /// Token field (`docs/formats.md`, "Tokens").
    pub field: u32,
    /// Version of the index key.
    pub version: u16,
    /// First eight bytes of the token.
    pub token: i64,
    /// The record that has the value.
    pub rid: Rid,
}

/// A unique token: one record holds it in slot 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UniqueRow {
    /// Token field (`docs/formats.md`, "Tokens").
    pub field: u32,
    /// Version of the index key.
    pub version: u16,
    /// First sixteen bytes of the token.
    pub token: [u8; 16],
    /// 0 for the live dossier, the record's own number for merged and closed ones.
    pub slot: i64,
    /// The record that holds the value.
    pub rid: Rid,
}

/// A session: found by the hash of its bearer secret, vouched for by a MAC of the engine.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of the bearer secret.
    pub hash: [u8; 32],
    /// The user or client.
    pub subject: Uid,
    /// Type of the subject, as in the ledger's `who`.
    pub subject_kind: u8,
    /// When it was issued.
    pub issued: Micros,
    /// When it ends.
    pub expires: Micros,
    /// MAC over the other columns under the mechanics key; the store does not look into it.
    pub mac: [u8; 16],
}

impl std::fmt::Debug for SessionRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionRow").field("subject_kind", &self.subject_kind).finish_non_exhaustive()
    }
}

/// What an idempotency key did.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyRow {
    /// Hash of the command that used the key.
    pub command_hash: [u8; 32],
    /// The id of what came out of it, in the engine's own form.
    pub result: Vec<u8>,
    /// When.
    pub at: Micros,
}

impl std::fmt::Debug for IdempotencyRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdempotencyRow").field("at", &self.at.0).finish_non_exhaustive()
    }
}

/// The right of one holder to do something until a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseRow {
    /// Who holds it.
    pub holder: Uid,
    /// When it ends, unless it is taken again before.
    pub until: Micros,
    /// Fencing token: one higher each time the holder changes.
    pub fence: u64,
}

/// Work that runs later, enqueued in the transaction that causes it.
#[derive(Clone, PartialEq, Eq)]
pub struct JobRow {
    /// Id of the job.
    pub id: Uid,
    /// What kind of work.
    pub kind: String,
    /// State, by the engine's numbers.
    pub state: u8,
    /// When it is due.
    pub due: Micros,
    /// Version, from 1: compared on every put.
    pub version: u32,
    /// Its parameters and progress, sealed by the engine.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for JobRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JobRow")
            .field("kind", &self.kind)
            .field("state", &self.state)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// A signed checkpoint of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number of entries that it covers.
    pub size: u64,
    /// The signed note.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_takes_ten_bits_above_the_lowest_ten() {
        assert_eq!(bucket_of(Rid(1)), 0);
        assert_eq!(bucket_of(Rid(1024)), 1);
        assert_eq!(bucket_of(Rid((1 << 20) - 1)), 1023);
        assert_eq!(bucket_of(Rid(1 << 20)), 0);
    }
}
