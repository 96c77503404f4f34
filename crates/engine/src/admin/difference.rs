//! What is different between two of the same kind, for whoever reads the ledger or decides on it.

use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What moved, a line each: `fields.customer.phone: masked → clear`.
pub(crate) fn difference<T: Serialize>(before: Option<&T>, after: Option<&T>) -> String {
    let lines = |side: Option<&T>| {
        let mut lines = BTreeMap::new();
        if let Some(json) = side.and_then(|side| serde_json::to_value(side).ok()) {
            flatten(String::new(), json, &mut lines);
        }
        lines
    };
    let (before, after) = (lines(before), lines(after));
    let mut out = Vec::new();
    for key in before.keys().chain(after.keys().filter(|key| !before.contains_key(*key))) {
        let of = |side: &BTreeMap<String, String>| side.get(key).cloned().unwrap_or_else(|| "–".to_owned());
        let (was, is) = (of(&before), of(&after));
        if was != is {
            out.push(format!("{key}: {was} → {is}"));
        }
    }
    out.sort();
    out.join("\n")
}

/// What is said, by the path of where it is said.
fn flatten(path: String, json: Json, lines: &mut BTreeMap<String, String>) {
    let under = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                flatten(under(&name), value, lines);
            }
        }
        Json::Array(list) if list.iter().any(Json::is_object) => {
            for (at, value) in list.into_iter().enumerate() {
                flatten(under(&(at + 1).to_string()), value, lines);
            }
        }
        Json::Array(list) if list.is_empty() => {}
        Json::Null => {}
        value => drop(lines.insert(path, plain(&value))),
    }
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join("、"),
        other => other.to_string(),
    }
}
