//! How each field of a kind is shown at each level.

use crate::rules::RoleRules;
use dossier_model::Level;
use dossier_model::kind::Kind;
use dossier_model::mask::Mask;
use std::collections::BTreeMap;
use std::sync::Arc;

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
pub(crate) const HIDDEN: u8 = 0;
pub(crate) const MASKED: u8 = 1;
pub(crate) const OPENABLE: u8 = 2;
pub(crate) const CLEAR: u8 = 3;

const LEVELS: usize = Level::ALL.len();

/// The form of each field of a kind at each level. A number that is not here is hidden.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Sight {
    known: Vec<u8>,
    /// The masks that roles want in place of the default ones, where the field is masked.
    masks: BTreeMap<usize, Arc<Mask>>,
}

impl Sight {
    /// Nothing of a kind.
    pub(crate) fn none(kind: &Kind) -> Sight {
        let size = kind.fields.iter().map(|field| usize::from(field.number) + 1).max().unwrap_or(0);
        Sight { known: vec![HIDDEN; size * LEVELS], masks: BTreeMap::new() }
    }

    /// What the rules of a role show of a kind, without those that it takes over.
    pub(crate) fn of(rules: &RoleRules, kind: &Kind) -> Sight {
        let mut sight = Sight::none(kind);
        for field in kind.fields.iter().filter(|field| field.enabled) {
            let mask = rules.mask(kind.id, field.number).map(|mask| Arc::new(mask.clone()));
            for level in Level::ALL {
                let at = place(field.number, *level);
                let known = rules.shows(kind.id, field.number, *level).known;
                if let Some(cell) = sight.known.get_mut(at) {
                    *cell = known;
                }
                if let Some(mask) = mask.as_ref().filter(|_| is_masked(known)) {
                    sight.masks.insert(at, mask.clone());
                }
            }
        }
        sight
    }

    /// Adds what another shows.
    pub(crate) fn add(&mut self, other: &Sight) {
        self.join(other, u8::max, |mine, theirs| match (mine, theirs) {
            (Cell(CLEAR, _), _) | (_, Cell(CLEAR, _)) => None,
            (Cell(HIDDEN, _), Cell(_, mask)) | (Cell(_, mask), Cell(HIDDEN, _)) => mask,
            (Cell(_, mine), Cell(_, theirs)) => Mask::looser(mine, theirs),
        });
    }

    /// Keeps only what another shows as well.
    pub(crate) fn limit(&mut self, other: &Sight) {
        self.join(other, u8::min, |mine, theirs| match (mine, theirs) {
            (Cell(HIDDEN, _), _) | (_, Cell(HIDDEN, _)) => None,
            (Cell(_, mine), Cell(_, theirs)) => Mask::stricter(mine, theirs),
        });
    }

    /// Puts two together, cell by cell; masks are looked at where there are any.
    fn join(
        &mut self,
        other: &Sight,
        known: fn(u8, u8) -> u8,
        mask: impl for<'a> Fn(Cell<'a>, Cell<'a>) -> Option<&'a Mask>,
    ) {
        let wanted = self.masks.keys().chain(other.masks.keys());
        let joined =
            wanted.filter_map(|at| Some((*at, Arc::new(mask(self.cell(*at), other.cell(*at))?.clone()))));
        self.masks = joined.collect();
        for (mine, theirs) in self.known.iter_mut().zip(&other.known) {
            *mine = known(*mine, *theirs);
        }
    }

    /// Whether another shows all of this, as well or better.
    pub(crate) fn is_within(&self, other: &Sight) -> bool {
        let mask = |at: &usize| match (self.cell(*at), other.cell(*at)) {
            (Cell(HIDDEN, _), _) | (_, Cell(CLEAR, _)) | (_, Cell(_, None)) => true,
            (Cell(_, mine), Cell(_, Some(theirs))) => mine.is_some_and(|mine| mine.is_within(theirs)),
        };
        self.known.iter().zip(&other.known).all(|(mine, theirs)| mine <= theirs)
            && other.masks.keys().all(mask)
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

    /// The mask that is laid over the default one; none where that alone is shown.
    pub fn mask(&self, field: u16, level: Level) -> Option<&Mask> {
        self.masks.get(&place(field, level)).map(|mask| &**mask)
    }

    fn at(&self, field: u16, level: Level) -> u8 {
        self.known.get(place(field, level)).copied().unwrap_or(HIDDEN)
    }

    fn cell(&self, at: usize) -> Cell<'_> {
        Cell(self.known.get(at).copied().unwrap_or(HIDDEN), self.masks.get(&at).map(|mask| &**mask))
    }
}

/// What is known of a field at a level, and through which mask.
#[derive(Clone, Copy)]
struct Cell<'a>(u8, Option<&'a Mask>);

const fn is_masked(known: u8) -> bool {
    matches!(known, MASKED | OPENABLE)
}

/// Where a field at a level stands among all of a kind.
fn place(field: u16, level: Level) -> usize {
    usize::from(field) * LEVELS + usize::from(level.as_u8()) - 1
}
