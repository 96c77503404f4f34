//! What people do with a request.

use super::parked::{PREFIX, Parked};
use super::show::RequestShown;
use crate::context::{Context, Recorded, Stop, again, unexpected};
use crate::ledger::entry::{Deed, Note};
use crate::{Caller, Engine, TENANT};
use dossier_approvals::{Asker, Event, Notice, Remark, Request, State};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_store::{Conflict, Read, WriteSet};

/// What somebody does.
#[derive(Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Agrees.
    Agree,
    /// Refuses, which ends it; says why.
    Refuse,
    /// Hands their place over (转交) to somebody, by name or id.
    PassOn(String),
    /// Asks that somebody agrees as well (加签).
    Add(String),
    /// Says something.
    Comment,
    /// Takes it back (撤回).
    Recall,
}

impl Verdict {
    fn name(&self) -> &'static str {
        match self {
            Verdict::Agree => "agreed",
            Verdict::Refuse => "refused",
            Verdict::PassOn(_) => "passed_on",
            Verdict::Add(_) => "added",
            Verdict::Comment => "commented",
            Verdict::Recall => "recalled",
        }
    }
}

/// What somebody does with a request.
pub struct Deciding {
    /// What.
    pub verdict: Verdict,
    /// What they add to it; needed by a refusal and a comment.
    pub remark: Option<String>,
    /// Whether together with others.
    pub bulk: bool,
}

impl Engine {
    /// Does something with a request. Who agrees last has it carried out at once, in the name of whoever asked.
    ///
    /// # Errors
    /// `people_only`, `not_found`; `self_approval`, `approval_twice`, `approval_not_asked`, `approval_ended` and others
    /// that say why it is not for this person, or not any more; `required` where words are needed.
    pub fn decide(&self, caller: &Caller, id: &str, decision: &Deciding) -> Result<RequestShown, Fault> {
        let agreed = self.guarded(caller, Deed::ApprovalDecide, |cx| decide(cx, id, decision))?;
        if let Some(id) = agreed {
            // The agreement is kept; what cannot be done at once is tried again.
            if let Err(fault) = self.carry_out(id, &caller.origin) {
                tracing::error!(code = fault.code(), "an approved request is not carried out yet");
            }
        }
        self.request(caller, id)
    }
}

/// The request of a public id, if somebody has a part in it.
pub(super) fn found(cx: &Context<'_>, read: &dyn Read, id: &str, who: Uid) -> Result<Parked, Fault> {
    let missing = || Fault::new("not_found");
    let id = Uid::parse_typeid(PREFIX, id).ok_or_else(missing)?;
    let parked = Parked::read(cx.engine, read, id)?.ok_or_else(missing)?;
    if has_part(cx, &parked, who) { Ok(parked) } else { Err(missing()) }
}

/// Whether somebody asked, or the program did that it is, or that they answer for.
pub(super) fn is_own(request: &Request, who: Uid) -> bool {
    matches!(request.asker, Asker::Program { id, .. } if id == who) || request.asker.person() == who
}

/// Whether somebody asked, decides or could, or has said something.
pub(super) fn has_part(cx: &Context<'_>, parked: &Parked, who: Uid) -> bool {
    let request = &parked.body.request;
    is_own(request, who)
        || request.said.iter().any(|said| said.by == who)
        || parked.body.asked.contains(&who)
        || request.deciders(cx.now, &cx.organisation()).contains(&who)
}

fn decide(cx: &Context<'_>, id: &str, decision: &Deciding) -> Result<Recorded<Option<Uid>>, Stop> {
    let engine = cx.engine;
    let (by, _) = cx.sitting()?;
    let read = cx.read()?;
    let mut parked = found(cx, &*read, id, by)?;
    let mut contents = parked.contents(engine, &*read)?;
    let remark = contents.say(engine, cx.now, decision.remark.as_deref())?;
    if remark.text.is_none() && matches!(decision.verdict, Verdict::Refuse | Verdict::Comment) {
        return Err(Fault::new("required").field("remark").into());
    }
    let said = remark.text.is_some();
    drop(read);
    let event = event(cx, &parked, &contents, by, decision, remark)?;
    let outcome = parked.body.request.apply(event, cx.now, &cx.organisation())?;
    let alone = outcome.notices.iter().any(|notice| matches!(notice, Notice::SingleKeeper(_)));
    let read = cx.read()?;
    if said {
        parked.fill(engine, &*read, &contents)?;
    }
    parked.end(engine, &*read, outcome.request)?;
    drop(read);
    let state = &parked.body.request.state;
    let step = if let State::Moved(_) = state { state.name() } else { decision.verdict.name() };
    let mut entry = parked.entry(Deed::ApprovalDecide);
    entry.note.retain(|(name, _)| *name != "step");
    entry =
        entry.note("step", Note::Text(step.to_owned())).note("state", Note::Text(state.name().to_owned()));
    if alone {
        entry = entry.note("alarm", Note::Text("single_keeper".to_owned()));
    }
    let agreed = matches!(state, State::Agreed(_)).then_some(parked.id);
    match cx.commit(WriteSet::new(TENANT).op(parked.put(engine, cx.now)?), &entry) {
        Ok(committed) => Ok(cx.committed(committed, agreed)),
        Err(error) => match again(error)? {
            Conflict::Job { .. } => Err(Stop::Again),
            other => Err(unexpected(&other)),
        },
    }
}

fn event(
    cx: &Context<'_>,
    parked: &Parked,
    contents: &super::parked::Contents,
    by: Uid,
    decision: &Deciding,
    remark: Remark,
) -> Result<Event, Stop> {
    let person = |text: &str| {
        let found = cx.snapshot.user(text).filter(|(_, user)| !user.disabled);
        found.map(|(id, _)| id).ok_or_else(|| Fault::new("user_not_found").field("person"))
    };
    Ok(match &decision.verdict {
        Verdict::Agree => {
            // Nothing is looked up for whoever may not decide.
            parked.body.request.may_decide(by, cx.now, &cx.organisation())?;
            let now = cx.binding_now(parked, contents.work.as_ref())?;
            Event::Agree { by, now, bulk: decision.bulk, remark }
        }
        Verdict::Refuse => Event::Refuse { by, remark },
        Verdict::PassOn(to) => Event::PassOn { by, to: person(to)?, remark },
        Verdict::Add(one) => Event::Add { by, person: person(one)?, remark },
        Verdict::Comment => Event::Comment { by, remark },
        Verdict::Recall => Event::Recall { by, remark },
    })
}
