//! What would change how somebody sees a field: each single change, tried out by deciding again.

use super::{Target, Verdict, edges};
use crate::action::{Action, Actions};
use crate::hours::Moment;
use crate::role::RoleId;
use crate::roles::Roles;
use crate::rules::{FieldRule, Holder, RoleRules, TeamRule};
use dossier_model::Level;
use dossier_model::scope::{Condition, Place};

/// A single change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// Waiting until the hours of a role.
    Wait(Moment),
    /// Giving somebody one more role.
    Give(RoleId),
    /// Taking a role from somebody.
    Take(RoleId),
    /// Moving somebody to the dossier's team.
    Team,
    /// Letting somebody answer for the dossier.
    Owner,
    /// Other rules for a role of the installation's own.
    Rule(RoleId, RuleChange),
}

/// What would be different in the rules of a role.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RuleChange {
    /// It gives this action.
    Action(Action),
    /// It reaches the dossier's team, region, industry or band too.
    Row(Condition),
    /// It shows the field so.
    Field(FieldRule),
    /// It sees up to this level.
    SeeTo(Level),
    /// It sees in clear up to this level.
    ClearTo(Level),
    /// It opens up to this level.
    OpenTo(Level),
}

impl RuleChange {
    /// The rules with it; none where they cannot be changed so.
    pub fn apply(self, rules: &RoleRules, target: &Target<'_>) -> Option<RoleRules> {
        let mut rules = rules.clone();
        match self {
            RuleChange::Action(action) => rules.actions = rules.actions.and(Actions::of(&[action])),
            RuleChange::Row(condition) => add(&mut rules, condition, &target.place)?,
            RuleChange::Field(rule) => {
                rules.fields.entry(target.kind.id.0).or_default().insert(target.field, rule);
            }
            RuleChange::SeeTo(level) => rules.see_to = level,
            RuleChange::ClearTo(level) => rules.clear_to = level,
            RuleChange::OpenTo(level) => rules.open_to = Some(level),
        }
        Some(rules)
    }
}

/// Adds where the dossier is to one of the conditions of a role's rows.
fn add(rules: &mut RoleRules, condition: Condition, place: &Place) -> Option<()> {
    let rows = &mut rules.rows;
    let (list, number) = match (condition, &mut rows.teams) {
        (Condition::Team, TeamRule::These(teams)) => (teams, place.team),
        (Condition::Region, _) => (rows.regions.as_mut()?, place.region),
        (Condition::Industry, _) => (rows.industries.as_mut()?, place.industry),
        (Condition::Band, _) => (rows.bands.as_mut()?, place.band),
        // Another rule for teams, or for the dossiers of all people, is no small change.
        (Condition::Team | Condition::Owner | Condition::Dossier, _) => return None,
    };
    list.push(number);
    Some(())
}

/// Each single change after which somebody sees a field in another form, with that form.
pub fn changes(roles: &Roles, holder: &Holder<'_>, target: &Target<'_>) -> Vec<(Change, Verdict)> {
    let now = decided(roles, holder, target);
    let more = |verdict: &Verdict| *verdict > now;
    let mut out = Vec::new();
    out.extend(wait(roles, holder, target, now).map(|(at, verdict)| (Change::Wait(at), verdict)));
    if target.place.team != holder.team {
        let lasting = lasting(holder, None);
        let moved = Holder { team: target.place.team, below: &[], roles: &lasting, ..*holder };
        out.push((Change::Team, decided(roles, &moved, target)));
    }
    if holder.number != 0 && target.place.owner != holder.number {
        let owned = Target { place: Place { owner: holder.number, ..target.place }, ..*target };
        out.push((Change::Owner, decided(roles, holder, &owned)));
    }
    let held = roles.held_at(holder.roles, holder.at);
    // What was granted to somebody else is nobody's to be given.
    for id in roles.ids().filter(|id| !matches!(id, RoleId::Grant(_)) && !held.contains(id)) {
        let with: Vec<RoleId> = holder.roles.iter().copied().chain([id]).collect();
        out.push((Change::Give(id), decided(roles, &Holder { roles: &with, ..*holder }, target)));
    }
    for id in held {
        out.extend(rule_changes(roles, id, holder, target));
    }
    out.retain(|(_, verdict)| more(verdict));
    for id in holder.roles {
        // With a role that somebody loses goes what they were granted; a grant alone ends alone.
        let left = match id {
            RoleId::Grant(_) => holder.roles.iter().copied().filter(|other| other != id).collect(),
            _ => lasting(holder, Some(*id)),
        };
        let verdict = decided(roles, &Holder { roles: &left, ..*holder }, target);
        if verdict < now {
            out.push((Change::Take(*id), verdict));
        }
    }
    out
}

/// What stays with somebody who moves or loses a role: all that they were not granted for a time.
fn lasting(holder: &Holder<'_>, lost: Option<RoleId>) -> Vec<RoleId> {
    let stays = |id: &RoleId| !matches!(id, RoleId::Grant(_)) && Some(*id) != lost;
    holder.roles.iter().copied().filter(stays).collect()
}

fn decided(roles: &Roles, holder: &Holder<'_>, target: &Target<'_>) -> Verdict {
    Verdict::of(&roles.view(holder, target.kind), target)
}

/// The next moment at which more is seen, without anybody doing anything.
fn wait(roles: &Roles, holder: &Holder<'_>, target: &Target<'_>, now: Verdict) -> Option<(Moment, Verdict)> {
    let mut held = roles.held_at(holder.roles, holder.at);
    edges(roles, holder.roles, holder.at).into_iter().find_map(|at| {
        let then = roles.held_at(holder.roles, at);
        if then == held {
            return None;
        }
        held = then;
        let verdict = decided(roles, &Holder { at, ..*holder }, target);
        (verdict > now).then_some((at, verdict))
    })
}

/// What other rules of a role would bring; a built-in one stays as it is.
fn rule_changes(
    roles: &Roles,
    id: RoleId,
    holder: &Holder<'_>,
    target: &Target<'_>,
) -> Vec<(Change, Verdict)> {
    let Some(role) = roles.get(id).filter(|_| matches!(id, RoleId::Own(_))) else { return Vec::new() };
    let rules = &role.rules;
    let missing = [Action::Read, Action::Reveal].into_iter().filter(|action| !rules.actions.has(*action));
    let level = target.level;
    let ceilings = [
        (rules.see_to < level).then_some(RuleChange::SeeTo(level)),
        (rules.clear_to < level).then_some(RuleChange::ClearTo(level)),
        rules.open_to.is_none_or(|most| most < level).then_some(RuleChange::OpenTo(level)),
    ];
    let all = missing
        .map(RuleChange::Action)
        .chain(rules.rows.misses(holder, &target.place).map(RuleChange::Row))
        .chain([FieldRule::Masked, FieldRule::Openable, FieldRule::Clear].map(RuleChange::Field))
        .chain(ceilings.into_iter().flatten());
    let mut seen = Vec::new();
    let tried = all.filter_map(|change| {
        let other = roles.with(id, change.apply(rules, target)?, &[target.kind]);
        let verdict = decided(&other, holder, target);
        // Of two rules for the field that bring the same the smaller one is enough.
        let same = matches!(change, RuleChange::Field(_)) && seen.contains(&verdict);
        if matches!(change, RuleChange::Field(_)) {
            seen.push(verdict);
        }
        (!same).then_some((Change::Rule(id, change), verdict))
    });
    tried.collect()
}
