//! Rows that were put aside: mended in place, decided on, or passed over for good.

use super::chunk::{Chunk, Importer};
use super::job::{Duplicates, Job};
use super::mapping::field_unknown;
use super::part::{Class, RowProblem, Waiting, drop_part};
use super::source::{LONGEST_CELL, Row};
use crate::TENANT;
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Entry, Item, Note};
use crate::{Caller, Engine};
use dossier_model::fault::{self, Fault};
use dossier_store::{Op, WriteSet};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};

/// What is to become of a row whose customer is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// It is passed over.
    Skip,
    /// It goes over what the record has.
    Update,
}

/// What became of a row.
#[derive(Clone, Serialize)]
pub struct Mended {
    /// Its number in the file.
    pub row: u64,
    /// `imported`, `updated`, `problem`, `review`, `duplicate` or `skipped`.
    pub outcome: &'static str,
    /// What is wrong with it now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<RowProblem>,
}

/// What a person changes about a row.
#[derive(Clone, Default)]
pub struct RowMend {
    /// Cells as they are to be, by the names of columns in the file.
    pub cells: BTreeMap<String, String>,
    /// Values of fields that no column goes to, by their names.
    pub fields: BTreeMap<String, String>,
}

impl Engine {
    /// Changes a row that waits to be mended and checks it again: it is taken in, or waits on with what is wrong now.
    ///
    /// # Errors
    /// `import_not_found`, `import_of_other`, `import_state` while it runs, `import_row_not_found`,
    /// `import_column_unknown`, `import_field_unknown`, `import_field_in_column`.
    pub fn mend_import_row(
        &self,
        caller: &Caller,
        id: &str,
        row: u64,
        mend: &RowMend,
    ) -> Result<Mended, Fault> {
        self.guarded(caller, Deed::Import, |cx| {
            let (job, number, mut waiting) = waiting(cx, id, Class::Problem, row)?;
            for (column, cell) in &mend.cells {
                put_cell(&job, &mut waiting, column, cell)?;
            }
            for (field, text) in &mend.fields {
                say(cx, &job, &mut waiting, field, text)?;
            }
            let duplicates = job.body.duplicates;
            retaken(cx, job, Class::Problem, number, waiting, duplicates)
        })
    }

    /// Passes over a row that waits to be mended.
    ///
    /// # Errors
    /// As [`Engine::mend_import_row`].
    pub fn skip_import_row(&self, caller: &Caller, id: &str, row: u64) -> Result<Mended, Fault> {
        self.guarded(caller, Deed::ImportChange, |cx| {
            let (job, number, _) = waiting(cx, id, Class::Problem, row)?;
            skip(cx, job, Class::Problem, number)
        })
    }

    /// Decides on a row whose customer is there.
    ///
    /// # Errors
    /// As [`Engine::mend_import_row`].
    pub fn decide_import_row(
        &self,
        caller: &Caller,
        id: &str,
        row: u64,
        decision: Decision,
    ) -> Result<Mended, Fault> {
        self.guarded(caller, Deed::Import, |cx| {
            let (job, number, waiting) = waiting(cx, id, Class::Review, row)?;
            match decision {
                Decision::Skip => skip(cx, job, Class::Review, number),
                Decision::Update => retaken(cx, job, Class::Review, number, waiting, Duplicates::Update),
            }
        })
    }
}

/// A row of an own import that is at rest.
fn waiting(cx: &Context<'_>, id: &str, class: Class, row: u64) -> Result<(Job, i64, Waiting), Stop> {
    let read = cx.read()?;
    let job = Job::own(cx, &*read, id)?;
    job.needs(job.state.has_ended())?;
    let missing = || Fault::new("import_row_not_found").with("row", row.to_string());
    let number = i64::try_from(row).map_err(|_| missing())?;
    let waiting = cx.engine.part(&*read, job.id, class, number)?.ok_or_else(missing)?;
    Ok((job, number, waiting))
}

/// Another text in a cell; what was wrong with the old one is gone with it.
pub(super) fn put_cell(job: &Job, row: &mut Waiting, column: &str, cell: &str) -> Result<(), Fault> {
    let at = job.body.header.iter().position(|header| header == column);
    let at = at.ok_or_else(|| Fault::new("import_column_unknown").with("column", column))?;
    if row.cells.len() <= at {
        row.cells.resize(at + 1, String::new());
    }
    if let Some(place) = row.cells.get_mut(at) {
        cell.clone_into(place);
    }
    row.faults.retain(|(of, _)| *of != at);
    Ok(())
}

/// A value for a field that no column goes to.
pub(super) fn say(
    cx: &Context<'_>,
    job: &Job,
    row: &mut Waiting,
    field: &str,
    text: &str,
) -> Result<(), Fault> {
    let (view, kind) = cx.view("customer")?;
    if !kind.by_name(field).is_some_and(|field| field.enabled && view.anywhere().may_write(field)) {
        return Err(field_unknown(field));
    }
    if job.body.mapping.column_of(field).is_some() {
        return Err(Fault::new("import_field_in_column").with("name", field));
    }
    row.said.insert(field.to_owned(), text.to_owned());
    Ok(())
}

/// Rows that were checked once more.
pub(super) struct Retaken {
    /// What is done with it, and the job afterwards.
    pub ops: Vec<Op>,
    pub items: Vec<Item>,
    pub job: Job,
    /// How many of the rows there were, from the first on; the others wait for these.
    pub rows: usize,
    pub imported: u64,
    pub updated: u64,
    pub problems: u64,
    pub duplicates: u64,
}

/// Checks rows once more, as they are now; each counts as what it comes to.
pub(super) fn retake(
    cx: &Context<'_>,
    job: Job,
    class: Class,
    rows: Vec<(i64, Waiting)>,
    duplicates: Duplicates,
) -> Result<Retaken, Stop> {
    let (view, kind) = cx.view("customer")?;
    let (mapping, before) = (job.body.mapping.clone(), job.body.clone());
    let mut importer = Importer {
        cx: cx.clone(),
        kind,
        view,
        mapping: &mapping,
        job,
        duplicates,
        noted: true,
        silent: false,
    };
    let lines: Vec<Row> = rows.into_iter().map(line).collect();
    let Chunk { ops: made, items, rows, .. } = importer.chunk(&lines, &VecDeque::new())?;
    let mut job = importer.job;
    let (now, count) = (&mut job.body, rows as u64);
    let (imported, updated) = (now.imported - before.imported, now.updated - before.updated);
    let (problems, duplicates) = (now.rejected - before.rejected, now.duplicate - before.duplicate);
    let waited = if class == Class::Problem { &mut now.rejected } else { &mut now.duplicate };
    *waited = waited.saturating_sub(count);
    now.rows = now.rows.saturating_sub(count);
    if class == Class::Problem {
        now.mended += imported + updated;
    }
    let number = |line: &Row| i64::try_from(line.number).unwrap_or(i64::MAX);
    let dropped = lines.iter().take(rows).map(|line| drop_part(job.id, class, number(line)));
    let ops = dropped.chain(made).collect();
    Ok(Retaken { ops, items, job, rows, imported, updated, problems, duplicates })
}

fn line((number, row): (i64, Waiting)) -> Row {
    let faults = row.faults.iter().map(|(at, key)| {
        let fault = Fault::new(fault::entry(key).key.as_str());
        (*at, fault.with("limit", LONGEST_CELL.to_string()))
    });
    Row {
        number: number.unsigned_abs(),
        faults: faults.collect(),
        cells: row.cells.into_iter().collect(),
        said: row.said,
    }
}

/// One row checked once more.
fn retaken(
    cx: &Context<'_>,
    job: Job,
    class: Class,
    number: i64,
    row: Waiting,
    duplicates: Duplicates,
) -> Result<Recorded<Mended>, Stop> {
    let done = retake(cx, job, class, vec![(number, row)], duplicates)?;
    let outcome = match () {
        () if done.imported > 0 => "imported",
        () if done.updated > 0 => "updated",
        () if done.problems > 0 => "problem",
        () if duplicates == Duplicates::Review => "review",
        () => "duplicate",
    };
    let problems = problems_in(cx, &done.ops)?;
    let mut job = done.job;
    let mut entry = entry(&job, Deed::Import, number);
    entry.items = done.items;
    let mut set = WriteSet::new(TENANT);
    set.ops = done.ops;
    let committed = job.commit(cx, set, &entry)?;
    Ok(cx.committed(committed, Mended { row: number.unsigned_abs(), outcome, problems }))
}

/// What is wrong with the row that these operations put aside.
fn problems_in(cx: &Context<'_>, ops: &[Op]) -> Result<Vec<RowProblem>, Fault> {
    for op in ops {
        if let Op::PutPart(part) = op
            && part.class == Class::Problem as u8
        {
            let plain = cx.engine.open_part_bytes(Class::Problem, part)?;
            let waiting: Waiting = serde_json::from_slice(&plain).map_err(|_| Fault::new("internal"))?;
            return Ok(waiting.problems);
        }
    }
    Ok(Vec::new())
}

fn skip(cx: &Context<'_>, mut job: Job, class: Class, number: i64) -> Result<Recorded<Mended>, Stop> {
    let waited = if class == Class::Problem { &mut job.body.rejected } else { &mut job.body.duplicate };
    *waited = waited.saturating_sub(1);
    job.body.skipped += 1;
    let set = WriteSet::new(TENANT).op(drop_part(job.id, class, number));
    let entry = entry(&job, Deed::ImportChange, number);
    let committed = job.commit(cx, set, &entry)?;
    Ok(cx.committed(
        committed,
        Mended { row: number.unsigned_abs(), outcome: "skipped", problems: Vec::new() },
    ))
}

fn entry(job: &Job, deed: Deed, row: i64) -> Entry {
    Entry::done(deed).note("job", Note::Bytes(job.id.0.to_vec())).note("row", Note::Int(row))
}
