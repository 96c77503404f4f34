//! What can be asked of the rows.

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
