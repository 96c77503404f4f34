//! What can be asked of the rows.

use std::collections::BTreeSet;

use dossier_model::id::{Rid, Uid};
use dossier_model::kind::KindId;
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

pub(crate) fn distinct(list: &[u32]) -> Vec<u32> {
    list.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The list with its last element repeated up to a power of two, so that few statement texts exist.
pub(crate) fn padded<T: Copy>(mut list: Vec<T>) -> Vec<T> {
    if let Some(last) = list.last().copied() {
        list.resize(list.len().next_power_of_two(), last);
    }
    list
}
