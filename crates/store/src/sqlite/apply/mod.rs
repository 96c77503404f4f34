//! Applying one write set inside the batch's transaction.

mod key;
mod login;
mod mechanics;
mod row;
mod system;
mod token;

use dossier_model::id::Tenant;
use rusqlite::{Connection, params};

use super::fresh::Fresh;
use super::place::log_place;
use super::query;
use crate::error::{CommitError, Conflict};
use crate::write_set::{Op, WriteSet};

/// What applying leads to: nothing, or why not.
type Applied = Result<(), CommitError>;

impl From<rusqlite::Error> for CommitError {
    fn from(error: rusqlite::Error) -> Self {
        CommitError::Failed(error.into())
    }
}

/// Checks and applies a set whose entries get positions from `first` on. On any error the caller takes back what was
/// written.
pub(super) fn apply(conn: &Connection, fresh: &mut Fresh, set: &WriteSet, first: u64) -> Applied {
    let tenant = set.tenant;
    if let Some(expected) = set.policy_epoch {
        let current = query::log::state(conn, tenant)?.policy_epoch;
        if current != expected {
            return Err(Conflict::Epoch { current }.into());
        }
    }
    fresh.expect_deletes(set.ops.iter().filter(|op| op.is_token_delete()).count());
    for op in set.ops.iter().filter(|op| !op.is_token_put()) {
        apply_op(conn, tenant, op)?;
    }
    token::put_all(conn, fresh, tenant, &set.ops)?;
    append(conn, set, first)
}

fn append(conn: &Connection, set: &WriteSet, first: u64) -> Applied {
    let mut insert = conn.prepare_cached("INSERT INTO change_log (id, leaf) VALUES (?1, ?2)")?;
    for (index, leaf) in (first..).zip(&set.entries) {
        insert.execute(params![log_place(set.tenant, index)?, leaf])?;
    }
    Ok(())
}

fn apply_op(conn: &Connection, tenant: Tenant, op: &Op) -> Applied {
    match op {
        Op::PutRow { row, expect } => row::put(conn, tenant, row, *expect),
        Op::ResealRow { row, expect_generation } => row::reseal(conn, tenant, row, *expect_generation),
        Op::EraseRow { row, expect } => row::erase(conn, tenant, row, *expect),
        Op::ExpectRow { rid, version } => row::expect(conn, tenant, *rid, *version),
        Op::PutKey(key) => key::put(conn, tenant, key),
        Op::DeleteKeys { domain } => key::delete(conn, tenant, *domain),
        Op::RewrapKey { key, expect_generation } => key::rewrap(conn, tenant, key, *expect_generation),
        Op::ExpectBucket { bucket, generation } => key::expect(conn, tenant, *bucket, *generation),
        Op::SetBucket { bucket, expect, to } => key::set_bucket(conn, tenant, *bucket, *expect, *to),
        // Put later, all together.
        Op::PutToken { .. } | Op::PutUnique { .. } => Ok(()),
        Op::DeleteToken { field, version, token, rid } => {
            token::delete(conn, tenant, *field, *version, *token, *rid)
        }
        Op::DeleteUnique { field, version, token, slot, rid } => {
            token::give_back(conn, tenant, (*field, *version, token, *slot), *rid)
        }
        Op::DropTokenVersion { version, limit } => token::drop_version(conn, tenant, *version, *limit),
        Op::PutSystem { row, expect } => system::put(conn, tenant, row, *expect),
        Op::DropSystem { kind, id, expect } => system::drop_one(conn, tenant, kind, *id, *expect),
        Op::BumpPolicyEpoch { to } => system::bump_epoch(conn, tenant, *to),
        _ => mechanics::apply(conn, tenant, op),
    }
}
