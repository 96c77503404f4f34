//! Full names of divisions for short ones, and the other way round.

use super::Address;
use super::division::{Rank, is_municipality, named, words_at};

/// The full names of a province and a city in it; the city as it is when it is not in the table.
pub(super) fn full_names<'a>(province: &'a str, city: &'a str) -> Option<(&'a str, &'a str)> {
    let province = words_at(province)
        .find(|word| word.length == province.len() && word.division.rank() == Rank::Province)?
        .division;
    let known = words_at(city).find(|word| {
        let division = word.division;
        word.length == city.len()
            && division.rank() == Rank::Prefecture
            && division.province() == province.province()
    });
    let is_own = city == province.name || city == province.short;
    let own = (is_own && is_municipality(province.province())).then_some(province.name);
    Some((province.name, own.or(known.map(|word| word.division.name)).unwrap_or(city)))
}

/// Whether a text is the full name of a division, now or once.
#[must_use]
pub fn is_division(text: &str) -> bool {
    words_at(text).any(|word| word.division.name == text)
}

/// Whether a text is what people call a division, in short or in full, now or once.
#[must_use]
pub fn is_place(text: &str) -> bool {
    words_at(text).any(|word| word.length == text.len())
}

/// Whether a text is the name of a province, short or full.
#[must_use]
pub fn is_province(text: &str) -> bool {
    words_at(text).any(|word| word.length == text.len() && word.division.rank() == Rank::Province)
}

/// The number of a province (GB/T 2260, the first two digits), of its short or full name.
#[must_use]
pub fn province_no(text: &str) -> Option<u32> {
    words_at(text)
        .find(|word| word.length == text.len() && word.division.rank() == Rank::Province)
        .map(|word| word.division.province())
}

/// The full name of a province by its number; empty where there is none.
#[must_use]
pub fn province_name(number: u32) -> &'static str {
    named(number * 10_000).map_or("", |province| province.name)
}

/// The short form of a province; any other text as it is (a customer can sit abroad).
#[must_use]
pub fn short_province(text: &str) -> &str {
    let word =
        words_at(text).find(|word| word.length == text.len() && word.division.rank() == Rank::Province);
    word.map_or(text, |word| word.division.short)
}

/// See [`Address::short_city`].
pub(super) fn short_city<'a>(address: &Address<'a>) -> &'a str {
    let (name, rank) = match (address.city, address.district) {
        ("", district) => (district, Rank::County),
        (city, _) if city == address.province => return short_province(city),
        (city, _) => (city, Rank::Prefecture),
    };
    words_at(name)
        .find(|word| word.division.name == name && word.division.rank() == rank)
        .map_or(name, |word| word.division.short)
}
