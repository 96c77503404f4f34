//! Where a running command reports to.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How far a command is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done, in the caller's language.
    pub step: String,
    /// How much of it is done.
    pub done: u64,
    /// How much there is; 0 where nobody knows.
    pub total: u64,
    /// Further figures, ready to be shown.
    #[serde(default)]
    pub note: String,
}

/// A part of an answer that is given before the rest is known.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// For programs: one line of JSON.
    pub value: Value,
    /// For people.
    pub text: String,
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Item").finish_non_exhaustive()
    }
}

/// Nobody takes what the command reports any more.
#[derive(Clone, Copy, Debug)]
pub struct Closed;

/// Takes what a running command reports.
pub trait Sink {
    /// Shows how far the command is. What cannot be shown is not missed.
    fn progress(&mut self, progress: &Progress);
    /// Hands on a part of the answer.
    fn item(&mut self, item: &Item) -> Result<(), Closed>;
}
