//! Commands: what is written, sealed and recorded in one transaction.

mod change;
mod create;
mod erase;
mod tokens;

pub use change::Change;
pub use create::Create;
pub use erase::Erased;

pub(crate) use change::{
    change, check_move, facts_of, follow, is_scope_of, item_of, merged_change, moves_of, put_again,
    refuse_masks, renew,
};
pub(crate) use create::{Assembled, NewRecord, assemble, check, team_of, today};
pub(crate) use erase::{bury, erase};
pub(crate) use tokens::{Tokens, tokens_of};

use crate::TENANT;
use crate::caller::source_code;
use crate::context::{Context, Stop, unexpected};
use crate::ledger::entry::{Item, Said};
use crate::query::{find, render};
use crate::record::Record;
use crate::seal::{Opened, Wanted, damaged};
use dossier_access::{Reach, View};
use dossier_crypto::{Committer, DataKey, sha256};
use dossier_model::fault::Fault;
use dossier_model::id::{Rid, Uid};
use dossier_model::kind::{Kind, KindId};
use dossier_model::value::Value;
use dossier_store::{Conflict, Op, Read, Row, RowBy, RowQuery, WrappedKey};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What a create or change comes to.
#[derive(Serialize)]
pub struct Done {
    /// The record as the caller may see it now.
    pub record: Record,
    /// Whether this is the answer to a command that was carried out before under the same idempotency key.
    pub replayed: bool,
}

/// Longest idempotency key.
const LONGEST_KEY: usize = 128;

/// Input fields by name.
pub(crate) type Input = BTreeMap<String, Json>;

/// The number of a named source.
pub(crate) fn source_of(name: Option<&str>) -> Result<u8, Fault> {
    match name {
        None => Ok(0),
        Some(name) => source_code(name).ok_or_else(|| Fault::new("choice_unknown").field("source")),
    }
}

/// Fields that may not be written there do not exist, and what could be a mask that the caller is shown is no value of one.
pub(crate) fn check_writable(kind: &Kind, reach: &Reach<'_>, input: &Input) -> Result<(), Fault> {
    let problem = |(name, value): (&String, &Json)| {
        let field = kind.by_name(name)?;
        let mask = || reach.mask(field.number, field.level);
        let key = if !reach.may_write(field) {
            "unknown_field"
        } else if mask().zip(value.as_str()).is_some_and(|(mask, text)| mask.could_have_made(text)) {
            "masked_value"
        } else {
            return None;
        };
        Some(Fault::new(key).field(name.clone()))
    };
    let problems: Vec<Fault> = input.iter().filter_map(problem).collect();
    if problems.is_empty() { Ok(()) } else { Err(Fault::many(problems)) }
}

/// A command's idempotency key, hashed, with the hash of the command itself.
pub(crate) struct Once {
    subject: Uid,
    key: [u8; 32],
    command_hash: [u8; 32],
}

impl Once {
    pub(crate) fn new(
        cx: &Context<'_>,
        key: Option<&str>,
        command: &impl Serialize,
    ) -> Result<Option<Once>, Fault> {
        let Some(key) = key else { return Ok(None) };
        if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Fault::new("header_invalid").with("name", "Idempotency-Key"));
        }
        let command = serde_json::to_vec(command).map_err(|_| Fault::new("internal"))?;
        // The command holds customer data: its hash is keyed, so that the table gives nothing away.
        let mechanics = cx.engine.keyring.keys();
        let command_hash =
            sha256(&[&dossier_crypto::mac(mechanics.mechanics(), &command)[..], b"command"].concat());
        Ok(Some(Once { subject: Uid(cx.caller.principal.id16()), key: sha256(key.as_bytes()), command_hash }))
    }

    pub(crate) fn op(&self, cx: &Context<'_>, record: Uid) -> Op {
        Op::PutIdempotency {
            subject: self.subject,
            key: self.key,
            command_hash: self.command_hash,
            result: record.0.to_vec(),
            at: cx.now,
        }
    }

    /// The same for a command that was parked.
    pub(crate) fn op_waiting(&self, cx: &Context<'_>, request: Uid) -> Op {
        match self.op(cx, request) {
            Op::PutIdempotency { subject, key, command_hash, at, .. } => {
                let result = [&[WAITS], request.0.as_slice()].concat();
                Op::PutIdempotency { subject, key, command_hash, result, at }
            }
            other => other,
        }
    }

    /// What an earlier command under this key came to.
    ///
    /// # Errors
    /// `idempotency_mismatch` when the earlier command was another one.
    pub(crate) fn earlier(&self, cx: &Context<'_>) -> Result<Option<Earlier>, Stop> {
        let Some(row) = cx.read()?.idempotency(TENANT, self.subject, &self.key)? else { return Ok(None) };
        self.same(row.command_hash, &row.result).map(Some)
    }

    /// The same for a command that never waits.
    pub(crate) fn earlier_record(&self, cx: &Context<'_>) -> Result<Option<Uid>, Stop> {
        match self.earlier(cx)? {
            Some(Earlier::Record(record)) => Ok(Some(record)),
            Some(Earlier::Waits(_)) => {
                Err(Fault::new("idempotency_mismatch").field("Idempotency-Key").into())
            }
            None => Ok(None),
        }
    }

    fn same(&self, command_hash: [u8; 32], result: &[u8]) -> Result<Earlier, Stop> {
        if command_hash != self.command_hash {
            return Err(Fault::new("idempotency_mismatch").field("Idempotency-Key").into());
        }
        let uid = |bytes: &[u8]| bytes.try_into().map(Uid).map_err(|_| Fault::new("internal"));
        Ok(match result {
            [WAITS, request @ ..] if request.len() == 16 => Earlier::Waits(uid(request)?),
            record => Earlier::Record(uid(record)?),
        })
    }
}

/// What stands before the request in the result of a command that was parked.
const WAITS: u8 = 1;

/// What an earlier command under the same key came to.
pub(crate) enum Earlier {
    /// The record that it made or changed.
    Record(Uid),
    /// The request that it was parked as.
    Waits(Uid),
}

/// Says what a conflict means to whoever asked.
pub(crate) fn conflict(cx: &Context<'_>, kind: &Kind, view: &View, conflict: &Conflict) -> Stop {
    match conflict {
        Conflict::Unique { field, rid } => duplicate(cx, kind, view, *field, *rid),
        // What an approval is bound to is compared at the gate once more.
        Conflict::Version { .. } if cx.caller.approved.is_some() => Stop::Again,
        Conflict::Version { .. } => Fault::new("version_conflict").into(),
        // The same key was used by a request that was under way at the same time: its answer is there now.
        Conflict::Idempotency { .. } => Stop::Again,
        // Somebody was faster with the request that lets it through.
        Conflict::Job { .. } => Stop::Again,
        other => unexpected(other),
    }
}

/// A duplicate shows its code and team, nothing else; outside the caller's rows it counts as a look-up.
pub(crate) fn duplicate(cx: &Context<'_>, kind: &Kind, view: &View, field: u32, rid: Rid) -> Stop {
    let found = || -> Result<Fault, Stop> {
        let row = cx.read()?.row(TENANT, &RowBy::Rid(rid))?;
        let name = kind
            .fields
            .iter()
            .find(|f| f.number == token_field_number(field))
            .map_or("", |f| f.name.as_str());
        let Some(row) = row else { return Ok(Fault::new("duplicate").field(name)) };
        if !view.reads(&row.place()) {
            crate::query::count_miss(cx)?;
        }
        Ok(Fault::new("duplicate")
            .field(name)
            .with("code", row.code.unwrap_or_default())
            .with("team", cx.snapshot.team_name(row.team)))
    };
    found().map_or_else(|stop| stop, Stop::from)
}

/// The field number inside a token field.
fn token_field_number(field: u32) -> u16 {
    u16::try_from((field & 0xffff) >> 2).unwrap_or(0)
}

/// A record inside a dossier, with its kind and its key.
pub(crate) type Member = (&'static Kind, Row, WrappedKey);

/// Everything in a dossier but its own record.
pub(crate) fn members(cx: &Context<'_>, read: &dyn Read, dossier: Rid) -> Result<Vec<Member>, Fault> {
    let mut out = Vec::new();
    for kind in cx.engine.kinds.iter().filter(|kind| kind.id != KindId::CUSTOMER) {
        let mut query = RowQuery { dossier: Some(dossier), limit: 1000, ..RowQuery::new(kind.id) };
        loop {
            let page = read.rows_with_keys(TENANT, &query)?;
            query.after = page.last().map(|(row, _)| row.rid);
            let full = page.len() == query.limit as usize;
            for (row, key) in page {
                out.push((kind, row, key.ok_or_else(|| damaged("its data key is missing"))?));
            }
            if !full {
                break;
            }
        }
    }
    Ok(out)
}

/// Commitments to new values, in the order of their numbers.
pub(crate) fn commitments<'a>(
    salt: &[u8; 32],
    values: impl Iterator<Item = (u16, &'a Value)>,
) -> Result<Vec<(u16, Said)>, Fault> {
    let committer = Committer::new(salt);
    values
        .map(|(number, value)| Ok((number, Said::Commitment(committer.commit(number, &value.to_cbor())?))))
        .collect()
}

/// A record as a command has just written it, as its caller may see it: this version, whatever others do meanwhile. The
/// command's own entry names it.
pub(crate) fn shown_written(
    cx: &Context<'_>,
    view: &View,
    kind: &'static Kind,
    row: &Row,
    key: &DataKey,
) -> Result<Record, Fault> {
    let read = cx.engine.store.read()?;
    let opened = Opened::with_key(TENANT, kind, row, key)?;
    Ok(render(cx, &*read, view, &opened, Wanted::All, false)?.0)
}

/// The record of a command that was carried out before, as it is now, with what the ledger says of the look.
pub(crate) fn shown_now(cx: &Context<'_>, kind: KindId, record: Uid) -> Result<(Record, Item), Stop> {
    let (view, kind) = cx.view_of(kind)?;
    let read = cx.read()?;
    let found = find(&*read, &view, kind, &record.to_typeid(&kind.prefix))?;
    let opened = Opened::new(TENANT, kind, &found.row, &found.key, &cx.engine.keyring)?;
    Ok(render(cx, &*read, &view, &opened, Wanted::All, false)?)
}
