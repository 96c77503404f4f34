//! A cell before it is checked: what spreadsheets and other systems put around a value is taken off. Nothing is
//! guessed: no letter becomes a digit and no digit a check digit.

use crate::import::source::serial_day;
use dossier_model::check;
use dossier_model::fault::Fault;
use dossier_model::kind::{Check, Field, FieldType, Form};
use std::borrow::Cow;

/// Days by which spreadsheets count, of five digits: 1927-05-18 to 2099-12-31.
const SERIALS: std::ops::RangeInclusive<i64> = 10_000..=73_050;

/// The text to check.
///
/// # Errors
/// `import_digits_lost` for a number of a document or account that a spreadsheet has shortened (`9.1E+17`).
pub(super) fn cell<'a>(field: &Field, raw: &'a str, unit: Option<&str>) -> Result<Cow<'a, str>, Fault> {
    let text = visible(field, unwrapped(raw));
    match field.ty {
        FieldType::Date => Ok(serial(text.trim()).map_or(text, Cow::Owned)),
        FieldType::Money => match unit {
            Some(unit) if is_bare(&text) => Ok(Cow::Owned(format!("{}{unit}", text.trim()))),
            _ => Ok(text),
        },
        FieldType::Text if is_number(field.check) && is_shortened(&text) => {
            Err(Fault::new("import_digits_lost"))
        }
        _ => Ok(text),
    }
}

/// `="0571"` and `'0571` are how digits are kept from spreadsheets; the value is what is inside.
fn unwrapped(raw: &str) -> &str {
    let text = raw.trim();
    let quoted = text.strip_prefix("=\"").and_then(|text| text.strip_suffix('"'));
    if let Some(inside) = quoted.filter(|inside| !inside.contains('"')) {
        return inside;
    }
    text.strip_prefix('\'').unwrap_or(raw)
}

/// The text without the invisible characters that other systems leave behind. In a value of one line a line break
/// becomes a space, or nothing between Chinese characters, where a line was only wrapped.
fn visible<'a>(field: &Field, text: &'a str) -> Cow<'a, str> {
    let lines = field.form == Form::Unstructured;
    let kept = |c: char| lines && matches!(c, '\n' | '\t');
    // In a name, what turns the order of characters round is refused by its check, as are bells and their like.
    let name = field.check == Check::Name;
    let odd = |c: char| is_invisible(c, name) || (c.is_control() && !kept(c));
    if !check::may_hide(text) || !text.contains(odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            c if is_invisible(c, name) => {}
            '\n' | '\r' | '\t' if !kept(c) => {
                let next = text.get(at + c.len_utf8()..).unwrap_or_default().trim_start().chars().next();
                let inside_chinese = out.trim_end().chars().next_back().is_some_and(is_chinese)
                    && next.is_some_and(is_chinese);
                if !inside_chinese && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c if c.is_control() && !kept(c) && !name => out.push(' '),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn is_invisible(c: char, name: bool) -> bool {
    match c {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => !name,
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{2060}'..='\u{2065}'
        | '\u{feff}' => true,
        _ => false,
    }
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}' | '（' | '）' | '、' | '，' | '。')
}

/// Numbers that stand for themselves, where each digit counts.
fn is_number(check: Check) -> bool {
    matches!(
        check,
        Check::DocumentNumber | Check::TaxNumber | Check::Phone | Check::BankCard | Check::BankAccount
    )
}

/// `9.16205E+17`: the digits are gone.
fn is_shortened(text: &str) -> bool {
    let Some((number, exponent)) = text.trim().split_once(['e', 'E']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    exponent.strip_prefix('+').is_some_and(digits) && digits(whole) && digits(fraction)
}

/// A day of spreadsheets, in the common system of 1900: any other meaning of five digits is no date.
fn serial(text: &str) -> Option<String> {
    if text.len() != 5 {
        return None;
    }
    let days = text.parse().ok().filter(|days| SERIALS.contains(days))?;
    serial_day(days).map(|day| day.to_string())
}

fn is_bare(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'))
}

/// The unit in what a header has in brackets: `单位：万元`.
pub(super) fn unit(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix("单位").unwrap_or(text).trim_start_matches([':', '：', ' '])
}

/// Whether an amount can be counted in it.
pub(super) fn is_unit(unit: &str) -> bool {
    let unit = unit.trim();
    !unit.is_empty()
        && !unit.contains(|c: char| c.is_ascii_digit())
        && check::capital(&format!("1{unit}")).is_ok()
}
