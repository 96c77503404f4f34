//! Query strings: only declared parameters, each once unless it is a list.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use dossier_engine::model::Fault;
use serde_json::{Map, Value as Json};

use super::{checked, shown};
use crate::app::Shared;
use crate::shape::{Shaped, Type};

/// The parameters of a query string, or what is wrong with them.
pub(crate) struct Query<T>(pub Result<T, Fault>);

impl<T: Shaped> FromRequestParts<Shared> for Query<T> {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Self::Rejection> {
        Ok(Query(read(parts.uri.query().unwrap_or_default())))
    }
}

fn read<T: Shaped>(query: &str) -> Result<T, Fault> {
    let mut object = Map::new();
    for (name, text) in pairs(query.as_bytes()).ok_or_else(|| Fault::new("query_malformed"))? {
        let Some(member) = T::SHAPE.member(&name) else {
            return Err(Fault::new("query_unknown").with("name", shown(&name)));
        };
        match (&member.of, object.get_mut(&name)) {
            (Type::List { of, .. }, Some(Json::Array(items))) => items.push(of.json_of(text)),
            (Type::List { of, .. }, _) => {
                object.insert(name, Json::Array(vec![of.json_of(text)]));
            }
            (_, Some(_)) => return Err(Fault::new("query_duplicate").with("name", member.name)),
            (of, None) => {
                object.insert(name, of.json_of(text));
            }
        }
    }
    checked(object)
}

/// The pairs of `application/x-www-form-urlencoded` text in their order; none when a name or value is not well
/// encoded or not UTF-8.
pub(crate) fn pairs(text: &[u8]) -> Option<Vec<(String, String)>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let pair = |part: &[u8]| {
        let equals = part.iter().position(|byte| *byte == b'=').unwrap_or(part.len());
        let (name, value) = part.split_at(equals);
        Some((decode(name)?, decode(value.strip_prefix(b"=").unwrap_or(value))?))
    };
    text.split(|byte| *byte == b'&').map(pair).collect()
}

/// The text that stands percent-encoded (RFC 3986 §2.1).
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    decode(text.replace('+', "%2B").as_bytes())
}

/// Undoes percent-encoding and `+`.
fn decode(text: &[u8]) -> Option<String> {
    let digit =
        |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16)).map(|digit| digit as u8);
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => digit(bytes.next())? << 4 | digit(bytes.next())?,
            b'+' => b' ',
            other => *other,
        });
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Form, shaped};
    use proptest::prelude::*;

    static WORD: Form = Form::new("^[a-z]{1,5}$", "abc");

    shaped! {
        /// For the tests.
        Query Example {
            may word: Option<String> = Form(&WORD);
            may number: Option<u32> = Whole { least: 1, most: 100 };
            may flag: bool = Flag;
            may many: Vec<u8> = List { of: &Type::Whole { least: 0, most: 5 }, most: 3 };
            may day: Option<String> = Day;
        }
    }

    fn refusal(query: &str) -> &'static str {
        read::<Example>(query).err().expect("should be refused").key
    }

    #[test]
    fn declared_parameters_are_read() {
        let query =
            read::<Example>("word=%61bc&number=7&flag=true&many=1&many=2&day=2026-11-22").ok().unwrap();
        assert_eq!((query.word.as_deref(), query.number, query.flag), (Some("abc"), Some(7), true));
        assert_eq!((query.many.as_slice(), query.day.as_deref()), ([1, 2].as_slice(), Some("2026-11-22")));
        let query = read::<Example>("").ok().unwrap();
        assert!(query.word.is_none() && query.number.is_none() && !query.flag && query.many.is_empty());
    }

    #[test]
    fn anything_else_is_refused() {
        for (query, key) in [
            ("other=1", "query_unknown"),
            ("Word=abc", "query_unknown"),
            ("&", "query_unknown"),
            ("word=abc&word=abc", "query_duplicate"),
            ("word=", "value_form"),
            ("word", "value_form"),
            ("word=ABC", "value_form"),
            ("word=abc%0A", "value_form"),
            ("number=0", "value_range"),
            ("number=101", "value_range"),
            ("number=", "value_not_whole"),
            ("number=1.0", "value_not_whole"),
            ("number=%2B1", "value_not_whole"),
            ("number=01", "value_not_whole"),
            ("flag=1", "value_not_flag"),
            ("flag=TRUE", "value_not_flag"),
            ("many=1&many=2&many=3&many=4", "value_count"),
            ("many=6", "value_range"),
            ("day=2026-02-30", "value_date"),
            ("word=%", "query_malformed"),
            ("word=%4", "query_malformed"),
            ("word=%zz", "query_malformed"),
            ("word=%ff", "query_malformed"),
        ] {
            assert_eq!(refusal(query), key, "{query}");
        }
        assert_eq!(read::<Example>("number=0&day=x").err().unwrap().problems.len(), 2);
    }

    #[test]
    fn what_was_sent_is_not_repeated() {
        for query in ["13800000000=1", "word=13800000000", "number=13800000000", "%E9%9F%A9=1"] {
            let fault = read::<Example>(query).err().unwrap();
            assert!(!fault.to_string().contains("138") && !fault.to_string().contains('韩'), "{fault}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_comes_out_again(name in "[^\0]{0,20}", value in ".{0,40}") {
            let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
            let text = format!("{}={}", encode(&name), encode(&value));
            prop_assert_eq!(pairs(text.as_bytes()), Some(vec![(name, value)]));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = pairs(&bytes);
        }
    }
}
