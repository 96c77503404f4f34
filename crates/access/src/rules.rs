//! A role as it is kept: what it takes over from others, what it may do, in which rows, and how it sees each field.

use crate::Scope;
use crate::action::Actions;
use crate::hours::Hours;
use crate::role::RoleId;
use crate::sight::{CLEAR, HIDDEN, MASKED, OPENABLE};
use dossier_model::Level;
use dossier_model::kind::KindId;
use dossier_model::mask::Mask;
use dossier_model::scope::{Condition, Place};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a role sees a field. A field that no rule names is hidden.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldRule {
    /// Through its mask.
    Masked,
    /// Through its mask, and to be opened with a purpose, up to the role's `open_to`.
    Openable,
    /// As it is, up to the role's `clear_to`; above that as `Openable`.
    Clear,
}

impl FieldRule {
    /// Its name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            FieldRule::Masked => "masked",
            FieldRule::Openable => "openable",
            FieldRule::Clear => "clear",
        }
    }
}

/// The teams of a row rule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeamRule {
    /// Every team.
    All,
    /// The holder's own team.
    Own,
    /// The holder's own team and those below it.
    OwnAndBelow,
    /// These, by number.
    These(Vec<u32>),
}

/// Which dossiers a role reaches: those that meet everything that is said here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowRule {
    /// Whose they are.
    pub teams: TeamRule,
    /// In these regions only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<Vec<u32>>,
    /// Of these industries only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industries: Option<Vec<u32>>,
    /// In these bands of value only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bands: Option<Vec<u32>>,
    /// Only those that the holder answers for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
    /// Only these, by internal number: what somebody applied for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dossiers: Option<Vec<i64>>,
}

impl RowRule {
    /// Dossiers of these teams, whatever else they are.
    pub fn teams(teams: TeamRule) -> RowRule {
        RowRule { teams, regions: None, industries: None, bands: None, own: false, dossiers: None }
    }

    /// The first condition that a dossier does not meet for somebody; none where the rule reaches it.
    pub(crate) fn misses(&self, holder: &Holder<'_>, place: &Place) -> Option<Condition> {
        let nobody = self.own && holder.number == 0;
        if nobody { Some(Condition::Owner) } else { self.scope(holder).misses(place) }
    }

    /// What the rule means for somebody.
    pub fn scope(&self, holder: &Holder<'_>) -> Scope {
        let teams = match &self.teams {
            // Whoever has no number answers for nothing; nobody's dossiers are not theirs.
            _ if self.own && holder.number == 0 => Some(Vec::new()),
            TeamRule::All => None,
            TeamRule::Own => Some(vec![holder.team]),
            TeamRule::OwnAndBelow => Some(sorted(holder.below.iter().chain([&holder.team]))),
            TeamRule::These(teams) => Some(sorted(teams)),
        };
        let listed = |list: &Option<Vec<u32>>| list.as_ref().map(sorted);
        Scope {
            teams,
            regions: listed(&self.regions),
            industries: listed(&self.industries),
            bands: listed(&self.bands),
            owner: self.own.then_some(holder.number),
            dossiers: self.dossiers.as_ref().map(sorted),
        }
    }
}

fn sorted<'a, T: Copy + Ord + 'a>(numbers: impl IntoIterator<Item = &'a T>) -> Vec<T> {
    let mut all: Vec<T> = numbers.into_iter().copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Whoever holds roles, at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// The roles that were given to them.
    pub roles: &'a [RoleId],
    /// Their team.
    pub team: u32,
    /// The teams below it, at any depth.
    pub below: &'a [u32],
    /// Their number as an owner of dossiers; 0 for whoever cannot be one.
    pub number: u32,
    /// When they ask.
    pub at: crate::hours::Moment,
}

/// The rules of a role. What it takes over is added: roles only ever give.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRules {
    /// Roles whose rules it has as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherits: Vec<RoleId>,
    /// What may be done.
    pub actions: Actions,
    /// With which dossiers.
    pub rows: RowRule,
    /// The highest level that is seen at all.
    pub see_to: Level,
    /// The highest level that is seen in clear where the field's rule says so.
    pub clear_to: Level,
    /// The highest level that may be opened where the field's rule says so; none when nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_to: Option<Level>,
    /// By kind and number of the field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<u16, BTreeMap<u16, FieldRule>>,
    /// Masks of its own, by kind and number of the field: what is laid over the default one wherever it shows the field
    /// masked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub masks: BTreeMap<u16, BTreeMap<u16, Mask>>,
    /// When it holds, and what it takes over with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
}

/// What a role makes of a field at a level, and what that is due to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Shows {
    pub known: u8,
    pub due: Due,
}

/// What a form is due to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Due {
    /// The rule of the field, or that there is none.
    Rule,
    /// The level is above what the role sees at all.
    SeeTo,
    /// The level is above what the role sees in clear.
    ClearTo,
    /// The level is above what the role opens.
    OpenTo,
}

impl Shows {
    /// There is no rule.
    pub const NOTHING: Shows = Shows { known: HIDDEN, due: Due::Rule };
}

impl RoleRules {
    /// The form in which a field is shown at a level, without what is taken over from other roles.
    pub(crate) fn shows(&self, kind: KindId, field: u16, level: Level) -> Shows {
        let opens = self.open_to.is_some_and(|most| level <= most);
        let (known, due) = match self.rule(kind, field) {
            None => return Shows::NOTHING,
            Some(_) if level > self.see_to => (HIDDEN, Due::SeeTo),
            Some(FieldRule::Clear) if level <= self.clear_to => (CLEAR, Due::Rule),
            Some(FieldRule::Clear) => (if opens { OPENABLE } else { MASKED }, Due::ClearTo),
            Some(FieldRule::Openable) if opens => (OPENABLE, Due::Rule),
            Some(FieldRule::Openable) => (MASKED, Due::OpenTo),
            Some(FieldRule::Masked) => (MASKED, Due::Rule),
        };
        Shows { known, due }
    }

    /// The rule of a field; none where it is hidden.
    pub(crate) fn rule(&self, kind: KindId, field: u16) -> Option<FieldRule> {
        self.fields.get(&kind.0)?.get(&field).copied()
    }

    /// Its own mask of a field.
    pub(crate) fn mask(&self, kind: KindId, field: u16) -> Option<&Mask> {
        self.masks.get(&kind.0)?.get(&field)
    }
}
