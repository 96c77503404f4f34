//! Tax numbers (A15): 15–20 characters, no spaces, upper case.

use super::credit_code::credit_code;
use super::identity::identity_number;
use super::text::compact_groups;
use crate::fault::Fault;

/// Checks a tax number and gives it without separators, half width, upper case.
///
/// Firms use their credit code and persons their identity number, so 18 characters that are built like these must
/// pass the check of one of the two. Other forms (15 of before 2015, 17 and 20 of sole traders, 18 of passports) have
/// no public check.
///
/// # Errors
/// `tax_number_length`, `tax_number_character` with a position, `tax_number_check`.
pub fn tax_number(input: &str) -> Result<String, Fault> {
    let number = compact_groups(input);
    let length = number.chars().count();
    if !(15..=20).contains(&length) {
        return Err(Fault::new("tax_number_length").with("length", length.to_string()));
    }
    if let Some(at) = number.chars().position(|c| !c.is_ascii_uppercase() && !c.is_ascii_digit()) {
        return Err(Fault::new("tax_number_character").with("position", (at + 1).to_string()));
    }
    let like_code = length == 18
        && number.bytes().enumerate().all(|(at, byte)| byte.is_ascii_digit() || at == 1 || at >= 8)
        && !number.starts_with('0');
    if like_code && credit_code(&number).is_err() && identity_number(&number).is_err() {
        return Err(Fault::new("tax_number_check"));
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_codes_identity_numbers_and_old_forms_pass() {
        assert_eq!(tax_number("9135 0100 m000 100y 43").as_deref(), Ok("91350100M000100Y43"));
        assert_eq!(tax_number("11010519491231002x").as_deref(), Ok("11010519491231002X"));
        assert_eq!(tax_number("320503722177294").as_deref(), Ok("320503722177294"));
        assert_eq!(tax_number("11010519491231002X01").as_deref(), Ok("11010519491231002X01"));
    }

    #[test]
    fn other_texts_are_refused() {
        assert_eq!(tax_number("91350100M000100Y44").unwrap_err().key, "tax_number_check");
        assert_eq!(tax_number("32050372217729").unwrap_err().key, "tax_number_length");
        assert_eq!(tax_number("320503722177294320503").unwrap_err().key, "tax_number_length");
        let fault = tax_number("3205037221772_4").unwrap_err();
        assert_eq!((fault.key, fault.params), ("tax_number_character", vec![("position", "14".to_owned())]));
    }
}
