//! Rows to write sets, a chunk at a time, a few of them on their way at once.

use super::job::Job;
use super::rejected::Rejected;
use super::{CHUNK, ImportProgress, Plan, Row};
use crate::TENANT;
use crate::caller::Channel;
use crate::command::{Assembled, NewRecord, assemble, today, tokens_of};
use crate::context::{Context, Stop};
use crate::import::mapping::Accepted;
use crate::lease::Lease;
use crate::ledger::entry::{Deed, Entry, Note};
use dossier_model::fault::Fault;
use dossier_model::id::Rid;
use dossier_model::kind::Kind;
use dossier_store::{CommitError, CommitTicket, Conflict, Read, WriteSet};
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

/// A chunk that the writer has and has not answered yet.
struct Sent {
    ticket: CommitTicket,
    uniques: Vec<Unique>,
}

impl Importer<'_, '_> {
    pub(crate) fn run(&mut self, progress: &mut dyn FnMut(ImportProgress)) -> Result<Ran, Stop> {
        let rows = self.plan.file.rows(&self.plan.scanned)?;
        let mut records = rows.skip(usize::try_from(self.job.body.rows).unwrap_or(usize::MAX));
        let mut sent: VecDeque<Sent> = VecDeque::new();
        loop {
            let rows: Vec<Row> = records
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

    /// Checks, seals and sends one chunk.
    fn chunk(&mut self, rows: &[Row], sent: &VecDeque<Sent>) -> Result<Sent, Stop> {
        let cx = self.cx;
        let mut taken: HashSet<Unique> = sent.iter().flat_map(|sent| sent.uniques.iter().copied()).collect();
        let mut uniques = Vec::new();
        let mut refused = Vec::new();
        let mut accepted: Vec<Accepted> = Vec::new();
        let read = cx.engine.store.read()?;
        for row in rows {
            self.job.body.rows += 1;
            match self.plan.mapping.accept(self.kind, row, today(cx)) {
                Err(problems) => {
                    self.job.body.rejected += 1;
                    refused.push((row, problems));
                }
                Ok(row) => match self.free(&*read, &row, &mut taken, &mut uniques)? {
                    true => accepted.push(row),
                    false => self.job.body.duplicates += 1,
                },
            }
        }
        drop(read);
        self.job.body.imported += accepted.len() as u64;
        let mut set = WriteSet::new(TENANT).op(self.lease.fenced()).op(self.lease.renewed(cx.engine));
        let mut entry = Entry::done(Deed::Import).note("job", Note::Bytes(self.job.id.0.to_vec()));
        self.seal(accepted, &mut set, &mut entry)?;
        // Rejected rows are on the disk before the count that says so.
        self.rejected.write(&refused)?;
        self.job.body.rejected_bytes = self.rejected.bytes;
        set = set.op(self.job.advance(cx)?).under(cx.snapshot.epoch);
        if !entry.items.is_empty() {
            set.entries = entry.leaves(cx.caller, cx.now, cx.snapshot.epoch);
        }
        Ok(Sent { ticket: cx.engine.store.commit(set), uniques })
    }

    /// Whether nobody has this row's numbers: in the store, on its way, or in this chunk.
    fn free(
        &self,
        read: &dyn Read,
        row: &Accepted,
        taken: &mut HashSet<Unique>,
        uniques: &mut Vec<Unique>,
    ) -> Result<bool, Fault> {
        let tokens = tokens_of(self.cx.engine, self.kind, &row.fields);
        for (field, version, token) in &tokens.unique {
            if taken.contains(&(*field, *version, *token))
                || read.by_unique(TENANT, *field, *version, token)?.is_some()
            {
                return Ok(false);
            }
        }
        taken.extend(tokens.unique.iter().copied());
        uniques.extend(tokens.unique);
        Ok(true)
    }

    fn seal(&self, accepted: Vec<Accepted>, set: &mut WriteSet, entry: &mut Entry) -> Result<(), Fault> {
        let cx = self.cx;
        let count = u32::try_from(accepted.len()).unwrap_or(0);
        let rids = cx.engine.next_rids(count)?;
        let codes = cx.next_codes(count)?;
        for ((row, rid), sequence) in accepted.into_iter().zip(rids).zip(codes) {
            let place = NewRecord {
                kind: self.kind,
                rid: Rid(rid),
                sequence: Some(sequence),
                dossier: None,
                stage: row.stage,
                level: row.level,
                team: self.plan.team,
                source: self.plan.source,
                channel: Channel::Import,
            };
            let Assembled { set: made, item, .. } = assemble(cx, &place, row.fields)?;
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
