//! One form for all ways to write the same text.

use std::sync::OnceLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use unicode_normalization::UnicodeNormalization;

/// The blocks in which traditional characters stand: the ideographs of the basic plane and their first supplement.
const IDEOGRAPHS: [std::ops::RangeInclusive<char>; 2] = ['\u{3400}'..='\u{9fff}', '\u{20000}'..='\u{2a6df}'];

/// Full and half width, case, traditional and simplified made the same (NFKC, lower case, one character for one);
/// spaces, brackets and all other signs left out. Traditional characters with several simplified ones become the most
/// usual of them, on both sides of a comparison, so that both still meet.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()) {
        out.push(simplified(c));
    }
    out
}

/// The simplified form of a character, or the character itself.
fn simplified(c: char) -> char {
    if c < '\u{3400}' {
        return c;
    }
    let table = table();
    let at = table.binary_search_by_key(&c, |(from, _)| *from);
    at.ok().and_then(|at| table.get(at)).map_or(c, |(_, to)| *to)
}

/// Some 4,000 pairs, made once from OpenCC's dictionary in a few milliseconds: looking a character up then needs no text.
fn table() -> &'static [(char, char)] {
    static TABLE: OnceLock<Vec<(char, char)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        // Built into the library: without it every character stands for itself.
        let Ok(converter) = OpenCC::from_config(BuiltinConfig::T2s) else { return Vec::new() };
        let mut buffer = [0; 4];
        let single = |c: char| {
            let text: &str = c.encode_utf8(&mut buffer);
            let simple = converter.convert(text);
            let mut chars = simple.chars();
            (chars.next(), chars.next())
        };
        let all = IDEOGRAPHS.into_iter().flatten();
        let pairs = all.map(|c| (c, c)).scan(single, |single, (c, _)| Some((c, single(c))));
        pairs
            .filter_map(|(c, simple)| match simple {
                (Some(to), None) if to != c => Some((c, to)),
                _ => None,
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_brackets_spaces_and_script_make_no_difference() {
        for text in
            ["示例科技（杭州）ＡＢＣ有限公司", "示例科技(杭州) abc 有限公司", "示例科技杭州Abc有限公司"]
        {
            assert_eq!(fold(text), "示例科技杭州abc有限公司", "{text}");
        }
        assert_eq!(fold("臺灣積體電路製造"), fold("台湾积体电路制造"));
        assert_eq!(fold("國際貿易 廣東 龍華"), "国际贸易广东龙华");
        assert_eq!(fold("·-—()"), "");
    }
}
