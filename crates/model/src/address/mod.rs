//! Addresses: `province|city|district|street|door` (A15), split out of free text by the division table of China.
//!
//! A part that the text does not have is empty. What cannot be split, because no province is known, is kept whole in the
//! last part, `||||text`, which is the mark for it. A division that is no more (崇文区, 上饶县) is kept as it was written.

mod division;
mod hint;
mod names;
mod place;
mod street;
mod text;

use std::fmt;

pub use self::names::{is_division, is_place, is_province, province_name, province_no, short_province};
pub use self::text::tidy;
use crate::fault::Fault;

/// What stands between the parts.
pub const BAR: char = '|';

/// How many parts there are.
const PARTS: usize = 5;

/// An address in its parts. The names of divisions are full ones (`甘肃省`, `恩施土家族苗族自治州`).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Address<'a> {
    /// Province, municipality, autonomous or special administrative region; empty when the text could not be split.
    pub province: &'a str,
    /// Prefecture; the municipality once more; empty for a county directly under its province (济源市, 仙桃市).
    pub city: &'a str,
    /// County, district or county-level city.
    pub district: &'a str,
    /// Township, street office, development zone, village, road.
    pub street: &'a str,
    /// From the number on; the whole text when it could not be split.
    pub door: &'a str,
}

/// What other columns say about where an address lies: `甘肃`, `白银`. Empty when they say nothing.
#[derive(Clone, Copy, Default)]
pub struct Hint<'a> {
    /// A province, with or without suffix.
    pub province: &'a str,
    /// A prefecture, or a county of a municipality or directly under a province.
    pub city: &'a str,
}

impl<'a> Address<'a> {
    /// Splits a text, in the form of [`tidy`] and without bars. What the text says itself comes before the hint.
    #[must_use]
    pub fn split(text: &'a str, hint: Hint<'_>) -> Self {
        let Some(place) = place::locate(text, hint) else { return Self { door: text, ..Self::default() } };
        let (street, door) = street::cut(place.rest);
        // A bar stands between them: a space beside it means nothing.
        let door = door.trim_start();
        Self { province: place.province, city: place.city, district: place.district, street, door }
    }

    /// Takes five parts, in the form of [`tidy`]; names without suffix become full ones.
    ///
    /// City and district need not be in the table: there are new ones each year.
    ///
    /// # Errors
    /// `address_parts` when there are not four bars, `address_province` when the first part is no province, unless the
    /// last part alone is filled.
    pub fn parse(text: &'a str) -> Result<Self, Fault> {
        let mut parts = text.split(BAR);
        let mut next = || parts.next().unwrap_or_default();
        let mut address =
            Self { province: next(), city: next(), district: next(), street: next(), door: next() };
        let count = text.split(BAR).count();
        if count != PARTS {
            return Err(Fault::new("address_parts").with("bars", (count - 1).to_string()));
        }
        if address.is_split() {
            let full = names::full_names(address.province, address.city);
            (address.province, address.city) = full.ok_or_else(|| Fault::new("address_province"))?;
        } else if text.len() - address.door.len() > PARTS - 1 || address.door.is_empty() {
            return Err(Fault::new("address_province"));
        }
        Ok(address)
    }

    /// Whether the parts are known; when not, the whole text is in the last one.
    #[must_use]
    pub const fn is_split(&self) -> bool {
        !self.province.is_empty()
    }

    /// The short form of the province: `内蒙古`.
    #[must_use]
    pub fn short_province(&self) -> &'a str {
        names::short_province(self.province)
    }

    /// The city as it stands on a letter, the county where it takes its place: `杭州`, `仙桃`. Empty when not known.
    #[must_use]
    pub fn short_city(&self) -> &'a str {
        names::short_city(self)
    }
}

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { province, city, district, street, door } = self;
        write!(f, "{province}{BAR}{city}{BAR}{district}{BAR}{street}{BAR}{door}")
    }
}

/// An address can be that of a person.
impl fmt::Debug for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("is_split", &self.is_split()).finish_non_exhaustive()
    }
}

/// Five parts as they are kept, or any other text as one that is not split yet: it takes the whole record to split it.
///
/// # Errors
/// Those of [`Address::parse`] for a text with bars.
pub fn mark(text: &str) -> Result<String, Fault> {
    let text = tidy(text);
    if text.contains(BAR) {
        return Address::parse(&text).map(|address| address.to_string());
    }
    Ok(Address { door: &text, ..Address::default() }.to_string())
}

/// Splits a kept address that was not split yet; nothing when it was, or cannot be.
#[must_use]
pub fn split_kept(kept: &str, hint: Hint<'_>) -> Option<String> {
    let text = Address::parse(kept).ok().filter(|address| !address.is_split())?.door;
    let address = Address::split(text, hint);
    address.is_split().then(|| address.to_string())
}

#[cfg(test)]
mod tests;
