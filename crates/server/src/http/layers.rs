//! The layers around every route, from the outside in: request id and headers, panics, limits.

use std::any::Any;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Version, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use dossier_engine::model::{Fault, Lang};
use tower_http::catch_panic::CatchPanicLayer;

use super::forwarded;
use super::problem::{Refused, say};
use super::unread::watch;
use crate::app::{Ask, Peer, Shared};
use crate::web;

/// Longest path with its query, in bytes: a list with every filter filled to its documented limit, percent-encoded.
const LONGEST_URL: usize = 16_384;

/// Most header fields in a request.
pub(crate) const MOST_HEADERS: usize = 64;

/// What the browser may do with an answer that is no page: nothing.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// For a year browsers come by TLS alone, to this host and those under it.
const STAY_WITH_TLS: &str = "max-age=31536000; includeSubDomains";

/// Puts the layers around the routes.
pub(crate) fn around(routes: Router<Shared>, app: &Shared) -> Router<Shared> {
    routes
        .fallback(web::page)
        .method_not_allowed_fallback(async || Refused(Fault::new("method_not_allowed")))
        .layer(from_fn_with_state(app.clone(), limit))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), outermost))
}

/// Gives the request its id and the answer its headers and, where it is a refusal, its words.
async fn outermost(State(app): State<Shared>, mut request: Request, next: Next) -> Response {
    let accept = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    let client = peer.map(|peer| forwarded::client(peer, request.headers(), &app.proxies, app.proxy_header));
    let ask = Ask {
        id: app.next_request_id(),
        lang: accept.map(Lang::from_accept).unwrap_or_default(),
        address: client.map(|address| address.to_string()),
        scim: request.uri().path().starts_with("/scim/"),
        place: None,
    };
    let method = known(request.method());
    // The route as it is declared, never the address as it was sent: that one may hold anything.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    request.extensions_mut().insert(ask.clone());
    let (request, body) = watch(request);
    let answered = if names_one_host(&request) {
        next.run(request).await
    } else {
        refuse(&app, &ask, Fault::new("host_invalid"))
    };
    let mut response = say(answered, &ask);
    body.tell(&mut response);
    guard(response.headers_mut(), &ask);
    if app.settings.has_tls() {
        response
            .headers_mut()
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STAY_WITH_TLS));
    }
    let route = route.as_deref().unwrap_or("-");
    tracing::debug!(request = ask.id, method, route, status = response.status().as_u16(), "answered");
    response
}

/// Refuses what was not looked at: no entry of the ledger tells of it, so the log does.
fn refuse(app: &Shared, ask: &Ask, fault: Fault) -> Response {
    app.told.tell(fault.key, ask.address.as_deref().unwrap_or("-"));
    Refused(fault).into_response()
}

/// Whether it is known whom a request is to (RFC 9112 §3.2): by HTTP/1.1 exactly one `Host`; HTTP/2 has it in its address.
fn names_one_host(request: &Request) -> bool {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    match request.version() {
        Version::HTTP_11 => hosts == 1,
        _ => hosts <= 1,
    }
}

/// What every answer carries: nothing may be kept, guessed at, framed or referred to.
fn guard(headers: &mut HeaderMap, ask: &Ask) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), display-capture=(), geolocation=(), microphone=()",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Files of the browser part say themselves how long they may be kept; nothing else does.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    if let Ok(id) = HeaderValue::from_str(&ask.id) {
        headers.insert("x-request-id", id);
    }
}

/// Refuses what is too long, too often or too much at once.
async fn limit(State(app): State<Shared>, mut request: Request, next: Next) -> Response {
    // Whoever watches this server has to be answered when it is busiest; that answer costs next to nothing.
    // Neither do files of the browser part, of which a page needs many at once.
    let path = request.uri().path();
    if path == "/healthz" || path.starts_with("/assets/") {
        return next.run(request).await;
    }
    let url = request.uri().path_and_query().map_or(0, |url| url.as_str().len());
    let refused = if url > LONGEST_URL {
        Err(Fault::new("url_too_long").with("limit", LONGEST_URL.to_string()))
    } else if request.headers().len() > MOST_HEADERS {
        Err(Fault::new("headers_too_large").with("limit", MOST_HEADERS.to_string()))
    } else {
        app.limits.take().and_then(|()| app.limits.enter())
    };
    match refused {
        Err(fault) => match request.extensions().get::<Ask>() {
            Some(ask) => refuse(&app, ask, fault),
            None => Refused(fault).into_response(),
        },
        Ok(place) => {
            if let Some(ask) = request.extensions_mut().get_mut::<Ask>() {
                ask.place.clone_from(&place);
            }
            let response = next.run(request).await;
            drop(place);
            response
        }
    }
}

/// What a panic says may hold anything, so it is not repeated.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    Refused(Fault::new("internal")).into_response()
}

/// A method for the log. Callers may send any word as one, and a word may be anything.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("OTHER")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Extension;
    use axum::body::{Body, Bytes};
    use axum::routing::get;
    use dossier_engine::{Engine, OpenOptions};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use crate::app::{App, blocking};
    use crate::config::Settings;

    async fn panics(Extension(ask): Extension<Ask>) -> Result<Response, Refused> {
        blocking(&ask, || panic!("the phone is 15400000001")).await
    }

    /// The status and the text of an answer to `GET`.
    async fn ask(path: &str) -> (u16, String) {
        let folder = tempfile::tempdir().unwrap();
        let (data, keystore) = (folder.path().join("data"), Some(folder.path().join("keystore")));
        let engine = Engine::open_folder(&OpenOptions { data, keystore, ..OpenOptions::default() }).unwrap();
        let app = App::new(engine, Settings::default(), Bytes::new(), 7);
        let routes = Router::new()
            .route("/async", get(async || -> Response { panic!("the phone is 15400000001") }))
            .route("/blocking", get(panics))
            .route("/well", get(async || "well"));
        let service = around(routes, &app).with_state(app);
        let answer = service
            .oneshot(Request::get(path).header(header::HOST, "localhost").body(Body::empty()).unwrap())
            .await
            .unwrap();
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panic_is_an_internal_error_without_details() {
        for path in ["/async", "/blocking"] {
            let (status, body) = ask(path).await;
            assert_eq!(status, 500);
            assert!(
                body.contains("urn:dossier:problem:internal") && body.contains("0000000000000007-1"),
                "{body}"
            );
            assert!(!body.contains("154") && !body.contains("panic"), "{body}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_there_is_answered_and_what_is_not_is_a_problem() {
        assert_eq!(ask("/well").await, (200, "well".to_owned()));
        let (status, body) = ask("/v1/ill").await;
        assert!(status == 404 && body.contains("urn:dossier:problem:route_not_found"), "{body}");
    }
}
