//! Phone numbers as `+`, country code, national number (E.164), without separators (A15).

use super::text::{half_width, is_dash};
use crate::fault::Fault;

/// Reads a phone number and gives it as `+8613800000000`.
///
/// Mobile numbers, landlines with area code (`0571-88888888`, `(010)8888 8888`), 400 and 800 numbers are taken as
/// Chinese; `+86`, `0086` and a bare `86` before them are understood; any other country needs `+` or `00`.
///
/// # Errors
/// `phone_empty`, `phone_character` with a position, `phone_extension`, `phone_area` (a local number without its area
/// code), `phone_length` (not a Chinese number), `phone_country` (not a number of another country).
pub fn phone(input: &str) -> Result<String, Fault> {
    let text: String = input.trim().chars().map(half_width).collect();
    // `+86 (0)571 …`: the trunk 0 is for callers from inside only.
    let text =
        if text.starts_with('+') || text.starts_with("00") { text.replacen("(0)", "", 1) } else { text };
    let digits = digits(&text)?;
    if digits.is_empty() {
        return Err(Fault::new("phone_empty"));
    }
    let abroad = if text.starts_with('+') { Some(digits.as_str()) } else { digits.strip_prefix("00") };
    match abroad {
        Some(number) => international(number),
        None => domestic(&digits),
    }
}

fn digits(text: &str) -> Result<String, Fault> {
    let mut digits = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if at == 0 => {}
            ' ' | '.' | '(' | ')' | '（' | '）' | '·' => {}
            _ if c.is_whitespace() || is_dash(c) => {}
            '转' | '#' | '*' | 'x' | 'X' | 'e' | 'E' => return Err(Fault::new("phone_extension")),
            _ => return Err(Fault::new("phone_character").with("position", (at + 1).to_string())),
        }
    }
    Ok(digits)
}

fn international(number: &str) -> Result<String, Fault> {
    if let Some(national) = number.strip_prefix("86") {
        let national = national.strip_prefix('0').unwrap_or(national);
        return if is_chinese(national) {
            Ok(format!("+86{national}"))
        } else {
            Err(Fault::new("phone_length"))
        };
    }
    // E.164: at most 15 digits; lengths of the plans that our users meet most are exact.
    let lengths = match number {
        n if n.starts_with('0') => 0..=0,
        n if n.starts_with('1') => 11..=11,
        n if n.starts_with("852") || n.starts_with("853") => 11..=11,
        n if n.starts_with("886") => 11..=12,
        _ => 8..=15,
    };
    if lengths.contains(&number.len()) { Ok(format!("+{number}")) } else { Err(Fault::new("phone_country")) }
}

fn domestic(digits: &str) -> Result<String, Fault> {
    let service = digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"));
    if is_mobile(digits) || service {
        return Ok(format!("+86{digits}"));
    }
    // `0571…`, and `0138…` as some dial mobiles; `86138…` lost its plus.
    let national = digits.strip_prefix('0').or_else(|| digits.strip_prefix("86").filter(|n| n.len() >= 10));
    match national {
        Some(national) if is_chinese(national) => Ok(format!("+86{national}")),
        None if (7..=8).contains(&digits.len()) => Err(Fault::new("phone_area")),
        _ => Err(Fault::new("phone_length")),
    }
}

fn is_mobile(national: &str) -> bool {
    matches!(national.as_bytes(), [b'1', b'3'..=b'9', ..]) && national.len() == 11
}

/// A national number of China without trunk 0: mobile, area code and 7 or 8 digits, 400 or 800 service.
fn is_chinese(national: &str) -> bool {
    let length = national.len();
    match national.as_bytes() {
        [b'1', b'0', b'1'..=b'9', ..] | [b'2', _, b'1'..=b'9', ..] => length == 10,
        [b'3'..=b'9', _, _, b'1'..=b'9', ..] => length == 10 || length == 11,
        [b'4' | b'8', b'0', b'0', ..] => length == 10,
        _ => is_mobile(national),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mobiles_of_every_spelling_are_one_number() {
        for text in [
            "13800000000",
            "138 0000 0000",
            "138-0000-0000",
            "+86 138 0000 0000",
            "+86-13800000000",
            "0086 13800000000",
            "86 13800000000",
            "013800000000",
            "＋８６　１３８００００００００",
        ] {
            assert_eq!(phone(text).unwrap(), "+8613800000000", "{text}");
        }
    }

    #[test]
    fn landlines_keep_their_area_code() {
        for text in [
            "0571-88888888",
            "(0571)88888888",
            "+86 571 88888888",
            "+86 (0)571 8888 8888",
            "0086-0571-88888888",
        ] {
            assert_eq!(phone(text).unwrap(), "+8657188888888", "{text}");
        }
        assert_eq!(phone("010 8000 0000").unwrap(), "+861080000000");
        assert_eq!(phone("021-80000000").unwrap(), "+862180000000");
        assert_eq!(phone("0874-8000000").unwrap(), "+868748000000");
        assert_eq!(phone("400-000-0000").unwrap(), "+864000000000");
    }

    #[test]
    fn other_countries_need_plus_or_00() {
        assert_eq!(phone("+852 2123 4567").unwrap(), "+85221234567");
        assert_eq!(phone("001 (415) 555-0100").unwrap(), "+14155550100");
        assert_eq!(phone("+44 (0)20 7946 0958").unwrap(), "+442079460958");
        for text in ["+1 415 555 010", "+852 2123 456", "+0 1234 5678", "+49 123", "+4912345678901234"] {
            assert_eq!(phone(text).unwrap_err().key, "phone_country", "{text}");
        }
    }

    #[test]
    fn each_mistake_has_its_own_message() {
        for (text, key) in [
            ("", "phone_empty"),
            ("+", "phone_empty"),
            ("1380000000", "phone_length"),
            ("138000000000", "phone_length"),
            ("12800000000", "phone_length"),
            ("57188888888", "phone_length"),
            ("+8612800000000", "phone_length"),
            ("88888888", "phone_area"),
            ("0571-88888888转801", "phone_extension"),
            ("0571-88888888 ext 801", "phone_extension"),
            ("13800000000/13900000000", "phone_character"),
            ("138a0000000", "phone_character"),
        ] {
            assert_eq!(phone(text).unwrap_err().key, key, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_normalised_number_stays_as_it_is(text in "[+0-9 ()-]{5,20}") {
            if let Ok(number) = phone(&text) {
                prop_assert_eq!(phone(&number).unwrap(), number);
            }
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*") {
            let _ = phone(&text);
        }
    }
}
