//! The browser part: files that the program holds, and the page that all its addresses show.

use std::borrow::Cow;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dossier_engine::model::Fault;

use crate::app::Shared;
use crate::http::problem::Refused;
use crate::serve::random;

/// A file by its address.
type File = (&'static str, &'static [u8]);

/// What the browser part was built to, if it was.
static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/web.rs"));

/// What the page has in place of the nonce.
const NONCE: &str = "__NONCE__";
/// What it has in place of the address to which passkeys are bound.
const ORIGIN: &str = "__ORIGIN__";
/// What it has in place of the rules of passwords.
const PASSWORDS: &str = "__PASSWORDS__";

/// Addresses below these are never a page: what is not there is not found.
const NOT_PAGES: [&str; 7] =
    ["/v1", "/oauth", "/.well-known", "/docs", "/openapi.json", "/healthz", "/assets"];

/// Where the browser part was not built.
const NOT_BUILT: &str = "<!doctype html>
<html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>Dossier</title>
<p>本程序构建时未包含浏览器界面；接口可用，说明见 <a href=\"/docs/\">/docs/</a>。</p>
<p lang=\"en\">This program was built without its browser part; the interface works and is described at <a href=\"/docs/\">/docs/</a>.</p>
</html>
";

/// Answers what no route knows.
pub(crate) async fn page(State(app): State<Shared>, request: Request) -> Result<Response, Refused> {
    let path = request.uri().path();
    let readable = matches!(*request.method(), Method::GET | Method::HEAD);
    find(FILES, path, readable, request.headers(), &told(&app)).map_err(Refused)
}

/// The page, for an address that has a route of its own.
pub(crate) fn shell(app: &Shared) -> Result<Response, Fault> {
    find(FILES, "/", true, &HeaderMap::new(), &told(app))
}

fn told(app: &Shared) -> [(&'static str, String); 2] {
    [
        (ORIGIN, app.settings.public_origin().unwrap_or_default()),
        (PASSWORDS, app.settings.sign_in.passwords.clone()),
    ]
}

fn find(
    files: &[File],
    path: &str,
    readable: bool,
    headers: &HeaderMap,
    told: &[(&str, String)],
) -> Result<Response, Fault> {
    let missing = || Fault::new("route_not_found");
    let file = |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, bytes)| *bytes);
    if !readable {
        return Err(missing());
    }
    match file(path) {
        Some(bytes) if path != "/index.html" => Ok(plain(path, bytes, &file, headers)),
        _ if below_any(path) => Err(missing()),
        _ => index(file("/index.html"), told),
    }
}

fn below_any(path: &str) -> bool {
    NOT_PAGES
        .iter()
        .any(|place| path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// A file as it was built. Those under `/assets/` have a hash of their content in their names.
fn plain(
    path: &str,
    bytes: &'static [u8],
    file: &impl Fn(&str) -> Option<&'static [u8]>,
    headers: &HeaderMap,
) -> Response {
    let squeezed = [("br", ".br"), ("gzip", ".gz")].into_iter().find_map(|(encoding, ending)| {
        let bytes = takes(headers, encoding).then(|| file(&format!("{path}{ending}")))??;
        Some((encoding, bytes))
    });
    let keep = if path.starts_with("/assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let (encoding, bytes) = squeezed.map_or((None, bytes), |(encoding, bytes)| (Some(encoding), bytes));
    let mut response = Bytes::from_static(bytes).into_response();
    let set = response.headers_mut();
    set.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    set.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    set.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        set.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// Whether the caller takes an encoding; one with the weight 0 is not taken (RFC 9110 §12.5.3).
fn takes(headers: &HeaderMap, encoding: &str) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(encoding) && weight.unwrap_or(1.0) > 0.0
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The page: the same at every address, with a nonce of this answer alone for the styles that it makes.
fn index(page: Option<&'static [u8]>, told: &[(&str, String)]) -> Result<Response, Fault> {
    let mut random_bytes = [0; 16];
    for part in random_bytes.chunks_mut(8) {
        part.copy_from_slice(&random()?.to_be_bytes());
    }
    let nonce = STANDARD.encode(random_bytes);
    let text = match page {
        Some(bytes) => String::from_utf8_lossy(bytes),
        None => Cow::Borrowed(NOT_BUILT),
    };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    );
    let policy = HeaderValue::try_from(policy).map_err(|_| Fault::new("internal"))?;
    let page = told.iter().fold(text.replace(NONCE, &nonce), |page, (place, text)| page.replace(place, text));
    let mut response = page.into_response();
    let set = response.headers_mut();
    set.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    set.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    set.insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    static BUILT: &[File] = &[
        (
            "/index.html",
            b"<meta name=\"csp-nonce\" content=\"__NONCE__\"><script src=\"/assets/a-1.js\"></script>",
        ),
        ("/assets/a-1.js", b"plain"),
        ("/assets/a-1.js.br", b"br"),
        ("/assets/a-1.js.gz", b"gz"),
        ("/favicon.svg", b"<svg/>"),
    ];

    fn ask(path: &str, encodings: &str) -> Result<Response, &'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_str(encodings).unwrap());
        find(BUILT, path, true, &headers, &[]).map_err(|fault| fault.key)
    }

    fn header(response: &Response, name: &str) -> String {
        response.headers().get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
    }

    async fn text(response: Response) -> String {
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_page_is_told_what_it_cannot_know() {
        static PAGE: &[File] =
            &[("/index.html", b"<meta content=\"__ORIGIN__\"><meta content=\"__PASSWORDS__\">")];
        let told = [(ORIGIN, "https://dossier.example.com".to_owned()), (PASSWORDS, "mlps3".to_owned())];
        let page = find(PAGE, "/", true, &HeaderMap::new(), &told).unwrap();
        assert_eq!(
            text(page).await,
            "<meta content=\"https://dossier.example.com\"><meta content=\"mlps3\">"
        );
    }

    #[tokio::test]
    async fn every_address_of_the_page_shows_it_with_a_nonce_of_its_own() {
        let mut nonces = std::collections::BTreeSet::new();
        for path in ["/", "/index.html", "/dossiers/dos_1", "/set-up", "/v2"] {
            let page = ask(path, "br").unwrap();
            assert_eq!(header(&page, "cache-control"), "no-cache", "{path}");
            let policy = header(&page, "content-security-policy");
            let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
            assert!(
                policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"),
                "{policy}"
            );
            assert!(!policy.contains("unsafe"), "{policy}");
            assert!(text(page).await.contains(&format!("content=\"{nonce}\"")), "{path}");
            assert!(nonce.len() == 24 && nonces.insert(nonce), "a nonce came twice");
        }
    }

    #[tokio::test]
    async fn files_are_kept_for_a_year_and_sent_as_small_as_the_caller_takes_them() {
        for (encodings, encoding, body) in [
            ("gzip, deflate, br", "br", "br"),
            ("gzip", "gzip", "gz"),
            ("br;q=0, gzip;q=0.5", "gzip", "gz"),
            ("identity", "", "plain"),
        ] {
            let file = ask("/assets/a-1.js", encodings).unwrap();
            assert_eq!(header(&file, "content-encoding"), encoding, "{encodings}");
            assert_eq!(header(&file, "cache-control"), "public, max-age=31536000, immutable");
            assert_eq!(header(&file, "vary"), "accept-encoding");
            assert_eq!(header(&file, "content-type"), "text/javascript; charset=utf-8");
            assert_eq!(text(file).await, body);
        }
        let icon = ask("/favicon.svg", "br").unwrap();
        assert_eq!(
            (header(&icon, "cache-control"), header(&icon, "content-encoding")),
            ("no-cache".into(), String::new())
        );
    }

    #[test]
    fn what_is_no_page_is_not_found() {
        for path in [
            "/v1",
            "/v1/none",
            "/oauth/x",
            "/.well-known/openid-configuration",
            "/docs/x",
            "/openapi.json",
            "/assets/old-2.js",
            "/assets/",
        ] {
            assert_eq!(ask(path, "").err(), Some("route_not_found"), "{path}");
        }
        assert_eq!(find(BUILT, "/", false, &HeaderMap::new(), &[]).unwrap_err().key, "route_not_found");
    }

    #[tokio::test]
    async fn a_program_without_the_browser_part_says_so_in_both_languages() {
        let page = find(&[], "/", true, &HeaderMap::new(), &[]).unwrap();
        let text = text(page).await;
        assert!(text.contains("未包含浏览器界面") && text.contains("without its browser part"), "{text}");
    }
}
