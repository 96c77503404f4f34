use proptest::prelude::*;
use serde::de::IntoDeserializer;

use super::*;
use crate::value::Money;

/// Keys that can be looked through.
struct Glass;

impl FieldKeys for Glass {
    fn hash(&self, text: &str) -> Option<[u8; 8]> {
        Some([u8::try_from(text.len()).unwrap(), 0, 0, 0, 0, 0, 0, 0xab])
    }

    fn token(&self, text: &str) -> Option<String> {
        Some(format!("tok_{}", text.len()))
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn money(minor: i64, currency: &str) -> Value {
    Value::Money(Money::new(minor, currency).unwrap())
}

fn keep(first: u8, last: u8, under: u8) -> Mask {
    Mask::Keep(Keep::new(first, last, under).unwrap())
}

fn regex(pattern: &str, replace: &str) -> Mask {
    Mask::Regex(Pattern::new(pattern, replace).unwrap())
}

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
fn other_numbers_of_characters_can_be_kept() {
    assert_eq!(keep(1, 0, 2).apply_text("示例科技"), "示***");
    assert_eq!(keep(0, 4, 8).apply_text("+8613800000000"), "*******0000");
    assert_eq!(keep(2, 2, 8).apply_text("1234567"), "*******");
    assert_eq!(keep(0, 0, 1).apply_text("示例"), "**");
    assert!(Keep::new(3, 4, 7).is_none() && Keep::new(255, 255, 255).is_none());
}

#[test]
fn a_name_keeps_its_family_name() {
    for (name, masked) in [
        ("韩浩志", "韩**"),
        ("石娜", "石*"),
        ("韩", "*"),
        ("欧阳示例", "欧阳**"),
        ("欧阳例", "欧阳*"),
        ("欧阳", "欧*"),
        ("歐陽示例", "歐陽**"),
        ("Anna Example", "A***********"),
        ("", ""),
    ] {
        assert_eq!(Mask::Name.apply_text(name), masked, "{name}");
        assert!(Mask::Name.could_have_made(masked) || name.is_empty(), "{name}");
    }
}

#[test]
fn an_email_keeps_first_character_and_domain() {
    assert_eq!(Mask::Email.apply_text("anna@example.com"), "a***@example.com");
    assert_eq!(Mask::Email.apply_text("a@example.com"), "***@example.com");
    assert_eq!(Mask::Email.apply_text("no address"), NOTHING);
}

#[test]
fn an_address_keeps_province_and_city_and_hides_the_rest_by_length() {
    for (text, masked) in [
        ("浙江省|杭州市|西湖区|示例路|1号", "浙江省|杭州市|***|***|**"),
        ("湖北省||仙桃市|示例镇|", "湖北省||***|***|"),
        ("北京市|北京市|崇文区||1", "北京市|北京市|***||*"),
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
    let shown = |minor, currency| Mask::Band.apply(&money(minor, currency), &Keyless);
    assert_eq!(shown(4_999_999, "CNY"), "1万–5万");
    assert_eq!(shown(5_000_000, "CNY"), "5万–10万");
    assert_eq!(shown(10_000_000, "CNY"), "10万–50万");
    assert_eq!(shown(-1, "CNY"), "1万以下");
    assert_eq!(shown(i64::MAX, "CNY"), "10亿以上");
    assert_eq!(shown(500_000, "JPY"), "50万–100万 JPY");
}

#[test]
fn an_expression_replaces_what_it_finds_and_hides_all_where_it_finds_nothing() {
    let digits = regex(r"\d{4,}", "**");
    assert_eq!(digits.apply_text("合同 20260001，尾号 12"), "合同 **，尾号 12");
    assert_eq!(digits.apply_text("没有号码"), NOTHING);
    assert_eq!(regex(r"^(\p{Han}{2}).*(.)$", "$1***$2").apply_text("示例路一号"), "示例***号");
    assert_eq!(regex(r"^(?<head>..).*$", "${head}**").apply_text("abcdef"), "ab**");
    // A place without characters is found between them: what is around it would stay.
    assert_eq!(regex(r"\b|x", "**").apply_text("示例 12"), NOTHING);
    assert_eq!(regex("^(.).", "$$**$ $1$").apply_text("示例"), "$**$ 示$");
    assert_eq!(regex("(a)|b", "<$1>**").apply_text("ab"), "<a>**<>**");
    // What shows the whole value is no mask.
    assert_eq!(regex("^(.*.)$", "$1**").apply_text("示例"), NOTHING);
}

#[test]
fn an_expression_that_does_not_hold_together_is_refused_in_words() {
    let refused = |pattern: &str, replace: &str| Pattern::new(pattern, replace).unwrap_err().to_string();
    assert_eq!(refused("(", "**"), "`pattern` is no regular expression: unclosed group");
    assert_eq!(refused("", "**"), "`pattern` and `replace` have to be 1 to 200 characters each");
    assert_eq!(
        refused(&"x".repeat(201), "**"),
        "`pattern` and `replace` have to be 1 to 200 characters each"
    );
    assert_eq!(refused("x*", "**"), "`pattern` matches an empty text; let it match one character at least");
    assert_eq!(
        refused("x", "y"),
        "`replace` needs two stars in a row, so that what is hidden is seen to be hidden"
    );
    assert!(refused("(.)", "$1a**").contains("names group `1a`"));
    assert!(refused("(.)", "${2}**").contains("names group `2`"));
    // Stars that are a name are none that are shown.
    assert!(refused("(.)", "${$**}").contains("names group `$**`"));
    assert!(refused("(.)", "${1**").contains("names group `1**`"));
    assert!(refused(r"(\w{50}){50}", "**").contains("size"), "{}", refused(r"(\w{50}){50}", "**"));
}

#[test]
fn a_hash_is_short_and_any_value_has_one() {
    assert_eq!(Mask::Hash.apply(&text("示例"), &Glass), "#06000000000000ab");
    assert_eq!(Mask::Hash.apply(&money(100, "CNY"), &Glass).len(), 17);
    assert!(Mask::Hash.could_have_made("#06000000000000ab") && !Mask::Hash.could_have_made("#1"));
    assert_eq!(Mask::Token.apply(&text("示例"), &Glass), "tok_6");
    assert!(Mask::Token.could_have_made("tok_6"));
}

#[test]
fn without_its_key_a_method_shows_nothing() {
    for mask in [Mask::Hash, Mask::Token] {
        assert_eq!(mask.apply(&text("12345678"), &Keyless), NOTHING);
        assert_eq!(mask.apply_text("12345678"), NOTHING);
    }
}

#[test]
fn a_mask_that_does_not_suit_hides_all() {
    use crate::time::Day;
    let shown = |mask: Mask, value| mask.apply(&value, &Glass);
    assert_eq!(shown(Mask::Ends, Value::Date(Day(0))), NOTHING);
    assert_eq!(shown(regex("1", "**"), Value::Date(Day(0))), NOTHING);
    assert_eq!(shown(Mask::Band, text("1000")), NOTHING);
    assert_eq!(shown(Mask::Name, Value::Choice("A".into())), NOTHING);
    assert_eq!(shown(Mask::default(), text("x")), NOTHING);
}

#[test]
fn the_stricter_of_default_and_role_is_shown() {
    let phone = text("+8613800000000");
    let shown = |default: &Mask, wanted: Option<Mask>| {
        let masking = Masking::new(default, wanted.as_ref());
        let masked = masking.apply(&phone, &Glass);
        // What is made of the stored mask is the same; where the value is needed, the mask alone shows nothing.
        let stored = masking.apply_masked(&default.apply(&phone, &Glass));
        assert_eq!(stored, if masking.needs_value() { NOTHING.to_owned() } else { masked.clone() });
        masked
    };
    assert_eq!(shown(&Mask::Ends, None), "138****0000");
    assert_eq!(shown(&Mask::Ends, Some(Mask::None)), "138****0000");
    assert_eq!(shown(&Mask::Ends, Some(Mask::Ends)), "138****0000");
    assert_eq!(shown(&Mask::Ends, Some(keep(0, 4, 8))), "*******0000");
    // What is wider than the default shows no more than it.
    assert_eq!(shown(&keep(0, 4, 8), Some(Mask::Ends)), "*******0000");
    assert_eq!(shown(&Mask::Ends, Some(regex(r"^(\d{3}).*$", "$1**"))), "138**");
    assert_eq!(shown(&Mask::Ends, Some(Mask::Hash)), "#0e000000000000ab");
    assert_eq!(shown(&Mask::Hash, Some(Mask::Token)), "#0e000000000000ab");
    assert_eq!(shown(&Mask::Token, Some(Mask::Ends)), "tok_14");
    assert_eq!(shown(&Mask::Ends, Some(Mask::Full)), NOTHING);
    assert_eq!(shown(&Mask::Full, Some(Mask::Ends)), NOTHING);
    // A value without a default mask is hidden, unless the role says how.
    assert_eq!(shown(&Mask::None, None), NOTHING);
    assert_eq!(shown(&Mask::None, Some(Mask::None)), NOTHING);
    assert_eq!(Masking::new(&Mask::None, Some(&Mask::Ends)).apply(&phone, &Glass), "138****0000");
}

#[test]
fn of_two_roles_the_one_that_shows_more_counts() {
    let looser = |one: &Mask, other: &Mask| Mask::looser(Some(one), Some(other)).cloned().unwrap();
    assert_eq!(looser(&Mask::Hash, &Mask::Ends), Mask::Ends);
    assert_eq!(looser(&Mask::Ends, &Mask::Full), Mask::Ends);
    assert_eq!(looser(&Mask::Token, &Mask::Hash), Mask::Token);
    assert_eq!(looser(&keep(0, 4, 8), &Mask::Ends), Mask::Ends);
    assert_eq!(looser(&keep(3, 4, 9), &keep(3, 4, 8)), keep(3, 4, 8));
    // The default one shows the most: each other one is laid over it.
    assert_eq!(Mask::looser(None, Some(&Mask::Ends)), None);
    // Different parts: one of both, whichever is asked first, and nothing where both hold at once.
    assert_eq!(looser(&keep(0, 4, 8), &keep(3, 0, 8)), looser(&keep(3, 0, 8), &keep(0, 4, 8)));
    assert_eq!(Mask::stricter(Some(&keep(0, 4, 8)), Some(&keep(3, 0, 8))), Some(&Mask::Full));
    assert_eq!(Mask::stricter(None, Some(&Mask::Hash)), Some(&Mask::Hash));
}

proptest! {
    #[test]
    fn masks_of_roles_are_put_together_in_any_order(a in any_mask(), b in any_mask(), c in any_mask()) {
        let looser = |one, other| Mask::looser(Some(one), Some(other)).unwrap();
        prop_assert_eq!(looser(&a, &b), looser(&b, &a));
        prop_assert_eq!(looser(looser(&a, &b), &c), looser(&a, looser(&b, &c)));
        if a.is_within(&b) {
            prop_assert_eq!(looser(&a, &b), &b);
        }
        let both = Mask::stricter(Some(&a), Some(&b)).unwrap();
        prop_assert!(both.is_within(&a) && both.is_within(&b));
    }

    #[test]
    fn a_mask_within_another_shows_no_more_of_a_text(text in "[a-z]{0,20}", a in any_mask(), b in any_mask()) {
        let default = Mask::Ends;
        let shown = |mask: &Mask| {
            let shown = Masking::new(&default, Some(mask)).apply(&Value::Text(text.clone()), &Keyless);
            shown.chars().filter(|c| c.is_ascii_lowercase()).count()
        };
        if a.is_within(&b) && matches!((&a, &b), (Mask::Ends | Mask::Keep(_), Mask::Ends | Mask::Keep(_))) {
            prop_assert!(shown(&a) <= shown(&b), "{a:?} {b:?}");
        }
    }
}

#[test]
fn a_mask_is_a_word_or_what_it_needs_besides() {
    for (json, mask) in [
        (r#""ends""#, Mask::Ends),
        (r#""hash""#, Mask::Hash),
        (r#"{"keep":{"first":1,"last":2,"under":4}}"#, keep(1, 2, 4)),
        (r#"{"regex":{"pattern":"x+","replace":"**"}}"#, regex("x+", "**")),
    ] {
        assert_eq!(serde_json::from_str::<Mask>(json).unwrap(), mask);
        assert_eq!(serde_json::to_string(&mask).unwrap(), json);
    }
    assert_eq!(serde_json::from_str::<Mask>(r#"{"keep":{"first":1}}"#).unwrap(), keep(1, 0, 8));
    for bad in [
        r#""blur""#,
        r#""keep""#,
        r#"{"keep":{"first":4,"last":4}}"#,
        r#"{"keep":{"first":1,"middle":1}}"#,
        r#"{"regex":{"pattern":"(","replace":"**"}}"#,
    ] {
        assert!(serde_json::from_str::<Mask>(bad).is_err(), "{bad}");
    }
}

#[test]
fn each_word_is_that_of_the_declaration() {
    for mask in [
        Mask::None,
        Mask::Ends,
        Mask::Name,
        Mask::Email,
        Mask::Address,
        Mask::Band,
        Mask::Hash,
        Mask::Token,
        Mask::Full,
    ] {
        let word: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
            mask.word().into_deserializer();
        assert_eq!(Mask::deserialize(word).unwrap(), mask);
    }
    assert_eq!((keep(1, 0, 8).word(), regex("x", "**").word()), ("keep", "regex"));
}

/// Any mask that a text can have and that needs no key.
fn any_mask() -> impl Strategy<Value = Mask> {
    let kept =
        (0..9u8, 0..9u8, 1..9u8).prop_map(|(first, last, more)| keep(first, last, first + last + more));
    let fixed = [Mask::Ends, Mask::Name, Mask::Address, Mask::Email, Mask::Full];
    let found =
        prop_oneof![Just(regex(r"\d+", "**")), Just(regex("^(.).*$", "$1**")), Just(regex(r"\w{2}", "*** "))];
    prop_oneof![kept, proptest::sample::select(fixed.to_vec()), found]
}

proptest! {
    #[test]
    fn masks_keep_the_length_and_show_no_more_than_they_may(
        text in "[^+*|]{0,40}", first in 0..9u8, last in 0..9u8, more in 1..9u8
    ) {
        let kept = usize::from(first) + usize::from(last);
        let own = keep(first, last, first + last + more);
        for (mask, most) in [(Mask::Ends, 7), (own, kept), (Mask::Name, 2), (Mask::Address, 0)] {
            let shown = mask.apply_text(&text);
            prop_assert_eq!(shown.chars().count(), text.chars().count());
            prop_assert!(shown.chars().filter(|c| *c != STAR).count() <= most);
            // What is shown stands where it stood.
            prop_assert!(shown.chars().zip(text.chars()).all(|(a, b)| a == STAR || a == b));
            prop_assert!(text.is_empty() || shown.contains(STAR));
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
    fn masked_texts_are_known_when_they_come_back(text in "\\PC{1,40}", mask in any_mask()) {
        let shown = mask.apply_text(&text);
        prop_assert!(mask.could_have_made(&shown), "{mask:?} {shown}");
        prop_assert!(mask.could_have_made(&Mask::Full.apply_text(&text)));
    }

    #[test]
    fn masked_amounts_are_known_when_they_come_back(minor: i64) {
        let value = Value::Money(Money { minor, currency: "CNY".into() });
        prop_assert!(Mask::Band.could_have_made(&Mask::Band.apply(&value, &Keyless)));
    }

    #[test]
    fn a_role_never_shows_more_than_the_default(text in "\\PC{0,40}", default in any_mask(), wanted in any_mask()) {
        let value = Value::Text(text);
        let alone = default.apply(&value, &Keyless);
        let shown = Masking::new(&default, Some(&wanted)).apply(&value, &Keyless);
        let count = |text: &str, of: char| text.chars().filter(|c| *c == of).count();
        // Stars and the space of a replacement are nobody's characters.
        for c in shown.chars().filter(|c| ![STAR, ' '].contains(c)) {
            prop_assert!(count(&shown, c) <= count(&alone, c), "{default:?} {wanted:?}");
        }
    }
}

#[test]
fn a_star_in_a_name_or_in_free_text_is_no_mask() {
    assert!(!Mask::Name.could_have_made("A*STAR"));
    assert!(!Mask::None.could_have_made("2*4 mm"));
    assert!(!Mask::Address.could_have_made("三合村好沟*"));
    assert!(!regex("x", "**").could_have_made("2*4 mm"));
    assert!(Mask::Name.could_have_made("韩*"));
    assert!(Mask::None.could_have_made("****"));
}
