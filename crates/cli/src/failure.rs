//! What went wrong, as it is shown and as it passes through the socket.

use dossier_model::fault::{Fault, Lang};
use serde::{Deserialize, Serialize};

/// A refusal or failure in the words of the caller's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The ten-digit code, the same in every language.
    pub code: String,
    /// Name of the rule, for programs.
    pub key: String,
    /// The field that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Field, rule and mend in one sentence.
    pub detail: String,
    /// Where several things are wrong, each of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Failure>,
}

impl Failure {
    /// The failure that a fault is to a caller of this language.
    pub fn new(fault: &Fault, lang: Lang) -> Failure {
        Failure {
            code: fault.code().to_owned(),
            key: fault.key.to_owned(),
            field: fault.field.clone(),
            detail: fault.text(lang),
            problems: fault.problems.iter().map(|problem| Failure::new(problem, lang)).collect(),
        }
    }

    /// The lines that a person reads.
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let word = match lang {
            Lang::Zh => "错误：",
            Lang::En => "error: ",
        };
        let mut lines = vec![format!("{word}{} ({})", self.detail, self.code)];
        lines
            .extend(self.problems.iter().map(|problem| format!("  - {} ({})", problem.detail, problem.code)));
        lines
    }

    /// The object that a program reads.
    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({ "error": self })
    }
}
