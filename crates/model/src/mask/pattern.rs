//! Masks by a regular expression. They are found in linear time, whatever the expression and the text.

use regex::{Captures, Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::NOTHING;

/// Most characters of an expression, and of what takes the place of what it finds.
const LONGEST: usize = 200;
/// Most bytes of memory for a compiled expression.
const SIZE: usize = 256 * 1024;
/// What a replacement has somewhere: so what is hidden is seen to be, and is known when it comes back.
const MARK: &str = "**";

/// A regular expression and what takes the place of each text that it finds: `$1` and `${name}` stand for what a group
/// found, `$$` for a dollar. What it does not find stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Given")]
pub struct Pattern {
    pattern: String,
    replace: String,
    #[serde(skip)]
    regex: Regex,
    #[serde(skip)]
    pieces: Vec<Piece>,
}

/// A part of a replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// What the group of this number found.
    Group(usize),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    pattern: String,
    replace: String,
}

impl TryFrom<Given> for Pattern {
    type Error = PatternError;

    fn try_from(given: Given) -> Result<Self, Self::Error> {
        Self::new(&given.pattern, &given.replace)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        (&self.pattern, &self.replace) == (&other.pattern, &other.replace)
    }
}

impl Eq for Pattern {}

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Too long, or nothing.
    #[error("`pattern` and `replace` have to be 1 to {LONGEST} characters each")]
    Length,
    /// The expression is none, or too large when compiled.
    #[error("`pattern` is no regular expression: {0}")]
    Regex(String),
    /// It finds places without characters.
    #[error("`pattern` matches an empty text; let it match one character at least")]
    Empty,
    /// Nothing tells that something was hidden.
    #[error("`replace` needs two stars in a row, so that what is hidden is seen to be hidden")]
    Mark,
    /// A group that the expression does not have.
    #[error(
        "`replace` names group `{0}`, which `pattern` does not have; write `${{1}}` where letters follow"
    )]
    Group(String),
}

impl Pattern {
    /// Compiles an expression and checks its replacement.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn new(pattern: &str, replace: &str) -> Result<Self, PatternError> {
        if [pattern, replace].iter().any(|text| !(1..=LONGEST).contains(&text.chars().count())) {
            return Err(PatternError::Length);
        }
        let regex = RegexBuilder::new(pattern).size_limit(SIZE).dfa_size_limit(SIZE).build();
        let regex = regex.map_err(|error| PatternError::Regex(brief(&error)))?;
        if regex.is_match("") {
            return Err(PatternError::Empty);
        }
        let pieces = pieces(replace, &regex)?;
        if !pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if text.contains(MARK))) {
            return Err(PatternError::Mark);
        }
        Ok(Self { pattern: pattern.to_owned(), replace: replace.to_owned(), regex, pieces })
    }

    /// The expression, and what takes the place of what it finds.
    pub(super) fn parts(&self) -> (&str, &str) {
        (&self.pattern, &self.replace)
    }

    /// The text with each match replaced; wholly hidden where nothing matches, a match is empty, or all would be shown.
    pub(super) fn apply(&self, text: &str) -> String {
        let (mut found, mut empty) = (false, false);
        let replaced = self.regex.replace_all(text, |captures: &Captures<'_>| {
            found = true;
            empty |= captures.get(0).is_none_or(|all| all.is_empty());
            let piece = |piece| match piece {
                &Piece::Group(number) => captures.get(number).map_or("", |group| group.as_str()),
                Piece::Text(text) => text,
            };
            self.pieces.iter().map(piece).collect::<String>()
        });
        if found && !empty && !replaced.contains(text) { replaced.into_owned() } else { NOTHING.to_owned() }
    }
}

/// The last line of what the compiler says: the rest draws the place under the expression.
fn brief(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().next_back().unwrap_or_default();
    last.trim().trim_start_matches("error: ").to_owned()
}

/// The parts of a replacement.
fn pieces(mut rest: &str, regex: &Regex) -> Result<Vec<Piece>, PatternError> {
    let (mut pieces, mut text) = (Vec::new(), String::new());
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let named = match after.strip_prefix('{') {
            Some(braced) => braced.split_once('}').ok_or_else(|| PatternError::Group(braced.to_owned()))?,
            None => after.split_at(after.find(|c| !name(c)).unwrap_or(after.len())),
        };
        rest = match named {
            ("", _) => {
                text.push('$');
                after.strip_prefix('$').unwrap_or(after)
            }
            (group, behind) => {
                let number = number_of(group, regex).ok_or_else(|| PatternError::Group(group.to_owned()))?;
                pieces.extend([Piece::Text(std::mem::take(&mut text)), Piece::Group(number)]);
                behind
            }
        };
    }
    text.push_str(rest);
    pieces.push(Piece::Text(text));
    Ok(pieces)
}

/// The number of a group that is named by its number or its name.
fn number_of(group: &str, regex: &Regex) -> Option<usize> {
    match group.parse::<usize>() {
        Ok(number) => (number < regex.captures_len()).then_some(number),
        Err(_) => regex.capture_names().position(|name| name == Some(group)),
    }
}
