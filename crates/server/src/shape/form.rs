//! Text with a form of its own.

use regex::Regex;
use std::sync::OnceLock;

/// A pattern that both regular expressions here and those of JSON Schema (ECMA-262) read in the same way: anchored,
/// ASCII classes, no look-around.
pub(crate) struct Form {
    pub pattern: &'static str,
    /// A made-up text of this form, for the documentation and for error texts.
    pub example: &'static str,
    compiled: OnceLock<Regex>,
}

impl Form {
    pub(crate) const fn new(pattern: &'static str, example: &'static str) -> Form {
        Form { pattern, example, compiled: OnceLock::new() }
    }

    /// Whether the whole text has this form.
    pub(crate) fn fits(&self, text: &str) -> bool {
        let pattern =
            || Regex::new(self.pattern).expect("patterns are part of the program and a test compiles each");
        self.compiled.get_or_init(pattern).is_match(text)
    }
}
