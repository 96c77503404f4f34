//! Erasing a dossier: its keys are destroyed, so that every copy of it becomes unreadable.

use crate::admin::KeysHeld;
use crate::approval::{Asking, Carried, Gate, Work, bound_row};
use crate::command::{Tokens, conflict, members, tokens_of};
use crate::context::{Context, Recorded, Stop, again};
use crate::ledger::entry::{Deed, Entry, Item, Note};
use crate::query::find;
use crate::seal::{Opened, bucket_of, damaged};
use crate::{Caller, Engine, TENANT};
use dossier_access::{Action, View};
use dossier_approvals::{Command, Facts};
use dossier_model::Level;
use dossier_model::fault::Fault;
use dossier_model::kind::{Kind, KindId};
use dossier_model::value::Fields;
use dossier_store::{Op, Row, STATE_ERASED, WrappedKey, WriteSet};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What an erasure destroyed.
#[derive(Serialize)]
pub struct Erased {
    /// The dossier.
    pub id: String,
    /// How many records were in it, itself included.
    pub records: u32,
}

impl Engine {
    /// Erases a dossier and everything in it, for good: the data keys are deleted, their bucket keys and the tenant key
    /// renewed, so that no copy of the store made before can be opened with the keys that are left. A tombstone keeps
    /// id, code and clear columns; the ledger stays whole.
    ///
    /// # Errors
    /// `action_not_allowed`, `not_found`, `erased`; those of a request for approval.
    pub fn erase(&self, caller: &Caller, id: &str) -> Result<Carried<Erased>, Fault> {
        let held = self.hold_keys()?;
        self.guarded(caller, Deed::Erase, |cx| erase(cx, &held, id))
    }
}

/// Erases a dossier, or parks that.
pub(crate) fn erase(
    cx: &Context<'_>,
    held: &KeysHeld<'_>,
    id: &str,
) -> Result<Recorded<Carried<Erased>>, Stop> {
    let engine = cx.engine;
    cx.permit(Action::Delete)?;
    let (view, kind) = cx.acting_view_of(KindId::CUSTOMER)?;
    let read = cx.read()?;
    let found = find(&*read, &view, kind, id)?;
    view.at(&found.row.place()).permit(Action::Delete)?;
    let dossier = found.row.record.to_typeid(&kind.prefix);
    let level = Level::from_u8(found.row.level).ok_or_else(|| damaged("its level is unknown"))?;
    drop(read);
    let asking = Asking {
        facts: Facts { highest: level, ..Facts::of(Command::Erase, Some(kind)) },
        records: [(found.row.record, bound_row(&found.row, BTreeMap::new()))].into(),
        work: Work::Erase(dossier.clone()),
        about: Some(&found.row),
        difference: None,
        remark: None,
        once: None,
    };
    let passed = match cx.gate(asking)? {
        Gate::Go(ops) => ops,
        Gate::Stay(waiting) => return Ok(waiting.map(Carried::Waits)),
    };
    let read = cx.read()?;
    let mut doomed = members(cx, &*read, found.row.rid)?;
    doomed.insert(0, (kind, found.row, found.key));
    let mut set = WriteSet::new(TENANT);
    let mut entry = Entry::done(Deed::Erase).note("records", Note::Int(doomed.len() as i64));
    let mut buckets = BTreeSet::new();
    for (kind, row, key) in &doomed {
        bury(cx, kind, row, key, &mut set, &mut entry)?;
        buckets.insert(bucket_of(row.domain));
    }
    drop(read);
    // Enqueued with the erasure and done before the answer: only then is it complete, and a crash cannot forget it.
    set.ops.extend(passed);
    set.ops.extend(buckets.iter().map(|bucket| engine.renewal(*bucket, cx.now)));
    let committed = match cx.commit(set, &entry) {
        Ok(committed) => committed,
        Err(error) => return Err(refused(cx, kind, &view, again(error)?)),
    };
    // The erasure is done and its renewal enqueued: a failure here is told, and the command is not decided again.
    engine.finish_renewals(held).map_err(|fault| Stop::Fault(Box::new(fault)))?;
    let erased = Erased { id: dossier, records: u32::try_from(doomed.len()).unwrap_or(u32::MAX) };
    Ok(cx.committed(committed, Carried::Done(erased)))
}

fn refused(cx: &Context<'_>, kind: &Kind, view: &View, met: dossier_store::Conflict) -> Stop {
    match met {
        // Somebody changed the dossier meanwhile; it is erased as it is now.
        dossier_store::Conflict::Version { .. } => Stop::Again,
        other => conflict(cx, kind, view, &other),
    }
}

/// Turns one record into its tombstone.
pub(crate) fn bury(
    cx: &Context<'_>,
    kind: &'static Kind,
    row: &Row,
    key: &WrappedKey,
    set: &mut WriteSet,
    entry: &mut Entry,
) -> Result<(), Fault> {
    let opened = Opened::new(TENANT, kind, row, key, &cx.engine.keyring)?;
    let values: Fields = opened.all()?.into_iter().map(|(number, (value, _))| (number, value)).collect();
    let tokens = tokens_of(cx.engine, kind, &values);
    set.ops.extend(Tokens::default().ops_from(&tokens, row.rid));
    let tombstone = Row {
        version: row.version + 1,
        changed: cx.now,
        state: STATE_ERASED,
        container: Vec::new(),
        ..row.clone()
    };
    entry.items.push(Item {
        kind: row.kind.0,
        record: row.record,
        version: tombstone.version,
        row_hash: Some(tombstone.hash(TENANT)),
        fields: Vec::new(),
    });
    set.ops.push(Op::EraseRow { row: tombstone, expect: row.version });
    set.ops.push(Op::DeleteKeys { domain: row.domain });
    Ok(())
}
