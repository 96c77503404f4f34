//! Bank cards (Luhn, ISO/IEC 7812-1) and bank accounts.

use super::iso7064::luhn;
use super::text::compact_groups;
use crate::fault::Fault;

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Checks the number of a bank card, 12–19 digits, and gives it without separators.
///
/// # Errors
/// `bank_card_shape`, `bank_card_check`.
pub fn bank_card(input: &str) -> Result<String, Fault> {
    let card = compact_groups(input);
    // No issuer begins with 0; without this rule a row of zeros would pass.
    if !(12..=19).contains(&card.len()) || !all_digits(&card) || card.starts_with('0') {
        return Err(Fault::new("bank_card_shape"));
    }
    match card.as_bytes().split_last() {
        Some((&last, first)) if luhn(first) == Some(last) => Ok(card),
        _ => Err(Fault::new("bank_card_check")),
    }
}

/// Checks the number of a bank account, 8–32 digits, and gives it without separators. Banks share no check digit.
///
/// # Errors
/// `bank_account_shape`.
pub fn bank_account(input: &str) -> Result<String, Fault> {
    let account = compact_groups(input);
    if (8..=32).contains(&account.len()) && all_digits(&account) {
        Ok(account)
    } else {
        Err(Fault::new("bank_account_shape"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_pass_with_and_without_groups() {
        for card in ["4532 0151 1283 0366", "9999-0000-0090-2159-858", "４５３２０１５１１２８３０３６６"]
        {
            let plain = bank_card(card).unwrap();
            assert_eq!(bank_card(&plain).as_deref(), Ok(plain.as_str()));
        }
    }

    #[test]
    fn shape_and_check_are_told_apart() {
        assert_eq!(bank_card("4532015112830367").unwrap_err().key, "bank_card_check");
        for text in ["", "45320151128", "45320151128303660000", "4532x15112830366", "0000000000000000"] {
            assert_eq!(bank_card(text).unwrap_err().key, "bank_card_shape", "{text}");
        }
    }

    #[test]
    fn accounts_are_8_to_32_digits() {
        assert_eq!(bank_account("3301 0401 6000 1234").as_deref(), Ok("3301040160001234"));
        for text in ["1234567", "12345678A", &"1".repeat(33)] {
            assert_eq!(bank_account(text).unwrap_err().key, "bank_account_shape");
        }
    }
}
