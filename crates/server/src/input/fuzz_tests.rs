//! What callers send, with changes: read or refused, never a panic, and nothing of it in the refusal.

use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
use dossier_fuzz::fuzz;

use super::{json, query};
use crate::http::cookie;

const SECRET: &str = "13800000000";

#[test]
fn bodies() {
    let seeds = [
        r#"{"fields": {"name": "示例科技", "phone": "13800000000", "n": [1, -2, 3.5e-7, true, null]}, "team": "default"}"#,
        r#"[{"a": {"b": "\u00e9\ud83d\ude00 \"\\"}}]"#,
    ];
    fuzz(&seeds, &["{", "[", "\"", ":", ",", "\\u", "1e999", "-", "\u{feff}", "13800000000"], |bytes| {
        match json::read(bytes) {
            // What is read here is what everybody else would read.
            Ok(value) => assert_eq!(serde_json::from_slice::<serde_json::Value>(bytes).unwrap(), value),
            Err(fault) => assert!(!fault.to_string().contains(SECRET), "{fault}"),
        }
    });
}

#[test]
fn addresses() {
    let seeds =
        ["limit=25&fields=name&fields=phone&after=abc%2Bdef", "a=%E4%BA%BA+b&a=%00&%61=1", "%C0%AE%C0%AE/"];
    fuzz(&seeds, &["&", "=", "%", "%25", "+", ";", "%ff"], |bytes| {
        let _ = query::pairs(bytes);
        let _ = query::percent_decoded(&String::from_utf8_lossy(bytes));
    });
}

#[test]
fn cookies() {
    let seeds =
        ["__Host-dossier=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; other=1", "a=\"b;c\"; __Host-dossier="];
    fuzz(&seeds, &["__Host-dossier=", ";", "; ", "=", "\"", ","], |bytes| {
        if let Ok(value) = HeaderValue::from_bytes(bytes) {
            let mut headers = HeaderMap::new();
            headers.append(COOKIE, value);
            let _ = cookie::session(&headers);
        }
    });
}
