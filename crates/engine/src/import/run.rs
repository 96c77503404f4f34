//! An import at work: under a lease of its own, in this process or another, until every row is done with.

use super::chunk::{Importer, Ran};
use super::job::{Job, State};
use super::part::{Class, drop_part};
use super::rejected::fed_again;
use super::source::Source;
use super::{ImportProgress, busy};
use crate::Engine;
use crate::TENANT;
use crate::context::{Context, Stop};
use crate::lease::Lease;
use crate::ledger::entry::{Deed, Entry, Note};
use dossier_access::Action;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_store::{Committed, WriteSet};

/// The right to work on an import: nobody else does, in this process or another. Whoever woke up late with an old right
/// would have an old version of the job, too: so nothing is left of it in the end.
pub(crate) struct Running<'e> {
    engine: &'e Engine,
    name: Uid,
    pub lease: Lease,
    /// Whether the lease was given back with the last commit.
    ended: bool,
}

impl<'e> Running<'e> {
    /// # Errors
    /// `import_running` when somebody is at it.
    pub(crate) fn begin(engine: &'e Engine, name: Uid) -> Result<Running<'e>, Fault> {
        // The lease is this process's; within it the set tells who came first.
        if !engine.imports.lock().insert(name) {
            return Err(busy());
        }
        match engine.take_lease(&format!("import/{name}")) {
            Ok(Some(lease)) => Ok(Running { engine, name, lease, ended: false }),
            other => {
                engine.imports.lock().remove(&name);
                Err(other.err().unwrap_or_else(busy))
            }
        }
    }

    /// Commits the last of it, and gives the lease back with that.
    pub(crate) fn end(
        &mut self,
        cx: &Context<'_>,
        job: &mut Job,
        set: WriteSet,
        entry: &Entry,
    ) -> Result<Committed, Stop> {
        let set = set.op(self.lease.fenced()).op(self.lease.dropped());
        let committed = job.commit(cx, set, entry)?;
        self.ended = true;
        Ok(committed)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.engine.drop_lease(&self.lease);
        }
        self.engine.imports.lock().remove(&self.name);
    }
}

/// Takes in what is left of a file, and ends the job: done, or cancelled.
pub(crate) fn carry_out(
    cx: &Context<'_>,
    mut job: Job,
    file: &Source,
    running: &mut Running<'_>,
    stop: &dyn Fn() -> bool,
    progress: &mut dyn FnMut(ImportProgress),
) -> Result<(Job, Option<Committed>), Stop> {
    let (view, kind) = cx.view("customer")?;
    view.anywhere().permit(Action::Import)?;
    let (mapping, scanned) = (job.body.mapping.clone(), job.scanned()?);
    let ended = loop {
        let (duplicates, view) = (job.body.duplicates, view.clone());
        let rows = fed_again(&scanned.header, file.rows(&scanned)?);
        let mut importer = Importer {
            cx: cx.clone(),
            kind,
            view,
            mapping: &mapping,
            job: job.clone(),
            duplicates,
            noted: false,
            silent: false,
        };
        match importer.run(rows, &running.lease, stop, progress)? {
            Ran::Whole => {
                job = importer.job;
                break State::Done;
            }
            Ran::Stopped if stop() => return Ok((importer.job, None)),
            Ran::Stopped => {
                job = importer.job;
                break State::Cancelled;
            }
            // Somebody else took a number, or a key was renewed: what is not in goes on from where the store is.
            Ran::Again => {
                cx.engine.refresh_keys()?;
                let read = cx.engine.store.read()?;
                job = Job::load(cx.engine, &*read, job.id)?.unwrap_or(job);
            }
        }
    };
    let cx = cx.later()?;
    job.end(&cx, ended)?;
    let set = WriteSet::new(TENANT).op(drop_part(job.id, Class::Stop, 0));
    let entry = job_entry(&job, Deed::Import);
    let committed = running.end(&cx, &mut job, set, &entry)?;
    Ok((job, Some(committed)))
}

impl Job {
    /// Marks it as ended now.
    pub(crate) fn end(&mut self, cx: &Context<'_>, state: State) -> Result<(), Fault> {
        self.state = state;
        self.body.ended = Some(cx.now.0);
        self.body.last = cx.engine.store.read()?.state(TENANT)?.change_size;
        self.due = cx.now.plus(cx.engine.settings.import_keep_seconds.saturating_mul(1_000_000));
        Ok(())
    }

    pub(crate) fn progress(&self) -> ImportProgress {
        let body = &self.body;
        ImportProgress {
            rows: body.rows,
            total: body.total,
            imported: body.imported,
            updated: body.updated,
            rejected: body.rejected,
            duplicates: body.duplicate,
        }
    }
}

/// What the ledger says of a job as it is now.
pub(crate) fn job_entry(job: &Job, deed: Deed) -> Entry {
    let count = |number| Note::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let body = &job.body;
    Entry::done(deed)
        .note("job", Note::Bytes(job.id.0.to_vec()))
        .note("state", Note::Text(job.state.name().to_owned()))
        .note("imported", count(body.imported))
        .note("updated", count(body.updated))
        .note("rejected", count(body.rejected))
        .note("duplicates", count(body.duplicate))
}
