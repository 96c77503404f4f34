//! Amounts: whole minor units (fen, cents) and an ISO 4217 currency. No floating point anywhere.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Active currencies whose minor unit is not a hundredth (ISO 4217:2015, table A.1), with their decimals.
const UNUSUAL_DECIMALS: &[(&str, u32)] = &[
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// Active currencies of two decimals (ISO 4217:2015, table A.1), without funds and metals.
const USUAL: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD \
    CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG \
    HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR \
    MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP \
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW \
    ZWG";

/// An amount: minor units (fen for CNY) and a currency code of three capital letters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Whole minor units.
    pub minor: i64,
    /// ISO 4217, as `CNY`.
    pub currency: String,
}

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not digits with at most one point.
    #[error("not an amount: give digits with at most one point, as `1000.00`")]
    Format,
    /// More decimals than the currency has.
    #[error("more decimals than the currency has")]
    Decimals,
    /// Larger than can be held.
    #[error("larger than an amount can be")]
    Range,
    /// Not a currency in use.
    #[error("not a currency: give its three letters, as `CNY`")]
    Currency,
}

impl Money {
    /// An amount in minor units; `None` for a currency that does not exist.
    #[must_use]
    pub fn new(minor: i64, currency: &str) -> Option<Self> {
        decimals(currency).map(|_| Self { minor, currency: currency.to_owned() })
    }

    /// Reads an amount in major units, as `1000`, `1,000.5` or `-0.01`.
    ///
    /// # Errors
    /// Says what is wrong: form, decimals, size or currency.
    pub fn parse(amount: &str, currency: &str) -> Result<Self, MoneyError> {
        let places = decimals(currency).ok_or(MoneyError::Currency)?;
        let (negative, digits) = match amount.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, amount),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let whole = ungroup(whole)?;
        let point_without_digits = digits.ends_with('.');
        if point_without_digits || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(MoneyError::Format);
        }
        // Zeros beyond the minor unit lose nothing: `1.500` JPY is not one and a half, but `1.00` JPY is one.
        let kept = fraction.trim_end_matches('0');
        let missing = places.checked_sub(kept.len() as u32).ok_or(MoneyError::Decimals)?;
        let all = format!("{whole}{kept}{}", "0".repeat(missing as usize));
        let sign = if negative { "-" } else { "" };
        let minor = format!("{sign}{all}").parse().map_err(|_| MoneyError::Range)?;
        Ok(Self { minor, currency: currency.to_owned() })
    }

    /// The amount in major units with all decimals of its currency, as `1000.00`.
    #[must_use]
    pub fn amount(&self) -> String {
        let places = decimals(&self.currency).unwrap_or(2);
        let sign = if self.minor < 0 { "-" } else { "" };
        let units = self.minor.unsigned_abs();
        let scale = 10u64.pow(places);
        if places == 0 {
            return format!("{sign}{units}");
        }
        format!("{sign}{}.{:0width$}", units / scale, units % scale, width = places as usize)
    }

    /// Whole major units, towards zero.
    #[must_use]
    pub fn major(&self) -> i64 {
        self.minor / 10i64.pow(decimals(&self.currency).unwrap_or(2))
    }
}

impl fmt::Debug for Money {
    /// Shows nothing: an amount may be a credit limit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Money(..)")
    }
}

/// Decimals of a currency (ISO 4217); `None` when there is no such currency.
#[must_use]
pub fn decimals(currency: &str) -> Option<u32> {
    if let Some((_, places)) = UNUSUAL_DECIMALS.iter().find(|(code, _)| *code == currency) {
        return Some(*places);
    }
    USUAL.split_ascii_whitespace().any(|code| code == currency).then_some(2)
}

/// Takes out `,` between groups of three; any other place of a comma could be a decimal comma, so it is refused.
fn ungroup(whole: &str) -> Result<String, MoneyError> {
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or("");
    let mut digits = first.to_owned();
    let mut grouped = false;
    for group in groups {
        if group.len() != 3 {
            return Err(MoneyError::Format);
        }
        grouped = true;
        digits.push_str(group);
    }
    let first_fits = !first.is_empty() && (!grouped || first.len() <= 3);
    if first_fits && digits.bytes().all(|b| b.is_ascii_digit()) {
        Ok(digits)
    } else {
        Err(MoneyError::Format)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_read_with_and_without_groups_and_decimals() {
        for (text, minor) in
            [("1000", 100_000), ("1,000.5", 100_050), ("-0.01", -1), ("0", 0), ("1.000", 100)]
        {
            assert_eq!(Money::parse(text, "CNY").unwrap().minor, minor, "{text}");
        }
        assert_eq!(Money::parse("12", "JPY").unwrap().minor, 12);
        assert_eq!(Money::parse("1.5", "KWD").unwrap().amount(), "1.500");
    }

    #[test]
    fn what_is_no_amount_says_why() {
        for text in
            ["", ".", "1.", ".5", "1,00", "1,0000", "1000,000", "1e3", "--1", "+1", " 1", "1.2.3", "１"]
        {
            assert_eq!(Money::parse(text, "CNY"), Err(MoneyError::Format), "{text}");
        }
        assert_eq!(Money::parse("0.001", "CNY"), Err(MoneyError::Decimals));
        assert_eq!(Money::parse("0.5", "JPY"), Err(MoneyError::Decimals));
        assert_eq!(Money::parse("99999999999999999999", "CNY"), Err(MoneyError::Range));
        assert_eq!(Money::parse("1", "RMB"), Err(MoneyError::Currency));
        assert_eq!(Money::new(1, "cny"), None);
    }

    proptest! {
        #[test]
        fn every_amount_survives_its_text(minor: i64, at in 0usize..4) {
            let money = Money::new(minor, ["CNY", "JPY", "KWD", "CLF"][at]).unwrap();
            prop_assert_eq!(&Money::parse(&money.amount(), &money.currency).unwrap(), &money);
        }
    }
}
