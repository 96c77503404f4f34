//! Taking over.

use super::HandOver;
use super::job::{Job, PREFIX, State};
use super::show::shown;
use crate::approval::{Asking, Carried, Gate, Work};
use crate::context::{Context, Recorded, Stop, again, unexpected};
use crate::ledger::entry::Deed;
use crate::{Caller, Engine, TENANT};
use dossier_approvals::{Command, Facts, Turn};
use dossier_model::Level;
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::kind::KindId;
use dossier_store::{Conflict, WriteSet};
use serde_json::json;
use std::collections::BTreeMap;

impl Engine {
    /// Takes over what somebody answered for who left or moved: whoever it was handed to does. Dossiers get their new owner
    /// one after the other, by the server itself. It is a change of owner, and waits for approval as one.
    ///
    /// # Errors
    /// `people_only`, `not_found`, `hand_over_taken`, and those of a request for approval.
    pub fn take_over(&self, caller: &Caller, id: &str) -> Result<Carried<HandOver>, Fault> {
        self.guarded(caller, Deed::HandOver, |cx| take_over(cx, id))
    }
}

/// Takes a hand-over over, or parks that.
pub(crate) fn take_over(cx: &Context<'_>, id: &str) -> Result<Recorded<Carried<HandOver>>, Stop> {
    let who = cx.person().ok_or_else(|| Fault::new("people_only"))?;
    let missing = || Fault::new("not_found");
    let read = cx.read()?;
    let job = Uid::parse_typeid(PREFIX, id).map(|id| Job::read(cx.engine, &*read, id)).transpose()?;
    drop(read);
    let mut job = job.flatten().filter(|job| job.body.heir == Some(who)).ok_or_else(missing)?;
    if job.state != State::Waiting {
        return Err(Fault::new("hand_over_taken").into());
    }
    let mut set = WriteSet::new(TENANT);
    if job.body.dossiers > 0 {
        match cx.gate(asking(cx, &job, id, who)?)? {
            Gate::Go(passed) => set.ops = passed,
            Gate::Stay(waiting) => return Ok(waiting.map(Carried::Waits)),
        }
    }
    job.state = if job.body.dossiers > 0 { State::Running } else { State::Done };
    let set = set.op(job.put(cx.engine)?);
    let answer = Carried::Done(shown(cx, &job));
    match cx.commit(set, &job.entry()) {
        Ok(committed) => Ok(cx.committed(committed, answer)),
        Err(error) => match again(error)? {
            Conflict::Job { .. } => Err(Stop::Again),
            other => Err(unexpected(&other)),
        },
    }
}

/// The change of owner, as flows see it. What is in the dossiers is not looked at one by one: it counts as of the highest
/// level.
fn asking<'a>(cx: &Context<'_>, job: &Job, id: &str, who: Uid) -> Result<Asking<'a>, Stop> {
    let (_, kind) = cx.view_of(KindId::CUSTOMER)?;
    let body = &job.body;
    let facts = Facts {
        owner: Some(Turn { from: body.number, to: cx.number() }),
        team: Some(Turn { from: body.of, to: body.of }),
        count: body.dossiers,
        highest: Level::L4,
        ..Facts::of(Command::Change, Some(kind))
    };
    let (from, to) = (cx.snapshot.who(1, body.from), cx.snapshot.who(1, who));
    Ok(Asking {
        facts,
        records: BTreeMap::new(),
        work: Work::TakeOver(id.to_owned()),
        meaning: json!([body.number, who]),
        about: None,
        difference: Some(format!("owner: {from} → {to}\ndossiers: {}", body.dossiers)),
        remark: None,
        once: None,
    })
}
