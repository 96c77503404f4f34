//! Who may do what, decided in one place and without any input or output.
//!
//! [`View`] is the decision: what one principal may do with records of one kind, in which rows, and in which form each
//! field is shown. Engine functions take a [`View`] or a [`Permit`]; neither can be made outside this crate, so nothing
//! can be reached without a decision having been taken.

mod role;
#[cfg(test)]
mod tests;
mod view;

pub use role::Role;
pub use view::{Action, Form, Permit, Rows, View};
