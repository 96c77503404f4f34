//! What a command answers, and the only place that writes to the terminal.

use crate::failure::Failure;
use dossier_model::fault::Lang;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{ErrorKind, Write};

/// The answer of a command: the same for programs and for people.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// For programs.
    pub value: Value,
    /// For people, in the caller's language, without the last line break.
    pub text: String,
    /// What people should know beside the answer; goes to standard error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// A verification found problems: the exit code is 3.
    #[serde(default)]
    pub problems: bool,
}

impl std::fmt::Debug for Output {
    /// Without the answer: it may be a secret that is shown once.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output").field("problems", &self.problems).finish_non_exhaustive()
    }
}

impl Output {
    /// An answer from its form for programs and its form for people.
    pub fn new(value: &impl Serialize, text: impl Into<String>) -> Output {
        // Only maps with keys that are no strings fail here, and no answer has one.
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        Output { value, text: text.into(), ..Output::default() }
    }
}

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Refused or failed.
    Failed = 1,
    /// The command line was not understood.
    Usage = 2,
    /// A verification found problems.
    Problems = 3,
}

/// The terminal, or whatever stands in its place.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Language of what is said.
    pub lang: Lang,
    /// Answers and errors in JSON.
    pub json: bool,
}

impl Terminal {
    /// Prints an answer and says how the process is to end.
    pub fn answer(self, output: &Output) -> Exit {
        for notice in &output.notices {
            self.notice(notice);
        }
        let printed = match (self.json, &output.value, output.text.is_empty()) {
            (true, Value::Null, _) | (false, _, true) => true,
            (true, value, _) => self.print(&value.to_string()),
            (false, _, false) => self.print(&output.text),
        };
        match (printed, output.problems) {
            (_, true) => Exit::Problems,
            (true, false) => Exit::Done,
            (false, false) => Exit::Failed,
        }
    }

    /// Prints lines to standard output at once. False when nobody reads any more.
    #[must_use]
    pub fn print(self, text: &str) -> bool {
        let mut out = std::io::stdout().lock();
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            Ok(()) => true,
            // `dossier ledger show | head`: the reader has what it wanted.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => false,
            Err(error) => {
                self.notice(&error.to_string());
                false
            }
        }
    }

    /// Prints something for people to standard error.
    pub fn notice(self, text: &str) {
        // Nothing is left to tell it to when standard error is closed.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Prints a failure to standard error.
    pub fn failure(self, failure: &Failure) {
        if self.json {
            self.notice(&failure.json().to_string());
        } else {
            self.notice(&failure.lines(self.lang).join("\n"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_in_no_debug() {
        let value = serde_json::json!({ "client_secret": "zq" });
        let output = Output { value: value.clone(), text: "zq".to_owned(), ..Output::default() };
        let item = crate::sink::Item { value, text: "zq".to_owned() };
        assert_eq!(format!("{output:?} {item:?}"), "Output { problems: false, .. } Item { .. }");
    }
}
