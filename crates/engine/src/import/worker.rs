//! What a server does by itself: imports and undoings that were started, and clearing away what nobody came back for.

use super::job::{Job, KIND, State};
use super::part::{Class, drop_part};
use super::run::{Running, carry_out, job_entry};
use crate::clock::ANY_TIME;
use crate::context::Stop;
use crate::ledger::entry::Deed;
use crate::{Engine, TENANT};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{CommitError, Conflict, WriteSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often is looked whether anything was started.
const TICK: Duration = Duration::from_millis(250);
/// How often is looked whether anything is to be cleared away.
const SWEEP: Duration = Duration::from_secs(60);
/// How many are at work at a time in one process.
const AT_A_TIME: usize = 4;

/// The thread that works on imports; when this is dropped it stops between two chunks. What is left goes on with the
/// next start, or on another server.
pub struct ImportWorker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for ImportWorker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of imports panicked");
        }
    }
}

impl Engine {
    /// Starts working on imports.
    pub fn import_worker(&self) -> ImportWorker {
        let stop = Arc::new(AtomicBool::new(false));
        let (engine, stopped) = (self.clone(), Arc::clone(&stop));
        let thread =
            std::thread::Builder::new().name("imports".into()).spawn(move || work(&engine, &stopped));
        if let Err(error) = &thread {
            tracing::error!(%error, "no thread for imports");
        }
        ImportWorker { stop, thread: thread.ok() }
    }

    /// Works on an import that was started, until it ends or is told to stop.
    ///
    /// # Errors
    /// `import_running` when another process is at it. What else goes wrong is the end of the import, and stands in it.
    pub fn work_on_import(&self, id: &str, stop: &dyn Fn() -> bool) -> Result<(), Fault> {
        let missing = || Fault::new("import_not_found");
        let uid = Uid::parse_typeid(super::job::PREFIX, id).ok_or_else(missing)?;
        let load = || -> Result<Job, Fault> {
            let read = self.store.read()?;
            Job::load(self, &*read, uid)?.ok_or_else(missing)
        };
        let job = load()?;
        if job.state == State::Undoing {
            return self.finish_import_undo(id, stop, &mut |_| {});
        }
        let running = std::cell::RefCell::new(Running::begin(self, uid)?);
        let job = if job.state == State::Running { load()? } else { return Ok(()) };
        if job.state != State::Running {
            return Ok(());
        }
        let who = job.body.who.at_work();
        let file = self.handed_in(uid, job.body.size, None);
        let ended = self.guarded(&who, Deed::Import, |cx| {
            let mut running = running.borrow_mut();
            match carry_out(cx, load()?, &file, &mut running, stop, &mut |_| {})? {
                (_, Some(committed)) => Ok(cx.committed(committed, true)),
                (job, None) => cx.record(job_entry(&job, Deed::ImportLook), Vec::new(), false),
            }
        });
        match ended {
            Ok(true) => self.clear_parts(uid, Class::Chunk),
            Ok(false) => Ok(()),
            // Another process goes on, or the store is away for a moment: it is tried again.
            Err(fault) if fault.status() == 503 || fault.key == "import_running" => Err(fault),
            Err(fault) => {
                tracing::warn!(code = fault.code(), "an import has failed");
                self.fail_import(&mut running.borrow_mut(), load()?, &fault)
            }
        }
    }

    /// Ends an import with what it failed of; what is in stays.
    fn fail_import(&self, running: &mut Running<'_>, mut job: Job, fault: &Fault) -> Result<(), Fault> {
        job.body.failed = Some(fault.code().to_owned());
        let caller = crate::auth::system_caller(&crate::Origin::default());
        let running = std::cell::RefCell::new(running);
        self.guarded(&caller, Deed::ImportChange, |cx| {
            let mut job = job.clone();
            job.end(cx, State::Failed)?;
            let entry = job_entry(&job, Deed::ImportChange);
            let committed = running.borrow_mut().end(cx, &mut job, WriteSet::new(TENANT), &entry);
            committed.map(|committed| cx.committed(committed, ()))
        })
    }

    /// Deletes what nobody came back for: files that were not started, rows that were not mended.
    pub(crate) fn sweep_imports(&self) -> Result<(), Fault> {
        let waiting = [State::Uploading, State::Uploaded, State::Ready];
        let ended = [State::Done, State::Failed, State::Cancelled, State::Undone];
        for state in waiting.into_iter().chain(ended) {
            let jobs = self.store.read()?.jobs(TENANT, state as u8, self.clock.now(), 100)?;
            for row in jobs.into_iter().filter(|row| row.kind == KIND) {
                let mut job = Job::open(self, row)?;
                for class in [Class::Chunk, Class::Problem, Class::Review, Class::Passed] {
                    self.clear_parts(job.id, class)?;
                }
                if waiting.contains(&job.state) {
                    job.state = State::Cancelled;
                }
                // What waited for a person waits no more.
                let body = &mut job.body;
                (body.skipped, body.rejected) = (body.skipped + body.rejected, 0);
                job.due = Micros(i64::MAX);
                let set = WriteSet::new(TENANT).op(drop_part(job.id, Class::Stop, 0)).op(job.put(self)?);
                match self.store.commit(set).wait() {
                    // Another server was faster.
                    Ok(_) | Err(CommitError::Conflict(Conflict::Job { .. })) => {}
                    Err(CommitError::Conflict(other)) => {
                        return Err(crate::context::unexpected(&other).into_fault());
                    }
                    Err(CommitError::Failed(error)) => return Err(Stop::from(error).into_fault()),
                }
            }
        }
        Ok(())
    }
}

fn work(engine: &Engine, stop: &Arc<AtomicBool>) {
    let mut at_work: Vec<(Uid, JoinHandle<()>)> = Vec::new();
    let mut swept: Option<Instant> = None;
    while !stop.load(Ordering::Relaxed) {
        at_work.retain(|(_, thread)| !thread.is_finished());
        match started(engine) {
            Ok(jobs) => {
                for id in jobs {
                    if at_work.len() < AT_A_TIME && !at_work.iter().any(|(of, _)| *of == id) {
                        at_work.extend(begin(engine, id, stop));
                    }
                }
            }
            Err(fault) => tracing::debug!(code = fault.code(), "imports are not looked after"),
        }
        // Dossiers of those who left are work in bulk as well.
        if let Err(fault) = engine.work_on_hand_overs(&|| stop.load(Ordering::Relaxed)) {
            tracing::warn!(code = fault.code(), "what was taken over is not handed over yet");
        }
        if swept.is_none_or(|at| at.elapsed() >= SWEEP) {
            swept = Some(Instant::now());
            if let Err(fault) = engine.sweep_imports() {
                tracing::warn!(code = fault.code(), "old imports are not cleared away");
            }
        }
        std::thread::sleep(TICK);
    }
    for (_, thread) in at_work {
        if thread.join().is_err() {
            tracing::error!("an import panicked");
        }
    }
}

fn started(engine: &Engine) -> Result<Vec<Uid>, Fault> {
    let read = engine.store.read()?;
    let mut found = Vec::new();
    for state in [State::Running, State::Undoing] {
        let jobs = read.jobs(TENANT, state as u8, ANY_TIME, 100)?;
        found.extend(jobs.into_iter().filter(|job| job.kind == KIND).map(|job| job.id));
    }
    Ok(found)
}

fn begin(engine: &Engine, id: Uid, stop: &Arc<AtomicBool>) -> Option<(Uid, JoinHandle<()>)> {
    let (engine, stop) = (engine.clone(), Arc::clone(stop));
    let work = move || {
        let done = engine.work_on_import(&id.to_typeid(super::job::PREFIX), &|| stop.load(Ordering::Relaxed));
        match done {
            Ok(()) => {}
            // Another server is at it.
            Err(fault) if fault.key == "import_running" => std::thread::sleep(SWEEP / 12),
            Err(fault) => {
                tracing::warn!(code = fault.code(), "an import waits to be tried again");
                std::thread::sleep(TICK * 4);
            }
        }
    };
    let thread = std::thread::Builder::new().name("import".into()).spawn(work);
    match thread {
        Ok(thread) => Some((id, thread)),
        Err(error) => {
            tracing::error!(%error, "no thread for an import");
            None
        }
    }
}
