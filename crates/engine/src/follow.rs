//! Followers: programs that see every entry of the change log once, in order, whatever crashes.

use crate::context::{again, unexpected};
use crate::ledger::Log;
use crate::ledger::entry::{Deed, Entry, Note};
use crate::ledger::show::EntryShown;
use crate::seal::new_id;
use crate::{Caller, Engine, TENANT};
use dossier_access::Action;
use dossier_model::fault::Fault;
use dossier_model::time::Micros;
use dossier_store::{Conflict, Op, WriteSet};
use serde::Serialize;

/// How long a follower that died keeps others out.
const LEASE: i64 = 60_000_000;
/// How many entries go out between two moves of the cursor.
const BATCH: u32 = 200;
/// Characters of a follower's name.
const NAME: std::ops::RangeInclusive<usize> = 1..=64;

/// How far a follower came.
#[derive(Serialize)]
pub struct Followed {
    /// Index of the first entry that was delivered.
    pub from: u64,
    /// Index of the next one.
    pub to: u64,
}

impl Engine {
    /// Delivers what came since the last call under this name, and remembers how far it came after each batch. A
    /// delivery that fails or is cut off is repeated from its batch: `deliver` must be able to see an entry twice.
    ///
    /// # Errors
    /// `follower_busy` while another one works under this name; `query_invalid`, `action_not_allowed`.
    pub fn follow(
        &self,
        caller: &Caller,
        name: &str,
        deliver: &mut dyn FnMut(&EntryShown) -> Result<(), Fault>,
    ) -> Result<Followed, Fault> {
        let shape = NAME.contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if !shape {
            return Err(crate::invalid("name"));
        }
        let lease = format!("follow/{name}");
        let holder = new_id(self.clock.now(), &*self.entropy);
        let mut first = None;
        loop {
            let now = self.clock.now();
            let take = Op::TakeLease { name: lease.clone(), holder, now, until: Micros(now.0 + LEASE) };
            self.step(WriteSet::new(TENANT).op(take))?;
            let read = self.store.read()?;
            let fence = read.lease(TENANT, &lease)?.map_or(0, |lease| lease.fence);
            let from = read.cursor(TENANT, &lease)?;
            drop(read);
            let first = *first.get_or_insert(from);
            let entries = self.guarded(caller, Deed::ReadLedger, |cx| {
                cx.permit(Action::ReadLedger)?;
                let entries = cx.entries(Log::Change, from, BATCH)?;
                let note = Note::Int(i64::try_from(from).unwrap_or(i64::MAX));
                cx.record(Entry::done(Deed::ReadLedger).note("from", note), Vec::new(), entries)
            })?;
            for entry in &entries {
                deliver(entry)?;
            }
            let to = from + entries.len() as u64;
            let end = entries.len() < BATCH as usize;
            let mut set = WriteSet::new(TENANT).op(Op::ExpectFence { name: lease.clone(), fence });
            if to > from {
                set = set.op(Op::PutCursor { name: lease.clone(), expect: from, to });
            }
            if end {
                // Given back: the next call need not wait for its end.
                set = set.op(Op::TakeLease { name: lease.clone(), holder, now, until: now });
            }
            self.step(set)?;
            if end {
                return Ok(Followed { from: first, to });
            }
        }
    }

    fn step(&self, set: WriteSet) -> Result<(), Fault> {
        match self.store.commit(set).wait() {
            Ok(_) => Ok(()),
            Err(error) => match again(error) {
                Ok(Conflict::Lease { .. } | Conflict::Cursor { .. }) => Err(Fault::new("follower_busy")),
                Ok(other) => Err(unexpected(&other).into_fault()),
                Err(stop) => Err(stop.into_fault()),
            },
        }
    }
}
