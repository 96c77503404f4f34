//! Answers that went well.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dossier_engine::model::Fault;
use serde::Serialize;

/// The content type of JSON.
pub(crate) const JSON: &str = "application/json";

/// 200 with JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<Response, Fault> {
    with_status(StatusCode::OK, value)
}

/// 200 with a page of records: some 30 kB, which a buffer that begins small would be moved for many times.
pub(crate) fn page(value: &impl Serialize) -> Result<Response, Fault> {
    written(StatusCode::OK, value, 32 * 1024)
}

/// Another status with JSON.
pub(crate) fn with_status(status: StatusCode, value: &impl Serialize) -> Result<Response, Fault> {
    written(status, value, 2 * 1024)
}

fn written(status: StatusCode, value: &impl Serialize, room: usize) -> Result<Response, Fault> {
    let mut body = Vec::with_capacity(room);
    serde_json::to_writer(&mut body, value).map_err(|_| Fault::new("internal"))?;
    Ok((status, [(header::CONTENT_TYPE, HeaderValue::from_static(JSON))], body).into_response())
}

/// A list that is complete: `{"items": […]}`.
#[derive(Serialize)]
pub(crate) struct Items<'a, T> {
    items: &'a [T],
}

pub(crate) fn items<T>(items: &[T]) -> Items<'_, T> {
    Items { items }
}

/// 200 with plain text in UTF-8.
pub(crate) fn text(text: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], text).into_response()
}

/// The entity tag of a version (RFC 9110 §8.8.3).
pub(crate) fn etag(version: u32) -> Result<HeaderValue, Fault> {
    HeaderValue::try_from(format!("\"{version}\"")).map_err(|_| Fault::new("internal"))
}

/// Adds a header whose value the server made.
pub(crate) fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &str) -> Result<(), Fault> {
    headers.insert(name, HeaderValue::from_str(value).map_err(|_| Fault::new("internal"))?);
    Ok(())
}

/// Whether `If-None-Match` (RFC 9110 §13.1.2) names this version; weak and strong tags compare alike there.
pub(crate) fn names_version(condition: Option<&str>, version: u32) -> bool {
    let tag = format!("\"{version}\"");
    let is = |part: &str| part == "*" || part.strip_prefix("W/").unwrap_or(part) == tag;
    condition.is_some_and(|condition| condition.split(',').map(str::trim).any(is))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_known_by_its_tag_in_any_list() {
        for condition in ["\"7\"", "W/\"7\"", "*", "\"6\", \"7\"", "\"6\",W/\"7\""] {
            assert!(names_version(Some(condition), 7), "{condition}");
        }
        for condition in ["\"70\"", "7", "", "\"6\", \"8\"", "w/\"7\""] {
            assert!(!names_version(Some(condition), 7), "{condition}");
        }
        assert!(!names_version(None, 7));
        assert_eq!(etag(7).unwrap(), "\"7\"");
    }
}
