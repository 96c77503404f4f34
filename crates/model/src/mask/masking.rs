//! What stands between a value and somebody who sees it masked.

use std::cmp::Reverse;

use super::{FieldKeys, Keep, Mask};
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
    /// Whether it shows no more of any value than another one does.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self == other
            || self.strength() > other.strength()
            || self.keeps().zip(other.keeps()).is_some_and(|(mine, theirs)| mine.is_within(theirs))
    }

    /// What is shown to somebody with two roles, each of which wants a mask (none: the default one alone): the one that
    /// shows more. Of two that show different parts it is one of both, always the same, and never both parts together.
    #[must_use]
    pub fn looser<'a>(one: Option<&'a Self>, other: Option<&'a Self>) -> Option<&'a Self> {
        let (one, other) = one.zip(other)?;
        Some(if one.shows() < other.shows() { other } else { one })
    }

    /// What is shown where both hold at once: the one that shows less. Of two that show different parts nothing is.
    #[must_use]
    pub fn stricter<'a>(one: Option<&'a Self>, other: Option<&'a Self>) -> Option<&'a Self> {
        const NOTHING: &Mask = &Mask::Full;
        let (Some(this), Some(that)) = (one, other) else { return one.or(other) };
        Some(match (this.is_within(that), that.is_within(this)) {
            (true, _) => this,
            (_, true) => that,
            _ => NOTHING,
        })
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

    /// The ends that it keeps, where it keeps ends.
    const fn keeps(&self) -> Option<&Keep> {
        match self {
            Self::Ends => Some(&Keep::ENDS),
            Self::Keep(keep) => Some(keep),
            _ => None,
        }
    }

    /// The greater, the more is shown: an order of all masks that agrees with [`Mask::is_within`].
    fn shows(&self) -> impl Ord + use<'_> {
        let method = match self {
            Self::Ends | Self::Keep(_) => 5_u8,
            Self::Name => 4,
            Self::Email => 3,
            Self::Address => 2,
            Self::Band => 1,
            _ => 0,
        };
        let pattern = if let Self::Regex(pattern) = self { Some(pattern.parts()) } else { None };
        // The last one tells `ends` from the same ends that are written as numbers.
        (Reverse(self.strength()), method, self.keeps().map(Keep::shows), pattern, *self == Self::Ends)
    }
}
