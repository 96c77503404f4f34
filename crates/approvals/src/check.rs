//! Whether a flow makes sense, before it is kept: everything that is wrong with it at once, each at its place.

use crate::able;
use crate::command::Command;
use crate::condition::Condition;
use crate::flow::{Apart, Flow, Trigger};
use crate::organisation::Organisation;
use crate::step::{Quorum, Step, Who};
use dossier_access::Roles;
use dossier_model::fault::{Fault, Problem};
use dossier_model::id::Uid;
use dossier_model::kind::Kinds;
use std::collections::BTreeSet;

const MOST_NAME: usize = 60;
const MOST_STEPS: usize = 8;
const MOST_PEOPLE: usize = 20;
const MOST_THEN: usize = 3;
/// Ninety days.
const MOST_MINUTES: u32 = 90 * 24 * 60;

/// Checks a flow against the kinds, the roles and the people there are.
///
/// # Errors
/// `fields_invalid`, with each problem at its place (`steps.0.who`).
pub fn check(flow: &Flow, kinds: &Kinds, roles: &Roles, organisation: &Organisation) -> Result<(), Fault> {
    let mut problems = Vec::new();
    for (name, place) in [(&flow.name.zh, "name.zh"), (&flow.name.en, "name.en")] {
        if name.trim().is_empty() {
            problems.push(Fault::new("required").field(place));
        }
        range(name.chars().count(), 0, MOST_NAME, place, &mut problems);
    }
    range(flow.approve_within, 1, MOST_MINUTES, "approve_within", &mut problems);
    range(flow.execute_within, 1, MOST_MINUTES, "execute_within", &mut problems);
    if flow.bulk && flow.when.commands.iter().any(|command| command.is_grave()) {
        problems.push(Fault::new("flow_never_in_bulk").field("bulk"));
    }
    trigger(&flow.when, kinds, &mut problems);
    range(flow.steps.len(), 1, MOST_STEPS, "steps", &mut problems);
    for (place, step) in flow.steps.iter().enumerate() {
        check_step(step, place, flow.approve_within, &mut problems);
        for (group, who) in step.groups().enumerate() {
            let at = if group == 0 {
                format!("steps.{place}.who")
            } else {
                format!("steps.{place}.then.{}", group - 1)
            };
            check_who(who, roles, organisation, &at, &mut problems);
        }
    }
    if problems.is_empty()
        && let Err(place) = possible(flow, organisation)
    {
        problems.push(Fault::new("flow_nobody").field(format!("steps.{place}")));
    }
    if problems.is_empty() { Ok(()) } else { Err(Fault::many(problems)) }
}

fn range<N: TryInto<u64>>(
    number: N,
    least: u32,
    most: impl TryInto<u64>,
    place: &str,
    to: &mut Vec<Problem>,
) {
    let (number, most) = (number.try_into().unwrap_or(u64::MAX), most.try_into().unwrap_or(u64::MAX));
    if !(u64::from(least)..=most).contains(&number) {
        let fault = Fault::new("flow_range").with("least", least.to_string()).with("most", most.to_string());
        to.push(fault.field(place));
    }
}

fn trigger(when: &Trigger, kinds: &Kinds, problems: &mut Vec<Problem>) {
    if when.commands.is_empty() {
        problems.push(Fault::new("required").field("when.commands"));
    }
    let all = |is: fn(Command) -> bool| when.commands.iter().all(|command| is(*command));
    let kind = when.kind.map(|kind| kinds.get(kind));
    if matches!(kind, Some(None)) || (kind.is_some() && !all(Command::has_kind)) {
        problems.push(Fault::new("flow_kind").field("when.kind"));
    }
    if !when.fields.is_empty() {
        let known = |number: &u16| kind.flatten()?.field(*number).filter(|field| field.enabled);
        if !all(Command::has_fields) {
            problems.push(Fault::new("flow_without_fields").field("when.fields"));
        } else if let Some(number) = when.fields.iter().find(|number| known(number).is_none()) {
            problems.push(Fault::new("flow_field").with("number", number.to_string()).field("when.fields"));
        }
    }
    if !when.moves.is_empty() && !all(|command| command == Command::Change) {
        problems.push(Fault::new("flow_without_moves").field("when.moves"));
    }
    if let Some(Err(fault)) = when.condition.as_deref().map(Condition::parse) {
        problems.push(fault.field("when.condition"));
    }
}

fn check_step(step: &Step, place: usize, approve_within: u32, problems: &mut Vec<Problem>) {
    let at = |part: &str| format!("steps.{place}.{part}");
    if let Quorum::AtLeast(many) = step.quorum {
        range(many, 1, MOST_PEOPLE, &at("quorum"), problems);
    }
    if let Some(percent) = step.spot {
        range(percent, 1, 100_u32, &at("spot"), problems);
    }
    if let Some(limit) = step.limit {
        range(limit, 1, MOST_MINUTES, &at("limit"), problems);
        let whole = u64::from(limit).saturating_mul(step.groups().count() as u64);
        if !step.then.is_empty() && whole > u64::from(approve_within) {
            problems.push(
                Fault::new("flow_too_long").with("most", approve_within.to_string()).field(at("limit")),
            );
        }
    }
    match (step.limit, step.remind) {
        (None, Some(_)) => problems.push(Fault::new("flow_without_limit").field(at("remind"))),
        (Some(limit), Some(remind)) => range(remind, 1, limit.saturating_sub(1), &at("remind"), problems),
        _ => {}
    }
    if step.limit.is_none() && !step.then.is_empty() {
        problems.push(Fault::new("flow_without_limit").field(at("then")));
    }
    range(step.then.len(), 0, MOST_THEN, &at("then"), problems);
    if step.groups().collect::<BTreeSet<&Who>>().len() < step.groups().count() {
        problems.push(Fault::new("flow_circle").field(at("then")));
    }
}

fn check_who(who: &Who, roles: &Roles, organisation: &Organisation, at: &str, problems: &mut Vec<Problem>) {
    match who {
        Who::Manager => {}
        Who::Role { role, .. } => {
            if roles.held(&[*role]).is_empty() {
                problems.push(Fault::new("flow_role").with("role", role.to_string()).field(at));
            }
        }
        Who::People(people) => {
            range(people.len(), 1, MOST_PEOPLE, at, problems);
            if people.iter().any(|person| !organisation.people.contains_key(person)) {
                problems.push(Fault::new("flow_person").field(at));
            }
        }
    }
}

/// Whether there is anybody at all who could agree at each step, whoever asks: managers and places are taken to fit.
fn possible(flow: &Flow, organisation: &Organisation) -> Result<(), usize> {
    let people = |who: &Who| -> BTreeSet<Uid> {
        match who {
            Who::Manager => organisation.people.values().filter_map(|person| person.manager).collect(),
            Who::Role { role, .. } => {
                let all = organisation.people.iter().filter(|(_, person)| person.roles.contains(role));
                all.map(|(id, _)| *id).collect()
            }
            Who::People(people) => people.clone(),
        }
    };
    let steps: Vec<_> = flow
        .steps
        .iter()
        .enumerate()
        .map(|(place, step)| (place, able::least(step), step.groups().flat_map(people).collect()))
        .collect();
    able::possible(&steps, flow.apart == Apart::Each)
}
