//! What other columns of a record say about where its address lies.

use super::Hint;
use super::division::{Division, Rank, Word, is_municipality, named, words_at};

/// What a hint means.
#[derive(Clone, Copy, Default)]
pub(super) struct Hinted {
    /// First two digits.
    pub(super) province: Option<u32>,
    pub(super) city: Option<&'static Division>,
    pub(super) district: Option<&'static Division>,
}

/// Looks up what other columns say.
pub(super) fn resolve(hint: Hint<'_>) -> Hinted {
    let province = words_at(hint.province)
        .find(|word| word.length == hint.province.len() && word.division.rank() == Rank::Province)
        .map(|word| word.division.province());
    // The name itself, its short form, or the beginning of it: 伊犁哈萨克.
    let means = |word: &Word| {
        (word.length == hint.city.len() || word.division.name.starts_with(hint.city))
            && province.is_none_or(|province| province == word.division.province())
    };
    let of = |rank: Rank, current: bool| {
        let fits = |word: &Word| {
            means(word) && word.division.rank() == rank && (word.division.is_current() || !current)
        };
        let mut words = words_at(hint.city).filter(fits);
        let first = words.next()?.division;
        let alone = |other: Word| province.is_some() || other.division.province() == first.province();
        words.all(alone).then_some(first)
    };
    let own = province.is_some_and(is_municipality);
    // A prefecture first, a county then (仙桃, 浦东), and last what is no more.
    let city = of(Rank::Prefecture, true).filter(|_| !own);
    let district = if city.is_none() { of(Rank::County, true) } else { None };
    let old = || of(Rank::Prefecture, false).filter(|_| !own);
    let city = city.or_else(|| if district.is_none() { old() } else { None });
    let district = district.or_else(|| if city.is_none() { of(Rank::County, false) } else { None });
    let province = province.or(city.or(district).map(Division::province));
    // A county that is in a city tells the city, too.
    let above = district.and_then(|district| named(district.prefecture() * 100));
    Hinted { province, city: city.or(above.filter(|above| above.rank() == Rank::Prefecture)), district }
}
