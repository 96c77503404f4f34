//! Rows of the mechanics: keys, sessions, quotas, idempotency keys, cursors, leases, jobs. Plain tables, no history.

use dossier_model::id::{Rid, Uid};
use dossier_model::time::Micros;

/// The bucket whose key wraps the data keys of a domain (`docs/formats.md`, "Keys").
pub fn bucket_of(domain: Rid) -> u16 {
    u16::try_from((domain.0 >> 10) & 1023).expect("ten bits fit in sixteen")
}

/// Numbers of one bucket lie in runs of 1,024, one run in every 1,048,576 numbers.
const RUN: i64 = 1 << 10;
const PERIOD: i64 = 1 << 20;

/// Start of the first run of the bucket that does not end before `domain`.
fn run_at(bucket: u16, domain: i64) -> i64 {
    let run = domain - domain % PERIOD + i64::from(bucket) * RUN;
    if run + RUN <= domain { run + PERIOD } else { run }
}

/// A page of the keys of a bucket, after a key. A bucket needs no index of its own: `range` gives the keys after one, below
/// a number, at most so many, and is asked run by run.
pub(crate) fn keys_in_bucket<E>(
    bucket: u16,
    after: Option<(Rid, u16)>,
    limit: usize,
    mut range: impl FnMut((Rid, u16), i64, usize) -> Result<Vec<WrappedKey>, E>,
) -> Result<Vec<WrappedKey>, E> {
    let mut found: Vec<WrappedKey> = Vec::new();
    let mut after = after.unwrap_or((Rid(0), 0));
    while found.len() < limit {
        let Some(next) = range(after, i64::MAX, 1)?.pop() else { break };
        let run = run_at(bucket, next.domain.0);
        if next.domain.0 < run {
            // Everything up to the run belongs to other buckets.
            after = (Rid(run - 1), u16::MAX);
            continue;
        }
        let page = range(after, run + RUN, limit - found.len())?;
        after = match page.last() {
            Some(last) => (last.domain, last.version),
            None => (Rid(run + RUN - 1), u16::MAX),
        };
        found.extend(page);
    }
    Ok(found)
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
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

impl std::fmt::Debug for TokenRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenRow")
            .field("field", &self.field)
            .field("rid", &self.rid.0)
            .finish_non_exhaustive()
    }
}

/// A unique token: one record holds it in slot 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

impl std::fmt::Debug for UniqueRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UniqueRow")
            .field("field", &self.field)
            .field("rid", &self.rid.0)
            .finish_non_exhaustive()
    }
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

/// A sign-in of a person, or a link by which one sets itself up: found by the hash of its secret, vouched for by a MAC of
/// the engine.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginRow {
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// The person; all noughts where there is none yet.
    pub subject: Uid,
    /// What it is, by the engine's numbers.
    pub kind: u8,
    /// When it began.
    pub issued: Micros,
    /// When it was last used.
    pub used: Micros,
    /// When it ends, however much it is used.
    pub expires: Micros,
    /// What else the engine wants to know of it, sealed; at most 4,096 bytes.
    pub body: Vec<u8>,
    /// MAC over the other columns under the mechanics key; the store does not look into it.
    pub mac: [u8; 16],
}

impl std::fmt::Debug for LoginRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginRow").field("kind", &self.kind).finish_non_exhaustive()
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

/// A part of a job: what is too large for its body, or comes and goes row by row.
#[derive(Clone, PartialEq, Eq)]
pub struct JobPart {
    /// The job.
    pub job: Uid,
    /// What it is, by the engine's numbers.
    pub class: u8,
    /// Which one of its class.
    pub number: i64,
    /// Its content, sealed by the engine.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for JobPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JobPart")
            .field("class", &self.class)
            .field("number", &self.number)
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
    fn a_row_of_a_token_shows_whose_it_is_and_not_what() {
        let rid = Rid(7);
        let one = TokenRow { field: 3, version: 1, token: 8317, rid };
        let unique = UniqueRow { field: 3, version: 1, token: [83; 16], slot: 0, rid };
        let shown = format!("{one:?} {unique:?}");
        assert_eq!(shown, "TokenRow { field: 3, rid: 7, .. } UniqueRow { field: 3, rid: 7, .. }");
    }

    #[test]
    fn the_bucket_takes_ten_bits_above_the_lowest_ten() {
        assert_eq!(bucket_of(Rid(1)), 0);
        assert_eq!(bucket_of(Rid(1024)), 1);
        assert_eq!(bucket_of(Rid((1 << 20) - 1)), 1023);
        assert_eq!(bucket_of(Rid(1 << 20)), 0);
    }

    #[test]
    fn the_next_run_of_a_bucket_is_where_its_numbers_are() {
        assert_eq!(run_at(0, 5), 0);
        assert_eq!(run_at(0, 1024), PERIOD);
        assert_eq!(run_at(3, 5), 3 * RUN);
        assert_eq!(run_at(3, 4 * RUN), PERIOD + 3 * RUN);
        for domain in [1, 1023, 1024, 5_000_000, (1 << 39) + 77] {
            let run = run_at(bucket_of(Rid(domain)), domain);
            assert!(run <= domain && domain < run + RUN);
        }
    }
}
