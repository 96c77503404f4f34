//! Unified social credit codes, GB 32100-2015.
//!
//! Characters: 1 registering authority, 2 category, 3–8 division (GB/T 2260), 9–17 organisation code (GB 11714),
//! 18 check. The organisation code's own check character (17) is deliberately not tested: codes that registries
//! issued without it are in use (one of 19,937 in our reference data), and character 18 already tells every single
//! wrong character.

use super::text::compact;
use crate::fault::Fault;

/// Digits and capital letters without I, O, S, V, Z (GB 32100-2015 table 1).
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Which of the 18 characters are the division, counted from 0.
const DIVISION: std::ops::Range<usize> = 2..8;

fn value(byte: u8) -> Option<u32> {
    ALPHABET.iter().position(|&known| known == byte).and_then(|at| u32::try_from(at).ok())
}

/// The check character for the first 17: weights 3^i mod 31 (GB 32100-2015 §5.4).
pub(crate) fn check_character(first17: &[u8]) -> Option<u8> {
    let (sum, _) = first17
        .iter()
        .try_fold((0, 1), |(sum, weight), &byte| Some((sum + value(byte)? * weight, weight * 3 % 31)))?;
    ALPHABET.get(usize::try_from((31 - sum % 31) % 31).ok()?).copied()
}

/// Checks a unified social credit code and gives it without white space, half width, upper case.
///
/// # Errors
/// `credit_code_length`, `credit_code_character` or `credit_code_division` with a position, `credit_code_check`.
pub fn credit_code(input: &str) -> Result<String, Fault> {
    let code = compact(input);
    let length = code.chars().count();
    if length != 18 {
        return Err(Fault::new("credit_code_length").with("length", length.to_string()));
    }
    for (at, c) in code.chars().enumerate() {
        let key = match u8::try_from(c).ok().and_then(value) {
            None => "credit_code_character",
            Some(10..) if DIVISION.contains(&at) => "credit_code_division",
            Some(_) => continue,
        };
        return Err(Fault::new(key).with("position", (at + 1).to_string()));
    }
    match code.as_bytes().split_last() {
        Some((&last, first17)) if check_character(first17) == Some(last) => Ok(code),
        _ => Err(Fault::new("credit_code_check")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(input: &str) -> &'static str {
        credit_code(input).unwrap_err().key
    }

    #[test]
    fn known_codes_pass() {
        // The last four come from python-stdnum, the first two from publications.
        for code in [
            "91350100M000100Y43",
            "91110000600037341L",
            "93994185PBRNYTPLXE",
            "91996091FU7CH3J70C",
            "93993550D85XUQC5QB",
            "91992717U59AY6HWM7",
        ] {
            assert_eq!(credit_code(code).as_deref(), Ok(code));
        }
    }

    #[test]
    fn case_width_and_spaces_do_not_matter() {
        assert_eq!(credit_code(" 91350100m000100y43 ").as_deref(), Ok("91350100M000100Y43"));
        assert_eq!(credit_code("９１３５０１００Ｍ０００１００Ｙ４３").as_deref(), Ok("91350100M000100Y43"));
        assert_eq!(credit_code("9135 0100 M000 100Y 43").as_deref(), Ok("91350100M000100Y43"));
    }

    #[test]
    fn a_wrong_character_is_named_by_its_position() {
        let fault = credit_code("91350100MO00100Y43").unwrap_err();
        assert_eq!((fault.key, fault.params), ("credit_code_character", vec![("position", "10".to_owned())]));
        let fault = credit_code("9135A100M000100Y43").unwrap_err();
        assert_eq!((fault.key, fault.params), ("credit_code_division", vec![("position", "5".to_owned())]));
    }

    #[test]
    fn length_and_check_are_told_apart() {
        assert_eq!(key("91350100M000100Y4"), "credit_code_length");
        assert_eq!(key("91350100M000100Y44"), "credit_code_check");
        assert_eq!(key("公司"), "credit_code_length");
        assert_eq!(key(""), "credit_code_length");
    }

    proptest! {
        #[test]
        fn every_single_substitution_is_detected(
            head in "[1-9ANY][1-9][0-9]{6}[0-9ABCDEFGHJKLMNPQRTUWXY]{9}",
            at in 0usize..18,
            other in prop::sample::select(ALPHABET.to_vec()),
        ) {
            let mut code = head.into_bytes();
            code.push(check_character(&code).unwrap());
            prop_assert!(credit_code(std::str::from_utf8(&code).unwrap()).is_ok());
            prop_assume!(code[at] != other);
            code[at] = other;
            prop_assert!(credit_code(std::str::from_utf8(&code).unwrap()).is_err());
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*") {
            let _ = credit_code(&text);
        }
    }
}
