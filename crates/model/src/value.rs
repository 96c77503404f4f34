//! Values of fields: their bytes (deterministic CBOR), their JSON, their plain text.

use std::collections::BTreeMap;
use std::fmt;

use minicbor::data::Type;
use minicbor::encode::Write;
use minicbor::{Decoder, Encoder};
use serde::{Deserialize, Serialize};

pub use crate::money::{Money, MoneyError};
use crate::time::Day;

/// All values of one record by field number.
pub type Fields = BTreeMap<u16, Value>;

/// What a command changes: `None` clears the field.
pub type Changes = BTreeMap<u16, Option<Value>>;

/// Carries out changes on a record.
pub fn apply(fields: &mut Fields, changes: Changes) {
    for (number, change) in changes {
        match change {
            Some(value) => fields.insert(number, value),
            None => fields.remove(&number),
        };
    }
}

/// The shape of a field's values. A changed type is a new field number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Any text.
    Text,
    /// The code of one option.
    Choice,
    /// The codes of any number of options.
    Choices,
    /// A calendar day.
    Date,
    /// An amount with its currency.
    Money,
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Choice => "choice",
            Self::Choices => "choices",
            Self::Date => "date",
            Self::Money => "money",
        })
    }
}

/// One value. Its `Debug` shows its type only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Any text, normalised.
    Text(String),
    /// The code of an option.
    Choice(String),
    /// Codes of options, ascending, each once; make it with [`Value::choices`].
    Choices(Vec<String>),
    /// A calendar day.
    Date(Day),
    /// An amount with its currency.
    Money(Money),
}

impl Value {
    /// Several choices, brought into order.
    #[must_use]
    pub fn choices(codes: impl IntoIterator<Item = String>) -> Self {
        let mut codes: Vec<String> = codes.into_iter().collect();
        codes.sort_unstable();
        codes.dedup();
        Self::Choices(codes)
    }

    /// The shape of this value.
    #[must_use]
    pub const fn field_type(&self) -> FieldType {
        match self {
            Self::Text(_) => FieldType::Text,
            Self::Choice(_) => FieldType::Choice,
            Self::Choices(_) => FieldType::Choices,
            Self::Date(_) => FieldType::Date,
            Self::Money(_) => FieldType::Money,
        }
    }

    /// The text of a text or of a single choice.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Choice(text) => Some(text),
            _ => None,
        }
    }

    /// Appends the deterministic CBOR of the value.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.encode_into(&mut Encoder::new(out)).expect("a vector takes every byte");
    }

    /// The deterministic CBOR of the value.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }

    /// Writes the value as the next item of something larger.
    ///
    /// # Errors
    /// Only those of the writer; a vector has none.
    pub fn encode_into<W: Write>(
        &self,
        to: &mut Encoder<W>,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        match self {
            Self::Text(text) | Self::Choice(text) => to.str(text)?.ok(),
            Self::Date(day) => to.i32(day.0)?.ok(),
            Self::Money(money) => to.array(2)?.i64(money.minor)?.str(&money.currency)?.ok(),
            Self::Choices(codes) => {
                // The enum is open, so an unordered list could stand here; the bytes must not depend on that.
                let mut sorted: Vec<&str> = codes.iter().map(String::as_str).collect();
                sorted.sort_unstable();
                sorted.dedup();
                to.array(sorted.len() as u64)?;
                for code in sorted {
                    to.str(code)?;
                }
                Ok(())
            }
        }
    }

    /// Reads a value of this type that fills `bytes` wholly.
    ///
    /// # Errors
    /// When the bytes are no such value, or more follows.
    pub fn decode(ty: FieldType, bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut from = Decoder::new(bytes);
        let value = Self::decode_from(ty, &mut from)?;
        if from.position() == bytes.len() { Ok(value) } else { Err(DecodeError(ty)) }
    }

    /// Reads a value of this type as the next item of something larger.
    ///
    /// # Errors
    /// When the next item is no such value.
    pub fn decode_from(ty: FieldType, from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        decode_parts(ty, from).ok().flatten().ok_or(DecodeError(ty))
    }

    /// The value as the interfaces carry it: text, code, list of codes, `YYYY-MM-DD`, `{"amount", "currency"}`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) | Self::Choice(text) => text.as_str().into(),
            Self::Choices(codes) => codes.iter().map(String::as_str).collect(),
            Self::Date(day) => day.to_string().into(),
            Self::Money(money) => {
                serde_json::json!({ "amount": money.amount(), "currency": money.currency })
            }
        }
    }

    /// The value as plain text, for files and comparison: codes joined by `|`, amounts as `1000.00 CNY`.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) | Self::Choice(text) => text.clone(),
            Self::Choices(codes) => codes.join("|"),
            Self::Date(day) => day.to_string(),
            Self::Money(money) => format!("{} {}", money.amount(), money.currency),
        }
    }
}

impl fmt::Debug for Value {
    /// Shows the type and nothing of the content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(..)", self.field_type())
    }
}

/// Bytes that are no value of the declared type: what is stored and what is declared disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stored bytes are no value of type `{0}`")]
pub struct DecodeError(pub FieldType);

/// `Ok(None)`: well-formed CBOR, but not the one form in which this type is written.
fn decode_parts(ty: FieldType, from: &mut Decoder<'_>) -> Result<Option<Value>, minicbor::decode::Error> {
    Ok(match ty {
        FieldType::Text => Some(Value::Text(from.str()?.to_owned())),
        FieldType::Choice => Some(Value::Choice(from.str()?.to_owned())),
        FieldType::Date => Some(Value::Date(Day(from.i32()?))),
        FieldType::Money => {
            if from.array()? != Some(2) {
                return Ok(None);
            }
            let minor = from.i64()?;
            let currency = from.str()?.to_owned();
            Some(Value::Money(Money { minor, currency }))
        }
        FieldType::Choices => {
            let Some(count) = from.array()? else { return Ok(None) };
            let mut codes: Vec<String> = Vec::new();
            for _ in 0..count {
                if from.datatype()? != Type::String {
                    return Ok(None);
                }
                let code = from.str()?;
                if codes.last().is_some_and(|last| last.as_str() >= code) {
                    return Ok(None);
                }
                codes.push(code.to_owned());
            }
            Some(Value::Choices(codes))
        }
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money() -> impl Strategy<Value = Money> {
        (any::<i64>(), "[A-Z]{3}").prop_map(|(minor, currency)| Money { minor, currency })
    }

    /// Any value of any type.
    pub(crate) fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<String>().prop_map(Value::Text),
            "[a-z_]{1,20}".prop_map(Value::Choice),
            prop::collection::vec("[a-z_]{1,12}", 0..6).prop_map(Value::choices),
            any::<i32>().prop_map(|n| Value::Date(Day(n))),
            money().prop_map(Value::Money),
        ]
    }

    proptest! {
        #[test]
        fn every_value_survives_its_bytes(value in value()) {
            let bytes = value.to_cbor();
            prop_assert_eq!(&Value::decode(value.field_type(), &bytes).unwrap(), &value);
            prop_assert_eq!(value.to_cbor(), bytes);
        }

        #[test]
        fn bytes_do_not_depend_on_the_order_of_choices(codes in prop::collection::vec("[a-z]{1,3}", 0..8)) {
            let ordered = Value::choices(codes.clone());
            prop_assert_eq!(Value::Choices(codes).to_cbor(), ordered.to_cbor());
        }

        #[test]
        fn any_bytes_decode_or_are_refused(bytes: Vec<u8>) {
            for ty in [FieldType::Text, FieldType::Choice, FieldType::Choices, FieldType::Date, FieldType::Money] {
                let _ = Value::decode(ty, &bytes);
            }
        }

        #[test]
        fn debug_shows_nothing_of_a_value(secret in "[0-9]{4,}") {
            let money = Money { minor: secret.parse().unwrap_or(9_999), currency: "CNY".into() };
            for value in [Value::Text(secret.clone()), Value::Money(money.clone())] {
                let shown = format!("{value:?}");
                prop_assert!(!shown.contains(&secret));
            }
            let shown = format!("{money:?}");
            prop_assert!(!shown.contains(&secret));
        }
    }

    #[test]
    fn bytes_are_as_the_format_page_says() {
        let money = Money::new(100_000, "CNY").unwrap();
        assert_eq!(Value::Text("é".into()).to_cbor(), [0x62, 0xc3, 0xa9]);
        assert_eq!(Value::Date(Day(-1)).to_cbor(), [0x20]);
        assert_eq!(Value::Money(money).to_cbor(), [0x82, 0x1a, 0, 1, 0x86, 0xa0, 0x63, b'C', b'N', b'Y']);
        assert_eq!(Value::choices(["b".into(), "a".into()]).to_cbor(), [0x82, 0x61, b'a', 0x61, b'b']);
    }

    #[test]
    fn what_follows_a_value_or_another_type_is_refused() {
        assert_eq!(Value::decode(FieldType::Date, &[0x20, 0x20]), Err(DecodeError(FieldType::Date)));
        assert_eq!(Value::decode(FieldType::Date, &[0x61, b'a']), Err(DecodeError(FieldType::Date)));
        // Unordered and endless lists are never written, so they are not read either.
        assert!(Value::decode(FieldType::Choices, &[0x82, 0x61, b'b', 0x61, b'a']).is_err());
        assert!(Value::decode(FieldType::Choices, &[0x9f, 0x61, b'a', 0xff]).is_err());
    }

    #[test]
    fn a_clear_in_the_changes_removes_the_field() {
        let mut fields = Fields::from([(1, Value::Text("a".into())), (2, Value::Date(Day(0)))]);
        apply(&mut fields, Changes::from([(2, None), (3, Some(Value::Choice("x".into())))]));
        assert_eq!(fields.keys().copied().collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn json_and_text_forms() {
        let money = Value::Money(Money::new(-100_005, "CNY").unwrap());
        assert_eq!(money.to_json(), serde_json::json!({"amount": "-1000.05", "currency": "CNY"}));
        assert_eq!(money.to_text(), "-1000.05 CNY");
        assert_eq!(Value::choices(["b".into(), "a".into()]).to_text(), "a|b");
        assert_eq!(Value::Date(Day(0)).to_json(), "1970-01-01");
    }
}
