//! Carrying out what was asked for: the same code as where nothing waits, up to its gate or through it.

use super::Work;
use super::parked::Parked;
use crate::admin::{add_user, change_team, change_user, enable, rotate, write_flow, write_role};
use crate::caller::Origin;
use crate::command::{change, erase};
use crate::context::{Context, Recorded, Stop, again, unexpected};
use crate::grant::apply;
use crate::hand_over::take_over;
use crate::import::begin_undo;
use crate::ledger::entry::{Deed, Note};
use crate::{Engine, TENANT};
use dossier_approvals::{Binding, Event, State};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_store::{Conflict, WriteSet};
use std::collections::BTreeMap;

/// Faults that may be over the next time.
const PASSING: u16 = 500;

fn run(cx: &Context<'_>, work: &Work) -> Result<Recorded<()>, Stop> {
    match work {
        Work::Change(ask) => Ok(change(cx, ask)?.map(drop)),
        Work::Apply(ask) => Ok(apply(cx, ask)?.map(drop)),
        Work::Erase(id) => Ok(erase(cx, id)?.map(drop)),
        Work::Rotate(buckets) => Ok(rotate(cx, *buckets)?.map(drop)),
        Work::UserAdd { name, roles, team } => Ok(add_user(cx, name, roles, team.as_deref())?.map(drop)),
        Work::Flow(work) => Ok(write_flow(cx, work, None)?.map(drop)),
        Work::Role(work) => Ok(write_role(cx, work, None)?.map(drop)),
        Work::ImportUndo(id) => Ok(begin_undo(cx, id)?.map(drop)),
        Work::Enable(id) => Ok(enable(cx, id)?.map(drop)),
        Work::Team(id, ask) => Ok(change_team(cx, id, ask)?.map(drop)),
        Work::User(id, ask) => Ok(change_user(cx, id, ask)?.map(drop)),
        Work::TakeOver(id) => Ok(take_over(cx, id)?.map(drop)),
    }
}

impl Work {
    fn deed(&self) -> Deed {
        match self {
            Work::Change(_) => Deed::Change,
            Work::Apply(_) => Deed::GrantBegin,
            Work::Erase(_) => Deed::Erase,
            Work::Rotate(_) => Deed::KeyRotate,
            Work::UserAdd { .. } => Deed::UserAdd,
            Work::Flow(_) => Deed::FlowChange,
            Work::Role(work) => work.deed(),
            Work::ImportUndo(_) => Deed::ImportUndo,
            Work::Team(..) => Deed::TeamChange,
            Work::Enable(_) | Work::User(..) => Deed::UserChange,
            Work::TakeOver(_) => Deed::HandOver,
        }
    }
}

impl Context<'_> {
    /// The command and the state that it would be carried out on at this moment. Where it could not be carried out at all,
    /// none of its records is there.
    pub(super) fn binding_now(&self, parked: &Parked, work: Option<&Work>) -> Result<Binding, Stop> {
        let asker = parked.asker(self.engine, &self.caller.origin, true);
        let bound = &parked.body.request.binding;
        let nowhere = || match bound.records.is_empty() {
            true => Binding::default(),
            false => Binding { records: BTreeMap::new(), ..bound.clone() },
        };
        let (Some(work), Ok(cx)) = (work, self.engine.context(&asker)) else { return Ok(nowhere()) };
        match run(&cx, work) {
            Err(Stop::Seen(binding)) => Ok(*binding),
            Err(Stop::Again) => Err(Stop::Again),
            Err(Stop::Fault(fault)) if fault.status() >= PASSING => Err(Stop::Fault(fault)),
            Err(Stop::Fault(_)) | Ok(_) => Ok(nowhere()),
        }
    }
}

impl Engine {
    /// Carries out a request that was agreed to, in the name of whoever asked. Whatever comes of it is kept in the request;
    /// what fails and may succeed later is tried again when it is due.
    pub(super) fn carry_out(&self, id: Uid, origin: &Origin) -> Result<(), Fault> {
        let read = self.store.read()?;
        let Some(parked) = Parked::read(self, &*read, id)? else { return Ok(()) };
        if !matches!(parked.body.request.state, State::Agreed(_)) {
            return Ok(());
        }
        let work = parked.contents(self, &*read)?.work;
        drop(read);
        let Some(work) = work else { return self.fail(id, origin, "not_found") };
        let asker = parked.asker(self, origin, false);
        match self.guarded(&asker, work.deed(), |cx| run(cx, &work)) {
            Ok(()) => Ok(()),
            // It is said in the request already, or somebody else was faster.
            Err(fault) if ["approval_moved", "approval_ended"].contains(&fault.key) => {
                self.happens(id, origin, Event::Wake)
            }
            Err(fault) if fault.status() >= PASSING => {
                tracing::warn!(code = fault.code(), "an approved request is carried out later");
                self.fail_later(id, origin)
            }
            Err(fault) => self.fail(id, origin, fault.key),
        }
    }

    /// Ends a request that was agreed to and is refused to its asker now.
    fn fail(&self, id: Uid, origin: &Origin, why: &str) -> Result<(), Fault> {
        self.happens(id, origin, Event::Fail { why: why.to_owned() })
    }

    /// Puts off what could not be carried out.
    fn fail_later(&self, id: Uid, origin: &Origin) -> Result<(), Fault> {
        self.happens(id, origin, Event::Wake)
    }

    /// Something happens to a request that no person does. What changes nothing but the time is not in the ledger.
    pub(super) fn happens(&self, id: Uid, origin: &Origin, event: Event) -> Result<(), Fault> {
        let caller = crate::auth::system_caller(origin);
        self.guarded(&caller, Deed::ApprovalEnd, |cx| {
            let read = cx.read()?;
            let Some(mut parked) = Parked::read(self, &*read, id)? else { return Ok(cx.nothing()) };
            let organisation = &cx.organisation();
            let before = parked.body.request.state.clone();
            // What it is too late for is as time has left it.
            let outcome = parked.body.request.apply(event.clone(), cx.now, organisation);
            let outcome = match outcome {
                Ok(outcome) => outcome,
                Err(_) => parked.body.request.apply(Event::Wake, cx.now, organisation)?,
            };
            if before.is_final() {
                return Ok(cx.nothing());
            }
            let turned = outcome.request.state != before;
            parked.end(self, &*read, outcome.request)?;
            drop(read);
            let mut entry = parked.entry(Deed::ApprovalEnd);
            if let State::Failed(why) = &parked.body.request.state {
                entry = entry.note("why", Note::Text(why.clone()));
            }
            let mut set = WriteSet::new(TENANT).op(parked.put(self, cx.now)?);
            if !turned {
                // Only when it is due again has changed.
                set = set.under(cx.snapshot.epoch);
                return match self.store.commit(set).wait() {
                    Ok(committed) => Ok(cx.committed(committed, ())),
                    Err(error) => lost(cx, again(error)?),
                };
            }
            match cx.commit(set, &entry) {
                Ok(committed) => Ok(cx.committed(committed, ())),
                Err(error) => lost(cx, again(error)?),
            }
        })
    }
}

/// Another process was faster.
fn lost(cx: &Context<'_>, conflict: Conflict) -> Result<Recorded<()>, Stop> {
    match conflict {
        Conflict::Job { .. } => Ok(cx.nothing()),
        other => Err(unexpected(&other)),
    }
}
