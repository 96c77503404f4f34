//! Registered capital and other amounts as registries print them: `1,000(万元人民币)`, `0.0300( 万人民币元)`, `12()`.

use super::currency::currency;
use super::text::{compact, is_dash};
use crate::fault::Fault;
use crate::value::Money;

/// Longer numbers are beyond any amount, and this keeps the arithmetic inside 128 bits.
const MAX_DIGITS: usize = 24;

/// What stands around and in an amount, brackets taken out.
struct Parts {
    before: String,
    number: String,
    after: String,
    bracket: bool,
}

/// Reads an amount with its unit and currency, exactly, into minor units.
///
/// The unit is any of 十, 百, 千, 万, 亿 and their products; the currency a Chinese name or its ISO 4217 code, in front
/// or behind, in round brackets of either width or without; none means CNY. Registries also print empty brackets
/// (`12()`): their column counts in 万元, so that is read as 万元 CNY. A number with nothing at all around it is
/// refused, because people mean 元 as often as 万元 by it and the difference is ten thousandfold.
///
/// # Errors
/// `capital_shape`, `capital_unit` (a bare number), `capital_currency`, `money_decimals` (finer than the currency's
/// smallest unit), `money_range` (beyond 64 bits of minor units).
pub fn capital(input: &str) -> Result<Money, Fault> {
    let parts = split(&compact(input)).ok_or_else(|| Fault::new("capital_shape"))?;
    let (digits, decimals) = exact(&parts.number).ok_or_else(|| Fault::new("capital_shape"))?;
    if parts.before.is_empty() && parts.after.is_empty() && !parts.bracket {
        return Err(Fault::new("capital_unit"));
    }
    let only_brackets = parts.before.is_empty() && parts.after.is_empty();
    let unit = if only_brackets { "万" } else { parts.after.as_str() };
    let (multiplier, behind) = multiplier(unit).ok_or_else(|| Fault::new("money_range"))?;
    let unknown = || Fault::new("capital_currency");
    let (code, places) = currency(name(&parts.before, behind).ok_or_else(unknown)?).ok_or_else(unknown)?;
    let range = || Fault::new("money_range");
    let minor =
        digits.checked_mul(multiplier).and_then(|v| v.checked_mul(power(places)?)).ok_or_else(range)?;
    let divisor = power(decimals).ok_or_else(range)?;
    if minor % divisor != 0 {
        return Err(Fault::new("money_decimals"));
    }
    let minor = i64::try_from(minor / divisor).map_err(|_| range())?;
    Ok(Money { minor, currency: code })
}

/// Takes brackets out and cuts the text at the number.
fn split(text: &str) -> Option<Parts> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let (before, rest) = text.split_at_checked(start)?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ',' && c != '.').unwrap_or(rest.len());
    let (number, after) = rest.split_at_checked(end)?;
    // `-5` and `.5` are no capital.
    if before.ends_with(|c| is_dash(c) || matches!(c, '.' | ',' | '+'))
        || after.contains(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let plain = |part: &str| part.chars().filter(|c| !matches!(c, '(' | ')')).collect::<String>();
    let after_plain = plain(after);
    // 整 and 正 close an amount on a contract.
    let closed = after_plain.strip_suffix(['整', '正']).unwrap_or(&after_plain).to_owned();
    Some(Parts {
        before: plain(before),
        number: number.to_owned(),
        after: closed,
        bracket: after.contains('('),
    })
}

/// All digits as one number, and how many of them are decimals. Commas count only between groups of three.
fn exact(number: &str) -> Option<(i128, u32)> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || fraction.contains(['.', ',']) || number.ends_with('.') {
        return None;
    }
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let mut rest = groups.peekable();
    if rest.peek().is_some() && !(1..=3).contains(&first.len()) || rest.any(|group| group.len() != 3) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let digits: String = whole.chars().filter(|&c| c != ',').chain(fraction.chars()).collect();
    if digits.len() > MAX_DIGITS {
        return None;
    }
    Some((digits.parse().ok()?, u32::try_from(fraction.len()).ok()?))
}

/// The product of the leading unit characters, and what follows them; `None` when it overflows.
fn multiplier(unit: &str) -> Option<(i128, &str)> {
    let (mut product, mut rest) = (1i128, unit);
    loop {
        let mut characters = rest.chars();
        let factor = match characters.next() {
            Some('十' | '拾') => 10,
            Some('百' | '佰') => 100,
            Some('千' | '仟') => 1_000,
            Some('万' | '萬') => 10_000,
            Some('亿' | '億') => 100_000_000,
            _ => return Some((product, rest)),
        };
        product = product.checked_mul(factor).filter(|p| *p <= 1_000_000_000_000)?;
        rest = characters.as_str();
    }
}

/// The currency's name out of what stands in front and behind; `None` when both name one and they differ.
fn name<'a>(before: &'a str, behind: &'a str) -> Option<&'a str> {
    let before = before.strip_suffix([':', '：']).unwrap_or(before);
    match (before, behind) {
        ("", "") => Some("元"),
        ("", name) => Some(name),
        (name, "" | "元" | "圆") => Some(name),
        (one, two) => (currency(one)?.0 == currency(two)?.0).then_some(one),
    }
}

fn power(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn minor(text: &str) -> (i64, String) {
        let money = capital(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        (money.minor, money.currency)
    }

    fn key(text: &str) -> &'static str {
        capital(text).unwrap_err().key
    }

    #[test]
    fn the_shapes_of_the_registry_are_read() {
        for (text, yuan) in [
            ("1,000(万元人民币)", 10_000_000),
            ("150(万元)", 1_500_000),
            ("50(万)", 500_000),
            ("77.5万人民币", 775_000),
            ("15万元人民币", 150_000),
            ("1,800(万人民币元)", 18_000_000),
            ("10（万元）", 100_000),
            ("20000万元", 200_000_000),
            ("400万人民币元", 4_000_000),
            ("50(万元(人民币))", 500_000),
            ("0.0300( 万人民币元)", 300),
            ("50(万人民币 )", 500_000),
            ("2000万", 20_000_000),
            ("1,500,000(人民币元)", 1_500_000),
            ("10(人民币元)", 10),
        ] {
            assert_eq!(minor(text), (yuan * 100, "CNY".to_owned()), "{text}");
        }
    }

    #[test]
    fn empty_brackets_count_in_ten_thousands_and_a_bare_number_is_refused() {
        assert_eq!(minor("12()"), (12_000_000, "CNY".to_owned()));
        assert_eq!(minor("1,855（）"), (1_855_000_000, "CNY".to_owned()));
        assert_eq!(minor("0()"), (0, "CNY".to_owned()));
        assert_eq!(key("500000"), "capital_unit");
    }

    #[test]
    fn currencies_are_told_apart() {
        for (text, expected, code) in [
            ("120(万美元)", 120_000_000, "USD"),
            ("452.5000(万美元)", 452_500_000, "USD"),
            ("100(万元(美元))", 100_000_000, "USD"),
            ("125(万元美元)", 125_000_000, "USD"),
            ("600(万香港元)", 600_000_000, "HKD"),
            ("10万港币", 10_000_000, "HKD"),
            ("3,235(万元(港币))", 3_235_000_000, "HKD"),
            ("500(万欧元)", 500_000_000, "EUR"),
            ("3,505.7174(万日元)", 35_057_174, "JPY"),
            ("1(亿韩元)", 100_000_000, "KRW"),
            ("5万英镑", 5_000_000, "GBP"),
            ("5万澳大利亚元", 5_000_000, "AUD"),
            ("5万新加坡元", 5_000_000, "SGD"),
            ("5万加元", 5_000_000, "CAD"),
            ("5万瑞士法郎", 5_000_000, "CHF"),
            ("1.5万科威特第纳尔", 15_000_000, "KWD"),
        ] {
            assert_eq!(minor(text), (expected, code.to_owned()), "{text}");
        }
    }

    #[test]
    fn other_spellings_are_read() {
        for (text, expected, code) in [
            ("人民币壹佰", 0, ""),
            ("人民币1000万元整", 1_000_000_000, "CNY"),
            ("￥1,000.50", 100_050, "CNY"),
            ("USD 1,000,000", 100_000_000, "USD"),
            ("1000.00 CNY", 100_000, "CNY"),
            ("１，０００（万元）", 1_000_000_000, "CNY"),
            ("2.5亿元", 25_000_000_000, "CNY"),
            ("3百万美元", 300_000_000, "USD"),
        ] {
            if code.is_empty() {
                assert_eq!(key(text), "capital_shape", "{text}");
            } else {
                assert_eq!(minor(text), (expected, code.to_owned()), "{text}");
            }
        }
    }

    #[test]
    fn what_is_not_exact_is_refused() {
        for (text, expected) in [
            ("", "capital_shape"),
            ("N/A", "capital_shape"),
            ("谭勇", "capital_shape"),
            ("1,00(万元)", "capital_shape"),
            // Of the registry: 2,000.0000 without its point, or 20,000,000?
            ("2,0000000(万元人民币)", "capital_shape"),
            ("1000,000元", "capital_shape"),
            ("1.2.3万元", "capital_shape"),
            (".5万元", "capital_shape"),
            ("5.万元", "capital_shape"),
            ("10万元20万元", "capital_shape"),
            ("-5万元", "capital_shape"),
            ("5万贝壳", "capital_currency"),
            ("USD 5 欧元", "capital_currency"),
            ("0.001元", "money_decimals"),
            ("0.5日元", "money_decimals"),
            ("99999999999999999999元", "money_range"),
            ("1万万万万万元", "money_range"),
        ] {
            assert_eq!(key(text), expected, "{text}");
        }
        assert_eq!(minor("92233720368547758.07元"), (i64::MAX, "CNY".to_owned()));
        assert_eq!(key("92233720368547758.08元"), "money_range");
    }

    proptest! {
        #[test]
        fn every_amount_survives_its_own_text(minor in 0..=i64::MAX, at in 0usize..4) {
            let money = Money::new(minor, ["CNY", "JPY", "KWD", "USD"][at]).unwrap();
            let text = format!("{} {}", money.amount(), money.currency);
            prop_assert_eq!(capital(&text).unwrap(), money);
        }

        #[test]
        fn any_text_is_answered(text in "[0-9,.()万亿千元美 -]*") {
            let _ = capital(&text);
        }
    }
}
