//! Looking at imports: which there are, how far each is, and the rows that were put aside.

use super::job::{Duplicates, Job, KIND, PREFIX};
use super::part::{Class, Left, Met, RowProblem, Waiting};
use crate::caller::source_name;
use crate::context::{Context, Stop};
use crate::ledger::entry::{Deed, Entry, Item, Note};
use crate::query::render;
use crate::record::Record;
use crate::seal::{Opened, Wanted};
use crate::{Caller, Engine, TENANT};
use dossier_access::Action;
use dossier_model::fault::Fault;
use dossier_model::id::{Rid, Uid};
use dossier_model::time::Micros;
use dossier_store::{Read, RowBy, STATE_ERASED};
use serde::Serialize;
use std::collections::BTreeMap;

/// Rows of a page when nothing else is asked for, and most of them.
const PAGE: u32 = 25;
const MAX_PAGE: u32 = 100;

/// An import as it is.
#[derive(Clone, Serialize)]
pub struct ImportShown {
    /// TypeID `imp_…`.
    pub id: String,
    /// `uploading`, `uploaded`, `ready`, `running`, `done`, `failed`, `cancelled`, `undoing` or `undone`.
    pub state: &'static str,
    /// Name of the file.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// What it is.
    pub format: String,
    /// Who handed it in.
    pub by: String,
    /// The team that the dossiers go to.
    pub team: String,
    /// Where the values come from, when named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
    /// What becomes of rows whose customer is there.
    pub duplicates: Duplicates,
    /// Rows in the file.
    pub total: u64,
    /// Rows done with.
    pub rows: u64,
    /// Rows that are dossiers now.
    pub imported: u64,
    /// Rows that were put over a record.
    pub updated: u64,
    /// Rows that wait to be mended.
    pub rejected: u64,
    /// Rows whose customer is there.
    pub duplicate: u64,
    /// Rows that somebody passed over.
    pub skipped: u64,
    /// Rows that were taken in after they had been mended.
    pub mended: u64,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// Code of what it failed of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// How far its undoing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<UndoShown>,
}

/// How far the undoing of an import is.
#[derive(Clone, Serialize)]
pub struct UndoShown {
    /// Dossiers erased.
    pub removed: u64,
    /// Dossiers that have their earlier values again.
    pub restored: u64,
    /// Dossiers left as they are.
    pub left: u64,
}

/// A page of imports, newest first.
#[derive(Clone, Serialize)]
pub struct Imports {
    /// At most `limit` of them.
    pub items: Vec<ImportShown>,
    /// To be sent as `after` for the next page.
    pub next: Option<String>,
}

/// A page of rows, in the order of the file.
#[derive(Clone, Serialize)]
pub struct ImportPage<T> {
    /// At most `limit` of them.
    pub items: Vec<T>,
    /// To be sent as `after` for the next page.
    pub next: Option<u64>,
}

/// A row that waits to be mended.
#[derive(Clone, Serialize)]
pub struct ProblemRow {
    /// Its number in the file; the header is row 1.
    pub row: u64,
    /// Its cells by the names of the columns.
    pub cells: BTreeMap<String, String>,
    /// What was said of it beyond its cells, by the names of fields.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// What is wrong with it.
    pub problems: Vec<RowProblem>,
}

/// A row whose customer is there.
#[derive(Clone, Serialize)]
pub struct RowMet {
    /// Its number in the file; the header is row 1.
    pub row: u64,
    /// The earlier row of the file that is the same customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<u64>,
    /// Customer code of the record that is there; not said of one outside the caller's rows once the quota is used up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Its team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// The record as the caller may see it, when it is inside the caller's rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Record>,
    /// The row's cells by the names of the columns, while it waits for a decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cells: Option<BTreeMap<String, String>>,
}

impl ImportShown {
    pub(crate) fn of(cx: &Context<'_>, job: &Job) -> ImportShown {
        let body = &job.body;
        let at = |time: Option<i64>| time.map(|time| Micros(time).to_string());
        let who = body.who.at_work();
        ImportShown {
            id: job.typeid(),
            state: job.state.name(),
            name: body.name.clone(),
            size: body.size,
            format: body.form.name(),
            by: cx.snapshot.who(who.principal.type_code(), Uid(who.principal.id16())),
            team: cx.snapshot.team_name(body.team),
            source: source_name(body.source),
            duplicates: body.duplicates,
            total: body.total,
            rows: body.rows,
            imported: body.imported,
            updated: body.updated,
            rejected: body.rejected,
            duplicate: body.duplicate,
            skipped: body.skipped,
            mended: body.mended,
            created_at: Micros(body.created).to_string(),
            started_at: at(body.started),
            ended_at: at(body.ended),
            failed: body.failed.clone(),
            undo: body.undo.as_ref().map(|undo| UndoShown {
                removed: undo.removed,
                restored: undo.restored,
                left: undo.left,
            }),
        }
    }
}

impl Engine {
    /// Imports of the caller, newest first; a CDO sees everybody's.
    ///
    /// # Errors
    /// `action_not_allowed`, `query_invalid`.
    pub fn imports(
        &self,
        caller: &Caller,
        after: Option<&str>,
        limit: Option<u32>,
    ) -> Result<Imports, Fault> {
        self.guarded(caller, Deed::ImportLook, |cx| {
            let (view, _) = cx.view("customer")?;
            view.anywhere().permit(Action::Import)?;
            let limit = limit_of(limit)?;
            let unknown = || crate::invalid("after");
            let mut before = after.map(|id| Uid::parse_typeid(PREFIX, id).ok_or_else(unknown)).transpose()?;
            let all = cx.is_cdo();
            let read = cx.read()?;
            let mut items: Vec<ImportShown> = Vec::new();
            loop {
                let rows = read.jobs_of(TENANT, KIND, before, 100)?;
                let full = rows.len() == 100;
                before = rows.last().map(|row| row.id);
                for row in rows {
                    let job = Job::open(self, row)?;
                    if all || job.is_of(cx.caller) {
                        items.push(ImportShown::of(cx, &job));
                    }
                }
                if !full || items.len() > limit {
                    break;
                }
            }
            drop(read);
            let more = items.len() > limit;
            items.truncate(limit);
            let next = items.last().filter(|_| more).map(|last| last.id.clone());
            cx.record(Entry::done(Deed::ImportLook), Vec::new(), Imports { items, next })
        })
    }

    /// One import.
    ///
    /// # Errors
    /// `import_not_found`, `action_not_allowed`.
    pub fn import_state(&self, caller: &Caller, id: &str) -> Result<ImportShown, Fault> {
        self.guarded(caller, Deed::ImportLook, |cx| {
            let (job, _) = seen(cx, id)?;
            cx.record(look(&job), Vec::new(), ImportShown::of(cx, &job))
        })
    }

    /// Rows that wait to be mended, for whom handed the file in.
    ///
    /// # Errors
    /// `import_not_found`, `import_of_other`, `action_not_allowed`, `query_invalid`.
    pub fn import_problems(
        &self,
        caller: &Caller,
        id: &str,
        after: Option<u64>,
        limit: Option<u32>,
    ) -> Result<ImportPage<ProblemRow>, Fault> {
        self.guarded(caller, Deed::ImportLook, |cx| {
            let limit = limit_of(limit)?;
            let read = cx.read()?;
            let job = Job::own(cx, &*read, id)?;
            let rows: Vec<(i64, Waiting)> =
                self.parts(&*read, job.id, Class::Problem, after_of(after), limit + 1)?;
            drop(read);
            let shown = |(number, row): (i64, Waiting)| ProblemRow {
                row: number.unsigned_abs(),
                cells: cells(&job, row.cells),
                fields: row.said,
                problems: row.problems,
            };
            let page = paged(rows.into_iter().map(shown).collect(), limit, |row| row.row);
            cx.record(look(&job), Vec::new(), page)
        })
    }

    /// All rows that wait to be mended, as a CSV file that can be fed again.
    ///
    /// # Errors
    /// As [`Engine::import_problems`].
    pub fn import_problem_file(&self, caller: &Caller, id: &str) -> Result<(String, Vec<u8>), Fault> {
        self.guarded(caller, Deed::ImportLook, |cx| {
            let read = cx.read()?;
            let job = Job::own(cx, &*read, id)?;
            drop(read);
            let mut out = Vec::new();
            super::rejected::write_rows(self, &job, &mut out)?;
            cx.record(look(&job), Vec::new(), (format!("{}.csv", job.typeid()), out))
        })
    }

    /// Rows whose customer is there: those that wait for a decision, or those that were passed over.
    ///
    /// # Errors
    /// As [`Engine::import_problems`].
    pub fn import_duplicates(
        &self,
        caller: &Caller,
        id: &str,
        waiting: bool,
        after: Option<u64>,
        limit: Option<u32>,
    ) -> Result<ImportPage<RowMet>, Fault> {
        self.guarded(caller, Deed::ImportLook, |cx| {
            let limit = limit_of(limit)?;
            let read = cx.read()?;
            let job = Job::own(cx, &*read, id)?;
            let mut entry = look(&job);
            let rows: Vec<(i64, Met, Option<Vec<String>>)> = if waiting {
                let rows: Vec<(i64, Waiting)> =
                    self.parts(&*read, job.id, Class::Review, after_of(after), limit + 1)?;
                rows.into_iter().map(|(at, row)| (at, row.met.unwrap_or_default(), Some(row.cells))).collect()
            } else {
                let rows: Vec<(i64, Met)> =
                    self.parts(&*read, job.id, Class::Passed, after_of(after), limit + 1)?;
                rows.into_iter().map(|(at, met)| (at, met, None)).collect()
            };
            let mut items = Vec::new();
            for (number, met, row) in rows {
                let record = match met.rid {
                    // The one behind the page only says that there is more.
                    Some(rid) if items.len() < limit => shown_inside(cx, &*read, Rid(rid))?,
                    _ => None,
                };
                let (record, item) = record.unzip();
                entry.items.extend(item);
                items.push(RowMet {
                    row: number.unsigned_abs(),
                    same_as: met.row,
                    code: met.code,
                    team: met.team,
                    record,
                    cells: row.map(|row| cells(&job, row)),
                });
            }
            drop(read);
            cx.record(entry, Vec::new(), paged(items, limit, |row| row.row))
        })
    }

    /// Dossiers that the undoing of an import has left as they are.
    ///
    /// # Errors
    /// `import_not_found`, `action_not_allowed`, `query_invalid`.
    pub fn import_left(
        &self,
        caller: &Caller,
        id: &str,
        after: Option<u64>,
        limit: Option<u32>,
    ) -> Result<ImportPage<Left>, Fault> {
        self.guarded(caller, Deed::ImportLook, |cx| {
            let limit = limit_of(limit)?;
            let (job, _) = seen(cx, id)?;
            let read = cx.read()?;
            let rows: Vec<(i64, Left)> =
                self.parts(&*read, job.id, Class::Left, after_of(after), limit + 1)?;
            drop(read);
            let page = paged(rows, limit, |row| row.0.unsigned_abs());
            let items = page.items.into_iter().map(|(_, left)| left).collect();
            cx.record(look(&job), Vec::new(), ImportPage { items, next: page.next })
        })
    }
}

fn seen(cx: &Context<'_>, id: &str) -> Result<(Job, bool), Stop> {
    let (view, _) = cx.view("customer")?;
    if !cx.is_cdo() {
        view.anywhere().permit(Action::Import)?;
    }
    Job::find(cx, &*cx.read()?, id)
}

fn look(job: &Job) -> Entry {
    Entry::done(Deed::ImportLook).note("job", Note::Bytes(job.id.0.to_vec()))
}

/// A record that a row met, when the caller reaches it.
fn shown_inside(cx: &Context<'_>, read: &dyn Read, rid: Rid) -> Result<Option<(Record, Item)>, Stop> {
    let Some(row) = read.row(TENANT, &RowBy::Rid(rid))? else { return Ok(None) };
    let (view, kind) = cx.view_of(row.kind)?;
    if row.state == STATE_ERASED || !view.reads(&row.place()) {
        return Ok(None);
    }
    let Some(key) = read.key(TENANT, row.domain, row.key_version)? else { return Ok(None) };
    let opened = Opened::new(TENANT, kind, &row, &key, &cx.engine.keyring)?;
    Ok(Some(render(cx, read, &view, &opened, Wanted::All, false)?))
}

fn cells(job: &Job, row: Vec<String>) -> BTreeMap<String, String> {
    job.body.header.iter().cloned().zip(row).collect()
}

fn limit_of(limit: Option<u32>) -> Result<usize, Fault> {
    let limit = limit.unwrap_or(PAGE);
    if (1..=MAX_PAGE).contains(&limit) { Ok(limit as usize) } else { Err(crate::invalid("limit")) }
}

fn after_of(after: Option<u64>) -> Option<i64> {
    after.map(|after| i64::try_from(after).unwrap_or(i64::MAX))
}

fn paged<T>(mut items: Vec<T>, limit: usize, number: fn(&T) -> u64) -> ImportPage<T> {
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(number);
    ImportPage { items, next }
}
