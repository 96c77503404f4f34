//! Whether, and how, a name is what somebody looks for.

use super::fold::fold;
use super::pinyin::{Reading, Syllables, readings};
use super::short::Name;

/// Fewer characters than this find nothing by text.
const SHORTEST: usize = 2;

/// How a name was met; the better one is the smaller one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Match {
    /// The whole name.
    Exact,
    /// The whole of a short form.
    ShortForm,
    /// The beginning of the name, or of its brand.
    Prefix,
    /// A part of the name.
    Contains,
    /// How a part of it is spelt.
    Pinyin,
    /// The first letters of how a part of it is spelt.
    Initials,
}

impl Match {
    /// The word for it in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Match::Exact => "exact",
            Match::ShortForm => "short_form",
            Match::Prefix => "prefix",
            Match::Contains => "contains",
            Match::Pinyin => "pinyin",
            Match::Initials => "initials",
        }
    }
}

/// What somebody looks for. Shows nothing of it in `Debug`.
#[derive(Clone)]
pub struct Query {
    /// The text, folded.
    pub text: String,
    /// The same where it is nothing but letters, and so may be how a name is spelt.
    pub letters: Option<String>,
}

impl std::fmt::Debug for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Query").finish_non_exhaustive()
    }
}

impl Query {
    /// What was typed, or nothing where that is too short to look for.
    #[must_use]
    pub fn new(typed: &str) -> Option<Query> {
        // Before folding, which takes the dots away.
        let spelt = typed.to_lowercase().replace('ü', "v");
        let text = fold(&spelt);
        let letters =
            text.bytes().all(|b| b.is_ascii_alphanumeric()) && text.bytes().any(|b| b.is_ascii_alphabetic());
        let letters = letters.then(|| text.clone());
        (text.chars().count() >= SHORTEST).then_some(Query { text, letters })
    }

    /// Whether a part of it is letters, and so may be how a part of a name is spelt: 示例keji.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        self.letters.is_none() && self.text.bytes().any(|b| b.is_ascii_alphabetic())
    }

    /// How this finds a name, if it does: in the best way in which it does.
    #[must_use]
    pub fn classify(&self, name: &Name) -> Option<Match> {
        let text = self.text.as_str();
        if name.texts().any(|whole| whole == text) {
            return Some(Match::Exact);
        }
        if name.shorts.iter().any(|short| short == text) {
            return Some(Match::ShortForm);
        }
        if name.starts().any(|start| start.starts_with(text)) {
            return Some(Match::Prefix);
        }
        if name.texts().any(|whole| whole.contains(text)) {
            return Some(Match::Contains);
        }
        if self.letters.is_none() && !self.is_mixed() {
            return None;
        }
        let spelt: Vec<Vec<Sound>> =
            name.texts().map(|whole| whole.chars().zip(readings(whole)).collect()).collect();
        if spelt.iter().any(|chars| anywhere(chars, |rest| is_spelt(rest, text, false))) {
            return Some(Match::Pinyin);
        }
        let letters = self.letters.as_deref()?;
        spelt
            .iter()
            .any(|chars| anywhere(chars, |rest| has_initials(rest, letters)))
            .then_some(Match::Initials)
    }
}

/// A character of a name and how it is read.
type Sound = (char, Reading);

fn anywhere(chars: &[Sound], mut fits: impl FnMut(&[Sound]) -> bool) -> bool {
    (0..chars.len()).any(|at| chars.get(at..).is_some_and(&mut fits))
}

/// Whether what was typed spells the beginning of these characters; one that was not typed in letters stands for itself.
/// The last syllable may be unfinished, not the only one.
fn is_spelt(chars: &[Sound], typed: &str, begun: bool) -> bool {
    if typed.is_empty() {
        return true;
    }
    let Some(((own, reading), rest)) = chars.split_first() else { return false };
    if let Some(left) = typed.strip_prefix(*own) {
        return is_spelt(rest, left, begun || !own.is_ascii());
    }
    reading.syllables().map(|number| Syllables::all().text(number)).any(|syllable| {
        match typed.strip_prefix(syllable) {
            Some(left) => is_spelt(rest, left, true),
            None => begun && syllable.starts_with(typed),
        }
    })
}

/// Whether each letter is the first of one of these characters, from the first character on.
fn has_initials(chars: &[Sound], letters: &str) -> bool {
    let mut chars = chars.iter();
    letters
        .chars()
        .all(|letter| chars.next().is_some_and(|(_, reading)| reading.initials().any(|of| of == letter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn how(typed: &str, name: &str) -> Option<Match> {
        Query::new(typed).and_then(|query| query.classify(&Name::new(name)))
    }

    #[test]
    fn a_name_is_met_in_the_best_way() {
        let name = "示例科技（杭州）有限公司";
        for (typed, expected) in [
            ("示例科技(杭州)有限公司", Match::Exact),
            ("示例科技有限公司", Match::Exact),
            ("示例科技", Match::ShortForm),
            ("示例", Match::ShortForm),
            ("示例科", Match::Prefix),
            ("科技", Match::Contains),
            ("杭州", Match::Contains),
            ("shilikeji", Match::Pinyin),
            ("Shi Li Ke Ji", Match::Pinyin),
            ("shilik", Match::Pinyin),
            ("slkj", Match::Initials),
            ("SLKJ", Match::Initials),
            ("kjyx", Match::Initials),
            ("示例keji", Match::Pinyin),
            ("shili科技", Match::Pinyin),
            ("示li科ji", Match::Pinyin),
            ("示例ke", Match::Pinyin),
            ("示例k", Match::Pinyin),
            ("科技hang", Match::Pinyin),
        ] {
            assert_eq!(how(typed, name), Some(expected), "{typed}");
        }
        for typed in
            ["示", "例示", "shilikeja", "slkk", "sx", "", "。。", "示例jike", "示例kj", "k科技", "例shi"]
        {
            assert_eq!(how(typed, name), None, "{typed}");
        }
    }

    #[test]
    fn the_short_forms_of_a_cooperative_find_it() {
        let name = "靖远搏远养殖专业合作社";
        assert_eq!(how("搏远养殖", name), Some(Match::ShortForm));
        assert_eq!(how("搏远", name), Some(Match::ShortForm));
        assert_eq!(how("搏远养", name), Some(Match::Prefix));
        assert_eq!(how("合作社", name), Some(Match::Contains));
    }

    #[test]
    fn script_and_width_make_no_difference() {
        assert_eq!(how("國際貿易", "示例国际贸易公司"), Some(Match::Contains));
        assert_eq!(how("国际", "示例國際貿易公司"), Some(Match::Contains));
        assert_eq!(how("ＡＢ", "ab示例"), Some(Match::Prefix));
    }

    #[test]
    fn polyphones_are_found_by_each_common_reading() {
        for (typed, name) in [
            ("chongqing", "重庆示例有限公司"),
            ("zhongqing", "重庆示例有限公司"),
            ("yinhang", "示例银行"),
            ("changsha", "长沙示例"),
            ("zhangsun", "长孙示例"),
            ("xiamen", "厦门示例"),
            ("lvse", "绿色示例"),
            ("LÜSE", "绿色示例"),
            ("cqsl", "重庆示例"),
            ("a1sl", "A1示例"),
        ] {
            assert!(how(typed, name).is_some_and(|how| how >= Match::Pinyin), "{typed} {name}");
        }
    }
}
