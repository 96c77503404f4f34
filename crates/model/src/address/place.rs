//! Which divisions a text begins with.

use super::Hint;
use super::division::{Division, Rank, Word, is_municipality, named, words_at};
use super::hint::{Hinted, resolve};

/// Where an address lies, and what of its text stands behind the divisions.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) province: &'static str,
    pub(super) city: &'static str,
    pub(super) district: &'static str,
    pub(super) rest: &'a str,
}

/// What is known while a text is read.
struct Reading<'a> {
    hinted: Hinted,
    /// The province that the text names, or its city's; first two digits.
    province: Option<u32>,
    city: Option<&'static Division>,
    /// The whole text.
    text: &'a str,
    /// What of it has not been read.
    rest: &'a str,
}

/// Finds the divisions at the start of a text; nothing when not even the province is known.
pub(super) fn locate<'a>(text: &'a str, hint: Hint<'_>) -> Option<Place<'a>> {
    let mut reading = Reading { hinted: resolve(hint), province: None, city: None, text, rest: text };
    if let Some(word) = reading.province_word() {
        reading.province = Some(word.division.province());
        reading.pass(word);
        reading.pass_repeated();
    }
    if let Some(word) = reading.city_word() {
        reading.province = Some(word.division.province());
        reading.city = Some(word.division);
        reading.pass(word);
        reading.pass_repeated();
    }
    reading.step_back();
    let district = reading.district_word();
    if let Some(word) = district {
        reading.pass(word);
    }
    reading.place(district.map(|word| word.division))
}

impl<'a> Reading<'a> {
    /// Takes a word off the text.
    fn pass(&mut self, word: Word) {
        self.rest = self.rest.get(word.length..).unwrap_or_default();
    }

    /// Takes off what is repeated: 太原市太原市, 甘肃省白银市甘肃省白银市. 上海市场路 is a road.
    fn pass_repeated(&mut self) {
        let names = [self.province.map_or("", province_name), self.city.map_or("", |city| city.name)];
        let once = |text: &'a str| {
            let after =
                names.iter().filter(|name| !name.is_empty()).find_map(|name| text.strip_prefix(name))?;
            (!after.starts_with('场')).then_some(after)
        };
        while let Some(after) = once(self.rest) {
            self.rest = after;
        }
    }

    /// 内江市中区 is 内江 and 市中区: where no county begins behind 市, one may begin with it.
    fn step_back(&mut self) {
        let Some(city) = self.city.map(Division::prefecture) else { return };
        let has_county = |text: &str| words_at(text).any(|word| word.is_county_of(city));
        let read = self.text.len() - self.rest.len();
        let earlier =
            read.checked_sub('市'.len_utf8()).and_then(|from| self.text.get(from..)).unwrap_or_default();
        if earlier.starts_with('市') && has_county(earlier) && !has_county(self.rest) {
            self.rest = earlier;
        }
    }

    /// The province that may be meant where the text names none.
    fn scope(&self) -> Option<u32> {
        self.province.or(self.hinted.province)
    }

    fn province_word(&self) -> Option<Word> {
        let word = words_at(self.rest).find(|word| word.full || word.division.rank() == Rank::Province)?;
        let of_it = |other: &Word| {
            other.division.province() == word.division.province() && other.division.rank() != Rank::Province
        };
        let after = self.rest.get(word.length..).unwrap_or_default();
        // 河北大街 is a street, 海南州 a prefecture of 青海.
        let meant = || {
            words_at(after).any(|other| of_it(&other) && (other.full || stands(after)))
                || (stands(after) && self.hinted.province == Some(word.division.province()))
        };
        (word.division.rank() == Rank::Province && (word.full || meant())).then_some(word)
    }

    fn city_word(&self) -> Option<Word> {
        let scope = self.scope();
        let mut found: Option<Word> = None;
        for word in words_at(self.rest).filter(|word| word.division.rank() == Rank::Prefecture) {
            let division = word.division;
            // What the text says comes before the hint, where it says it in full.
            let fits = self.province.is_none_or(|province| province == division.province())
                && (word.full || scope.is_none_or(|province| province == division.province()));
            if !fits
                || !(if word.full { self.full_city_stands(&word) } else { self.short_city_stands(&word) })
            {
                continue;
            }
            match found {
                None => found = Some(word),
                Some(first) if first.length > word.length => break,
                Some(first) if rates_higher(&word, &first, scope) => found = Some(word),
                Some(_) => {}
            }
        }
        found
    }

    /// 巢湖市 was a prefecture and is a county now: the old one is meant where a county of it follows.
    fn full_city_stands(&self, word: &Word) -> bool {
        let division = word.division;
        let county = |other: Word| {
            let other = other.division;
            other.is_current() && other.name == division.name && other.province() == division.province()
        };
        division.is_current() || self.has_county_of(word) || !words_at(self.rest).any(county)
    }

    /// Whether a county of a prefecture stands behind the prefecture's name.
    fn has_county_of(&self, word: &Word) -> bool {
        let after = self.rest.get(word.length..).unwrap_or_default();
        words_at(after).any(|other| other.is_county_of(word.division.prefecture()))
    }

    /// 云南昆明江东花园, 太原杏花岭区; but 南京东路 is a street, and 临夏市 a city in 临夏州.
    fn short_city_stands(&self, word: &Word) -> bool {
        let after = self.rest.get(word.length..).unwrap_or_default();
        let said = self.province.is_some() && word.division.is_current();
        self.has_county_of(word) || (said && stands(after))
    }

    fn district_word(&self) -> Option<Word> {
        let counties = || words_at(self.rest).filter(|word| word.division.rank() == Rank::County);
        let city = self.city.map(Division::prefecture);
        let hinted = self.hinted.city.map(Division::prefecture).filter(|_| city.is_none());
        let within = |prefecture: u32| counties().find(|word| word.is_county_of(prefecture));
        city.and_then(within)
            .or_else(|| self.hinted_word(counties()))
            .or_else(|| hinted.and_then(within))
            .or_else(|| self.only_word(counties().filter(|word| word.full), self.scope()))
            // 昆山市 is where it is, whatever the record says; a 城西区 can be one that the table does not have.
            .or_else(|| {
                self.only_word(
                    counties().filter(|word| word.full && !word.division.is_district()),
                    self.province,
                )
            })
            .or_else(|| self.short_word(counties()))
    }

    /// The district of the hint: 上海浦东三林路 where the record says 浦东.
    fn hinted_word(&self, mut words: impl Iterator<Item = Word>) -> Option<Word> {
        let hinted = self.hinted.district?;
        words.find(|word| {
            let after = self.rest.get(word.length..).unwrap_or_default();
            word.division.code == hinted.code && (word.full || stands(after))
        })
    }

    /// The one county of this name: in the province, where one is given, else in the country. Those that are no more
    /// count where there is none now.
    fn only_word(&self, words: impl Iterator<Item = Word>, scope: Option<u32>) -> Option<Word> {
        let mut found: Option<Word> = None;
        for word in words {
            let division = word.division;
            // 城区, 郊区 and 东区 mean something in their city alone.
            let vague = division.name.chars().nth(2).is_none() && division.is_district();
            // 忻州市原平县: the county was in 忻州地区, which became the city.
            let elsewhere = self.city.is_some_and(|city| city.short != division.city_short());
            if vague || elsewhere || scope.is_some_and(|province| province != division.province()) {
                continue;
            }
            match found {
                None => found = Some(word),
                Some(first) if first.length > word.length => break,
                Some(first) if first.division.is_current() && !division.is_current() => break,
                Some(first) if !same_city(first.division, division) => return None,
                Some(_) => {}
            }
        }
        found
    }

    /// 昆山花桥镇, 洞口经济开发区: a county without its suffix, where what follows is its township or zone.
    fn short_word(&self, words: impl Iterator<Item = Word>) -> Option<Word> {
        let city = self.city.or(self.hinted.city);
        let province = self.scope()?;
        let follows = |word: &Word| {
            let after = self.rest.get(word.length..).unwrap_or_default();
            stands(after) && leads_on(after)
        };
        let fits = |word: &Word| {
            let division = word.division;
            let inside = city.is_none_or(|city| city.prefecture() == division.prefecture());
            // 长沙高新区 is a zone of the city, not of 长沙县.
            let own = city.is_none_or(|city| city.short != division.short);
            !word.full
                && division.is_current()
                && division.province() == province
                && inside
                && own
                && follows(word)
        };
        let mut words = words.filter(fits);
        let first = words.next()?;
        words.all(|other| other.length < first.length).then_some(first)
    }

    fn place(&self, district: Option<&'static Division>) -> Option<Place<'a>> {
        let province = self.province.or(district.map(Division::province)).or(self.hinted.province)?;
        let hinted = |division: Option<&'static Division>| division.filter(|d| d.province() == province);
        let hinted_city = hinted(self.hinted.city);
        let district = district.or_else(|| {
            let of_hint = hinted(self.hinted.district);
            of_hint.filter(|district| self.city.is_none_or(|city| city.prefecture() == district.prefecture()))
        });
        let city = match (self.city, district) {
            (Some(city), _) => city.name,
            (None, Some(district)) => district.city_name(),
            (None, None) if is_municipality(province) => province_name(province),
            (None, None) => hinted_city.map_or("", |city| city.name),
        };
        let district = district.map_or("", |district| district.name);
        Some(Place { province: province_name(province), city, district, rest: self.rest })
    }
}

/// Of two words of one length: the one in the province that is asked for, then the later one, comes first.
fn rates_higher(word: &Word, than: &Word, scope: Option<u32>) -> bool {
    let rate = |word: &Word| (scope == Some(word.division.province()), word.division.is_current());
    rate(word) > rate(than)
}

fn same_city(one: &Division, two: &Division) -> bool {
    one.province() == two.province() && (!one.is_current() || one.prefecture() == two.prefecture())
}

fn province_name(province: u32) -> &'static str {
    named(province * 10_000).map_or("", |division| division.name)
}

/// Whether a short form can end here: what follows does not make another name of it, as in 兰州路 or 白银大厦.
fn stands(after: &str) -> bool {
    const ENDINGS: &str = "-省市州盟县区旗路街道巷弄里村镇乡屯庄园苑厦楼院店桥站港湾河湖山江公";
    const SIDES: &str = "东西南北中大新老一二三四五六七八九十";
    const ROADS: &str = "路街道巷弄里村门站桥厦";
    let mut characters = after.chars();
    match (characters.next(), characters.next()) {
        (Some(first), _) if ENDINGS.contains(first) => false,
        (Some(first), Some(second)) => !(SIDES.contains(first) && ROADS.contains(second)),
        _ => true,
    }
}

/// Whether a township or a zone stands here.
fn leads_on(after: &str) -> bool {
    const ZONES: [&str; 8] = ["经济", "高新", "开发", "工业", "产业", "循环", "生态", "现代"];
    let township = || after.chars().skip(2).take(3).any(|c| matches!(c, '镇' | '乡'));
    ZONES.iter().any(|zone| after.starts_with(zone)) || township()
}
