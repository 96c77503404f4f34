//! Views that people keep: filters, columns and the like, under a name. They are sealed and of whoever kept them; the
//! engine does not read what is in them.

use super::marks::Marked;
use crate::context::{Context, Stop, again, unexpected};
use crate::ledger::entry::{Deed, Entry};
use crate::seal::new_id;
use crate::{Caller, Engine, TENANT};
use dossier_access::Action;
use dossier_crypto::{open_system, seal_system};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{Conflict, JobRow, Op, Read, WriteSet};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// They lie among the jobs, as jobs that are never due. Whose they are is part of the kind of job, so that none is opened
/// for somebody who does not see it.
const KIND: &str = "view";
const STATE: u8 = 41;
/// Most of one person.
const MOST: usize = 100;
/// Most bytes of what is in one.
const LONGEST: usize = 8 * 1024;

/// A view to be kept.
pub struct NewView {
    /// Its name.
    pub name: String,
    /// Whether others of the team see it.
    pub shared: bool,
    /// What is in it.
    pub body: Map<String, Value>,
}

/// A view that is kept.
#[derive(Serialize)]
pub struct SavedView {
    /// TypeID `view_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether others of the team see it.
    pub shared: bool,
    /// Whether the caller kept it.
    pub own: bool,
    /// What is in it.
    pub body: Map<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    owner: [u8; 16],
    team: u32,
    name: String,
    shared: bool,
    body: Map<String, Value>,
}

struct Stored {
    id: Uid,
    version: u32,
    kept: Kept,
}

impl Kept {
    fn job_kind(&self) -> String {
        if self.shared { of_team(self.team) } else { of_owner(&self.owner) }
    }
}

fn of_team(team: u32) -> String {
    format!("{KIND}/team/{team}")
}

fn of_owner(owner: &[u8; 16]) -> String {
    let hex: String = owner.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{KIND}/own/{hex}")
}

impl Stored {
    fn shown(self, owner: &[u8; 16]) -> SavedView {
        let Kept { owner: of, name, shared, body, .. } = self.kept;
        SavedView { id: self.id.to_typeid(KIND), name, shared, own: of == *owner, body }
    }
}

fn context(id: Uid, version: u32) -> Vec<u8> {
    [KIND.as_bytes(), &id.0, &version.to_be_bytes()].concat()
}

fn open(engine: &Engine, row: &JobRow) -> Result<Stored, Fault> {
    let damaged = || Fault::new("store_damaged");
    let keys = engine.keyring.keys();
    let plain =
        open_system(keys.system(), &context(row.id, row.version), &row.body).map_err(|_| damaged())?;
    let kept: Kept = serde_json::from_slice(&plain).map_err(|_| damaged())?;
    // Given to somebody else in the table.
    if kept.job_kind() != row.kind {
        return Err(damaged());
    }
    Ok(Stored { id: row.id, version: row.version, kept })
}

/// The caller's own and those that others of the team share, newest first.
fn visible(cx: &Context<'_>, read: &dyn Read) -> Result<Vec<Stored>, Fault> {
    let mut found = Vec::new();
    for kind in seen_by(cx) {
        let mut before = None;
        loop {
            let rows = read.jobs_of(TENANT, &kind, before, 100)?;
            let full = rows.len() == 100;
            before = rows.last().map(|row| row.id);
            for row in rows {
                found.push(open(cx.engine, &row)?);
            }
            if !full {
                break;
            }
        }
    }
    found.sort_by_key(|stored| std::cmp::Reverse(stored.id));
    Ok(found)
}

/// The kinds of job in which views lie that the caller sees.
fn seen_by(cx: &Context<'_>) -> [String; 2] {
    [of_owner(&cx.caller.principal.id16()), of_team(cx.team())]
}

/// One of the caller's own.
fn own(cx: &Context<'_>, id: &str) -> Result<Stored, Stop> {
    let missing = || Fault::new("not_found");
    let id = Uid::parse_typeid(KIND, id).ok_or_else(missing)?;
    let row =
        cx.read()?.job(TENANT, id)?.filter(|row| seen_by(cx).contains(&row.kind)).ok_or_else(missing)?;
    let stored = open(cx.engine, &row)?;
    if stored.kept.owner != cx.caller.principal.id16() {
        return Err(missing().into());
    }
    Ok(stored)
}

fn put(cx: &Context<'_>, id: Uid, expect: u32, new: &NewView) -> Result<(WriteSet, Stored), Stop> {
    let name = crate::admin::name_of(&new.name)?;
    let size = serde_json::to_vec(&new.body).map_err(|_| Fault::new("internal"))?.len();
    if size > LONGEST {
        return Err(Fault::new("view_too_large").field("body").with("limit", LONGEST.to_string()).into());
    }
    let (owner, team) = (cx.caller.principal.id16(), cx.team());
    let kept = Kept { owner, team, name, shared: new.shared, body: new.body.clone() };
    let plain = serde_json::to_vec(&kept).map_err(|_| Fault::new("internal"))?;
    let version = expect + 1;
    let engine = cx.engine;
    let body = seal_system(engine.keyring.keys().system(), &context(id, version), &plain, &*engine.entropy)?;
    let job = JobRow { id, kind: kept.job_kind(), state: STATE, due: Micros(i64::MAX), version, body };
    Ok((WriteSet::new(TENANT).op(Op::PutJob { job, expect }), Stored { id, version, kept }))
}

impl Engine {
    /// The views that the caller sees, newest first.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn views(&self, caller: &Caller) -> Result<Vec<SavedView>, Fault> {
        self.guarded(caller, Deed::OwnLook, |cx| {
            cx.permit(Action::Read)?;
            let owner = cx.caller.principal.id16();
            let found = visible(cx, &*cx.read()?)?.into_iter().map(|stored| stored.shown(&owner)).collect();
            cx.record(Entry::done(Deed::OwnLook), Vec::new(), found)
        })
    }

    /// Keeps a view.
    ///
    /// # Errors
    /// `action_not_allowed`, `value_length`, `view_too_large`, `views_full`.
    pub fn keep_view(&self, caller: &Caller, new: &NewView) -> Result<SavedView, Fault> {
        self.write_view(caller, |cx| {
            let (owner, read) = (cx.caller.principal.id16(), cx.read()?);
            // Of two at once one counts again: both write the mark of whoever keeps them, as it was when they counted.
            let marked = Marked::of(self, &*read, Uid(owner))?;
            let there = visible(cx, &*read)?;
            drop(read);
            if there.iter().filter(|stored| stored.kept.owner == owner).count() >= MOST {
                return Err(Fault::new("views_full").with("limit", MOST.to_string()).into());
            }
            let (set, stored) = put(cx, new_id(cx.now, &*self.entropy), 0, new)?;
            Ok((set.op(marked.put(self)?), stored))
        })
    }

    /// Changes a view of the caller's own.
    ///
    /// # Errors
    /// As [`Engine::keep_view`], `not_found`.
    pub fn change_view(&self, caller: &Caller, id: &str, new: &NewView) -> Result<SavedView, Fault> {
        self.write_view(caller, |cx| {
            let stored = own(cx, id)?;
            put(cx, stored.id, stored.version, new)
        })
    }

    /// Forgets a view of the caller's own.
    ///
    /// # Errors
    /// `action_not_allowed`, `not_found`.
    pub fn forget_view(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        self.write_view(caller, |cx| {
            let stored = own(cx, id)?;
            Ok((WriteSet::new(TENANT).op(Op::DeleteJob { id: stored.id }), stored))
        })
        .map(drop)
    }

    fn write_view(
        &self,
        caller: &Caller,
        set: impl Fn(&Context<'_>) -> Result<(WriteSet, Stored), Stop>,
    ) -> Result<SavedView, Fault> {
        self.guarded(caller, Deed::ViewChange, |cx| {
            cx.permit(Action::Read)?;
            let (set, stored) = set(cx)?;
            let owner = cx.caller.principal.id16();
            match cx.commit(set, &Entry::done(Deed::ViewChange)) {
                Ok(committed) => Ok(cx.committed(committed, stored.shown(&owner))),
                Err(error) => match again(error)? {
                    Conflict::Job { .. } => Err(Stop::Again),
                    other => Err(unexpected(&other)),
                },
            }
        })
    }
}
