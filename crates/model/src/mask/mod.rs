//! Masks: what of a value may be seen by those who may not see it. By characters, never by bytes.

mod forms;
mod keep;
mod masking;
mod pattern;

use serde::{Deserialize, Serialize};

pub use self::keep::{Keep, phone_parts};
pub use self::masking::Masking;
pub use self::pattern::{Pattern, PatternError};
use crate::address::BAR;
use crate::value::{FieldType, Value};

const STAR: char = '*';
/// What stands for a value of which nothing, not even its length, is told.
const NOTHING: &str = "****";
/// Begins the short text that stands for a value by its hash.
const HASH: char = '#';
/// Hexadecimal digits behind it.
const HASH_DIGITS: usize = 16;
/// Begins a token that is no number.
pub const TOKEN: &str = "tok_";

/// How a value is shown in its masked form. In declarations a word (`"ends"`), or what it needs besides:
/// `{ keep = { first = 1, last = 2 } }`, `{ regex = { pattern = '\d{4}', replace = "****" } }`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// As it is.
    None,
    /// First three and last four characters; under eight none; of a phone the national part alone: `138****0000`.
    Ends,
    /// As many characters at the beginning and at the end as it says.
    Keep(Keep),
    /// The family name, also one of two characters: `韩**`, `欧阳**`. Of other names the first character.
    Name,
    /// First character and domain: `a***@example.com`.
    Email,
    /// Province and city; the rest by its length: `浙江省|杭州市|***|***|****`. Of an address that is not split nothing but
    /// its length.
    Address,
    /// An amount's band: `10万–50万`.
    Band,
    /// What a regular expression makes of it; wholly hidden where that does not match.
    Regex(Pattern),
    /// A short text that is the same for the same value of a field: `#0123456789abcdef`.
    Hash,
    /// What stands for the value elsewhere, and leads back to it for who has the right: a number of six digits and more
    /// becomes another number of that length, anything else `tok_…`.
    Token,
    /// Nothing, not even the length.
    #[default]
    Full,
}

/// The methods that need a key, for one field. None where they cannot be carried out: then the value is hidden wholly.
pub trait FieldKeys {
    /// The beginning of a keyed hash.
    fn hash(&self, text: &str) -> Option<[u8; HASH_DIGITS / 2]>;
    /// The token.
    fn token(&self, text: &str) -> Option<String>;
}

/// No keys.
#[derive(Debug, Clone, Copy)]
pub struct Keyless;

impl FieldKeys for Keyless {
    fn hash(&self, _text: &str) -> Option<[u8; HASH_DIGITS / 2]> {
        None
    }

    fn token(&self, _text: &str) -> Option<String> {
        None
    }
}

impl Mask {
    /// The masked text of a value. A mask that does not suit the value, or whose key is missing, hides it wholly.
    #[must_use]
    pub fn apply(&self, value: &Value, keys: &dyn FieldKeys) -> String {
        let masked = match (self, value) {
            (Self::None, _) => Some(value.to_text()),
            (Self::Hash, _) => keys.hash(&value.to_text()).map(hash_text),
            (Self::Token, _) => keys.token(&value.to_text()),
            (Self::Band, Value::Money(money)) => Some(forms::band(money)),
            (_, Value::Text(text)) => Some(self.apply_text(text)),
            _ => None,
        };
        masked.unwrap_or_else(|| NOTHING.to_owned())
    }

    /// The masked form of a text, of the methods that need nothing else.
    #[must_use]
    pub fn apply_text(&self, text: &str) -> String {
        match self {
            Self::None => text.to_owned(),
            Self::Ends => Keep::ENDS.apply(text),
            Self::Keep(keep) => keep.apply(text),
            Self::Name => forms::name(text),
            Self::Address => forms::address(text),
            Self::Email => forms::email(text),
            Self::Regex(pattern) => pattern.apply(text),
            Self::Band | Self::Hash | Self::Token | Self::Full => NOTHING.to_owned(),
        }
    }

    /// Whether it is meant for values of this shape.
    #[must_use]
    pub fn suits(&self, ty: FieldType) -> bool {
        match self {
            Self::None | Self::Hash | Self::Token | Self::Full => true,
            Self::Band => ty == FieldType::Money,
            Self::Ends | Self::Keep(_) | Self::Name | Self::Email | Self::Address | Self::Regex(_) => {
                ty == FieldType::Text
            }
        }
    }

    /// The word that names it in declarations.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Ends => "ends",
            Self::Keep(_) => "keep",
            Self::Name => "name",
            Self::Email => "email",
            Self::Address => "address",
            Self::Band => "band",
            Self::Regex(_) => "regex",
            Self::Hash => "hash",
            Self::Token => "token",
            Self::Full => "full",
        }
    }

    /// Whether a text could be what this mask, or a stricter one, made of a value, so that it must not be stored as one.
    /// A token that is a number cannot be told from other numbers.
    #[must_use]
    pub fn could_have_made(&self, text: &str) -> bool {
        let star = |c: char| matches!(c, STAR | '＊');
        let all_stars = text.chars().all(star);
        match self {
            // Free text may hold stars among other things.
            Self::None => all_stars && text.chars().nth(1).is_some(),
            // Registers print addresses with a star at an end; a masked one has two, or a part of nothing else.
            Self::Address => {
                let hidden = |part: &str| !part.is_empty() && part.chars().all(star);
                text.contains("**") || text.split(BAR).any(hidden)
            }
            // A name may hold a star; two in a row, or nothing else behind its family name, it does not.
            Self::Name => {
                let rest = |kept| text.chars().skip(kept).all(star);
                text.contains("**") || (text.contains(star) && (rest(1) || rest(forms::family_name(text))))
            }
            Self::Band => forms::could_be_band(text),
            Self::Regex(_) => text.contains("**") || text.contains("＊＊"),
            Self::Hash => text.contains(star) || is_hash_text(text),
            Self::Token => text.contains(star) || text.starts_with(TOKEN),
            Self::Ends | Self::Keep(_) | Self::Email | Self::Full => text.contains(star),
        }
    }
}

fn hash_text(hash: [u8; HASH_DIGITS / 2]) -> String {
    let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = digits.filter_map(|digit| char::from_digit(u32::from(digit), 16));
    std::iter::once(HASH).chain(digits).collect()
}

fn is_hash_text(text: &str) -> bool {
    text.strip_prefix(HASH)
        .is_some_and(|d| d.len() == HASH_DIGITS && d.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn stars(count: usize) -> impl Iterator<Item = char> {
    std::iter::repeat_n(STAR, count)
}

#[cfg(test)]
mod tests;
