//! A request: what is parked, who asked, what each flow that it met has come to, and how it ended.

use crate::binding::{Binding, Moved};
use crate::choice::Met;
use crate::command::Command;
use crate::facts::Facts;
use crate::lane::{Lane, Scene};
use crate::notice::Outcome;
use crate::organisation::{Asker, Organisation};
use dossier_model::Level;
use dossier_model::fault::{Fault, Lang};
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use serde::{Deserialize, Serialize};

/// Minutes in microseconds.
pub(crate) const MINUTE: i64 = 60 * Micros::SECOND;

/// What somebody adds to what they do. The text is sealed elsewhere, since it may be about a customer.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// The id of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Uid>,
    /// The ids of files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Uid>,
}

/// What somebody did with a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Asked.
    Asked,
    /// Agreed.
    Agreed,
    /// Refused.
    Refused,
    /// Handed over to somebody (转交).
    PassedOn(Uid),
    /// Asked somebody else to agree as well (加签).
    Added(Uid),
    /// Said something.
    Commented,
    /// Took it back (撤回).
    Recalled,
}

/// One thing that somebody did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// When.
    pub at: Micros,
    /// Who.
    pub by: Uid,
    /// What.
    pub what: What,
    /// What they added to it.
    #[serde(default)]
    pub remark: Remark,
}

/// Which of its two times a request has outlived.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// That in which it could be approved.
    Approve,
    /// That in which it could be executed.
    Execute,
}

/// What a request was dropped for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// Whoever asked, or answered for the program that did, is not there any more, or not with the rights they had.
    Asker,
    /// A flow that it met is not there any more.
    Flow,
    /// Whoever asked wants it no longer, by what they did since.
    Wish,
}

/// Where a request stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for approval.
    Waiting,
    /// It is approved, and may be executed until before this moment.
    Agreed(Micros),
    /// It was executed.
    Executed,
    /// It was approved and then not possible any more: the key of the error.
    Failed(String),
    /// This person refused.
    Refused(Uid),
    /// It was taken back.
    Recalled,
    /// Its time is over.
    Expired(Term),
    /// It lost its ground.
    Dropped(Gone),
    /// What it was asked on has moved on.
    Moved(Vec<Moved>),
}

impl State {
    /// Whether it stays so for ever.
    pub fn is_final(&self) -> bool {
        !matches!(self, State::Waiting | State::Agreed(_))
    }

    /// Its name in answers and errors.
    pub const fn name(&self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Agreed(_) => "agreed",
            State::Executed => "executed",
            State::Failed(_) => "failed",
            State::Refused(_) => "refused",
            State::Recalled => "recalled",
            State::Expired(_) => "expired",
            State::Dropped(_) => "dropped",
            State::Moved(_) => "moved",
        }
    }

    /// What people call it.
    pub const fn label(&self, lang: Lang) -> &'static str {
        match (self, lang) {
            (State::Waiting, Lang::Zh) => "待审批",
            (State::Agreed(_), Lang::Zh) => "已同意",
            (State::Executed, Lang::Zh) => "已执行",
            (State::Failed(_), Lang::Zh) => "执行失败",
            (State::Refused(_), Lang::Zh) => "已拒绝",
            (State::Recalled, Lang::Zh) => "已撤回",
            (State::Expired(_), Lang::Zh) => "已过期",
            (State::Dropped(_), Lang::Zh) => "已作废",
            (State::Moved(_), Lang::Zh) => "数据已变",
            (State::Failed(_), Lang::En) => "failed when executed",
            (State::Moved(_), Lang::En) => "its data has moved on",
            (_, Lang::En) => self.name(),
        }
    }
}

/// A request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The parked command's name.
    pub command: Command,
    /// The parked command and the state that it was asked on.
    pub binding: Binding,
    /// Who asked.
    pub asker: Asker,
    /// The dossier's team, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<u32>,
    /// Whether it may be approved together with others.
    pub bulk: bool,
    /// Each flow that it met: all of them have to agree, at the same time.
    pub lanes: Vec<Lane>,
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub since: Micros,
    /// When it was asked.
    pub asked: Micros,
    /// It can be approved until before this moment.
    pub approve_until: Micros,
    /// How many minutes after that it may be executed.
    pub execute_within: u32,
    /// The latest moment that it knows of. An earlier one counts as this one, so that nothing revives.
    pub seen: Micros,
    /// What people did, in order.
    pub said: Vec<Said>,
}

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Asking<'a> {
    /// Who asks.
    pub asker: Asker,
    /// What the command is about.
    pub facts: &'a Facts<'a>,
    /// The flows that it met, at least one.
    pub met: &'a [Met<'a>],
    /// The command and the state that it is asked on. Its flows are set here.
    pub binding: Binding,
    /// What the asker adds.
    pub remark: Remark,
}

impl Request {
    /// A new request. `draw` gives a number, evenly spread, for each spot check: the flow's place and the step's.
    /// It is asked for each once, and what it gives is kept. Let it give the same for the same command, so that nobody
    /// takes a request back and asks again until they are not checked.
    ///
    /// # Errors
    /// `approval_asker_gone` where nobody answers for it; `approval_nobody` where a step can never be satisfied by those
    /// who are there now.
    pub fn ask(
        asking: Asking<'_>,
        at: Micros,
        organisation: &Organisation,
        mut draw: impl FnMut(usize, usize) -> u32,
    ) -> Result<Outcome, Fault> {
        let Asking { asker, facts, met, mut binding, remark } = asking;
        if !asker.is_there(organisation) {
            return Err(Fault::new("approval_asker_gone"));
        }
        let first = |of: fn(&Met<'_>) -> u32| met.iter().map(of).min();
        let (Some(approve), Some(execute)) =
            (first(|met| met.flow.approve_within), first(|met| met.flow.execute_within))
        else {
            return Err(Fault::new("approval_flow_missing").with("command", facts.command.name()));
        };
        binding.flows = met.iter().map(|met| met.id).collect();
        let lanes = met.iter().enumerate().map(|(place, met)| Lane::new(met, |step| draw(place, step)));
        let mut request = Request {
            command: facts.command,
            binding,
            asker,
            team: facts.team.map(|team| team.from),
            bulk: met.iter().all(|met| met.flow.bulk)
                && !facts.command.is_grave()
                && facts.highest < Level::L4,
            lanes: lanes.collect(),
            state: State::Waiting,
            since: at,
            asked: at,
            approve_until: at.plus(i64::from(approve) * MINUTE),
            execute_within: execute,
            seen: at,
            said: vec![Said { at, by: asker.person(), what: What::Asked, remark }],
        };
        let scene = Scene { organisation, asker: &asker, team: request.team, at };
        for lane in &mut request.lanes {
            lane.check_possible(&scene)?;
            lane.advance(&scene);
        }
        request.settle(at);
        Ok(Outcome::between(None, request, &scene))
    }

    /// Goes on to be agreed once every flow is satisfied.
    pub(crate) fn settle(&mut self, at: Micros) {
        if self.state == State::Waiting && self.lanes.iter().all(Lane::is_done) {
            self.turn(State::Agreed(at.plus(i64::from(self.execute_within) * MINUTE)), at);
        }
    }

    pub(crate) fn turn(&mut self, state: State, at: Micros) {
        (self.state, self.since) = (state, at);
    }

    pub(crate) fn scene<'s>(&'s self, at: Micros, organisation: &'s Organisation) -> Scene<'s> {
        Scene { organisation, asker: &self.asker, team: self.team, at: at.max(self.seen) }
    }
}
