//! Taking in a file of customers: normalised, checked, sealed, in chunks that other writers hardly notice.
//!
//! How far an import has come is written in the same transaction as what it has taken in, and so are the rows that it
//! has put aside. Started again, it goes on there: nothing is taken in twice, nothing is left out.

mod cancel;
mod chunk;
mod file;
mod job;
mod mapping;
mod meet;
mod mend;
mod pace;
mod part;
mod rejected;
mod run;
mod show;
mod undo;

pub use job::Duplicates;
pub use mend::{Decision, Mended};
pub use part::{Left, RowProblem};
pub use show::{ImportPage, ImportShown, Imports, ProblemRow, RowMet, UndoShown};

use crate::command::source_of;
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::Deed;
use crate::seal::new_id;
use crate::{Caller, Engine, TENANT};
use chunk::Line;
use dossier_access::Action;
use dossier_model::fault::Fault;
use file::Scanned;
use job::{Body, Job, State, Who};
use mapping::Mapping;
use rejected::Rejected;
use run::{Rows, Running, carry_out};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// A file to take in.
#[derive(Clone, Default)]
pub struct Import {
    /// The file.
    pub file: PathBuf,
    /// The team that the dossiers go to; the caller's own when not given.
    pub team: Option<String>,
    /// Where the values come from.
    pub source: Option<String>,
    /// What becomes of rows whose customer is there already.
    pub duplicates: Duplicates,
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
    /// Put over a record that was there.
    pub updated: u64,
    /// Refused.
    pub rejected: u64,
    /// There already.
    pub duplicates: u64,
}

/// What an import came to.
#[derive(Serialize)]
pub struct Imported {
    /// The import, `imp_…`.
    pub id: String,
    /// `done`, or `cancelled` when somebody stopped it.
    pub state: &'static str,
    /// Dossiers that are new.
    pub imported: u64,
    /// Rows that were put over a record.
    pub updated: u64,
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
    /// Takes in a CSV file (UTF-8, with or without mark, or GB18030).
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
            let scanned = file::scan(&ask.file)?;
            let mapping = Mapping::of(kind, &scanned.header)?;
            let mut progress = progress.borrow_mut();
            let place = (team, source);
            run(cx, ask, &scanned, &mapping, place, started, &mut **progress)
        })
    }
}

/// The same file is being imported.
fn busy() -> Fault {
    Fault::new("import_running")
}

fn run(
    cx: &Context<'_>,
    ask: &Import,
    scanned: &Scanned,
    mapping: &Mapping,
    place: (u32, u8),
    started: Instant,
    progress: &mut dyn FnMut(ImportProgress),
) -> Result<Recorded<Imported>, Stop> {
    let job = begun(cx, ask, scanned, mapping, place)?;
    let mut running = Running::begin(cx.engine, job.work_name())?;
    let (job, resumed) = match unfinished(cx, ask, scanned, place)? {
        Some(job) => (job, true),
        None => (job, false),
    };
    let rejected = Rejected::open(ask)?;
    let rows = || -> Result<Rows, Fault> {
        let reader = file::open(&scanned.path, scanned.encoding)?;
        let mut number = 1;
        Ok(Box::new(reader.into_records().map(move |cells| {
            number += 1;
            Ok(Line { number, cells: cells.map_err(|_| Fault::new("import_changed"))? })
        })))
    };
    let (job, committed) = carry_out(cx, job, mapping, &rows, &mut running, &|| false, progress)?;
    let committed = committed.ok_or_else(|| Fault::new("internal"))?;
    let rejected_file = rejected.write(cx.engine, &job)?;
    Ok(cx.committed(
        committed,
        Imported {
            id: job.typeid(),
            state: job.state.name(),
            imported: job.body.imported,
            updated: job.body.updated,
            rejected: job.body.rejected,
            duplicates: job.body.duplicate,
            seconds: started.elapsed().as_secs_f64(),
            rejected_file,
            resumed,
            ignored_columns: mapping.ignored.clone(),
        },
    ))
}

/// The caller's import of this file that was cut off, if there is one.
fn unfinished(
    cx: &Context<'_>,
    ask: &Import,
    scanned: &Scanned,
    (team, source): (u32, u8),
) -> Result<Option<Job>, Fault> {
    const PAGE: usize = 100;
    let read = cx.engine.store.read()?;
    let mut before = None;
    loop {
        let rows = read.jobs_of(TENANT, job::KIND, before, PAGE)?;
        let (full, last) = (rows.len() == PAGE, rows.last().map(|row| row.id));
        for row in rows.into_iter().filter(|row| row.state == State::RunningFile as u8) {
            let job = Job::open(cx.engine, row)?;
            let body = &job.body;
            let same = (body.digest, body.team, body.source, body.duplicates)
                == (scanned.digest, team, source, ask.duplicates);
            if same && job.is_of(cx.caller) {
                return Ok(Some(job));
            }
        }
        if !full {
            return Ok(None);
        }
        before = last;
    }
}

/// A new job for the file. Nothing of it is stored until its first chunk is in.
fn begun(
    cx: &Context<'_>,
    ask: &Import,
    scanned: &Scanned,
    mapping: &Mapping,
    (team, source): (u32, u8),
) -> Result<Job, Fault> {
    let name = ask.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let body = Body {
        who: Who::of(cx.caller)?,
        outside: true,
        name,
        size: std::fs::metadata(&ask.file).map_or(0, |about| about.len()),
        digest: scanned.digest,
        format: format!("csv, {}", scanned.encoding.name()),
        headers: scanned.header.clone(),
        columns: mapping.names(),
        team,
        source,
        duplicates: ask.duplicates,
        total: scanned.rows,
        rows: 0,
        imported: 0,
        updated: 0,
        rejected: 0,
        duplicate: 0,
        skipped: 0,
        mended: 0,
        created: cx.now.0,
        started: Some(cx.now.0),
        ended: None,
        first: cx.engine.store.read()?.state(TENANT)?.change_size,
        last: 0,
        failed: None,
        undo: None,
    };
    let id = new_id(cx.now, &*cx.engine.entropy);
    Ok(Job { id, version: 0, state: State::RunningFile, due: cx.now, body })
}
