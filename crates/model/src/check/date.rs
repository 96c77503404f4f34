//! Calendar days in the spellings that people and spreadsheets use.

use super::text::half_width;
use crate::fault::Fault;
use crate::time::Day;

/// Years that can stand in a customer's data: the oldest firms alive are younger, contracts end earlier.
const YEARS: std::ops::RangeInclusive<u32> = 1000..=2999;

/// The day, if the calendar has it within [`YEARS`].
pub(crate) fn day(year: u32, month: u32, of_month: u32) -> Option<Day> {
    if !YEARS.contains(&year) {
        return None;
    }
    Day::from_ymd(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(of_month).ok()?)
}

/// Reads `2009-06-30`, `2009/6/30`, `2009.6.30`, `2009年6月30日` or `20090630`; a midnight behind it (as spreadsheets
/// add) is dropped.
///
/// Orders other than year, month, day are refused, because `03/04/2009` has two meanings.
///
/// # Errors
/// `date_shape`, `date_calendar` (there is no such day).
pub fn date(input: &str) -> Result<Day, Fault> {
    let text: String = input.trim().chars().map(half_width).collect();
    let (year, month, of_month) = parts(without_midnight(&text)).ok_or_else(|| Fault::new("date_shape"))?;
    day(year, month, of_month).ok_or_else(|| Fault::new("date_calendar"))
}

fn without_midnight(text: &str) -> &str {
    let Some((day, time)) = text.split_once([' ', 'T']) else { return text };
    let time = time.trim().trim_end_matches('Z');
    let midnight = matches!(time, "0:00" | "00:00" | "0:00:00" | "00:00:00" | "00:00:00.0" | "00:00:00.000");
    if midnight { day } else { text }
}

fn parts(text: &str) -> Option<(u32, u32, u32)> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((number(text.get(0..4)?, 4)?, number(text.get(4..6)?, 2)?, number(text.get(6..8)?, 2)?));
    }
    let (year, month, of_month) = if let Some((year, rest)) = text.split_once('年') {
        let (month, rest) = rest.split_once('月')?;
        (year, month, rest.strip_suffix(['日', '号'])?)
    } else {
        let separator = ['-', '/', '.'].into_iter().find(|&c| text.contains(c))?;
        let (year, rest) = text.split_once(separator)?;
        let (month, of_month) = rest.split_once(separator)?;
        (year, month, of_month)
    };
    if year.trim().len() != 4 {
        return None;
    }
    Some((number(year.trim(), 4)?, number(month.trim(), 2)?, number(of_month.trim(), 2)?))
}

fn number(text: &str, most: usize) -> Option<u32> {
    let digits = !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_are_one_day() {
        let expected = Day::parse("2009-06-30").unwrap();
        for text in [
            "2009-06-30",
            " 2009/6/30 ",
            "2009.06.30",
            "2009年6月30日",
            "2009 年 6 月 30 日",
            "20090630",
            "２００９－０６－３０",
            "2009-06-30 00:00:00",
            "2009-06-30T00:00:00Z",
        ] {
            assert!(date(text).unwrap() == expected, "{text}");
        }
        // As long as one of eight digits.
        for text in ["2009/6/3", "2009-6-3", "2009.6.3"] {
            assert_eq!(date(text).unwrap(), Day::parse("2009-06-03").unwrap(), "{text}");
        }
    }

    #[test]
    fn what_has_two_meanings_or_none_is_refused() {
        for text in [
            "",
            "30/06/2009",
            "06-30-2009",
            "2009-06",
            "09-06-30",
            "2009-06-30 08:15",
            "2009-6/30",
            "39994",
            "N/A",
        ] {
            assert_eq!(date(text).unwrap_err().key, "date_shape", "{text}");
        }
        for text in ["2009-02-29", "2009-13-01", "2009-00-10", "0999-01-01", "20090631"] {
            assert_eq!(date(text).unwrap_err().key, "date_calendar", "{text}");
        }
    }
}
