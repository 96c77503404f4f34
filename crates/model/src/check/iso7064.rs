//! Check-character systems of ISO 7064, and the Luhn formula (ISO/IEC 7812-1 annex B).
//!
//! All take ASCII bytes and give `None` for a byte outside the system's alphabet, so that a caller never has to
//! check twice.

/// The value 0–35 of a digit or capital letter.
fn base36(byte: u8) -> Option<u32> {
    match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A') + 10),
        _ => None,
    }
}

fn base36_text(value: u32) -> Option<u8> {
    u8::try_from(value).ok().and_then(|v| match v {
        0..=9 => Some(b'0' + v),
        10..=35 => Some(b'A' + v - 10),
        _ => None,
    })
}

fn digit(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}

/// The check character of ISO 7064 MOD 11-2 (`0`–`9` or `X`) for `digits`.
pub(crate) fn mod_11_2(digits: &[u8]) -> Option<u8> {
    let sum = digits.iter().try_fold(0, |sum, &byte| Some((sum + digit(byte)?) * 2 % 11))?;
    match (12 - sum) % 11 {
        10 => Some(b'X'),
        value => base36_text(value),
    }
}

/// The check digit of ISO 7064 MOD 11,10 (hybrid) for `digits`.
pub(crate) fn mod_11_10(digits: &[u8]) -> Option<u8> {
    let product = digits.iter().try_fold(10, |product, &byte| {
        let sum = (product + digit(byte)?) % 10;
        Some(if sum == 0 { 10 } else { sum } * 2 % 11)
    })?;
    base36_text((11 - product) % 10)
}

/// The two check characters of ISO 7064 MOD 1271-36 for `text` of digits and capital letters.
pub(crate) fn mod_1271_36(text: &[u8]) -> Option<[u8; 2]> {
    let sum = text.iter().try_fold(0, |sum, &byte| Some((sum + base36(byte)?) * 36 % 1271))?;
    let check = (1272 - sum * 36 % 1271) % 1271;
    Some([base36_text(check / 36)?, base36_text(check % 36)?])
}

/// The Luhn check digit for `digits`.
pub(crate) fn luhn(digits: &[u8]) -> Option<u8> {
    let sum = digits.iter().rev().enumerate().try_fold(0, |sum, (at, &byte)| {
        let value = digit(byte)?;
        let doubled = if at % 2 == 0 { value * 2 } else { value };
        Some(sum + if doubled > 9 { doubled - 9 } else { doubled })
    })?;
    base36_text((10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_examples_hold() {
        assert_eq!(mod_11_2(b"11010519491231002"), Some(b'X'), "GB 11643-1999");
        assert_eq!(mod_11_2(b"079"), Some(b'X'), "ISO 7064");
        assert_eq!(mod_11_10(b"0794"), Some(b'5'), "ISO 7064");
        assert_eq!(mod_1271_36(b"ISO79"), Some(*b"3W"), "ISO 7064");
        assert_eq!(luhn(b"7992739871"), Some(b'3'));
        assert_eq!(luhn(b"453201511283036"), Some(b'6'));
    }

    #[test]
    fn other_characters_have_no_check() {
        assert_eq!(mod_11_2(b"1A"), None);
        assert_eq!(mod_11_10(b"1 "), None);
        assert_eq!(mod_1271_36(b"c01"), None);
        assert_eq!(luhn(b"12-3"), None);
    }

    proptest! {
        // The definition of the pure systems: the whole number leaves 1.
        #[test]
        fn mod_1271_36_leaves_one(text in "[0-9A-Z]{1,20}") {
            let check = mod_1271_36(text.as_bytes()).unwrap();
            let whole = text.bytes().chain(check);
            let rest = whole.fold(0u64, |rest, byte| (rest * 36 + u64::from(base36(byte).unwrap())) % 1271);
            prop_assert_eq!(rest, 1);
        }

        #[test]
        fn mod_1271_36_tells_every_single_substitution(text in "[0-9A-Z]{1,20}", at: prop::sample::Index, other in "[0-9A-Z]") {
            let check = mod_1271_36(text.as_bytes());
            let mut changed = text.clone().into_bytes();
            let at = at.index(changed.len());
            prop_assume!(changed[at] != other.as_bytes()[0]);
            changed[at] = other.as_bytes()[0];
            prop_assert_ne!(mod_1271_36(&changed), check);
        }

        #[test]
        fn luhn_tells_every_single_substitution(text in "[0-9]{1,20}", at: prop::sample::Index, other in b'0'..=b'9') {
            let mut changed = text.clone().into_bytes();
            let at = at.index(changed.len());
            prop_assume!(changed[at] != other);
            changed[at] = other;
            prop_assert_ne!(luhn(&changed), luhn(text.as_bytes()));
        }
    }
}
