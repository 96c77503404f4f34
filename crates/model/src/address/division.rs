//! The division table (GB/T 2260), read once from `data/divisions.csv`; where it comes from stands beside it.

use std::collections::HashMap;
use std::sync::LazyLock;

static SOURCE: &str = include_str!("../../data/divisions.csv");

/// The year of a division that still is.
const STILL: u16 = u16::MAX;

/// The municipalities: what stands where others have a prefecture is the municipality itself.
const MUNICIPALITIES: [u32; 4] = [11, 12, 31, 50];

/// One name of one code.
#[derive(Debug)]
pub(super) struct Division {
    /// Six digits.
    pub(super) code: u32,
    /// The full name.
    pub(super) name: &'static str,
    /// What people say for it; never less than two characters.
    pub(super) short: &'static str,
    /// Another word for it, with a suffix: 巴州, 前郭县.
    alias: Option<&'static str>,
    /// The last year in which the code had this name.
    until: u16,
}

/// The level of a division.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rank {
    Province,
    Prefecture,
    County,
}

impl Division {
    pub(super) const fn rank(&self) -> Rank {
        match (self.code.is_multiple_of(10_000), self.code.is_multiple_of(100)) {
            (true, _) => Rank::Province,
            (false, true) => Rank::Prefecture,
            (false, false) => Rank::County,
        }
    }

    /// The first two digits.
    pub(super) const fn province(&self) -> u32 {
        self.code / 10_000
    }

    /// The first four digits.
    pub(super) const fn prefecture(&self) -> u32 {
        self.code / 100
    }

    /// Whether it is a district of a city (区) and no county or city.
    pub(super) fn is_district(&self) -> bool {
        self.name.ends_with('区')
    }

    pub(super) const fn is_current(&self) -> bool {
        self.until == STILL
    }

    /// The name of the province, as it is now.
    pub(super) fn province_name(&self) -> &'static str {
        named(self.province() * 10_000).map_or("", |province| province.name)
    }

    /// The name of the city it is in: its prefecture, or the municipality; empty when it is directly under a province.
    pub(super) fn city_name(&self) -> &'static str {
        if is_municipality(self.province()) {
            return self.province_name();
        }
        self.city().map_or("", |city| city.name)
    }

    /// The short name of its prefecture.
    pub(super) fn city_short(&self) -> &'static str {
        self.city().map_or("", |city| city.short)
    }

    fn city(&self) -> Option<&'static Self> {
        named(self.prefecture() * 100).filter(|city| city.rank() == Rank::Prefecture)
    }
}

pub(super) fn is_municipality(province: u32) -> bool {
    MUNICIPALITIES.contains(&province)
}

/// A word that means a division, found at the start of a text.
#[derive(Clone, Copy)]
pub(super) struct Word {
    pub(super) division: &'static Division,
    /// How many bytes of the text it takes.
    pub(super) length: usize,
    /// Whether it is more than the bare short form: the full name, a short one with its suffix (恩施州), an alias.
    pub(super) full: bool,
}

impl Word {
    /// Whether it is a county in a prefecture (its first four digits), in full.
    pub(super) const fn is_county_of(&self, prefecture: u32) -> bool {
        self.full && matches!(self.division.rank(), Rank::County) && self.division.prefecture() == prefecture
    }
}

struct Table {
    /// Ascending by code.
    divisions: Vec<Division>,
    /// Each name, short name and alias with the position of its division, by the two first characters; the longest first,
    /// of the same words the latest division first.
    words: HashMap<&'static str, Vec<(&'static str, u32)>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let divisions: Vec<Division> = SOURCE.lines().skip(1).filter_map(read).collect();
    let mut words: HashMap<&'static str, Vec<(&'static str, u32)>> = HashMap::with_capacity(divisions.len());
    for (at, division) in (0..).zip(&divisions) {
        let short = Some(division.short).filter(|short| *short != division.name);
        for word in [Some(division.name), division.alias, short].into_iter().flatten() {
            words.entry(head(word).unwrap_or_default()).or_default().push((word, at));
        }
    }
    let until = |at: u32| divisions.get(at as usize).map(|division| division.until);
    for same in words.values_mut().filter(|same| same.len() > 1) {
        same.sort_by(|(a, x), (b, y)| {
            b.len().cmp(&a.len()).then_with(|| a.cmp(b)).then_with(|| until(*y).cmp(&until(*x)))
        });
    }
    Table { divisions, words }
});

/// A line of the table; nothing for one that is not as it should be, which a test refuses.
fn read(line: &'static str) -> Option<Division> {
    let mut cells = line.split(',');
    let (code, name) = (cells.next()?.parse().ok()?, cells.next()?);
    let mut words = cells.next()?.split(' ');
    let (short, alias) = (words.next()?, words.next());
    let until = match cells.nth(1)? {
        "" => STILL,
        year => year.parse().ok()?,
    };
    Some(Division { code, name, short, alias, until })
}

/// The first two characters: each has three bytes in all names.
fn head(text: &str) -> Option<&str> {
    text.get(..6)
}

/// All words for divisions at the start of a text, the longest first, of the same words the latest division first.
pub(super) fn words_at(text: &str) -> impl Iterator<Item = Word> + '_ {
    let table = &*TABLE;
    let words = head(text).and_then(|start| table.words.get(start)).map(Vec::as_slice).unwrap_or_default();
    words.iter().filter_map(move |(word, at)| {
        let after = text.strip_prefix(word)?;
        let division = table.divisions.get(*at as usize)?;
        let suffix = suffix_after(division, word, after);
        Some(Word {
            division,
            length: word.len() + suffix,
            full: suffix > 0 || *word != division.short || *word == division.name,
        })
    })
}

/// How many bytes behind a short form are its suffix: 恩施州, 长阳县 and 管城区 are the full names that people use.
fn suffix_after(division: &Division, word: &str, after: &str) -> usize {
    const SUFFIXES: [(&str, &str); 5] =
        [("自治州", "州"), ("自治县", "县"), ("自治旗", "旗"), ("自治区", "自治区"), ("族区", "区")];
    if word != division.short || word == division.name {
        return 0;
    }
    let suffix = SUFFIXES.into_iter().find(|(long, _)| division.name.ends_with(long));
    suffix.map_or(0, |(long, brief)| {
        [long, brief].into_iter().find(|s| after.starts_with(s)).map_or(0, str::len)
    })
}

/// The latest division of a code.
pub(super) fn named(code: u32) -> Option<&'static Division> {
    let divisions = &TABLE.divisions;
    let from = divisions.partition_point(|division| division.code < code);
    divisions
        .iter()
        .skip(from)
        .take_while(|division| division.code == code)
        .max_by_key(|division| division.until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        assert_eq!(TABLE.divisions.len() + 1, SOURCE.lines().count());
        assert!(TABLE.divisions.is_sorted_by_key(|division| division.code));
        for division in &TABLE.divisions {
            assert!((110_000..830_000).contains(&division.code));
            let words = [division.name, division.short, division.alias.unwrap_or(division.name)];
            assert!(words.iter().all(|word| word.len() >= 6 && word.chars().all(|c| c.len_utf8() == 3)));
            assert!(named(division.province() * 10_000).is_some(), "{}", division.code);
        }
    }

    #[test]
    fn the_table_is_that_of_the_end_of_2025() {
        let count = |rank| {
            TABLE.divisions.iter().filter(|d| d.is_current() && d.rank() == rank && d.code < 710_000).count()
        };
        // The yearly table of the ministry, with four districts of 大兴安岭 that have no codes in it.
        assert_eq!(
            (count(Rank::Province), count(Rank::Prefecture), count(Rank::County)),
            (31, 333, 2845 + 4)
        );
    }

    #[test]
    fn a_county_knows_its_city_and_province() {
        let names = |code| {
            let division = named(code).unwrap();
            (division.province_name(), division.city_name(), division.name)
        };
        assert_eq!(names(620_421), ("甘肃省", "白银市", "靖远县"));
        assert_eq!(names(110_108), ("北京市", "北京市", "海淀区"));
        assert_eq!(names(419_001), ("河南省", "", "济源市"));
        assert_eq!(names(110_103), ("北京市", "北京市", "崇文区"));
        assert_eq!(names(810_002), ("香港特别行政区", "", "湾仔区"));
    }

    #[test]
    fn words_are_found_longest_first_with_their_suffix() {
        let found = |text| words_at(text).map(|w| (w.division.name, w.length / 3, w.full)).next();
        assert_eq!(found("恩施州利川市"), Some(("恩施土家族苗族自治州", 3, true)));
        assert_eq!(found("三江县古宜镇"), Some(("三江侗族自治县", 3, true)));
        assert_eq!(found("管城区东大街"), Some(("管城回族区", 3, true)));
        assert_eq!(found("克州阿图什市"), Some(("克孜勒苏柯尔克孜自治州", 2, true)));
        assert_eq!(found("广西自治区"), Some(("广西壮族自治区", 5, true)));
        assert_eq!(found("吉林市昌邑区"), Some(("吉林市", 3, true)));
        assert_eq!(found("甘肃白银"), Some(("甘肃省", 2, false)));
        assert_eq!(found("文三路1号"), None);
        assert_eq!(found("x"), None);
    }
}
