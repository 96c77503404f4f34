//! From a file that was handed in to an import at work: mapping, preview, start.

use super::job::{Duplicates, Job, State};
use super::mapping::{Column, Edit, Mapping, PreviewRow};
use super::part::RowProblem;
use super::rejected::fed_again;
use super::run::job_entry;
use super::show::ImportShown;
use super::{Import, chosen};
use crate::command::{source_of, team_of, today};
use crate::context::{Context, Stop};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::{Caller, Engine, Source, TENANT};
use dossier_access::Action;
use dossier_model::fault::Fault;
use dossier_store::WriteSet;
use serde::Serialize;

/// Most rows of a preview.
const MOST_ROWS: usize = 100;

/// Which column is which field, and whether the file can be taken in with it.
#[derive(Clone, Serialize)]
pub struct MappingShown {
    /// One for each column of the file.
    pub mapping: Mapping,
    /// Whether it can be used.
    pub ready: bool,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<RowProblem>,
}

/// What the first rows of a file would become.
pub struct Preview {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, with a cell for each column.
    pub rows: Vec<PreviewRow>,
}

/// What somebody says of the columns of a file.
#[derive(Clone, Default)]
pub struct MappingAsk {
    /// A kept mapping to begin with, by its name.
    pub saved: Option<String>,
    /// What is different, by the places of the columns.
    pub edits: Vec<Edit>,
    /// What is different, by their names: the field, or none to leave the column out.
    pub columns: Vec<(String, Option<String>)>,
    /// What the amounts of a column count in.
    pub units: Vec<(String, String)>,
    /// Whether rows that say nothing of their subject have the one that their names tell; not given it stays.
    pub subject_by_name: Option<bool>,
    /// The name to keep it under.
    pub save_as: Option<String>,
}

/// What an import is started with; what is not given stays.
#[derive(Clone, Default)]
pub struct Start {
    /// The team that the dossiers go to.
    pub team: Option<String>,
    /// Where the values come from.
    pub source: Option<String>,
    /// What becomes of rows whose customer is there.
    pub duplicates: Option<Duplicates>,
}

/// The state that a file's mapping leads to, and what is wrong with it.
pub(crate) fn mapped(cx: &Context<'_>, job: &Job) -> Result<(State, Option<RowProblem>), Stop> {
    let (view, kind) = cx.view("customer")?;
    Ok(match job.body.mapping.check(kind, &job.body.header, &view) {
        Ok(()) => (State::Ready, None),
        Err(fault) => (State::Uploaded, Some(RowProblem::of(&fault))),
    })
}

impl Engine {
    /// Which column of a file that was handed in is which field.
    ///
    /// # Errors
    /// `import_not_found`, `import_of_other`, `action_not_allowed`.
    pub fn import_mapping(&self, caller: &Caller, id: &str) -> Result<MappingShown, Fault> {
        self.guarded(caller, Deed::ImportLook, |cx| {
            let job = Job::own(cx, &*cx.read()?, id)?;
            let (state, problem) = mapped(cx, &job)?;
            let shown =
                MappingShown { mapping: job.body.mapping.clone(), ready: state == State::Ready, problem };
            cx.record(look(&job), Vec::new(), shown)
        })
    }

    /// Changes which column is which field.
    ///
    /// # Errors
    /// `import_not_found`, `import_of_other`, `import_state` once it was started, `import_mapping_not_found`,
    /// `import_columns_changed`, `import_unit`; what else is wrong with the mapping is said in the answer, unless it is to
    /// be kept.
    pub fn map_import(&self, caller: &Caller, id: &str, ask: &MappingAsk) -> Result<MappingShown, Fault> {
        self.guarded(caller, Deed::ImportChange, |cx| {
            let mut job = Job::own(cx, &*cx.read()?, id)?;
            job.needs(matches!(job.state, State::Uploaded | State::Ready))?;
            if let Some(name) = &ask.saved {
                job.body.mapping = chosen(cx, name, &job.body.header)?;
            }
            let header = &job.body.header;
            let named = [super::edits(header, &ask.columns)?, ask.edits.clone()].concat();
            job.body.mapping = job.body.mapping.with(&named)?;
            let units = super::units(&job.body.mapping, &ask.units)?;
            job.body.mapping = job.body.mapping.with(&units)?;
            if let Some(by_name) = ask.subject_by_name {
                job.body.mapping.subject_by_name = by_name;
            }
            let (state, problem) = mapped(cx, &job)?;
            job.state = state;
            let mut set = WriteSet::new(TENANT);
            if let Some(name) = &ask.save_as {
                let (view, kind) = cx.view("customer")?;
                job.body.mapping.check(kind, &job.body.header, &view)?;
                set = set.op(self.keep_mapping(cx, name, &job.body.mapping)?);
            }
            let entry = job_entry(&job, Deed::ImportChange);
            let committed = job.commit(cx, set, &entry)?;
            let shown =
                MappingShown { mapping: job.body.mapping.clone(), ready: state == State::Ready, problem };
            Ok(cx.committed(committed, shown))
        })
    }

    /// The first rows of a file that was handed in, as they are and as they would be taken in.
    ///
    /// # Errors
    /// `import_not_found`, `import_of_other`, `import_state` once it was started, `query_invalid`.
    pub fn preview_import(&self, caller: &Caller, id: &str, limit: u32) -> Result<Preview, Fault> {
        self.guarded(caller, Deed::ImportLook, |cx| {
            let job = Job::own(cx, &*cx.read()?, id)?;
            job.needs(matches!(job.state, State::Uploaded | State::Ready))?;
            let file = self.handed_in(job.id, job.body.size, None);
            let rows = preview(cx, &file, &job.scanned()?, &job.body.mapping, limit)?;
            cx.record(look(&job), Vec::new(), rows)
        })
    }

    /// The same of a file that lies outside.
    ///
    /// # Errors
    /// Those of [`Engine::import`].
    pub fn preview_file(&self, caller: &Caller, ask: &Import, limit: u32) -> Result<Preview, Fault> {
        self.guarded(caller, Deed::ImportLook, |cx| {
            let (view, kind) = cx.view("customer")?;
            view.anywhere().permit(Action::Import)?;
            let file = Source::file(&ask.file).sheet(ask.sheet.clone());
            let scanned = file.scan()?;
            let mapping = super::asked(cx, ask, kind, &view, (&file, &scanned))?;
            let rows = preview(cx, &file, &scanned, &mapping, limit)?;
            cx.record(Entry::done(Deed::ImportLook), Vec::new(), rows)
        })
    }

    /// Has a file taken in: a server does it, from here on by itself. One that failed goes on where it stopped.
    ///
    /// # Errors
    /// `import_not_found`, `import_of_other`, `import_state` unless it is ready or has failed, `team_unknown`,
    /// `choice_unknown`.
    pub fn start_import(&self, caller: &Caller, id: &str, ask: &Start) -> Result<ImportShown, Fault> {
        self.guarded(caller, Deed::ImportChange, |cx| {
            let (view, kind) = cx.view("customer")?;
            let read = cx.read()?;
            let mut job = Job::own(cx, &*read, id)?;
            let size = read.state(TENANT)?.change_size;
            drop(read);
            let again = job.state == State::Failed && !job.body.outside;
            job.needs(job.state == State::Ready || again)?;
            job.body.mapping.check(kind, &job.body.header, &view)?;
            if ask.team.is_some() {
                job.body.team = team_of(cx, &view, Action::Import, ask.team.as_deref())?;
            }
            if ask.source.is_some() {
                job.body.source = source_of(ask.source.as_deref())?;
            }
            job.body.duplicates = ask.duplicates.unwrap_or(job.body.duplicates);
            if !again {
                (job.body.first, job.body.started) = (size, Some(cx.now.0));
            }
            (job.body.failed, job.body.ended) = (None, None);
            (job.state, job.due) = (State::Running, cx.now);
            let entry = job_entry(&job, Deed::ImportChange);
            let committed = job.commit(cx, WriteSet::new(TENANT), &entry)?;
            Ok(cx.committed(committed, ImportShown::of(cx, &job)))
        })
    }
}

fn preview(
    cx: &Context<'_>,
    file: &Source,
    scanned: &super::Scanned,
    mapping: &Mapping,
    limit: u32,
) -> Result<Preview, Fault> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if !(1..=MOST_ROWS).contains(&limit) {
        return Err(crate::invalid("limit"));
    }
    let (_, kind) = cx.view("customer")?;
    let rows = fed_again(&scanned.header, file.rows(scanned)?).take(limit).collect::<Result<Vec<_>, _>>()?;
    Ok(Preview { columns: mapping.columns.clone(), rows: mapping.preview(kind, &rows, today(cx)) })
}

fn look(job: &Job) -> Entry {
    Entry::done(Deed::ImportLook).note("job", Note::Bytes(job.id.0.to_vec()))
}
