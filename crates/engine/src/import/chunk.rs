//! Rows to write sets, a chunk at a time, a few of them on their way at once.

use super::file::open;
use super::job::Job;
use super::rejected::Rejected;
use super::{CHUNK, ImportProgress, Plan};
use crate::TENANT;
use crate::caller::Channel;
use crate::command::{Assembled, NewRecord, Tokens, assemble, today, tokens_of};
use crate::context::{Context, Stop};
use crate::import::mapping::Accepted;
use crate::lease::Lease;
use crate::ledger::entry::{Deed, Entry, Note};
use dossier_model::fault::Fault;
use dossier_model::id::Rid;
use dossier_model::kind::Kind;
use dossier_store::{CommitError, CommitTicket, Conflict, UniqueRow, WriteSet};
use rayon::prelude::*;
use std::collections::{HashSet, VecDeque};

/// How many chunks are on their way while the next one is sealed.
const UNDER_WAY: usize = 3;

/// A unique token: field, index-key version, value.
type Unique = (u32, u16, [u8; 16]);

/// How a run ended.
pub(crate) enum Ran {
    /// Every row is done with.
    Whole,
    /// A chunk met something that had moved.
    Again,
}

/// One run over a file, from where the job is.
pub(crate) struct Importer<'a, 'e> {
    pub cx: &'a Context<'e>,
    pub kind: &'static Kind,
    pub plan: &'a Plan,
    pub job: Job,
    pub lease: &'a Lease,
    pub rejected: &'a mut Rejected,
}

/// A row that can be taken in, with its tokens.
struct Row {
    accepted: Accepted,
    tokens: Tokens,
}

/// A chunk that the writer has and has not answered yet.
struct Sent {
    ticket: CommitTicket,
    uniques: Vec<Unique>,
}

impl Importer<'_, '_> {
    pub(crate) fn run(&mut self, progress: &mut dyn FnMut(ImportProgress)) -> Result<Ran, Stop> {
        let mut reader = open(&self.plan.scanned.path, self.plan.scanned.encoding)?;
        let mut records = reader.records().skip(usize::try_from(self.job.body.rows).unwrap_or(usize::MAX));
        let mut sent: VecDeque<Sent> = VecDeque::new();
        loop {
            let rows: Vec<csv::StringRecord> = records
                .by_ref()
                .take(CHUNK)
                .collect::<Result<_, _>>()
                .map_err(|_| Fault::new("import_changed"))?;
            if rows.is_empty() {
                break;
            }
            let chunk = self.chunk(&rows, &sent)?;
            sent.push_back(chunk);
            if sent.len() > UNDER_WAY && !settle(&mut sent, UNDER_WAY)? {
                return Ok(Ran::Again);
            }
            progress(self.progress());
        }
        if !settle(&mut sent, 0)? {
            return Ok(Ran::Again);
        }
        if self.job.body.rows != self.plan.scanned.rows {
            return Err(Fault::new("import_changed").into());
        }
        Ok(Ran::Whole)
    }

    fn progress(&self) -> ImportProgress {
        let body = &self.job.body;
        ImportProgress {
            rows: body.rows,
            total: self.plan.scanned.rows,
            imported: body.imported,
            rejected: body.rejected,
            duplicates: body.duplicates,
        }
    }

    /// Checks, seals and sends one chunk; what belongs to one row alone is done on all cores.
    fn chunk(&mut self, rows: &[csv::StringRecord], sent: &VecDeque<Sent>) -> Result<Sent, Stop> {
        let cx = self.cx;
        let (mapping, kind, day) = (&self.plan.mapping, self.kind, today(cx));
        let check = |row: &csv::StringRecord| {
            let accepted = mapping.accept(kind, row, day)?;
            let tokens = tokens_of(cx.engine, kind, &accepted.fields);
            Ok(Row { accepted, tokens })
        };
        let checked: Vec<Result<Row, Vec<Fault>>> =
            cx.engine.in_bulk(|| rows.par_iter().map(check).collect())?;
        let mut taken = self.taken(&checked, sent)?;
        let mut uniques = Vec::new();
        let mut refused = Vec::new();
        let mut free: Vec<Row> = Vec::new();
        for (row, checked) in rows.iter().zip(checked) {
            self.job.body.rows += 1;
            match checked {
                Err(faults) => {
                    self.job.body.rejected += 1;
                    // The header is line 1.
                    refused.push((self.job.body.rows + 1, row.clone(), faults));
                }
                Ok(row) if row.tokens.unique.iter().any(|token| taken.contains(token)) => {
                    self.job.body.duplicates += 1;
                }
                Ok(row) => {
                    taken.extend(&row.tokens.unique);
                    uniques.extend(&row.tokens.unique);
                    free.push(row);
                }
            }
        }
        self.job.body.imported += free.len() as u64;
        let mut set =
            WriteSet::new(TENANT).in_bulk().op(self.lease.fenced()).op(self.lease.renewed(cx.engine));
        let mut entry = Entry::done(Deed::Import).note("job", Note::Bytes(self.job.id.0.to_vec()));
        self.seal(free, &mut set, &mut entry)?;
        // Rejected rows are on the disk before the count that says so.
        self.rejected.write(&refused)?;
        self.job.body.rejected_bytes = self.rejected.bytes;
        set = set.op(self.job.advance(cx)?).under(cx.snapshot.epoch);
        if !entry.items.is_empty() {
            set.entries = entry.leaves(cx.caller, cx.now, cx.snapshot.epoch);
        }
        Ok(Sent { ticket: cx.engine.store.commit(set), uniques })
    }

    /// The numbers of these rows that somebody has: in the store, or in a chunk that is on its way.
    fn taken(
        &self,
        checked: &[Result<Row, Vec<Fault>>],
        sent: &VecDeque<Sent>,
    ) -> Result<HashSet<Unique>, Fault> {
        let wanted: Vec<UniqueRow> = checked
            .iter()
            .flatten()
            .flat_map(|row| &row.tokens.unique)
            .map(|&(field, version, token)| UniqueRow { field, version, token, slot: 0, rid: Rid(0) })
            .collect();
        let held = self.cx.engine.store.read()?.holders(TENANT, &wanted)?;
        let held = held.into_iter().map(|row| (row.field, row.version, row.token));
        Ok(held.chain(sent.iter().flat_map(|sent| sent.uniques.iter().copied())).collect())
    }

    fn seal(&self, rows: Vec<Row>, set: &mut WriteSet, entry: &mut Entry) -> Result<(), Fault> {
        let cx = self.cx;
        let count = u32::try_from(rows.len()).unwrap_or(0);
        let rids = cx.engine.next_rids(count)?;
        let codes = cx.next_codes(count)?;
        let numbered: Vec<(Row, (i64, u32))> = rows.into_iter().zip(rids.zip(codes)).collect();
        let seal = |(Row { accepted, tokens }, (rid, sequence))| {
            let place = NewRecord {
                kind: self.kind,
                rid: Rid(rid),
                sequence: Some(sequence),
                dossier: None,
                stage: accepted.stage,
                level: accepted.level,
                team: self.plan.team,
                source: self.plan.source,
                channel: Channel::Import,
            };
            assemble(cx, &place, accepted.fields, &tokens)
        };
        let sealed: Vec<Assembled> =
            cx.engine.in_bulk(|| numbered.into_par_iter().map(seal).collect::<Result<_, Fault>>())??;
        for Assembled { set: made, item, .. } in sealed {
            set.ops.extend(made.ops);
            entry.items.push(item);
        }
        Ok(())
    }
}

/// Waits until at most `left` chunks are on their way; false when one met something that had moved. All of them are
/// waited for then: each builds on the one before.
fn settle(sent: &mut VecDeque<Sent>, left: usize) -> Result<bool, Stop> {
    let mut good = true;
    let mut failed = None;
    while sent.len() > left || (!good && !sent.is_empty()) {
        let Some(first) = sent.pop_front() else { break };
        match first.ticket.wait() {
            Ok(_) => {}
            // The policy has moved: whether this caller may still import is decided again.
            Err(CommitError::Conflict(Conflict::Epoch { .. })) => failed = failed.or(Some(Stop::Again)),
            // This process was taken for dead, and another one goes on with the file.
            Err(CommitError::Conflict(Conflict::Lease { .. })) => failed = Some(super::busy().into()),
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
