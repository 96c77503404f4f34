//! Whether the caller takes what will be answered (RFC 9110 §12.5.1).

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use dossier_engine::model::Fault;

use super::problem::Refused;

/// Lets through who takes JSON.
pub(crate) async fn json(request: Request, next: Next) -> Response {
    only("application/json", request, next).await
}

/// Lets through who takes plain text.
pub(crate) async fn text(request: Request, next: Next) -> Response {
    only("text/plain", request, next).await
}

/// Lets through who takes CSV.
pub(crate) async fn csv(request: Request, next: Next) -> Response {
    only("text/csv", request, next).await
}

/// Lets through who takes a page.
pub(crate) async fn html(request: Request, next: Next) -> Response {
    only("text/html", request, next).await
}

async fn only(offer: &'static str, request: Request, next: Next) -> Response {
    if takes(request.headers(), offer) {
        return next.run(request).await;
    }
    Refused(Fault::new("not_acceptable").with("expected", offer)).into_response()
}

/// The most specific range that covers the offer decides; nothing said is everything taken.
fn takes(headers: &HeaderMap, offer: &str) -> bool {
    let kind = offer.split('/').next().unwrap_or_default();
    let mut best: Option<(u8, bool)> = None;
    let mut said = false;
    for value in headers.get_all(header::ACCEPT) {
        for range in
            value.to_str().unwrap_or_default().split(',').map(str::trim).filter(|range| !range.is_empty())
        {
            said = true;
            let mut parts = range.split(';').map(str::trim);
            let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
            let rank = match essence.split_once('/') {
                Some(("*", "*")) => 1,
                Some((range_kind, "*")) if range_kind == kind => 2,
                Some(_) if essence == offer => 3,
                _ => continue,
            };
            let refused = parts.any(|part| {
                let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
                weight.and_then(|weight| weight.parse::<f32>().ok()).is_some_and(|weight| weight <= 0.0)
            });
            if best.is_none_or(|(best, _)| rank > best) {
                best = Some((rank, !refused));
            }
        }
    }
    !said || best.is_some_and(|(_, taken)| taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn takes_json(accept: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
        takes(&headers, "application/json")
    }

    #[test]
    fn who_takes_json_gets_it() {
        assert!(takes(&HeaderMap::new(), "application/json"));
        for accept in [
            "",
            "*/*",
            "application/*",
            "application/json",
            "Application/JSON; charset=utf-8",
            "text/html, */*;q=0.1",
            "*/*;q=0, application/json",
        ] {
            assert!(takes_json(accept), "{accept}");
        }
    }

    #[test]
    fn who_takes_something_else_only_is_told_so() {
        for accept in
            ["text/html", "application/xml", "application/json;q=0", "*/*, application/json;q=0", "json"]
        {
            assert!(!takes_json(accept), "{accept}");
        }
    }
}
