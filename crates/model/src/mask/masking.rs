//! What stands between a value and somebody who sees it masked.

use super::{FieldKeys, Mask};
use crate::value::Value;

/// The default mask of a value together with the one that somebody's role has for its field: what is shown is the
/// stricter of both. A mask that shows nothing of a value is stricter than one that shows a part; of two that show parts
/// the role's is laid over what the default has left.
#[derive(Debug, Clone, Copy)]
pub struct Masking<'a>(How<'a>);

#[derive(Debug, Clone, Copy)]
enum How<'a> {
    /// The default mask alone.
    Default(&'a Mask),
    /// The second one over what the first, the default, has left.
    Over(&'a Mask, &'a Mask),
    /// Another one than the default.
    Other(&'a Mask),
}

impl<'a> Masking<'a> {
    /// By the default mask where a value lies, and by what a role wants. A value without a default mask is hidden wholly
    /// from whom it has to be masked, unless the role says how.
    #[must_use]
    pub fn new(default: &'a Mask, wanted: Option<&'a Mask>) -> Self {
        let wanted = wanted.filter(|mask| **mask != Mask::None);
        Self(match (default, wanted) {
            (Mask::None, wanted) => How::Other(wanted.unwrap_or(&Mask::Full)),
            (default, Some(wanted)) if *default != *wanted => match (default.strength(), wanted.strength()) {
                (PART, PART) | (_, WHOLE) => How::Over(default, wanted),
                (of, than) if than > of => How::Other(wanted),
                _ => How::Default(default),
            },
            _ => How::Default(default),
        })
    }

    /// The masked text of a value.
    #[must_use]
    pub fn apply(self, value: &Value, keys: &dyn FieldKeys) -> String {
        match self.0 {
            How::Default(mask) | How::Other(mask) => mask.apply(value, keys),
            How::Over(default, wanted) => wanted.apply_text(&default.apply(value, keys)),
        }
    }

    /// Whether the value has to be opened for it; if not, the text that its default mask made is enough.
    #[must_use]
    pub const fn needs_value(self) -> bool {
        matches!(self.0, How::Other(_))
    }

    /// The masked text out of the one that the default mask made; where that is not enough, nothing is shown.
    #[must_use]
    pub fn apply_masked(self, masked: &str) -> String {
        match self.0 {
            How::Default(_) => masked.to_owned(),
            How::Over(_, wanted) => wanted.apply_text(masked),
            How::Other(_) => Mask::Full.apply_text(masked),
        }
    }
}

/// Shows a part of the value.
const PART: u8 = 1;
/// Shows nothing of it.
const WHOLE: u8 = 4;

impl Mask {
    /// The one of two that shows more, for somebody with two roles; of two that show different parts the first.
    #[must_use]
    pub fn looser<'a>(&'a self, other: &'a Self) -> &'a Self {
        if other.strength() < self.strength() { other } else { self }
    }

    /// How little is shown: a token leads back to the value, a hash does not.
    const fn strength(&self) -> u8 {
        match self {
            Self::None => 0,
            Self::Ends
            | Self::Keep(_)
            | Self::Name
            | Self::Email
            | Self::Address
            | Self::Band
            | Self::Regex(_) => PART,
            Self::Token => 2,
            Self::Hash => 3,
            Self::Full => WHOLE,
        }
    }
}
