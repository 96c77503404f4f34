//! Numbers from before the unified code: registration numbers of firms and organisation codes.

use super::iso7064::mod_11_10;
use super::text::{compact, compact_groups};
use crate::fault::Fault;

/// Checks a registration number of a firm or shop and gives it without white space, upper case. Three forms live on:
///
/// - 15 digits (GS 15-2006): authority 6, sequence 8, check digit by ISO 7064 MOD 11,10. All 46 in our reference
///   data pass, so the check is enforced.
/// - `320981NA001227X`: farmers' cooperatives of Jiangsu, authority 6, `NA`, sequence 6 and a plain `X`, which is the
///   same for every number and so no check.
/// - 13 digits (before 2007): authority 6, form 1, sequence 6, without a check.
///
/// # Errors
/// `registration_number_shape`, `registration_number_check`.
pub fn registration_number(input: &str) -> Result<String, Fault> {
    let number = compact(input);
    let digits = |range: std::ops::Range<usize>| {
        number.as_bytes().get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    match number.len() {
        13 if digits(0..13) => Ok(number),
        15 if digits(0..15) => match number.as_bytes().split_last() {
            Some((&last, first14)) if mod_11_10(first14) == Some(last) => Ok(number),
            _ => Err(Fault::new("registration_number_check")),
        },
        15 if digits(0..6) && number.get(6..8) == Some("NA") && digits(8..14) && number.ends_with('X') => {
            Ok(number)
        }
        _ => Err(Fault::new("registration_number_shape")),
    }
}

/// The check character of GB 11714-1997 for the first eight.
pub(crate) fn organisation_check(first8: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum = first8
        .iter()
        .zip(WEIGHTS)
        .try_fold(0, |sum, (&byte, weight)| Some(sum + char::from(byte).to_digit(36)? * weight))?;
    match 11 - sum % 11 {
        10 => Some(b'X'),
        11 => Some(b'0'),
        value => u8::try_from(value).ok().map(|v| b'0' + v),
    }
}

/// Checks an organisation code (GB 11714-1997) and gives its nine characters, without the hyphen, upper case.
///
/// # Errors
/// `organisation_code_shape`, `organisation_code_check`.
pub fn organisation_code(input: &str) -> Result<String, Fault> {
    let code = compact_groups(input);
    let shape = code.len() == 9 && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    match code.as_bytes().split_last() {
        Some((&last, first8)) if shape => {
            if organisation_check(first8) == Some(last) {
                Ok(code)
            } else {
                Err(Fault::new("organisation_code_check"))
            }
        }
        _ => Err(Fault::new("organisation_code_shape")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_of_a_registration_number_pass() {
        assert_eq!(registration_number("320503000056727").as_deref(), Ok("320503000056727"));
        assert_eq!(registration_number("320981na001227x ").as_deref(), Ok("320981NA001227X"));
        assert_eq!(registration_number("3203212100474").as_deref(), Ok("3203212100474"));
    }

    #[test]
    fn a_wrong_digit_and_a_wrong_shape_are_told_apart() {
        assert_eq!(registration_number("320503000056728").unwrap_err().key, "registration_number_check");
        for text in ["", "32098", "320981NB001227X", "320981NA0012275", "32050300005672A", "登记号码注"]
        {
            assert_eq!(registration_number(text).unwrap_err().key, "registration_number_shape", "{text}");
        }
    }

    #[test]
    fn organisation_codes_follow_gb_11714() {
        // D2143569-X is the example of the standard.
        assert_eq!(organisation_code("d2143569-x").as_deref(), Ok("D2143569X"));
        assert_eq!(organisation_code("72217729-5").unwrap_err().key, "organisation_code_check");
        assert_eq!(organisation_code("D214-3569").unwrap_err().key, "organisation_code_shape");
        assert_eq!(organisation_code("").unwrap_err().key, "organisation_code_shape");
    }
}
