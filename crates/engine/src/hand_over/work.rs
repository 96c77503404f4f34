//! Dossiers on their way to whoever took them over, a few at a time, in the name of that person.

use super::job::{Job, State};
use crate::caller::{Caller, Channel, Origin, Principal};
use crate::clock::ANY_TIME;
use crate::command::{follow, members, put_again};
use crate::context::{Context, Recorded, Stop, again, unexpected};
use crate::lease::Lease;
use crate::ledger::entry::{Deed, Entry, Item};
use crate::seal::damaged;
use crate::{Engine, TENANT};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::scope::Place;
use dossier_store::{Conflict, Op, Read, Row, STATE_FROZEN, WrappedKey, WriteSet};
use std::time::{Duration, Instant};

/// The lease under which one process does this.
const LEASE: &str = "hand_over";
/// Dossiers of one transaction; their contacts come on top.
const FEW: u32 = 16;
/// How long it goes on at a stretch, so that what else is due is not kept waiting.
const STRETCH: Duration = Duration::from_secs(1);

impl Engine {
    /// Goes on with what was taken over, until all of it is done, it is told to stop, or others want a turn.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn work_on_hand_overs(&self, stop: &dyn Fn() -> bool) -> Result<(), Fault> {
        let begun = Instant::now();
        let due = self.store.read()?.jobs(TENANT, State::Running as u8, ANY_TIME, 10)?;
        if due.is_empty() {
            return Ok(());
        }
        let Some(lease) = self.take_lease(LEASE)? else { return Ok(()) };
        let mut first = None;
        for row in due {
            let done = loop {
                if stop() || begun.elapsed() > STRETCH {
                    break Ok(());
                }
                match self.hand_over_step(row.id, &lease) {
                    Ok(true) => {}
                    Ok(false) => break Ok(()),
                    Err(fault) => break Err(fault),
                }
            };
            // One that fails stops none of the others.
            first = first.or(done.err());
        }
        self.give_back(&lease);
        first.map_or(Ok(()), Err)
    }

    /// One step; false when there is no other.
    fn hand_over_step(&self, id: Uid, lease: &Lease) -> Result<bool, Fault> {
        let read = self.store.read()?;
        let job = Job::read(self, &*read, id)?.filter(|job| job.state == State::Running);
        drop(read);
        let Some(heir) = job.and_then(|job| job.body.heir) else { return Ok(false) };
        self.guarded(&at_work(heir), Deed::HandOver, |cx| step(cx, id, lease))
    }
}

fn at_work(heir: Uid) -> Caller {
    Caller {
        principal: Principal::User(heir),
        name: String::new(),
        origin: Origin::default(),
        session: None,
        channel: Channel::Web,
        until: None,
        since: None,
        sitting: None,
        approved: None,
        through: None,
    }
}

fn step(cx: &Context<'_>, id: Uid, lease: &Lease) -> Result<Recorded<bool>, Stop> {
    let engine = cx.engine;
    let read = cx.read()?;
    let running = |job: &Job| job.state == State::Running && job.body.heir == cx.person();
    let Some(mut job) = Job::read(engine, &*read, id)?.filter(running) else {
        return Ok(cx.nothing().map(|()| false));
    };
    let page = read.rows_with_keys(TENANT, &job.query(FEW))?;
    let mut set = WriteSet::new(TENANT).op(lease.fenced()).op(lease.renewed(engine)).in_bulk();
    let mut items = Vec::new();
    for (row, key) in &page {
        job.body.after = Some(row.rid.0);
        if row.state == STATE_FROZEN {
            job.body.kept += 1;
            continue;
        }
        job.body.moved += 1;
        let key = key.clone().ok_or_else(|| damaged("its data key is missing"))?;
        hand_over(cx, &*read, row, key, &mut set.ops, &mut items)?;
    }
    drop(read);
    if page.is_empty() {
        job.state = State::Done;
    }
    let entry = Entry { items, ..job.entry() };
    match cx.commit(set.op(job.put(engine)?), &entry) {
        Ok(committed) => Ok(cx.committed(committed, !page.is_empty())),
        Err(error) => match again(error)? {
            // Somebody has changed one of them meanwhile, or the heir has left.
            Conflict::Version { .. } | Conflict::Job { .. } => Err(Stop::Again),
            Conflict::Lease { .. } => Err(Fault::new("store_busy").into()),
            other => Err(unexpected(&other)),
        },
    }
}

/// A dossier with all that is in it, under its new owner.
fn hand_over(
    cx: &Context<'_>,
    read: &dyn Read,
    row: &Row,
    key: WrappedKey,
    ops: &mut Vec<Op>,
    items: &mut Vec<Item>,
) -> Result<(), Stop> {
    let (_, kind) = cx.view_of(row.kind)?;
    let mut next = row.clone();
    next.put_at(Place { owner: cx.number(), ..row.place() });
    let row = put_again(cx, &(kind, row.clone(), key), next, ops, items)?;
    for member in members(cx, read, row.rid)? {
        follow(cx, &member, &row, ops, items)?;
    }
    Ok(())
}
