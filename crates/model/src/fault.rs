//! What went wrong, as a value: a key of `errors.toml`, the field it is about, and numbers and names to fill in.
//!
//! Words and codes stand in `errors.toml` alone; they are put in at the edge, in the reader's language.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

const SOURCE: &str = include_str!("../../../errors.toml");

/// What an unknown key is shown as: a mistake of ours must not hide the answer nor show its inside.
const INTERNAL: &str = "internal";

/// The languages of every text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    const fn suffix(self) -> &'static str {
        match self {
            Self::Zh => "_zh",
            Self::En => "_en",
        }
    }

    /// The language that an `Accept-Language` value (RFC 9110 §12.5.4) asks for first, of the two there are.
    #[must_use]
    pub fn from_accept(header: &str) -> Self {
        let mut best = (Self::default(), 0u32);
        for part in header.split(',') {
            let (tag, quality) = part.split_once(';').unwrap_or((part, "q=1"));
            let lang = match tag.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
                Some("zh") => Self::Zh,
                Some("en") => Self::En,
                _ => continue,
            };
            let weight = thousandths(quality.trim());
            if weight > best.1 {
                best = (lang, weight);
            }
        }
        best.0
    }
}

/// `q=0.8` as 800. Anything odd counts as nothing, so that the default language stands.
fn thousandths(quality: &str) -> u32 {
    let value = quality.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).unwrap_or(0.0);
    (value.clamp(0.0, 1.0) * 1_000.0) as u32
}

/// A name in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Label {
    /// The name in one language.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// A refusal or a failure. Never holds customer data: parameters are positions, lengths, field names, ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The entry in `errors.toml`.
    pub key: &'static str,
    /// The name of the field it is about.
    pub field: Option<String>,
    /// What people call that field.
    pub label: Option<Box<Label>>,
    /// What fills the places in the text.
    pub params: Vec<(&'static str, String)>,
    /// Many faults found at once; each has its field.
    pub problems: Vec<Fault>,
}

/// A fault with its field set.
pub type Problem = Fault;

impl Fault {
    /// A fault of this key.
    #[must_use]
    pub fn new(key: &'static str) -> Self {
        Self { key, field: None, label: None, params: Vec::new(), problems: Vec::new() }
    }

    /// Many problems under one head, which says how many there are.
    #[must_use]
    pub fn many(problems: Vec<Problem>) -> Self {
        let count = problems.len().to_string();
        Self { problems, ..Self::new("fields_invalid").with("count", count) }
    }

    /// Names the field.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>) -> Self {
        self.field = Some(name.into());
        self
    }

    /// Gives the field's name in both languages.
    #[must_use]
    pub fn label(mut self, label: &Label) -> Self {
        self.label = Some(Box::new(label.clone()));
        self
    }

    /// Fills a place in the text. Give positions, lengths, names and ids, never what a customer's field holds.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.push((name, value.into()));
        self
    }

    /// The code of ten digits that outsiders may rely on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        &self.entry().code
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.entry().status
    }

    /// The text for people: the field's label, then what is wrong and how to mend it.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let body = self.message(lang);
        match (self.field_name(lang), lang) {
            (None, _) => body,
            (Some(name), Lang::Zh) => format!("{name}：{body}"),
            (Some(name), Lang::En) => format!("{name}: {body}"),
        }
    }

    /// The text without the field in front, for a form that shows it at the field.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let entry = self.entry();
        let template = match lang {
            Lang::Zh => &entry.zh,
            Lang::En => &entry.en,
        };
        fill(template, &self.params, lang)
    }

    /// All parameters as the machine-readable part of an answer.
    #[must_use]
    pub fn details(&self) -> serde_json::Map<String, serde_json::Value> {
        self.params.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect()
    }

    fn field_name(&self, lang: Lang) -> Option<&str> {
        self.label.as_ref().map(|label| label.get(lang)).or(self.field.as_deref())
    }

    fn entry(&self) -> &'static Entry {
        entry(self.key)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))?;
        for problem in &self.problems {
            write!(f, "; {}", problem.text(Lang::En))?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

/// One entry of `errors.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// How code names it.
    pub key: String,
    /// Ten digits: system `1001`, crate 3, number 3. Never used again for anything else.
    pub code: String,
    /// The HTTP status.
    pub status: u16,
    /// The text in Simplified Chinese; `{name}` is a place to fill.
    pub zh: String,
    /// The text in English.
    pub en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    error: Vec<Entry>,
}

static CATALOGUE: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let file: File = toml::from_str(SOURCE).expect("errors.toml is part of the program and a test reads it");
    file.error
});

static BY_KEY: LazyLock<HashMap<&'static str, &'static Entry>> =
    LazyLock::new(|| CATALOGUE.iter().map(|entry| (entry.key.as_str(), entry)).collect());

/// All entries, in the order of their codes.
#[must_use]
pub fn catalogue() -> &'static [Entry] {
    &CATALOGUE
}

/// The entry of a key; that of the internal error when there is none.
#[must_use]
pub fn entry(key: &str) -> &'static Entry {
    let found = BY_KEY.get(key).or_else(|| BY_KEY.get(INTERNAL));
    found.copied().expect("errors.toml has the entry `internal`, and a test says so")
}

/// Puts parameters into their places; a place without a parameter stays as it is, so that it is noticed.
/// A parameter whose name ends in the language (`stage_zh`) goes before one without.
fn fill(template: &str, params: &[(&'static str, String)], lang: Lang) -> String {
    let mut text = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        let of_language = params.iter().find(|(known, _)| known.strip_suffix(lang.suffix()) == Some(name));
        match of_language.or_else(|| params.iter().find(|(known, _)| *known == name)) {
            Some((_, value)) => text.push_str(value),
            None => {
                text.push('{');
                text.push_str(name);
                text.push('}');
            }
        }
        rest = tail;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests;
