//! Which dossiers a view reaches.

use dossier_model::scope::{Place, Scope};
use std::collections::{BTreeMap, BTreeSet};

/// The dossiers that a view reaches: those of any of these scopes. Part of every query.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Rows(Vec<Scope>);

impl Rows {
    /// The union; nothing beside what reaches everything, each scope once, and scopes that differ in their teams alone as
    /// one.
    pub(crate) fn of(scopes: impl IntoIterator<Item = Scope>) -> Rows {
        let mut by_rest: BTreeMap<Scope, Option<BTreeSet<u32>>> = BTreeMap::new();
        for Scope { teams, regions, industries, bands, owner, dossiers } in scopes {
            let rest = Scope { teams: None, regions, industries, bands, owner, dossiers };
            let known = by_rest.entry(rest).or_insert_with(|| Some(BTreeSet::new()));
            *known = known.take().zip(teams).map(|(known, teams)| known.into_iter().chain(teams).collect());
        }
        if by_rest.get(&Scope::ALL) == Some(&None) {
            return Rows(vec![Scope::ALL]);
        }
        let whole = |(rest, teams): (Scope, Option<BTreeSet<u32>>)| Scope {
            teams: teams.map(|teams| teams.into_iter().collect()),
            ..rest
        };
        Rows(by_rest.into_iter().map(whole).collect())
    }

    /// Whether every dossier is inside.
    pub fn are_all(&self) -> bool {
        self.0.first() == Some(&Scope::ALL)
    }

    /// The scopes; none of them when nothing is reached.
    pub fn scopes(&self) -> &[Scope] {
        &self.0
    }

    /// Whether a dossier is inside.
    pub fn contain(&self, place: &Place) -> bool {
        self.0.iter().any(|scope| scope.contains(place))
    }

    /// Whether some dossier of a team may be inside.
    pub fn have_team(&self, team: u32) -> bool {
        self.0.iter().any(|scope| scope.teams.as_ref().is_none_or(|teams| teams.contains(&team)))
    }
}
