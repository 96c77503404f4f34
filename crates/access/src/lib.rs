//! Who may do what, decided in one place and without any input or output.
//!
//! A role is a set of rules ([`RoleRules`]); roles only ever give, and what several give is added. [`Roles`] are all of an
//! installation. [`View`] is the decision: what one principal may do with records of one kind at one moment, in which
//! rows, and in which form each field is shown there. Engine functions take a [`View`], a [`Reach`] or a [`Permit`]; none
//! of them can be made outside this crate, so nothing can be reached without a decision having been taken.

mod action;
mod explain;
mod hours;
mod role;
mod roles;
mod rows;
mod rules;
mod sight;
#[cfg(test)]
mod tests;
mod view;

pub use action::{Action, Actions};
pub use dossier_model::scope::{Condition, Place, Scope};
pub use explain::{Change, Explanation, Link, RuleChange, Step, Target, Verdict, Way, changes, explain};
pub use hours::{Hours, Moment};
pub use role::{Role, RoleId};
pub use roles::Roles;
pub use rows::Rows;
pub use rules::{FieldRule, Holder, RoleRules, RowRule, TeamRule};
pub use sight::{Form, Sight};
pub use view::{Permit, Reach, View};
