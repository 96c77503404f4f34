//! How each field of a kind is shown at each level.

use crate::rules::{FieldRule, RoleRules};
use dossier_model::Level;
use dossier_model::kind::Kind;

/// How a value leaves the engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Form {
    /// As it is.
    Clear = 1,
    /// Through its mask.
    Masked = 2,
    /// Not at all, not even its name.
    Hidden = 3,
}

/// What is known of a field at a level, the more the greater, so that rules are added by taking the greatest.
const HIDDEN: u8 = 0;
const MASKED: u8 = 1;
const OPENABLE: u8 = 2;
const CLEAR: u8 = 3;

const LEVELS: usize = Level::ALL.len();

/// The form of each field of a kind at each level. A number that is not here is hidden.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Sight(Vec<u8>);

impl Sight {
    /// Nothing of a kind.
    pub(crate) fn none(kind: &Kind) -> Sight {
        let size = kind.fields.iter().map(|field| usize::from(field.number) + 1).max().unwrap_or(0);
        Sight(vec![HIDDEN; size * LEVELS])
    }

    /// What the rules of a role show of a kind, without those that it takes over.
    pub(crate) fn of(rules: &RoleRules, kind: &Kind) -> Sight {
        let mut sight = Sight::none(kind);
        let Some(fields) = rules.fields.get(&kind.id.0) else { return sight };
        for field in kind.fields.iter().filter(|field| field.enabled) {
            let Some(rule) = fields.get(&field.number) else { continue };
            let at = usize::from(field.number) * LEVELS;
            for (cell, level) in sight.0.iter_mut().skip(at).zip(Level::ALL) {
                *cell = known(rules, *rule, *level);
            }
        }
        sight
    }

    /// Adds what another shows.
    pub(crate) fn add(&mut self, other: &Sight) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// Keeps only what another shows as well.
    pub(crate) fn limit(&mut self, other: &Sight) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).min(*theirs);
        }
    }

    /// Whether another shows all of this, as well or better.
    pub(crate) fn is_within(&self, other: &Sight) -> bool {
        self.0.iter().zip(&other.0).all(|(mine, theirs)| mine <= theirs)
    }

    /// The form in which a field is shown that is sealed at this level. Unknown and disabled fields are hidden.
    pub fn form(&self, field: u16, level: Level) -> Form {
        match self.at(field, level) {
            CLEAR => Form::Clear,
            MASKED | OPENABLE => Form::Masked,
            _ => Form::Hidden,
        }
    }

    /// Whether it is masked and the field's rule lets it be opened.
    pub fn is_openable(&self, field: u16, level: Level) -> bool {
        self.at(field, level) == OPENABLE
    }

    fn at(&self, field: u16, level: Level) -> u8 {
        let at = usize::from(field) * LEVELS + usize::from(level.as_u8()) - 1;
        self.0.get(at).copied().unwrap_or(HIDDEN)
    }
}

fn known(rules: &RoleRules, rule: FieldRule, level: Level) -> u8 {
    if level > rules.see_to {
        HIDDEN
    } else if rule == FieldRule::Clear && level <= rules.clear_to {
        CLEAR
    } else if rule >= FieldRule::Openable && rules.open_to.is_some_and(|most| level <= most) {
        OPENABLE
    } else {
        MASKED
    }
}
