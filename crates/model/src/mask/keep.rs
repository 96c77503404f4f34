//! Keeping the ends of a text.

use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

use super::stars;

/// What a mask leaves at the ends of a text. Under `under` characters it leaves nothing; so at least one is always hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Given")]
pub struct Keep {
    first: u8,
    last: u8,
    under: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default)]
    first: u8,
    #[serde(default)]
    last: u8,
    under: Option<u8>,
}

impl TryFrom<Given> for Keep {
    type Error = &'static str;

    fn try_from(Given { first, last, under }: Given) -> Result<Self, Self::Error> {
        let under = under.unwrap_or(Self::ENDS.under);
        Self::new(first, last, under).ok_or(
            "`under` has to be more than `first` and `last` together, or a short text would be shown whole",
        )
    }
}

impl Keep {
    /// Requirement C4: the first three and the last four; below eight characters too few would be hidden.
    pub(super) const ENDS: Self = Self { first: 3, last: 4, under: 8 };

    /// Keeps so many characters at the beginning and at the end of texts of at least `under`; none where a text could be
    /// shown whole.
    #[must_use]
    pub const fn new(first: u8, last: u8, under: u8) -> Option<Self> {
        let shown = first as u16 + last as u16;
        if shown < under as u16 { Some(Self { first, last, under }) } else { None }
    }

    /// Whether it leaves nothing that another one does not leave.
    pub(super) const fn is_within(&self, other: &Self) -> bool {
        self.first <= other.first && self.last <= other.last && self.under >= other.under
    }

    /// The greater, the more it leaves; agrees with [`Keep::is_within`].
    pub(super) fn shows(&self) -> impl Ord + use<> {
        (u16::from(self.first) + u16::from(self.last), Reverse(self.under), self.first)
    }

    /// The masked text, as long as the text was; of a phone its national part, behind the country when that is abroad.
    pub(super) fn apply(self, text: &str) -> String {
        let (country, national) = split_phone(text);
        let length = national.chars().count();
        if length < usize::from(self.under) {
            return country.chars().chain(stars(length)).collect();
        }
        let (first, last) = (usize::from(self.first), usize::from(self.last));
        let (head, tail) = (national.chars().take(first), national.chars().skip(length - last));
        country.chars().chain(head).chain(stars(length - first - last)).chain(tail).collect()
    }
}

/// Splits a phone number (E.164) into what is shown before its mask and its national part. The country is left out
/// for China and shown for others, without which four last digits say little. Other texts are all national.
fn split_phone(text: &str) -> (String, &str) {
    let Some((country, national)) = phone_parts(text) else { return (String::new(), text) };
    if country == "86" { (String::new(), national) } else { (format!("+{country} "), national) }
}

/// The country and the national part of a phone number (E.164).
#[must_use]
pub fn phone_parts(text: &str) -> Option<(&str, &str)> {
    let digits = text.strip_prefix('+')?;
    if digits.len() < 5 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(digits.split_at_checked(country_code_length(digits)).unwrap_or(("", digits)))
}

/// Length of the country code at the start of an E.164 number (ITU-T E.164.D, list of assigned codes).
fn country_code_length(digits: &str) -> usize {
    const TWO: &[&str] = &[
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48",
        "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81",
        "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
    ];
    match digits.as_bytes().first() {
        Some(b'1' | b'7') => 1,
        _ if TWO.iter().any(|code| digits.starts_with(code)) => 2,
        _ => 3,
    }
}
