//! Rows to write sets, a chunk at a time, a few of them on their way at once.

use super::job::{Duplicates, Job};
use super::mapping::{Accepted, Mapping, Problem, Target};
use super::meet::{Meeting, Update, holders, meets};
use super::pace::Pace;
use super::part::{Class, Met, RowProblem, Touched, Waiting};
use super::source::Row;
use super::{ImportProgress, busy};
use crate::TENANT;
use crate::caller::Channel;
use crate::command::{Assembled, NewRecord, Tokens, assemble, today, tokens_of};
use crate::context::{Context, Stop};
use crate::lease::Lease;
use crate::ledger::entry::{Deed, Entry, Note};
use crate::place::place_of;
use crate::query::count_miss;
use dossier_access::{Action, View};
use dossier_model::fault::Fault;
use dossier_model::id::Rid;
use dossier_model::kind::Kind;
use dossier_store::{CommitError, CommitTicket, Conflict, Op, WriteSet};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Instant;

/// How many chunks are on their way while the next one is sealed.
const UNDER_WAY: usize = 3;

/// A unique token: field, index-key version, value.
pub(crate) type Unique = (u32, u16, [u8; 16]);

/// How a run ended.
pub(crate) enum Ran {
    /// Every row is done with.
    Whole,
    /// A chunk met something that had moved.
    Again,
    /// It was told to stop.
    Stopped,
}

/// One run over a file, from where the job is.
pub(crate) struct Importer<'a, 'e> {
    /// As of the chunk: its records are of that moment.
    pub cx: Context<'e>,
    pub kind: &'static Kind,
    pub view: View,
    pub mapping: &'a Mapping,
    pub job: Job,
    /// What becomes of a row whose customer is there.
    pub duplicates: Duplicates,
    /// Whether new records are noted one by one: those of the file itself are found by its entries in the change log.
    pub noted: bool,
    /// Whether the quota of look-ups is used up: then nothing more is said of what is outside the caller's rows.
    pub silent: bool,
}

/// Some rows, ready to be committed.
#[derive(Default)]
pub(crate) struct Chunk {
    pub ops: Vec<Op>,
    pub items: Vec<crate::ledger::entry::Item>,
    /// How many of the rows are in it. One that goes over a row on its way has to wait for that.
    pub rows: usize,
    uniques: Vec<(Unique, u64)>,
    records: Vec<Rid>,
}

/// A row that is put aside.
struct Aside<'r> {
    line: &'r Row,
    class: Class,
    problems: Vec<RowProblem>,
    met: Option<Met>,
    /// Whether what it met is outside the caller's rows.
    outside: bool,
}

/// A chunk that the writer has and has not answered yet.
pub(crate) struct Sent {
    ticket: CommitTicket,
    at: Instant,
    chunk: Chunk,
    /// How far the import is once it is in.
    reached: ImportProgress,
}

impl Importer<'_, '_> {
    pub(crate) fn run(
        &mut self,
        rows: impl Iterator<Item = Result<Row, Fault>>,
        lease: &Lease,
        stop: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(ImportProgress),
    ) -> Result<Ran, Stop> {
        let mut rows = rows.skip(usize::try_from(self.job.body.rows).unwrap_or(usize::MAX));
        let mut lines: Vec<Row> = Vec::new();
        let mut sent: VecDeque<Sent> = VecDeque::new();
        let mut pace = Pace::new();
        let mut shared;
        loop {
            shared = self.cx.engine.store.is_shared();
            if stop() || self.is_stopped()? {
                let good = settle(&mut sent, 0, &mut pace, shared, progress)?;
                return Ok(if good { Ran::Stopped } else { Ran::Again });
            }
            for line in rows.by_ref().take(pace.rows().saturating_sub(lines.len())) {
                lines.push(line.map_err(|_| Fault::new("import_changed"))?);
            }
            if lines.is_empty() {
                break;
            }
            self.cx = self.cx.later()?;
            let chunk = self.chunk(&lines, &sent)?;
            lines.drain(..chunk.rows);
            if chunk.rows > 0 {
                sent.push_back(self.send(chunk, lease)?);
            }
            // A row that is left waits for what is on its way.
            let left = if lines.is_empty() { UNDER_WAY } else { 0 };
            if !settle(&mut sent, left, &mut pace, shared, progress)? {
                return Ok(Ran::Again);
            }
        }
        if !settle(&mut sent, 0, &mut pace, shared, progress)? {
            return Ok(Ran::Again);
        }
        if self.job.body.rows != self.job.body.total {
            return Err(Fault::new("import_changed").into());
        }
        Ok(Ran::Whole)
    }

    /// Whether somebody has asked for a stop, here or in another process.
    fn is_stopped(&self) -> Result<bool, Fault> {
        let read = self.cx.engine.store.read()?;
        Ok(!read.parts(TENANT, self.job.id, Class::Stop as u8, None, 1)?.is_empty())
    }

    fn send(&mut self, mut chunk: Chunk, lease: &Lease) -> Result<Sent, Stop> {
        let cx = &self.cx;
        let mut set = WriteSet::new(TENANT).op(lease.fenced()).op(lease.renewed(cx.engine));
        let mut entry = Entry::done(Deed::Import).note("job", Note::Bytes(self.job.id.0.to_vec()));
        set.ops.append(&mut chunk.ops);
        entry.items = std::mem::take(&mut chunk.items);
        set = set.op(self.job.put(cx.engine)?).under(cx.snapshot.epoch);
        if !entry.items.is_empty() {
            set.entries = entry.leaves(cx.caller, cx.now, cx.snapshot.epoch);
        }
        let at = Instant::now();
        let reached = self.job.progress();
        Ok(Sent { ticket: cx.engine.store.commit(set.in_bulk()), at, chunk, reached })
    }

    /// Checks and seals rows, as many as do not have to wait for what is on its way. Counts them in the job. What belongs
    /// to one row alone is done on all cores.
    pub(crate) fn chunk(&mut self, lines: &[Row], sent: &VecDeque<Sent>) -> Result<Chunk, Stop> {
        let cx = &self.cx.clone();
        let under_way = || sent.iter().map(|sent| &sent.chunk);
        let mut taken: HashMap<Unique, u64> =
            under_way().flat_map(|chunk| chunk.uniques.iter().copied()).collect();
        let mut busy: HashSet<Rid> = under_way().flat_map(|chunk| chunk.records.iter().copied()).collect();
        let mut chunk = Chunk::default();
        let mut accepted: Vec<(Accepted, Tokens)> = Vec::new();
        let mut aside: Vec<Aside<'_>> = Vec::new();
        let over = self.duplicates == Duplicates::Update;
        let (mapping, kind, day) = (self.mapping, self.kind, today(cx));
        let check = |line: &Row| {
            let row = mapping.accept(kind, line, day)?;
            let tokens = tokens_of(cx.engine, kind, &row.fields);
            Ok((row, tokens))
        };
        let checked: Vec<Result<(Accepted, Tokens), Vec<Problem>>> =
            cx.engine.in_bulk(|| lines.par_iter().map(check).collect())?;
        let read = cx.engine.store.read()?;
        let held = holders(&*read, checked.iter().flatten().map(|(_, tokens)| tokens))?;
        for (line, checked) in lines.iter().zip(checked) {
            let (row, tokens) = match checked {
                Ok(checked) => checked,
                Err(problems) => {
                    let problems = problems.iter().map(RowProblem::from).collect();
                    aside.push(Aside { line, class: Class::Problem, problems, met: None, outside: false });
                    chunk.rows += 1;
                    continue;
                }
            };
            match meets(&held, &tokens, &taken) {
                Meeting::Nobody => {
                    let refused = self.refused(&row);
                    if !refused.is_empty() {
                        let problems = refused.iter().map(|fault| self.problem(fault)).collect();
                        aside.push(Aside {
                            line,
                            class: Class::Problem,
                            problems,
                            met: None,
                            outside: false,
                        });
                        chunk.rows += 1;
                        continue;
                    }
                    let own = || tokens.unique.iter().map(|unique| (*unique, line.number));
                    taken.extend(own());
                    chunk.uniques.extend(own());
                    accepted.push((row, tokens));
                }
                Meeting::Row(_) if over => break,
                Meeting::Row(row) => {
                    let met = Met { row: Some(row), ..Met::default() };
                    aside.push(Aside {
                        line,
                        class: self.aside_class(),
                        problems: vec![],
                        met: Some(met),
                        outside: false,
                    });
                }
                Meeting::Records(rids) if over && rids.iter().any(|rid| busy.contains(rid)) => break,
                Meeting::Records(rids) => {
                    let Some(rid) = rids.iter().next().copied() else { continue };
                    let (met, outside) = self.met(&*read, rid)?;
                    let mut put =
                        Aside { line, class: self.aside_class(), problems: vec![], met: Some(met), outside };
                    if over && (outside || rids.len() > 1) {
                        // One row cannot go over two records, nor over one that the caller does not reach.
                        put.class = Class::Problem;
                    } else if over {
                        match self.update(&*read, rid, &row)? {
                            Update::Changed { ops, items, touched } => {
                                busy.insert(rid);
                                chunk.records.push(rid);
                                chunk.ops.extend(ops);
                                chunk.items.extend(items);
                                chunk.ops.push(self.note(rid, touched)?);
                                self.job.body.updated += 1;
                                chunk.rows += 1;
                                continue;
                            }
                            Update::Same => put.class = Class::Passed,
                            Update::Refused(faults) => {
                                put.class = Class::Problem;
                                put.problems = faults.iter().map(|fault| self.problem(fault)).collect();
                            }
                        }
                    }
                    aside.push(put);
                }
            }
            chunk.rows += 1;
        }
        drop(read);
        self.job.body.rows += chunk.rows as u64;
        self.job.body.imported += accepted.len() as u64;
        for put in aside {
            let op = self.put_aside(put)?;
            chunk.ops.push(op);
        }
        self.seal(accepted, &mut chunk)?;
        Ok(chunk)
    }

    /// What the caller may not do where a row would be.
    fn refused(&self, row: &Accepted) -> Vec<Fault> {
        let at = place_of(self.kind, &row.fields, self.job.body.team, 0);
        let reach = self.view.at(&at);
        if let Err(fault) = reach.permit(Action::Import) {
            return vec![fault];
        }
        let fields = row.fields.keys().filter_map(|number| self.kind.field(*number));
        let closed = fields.filter(|field| !reach.may_write(field));
        closed.map(|field| Fault::new("unknown_field").field(field.name.clone())).collect()
    }

    /// Where a row goes whose customer is there.
    fn aside_class(&self) -> Class {
        if self.duplicates == Duplicates::Review { Class::Review } else { Class::Passed }
    }

    /// The part that keeps a row which is not taken in. Each hit outside the caller's rows counts as a look-up; when
    /// there were too many, nothing is said of the next ones.
    fn put_aside(&mut self, put: Aside<'_>) -> Result<Op, Stop> {
        let Aside { line, class, mut problems, mut met, outside } = put;
        if let Some(met) = met.as_mut().filter(|_| outside) {
            if !self.silent {
                match count_miss(&self.cx) {
                    Ok(()) => {}
                    Err(Stop::Fault(fault)) if fault.key == "quota_find" => self.silent = true,
                    Err(stop) => return Err(stop),
                }
            }
            if self.silent {
                *met = Met { rid: met.rid, ..Met::default() };
            }
        }
        if class == Class::Problem && problems.is_empty() {
            problems.push(match met.as_ref().and_then(|met| met.code.clone().zip(met.team.clone())) {
                Some((code, team)) => {
                    RowProblem::of(&Fault::new("duplicate").with("code", code).with("team", team))
                }
                None => RowProblem::of(&Fault::new("import_met_unsaid")),
            });
        }
        let number = i64::try_from(line.number).unwrap_or(i64::MAX);
        let body = &mut self.job.body;
        *(if class == Class::Problem { &mut body.rejected } else { &mut body.duplicate }) += 1;
        let (engine, id) = (self.cx.engine, self.job.id);
        if class == Class::Passed {
            return Ok(engine.put_part(id, class, number, &met.unwrap_or_default())?);
        }
        let waiting = Waiting {
            cells: line.cells.iter().map(str::to_owned).collect(),
            said: line.said.clone(),
            faults: line.faults.iter().map(|(at, fault)| (*at, fault.key.to_owned())).collect(),
            problems,
            met,
        };
        Ok(engine.put_part(id, class, number, &waiting)?)
    }

    /// A fault of a field, with the column that it is read from.
    fn problem(&self, fault: &Fault) -> RowProblem {
        let target = fault.field.clone().map(Target::Field);
        let column = self.mapping.columns.iter().find(|column| Some(&column.target) == target.as_ref());
        RowProblem { column: column.map(|column| column.header.clone()), ..RowProblem::of(fault) }
    }

    /// Remembers which version of a record the import left.
    fn note(&self, rid: Rid, touched: Touched) -> Result<Op, Fault> {
        self.cx.engine.put_part(self.job.id, Class::Touched, rid.0, &touched)
    }

    fn seal(&self, accepted: Vec<(Accepted, Tokens)>, chunk: &mut Chunk) -> Result<(), Fault> {
        let cx = &self.cx;
        let count = u32::try_from(accepted.len()).unwrap_or(0);
        // A lease waits for the writer: what the rest of the file needs is leased in few steps.
        let left = self.job.body.total.saturating_sub(self.job.body.rows);
        let ahead = u32::try_from(left + u64::from(count)).unwrap_or(u32::MAX);
        let rids = cx.engine.next_rids(count, ahead)?;
        let codes = cx.next_codes(count, ahead)?;
        let (kind, team, source) = (self.kind, self.job.body.team, self.job.body.source);
        let seal = |((row, tokens), (rid, sequence)): ((Accepted, Tokens), (i64, u32))| {
            let place = NewRecord {
                kind,
                rid: Rid(rid),
                sequence: Some(sequence),
                dossier: None,
                stage: row.stage,
                level: row.level,
                at: place_of(kind, &row.fields, team, 0),
                source,
                channel: Channel::Import,
            };
            Ok((Rid(rid), assemble(cx, &place, row.fields, &tokens)?))
        };
        let numbered: Vec<_> = accepted.into_iter().zip(rids.zip(codes)).collect();
        let sealed: Vec<(Rid, Assembled)> =
            cx.engine.in_bulk(|| numbered.into_par_iter().map(seal).collect::<Result<_, Fault>>())??;
        for (rid, Assembled { set: made, item, .. }) in sealed {
            chunk.ops.extend(made.ops);
            chunk.items.push(item);
            if self.noted {
                chunk.ops.push(self.note(rid, Touched { base: 0, last: 1 })?);
            }
        }
        Ok(())
    }
}

/// Waits until at most `left` chunks are on their way; false when one met something that had moved. All of them are
/// waited for then: each builds on the one before. Progress is told of what is in.
fn settle(
    sent: &mut VecDeque<Sent>,
    left: usize,
    pace: &mut Pace,
    shared: bool,
    progress: &mut dyn FnMut(ImportProgress),
) -> Result<bool, Stop> {
    let mut good = true;
    let mut failed = None;
    while sent.len() > left || (!good && !sent.is_empty()) {
        let Some(first) = sent.pop_front() else { break };
        let (answer, at) = first.ticket.wait_timed();
        match answer {
            Ok(_) => {
                pace.learn(first.chunk.rows, first.at, at, shared);
                progress(first.reached);
            }
            // The policy has moved: whether this caller may still import is decided again.
            Err(CommitError::Conflict(Conflict::Epoch { .. })) => failed = failed.or(Some(Stop::Again)),
            // This process was taken for dead, and another one goes on with the file.
            Err(CommitError::Conflict(Conflict::Lease { .. })) => failed = Some(busy().into()),
            Err(CommitError::Conflict(conflict)) => {
                tracing::debug!(%conflict, "a chunk is made again");
                good = false;
            }
            Err(CommitError::Failed(error)) => failed = Some(Stop::from(error)),
        }
    }
    match failed {
        Some(stop) => {
            while let Some(rest) = sent.pop_front() {
                let _ = rest.ticket.wait();
            }
            Err(stop)
        }
        None => Ok(good),
    }
}
