//! Taking in a file of customers: normalised, checked, sealed, in chunks that other writers hardly notice.
//!
//! How far an import has come is written in the same transaction as what it has taken in, and so are the rows that it
//! has put aside. Started again, it goes on there: nothing is taken in twice, nothing is left out.

mod alike;
mod cancel;
mod chunk;
mod job;
mod mapping;
mod meet;
mod mend;
mod pace;
mod part;
mod rejected;
mod run;
mod saved;
mod show;
mod source;
mod steps;
mod undo;

pub(crate) use undo::begin_undo;
mod upload;
mod worker;

pub use alike::{Alike, MendAlike, MendedAlike, ProblemClass, ProblemClasses, SameValue};
pub use job::Duplicates;
pub use mapping::{Accepted, By, Column, Edit, Mapping, PreviewCell, PreviewRow, Problem, Target};
pub use mend::{Decision, Mended, RowMend};
pub use part::{Left, RowProblem};
pub use saved::SavedMapping;
pub use show::{ImportPage, ImportShown, Imports, ProblemRow, RowMet, UndoShown};

pub use steps::{MappingAsk, MappingShown, Preview, Start};
pub use upload::{NewImport, Upload};
pub use worker::ImportWorker;

use crate::command::source_of;
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::Deed;
use crate::seal::new_id;
use crate::{Caller, Engine, TENANT};
use dossier_access::{Action, View};
use dossier_model::fault::Fault;
use dossier_model::kind::Kind;
use job::{Body, Form, Job, State, Who};
use rejected::{Rejected, fed_again, leave_out_added};
use run::{Running, carry_out};
use saved::{chosen, remembered};
use serde::Serialize;
pub use source::{Bytes, Format, Row, Rows, Scanned, Source};
use std::path::PathBuf;
use std::time::Instant;
use steps::mapped;

/// Rows that are looked at to tell what a column without a known name is.
const SAMPLE: usize = 200;

/// A file to take in.
#[derive(Clone, Default)]
pub struct Import {
    /// The file.
    pub file: PathBuf,
    /// The worksheet of a workbook; the first with content when not given.
    pub sheet: Option<String>,
    /// What the caller says of columns: their names, and the field of each; none leaves a column out.
    pub columns: Vec<(String, Option<String>)>,
    /// A kept mapping to begin with, by its name.
    pub mapping: Option<String>,
    /// Whether rows that say nothing of their subject have the one that their names tell.
    pub subject_by_name: bool,
    /// The name to keep the mapping under.
    pub save_mapping: Option<String>,
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

/// How far an import has come: what is in the store, and stays there whatever happens.
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
    /// The file of rejected rows, if there are any and it could be written. They are with the import as well.
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
            view.anywhere().permit(Action::Import)?;
            let team = crate::command::team_of(cx, &view, Action::Import, ask.team.as_deref())?;
            let source = source_of(ask.source.as_deref())?;
            let file = Source::file(&ask.file).sheet(ask.sheet.clone());
            let scanned = file.scan()?;
            let mapping = asked(cx, ask, kind, &view, (&file, &scanned))?;
            mapping.check(kind, &scanned.header, &view)?;
            if let Some(name) = &ask.save_mapping {
                self.keep_mapping_now(cx, name, &mapping)?;
            }
            let job = begun(cx, ask, &scanned, mapping, (team, source))?;
            let mut progress = progress.borrow_mut();
            run(cx, ask, &file, job, started, &mut **progress)
        })
    }
}

/// What a file's columns are: as the caller has once said of the same ones, else as far as it can be told.
pub(crate) fn suggested(
    cx: &Context<'_>,
    kind: &Kind,
    view: &View,
    file: &Source,
    scanned: &Scanned,
) -> Result<Mapping, Fault> {
    if let Some(mapping) = remembered(cx, kind, view, &scanned.header)? {
        return Ok(mapping);
    }
    let sample =
        fed_again(&scanned.header, file.rows(scanned)?).take(SAMPLE).collect::<Result<Vec<_>, _>>()?;
    let mut mapping = Mapping::suggest(kind, &scanned.header, &sample);
    leave_out_added(&mut mapping);
    let subject = kind.by_name("subject").filter(|field| view.anywhere().may_write(field));
    mapping.subject_by_name &= subject.is_some();
    Ok(mapping)
}

/// The mapping that somebody asks for. What names tell is taken from them only when that was said: nobody sees it first.
pub(crate) fn asked(
    cx: &Context<'_>,
    ask: &Import,
    kind: &Kind,
    view: &View,
    (file, scanned): (&Source, &Scanned),
) -> Result<Mapping, Stop> {
    let mut mapping = match &ask.mapping {
        Some(name) => chosen(cx, name, &scanned.header)?,
        None => Mapping { subject_by_name: false, ..suggested(cx, kind, view, file, scanned)? },
    };
    mapping.subject_by_name |= ask.subject_by_name;
    Ok(mapping.with(&edits(&scanned.header, &ask.columns)?)?)
}

/// The units of columns by their names.
fn units(mapping: &Mapping, units: &[(String, String)]) -> Result<Vec<Edit>, Fault> {
    let edit = |(name, unit): &(String, String)| {
        let found = (1..).zip(&mapping.columns).find(|(_, column)| column.header == *name);
        let (at, column) =
            found.ok_or_else(|| Fault::new("import_column_unknown").with("column", name.as_str()))?;
        Ok(Edit { column: at, target: column.target.clone(), unit: Some(unit.clone()) })
    };
    units.iter().map(edit).collect()
}

/// What somebody says of columns by their names.
fn edits(header: &[String], columns: &[(String, Option<String>)]) -> Result<Vec<Edit>, Fault> {
    let edit = |(name, field): &(String, Option<String>)| {
        let at = header.iter().position(|of| of == name);
        let at = at.ok_or_else(|| Fault::new("import_column_unknown").with("column", name.as_str()))?;
        let target = match field.as_deref() {
            None => Target::Ignored,
            Some("stage") => Target::Stage,
            Some("level") => Target::Level,
            Some(field) => Target::Field(field.to_owned()),
        };
        Ok(Edit { column: at + 1, target, unit: None })
    };
    columns.iter().map(edit).collect()
}

/// The same file is being imported.
fn busy() -> Fault {
    Fault::new("import_running")
}

fn run(
    cx: &Context<'_>,
    ask: &Import,
    file: &Source,
    job: Job,
    started: Instant,
    progress: &mut dyn FnMut(ImportProgress),
) -> Result<Recorded<Imported>, Stop> {
    let mut running = Running::begin(cx.engine, job.work_name())?;
    let (job, resumed) = match unfinished(cx, &job)? {
        Some(job) => (job, true),
        None => (job, false),
    };
    let rejected = Rejected::open(ask)?;
    let (job, committed) = carry_out(cx, job, file, &mut running, &|| false, progress)?;
    let committed = committed.ok_or_else(|| Fault::new("internal"))?;
    let rejected_file = rejected.write(cx.engine, &job);
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
            ignored_columns: job.body.mapping.ignored(),
        },
    ))
}

/// The caller's import of this file that was cut off, if there is one.
fn unfinished(cx: &Context<'_>, new: &Job) -> Result<Option<Job>, Fault> {
    const PAGE: usize = 100;
    let read = cx.engine.store.read()?;
    let mut before = None;
    loop {
        let rows = read.jobs_of(TENANT, job::KIND, before, PAGE)?;
        let (full, last) = (rows.len() == PAGE, rows.last().map(|row| row.id));
        for row in rows.into_iter().filter(|row| row.state == State::RunningFile as u8) {
            let job = Job::open(cx.engine, row)?;
            if job.work_name() == new.work_name() {
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
    mapping: Mapping,
    (team, source): (u32, u8),
) -> Result<Job, Fault> {
    let name = ask.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let body = Body {
        who: Who::of(cx.caller)?,
        outside: true,
        name,
        size: std::fs::metadata(&ask.file).map_or(0, |about| about.len()),
        digest: scanned.digest,
        form: Form::of(&scanned.format),
        header_row: scanned.header_row,
        header: scanned.header.clone(),
        mapping,
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
