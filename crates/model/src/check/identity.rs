//! Resident identity numbers, GB 11643-1999.

use super::date::day;
use super::iso7064::mod_11_2;
use super::text::compact_groups;
use crate::fault::Fault;

/// First two digits: provinces (GB/T 2260), 71, 81–83 for residents from Taiwan, Hong Kong and Macao, and 9x:
/// permanent residents from abroad, and 99, which no authority issues and all made-up numbers use.
fn is_region(first2: u32) -> bool {
    matches!(first2, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 90..=99)
}

/// Checks a resident identity number of 18 characters and gives it without separators, `X` upper case.
///
/// A birth date in the future is not refused: the day is not known here.
///
/// # Errors
/// `identity_number_length`, `identity_number_character` with a position, `identity_number_region`,
/// `identity_number_date`, `identity_number_check`.
pub fn identity_number(input: &str) -> Result<String, Fault> {
    let number = compact_groups(input);
    let length = number.chars().count();
    if length != 18 {
        return Err(Fault::new("identity_number_length").with("length", length.to_string()));
    }
    let allowed = |at: usize, c: char| c.is_ascii_digit() || (at == 17 && c == 'X');
    if let Some(at) = number.chars().enumerate().position(|(at, c)| !allowed(at, c)) {
        return Err(Fault::new("identity_number_character").with("position", (at + 1).to_string()));
    }
    let part = |range: std::ops::Range<usize>| {
        number.get(range).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0)
    };
    if !is_region(part(0..2)) {
        return Err(Fault::new("identity_number_region"));
    }
    if day(part(6..10), part(10..12), part(12..14)).is_none() {
        return Err(Fault::new("identity_number_date"));
    }
    match number.as_bytes().split_last() {
        Some((&last, first17)) if mod_11_2(first17) == Some(last) => Ok(number),
        _ => Err(Fault::new("identity_number_check")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(input: &str) -> &'static str {
        identity_number(input).unwrap_err().key
    }

    #[test]
    fn the_examples_of_the_standard_pass() {
        for number in ["11010519491231002X", "440524188001010014"] {
            assert_eq!(identity_number(number).as_deref(), Ok(number));
        }
        assert_eq!(identity_number(" 110105 19491231 002x").as_deref(), Ok("11010519491231002X"));
    }

    #[test]
    fn made_up_numbers_checked_by_python_stdnum_pass() {
        for number in ["994185198512277571", "994080194603043804", "996687197503287847"] {
            assert_eq!(identity_number(number).as_deref(), Ok(number));
        }
    }

    #[test]
    fn each_part_has_its_own_message() {
        assert_eq!(key("110105491231002"), "identity_number_length");
        assert_eq!(key("1101051949123100AX"), "identity_number_character");
        assert_eq!(key("X1010519491231002X"), "identity_number_character");
        assert_eq!(key("01010519491231002X"), "identity_number_region");
        assert_eq!(key("11010519490230002X"), "identity_number_date");
        assert_eq!(key("110105194912310021"), "identity_number_check");
    }

    proptest! {
        #[test]
        fn a_changed_sequence_or_region_is_detected(at in (0usize..6).prop_union(14usize..18), other in b'0'..=b'9') {
            let mut number = *b"11010519491231002X";
            prop_assume!(number[at] != other);
            number[at] = other;
            prop_assert!(identity_number(std::str::from_utf8(&number).unwrap()).is_err());
        }
    }
}
