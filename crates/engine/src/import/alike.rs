//! Problems of one class, mended together: the same field and the same rule, and where a value is to be replaced the
//! same value. A few rows at a time, each time in one transaction: what a crash cuts off waits on as it was.

use super::job::Job;
use super::mend::{Retaken, put_cell, retake, say};
use super::part::{Class, RowProblem, Waiting, drop_part};
use crate::context::Context;
use crate::ledger::entry::{Deed, Entry, Note};
use crate::{Caller, Engine, TENANT};
use dossier_model::fault::Fault;
use dossier_store::{Read, WriteSet};
use serde::Serialize;
use std::collections::BTreeMap;

/// Rows that are mended in one step, and rows that are looked at for them.
const MENDED: usize = 100;
const LOOKED: usize = 2_000;
/// Rows that are looked at to tell which classes there are.
const COUNTED: usize = 10_000;
/// Rows that are read at a time.
const PAGE: usize = 500;
/// Most classes, most values of one, and the longest value that is compared, in bytes.
const CLASSES: usize = 50;
const VALUES: usize = 20;
const LONGEST: usize = 200;

/// Which rows: those with this problem.
#[derive(Clone)]
pub struct Alike {
    /// Name of the field; none for what is wrong with rows as such.
    pub field: Option<String>,
    /// Code of the rule, of ten digits.
    pub code: String,
    /// What stands in the file; any value when not given.
    pub value: Option<String>,
}

/// What is to become of them.
#[derive(Clone)]
pub enum MendAlike {
    /// Each gets what was proposed for it; rows without a proposal wait on.
    Adopt,
    /// All get this value.
    Replace(String),
    /// They are passed over.
    Skip,
}

/// What became of some of them.
#[derive(Clone, Default, Serialize)]
pub struct MendedAlike {
    /// Rows that were mended or passed over.
    pub rows: u64,
    /// Dossiers that are new.
    pub imported: u64,
    /// Rows that were put over a record.
    pub updated: u64,
    /// Rows that wait on, with what is wrong now.
    pub problems: u64,
    /// Rows whose customer is there.
    pub duplicates: u64,
    /// Rows that were passed over.
    pub skipped: u64,
    /// To be sent as `after` for the next ones; none when there are no more.
    pub next: Option<u64>,
}

/// Rows with the same problem.
#[derive(Clone, Serialize)]
pub struct ProblemClass {
    /// The problem as its first row has it.
    pub problem: RowProblem,
    /// The first row.
    pub first: u64,
    /// How many there are.
    pub rows: u64,
    /// How many have a proposal.
    pub proposals: u64,
    /// Values that several of them have, the most frequent first.
    pub values: Vec<SameValue>,
}

/// Rows with the same value.
#[derive(Clone, Serialize)]
pub struct SameValue {
    /// What stands in the file.
    pub value: String,
    /// How many rows.
    pub rows: u64,
}

/// All classes, the largest first.
#[derive(Clone, Serialize)]
pub struct ProblemClasses {
    /// At most 50.
    pub items: Vec<ProblemClass>,
    /// Rows that were looked at.
    pub looked: u64,
    /// Whether there are rows behind them.
    pub more: bool,
}

impl Engine {
    /// Which problems the rows have that wait to be mended, and how many have the same one.
    ///
    /// # Errors
    /// As [`Engine::import_problems`].
    pub fn import_problem_classes(&self, caller: &Caller, id: &str) -> Result<ProblemClasses, Fault> {
        self.guarded(caller, Deed::ImportLook, |cx| {
            let read = cx.read()?;
            let job = Job::own(cx, &*read, id)?;
            let mut classes: BTreeMap<(Option<String>, String), Counted> = BTreeMap::new();
            let walked = walk(cx, &*read, &job, None, COUNTED, |number, row| {
                for problem in &row.problems {
                    let class = (problem.field.clone(), problem.code.clone());
                    classes
                        .entry(class)
                        .or_insert_with(|| Counted::of(problem, number))
                        .add(problem, value(&job, row, problem));
                }
                true
            })?;
            drop(read);
            let mut items: Vec<ProblemClass> = classes.into_values().map(Counted::ended).collect();
            items.sort_by_key(|class| (std::cmp::Reverse(class.rows), class.first));
            items.truncate(CLASSES);
            let shown = ProblemClasses { items, looked: walked.looked as u64, more: walked.next.is_some() };
            cx.record(job_note(&job, Deed::ImportLook), Vec::new(), shown)
        })
    }

    /// Mends some of the rows that have the same problem, or passes over them: as many as fit into one step, from `after`
    /// on. Rows that somebody has mended meanwhile do not have it any more.
    ///
    /// # Errors
    /// `import_not_found`, `import_of_other`, `import_state` while it runs, `import_field_unknown`,
    /// `import_problem_of_row` where no field could have another value.
    pub fn mend_import_alike(
        &self,
        caller: &Caller,
        id: &str,
        of: &Alike,
        mend: &MendAlike,
        after: Option<u64>,
    ) -> Result<MendedAlike, Fault> {
        let deed = if matches!(mend, MendAlike::Skip) { Deed::ImportChange } else { Deed::Import };
        self.guarded(caller, deed, |cx| {
            let read = cx.read()?;
            let job = Job::own(cx, &*read, id)?;
            job.needs(job.state.has_ended())?;
            if of.field.is_none() && !matches!(mend, MendAlike::Skip) {
                return Err(Fault::new("import_problem_of_row").into());
            }
            let after = after.map(|after| i64::try_from(after).unwrap_or(i64::MAX));
            let mut found: Vec<(i64, Waiting)> = Vec::new();
            let walked = walk(cx, &*read, &job, after, LOOKED, |number, row| {
                if of.fits(&job, row, mend).is_some() {
                    found.push((number, row.clone()));
                }
                found.len() < MENDED
            })?;
            drop(read);
            let next = walked.next.map(i64::unsigned_abs);
            if found.is_empty() {
                let nothing = MendedAlike { next, ..MendedAlike::default() };
                return cx.record(job_note(&job, Deed::ImportLook), Vec::new(), nothing);
            }
            let mut set = WriteSet::new(TENANT).in_bulk();
            let (mut job, items, done) = if matches!(mend, MendAlike::Skip) {
                let (mut job, rows) = (job, found.len() as u64);
                job.body.rejected = job.body.rejected.saturating_sub(rows);
                job.body.skipped += rows;
                set.ops = found.iter().map(|(at, _)| drop_part(job.id, Class::Problem, *at)).collect();
                (job, Vec::new(), MendedAlike { rows, skipped: rows, next, ..MendedAlike::default() })
            } else {
                for (_, row) in &mut found {
                    of.put(cx, &job, row, mend)?;
                }
                let numbers: Vec<i64> = found.iter().map(|(number, _)| *number).collect();
                let duplicates = job.body.duplicates;
                let Retaken { ops, items, job, rows, imported, updated, problems, duplicates } =
                    retake(cx, job, Class::Problem, found, duplicates)?;
                set.ops = ops;
                // One that goes over a record which another row has just changed comes with the next step.
                let last = rows.checked_sub(1).and_then(|at| numbers.get(at));
                let next = if rows < numbers.len() { last.map(|at| at.unsigned_abs()) } else { next };
                let rows = rows as u64;
                (job, items, MendedAlike { rows, imported, updated, problems, duplicates, skipped: 0, next })
            };
            let rows = i64::try_from(done.rows).unwrap_or(i64::MAX);
            let mut entry = job_note(&job, deed).note("rows", Note::Int(rows));
            entry.items = items;
            let committed = job.commit(cx, set, &entry)?;
            Ok(cx.committed(committed, done))
        })
    }
}

impl Alike {
    /// The row's problem of this class.
    fn fits<'r>(&self, job: &Job, row: &'r Waiting, mend: &MendAlike) -> Option<&'r RowProblem> {
        row.problems.iter().find(|problem| {
            problem.field == self.field
                && problem.code == self.code
                && self.value.as_deref().is_none_or(|is| value(job, row, problem) == Some(is))
                && (!matches!(mend, MendAlike::Adopt) || problem.proposal.is_some())
        })
    }

    /// Puts the value where the problem is: in its column, or said of the row where no column has it.
    fn put(&self, cx: &Context<'_>, job: &Job, row: &mut Waiting, mend: &MendAlike) -> Result<(), Fault> {
        let Some(problem) = self.fits(job, row, mend).cloned() else { return Ok(()) };
        let text = match mend {
            MendAlike::Replace(text) => Some(text.clone()),
            _ => problem.proposal,
        };
        match (problem.column, problem.field, text) {
            (Some(column), _, Some(text)) => put_cell(job, row, &column, &text),
            (None, Some(field), Some(text)) => say(cx, job, row, &field, &text),
            _ => Ok(()),
        }
    }
}

/// What stands in the file where the problem is.
fn value<'r>(job: &Job, row: &'r Waiting, problem: &RowProblem) -> Option<&'r str> {
    let column = problem.column.as_ref()?;
    let at = job.body.header.iter().position(|header| header == column)?;
    row.cells.get(at).map(String::as_str)
}

/// How far rows were walked through.
struct Walked {
    looked: usize,
    /// The last row, when there may be more behind it.
    next: Option<i64>,
}

/// Goes through rows that wait to be mended, until there are no more of them, too many, or enough.
fn walk(
    cx: &Context<'_>,
    read: &dyn Read,
    job: &Job,
    mut after: Option<i64>,
    most: usize,
    mut each: impl FnMut(i64, &Waiting) -> bool,
) -> Result<Walked, Fault> {
    let mut looked = 0;
    while looked < most {
        let rows: Vec<(i64, Waiting)> = cx.engine.parts(read, job.id, Class::Problem, after, PAGE)?;
        for (number, row) in &rows {
            looked += 1;
            after = Some(*number);
            if !each(*number, row) {
                return Ok(Walked { looked, next: after });
            }
        }
        if rows.len() < PAGE {
            return Ok(Walked { looked, next: None });
        }
    }
    Ok(Walked { looked, next: after })
}

/// A class while its rows are counted.
struct Counted {
    class: ProblemClass,
    values: BTreeMap<String, u64>,
}

impl Counted {
    fn of(problem: &RowProblem, number: i64) -> Counted {
        let problem = problem.clone();
        let first = number.unsigned_abs();
        let class = ProblemClass { problem, first, rows: 0, proposals: 0, values: Vec::new() };
        Counted { class, values: BTreeMap::new() }
    }

    fn add(&mut self, problem: &RowProblem, value: Option<&str>) {
        self.class.rows += 1;
        self.class.proposals += u64::from(problem.proposal.is_some());
        if let Some(value) = value.filter(|value| value.len() <= LONGEST) {
            *self.values.entry(value.to_owned()).or_default() += 1;
        }
    }

    fn ended(self) -> ProblemClass {
        let several = self.values.into_iter().filter(|(_, rows)| *rows > 1);
        let mut values: Vec<SameValue> = several.map(|(value, rows)| SameValue { value, rows }).collect();
        values.sort_by_key(|same| std::cmp::Reverse(same.rows));
        values.truncate(VALUES);
        ProblemClass { values, ..self.class }
    }
}

fn job_note(job: &Job, deed: Deed) -> Entry {
    Entry::done(deed).note("job", Note::Bytes(job.id.0.to_vec()))
}
