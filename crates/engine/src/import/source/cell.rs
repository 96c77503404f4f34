//! What a cell of a worksheet says, as text: nothing that was typed changes, and what was lost is said.

use dossier_model::fault::Fault;
use dossier_model::time::Day;

/// A spreadsheet keeps 15 digits of a number: the rest of a longer one is zeros, whatever was typed.
const MOST_DIGITS: usize = 15;
/// Days from the spreadsheets' day 0 to 1970-01-01, from March 1900 on.
const EPOCH: i64 = 25_569;
/// What the second system of dates is behind.
const SINCE_1904: i64 = 1_462;
/// 9999-12-31.
const LAST_DAY: i64 = 2_958_465;

/// A number as people write it: no exponent, no `.0`, no noise behind the 15th digit.
///
/// # Errors
/// `import_digits_lost`, `import_cell_unreadable`.
pub(super) fn number(raw: &str) -> Result<String, Fault> {
    let value: f64 = raw.trim().parse().map_err(|_| unreadable())?;
    if !value.is_finite() || value.abs() >= 1e15 {
        return Err(if value.is_finite() { Fault::new("import_digits_lost") } else { unreadable() });
    }
    if value == 0.0 {
        return Ok("0".to_owned());
    }
    let scientific = format!("{value:.*e}", MOST_DIGITS - 1);
    let (mantissa, exponent) = scientific.split_once('e').ok_or_else(unreadable)?;
    let exponent: i32 = exponent.parse().map_err(|_| unreadable())?;
    if exponent < -15 {
        return Ok("0".to_owned());
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let point = exponent + 1;
    Ok(match usize::try_from(point) {
        Ok(0) => format!("{sign}0.{digits}"),
        Ok(point) if digits.len() <= point => format!("{sign}{digits:0<point$}"),
        Ok(point) => {
            let (whole, fraction) = digits.split_at_checked(point).ok_or_else(unreadable)?;
            format!("{sign}{whole}.{fraction}")
        }
        Err(_) => format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
    })
}

/// The day that a number stands for, with the time behind it when there is one.
///
/// # Errors
/// `import_cell_unreadable` for what is no day: the 29th of February 1900 that spreadsheets have, days before.
pub(super) fn date(raw: &str, since_1904: bool) -> Result<String, Fault> {
    let value: f64 = raw.trim().parse().map_err(|_| unreadable())?;
    if !(0.0..3e6).contains(&value) {
        return Err(unreadable());
    }
    let seconds = (value.fract() * 86_400.0).round() as i64;
    let whole = value.trunc() as i64 + seconds / 86_400;
    let seconds = seconds % 86_400;
    let time = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if whole == 0 && !since_1904 {
        return Ok(time);
    }
    let day = day(if since_1904 { whole + SINCE_1904 } else { whole }).ok_or_else(unreadable)?;
    Ok(if seconds == 0 { day.to_string() } else { format!("{day} {time}") })
}

/// The day of a number of the first system of dates.
pub(crate) fn day(serial: i64) -> Option<Day> {
    let days = match serial {
        1..=59 => serial + 1,
        61..=LAST_DAY => serial,
        _ => return None,
    };
    i32::try_from(days - EPOCH).ok().map(Day)
}

/// The column of a reference such as `AB12`, from 0, and the row, from 1.
pub(super) fn position(reference: &str) -> Option<(usize, u64)> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = reference.split_at_checked(letters)?;
    if !(1..=3).contains(&letters) {
        return None;
    }
    let digit = |byte: u8| usize::from(byte.to_ascii_uppercase() - b'A') + 1;
    let column = column.bytes().fold(0, |sum, byte| sum * 26 + digit(byte));
    Some((column - 1, row.parse().ok()?))
}

pub(super) fn unreadable() -> Fault {
    Fault::new("import_cell_unreadable")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_they_were_typed() {
        for (raw, shown) in [
            ("13800000000", "13800000000"),
            ("1.38E10", "13800000000"),
            ("320503000056727", "320503000056727"),
            ("0.10000000000000001", "0.1"),
            ("0.30000000000000004", "0.3"),
            ("-12.50", "-12.5"),
            ("1000", "1000"),
            ("0.00012", "0.00012"),
            ("1234.5678", "1234.5678"),
            ("0", "0"),
            ("-0", "0"),
            ("1e-300", "0"),
        ] {
            assert_eq!(number(raw).as_deref(), Ok(shown), "{raw}");
        }
        for raw in ["9.1350100000100004E+17", "1e15", "-1e300"] {
            assert_eq!(number(raw).unwrap_err().key, "import_digits_lost", "{raw}");
        }
        for raw in ["", "x", "NaN", "inf", "1e999"] {
            assert_eq!(number(raw).unwrap_err().key, "import_cell_unreadable", "{raw}");
        }
    }

    #[test]
    fn days_are_those_that_the_spreadsheet_shows() {
        for (raw, since_1904, shown) in [
            ("39994", false, "2009-06-30"),
            ("39994.5", false, "2009-06-30 12:00:00"),
            ("1", false, "1900-01-01"),
            ("61", false, "1900-03-01"),
            ("38532", true, "2009-06-30"),
            ("0.25", false, "06:00:00"),
            ("39993.9999999", false, "2009-06-30"),
        ] {
            assert_eq!(date(raw, since_1904).as_deref(), Ok(shown), "{raw}");
        }
        for raw in ["60", "-1", "1e9", "x"] {
            assert_eq!(date(raw, false).unwrap_err().key, "import_cell_unreadable", "{raw}");
        }
    }

    #[test]
    fn references_are_positions() {
        assert_eq!(position("A1"), Some((0, 1)));
        assert_eq!(position("AB12"), Some((27, 12)));
        assert_eq!(position("XFD1048576"), Some((16_383, 1_048_576)));
        for text in ["", "1", "A", "ABCD1", "A-1", "Ä1"] {
            assert_eq!(position(text), None, "{text}");
        }
    }
}
