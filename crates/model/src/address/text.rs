//! The form in which addresses are compared and kept.

use crate::check::half_width;

/// One form for one address: letters, digits and the signs of house numbers half width, round brackets full width, no
/// white space but one between words in Latin letters. The rest is kept as it is; giving it again changes nothing.
#[must_use]
pub fn tidy(input: &str) -> String {
    let mut text = String::with_capacity(input.len());
    let mut gap = false;
    for c in input.chars().map(character) {
        if c.is_whitespace() {
            gap = true;
            continue;
        }
        if gap && is_latin(c) && text.ends_with(is_latin) {
            text.push(' ');
        }
        gap = false;
        text.push(c);
    }
    text
}

/// Characters between which a space can mean something; a bar is no such.
fn is_latin(c: char) -> bool {
    c.is_ascii_graphic() && c != super::BAR
}

fn character(c: char) -> char {
    match c {
        '(' | '\u{fe59}' => '（',
        ')' | '\u{fe5a}' => '）',
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '－' | '＃' | '／' | '．' | '＊' | '｜' => {
            half_width(c)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn width_spaces_and_brackets_have_one_form() {
        assert_eq!(tidy(" 南宁市　百胜街１４０号 ３４－１幢(Ｂ202室) "), "南宁市百胜街140号34-1幢（B202室）");
        assert_eq!(tidy("Unit 3A,  Main Street"), "Unit 3A, Main Street");
        assert_eq!(tidy("浙江省 | 杭州市 ｜西湖区| A 1 |1号"), "浙江省|杭州市|西湖区|A 1|1号");
    }

    proptest! {
        #[test]
        fn what_is_tidy_stays_as_it_is(text in "\\PC{0,40}") {
            let once = tidy(&text);
            prop_assert_eq!(tidy(&once), once);
        }
    }
}
