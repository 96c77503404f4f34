//! Comparing answers with the document.

use std::sync::LazyLock;

use serde_json::Value as Json;

use super::Answer;
use super::schema::faults;

static DOCUMENT: LazyLock<Json> = LazyLock::new(|| serde_json::to_value(dossier_server::openapi()).unwrap());

/// Method and path of every operation.
pub fn operations() -> Vec<(String, String)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &Json)| {
        let methods = item.as_object().unwrap().keys().filter(|method| *method != "parameters");
        methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

/// Fails when an answer is not as the document says, or lacks what every answer has.
pub fn check(method: &str, url: &str, answer: &Answer) {
    let context = || format!("{method} {url} → {} {}", answer.status, String::from_utf8_lossy(&answer.bytes));
    for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff")] {
        assert_eq!(answer.header(name), value, "{}", context());
    }
    assert!(!answer.header("x-request-id").is_empty(), "{}", context());
    assert!(answer.headers.get("access-control-allow-origin").is_none(), "{}", context());
    let Some(operation) = operation(method, url) else { return };
    let response = &operation["responses"][answer.status.to_string()];
    assert!(!response.is_null(), "the status is not documented: {}", context());
    let response = match response["$ref"].as_str() {
        Some(target) => DOCUMENT.pointer(target.trim_start_matches('#')).unwrap(),
        None => response,
    };
    let Some(contents) = response["content"].as_object() else {
        assert!(answer.bytes.is_empty(), "no body is documented: {}", context());
        return;
    };
    let essence = answer.header("content-type").split(';').next().unwrap_or_default();
    let content =
        contents.get(essence).unwrap_or_else(|| panic!("{essence} is not documented: {}", context()));
    if essence.ends_with("json") {
        let faults = faults(&DOCUMENT, &content["schema"], &answer.json);
        assert!(faults.is_empty(), "{faults:#?} in {}", context());
    }
    for (name, _) in response["headers"].as_object().into_iter().flatten() {
        let optional = name == "Idempotency-Replayed";
        assert!(optional || answer.headers.contains_key(name.as_str()), "{name} is missing: {}", context());
    }
}

/// The operation that a request is about, if it is documented.
fn operation(method: &str, url: &str) -> Option<&'static Json> {
    let path = url.split('?').next().unwrap_or_default();
    let fits = |template: &&String| {
        let (a, b): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| *a == b || (a.starts_with('{') && !b.is_empty()))
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    // A literal path is meant before one with parts that vary.
    let template = paths.keys().filter(fits).min_by_key(|template| template.matches('{').count())?;
    paths[template].get(method.to_lowercase())
}
