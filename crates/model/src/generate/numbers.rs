//! Made-up numbers: right in form and check, and none that anybody could have been given.
//!
//! Divisions begin with 99, which GB/T 2260 does not use; phones with 154, which no carrier was assigned; bank cards
//! with 9999, the unused country 999 of the national range (ISO/IEC 7812-1); mail domains are reserved for examples.
//! Each is a one-to-one function of a number of eight digits.

use super::random::Random;
use crate::check::{check_character, luhn, mod_11_2, organisation_check};
use crate::time::Day;

/// The characters of codes that are made of digits and letters (GB 32100-2015 table 1).
const CODE_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Appends a number with at least `width` digits.
pub(super) fn push(text: &mut String, number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut rest = number;
    let mut used = 0;
    for place in digits.iter_mut().rev() {
        if rest == 0 && used >= width {
            break;
        }
        *place = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        used += 1;
    }
    text.extend(digits.iter().skip(digits.len() - used).map(|&digit| char::from(digit)));
}

/// Appends what a check system says about the text from `start` on.
fn push_check(text: &mut String, start: usize, check: impl Fn(&[u8]) -> Option<u8>) {
    let character = text.as_bytes().get(start..).and_then(check);
    text.push(char::from(character.expect("only characters of the system's alphabet were put together")));
}

/// A credit code with this authority and category: half of them with an old body of digits, half with a new `MA` one.
pub(super) fn credit_code(random: &mut Random, prefix: &str, unique: u64) -> String {
    let mut code = String::with_capacity(18);
    code.push_str(prefix);
    code.push_str("99");
    push(&mut code, u64::from(random.below(10_000)), 4);
    if random.percent(50) {
        push(&mut code, unique, 8);
    } else {
        code.push_str("MA");
        let mut rest = unique;
        for _ in 0..6 {
            let at = usize::try_from(rest % 31).unwrap_or(0);
            code.push(char::from(CODE_ALPHABET.get(at).copied().unwrap_or(b'0')));
            rest /= 31;
        }
    }
    push_check(&mut code, 8, organisation_check);
    push_check(&mut code, 0, check_character);
    code
}

/// Whether [`identity`] makes a man's number out of this.
pub(super) fn is_man(unique: u64) -> bool {
    unique % 2 == 1
}

/// An identity number of a grown-up: four digits of the eight are the division, three the sequence, and one is the
/// birthday's place in a run of ten days, so that the whole is one-to-one.
pub(super) fn identity(random: &mut Random, today: Day, unique: u64) -> String {
    const YOUNGEST_DAYS: i32 = 19 * 366;
    const SPAN_DAYS: u32 = 55 * 365;
    let (division, sequence, tenth) = (unique / 10_000, unique % 1_000, unique / 1_000 % 10);
    let around = today.plus(-YOUNGEST_DAYS - i32::try_from(random.below(SPAN_DAYS)).unwrap_or(0)).0;
    let birthday = Day(around - around.rem_euclid(10) + i32::try_from(tenth).unwrap_or(0));
    let (year, month, day) = birthday.ymd();
    let mut number = String::with_capacity(18);
    number.push_str("99");
    push(&mut number, division, 4);
    push(&mut number, u64::from(year.unsigned_abs()), 4);
    push(&mut number, u64::from(month.unsigned_abs()), 2);
    push(&mut number, u64::from(day.unsigned_abs()), 2);
    push(&mut number, sequence, 3);
    push_check(&mut number, 0, mod_11_2);
    number
}

/// A mobile number, in the spellings that people use.
pub(super) fn phone(random: &mut Random, unique: u64) -> String {
    let mut text = String::with_capacity(18);
    let (front, grouped) = match random.below(20) {
        0 => ("+86", false),
        1 => ("+86 ", false),
        2 => ("", true),
        _ => ("", false),
    };
    text.push_str(front);
    text.push_str("154");
    if grouped {
        text.push('-');
        push(&mut text, unique / 10_000, 4);
        text.push('-');
        push(&mut text, unique % 10_000, 4);
    } else {
        push(&mut text, unique, 8);
    }
    text
}

/// A mailbox in a domain for examples.
pub(super) fn email(mailbox: &str, unique: u64, china: bool) -> String {
    let mut text = String::with_capacity(mailbox.len() + 20);
    text.push_str(mailbox);
    push(&mut text, unique, 8);
    text.push_str(if china { "@example.cn" } else { "@example.com" });
    text
}

/// A name at WeChat.
pub(super) fn wechat(mailbox: &str, unique: u64) -> String {
    let mut text = String::with_capacity(mailbox.len() + 9);
    text.push_str(mailbox);
    text.push('_');
    push(&mut text, unique, 8);
    text
}

/// A bank card of 19 digits.
pub(super) fn bank_card(unique: u64) -> String {
    let mut card = String::with_capacity(19);
    card.push_str("9999");
    push(&mut card, unique, 14);
    push_check(&mut card, 0, luhn);
    card
}
