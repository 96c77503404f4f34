//! What can be asked of the rows.

use std::collections::BTreeSet;

use dossier_model::id::{Rid, Uid};
use dossier_model::kind::KindId;
use dossier_model::scope::Scope;
use dossier_model::time::Micros;

/// Which record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowBy {
    /// By internal number.
    Rid(Rid),
    /// By public id.
    Uid(Uid),
    /// By customer code (15 characters).
    Code(String),
}

/// A page of rows of one kind, newest first. Each list narrows when it is `Some`; an empty one matches nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowQuery {
    /// Kind of the records.
    pub kind: KindId,
    /// In one of these scopes at least.
    pub reach: Option<Vec<Scope>>,
    /// Owning teams.
    pub teams: Option<Vec<u32>>,
    /// Stages, 0 to 5.
    pub stages: Option<Vec<u8>>,
    /// Levels, 1 to 4.
    pub levels: Option<Vec<u8>>,
    /// Industries, as enum ids of the tenant.
    pub industries: Option<Vec<u32>>,
    /// States. [`RowQuery::new`] asks for live and frozen ones.
    pub states: Option<Vec<u8>>,
    /// Entered at this moment or later.
    pub created_from: Option<Micros>,
    /// Entered before this moment.
    pub created_to: Option<Micros>,
    /// In this dossier.
    pub dossier: Option<Rid>,
    /// Continues after this record, that is with lower numbers.
    pub after: Option<Rid>,
    /// At most so many; [`crate::Read::count`] does not look at it.
    pub limit: u32,
}

impl RowQuery {
    /// All records of a kind that are not erased, 25 at a time.
    pub fn new(kind: KindId) -> Self {
        Self {
            kind,
            reach: None,
            teams: None,
            stages: None,
            levels: None,
            industries: None,
            states: Some(vec![crate::row::STATE_LIVE, crate::row::STATE_FROZEN]),
            created_from: None,
            created_to: None,
            dossier: None,
            after: None,
            limit: 25,
        }
    }
}

/// A set of small numbers as bits, without the sign; all of them when nothing is asked for.
pub(crate) fn bits(list: Option<&[u8]>) -> i64 {
    let bit = |n: u8| 1i64.checked_shl(u32::from(n)).unwrap_or(0) & i64::MAX;
    list.map_or(i64::MAX, |list| list.iter().fold(0, |bits, n| bits | bit(*n)))
}

pub(crate) fn distinct<T: Copy + Ord>(list: &[T]) -> Vec<T> {
    list.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The list with its last element repeated up to a power of two, so that few statement texts exist.
pub(crate) fn padded<T: Copy>(mut list: Vec<T>) -> Vec<T> {
    if let Some(last) = list.last().copied() {
        list.resize(list.len().next_power_of_two(), last);
    }
    list
}

/// The places of a query, in the form that statements ask for them.
pub(crate) struct Places {
    pub teams: Option<Vec<u32>>,
    pub industries: Option<Vec<u32>>,
    /// One of these at least, where there are any; none of them is met by everything. Their lists are filled up.
    pub any_of: Vec<Scope>,
}

impl Places {
    /// `None` when nothing can match.
    pub(crate) fn of(query: &RowQuery) -> Option<Places> {
        let (mut teams, mut industries) = (query.teams.clone(), query.industries.clone());
        let mut any_of = query.reach.clone().unwrap_or_default();
        let lists = |scope: &Scope| {
            [&scope.teams, &scope.regions, &scope.industries, &scope.bands]
                .map(|list| list.as_ref().is_some_and(Vec::is_empty))
        };
        let named_none = |scope: &Scope| scope.dossiers.as_ref().is_some_and(Vec::is_empty);
        any_of.retain(|scope| !lists(scope).contains(&true) && !named_none(scope));
        if query.reach.is_some() && any_of.is_empty() {
            return None;
        }
        // What one scope alone says of teams and industries narrows the list, as if it were asked for.
        if let [scope] = any_of.as_mut_slice() {
            teams = both(teams, scope.teams.take());
            industries = both(industries, scope.industries.take());
        }
        if any_of.contains(&Scope::ALL) {
            any_of.clear();
        }
        for scope in &mut any_of {
            for list in [&mut scope.teams, &mut scope.regions, &mut scope.industries, &mut scope.bands] {
                *list = list.take().map(|list| padded(distinct(&list)));
            }
            scope.dossiers = scope.dossiers.take().map(|list| padded(distinct(&list)));
        }
        let empty = |list: &Option<Vec<u32>>| list.as_ref().is_some_and(Vec::is_empty);
        if empty(&teams) || empty(&industries) {
            return None;
        }
        let teams = teams.as_deref().map(distinct);
        let industries = industries.map(|list| padded(distinct(&list)));
        Some(Places { teams, industries, any_of })
    }

    /// The condition over scopes, its values marked by `mark`; empty where there is none.
    pub(crate) fn condition(&self, table: char, mut mark: impl FnMut() -> String) -> String {
        if self.any_of.is_empty() {
            return String::new();
        }
        let mut scope = |scope: &Scope| {
            let lists = columns(scope).map(|(column, values)| {
                let marks: Vec<String> = values.iter().map(|_| mark()).collect();
                format!("{table}.{column} IN ({})", marks.join(", "))
            });
            format!("({})", lists.collect::<Vec<_>>().join(" AND "))
        };
        let scopes: Vec<String> = self.any_of.iter().map(&mut scope).collect();
        format!(" AND ({})", scopes.join(" OR "))
    }

    /// Its values, in their order.
    pub(crate) fn values(&self) -> impl Iterator<Item = i64> {
        self.any_of.iter().flat_map(columns).flat_map(|(_, values)| values)
    }
}

/// What a scope asks for, by column.
fn columns(scope: &Scope) -> impl Iterator<Item = (&'static str, Vec<i64>)> {
    let wide = |list: &[u32]| list.iter().copied().map(i64::from).collect();
    let lists = [
        ("team", scope.teams.as_deref().map(wide)),
        ("region", scope.regions.as_deref().map(wide)),
        ("industry", scope.industries.as_deref().map(wide)),
        ("band", scope.bands.as_deref().map(wide)),
        ("owner", scope.owner.map(|owner| vec![i64::from(owner)])),
        ("dossier", scope.dossiers.clone()),
    ];
    lists.into_iter().filter_map(|(column, values)| Some((column, values?)))
}

/// What is in both lists; one that was not given leaves the other as it is.
fn both(one: Option<Vec<u32>>, other: Option<Vec<u32>>) -> Option<Vec<u32>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.into_iter().filter(|number| other.contains(number)).collect()),
        (one, other) => one.or(other),
    }
}
