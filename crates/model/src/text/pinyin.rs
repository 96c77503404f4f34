//! Names as they are spelt: one or more readings for each character.

use std::sync::OnceLock;

use pinyin::ToPinyin;

/// Characters of names that are read in more than one way; the library knows the most usual reading alone. Surnames,
/// places and lines of business: rarer readings would find what nobody means.
const POLYPHONES: &[(char, &str, &str)] = &[
    ('万', "wan", "mo"),
    ('乐', "le", "yue"),
    ('什', "shi", "shen"),
    ('仇', "qiu", "chou"),
    ('会', "hui", "kuai"),
    ('传', "chuan", "zhuan"),
    ('俟', "si", "qi"),
    ('六', "liu", "lu"),
    ('劲', "jin", "jing"),
    ('区', "qu", "ou"),
    ('单', "dan", "shan"),
    ('卜', "bu", "bo"),
    ('卡', "ka", "qia"),
    ('厦', "xia", "sha"),
    ('参', "can", "shen"),
    ('叶', "ye", "xie"),
    ('员', "yuan", "yun"),
    ('和', "he", "huo"),
    ('咖', "ka", "ga"),
    ('地', "di", "de"),
    ('壳', "ke", "qiao"),
    ('大', "da", "dai"),
    ('奇', "qi", "ji"),
    ('宓', "mi", "fu"),
    ('宿', "su", "xiu"),
    ('尉', "wei", "yu"),
    ('属', "shu", "zhu"),
    ('差', "cha", "chai"),
    ('巷', "xiang", "hang"),
    ('弹', "dan", "tan"),
    ('强', "qiang", "jiang"),
    ('扁', "bian", "pian"),
    ('提', "ti", "di"),
    ('晟', "sheng", "cheng"),
    ('曾', "zeng", "ceng"),
    ('朝', "chao", "zhao"),
    ('朴', "pu", "piao"),
    ('枞', "cong", "zong"),
    ('柏', "bai", "bo"),
    ('查', "cha", "zha"),
    ('校', "xiao", "jiao"),
    ('模', "mo", "mu"),
    ('歙', "she", "xi"),
    ('沈', "shen", "chen"),
    ('没', "mo", "mei"),
    ('泊', "bo", "po"),
    ('洗', "xi", "xian"),
    ('浚', "jun", "xun"),
    ('涡', "wo", "guo"),
    ('牟', "mou", "mu"),
    ('率', "lv", "shuai"),
    ('番', "fan", "pan"),
    ('的', "de", "di"),
    ('盖', "gai", "ge"),
    ('盛', "sheng", "cheng"),
    ('省', "sheng", "xing"),
    ('石', "shi", "dan"),
    ('祭', "ji", "zhai"),
    ('种', "zhong", "chong"),
    ('秘', "mi", "bi"),
    ('系', "xi", "ji"),
    ('繁', "fan", "po"),
    ('绿', "lv", "lu"),
    ('缪', "miao", "mou"),
    ('翟', "zhai", "di"),
    ('能', "neng", "nai"),
    ('色', "se", "shai"),
    ('茄', "qie", "jia"),
    ('莘', "shen", "xin"),
    ('落', "luo", "la"),
    ('薄', "bo", "bao"),
    ('藏', "cang", "zang"),
    ('蚌', "beng", "bang"),
    ('血', "xue", "xie"),
    ('行', "xing", "hang"),
    ('覃', "qin", "tan"),
    ('角', "jiao", "jue"),
    ('解', "jie", "xie"),
    ('许', "xu", "hu"),
    ('调', "tiao", "diao"),
    ('谷', "gu", "yu"),
    ('贾', "jia", "gu"),
    ('车', "che", "ju"),
    ('还', "huan", "hai"),
    ('郇', "xun", "huan"),
    ('都', "du", "dou"),
    ('重', "zhong", "chong"),
    ('长', "chang", "zhang"),
    ('阿', "a", "e"),
    ('陆', "lu", "liu"),
    ('降', "jiang", "xiang"),
    ('隗', "wei", "kui"),
];

/// Readings of one character: syllables without tones, `ü` as `v`. A letter or digit is its own reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reading {
    /// One or two syllables by their place in [`Syllables`], the more usual first.
    Spelt(u16, Option<u16>),
    /// A letter or a digit.
    Letter(char),
    /// Not to be spelt.
    None,
}

impl Reading {
    /// The syllables that it may be.
    pub fn syllables(self) -> impl Iterator<Item = u16> {
        let (first, second) = match self {
            Reading::Spelt(first, second) => (Some(first), second),
            Reading::Letter(_) | Reading::None => (None, None),
        };
        first.into_iter().chain(second)
    }

    /// The first letters that it may have.
    pub fn initials(self) -> impl Iterator<Item = char> {
        let letter = if let Reading::Letter(letter) = self { Some(letter) } else { None };
        let all = Syllables::all();
        letter.into_iter().chain(self.syllables().filter_map(|number| all.text(number).chars().next()))
    }
}

/// All syllables, in alphabetical order.
pub struct Syllables(Vec<String>);

impl Syllables {
    /// The table, made once in a millisecond.
    pub fn all() -> &'static Syllables {
        static ALL: OnceLock<Syllables> = OnceLock::new();
        ALL.get_or_init(|| {
            let spelt = (FIRST..=LAST).filter_map(|c| c.to_pinyin()).map(|spelt| plain(spelt.plain()));
            let mut all: Vec<String> =
                spelt.filter(|text| text.contains(['a', 'e', 'i', 'o', 'u', 'v'])).collect();
            all.sort();
            all.dedup();
            Syllables(all)
        })
    }

    /// The letters of a syllable.
    #[must_use]
    pub fn text(&self, syllable: u16) -> &str {
        self.0.get(usize::from(syllable)).map_or("", String::as_str)
    }

    /// The number of a syllable.
    #[must_use]
    pub fn number(&self, text: &str) -> Option<u16> {
        self.0.binary_search_by(|known| known.as_str().cmp(text)).ok().and_then(|at| u16::try_from(at).ok())
    }
}

fn plain(text: &str) -> String {
    text.replace('ü', "v")
}

/// The readings of each character of a folded text.
#[must_use]
pub fn readings(text: &str) -> Vec<Reading> {
    text.chars().map(reading).collect()
}

fn reading(c: char) -> Reading {
    if c.is_ascii_alphanumeric() {
        return Reading::Letter(c);
    }
    let at = u32::from(c).checked_sub(u32::from(FIRST)).and_then(|at| usize::try_from(at).ok());
    at.and_then(|at| ideographs().get(at)).copied().unwrap_or(Reading::None)
}

/// The ideographs that names are written with.
const FIRST: char = '\u{4e00}';
const LAST: char = '\u{9fff}';

/// Their readings, put down once: names are spelt by the million.
fn ideographs() -> &'static [Reading] {
    static ALL: OnceLock<Vec<Reading>> = OnceLock::new();
    ALL.get_or_init(|| (FIRST..=LAST).map(spell).collect())
}

fn spell(c: char) -> Reading {
    let all = Syllables::all();
    let spelt = match POLYPHONES.iter().find(|(of, ..)| *of == c) {
        Some((_, first, second)) => (all.number(first), all.number(second)),
        None => (c.to_pinyin().and_then(|spelt| all.number(&plain(spelt.plain()))), None),
    };
    match spelt {
        (Some(first), second) => Reading::Spelt(first, second),
        (None, _) => Reading::None,
    }
}

/// Longest syllable: `zhuang`, `chuang`, `shuang`.
const LONGEST: usize = 6;
/// `xianxianxian` can be read in many ways; the first of them are enough.
const WAYS: usize = 16;

/// The ways in which letters can be read as whole syllables, fewest syllables first. A beginning that could be one is
/// left out at the end: who types `shilik` has not finished.
#[must_use]
pub fn segmentations(letters: &str) -> Vec<Vec<u16>> {
    let mut ways = Vec::new();
    walk(letters, &mut Vec::new(), &mut ways);
    ways.sort_by_key(Vec::len);
    ways.dedup();
    ways
}

fn walk(rest: &str, taken: &mut Vec<u16>, ways: &mut Vec<Vec<u16>>) {
    if ways.len() >= WAYS {
        return;
    }
    let all = Syllables::all();
    if rest.is_empty() || (!taken.is_empty() && is_beginning(rest)) {
        ways.push(taken.clone());
        if rest.is_empty() {
            return;
        }
    }
    for length in (1..=LONGEST.min(rest.len())).rev() {
        let Some((front, tail)) = rest.split_at_checked(length) else { continue };
        if let Some(number) = all.number(front) {
            taken.push(number);
            walk(tail, taken, ways);
            taken.pop();
        }
    }
}

/// Whether a syllable that is not finished may begin so.
pub(super) fn is_beginning(text: &str) -> bool {
    let all = &Syllables::all().0;
    let at = all.partition_point(|known| known.as_str() < text);
    all.get(at).is_some_and(|known| known.len() > text.len() && known.starts_with(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelt(text: &str) -> Vec<Vec<&'static str>> {
        let all = Syllables::all();
        readings(text)
            .into_iter()
            .map(|reading| reading.syllables().map(|number| all.text(number)).collect())
            .collect()
    }

    fn ways(letters: &str) -> Vec<String> {
        let all = Syllables::all();
        let text = |way: Vec<u16>| way.into_iter().map(|n| all.text(n)).collect::<Vec<_>>().join(" ");
        segmentations(letters).into_iter().map(text).collect()
    }

    #[test]
    fn every_polyphone_is_spelt_with_syllables_that_exist() {
        for (c, first, second) in POLYPHONES {
            assert_eq!(spelt(&c.to_string()), [[*first, *second]], "{c}");
        }
    }

    #[test]
    fn common_polyphones_have_all_their_readings() {
        assert_eq!(spelt("重庆"), [vec!["zhong", "chong"], vec!["qing"]]);
        assert_eq!(spelt("银行"), [vec!["yin"], vec!["xing", "hang"]]);
        assert_eq!(spelt("绿"), [["lv", "lu"]]);
        assert_eq!(readings("a1"), [Reading::Letter('a'), Reading::Letter('1')]);
    }

    #[test]
    fn joined_letters_are_cut_in_every_way_that_makes_syllables() {
        assert_eq!(ways("shilikeji"), ["shi li ke ji"]);
        assert!(ways("xian").contains(&"xian".into()) && ways("xian").contains(&"xi an".into()));
        assert_eq!(ways("shilik"), ["shi li"]);
        assert_eq!(ways("slkj"), Vec::<String>::new());
        assert!(segmentations(&"xian".repeat(16)).len() <= 16);
    }
}
