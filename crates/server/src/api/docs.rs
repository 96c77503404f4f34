//! The document of the interface, and a page to read and try it with. All from the binary: nothing is fetched.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use dossier_engine::model::Fault;
use utoipa_swagger_ui::Config;

use crate::app::Shared;
use crate::http::answer::JSON;
use crate::http::problem::Refused;

/// The page has scripts and styles of its own and sets styles on elements; it talks to this server alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      font-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// The routes of the page; they are about the interface and no part of it, so the document does not list them.
pub(super) fn routes() -> Router<Shared> {
    // Without a validator: it would be asked over the network.
    let config = Config::new(["/openapi.json"]).validator_url("none").display_operation_id(true);
    let config = Arc::new(config.persist_authorization(false));
    let page = move |path: &str| file(path, Arc::clone(&config));
    let index = page.clone();
    Router::new()
        .route("/docs", get(async || Redirect::permanent("/docs/")))
        .route("/docs/", get(async move || index("index.html")))
        .route("/docs/{*file}", get(async move |Path(path): Path<String>| page(&path)))
        .route("/openapi.json", get(document))
}

async fn document(State(app): State<Shared>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(JSON))], app.document.clone()).into_response()
}

fn file(path: &str, config: Arc<Config<'static>>) -> Result<Response, Refused> {
    let found = utoipa_swagger_ui::serve(path, config).map_err(|_| Refused(Fault::new("internal")))?;
    let file = found.ok_or_else(|| Refused(Fault::new("route_not_found")))?;
    // Texts are UTF-8, and a browser is not left to guess that.
    let content = match file.content_type.as_str() {
        text if text.starts_with("text/") && !text.contains("charset") => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    };
    let content = HeaderValue::from_str(&content).map_err(|_| Refused(Fault::new("internal")))?;
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if file.gzpipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}
