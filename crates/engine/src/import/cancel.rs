//! Stopping an import for good: what is in stays, and can be undone.

use super::job::{Job, State};
use super::part::Class;
use super::run::{Running, job_entry};
use super::show::ImportShown;
use crate::context::{Recorded, Stop, unexpected};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::{Caller, Engine, TENANT};
use dossier_access::Action;
use dossier_crypto::sha256;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_store::WriteSet;

impl Job {
    /// The name under which only one process works on it: of a file that lies outside, made from its content and where
    /// it goes, so that two who start with the same file meet.
    pub(crate) fn work_name(&self) -> Uid {
        let body = &self.body;
        if !body.outside {
            return self.id;
        }
        let mut what = body.digest.to_vec();
        what.extend(body.team.to_be_bytes());
        what.push(body.source);
        what.push(body.duplicates as u8);
        what.extend(body.form.name().into_bytes());
        what.extend(body.who.at_work().principal.id16());
        Uid(*sha256(&what).first_chunk().unwrap_or(&[0; 16]))
    }
}

impl Engine {
    /// Stops an import: before it was started its file is deleted; one that runs stops between two chunks.
    ///
    /// # Errors
    /// `import_not_found`, `action_not_allowed`, `import_state` when it has ended.
    pub fn cancel_import(&self, caller: &Caller, id: &str) -> Result<ImportShown, Fault> {
        let (shown, job) = self.guarded(caller, Deed::ImportChange, |cx| {
            let (view, _) = cx.view("customer")?;
            view.anywhere().permit(Action::Import)?;
            let read = cx.read()?;
            let (mut job, _) = Job::find(cx, &*read, id)?;
            drop(read);
            match job.state {
                State::Running | State::RunningFile => {}
                State::Uploading | State::Uploaded | State::Ready => {
                    job.end(cx, State::Cancelled)?;
                    let entry = job_entry(&job, Deed::ImportChange);
                    let committed = job.commit(cx, WriteSet::new(TENANT), &entry)?;
                    return Ok(cx.committed(committed, (ImportShown::of(cx, &job), job)));
                }
                _ => return Err(job.needs(false).err().map_or(Stop::Again, Stop::from)),
            }
            // Nobody may be at work on it: then it ends here.
            match Running::begin(self, job.work_name()) {
                Ok(mut running) => {
                    let read = self.store.read()?;
                    job = Job::load(self, &*read, job.id)?.unwrap_or(job);
                    drop(read);
                    job.needs(matches!(job.state, State::Running | State::RunningFile))?;
                    job.end(cx, State::Cancelled)?;
                    let entry = job_entry(&job, Deed::ImportChange);
                    let committed = running.end(cx, &mut job, WriteSet::new(TENANT), &entry)?;
                    Ok(cx.committed(committed, (ImportShown::of(cx, &job), job)))
                }
                Err(fault) if fault.key == "import_running" => asked(cx, job),
                Err(fault) => Err(fault.into()),
            }
        })?;
        if job.state == State::Cancelled {
            self.clear_parts(job.id, Class::Chunk)?;
        }
        Ok(shown)
    }
}

/// Leaves word for whoever is at work, in this process or another.
fn asked(cx: &crate::context::Context<'_>, job: Job) -> Result<Recorded<(ImportShown, Job)>, Stop> {
    let set = WriteSet::new(TENANT).op(cx.engine.put_part(job.id, Class::Stop, 0, &())?);
    let entry = Entry::done(Deed::ImportChange)
        .note("job", Note::Bytes(job.id.0.to_vec()))
        .note("stop", Note::Int(1));
    match cx.commit(set, &entry) {
        Ok(committed) => Ok(cx.committed(committed, (ImportShown::of(cx, &job), job))),
        Err(error) => Err(unexpected(&crate::context::again(error)?)),
    }
}
