//! Masks: what of a value may be seen by those who may not see it. By characters, never by bytes.

use serde::{Deserialize, Serialize};

use crate::address::{Address, BAR, is_division};
use crate::value::{Money, Value};

const STAR: char = '*';
/// What stands for a value of which nothing, not even its length, is told.
const NOTHING: &str = "****";
/// Below this many characters a mask that keeps some of them would leave too few hidden (requirement C4).
const SHORTEST: usize = 8;

/// How a value is shown in its masked form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// As it is.
    None,
    /// First three and last four characters; under eight none; of a phone the national part alone: `138****0000`.
    Ends,
    /// The first character: `韩**`.
    Name,
    /// First character and domain: `a***@example.com`.
    Email,
    /// Province, city and district; the rest by its length: `浙江省|杭州市|西湖区|***|****`. Of an address that is not split
    /// nothing but its length.
    Address,
    /// An amount's order of magnitude: `10万–100万`.
    Band,
    /// Nothing, not even the length.
    #[default]
    Full,
}

impl Mask {
    /// The masked text of a value. A mask that does not suit the value hides it wholly.
    #[must_use]
    pub fn apply(self, value: &Value) -> String {
        match (self, value) {
            (Self::None, _) => value.to_text(),
            (Self::Band, Value::Money(money)) => band(money),
            (_, Value::Text(text)) => self.apply_text(text),
            _ => NOTHING.to_owned(),
        }
    }

    /// The masked form of a text.
    #[must_use]
    pub fn apply_text(self, text: &str) -> String {
        match self {
            Self::None => text.to_owned(),
            Self::Ends => ends(text),
            Self::Name => name(text),
            Self::Address => address(text),
            Self::Email => email(text),
            Self::Band | Self::Full => NOTHING.to_owned(),
        }
    }

    /// The mask that shows only what both show. Two partial masks of different kinds share nothing for sure.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, mask) | (mask, Self::None) => mask,
            (a, b) if a == b => a,
            _ => Self::Full,
        }
    }

    /// Whether a text could be what this mask, or a stricter one, made of a value, so that it must not be stored as one.
    #[must_use]
    pub fn could_have_made(self, text: &str) -> bool {
        let star = |c: char| matches!(c, STAR | '＊');
        let all_stars = text.chars().all(star);
        match self {
            // Free text may hold stars among other things.
            Self::None => all_stars && text.chars().nth(1).is_some(),
            // Registers print addresses with a star at an end; a masked one has two, or a part of nothing else.
            Self::Address => {
                let hidden = |part: &str| !part.is_empty() && part.chars().all(star);
                text.contains("**") || text.split(BAR).any(hidden)
            }
            // A name may hold a star; two in a row, or nothing else behind its first character, it does not.
            Self::Name => text.contains("**") || (text.contains(star) && text.chars().skip(1).all(star)),
            Self::Band => {
                text.contains(star) || text.contains(['–', '至']) || BANDS.iter().any(|(_, b)| text == *b)
            }
            Self::Ends | Self::Email | Self::Full => text.contains(star),
        }
    }
}

/// Amounts in major units below which each band lies.
const BANDS: &[(i64, &str)] = &[
    (10_000, "1万以下"),
    (100_000, "1万–10万"),
    (1_000_000, "10万–100万"),
    (10_000_000, "100万–1000万"),
    (100_000_000, "1000万–1亿"),
    (1_000_000_000, "1亿–10亿"),
    (i64::MAX, "10亿以上"),
];

fn stars(count: usize) -> impl Iterator<Item = char> {
    std::iter::repeat_n(STAR, count)
}

/// The first character, the rest as stars; a single one is hidden.
fn name(text: &str) -> String {
    let length = text.chars().count();
    let kept = usize::from(length > 1);
    text.chars().take(kept).chain(stars(length - kept)).collect()
}

/// Shows no part but what the division table has: a name or a road could stand in the place of a city.
fn address(text: &str) -> String {
    let Ok(address) = Address::parse(text) else { return stars(text.chars().count()).collect() };
    let hidden = |part: &str| stars(part.chars().count()).collect::<String>();
    let known = |part: &str| if is_division(part) { part.to_owned() } else { hidden(part) };
    let [province, city, district] = [address.province, address.city, address.district].map(known);
    let [street, door] = [address.street, address.door].map(hidden);
    [province, city, district, street, door].join("|")
}

fn ends(text: &str) -> String {
    let (country, national) = split_phone(text);
    let length = national.chars().count();
    if length < SHORTEST {
        return country.chars().chain(stars(length)).collect();
    }
    let (first, last) = (national.chars().take(3), national.chars().skip(length - 4));
    country.chars().chain(first).chain(stars(length - 7)).chain(last).collect()
}

/// Splits a phone number (E.164) into what is shown before its mask and its national part. The country is left out
/// for China and shown for others, without which four last digits say little. Other texts are all national.
fn split_phone(text: &str) -> (String, &str) {
    let Some(digits) =
        text.strip_prefix('+').filter(|d| d.len() >= 5 && d.bytes().all(|b| b.is_ascii_digit()))
    else {
        return (String::new(), text);
    };
    let (country, national) = digits.split_at_checked(country_code_length(digits)).unwrap_or(("", digits));
    if country == "86" { (String::new(), national) } else { (format!("+{country} "), national) }
}

/// Length of the country code at the start of an E.164 number (ITU-T E.164.D, list of assigned codes).
pub(crate) fn country_code_length(digits: &str) -> usize {
    const TWO: &[&str] = &[
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48",
        "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81",
        "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
    ];
    match digits.as_bytes().first() {
        Some(b'1' | b'7') => 1,
        _ if TWO.iter().any(|code| digits.starts_with(code)) => 2,
        _ => 3,
    }
}

/// One star count for all, so that the length of the local part is not told.
fn email(text: &str) -> String {
    let Some((local, domain)) = text.rsplit_once('@') else { return NOTHING.to_owned() };
    // A local part of one character would be shown whole.
    let first = local.chars().next().filter(|_| local.chars().nth(1).is_some());
    first.into_iter().chain("***@".chars()).chain(domain.chars()).collect()
}

fn band(money: &Money) -> String {
    let major = money.major();
    let text = BANDS.iter().find(|(below, _)| major < *below).map_or(NOTHING, |(_, text)| text);
    if money.currency == "CNY" { text.to_owned() } else { format!("{text} {}", money.currency) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ends_keep_three_and_four_characters() {
        for (text, masked) in [
            ("310101199001011234", "310***********1234"),
            ("+8613800000000", "138****0000"),
            ("+862100000000", "210***0000"),
            ("+14155550100", "+1 415***0100"),
            ("+85290000000", "+852 900*0000"),
            ("1234567", "*******"),
            ("12345678", "123*5678"),
            ("一二三四五六七八", "一二三*五六七八"),
            ("", ""),
        ] {
            assert_eq!(Mask::Ends.apply_text(text), masked, "{text}");
        }
    }

    #[test]
    fn a_name_keeps_its_first_character() {
        assert_eq!(Mask::Name.apply_text("韩浩志"), "韩**");
        assert_eq!(Mask::Name.apply_text("石娜"), "石*");
        assert_eq!(Mask::Name.apply_text("韩"), "*");
    }

    #[test]
    fn an_email_keeps_first_character_and_domain() {
        assert_eq!(Mask::Email.apply_text("anna@example.com"), "a***@example.com");
        assert_eq!(Mask::Email.apply_text("a@example.com"), "***@example.com");
        assert_eq!(Mask::Email.apply_text("no address"), NOTHING);
    }

    #[test]
    fn an_address_keeps_its_divisions_and_hides_the_rest_by_length() {
        for (text, masked) in [
            ("浙江省|杭州市|西湖区|示例路|1号", "浙江省|杭州市|西湖区|***|**"),
            ("湖北省||仙桃市|示例镇|", "湖北省||仙桃市|***|"),
            ("北京市|北京市|崇文区||1", "北京市|北京市|崇文区||*"),
            ("浙江省|示例路1号|示例新区|三|1", "浙江省|*****|****|*|*"),
            ("||||浙江省杭州市一号", "||||********"),
            ("浙江省杭州市西湖区一号", "***********"),
            ("某某|杭州市|西湖区|一|二", "**************"),
        ] {
            assert_eq!(Mask::Address.apply_text(text), masked, "{text}");
            assert!(Mask::Address.could_have_made(masked), "{text}");
        }
        assert!(!Mask::Address.could_have_made("浙江省|杭州市|西湖区||"));
    }

    #[test]
    fn an_amount_shows_its_band() {
        let shown =
            |minor, currency: &str| Mask::Band.apply(&Value::Money(Money::new(minor, currency).unwrap()));
        assert_eq!(shown(9_999_999, "CNY"), "1万–10万");
        assert_eq!(shown(10_000_000, "CNY"), "10万–100万");
        assert_eq!(shown(-1, "CNY"), "1万以下");
        assert_eq!(shown(i64::MAX, "CNY"), "10亿以上");
        assert_eq!(shown(500_000, "JPY"), "10万–100万 JPY");
    }

    #[test]
    fn a_mask_that_does_not_suit_hides_all() {
        use crate::time::Day;
        assert_eq!(Mask::Ends.apply(&Value::Date(Day(0))), NOTHING);
        assert_eq!(Mask::Band.apply(&Value::Text("1000".into())), NOTHING);
        assert_eq!(Mask::Name.apply(&Value::Choice("A".into())), NOTHING);
        assert_eq!(Mask::default().apply(&Value::Text("x".into())), NOTHING);
    }

    #[test]
    fn the_stricter_of_two_masks_shows_no_more_than_either() {
        assert_eq!(Mask::None.stricter(Mask::Ends), Mask::Ends);
        assert_eq!(Mask::Ends.stricter(Mask::Ends), Mask::Ends);
        assert_eq!(Mask::Ends.stricter(Mask::Name), Mask::Full);
        assert_eq!(Mask::Full.stricter(Mask::None), Mask::Full);
    }

    proptest! {
        #[test]
        fn masks_keep_the_length_and_show_no_more_than_they_may(text in "[^+*|]{0,40}") {
            for (mask, most) in [(Mask::Ends, 7), (Mask::Name, 1), (Mask::Address, 0)] {
                let shown = mask.apply_text(&text);
                prop_assert_eq!(shown.chars().count(), text.chars().count());
                prop_assert!(shown.chars().filter(|c| *c != STAR).count() <= most);
                // What is shown stands where it stood.
                prop_assert!(shown.chars().zip(text.chars()).all(|(a, b)| a == STAR || a == b));
            }
        }

        #[test]
        fn a_phone_never_shows_more_than_seven_national_digits(digits in "[1-9][0-9]{4,14}") {
            let shown = Mask::Ends.apply_text(&format!("+{digits}"));
            let national = shown.split(' ').next_back().unwrap();
            prop_assert!(national.chars().filter(|c| *c != STAR).count() <= 7);
            prop_assert!(national.contains(STAR));
        }

        #[test]
        fn an_email_tells_no_length(local in "[a-z0-9.]{2,30}") {
            let shown = Mask::Email.apply_text(&format!("{local}@example.com"));
            prop_assert_eq!(shown.chars().count(), "a***@example.com".len());
        }

        #[test]
        fn masked_texts_are_known_when_they_come_back(text in "\\PC{1,40}") {
            for mask in [Mask::Ends, Mask::Name, Mask::Address, Mask::Email, Mask::Full] {
                let shown = mask.apply_text(&text);
                prop_assert!(mask.could_have_made(&shown), "{mask:?}");
                prop_assert!(mask.could_have_made(&Mask::Full.apply_text(&text)));
            }
        }

        #[test]
        fn masked_amounts_are_known_when_they_come_back(minor: i64) {
            let value = Value::Money(Money { minor, currency: "CNY".into() });
            prop_assert!(Mask::Band.could_have_made(&Mask::Band.apply(&value)));
        }
    }

    #[test]
    fn a_star_in_a_name_or_in_free_text_is_no_mask() {
        assert!(!Mask::Name.could_have_made("A*STAR"));
        assert!(!Mask::None.could_have_made("2*4 mm"));
        assert!(!Mask::Address.could_have_made("三合村好沟*"));
        assert!(Mask::Name.could_have_made("韩*"));
        assert!(Mask::None.could_have_made("****"));
    }
}
