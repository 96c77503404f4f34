//! The decision itself.

use crate::action::{Action, Actions};
use crate::rows::Rows;
use crate::sight::{Form, Sight};
use crate::{Place, Scope};
use dossier_model::Level;
use dossier_model::fault::Fault;
use dossier_model::kind::{Field, Kind, KindId};
use dossier_model::mask::Mask;
use std::borrow::Cow;

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
#[derive(Clone)]
pub struct Reach<'v> {
    actions: Actions,
    sight: Cow<'v, Sight>,
}

/// Proof that an action was allowed when it was asked for; the engine's functions cannot be called without it.
#[derive(Clone, Copy, Debug)]
pub struct Permit {
    action: Action,
}

impl Permit {
    pub(crate) fn of(actions: Actions, action: Action) -> Result<Permit, Fault> {
        if actions.has(action) {
            Ok(Permit { action })
        } else {
            Err(Fault::new("action_not_allowed").with("action", action.name()))
        }
    }

    /// The action that was allowed.
    pub fn action(&self) -> Action {
        self.action
    }
}

impl View {
    pub(crate) fn of(kind: &Kind, parts: Vec<Part>) -> View {
        View { kind: kind.id, parts, nothing: Sight::none(kind) }
    }

    /// What this view and another one over the same kind both allow: where each of them reaches a record, the actions that
    /// each of them has, and each field in the lesser form.
    #[must_use]
    pub fn both(&self, other: &View) -> View {
        let pair = |mine: &Part, theirs: &Part| {
            let mut sight = mine.sight.clone();
            sight.limit(&theirs.sight);
            let actions = mine.actions.within(theirs.actions);
            Some(Part { scope: mine.scope.both(&theirs.scope)?, actions, sight })
        };
        let pairs = self.parts.iter().flat_map(|mine| other.parts.iter().map(move |theirs| (mine, theirs)));
        let mut parts: Vec<Part> = pairs.filter_map(|(mine, theirs)| pair(mine, theirs)).collect();
        parts.sort_by(|one, next| one.scope.cmp(&next.scope));
        View { kind: self.kind, parts, nothing: self.nothing.clone() }
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

    /// The rows in which a field that is sealed at this level is shown in clear to whoever sees them.
    pub fn clear_rows(&self, field: u16, level: Level) -> Rows {
        let clear =
            |part: &&Part| part.actions.has(Action::Read) && part.sight.form(field, level) == Form::Clear;
        Rows::of(self.parts.iter().filter(clear).map(|part| part.scope.clone()))
    }

    /// Whether a record of this place is seen at all.
    pub fn reads(&self, place: &Place) -> bool {
        self.parts.iter().any(|part| part.actions.has(Action::Read) && part.scope.contains(place))
    }

    /// What holds for a record of this place.
    pub fn at(&self, place: &Place) -> Reach<'_> {
        self.together(|part| part.scope.contains(place))
    }

    /// What holds for some record at least: for forms and choosers.
    pub fn anywhere(&self) -> Reach<'_> {
        self.together(|_| true)
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

    fn together(&self, which: impl Fn(&Part) -> bool) -> Reach<'_> {
        let mut of = self.parts.iter().filter(|part| which(part));
        let Some(first) = of.next() else {
            return Reach { actions: Actions::NONE, sight: Cow::Borrowed(&self.nothing) };
        };
        let all = Reach { actions: first.actions, sight: Cow::Borrowed(&first.sight) };
        of.fold(all, |mut all, part| {
            all.actions = all.actions.and(part.actions);
            all.sight.to_mut().add(&part.sight);
            all
        })
    }
}

impl Reach<'_> {
    /// Whether an action is allowed.
    pub fn may(&self, action: Action) -> bool {
        self.actions.has(action)
    }

    /// Allows an action.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn permit(&self, action: Action) -> Result<Permit, Fault> {
        Permit::of(self.actions, action)
    }

    /// The form in which a field is shown that is sealed at this level. Unknown and disabled fields are hidden.
    pub fn form(&self, field: u16, level: Level) -> Form {
        self.sight.form(field, level)
    }

    /// The mask that is laid over the default one where the field is masked at this level; none where that alone is shown.
    pub fn mask(&self, field: u16, level: Level) -> Option<&Mask> {
        self.sight.mask(field, level)
    }

    /// Whether a masked value of this field at this level may be opened with a purpose.
    pub fn may_reveal(&self, field: u16, level: Level) -> bool {
        self.may(Action::Reveal) && self.sight.is_openable(field, level)
    }

    /// Whether nothing holds here that does not hold there: no action more, no field in a better form.
    pub fn is_within(&self, other: &Reach<'_>) -> bool {
        self.actions.and(other.actions) == other.actions && self.sight.is_within(&other.sight)
    }

    /// Whether this field may be written: it must not be hidden at its declared level.
    pub fn may_write(&self, field: &Field) -> bool {
        [Action::Create, Action::Change, Action::Import].iter().any(|action| self.may(*action))
            && self.form(field.number, field.level) != Form::Hidden
    }
}
