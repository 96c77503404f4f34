//! Names and free text as they are kept (A15), and the small tools that the number checks share.

use crate::fault::Fault;

/// Full-width ASCII (U+FF01–U+FF5E), the ideographic space and the full-width yen sign become half width.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        '\u{ffe5}' => '¥',
        _ => c,
    }
}

/// A code as it is compared: half width, upper case, without any white space.
pub(crate) fn compact(input: &str) -> String {
    input.chars().map(half_width).filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}

/// As [`compact`], also without hyphens and dashes, for numbers that are printed in groups.
pub(crate) fn compact_groups(input: &str) -> String {
    let mut text = compact(input);
    text.retain(|c| !is_dash(c));
    text
}

pub(crate) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Control characters, and the invisible ones that make two different names look the same.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a text may hold a control character or one that is not seen, told by its bytes alone: false for nearly all
/// text, in a small part of the time that looking at each character takes. Those that [`is_hidden`] knows are below
/// U+0020 or U+007F, or begin with one of these bytes in UTF-8.
#[must_use]
pub fn may_hide(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().any(|byte| *byte < 0x20 || matches!(byte, 0x7f | 0xc2 | 0xe2 | 0xf3))
        || bytes.windows(2).any(|pair| matches!(pair, [0xef, 0xbb | 0xbf]))
}

fn refuse_hidden(text: &str, allowed: &[char]) -> Result<(), Fault> {
    if !may_hide(text) {
        return Ok(());
    }
    match text.chars().position(|c| is_hidden(c) && !allowed.contains(&c)) {
        Some(at) => Err(Fault::new("text_control").with("position", (at + 1).to_string())),
        None => Ok(()),
    }
}

/// A name as on the licence (A15): round brackets full-width, other full-width ASCII half-width, the look-alikes of
/// the dot in names of minorities as `·`, ends trimmed, runs of white space one space and none beside a bracket.
///
/// # Errors
/// `text_empty`, or `text_control` with the position of a control or invisible character.
pub fn normalise_name(input: &str) -> Result<String, Fault> {
    let trimmed = input.trim();
    refuse_hidden(trimmed, &[])?;
    let mut name = String::with_capacity(trimmed.len());
    let mut gap = false;
    for c in trimmed.chars().map(half_width).map(name_character) {
        if c == ' ' || c.is_whitespace() {
            gap = true;
            continue;
        }
        let beside_bracket = matches!(c, '（' | '）') || name.ends_with(['（', '）']);
        if gap && !name.is_empty() && !beside_bracket {
            name.push(' ');
        }
        gap = false;
        name.push(c);
    }
    if name.is_empty() { Err(Fault::new("text_empty")) } else { Ok(name) }
}

fn name_character(c: char) -> char {
    match c {
        '(' | '\u{fe59}' => '（',
        ')' | '\u{fe5a}' => '）',
        '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22c5}' | '\u{30fb}' | '\u{ff65}' => '·',
        other => other,
    }
}

/// Free text: ends trimmed, line ends `\n`; tabs and line breaks are the only control characters it may hold.
///
/// # Errors
/// `text_control` with the position of a control or invisible character. Empty text is allowed.
pub fn normalise_text(input: &str) -> Result<String, Fault> {
    let text = input.trim();
    let text = match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n"),
        false => text.to_owned(),
    };
    refuse_hidden(&text, &['\n', '\t'])?;
    Ok(text)
}

/// Longest of those below, in bytes, with room for white space.
const ABSENT_LONGEST: usize = 32;

/// Whether a cell only says that there is no value, as registries and spreadsheets print it (`N/A`, `-`, `/`, `无`,
/// `暂无`, `NULL`).
pub fn is_absent(input: &str) -> bool {
    let text = input.trim();
    text.is_empty()
        || text.len() <= ABSENT_LONGEST
            && matches!(
                compact(text).as_str(),
                "N/A"
                    | "NA"
                    | "#N/A"
                    | "NAN"
                    | "NULL"
                    | "NONE"
                    | "NIL"
                    | "\\N"
                    | "-"
                    | "--"
                    | "---"
                    | "—"
                    | "——"
                    | "/"
                    | "\\"
                    | "无"
                    | "暂无"
                    | "暂无数据"
                    | "暂无信息"
                    | "未公示"
                    | "未公开"
                    | "未披露"
                    | "企业选择不公示"
            )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn brackets_become_full_width_and_letters_half_width() {
        assert_eq!(
            normalise_name("中瑞均隆国际货运代理(天津)有限公司").unwrap(),
            "中瑞均隆国际货运代理（天津）有限公司"
        );
        assert_eq!(normalise_name("北京ＡＢＢ贝利工程８４５有限公司").unwrap(), "北京ABB贝利工程845有限公司");
    }

    #[test]
    fn white_space_is_collapsed() {
        assert_eq!(normalise_name("\u{3000}Acme  Trading \u{a0} Ltd. ").unwrap(), "Acme Trading Ltd.");
        assert_eq!(
            normalise_name("毛纺织企业 (集团) 股份有限公司").unwrap(),
            "毛纺织企业（集团）股份有限公司"
        );
    }

    #[test]
    fn dots_in_names_are_one_character() {
        assert_eq!(normalise_name("阿依古丽・买买提").unwrap(), normalise_name("阿依古丽•买买提").unwrap());
    }

    #[test]
    fn hidden_characters_are_refused_with_their_position() {
        for text in ["张\u{7}三", "张\n三", "张\u{200b}三", "张\u{202e}三"] {
            let fault = normalise_name(text).unwrap_err();
            assert_eq!(fault.key, "text_control");
            assert_eq!(fault.params, vec![("position", "2".to_owned())]);
        }
        assert_eq!(normalise_name(" \t ").unwrap_err().key, "text_empty");
    }

    #[test]
    fn free_text_keeps_its_lines() {
        assert_eq!(normalise_text(" a\r\nb\tc \n").unwrap(), "a\nb\tc");
        assert!(normalise_text("创业村\u{7}江东").is_err());
    }

    #[test]
    fn no_hidden_character_passes_unseen() {
        let hidden = (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter(|c| is_hidden(*c));
        assert!(hidden.into_iter().all(|c| may_hide(&format!("甲{c}乙"))));
        assert!(!may_hide("示例科技（杭州）有限公司，1号"));
    }

    #[test]
    fn cells_without_a_value_are_known() {
        assert!(["N/A", " - ", "ｎ/ａ", "", "无"].into_iter().all(is_absent));
        assert!(!is_absent("0"));
    }

    proptest! {
        #[test]
        fn a_normalised_name_stays_as_it_is(text in "\\PC{0,40}") {
            if let Ok(name) = normalise_name(&text) {
                prop_assert_eq!(normalise_name(&name).unwrap(), name);
            }
        }
    }
}
