//! Applying write sets inside the batch's transaction.
//!
//! What only adds rows (new records, keys, tokens, idempotency keys) is gathered and inserted many at a time; anything
//! else first writes out what was gathered, so that each operation sees what came before it. An insert that meets a
//! taken key refuses the set, or, where several sets are applied as one, lets them be done one by one.

mod insert;
pub(super) use self::insert::insert_many;
mod key;
mod login;
mod mechanics;
mod row;
mod system;
mod token;

use std::collections::BTreeMap;

use dossier_model::id::{Tenant, Uid};

use super::conn::{Conn, SqlError};
use crate::error::{CommitError, Conflict, StoreError};
use crate::mechanics::{JobPart, TokenRow, UniqueRow, WrappedKey};
use crate::row::Row;
use crate::write_set::{Op, WriteSet};

/// Why a set is not applied.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It meets what it did not expect, or breaks a rule: its own answer.
    Own(CommitError),
    /// The statement failed: what becomes of the whole batch depends on how.
    Sql(SqlError),
}

impl From<SqlError> for Refusal {
    fn from(error: SqlError) -> Self {
        Refusal::Sql(error)
    }
}

impl From<Conflict> for Refusal {
    fn from(conflict: Conflict) -> Self {
        Refusal::Own(CommitError::Conflict(conflict))
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Refusal::Own(CommitError::Failed(error))
    }
}

type Applied = Result<(), Refusal>;

/// An idempotency key on its way.
struct Used {
    subject: Uid,
    key: [u8; 32],
    command_hash: [u8; 32],
    result: Vec<u8>,
    at: i64,
}

/// Rows that wait to be inserted.
#[derive(Default)]
struct Gathered {
    keys: Vec<WrappedKey>,
    rows: Vec<Row>,
    used: Vec<Used>,
    parts: Vec<JobPart>,
    tokens: Vec<TokenRow>,
    uniques: Vec<UniqueRow>,
}

/// Applies the sets of one tenant.
pub(super) struct Applier<'c> {
    conn: &'c mut Conn,
    tenant: Tenant,
    gathered: Gathered,
    /// Generations of the buckets whose rows this transaction has locked.
    buckets: &'c mut BTreeMap<(Tenant, u16), u32>,
}

impl<'c> Applier<'c> {
    pub(super) fn new(
        conn: &'c mut Conn,
        tenant: Tenant,
        buckets: &'c mut BTreeMap<(Tenant, u16), u32>,
    ) -> Self {
        Self { conn, tenant, gathered: Gathered::default(), buckets }
    }

    /// Applies a set; what only adds rows may still wait. The policy epoch as this batch leaves it comes in and goes out.
    pub(super) fn add(&mut self, set: &WriteSet, epoch: &mut u64) -> Applied {
        if set.policy_epoch.is_some_and(|expected| expected != *epoch) {
            return Err(Conflict::Epoch { current: *epoch }.into());
        }
        let mut next_epoch = *epoch;
        for op in set.ops.iter().filter(|op| !op.is_token_put()) {
            match op {
                Op::PutRow { row, expect: 0 } => {
                    row::check(row)?;
                    self.gathered.rows.push(row.clone());
                }
                Op::PutKey(key) => self.gathered.keys.push(key.clone()),
                Op::PutPart(part) => self.gathered.parts.push(part.clone()),
                Op::PutIdempotency { subject, key, command_hash, result, at } => {
                    let (command_hash, result) = (*command_hash, result.clone());
                    self.gathered.used.push(Used {
                        subject: *subject,
                        key: *key,
                        command_hash,
                        result,
                        at: at.0,
                    });
                }
                Op::BumpPolicyEpoch { to } if *to <= next_epoch => {
                    return Err(Conflict::Epoch { current: next_epoch }.into());
                }
                Op::BumpPolicyEpoch { to } => next_epoch = *to,
                other => {
                    self.finish()?;
                    self.apply(other)?;
                }
            }
        }
        for op in &set.ops {
            match *op {
                Op::PutToken { field, version, token, rid } => {
                    self.gathered.tokens.push(TokenRow { field, version, token, rid });
                }
                Op::PutUnique { field, version, token, slot, rid } => {
                    self.gathered.uniques.push(UniqueRow { field, version, token, slot, rid });
                }
                _ => {}
            }
        }
        *epoch = next_epoch;
        Ok(())
    }

    /// Inserts what waits: keys, rows, idempotency keys, then tokens, unique ones last.
    pub(super) fn finish(&mut self) -> Applied {
        let Gathered { keys, rows, used, parts, mut tokens, mut uniques } =
            std::mem::take(&mut self.gathered);
        let (conn, tenant) = (&mut *self.conn, self.tenant);
        key::put_all(conn, tenant, self.buckets, &keys)?;
        row::insert_all(conn, tenant, &rows)?;
        mechanics::use_all(conn, tenant, &used)?;
        mechanics::put_parts(conn, tenant, &parts)?;
        // In the order of the index, so that neighbours meet their page together and two servers lock in one order.
        tokens.sort_unstable_by_key(|row| (row.field, row.version, row.token, row.rid));
        uniques.sort_unstable_by_key(|row| (row.field, row.version, row.token, row.slot));
        token::put_all(conn, tenant, &tokens)?;
        token::put_uniques(conn, tenant, &uniques)
    }

    fn apply(&mut self, op: &Op) -> Applied {
        let (conn, tenant) = (&mut *self.conn, self.tenant);
        match op {
            Op::PutRow { row, expect } => row::put(conn, tenant, row, *expect),
            Op::ResealRow { row, expect_generation } => row::reseal(conn, tenant, row, *expect_generation),
            Op::EraseRow { row, expect } => row::erase(conn, tenant, row, *expect),
            Op::ExpectRow { rid, version } => row::expect(conn, tenant, *rid, *version),
            Op::DeleteKeys { domain } => key::delete(conn, tenant, *domain),
            Op::RewrapKey { key, expect_generation } => {
                key::rewrap(conn, tenant, self.buckets, key, *expect_generation)
            }
            Op::ExpectBucket { bucket, generation } => {
                key::expect(conn, tenant, self.buckets, *bucket, *generation)
            }
            Op::SetBucket { bucket, expect, to } => {
                key::set_bucket(conn, tenant, self.buckets, *bucket, *expect, *to)
            }
            Op::DeleteToken { field, version, token, rid } => {
                let row = TokenRow { field: *field, version: *version, token: *token, rid: *rid };
                token::delete(conn, tenant, &row)
            }
            Op::DeleteUnique { field, version, token, slot, rid } => {
                let (field, version, token, slot) = (*field, *version, *token, *slot);
                token::give_back(conn, tenant, &UniqueRow { field, version, token, slot, rid: *rid })
            }
            Op::DropTokenVersion { version, limit } => token::drop_version(conn, tenant, *version, *limit),
            Op::PutSystem { row, expect } => system::put(conn, tenant, row, *expect),
            Op::DropSystem { kind, id, expect } => system::drop_one(conn, tenant, kind, *id, *expect),
            other => mechanics::apply(conn, tenant, other),
        }
    }
}
