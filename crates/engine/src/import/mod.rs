//! Taking in a file of customers: normalised, checked, sealed, in chunks that other writers hardly notice.
//!
//! How far an import has come is written in the same transaction as what it has taken in. Started again with the same
//! file, it goes on there: nothing is taken in twice, nothing is left out.

mod chunk;
mod job;
mod mapping;
mod rejected;
mod source;

use crate::command::source_of;
use crate::context::{Recorded, Stop};
use crate::lease::Lease;
use crate::ledger::entry::{Deed, Entry, Note};
use crate::{Caller, Engine};
use chunk::Importer;
use dossier_access::Action;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use job::Job;
pub use mapping::{Accepted, By, Column, Edit, Mapping, PreviewCell, PreviewRow, Problem, Target};
use rejected::Rejected;
use serde::Serialize;
pub use source::{Bytes, Format, Row, Rows, Scanned, Source};
use std::path::PathBuf;
use std::time::Instant;

/// How many rows go into one transaction: some 10 ms of the writer's time.
const CHUNK: usize = 200;
/// Rows that are looked at to tell what a column without a known name is.
const SAMPLE: usize = 200;

/// A file to take in.
#[derive(Clone, Default)]
pub struct Import {
    /// The file.
    pub file: PathBuf,
    /// The team that the dossiers go to; the caller's own when not given.
    pub team: Option<String>,
    /// Where the values come from.
    pub source: Option<String>,
    /// Where rejected rows go; `FILE.rejected.csv` when not given.
    pub rejected: Option<PathBuf>,
    /// Where they go when that cannot be written.
    pub fallback: Option<PathBuf>,
}

/// How far an import has come.
#[derive(Clone, Copy, Default)]
pub struct ImportProgress {
    /// Rows looked at.
    pub rows: u64,
    /// Rows in the file.
    pub total: u64,
    /// Taken in.
    pub imported: u64,
    /// Refused.
    pub rejected: u64,
    /// There already.
    pub duplicates: u64,
}

/// What an import came to.
#[derive(Serialize)]
pub struct Imported {
    /// Dossiers that are new.
    pub imported: u64,
    /// Rows refused, with reasons in the file of rejected rows.
    pub rejected: u64,
    /// Rows whose document or tax number is there already.
    pub duplicates: u64,
    /// How long this run took.
    pub seconds: f64,
    /// The file of rejected rows, if there are any.
    pub rejected_file: Option<PathBuf>,
    /// Whether an earlier run was continued.
    pub resumed: bool,
    /// Columns that no field is known for.
    pub ignored_columns: Vec<String>,
}

impl Engine {
    /// Takes in a file: CSV in UTF-8, UTF-16 or GB18030, or an XLSX workbook.
    ///
    /// # Errors
    /// `import_*` when the file as a whole cannot be taken in: then nothing was. `import_running` while the same import is
    /// at work, in this process or another.
    pub fn import(
        &self,
        caller: &Caller,
        ask: &Import,
        progress: &mut dyn FnMut(ImportProgress),
    ) -> Result<Imported, Fault> {
        let started = Instant::now();
        let progress = std::cell::RefCell::new(progress);
        self.guarded(caller, Deed::Import, |cx| {
            let (view, kind) = cx.view("customer")?;
            view.permit(Action::Import)?;
            let team = crate::command::team_of(cx, &view, ask.team.as_deref())?;
            let source = source_of(ask.source.as_deref())?;
            let file = Source::file(&ask.file);
            let scanned = file.scan()?;
            let sample = file.rows(&scanned)?.take(SAMPLE).collect::<Result<Vec<_>, _>>()?;
            let mapping = Mapping::suggest(kind, &scanned.header, &sample);
            mapping.check(kind, &scanned.header, &view)?;
            let plan = Plan { file, scanned, mapping, team, source };
            let mut progress = progress.borrow_mut();
            run(cx, kind, ask, &plan, started, &mut **progress)
        })
    }
}

/// Everything that is decided before the first row is taken in.
pub(crate) struct Plan {
    pub file: Source,
    pub scanned: Scanned,
    pub mapping: Mapping,
    pub team: u32,
    pub source: u8,
}

/// An import at work: no other one of the same file is, in this process or another.
struct Running<'e> {
    engine: &'e Engine,
    id: Uid,
    lease: Lease,
    /// Whether the lease was given back with the last commit.
    ended: bool,
}

impl<'e> Running<'e> {
    fn begin(engine: &'e Engine, id: Uid) -> Result<Running<'e>, Fault> {
        // The lease is this process's; within it the set tells who came first.
        if !engine.imports.lock().insert(id) {
            return Err(busy());
        }
        match engine.take_lease(&format!("import/{id}")) {
            Ok(Some(lease)) => Ok(Running { engine, id, lease, ended: false }),
            other => {
                engine.imports.lock().remove(&id);
                Err(other.err().unwrap_or_else(busy))
            }
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.engine.give_back(&self.lease);
        }
        self.engine.imports.lock().remove(&self.id);
    }
}

/// The same file is being imported.
fn busy() -> Fault {
    Fault::new("import_running")
}

fn run(
    cx: &crate::context::Context<'_>,
    kind: &'static dossier_model::kind::Kind,
    ask: &Import,
    plan: &Plan,
    started: Instant,
    progress: &mut dyn FnMut(ImportProgress),
) -> Result<Recorded<Imported>, Stop> {
    let id = Job::id_of(cx, plan);
    let mut running = Running::begin(cx.engine, id)?;
    let (mut job, resumed) = Job::load_or_new(cx, id)?;
    let mut rejected = Rejected::open(ask, &plan.scanned.header, &job)?;
    loop {
        let (job_now, lease) = (job.clone(), &running.lease);
        let mut importer = Importer { cx, kind, plan, job: job_now, lease, rejected: &mut rejected };
        match importer.run(progress)? {
            chunk::Ran::Whole => {
                job = importer.job;
                break;
            }
            // Somebody else took a number, or a key was renewed: what is not in goes on from where the store is.
            chunk::Ran::Again => {
                cx.engine.refresh_keys()?;
                job = Job::load_or_new(cx, id)?.0;
            }
        }
        rejected.cut(job.body.rejected_bytes)?;
    }
    let rejected_file = rejected.close(job.body.rejected)?;
    let entry = Entry::done(Deed::Import)
        .note("job", Note::Bytes(job.id.0.to_vec()))
        .note("imported", Note::Int(i64::try_from(job.body.imported).unwrap_or(i64::MAX)))
        .note("rejected", Note::Int(i64::try_from(job.body.rejected).unwrap_or(i64::MAX)))
        .note("duplicates", Note::Int(i64::try_from(job.body.duplicates).unwrap_or(i64::MAX)));
    let committed = job.finish(cx, &entry, &running.lease)?;
    running.ended = true;
    Ok(cx.committed(
        committed,
        Imported {
            imported: job.body.imported,
            rejected: job.body.rejected,
            duplicates: job.body.duplicates,
            seconds: started.elapsed().as_secs_f64(),
            rejected_file,
            resumed,
            ignored_columns: plan.mapping.ignored(),
        },
    ))
}
