//! Rows that were put aside: mended in place, decided on, or passed over for good.

use super::chunk::{Chunk, Importer};
use super::job::{Duplicates, Job};
use super::part::{Class, RowProblem, Waiting, drop_part};
use super::source::{LONGEST_CELL, Row};
use crate::TENANT;
use crate::context::{Context, Recorded, Stop};
use crate::ledger::entry::{Deed, Entry, Note};
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

impl Engine {
    /// Changes cells of a row that waits to be mended and checks it again: it is taken in, or waits on with what is
    /// wrong now. Columns are named as in the file.
    ///
    /// # Errors
    /// `import_not_found`, `import_of_other`, `import_state` while it runs, `import_row_not_found`,
    /// `import_column_unknown`.
    pub fn mend_import_row(
        &self,
        caller: &Caller,
        id: &str,
        row: u64,
        cells: &BTreeMap<String, String>,
    ) -> Result<Mended, Fault> {
        self.guarded(caller, Deed::Import, |cx| {
            let (job, number, mut waiting) = waiting(cx, id, Class::Problem, row)?;
            for (column, cell) in cells {
                let at = job.body.header.iter().position(|header| header == column);
                let at =
                    at.ok_or_else(|| Fault::new("import_column_unknown").with("column", column.as_str()))?;
                if waiting.cells.len() <= at {
                    waiting.cells.resize(at + 1, String::new());
                }
                if let Some(place) = waiting.cells.get_mut(at) {
                    place.clone_from(cell);
                }
                waiting.faults.retain(|(of, _)| *of != at);
            }
            let duplicates = job.body.duplicates;
            retake(cx, job, Class::Problem, number, waiting, duplicates)
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
                Decision::Update => retake(cx, job, Class::Review, number, waiting, Duplicates::Update),
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

/// A row checked once more, as it is now; it counts as what it comes to.
fn retake(
    cx: &Context<'_>,
    mut job: Job,
    class: Class,
    number: i64,
    row: Waiting,
    duplicates: Duplicates,
) -> Result<Recorded<Mended>, Stop> {
    let (view, kind) = cx.view("customer")?;
    let mapping = job.body.mapping.clone();
    let waited = if class == Class::Problem { &mut job.body.rejected } else { &mut job.body.duplicate };
    *waited = waited.saturating_sub(1);
    job.body.rows = job.body.rows.saturating_sub(1);
    let before = job.body.clone();
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
    let faults = row.faults.iter().map(|(at, key)| {
        let fault = Fault::new(fault::entry(key).key.as_str());
        (*at, fault.with("limit", LONGEST_CELL.to_string()))
    });
    let line = Row {
        number: number.unsigned_abs(),
        faults: faults.collect(),
        cells: row.cells.into_iter().collect(),
    };
    let Chunk { mut ops, items, .. } = importer.chunk(&[line], &VecDeque::new())?;
    let mut job = importer.job;
    let now = &job.body;
    let taken = now.imported + now.updated > before.imported + before.updated;
    let outcome = match () {
        () if now.imported > before.imported => "imported",
        () if now.updated > before.updated => "updated",
        () if now.rejected > before.rejected => "problem",
        () if duplicates == Duplicates::Review => "review",
        () => "duplicate",
    };
    job.body.mended += u64::from(taken && class == Class::Problem);
    ops.insert(0, drop_part(job.id, class, number));
    let mut entry = entry(&job, Deed::Import, number);
    entry.items = items;
    let mut set = WriteSet::new(TENANT);
    let problems = problems_in(cx, &ops)?;
    set.ops = ops;
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
