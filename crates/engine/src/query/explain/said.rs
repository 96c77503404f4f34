//! Explanations in words.

use super::asked::{Asked, TheField};
use crate::context::Context;
use crate::people::Must;
use dossier_access::{Change, FieldRule, Moment, RuleChange, Step, Verdict, Way};
use serde::Serialize;

/// What keeps a person or a program from everything, whatever their roles say. What else has to be met before anything is
/// seen (training) joins here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GateSaid {
    /// They were disabled.
    Disabled,
    /// The person was invited and has not come yet.
    NotSetUp,
    /// Another password has to be chosen first.
    Password,
    /// A second factor has to be taken up first.
    SecondFactor,
}

impl From<Must> for GateSaid {
    fn from(must: Must) -> GateSaid {
        match must {
            Must::Password => GateSaid::Password,
            Must::SecondFactor => GateSaid::SecondFactor,
        }
    }
}

/// The chain of one role.
#[derive(Serialize)]
pub struct WaySaid {
    /// Name of the role.
    pub role: String,
    /// Names of the roles that take over from it, the one that was given first.
    pub over: Vec<String>,
    /// Whether the verdict is due to it.
    pub decides: bool,
    /// What is asked, in order.
    pub links: Vec<LinkSaid>,
}

/// A link of a chain.
#[derive(Serialize)]
pub struct LinkSaid {
    /// `hours`, `action`, `rows`, `field`, `see_to`, `clear_to` or `open_to`.
    pub step: &'static str,
    /// The action; the condition of the rows that is not met; the field's rule; the level up to which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<&'static str>,
    /// Whether it lets pass.
    pub passes: bool,
    /// Whether the verdict is due to it.
    pub decides: bool,
}

/// A single change, and what would be seen then.
#[derive(Serialize)]
pub struct ChangeSaid {
    /// `wait`, `give` (a role), `take` (a role), `team`, `owner` or `rule` (of a role).
    pub change: &'static str,
    /// Name of the role; none for one that the caller may not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What of its rules: `action`, `rows`, `field`, `see_to`, `clear_to` or `open_to`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<&'static str>,
    /// What it would be: an action, a condition, a field's rule, a level; the name of the team; the time, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How the field is seen then.
    pub verdict: &'static str,
}

/// A chain; none of its links decides where a gate does.
pub(super) fn way(cx: &Context<'_>, way: Way, gated: bool) -> WaySaid {
    let link = |link: &dossier_access::Link| {
        let (step, of) = step(link.step);
        LinkSaid { step, of, passes: link.passes, decides: link.decides && !gated }
    };
    WaySaid {
        role: cx.snapshot.role_name(way.role),
        over: cx.snapshot.role_names(&way.over),
        decides: way.decides && !gated,
        links: way.links.iter().map(link).collect(),
    }
}

fn step(step: Step) -> (&'static str, Option<&'static str>) {
    match step {
        Step::Hours => ("hours", None),
        Step::Action(action) => ("action", Some(action.name())),
        Step::Rows(misses) => ("rows", misses.map(dossier_access::Condition::name)),
        Step::Field(rule) => ("field", rule.map(FieldRule::name)),
        Step::SeeTo(level) => ("see_to", Some(level.as_str())),
        Step::ClearTo(level) => ("clear_to", Some(level.as_str())),
        Step::OpenTo(level) => ("open_to", level.map(dossier_model::Level::as_str)),
    }
}

/// Changes in words. Whoever does not give rights is told neither the names of other roles nor what stands in them: of those
/// that would bring the same one alone is said, without its name.
pub(super) fn changes(
    cx: &Context<'_>,
    asked: &Asked,
    field: &TheField<'_>,
    found: Vec<(Change, Verdict)>,
) -> Vec<ChangeSaid> {
    let mut out: Vec<ChangeSaid> = Vec::new();
    for (change, verdict) in found {
        let plain = ChangeSaid { change: "wait", role: None, step: None, to: None, verdict: verdict.name() };
        let name = |role| Some(cx.snapshot.role_name(role));
        let said = match change {
            Change::Wait(at) => ChangeSaid { to: Some(time(at)), ..plain },
            Change::Give(role) if asked.may_know(role) => {
                ChangeSaid { change: "give", role: name(role), ..plain }
            }
            Change::Give(_) => ChangeSaid { change: "give", ..plain },
            Change::Take(role) => ChangeSaid { change: "take", role: name(role), ..plain },
            Change::Team => {
                ChangeSaid { change: "team", to: Some(cx.snapshot.team_name(field.found.row.team)), ..plain }
            }
            Change::Owner => ChangeSaid { change: "owner", ..plain },
            Change::Rule(..) if !asked.keeps => continue,
            Change::Rule(role, rule) => {
                let (step, to) = rule_change(rule);
                ChangeSaid {
                    change: "rule",
                    role: name(role),
                    step: Some(step),
                    to: Some(to.to_owned()),
                    ..plain
                }
            }
        };
        let nameless = |one: &ChangeSaid| one.change == "give" && one.role.is_none();
        if !nameless(&said) || !out.iter().any(|one| nameless(one) && one.verdict == said.verdict) {
            out.push(said);
        }
    }
    out
}

fn rule_change(rule: RuleChange) -> (&'static str, &'static str) {
    match rule {
        RuleChange::Action(action) => ("action", action.name()),
        RuleChange::Row(condition) => ("rows", condition.name()),
        RuleChange::Field(rule) => ("field", rule.name()),
        RuleChange::SeeTo(level) => ("see_to", level.as_str()),
        RuleChange::ClearTo(level) => ("clear_to", level.as_str()),
        RuleChange::OpenTo(level) => ("open_to", level.as_str()),
    }
}

/// A moment of China's time, which has had one offset since 1991.
fn time(at: Moment) -> String {
    format!("{}T{:02}:{:02}:00+08:00", at.day, at.minute / 60, at.minute % 60)
}
