//! Taking back a whole import, as a job of its own that a crash does not cut off.
//!
//! First its entries in the change log are walked through: a record that it made and nobody has touched since is erased.
//! Then the records that it changed: where nobody has touched one since, its values are those of before again, as a new
//! version. What is in use stays and is listed. The keys of the buckets are renewed once, at the end: in the same
//! transaction that says the import is undone (docs/decisions/0011-undo-of-an-import.md).

use super::ImportProgress;
use super::job::{Job, State, Undo, Who};
use super::pace::Pace;
use super::part::{Class, Left, Touched, drop_part};
use super::run::{Running, job_entry};
use crate::approval::{Asking, Carried, Gate, Work};
use crate::command::{bury, follow, is_scope_of, item_of, members, tokens_of};
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Entry, Leaf, Note, Outcome};
use crate::place::place_of;
use crate::seal::{Draft, Opened, bucket_of, damaged, seal, unwrap_key};
use crate::{Caller, Engine, ImportShown, TENANT};
use dossier_access::{Action, View};
use dossier_approvals::{Command, Facts};
use dossier_model::Level;
use dossier_model::fault::Fault;
use dossier_model::id::{Rid, Uid};
use dossier_model::kind::{Kind, KindId};
use dossier_model::value::Fields;
use dossier_store::{Committed, Op, Read, Row, RowBy, RowQuery, STATE_ERASED, WriteSet};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Instant;

/// Leaves of the change log that are looked at in one step.
const LEAVES: usize = 64;

impl Engine {
    /// Begins to undo an import: whoever it is of may, and a CDO.
    ///
    /// # Errors
    /// `import_not_found`, `import_state` unless it has ended, `action_not_allowed`.
    pub fn undo_import(&self, caller: &Caller, id: &str) -> Result<Carried<ImportShown>, Fault> {
        self.guarded(caller, Deed::ImportUndo, |cx| begin_undo(cx, id))
    }

    /// Undoes what is left of an import whose undoing was begun. Stopped in between it goes on with the next call.
    ///
    /// # Errors
    /// `import_running` when another process is at it; those of [`Engine::undo_import`].
    pub fn finish_import_undo(
        &self,
        id: &str,
        stop: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(ImportProgress),
    ) -> Result<(), Fault> {
        let job = Uid::parse_typeid(super::job::PREFIX, id);
        let job = job.ok_or_else(|| Fault::new("import_not_found"))?;
        let mut running = Running::begin(self, job)?;
        let progress = std::cell::RefCell::new(progress);
        let running = std::cell::RefCell::new(&mut running);
        let load = || {
            let read = self.store.read()?;
            Job::load(self, &*read, job)?.ok_or_else(|| Fault::new("import_not_found"))
        };
        let now = load()?;
        if now.state == State::Undone {
            return Ok(());
        }
        now.needs(now.state == State::Undoing)?;
        let Some(who) = now.body.undo.as_ref().map(|undo| undo.who.at_work()) else {
            return Err(Fault::new("internal"));
        };
        let ended = self.guarded(&who, Deed::ImportUndo, |cx| {
            permit(cx)?;
            let (mut running, mut progress) = (running.borrow_mut(), progress.borrow_mut());
            let work = Undoing { cx: cx.clone(), job: load()? };
            match work.run(&mut running, stop, &mut **progress)? {
                Some(committed) => Ok(cx.committed(committed, true)),
                // Stopped between two steps: each of them has its own entry.
                None => cx.record(Entry::done(Deed::ImportLook), Vec::new(), false),
            }
        })?;
        if ended {
            let held = self.hold_keys()?;
            self.finish_renewals(&held)?;
            for class in [Class::Problem, Class::Review, Class::Passed, Class::Chunk] {
                self.clear_parts(job, class)?;
            }
        }
        Ok(())
    }

    /// Deletes all parts of a class, a few at a time.
    pub(crate) fn clear_parts(&self, job: Uid, class: Class) -> Result<(), Fault> {
        let few = if class == Class::Chunk { 4 } else { 200 };
        loop {
            let parts = self.store.read()?.parts(TENANT, job, class as u8, None, few)?;
            if parts.is_empty() {
                return Ok(());
            }
            let mut set = WriteSet::new(TENANT).in_bulk();
            set.ops = parts.iter().map(|part| drop_part(job, class, part.number)).collect();
            match self.store.commit(set).wait() {
                Ok(_) => {}
                Err(dossier_store::CommitError::Failed(error)) => return Err(error.into()),
                Err(dossier_store::CommitError::Conflict(_)) => return Err(Fault::new("internal")),
            }
        }
    }
}

/// Begins to undo an import, or parks that: it erases what the import made, and is approved as an erasure of all of it.
pub(crate) fn begin_undo(cx: &Context<'_>, id: &str) -> Result<Recorded<Carried<ImportShown>>, Stop> {
    let read = cx.read()?;
    let (mut job, _) = Job::find(cx, &*read, id)?;
    drop(read);
    permit(cx)?;
    job.needs(job.state.has_ended())?;
    let (made, changed) = (job.body.imported, job.body.updated);
    let (_, kind) = cx.view_of(KindId::CUSTOMER)?;
    let asking = Asking {
        // What is in it is not looked at one by one: it counts as of the highest level.
        facts: Facts { count: made + changed, highest: Level::L4, ..Facts::of(Command::Erase, Some(kind)) },
        records: BTreeMap::new(),
        work: Work::ImportUndo(id.to_owned()),
        meaning: json!([made, changed]),
        about: None,
        difference: Some(format!("imported: {made} → –\nupdated: {changed} → –")),
        remark: None,
        once: None,
    };
    let mut set = WriteSet::new(TENANT);
    match cx.gate(asking)? {
        Gate::Go(passed) => set.ops = passed,
        Gate::Stay(waiting) => return Ok(waiting.map(Carried::Waits)),
    }
    job.state = State::Undoing;
    job.due = cx.now;
    job.body.undo = Some(Undo {
        who: Who::of(cx.caller)?,
        next: job.body.first,
        removed: 0,
        restored: 0,
        left: 0,
        buckets: Vec::new(),
    });
    let entry = job_entry(&job, Deed::ImportUndo);
    let committed = job.commit(cx, set, &entry)?;
    Ok(cx.committed(committed, Carried::Done(ImportShown::of(cx, &job))))
}

/// A right of its own: of those who import, and of a CDO, on whose behalf the command line may act.
fn permit(cx: &Context<'_>) -> Result<(), Stop> {
    if cx.is_cdo() {
        return cx.current();
    }
    let (view, _) = cx.view("customer")?;
    view.anywhere().permit(Action::Import)?;
    Ok(())
}

/// An undo at work.
struct Undoing<'e> {
    /// As of the step.
    cx: Context<'e>,
    job: Job,
}

/// What one step does.
struct Step {
    set: WriteSet,
    entry: Entry,
    undo: Undo,
}

impl Undoing<'_> {
    fn run(
        mut self,
        running: &mut Running<'_>,
        stop: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(ImportProgress),
    ) -> Result<Option<Committed>, Stop> {
        let mut pace = Pace::new();
        loop {
            if stop() {
                return Ok(None);
            }
            self.cx = self.cx.later()?;
            let cx = &self.cx;
            let undo = self.job.body.undo.clone().ok_or_else(|| Fault::new("internal"))?;
            let entry = Entry::done(Deed::ImportUndo).note("job", Note::Bytes(self.job.id.0.to_vec()));
            let mut step = Step { set: WriteSet::new(TENANT), entry, undo };
            let read = cx.engine.store.read()?;
            let more = if step.undo.next < self.job.body.last {
                self.created(&*read, &mut step, pace.rows())?;
                true
            } else {
                self.touched(&*read, &mut step, pace.rows())?
            };
            drop(read);
            let Step { set, entry, undo } = step;
            let rows = entry.items.len();
            if !more {
                return self.end(running).map(Some);
            }
            self.job.body.undo = Some(undo);
            let set = set.op(running.lease.fenced()).op(running.lease.renewed(cx.engine)).in_bulk();
            let sent = Instant::now();
            self.job.commit(&self.cx, set, &entry)?;
            pace.learn(rows.max(1), sent, Instant::now(), self.cx.engine.store.is_shared());
            progress(self.progress());
        }
    }

    fn progress(&self) -> ImportProgress {
        let undo = self.job.body.undo.as_ref();
        let count = |of: fn(&Undo) -> u64| undo.map_or(0, of);
        let (removed, restored, left) = (count(|u| u.removed), count(|u| u.restored), count(|u| u.left));
        ImportProgress {
            rows: removed + restored + left,
            total: self.job.body.imported + self.job.body.updated,
            imported: removed,
            updated: restored,
            duplicates: left,
            rejected: 0,
        }
    }

    /// Records that the import made, as its next entries name them.
    fn created(&self, read: &dyn Read, step: &mut Step, most: usize) -> Result<(), Stop> {
        let mut looked = 0;
        for (index, leaf) in read.change_entries(TENANT, step.undo.next, LEAVES)? {
            // An entry that the job's own steps have written lies behind the last one of the import.
            if looked >= most || index >= self.job.body.last {
                break;
            }
            step.undo.next = index + 1;
            let leaf = Leaf::decode(&leaf)?;
            let ours = leaf.deed == Deed::Import as u8
                && leaf.outcome == Outcome::Done as u8
                && leaf.note_bytes("job") == Some(&self.job.id.0);
            for item in leaf.items.iter().filter(|item| ours && item.version == 1) {
                looked += 1;
                let Some(row) = read.row(TENANT, &RowBy::Uid(item.record))? else { continue };
                let touched: Option<Touched> = match row.version {
                    1 => None,
                    _ => self.cx.engine.part(read, self.job.id, Class::Touched, row.rid.0)?,
                };
                if touched.is_some() {
                    step.set.ops.push(drop_part(self.job.id, Class::Touched, row.rid.0));
                }
                let last = touched.map_or(1, |touched| touched.last);
                self.remove(read, step, row, last)?;
            }
        }
        Ok(())
    }

    /// Records that the import changed, and those that were made of mended rows; false when there are no more.
    fn touched(&self, read: &dyn Read, step: &mut Step, most: usize) -> Result<bool, Stop> {
        let id = self.job.id;
        let page: Vec<(i64, Touched)> = self.cx.engine.parts(read, id, Class::Touched, None, most)?;
        for (rid, touched) in &page {
            step.set.ops.push(drop_part(id, Class::Touched, *rid));
            let Some(row) = read.row(TENANT, &RowBy::Rid(Rid(*rid)))? else { continue };
            match touched.base {
                0 => self.remove(read, step, row, touched.last)?,
                base => self.restore(read, step, row, base, touched.last)?,
            }
        }
        Ok(!page.is_empty())
    }

    /// Erases a record that the import made, unless somebody uses it.
    fn remove(&self, read: &dyn Read, step: &mut Step, row: Row, last: u32) -> Result<(), Stop> {
        let (view, kind) = self.cx.view_of(row.kind)?;
        let why = match () {
            () if row.state == STATE_ERASED => "erased",
            () if !self.reaches(&view, &row) => "out_of_reach",
            () if row.version != last => "changed",
            () if self.has_contacts(read, &row)? => "has_contacts",
            () => {
                let key = read.key(TENANT, row.domain, row.key_version)?;
                let key = key.ok_or_else(|| damaged("its data key is missing"))?;
                bury(&self.cx, kind, &row, &key, &mut step.set, &mut step.entry)?;
                let bucket = bucket_of(row.domain);
                if let Err(at) = step.undo.buckets.binary_search(&bucket) {
                    step.undo.buckets.insert(at, bucket);
                }
                // A contact that comes in meanwhile expects the dossier as it was, and is refused.
                step.undo.removed += 1;
                return Ok(());
            }
        };
        self.leave(step, kind, &row, why)
    }

    /// Whether the caller may still take in where a record is now; a CDO takes anything back.
    fn reaches(&self, view: &View, row: &Row) -> bool {
        self.cx.is_cdo() || view.at(&row.place()).may(Action::Import)
    }

    fn has_contacts(&self, read: &dyn Read, row: &Row) -> Result<bool, Fault> {
        for kind in self.cx.engine.kinds.iter().filter(|kind| kind.id != KindId::CUSTOMER) {
            let query = RowQuery { dossier: Some(row.rid), limit: 1, ..RowQuery::new(kind.id) };
            if !read.rows_with_keys(TENANT, &query)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Gives a record the values back that it had before the import, unless somebody has touched it since.
    fn restore(&self, read: &dyn Read, step: &mut Step, row: Row, base: u32, last: u32) -> Result<(), Stop> {
        let (cx, engine) = (&self.cx, self.cx.engine);
        let (view, kind) = cx.view_of(row.kind)?;
        if !self.reaches(&view, &row) {
            return self.leave(step, kind, &row, "out_of_reach");
        }
        if row.state == STATE_ERASED || row.version != last {
            let why = if row.state == STATE_ERASED { "erased" } else { "changed" };
            return self.leave(step, kind, &row, why);
        }
        let missing = || damaged("an earlier version of it is missing");
        let earlier = read.version(TENANT, row.rid, base)?.ok_or_else(missing)?;
        let key_of = |row: &Row| -> Result<_, Fault> {
            let key = read.key(TENANT, row.domain, row.key_version)?;
            unwrap_key(&engine.keyring, &key.ok_or_else(|| damaged("its data key is missing"))?)
        };
        let key = key_of(&row)?;
        let now = Opened::with_key(TENANT, kind, &row, &key)?;
        let values = Opened::with_key(TENANT, kind, &earlier, &key_of(&earlier)?)?.all()?;
        let fields = |values: &crate::seal::Stored| -> Fields {
            values.iter().map(|(number, (value, _))| (*number, value.clone())).collect()
        };
        let (before, after) =
            (tokens_of(engine, kind, &fields(&now.all()?)), tokens_of(engine, kind, &fields(&values)));
        for (field, version, token) in after.unique.difference(&before.unique) {
            if read.by_unique(TENANT, *field, *version, token)?.is_some() {
                return self.leave(step, kind, &row, "number_taken");
            }
        }
        let mut next = Row {
            version: row.version + 1,
            changed: cx.now,
            generation: 1,
            container: Vec::new(),
            ..row.clone()
        };
        next.put_at(place_of(kind, &fields(&values), row.team, row.owner));
        let moved = !is_scope_of(&next, &row);
        let draft = Draft {
            kind,
            row: next,
            values,
            // Where a value came from then, it comes from now: the list only ever grows.
            origins: now.header.origins.clone(),
            salts: now.salts()?,
        };
        let fresh = seal(TENANT, draft, &key, &engine.keyring.system(), &*engine.entropy)?;
        step.entry.items.push(item_of(&fresh, Vec::new()));
        if moved {
            for member in members(cx, read, row.rid)? {
                follow(cx, &member, &fresh, &mut step.set.ops, &mut step.entry.items)?;
            }
        }
        step.set.ops.push(Op::PutRow { row: fresh, expect: row.version });
        step.set.ops.extend(after.ops_from(&before, row.rid));
        step.undo.restored += 1;
        Ok(())
    }

    /// Lists a record that stays as it is.
    fn leave(&self, step: &mut Step, kind: &Kind, row: &Row, why: &str) -> Result<(), Stop> {
        let left =
            Left { id: row.record.to_typeid(&kind.prefix), code: row.code.clone(), why: why.to_owned() };
        step.undo.left += 1;
        let number = i64::try_from(step.undo.left).unwrap_or(i64::MAX);
        step.set.ops.push(self.cx.engine.put_part(self.job.id, Class::Left, number, &left)?);
        Ok(())
    }

    /// Everything is done with: the keys of the buckets are renewed, so that no copy made before can be opened.
    fn end(&mut self, running: &mut Running<'_>) -> Result<Committed, Stop> {
        let cx = &self.cx;
        let mut set = WriteSet::new(TENANT);
        let undo = self.job.body.undo.as_ref().ok_or_else(|| Fault::new("internal"))?;
        set.ops = undo.buckets.iter().map(|bucket| cx.engine.renewal(*bucket, cx.now)).collect();
        let count = |number| Note::Int(i64::try_from(number).unwrap_or(i64::MAX));
        let entry = Entry::done(Deed::ImportUndo)
            .note("job", Note::Bytes(self.job.id.0.to_vec()))
            .note("removed", count(undo.removed))
            .note("restored", count(undo.restored))
            .note("left", count(undo.left));
        self.job.state = State::Undone;
        running.end(cx, &mut self.job, set, &entry)
    }
}
