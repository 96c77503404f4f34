use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::*;

fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            out.push(path);
        }
    }
}

/// Every literal that is given to `Fault::new` under crates/, outside of this file.
fn keys_in_code() -> BTreeMap<String, PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    sources(crates, &mut files);
    let mut keys = BTreeMap::new();
    for path in files.into_iter().filter(|path| !path.ends_with("fault/tests.rs")) {
        let text = std::fs::read_to_string(&path).unwrap();
        for call in text.split("Fault::new(").skip(1) {
            if let Some((key, _)) = call.trim_start().strip_prefix('"').and_then(|key| key.split_once('"')) {
                keys.insert(key.to_owned(), path.clone());
            }
        }
    }
    keys
}

#[test]
fn every_key_in_the_code_has_an_entry() {
    let missing: Vec<_> =
        keys_in_code().into_iter().filter(|(key, _)| !BY_KEY.contains_key(key.as_str())).collect();
    assert!(missing.is_empty(), "add to errors.toml: {missing:#?}");
}

#[test]
fn codes_ascend_and_keys_are_unique() {
    let codes: Vec<_> = catalogue().iter().map(|entry| entry.code.as_str()).collect();
    assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "sort errors.toml by code, each code once");
    assert_eq!(BY_KEY.len(), catalogue().len(), "a key stands twice");
}

#[test]
fn every_entry_is_well_formed() {
    for entry in catalogue() {
        let Entry { key, code, status, zh, en } = entry;
        assert!(code.len() == 10 && code.starts_with("1001"), "{key}: code");
        assert!(code.bytes().all(|b| b.is_ascii_digit()), "{key}: code");
        assert!((400..600).contains(status), "{key}: status");
        assert!(key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{key}");
        assert_eq!(places(zh), places(en), "{key}: the two languages fill different places");
        assert!(en.is_ascii(), "{key}: English text with other characters");
        assert!(!zh.is_ascii(), "{key}: Chinese text is missing");
        assert!(
            !en.starts_with(|c: char| c.is_ascii_uppercase()) || en.starts_with("TLS"),
            "{key}: lower case"
        );
        for text in [zh, en] {
            assert!(!text.contains(['!', '！']), "{key}: no exclamation marks");
            assert!(!text.ends_with(['.', '。']), "{key}: no full stop");
            assert!(!text.contains("您"), "{key}: staff are 你");
        }
    }
}

#[test]
fn an_unknown_key_shows_as_the_internal_error() {
    let fault = Fault::new("no_such_key_anywhere");
    assert_eq!((fault.status(), fault.code()), (500, entry("internal").code.as_str()));
    assert!(fault.text(Lang::Zh).contains("内部"));
}

#[test]
fn a_text_names_field_rule_and_mend() {
    let label = Label { zh: "统一社会信用代码".into(), en: "credit code".into() };
    let fault =
        Fault::new("credit_code_character").with("position", "18").field("document_number").label(&label);
    assert!(fault.text(Lang::Zh).starts_with("统一社会信用代码：第 18 位"), "{}", fault.text(Lang::Zh));
    assert!(fault.text(Lang::En).starts_with("credit code: character 18"), "{}", fault.text(Lang::En));
    assert_eq!(fault.to_string(), fault.text(Lang::En));
    assert_eq!(fault.details().get("position").and_then(|v| v.as_str()), Some("18"));
}

#[test]
fn many_problems_show_one_after_the_other() {
    let fault =
        Fault::many(vec![Fault::new("required").field("name"), Fault::new("required").field("subject")]);
    assert_eq!(fault.status(), 422);
    let shown = fault.to_string();
    assert!(shown.contains("name: ") && shown.contains("subject: "), "{shown}");
    assert!(fault.text(Lang::Zh).contains('2'));
}

#[test]
fn places_are_filled_and_what_is_missing_stays_visible() {
    let params = [("a", "{b}".to_owned())];
    assert_eq!(fill("x {a} {b} {", &params, Lang::En), "x {b} {b} {");
    assert_eq!(fill("{a", &params, Lang::En), "{a");
    let both = [("a", "x".to_owned()), ("a_zh", "y".to_owned())];
    assert_eq!((fill("{a}", &both, Lang::Zh), fill("{a}", &both, Lang::En)), ("y".into(), "x".into()));
}

#[test]
fn the_language_follows_the_header() {
    for (header, lang) in [
        ("", Lang::Zh),
        ("en", Lang::En),
        ("EN-GB, zh;q=0.5", Lang::En),
        ("zh-CN,zh;q=0.9,en;q=0.8", Lang::Zh),
        ("fr, en;q=0.2", Lang::En),
        ("de", Lang::Zh),
        ("en;q=x, zh;q=0.1", Lang::Zh),
        ("é", Lang::Zh),
    ] {
        assert_eq!(Lang::from_accept(header), lang, "{header}");
    }
}
