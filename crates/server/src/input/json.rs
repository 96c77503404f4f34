//! JSON without the freedom that two readers could use differently: no member twice, not endlessly deep.

use std::cell::Cell;
use std::fmt;

use dossier_engine::model::Fault;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

/// No body that is documented is deeper than half of this.
const DEEPEST: usize = 16;

/// Reads one JSON text (RFC 8259) in UTF-8.
///
/// # Errors
/// `body_missing`, `body_encoding`, `body_duplicate_member`, `body_too_deep`, `body_invalid`; with a place, never with
/// what stands there.
pub(super) fn read(bytes: &[u8]) -> Result<Json, Fault> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Fault::new("body_missing"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::new("body_encoding"))?;
    let broken = Cell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict { left: DEEPEST, broken: &broken }.deserialize(&mut reader);
    value.and_then(|value| reader.end().map(|()| value)).map_err(|error| {
        let at = |fault: Fault| {
            fault.with("line", error.line().to_string()).with("column", error.column().to_string())
        };
        match broken.get() {
            Some(Rule::Once) => at(Fault::new("body_duplicate_member")),
            Some(Rule::Depth) => Fault::new("body_too_deep").with("limit", DEEPEST.to_string()),
            None => at(Fault::new("body_invalid")),
        }
    })
}

/// A rule of ours, apart from those of JSON.
#[derive(Clone, Copy)]
enum Rule {
    Once,
    Depth,
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    left: usize,
    broken: &'a Cell<Option<Rule>>,
}

impl Strict<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        match self.left.checked_sub(1) {
            Some(left) => Ok(Strict { left, ..self }),
            None => Err(self.refuse(Rule::Depth)),
        }
    }

    fn refuse<E: Error>(self, rule: Rule) -> E {
        self.broken.set(Some(rule));
        E::custom("a rule of this server")
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut out = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            out.push(item);
        }
        Ok(Json::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut out = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if out.contains_key(&name) {
                return Err(self.refuse(Rule::Once));
            }
            out.insert(name, members.next_value_seed(inner)?);
        }
        Ok(Json::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refusal(text: impl AsRef<[u8]>) -> &'static str {
        read(text.as_ref()).expect_err("should be refused").key
    }

    #[test]
    fn what_is_right_is_read() {
        let text = r#" {"a": [1, -2, 3.5, true, null, "\u00e9", {"b": {}}]} "#;
        assert_eq!(read(text.as_bytes()).unwrap(), serde_json::from_str::<Json>(text).unwrap());
    }

    #[test]
    fn a_member_given_twice_is_refused_at_any_depth() {
        assert_eq!(refusal(r#"{"a": 1, "a": 1}"#), "body_duplicate_member");
        assert_eq!(refusal(r#"{"a": [{"b": {"c": 1, "d": 2, "c": 3}}]}"#), "body_duplicate_member");
        // The same name spelled with an escape.
        assert_eq!(refusal(r#"{"a": 1, "\u0061": 1}"#), "body_duplicate_member");
    }

    #[test]
    fn depth_has_a_limit() {
        assert!(read(format!("{}{}", "[".repeat(16), "]".repeat(16)).as_bytes()).is_ok());
        assert_eq!(refusal(format!("{}{}", "[".repeat(17), "]".repeat(17))), "body_too_deep");
        assert_eq!(refusal("[".repeat(100_000)), "body_too_deep");
        assert_eq!(refusal(r#"{"a":"#.repeat(100_000)), "body_too_deep");
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        for text in
            ["{", "{'a': 1}", r#"{"a": 1,}"#, "nul", r#""\ud800""#, "1 2", "NaN", "1e999", "\u{feff}{}"]
        {
            assert_eq!(refusal(text), "body_invalid", "{text}");
        }
        let fault = read(b"{\n  \"phone\": 13800000000x}").unwrap_err();
        assert_eq!(fault.params, [("line", "2".to_owned()), ("column", "23".to_owned())]);
        assert!(!fault.to_string().contains("138"));
    }

    #[test]
    fn emptiness_and_other_encodings_have_words_of_their_own() {
        assert_eq!(refusal(""), "body_missing");
        assert_eq!(refusal(" \r\n\t"), "body_missing");
        assert_eq!(refusal(b"{\"a\": \"\xb5\xe7\"}"), "body_encoding");
        assert_eq!(refusal(b"\xff\xfe{\0}\0"), "body_encoding");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }
    }
}
