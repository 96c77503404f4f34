//! The decision itself.

use crate::action::{Action, Actions};
use crate::rows::{Place, Rows, Scope};
use crate::sight::{Form, Sight};
use dossier_model::Level;
use dossier_model::fault::Fault;
use dossier_model::kind::{Field, Kind, KindId};

/// What holds in one scope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Part {
    pub scope: Scope,
    pub actions: Actions,
    pub sight: Sight,
}

/// What one principal may do with records of one kind at one moment: in some rows this, in others more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    kind: KindId,
    /// In the order of their scopes; none of them says nothing.
    parts: Vec<Part>,
    nothing: Sight,
}

/// What holds for one record, or for records of which no more is known than that the view reaches them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reach {
    actions: Actions,
    sight: Sight,
}

/// Proof that an action was allowed when it was asked for; the engine's functions cannot be called without it.
#[derive(Clone, Copy, Debug)]
pub struct Permit {
    action: Action,
}

impl Permit {
    /// The action that was allowed.
    pub fn action(&self) -> Action {
        self.action
    }
}

impl View {
    pub(crate) fn of(kind: &Kind, parts: Vec<Part>) -> View {
        View { kind: kind.id, parts, nothing: Sight::none(kind) }
    }

    /// The kind that the view is over.
    pub fn kind(&self) -> KindId {
        self.kind
    }

    /// The rows with whose records an action is allowed; [`Action::Read`]: the rows that are seen.
    pub fn rows(&self, action: Action) -> Rows {
        let parts = self.parts.iter().filter(|part| part.actions.has(action));
        Rows::of(parts.map(|part| part.scope.clone()))
    }

    /// What holds for a record of this place.
    pub fn at(&self, place: &Place) -> Reach {
        self.together(|part| part.scope.contains(place), Sight::add)
    }

    /// What holds for some record at least: for forms and choosers.
    pub fn anywhere(&self) -> Reach {
        self.together(|_| true, Sight::add)
    }

    /// What is shown of every record that is seen: what may be filtered and sorted by.
    pub fn everywhere(&self) -> Sight {
        let mut seen = self.parts.iter().filter(|part| part.actions.has(Action::Read));
        let Some(first) = seen.next() else { return self.nothing.clone() };
        seen.fold(first.sight.clone(), |mut all, part| {
            all.limit(&part.sight);
            all
        })
    }

    fn together(&self, which: impl Fn(&Part) -> bool, add: impl Fn(&mut Sight, &Sight)) -> Reach {
        let mut of = self.parts.iter().filter(|part| which(part));
        let Some(first) = of.next() else {
            return Reach { actions: Actions::NONE, sight: self.nothing.clone() };
        };
        let all = Reach { actions: first.actions, sight: first.sight.clone() };
        of.fold(all, |mut all, part| {
            all.actions = all.actions.and(part.actions);
            add(&mut all.sight, &part.sight);
            all
        })
    }
}

impl Reach {
    /// Whether an action is allowed.
    pub fn may(&self, action: Action) -> bool {
        self.actions.has(action)
    }

    /// Allows an action.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn permit(&self, action: Action) -> Result<Permit, Fault> {
        if self.may(action) {
            Ok(Permit { action })
        } else {
            Err(Fault::new("action_not_allowed").with("action", action.name()))
        }
    }

    /// The form in which a field is shown that is sealed at this level. Unknown and disabled fields are hidden.
    pub fn form(&self, field: u16, level: Level) -> Form {
        self.sight.form(field, level)
    }

    /// Whether a masked value of this field at this level may be opened with a purpose.
    pub fn may_reveal(&self, field: u16, level: Level) -> bool {
        self.may(Action::Reveal) && self.sight.is_openable(field, level)
    }

    /// Whether this field may be written: it must not be hidden at its declared level.
    pub fn may_write(&self, field: &Field) -> bool {
        [Action::Create, Action::Change, Action::Import].iter().any(|action| self.may(*action))
            && self.form(field.number, field.level) != Form::Hidden
    }
}
