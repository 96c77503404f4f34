//! The parts of a name: place, brand, line of business, legal form; and the short forms that people use (简称).

use super::fold::fold;
use super::words::{FORMS, TRADES};
use crate::address::is_place;

/// What may stand behind the name of a place.
const PLACE_ENDS: &[char] = &['省', '市', '县', '区', '州', '盟', '旗', '镇', '乡'];
/// Characters of the longest place name in the table.
const LONGEST_PLACE: usize = 5;
/// A name has at most so many places in front: province, city, district, town.
const PLACES_IN_FRONT: usize = 4;
/// Anything shorter is no short form.
const SHORTEST: usize = 2;

/// What a stored name may be found by. Each text is folded.
#[derive(Clone, PartialEq, Eq)]
pub struct Name {
    /// The whole name, without brackets and other signs.
    pub whole: String,
    /// The same without what stands in brackets; none where there are none.
    pub bare: Option<String>,
    /// Short forms, longest first: without the legal form; without the place too; without the line of business too.
    pub shorts: Vec<String>,
    /// The name from its brand on; none where no place stands in front.
    pub from_brand: Option<String>,
}

/// Shows nothing of the name.
impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Name").finish_non_exhaustive()
    }
}

impl Name {
    /// Takes a name apart.
    #[must_use]
    pub fn new(name: &str) -> Name {
        let whole = fold(name);
        let outside = fold(&without_brackets(name));
        let bare = (outside != whole && outside.chars().count() >= SHORTEST).then_some(outside);
        let base = bare.as_deref().unwrap_or(&whole);
        let core = without_form(base);
        let branded = without_places(base);
        let from_brand = (branded.len() < base.len()).then(|| branded.to_owned());
        let mut shorts: Vec<String> = Vec::new();
        let inner = without_places(core);
        for short in [core, inner, without_trade(core), without_trade(inner)] {
            let new = short != whole && !shorts.iter().any(|known| known == short);
            if new && short.chars().count() >= SHORTEST && !is_place(short) {
                shorts.push(short.to_owned());
            }
        }
        Name { whole, bare, shorts, from_brand }
    }

    /// The texts in whose middle something may be found.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.whole.as_str()).chain(self.bare.as_deref())
    }

    /// The texts with whose beginning something may be found.
    pub fn starts(&self) -> impl Iterator<Item = &str> {
        self.texts().chain(self.from_brand.as_deref())
    }
}

fn without_brackets(name: &str) -> String {
    let mut depth = 0_usize;
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '(' | '（' | '[' | '［' | '【' | '〔' => depth += 1,
            ')' | '）' | ']' | '］' | '】' | '〕' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// Without its legal form; as it is where nothing of any length would be left.
fn without_form(name: &str) -> &str {
    longest_end(name, FORMS).unwrap_or(name)
}

/// Without its lines of business: `文化` and `传播` of `文化传播`.
fn without_trade(name: &str) -> &str {
    let mut rest = name;
    for _ in 0..3 {
        match longest_end(rest, TRADES) {
            Some(shorter) => rest = shorter,
            None => break,
        }
    }
    rest
}

/// What is left before the longest of these ends, if that is long enough for a name.
fn longest_end<'n>(name: &'n str, ends: &[&str]) -> Option<&'n str> {
    let left = ends.iter().filter_map(|end| name.strip_suffix(end));
    let left = left.filter(|left| left.chars().count() >= SHORTEST && !is_place(left));
    left.min_by_key(|left| left.len())
}

/// Without the places in front; never so that less than a short form is left.
fn without_places(name: &str) -> &str {
    let mut rest = name;
    for _ in 0..PLACES_IN_FRONT {
        let Some(next) = after_place(rest) else { break };
        let left = longest_end(next, FORMS).unwrap_or(next);
        if left.chars().count() < SHORTEST || FORMS.contains(&next) {
            break;
        }
        rest = next;
    }
    rest
}

/// What follows the place with which a text begins.
fn after_place(text: &str) -> Option<&str> {
    let ends = text.char_indices().map(|(at, _)| at).skip(SHORTEST).take(LONGEST_PLACE - 1);
    let mut best = None;
    for at in ends {
        let (front, rest) = text.split_at_checked(at)?;
        if is_place(front) {
            best = Some(rest.strip_prefix(PLACE_ENDS).filter(|left| !left.is_empty()).unwrap_or(rest));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shorts(name: &str) -> Vec<String> {
        Name::new(name).shorts
    }

    #[test]
    fn a_short_form_leaves_out_place_trade_and_legal_form() {
        assert_eq!(shorts("靖远搏远养殖专业合作社"), ["靖远搏远养殖", "搏远养殖", "靖远搏远", "搏远"]);
        assert_eq!(shorts("示例科技（杭州）有限公司"), ["示例科技", "示例"]);
        assert_eq!(shorts("太原市鹏川商贸有限公司"), ["太原市鹏川商贸", "鹏川商贸", "太原市鹏川", "鹏川"]);
        assert_eq!(shorts("贵州省黎平县示例有限责任公司"), ["贵州省黎平县示例", "示例"]);
        assert_eq!(
            shorts("廣東示例文化傳播股份有限公司"),
            ["广东示例文化传播", "示例文化传播", "广东示例", "示例"]
        );
    }

    #[test]
    fn what_would_be_too_short_stays() {
        for name in ["韩示", "公司", "杭州有限公司", "A"] {
            assert!(
                shorts(name).iter().all(|short| short.chars().count() >= 2),
                "{name}: {:?}",
                shorts(name)
            );
        }
        assert_eq!(shorts("韩小示"), Vec::<String>::new());
    }

    #[test]
    fn a_place_in_brackets_is_passed_over() {
        let name = Name::new("示例科技(杭州)有限公司");
        assert_eq!(name.whole, "示例科技杭州有限公司");
        assert_eq!(name.bare.as_deref(), Some("示例科技有限公司"));
    }
}
