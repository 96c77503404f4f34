//! The cookie of a session, and what a request by cookie has to show besides.

use axum::http::header::{COOKIE, HOST, ORIGIN, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use dossier_engine::Guard;
use dossier_engine::model::Fault;

/// The prefix has browsers take it from this host alone, over TLS alone, for every path.
const NAME: &str = "__Host-dossier";

/// The header that repeats [`dossier_engine::Session::csrf`].
const CSRF: &str = "x-csrf-token";

/// The session's secret, if the request has one. Said twice it is as good as none: nobody knows which was meant.
pub(crate) fn session(headers: &HeaderMap) -> Option<String> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let values = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = values.filter(|(name, _)| *name == NAME).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) if value.len() <= 64 => Some(value.to_owned()),
        (Some(_), _) => Some(String::new()),
        (None, _) => None,
    }
}

/// The cookie as it is set.
pub(crate) fn set(secret: &str) -> Result<HeaderValue, Fault> {
    let cookie = format!("{NAME}={secret}; Path=/; Secure; HttpOnly; SameSite=Strict");
    HeaderValue::try_from(cookie).map_err(|_| Fault::new("internal"))
}

/// The cookie as it is taken back.
pub(crate) fn clear() -> HeaderValue {
    HeaderValue::from_static("__Host-dossier=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// What the request shows besides its cookie.
pub(crate) fn guard(parts: &Parts) -> Guard {
    let csrf = one(&parts.headers, CSRF).map(str::to_owned);
    Guard { changes: !matches!(parts.method, Method::GET | Method::HEAD), csrf, foreign: is_foreign(parts) }
}

/// Whether the browser says that a page of another site sent it. Programs say nothing, and are not browsers.
pub(crate) fn is_foreign(parts: &Parts) -> bool {
    let headers = &parts.headers;
    let host =
        one(headers, HOST.as_str()).or_else(|| parts.uri.authority().map(|authority| authority.as_str()));
    let elsewhere = headers.get(ORIGIN).is_some_and(|origin| {
        let of = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        !of.zip(host).is_some_and(|((_, of), host)| of.eq_ignore_ascii_case(host))
    });
    elsewhere || headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin")
}

/// A header that may stand once.
fn one<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    value.to_str().ok()
}

/// What the browser calls itself, in a few words: nothing else of the long line is kept.
pub(crate) fn agent(headers: &HeaderMap) -> Option<String> {
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("MicroMessenger/", "WeChat"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Version/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let line = one(headers, USER_AGENT.as_str())?;
    let browser = BROWSERS.iter().find_map(|(mark, name)| {
        let (_, rest) = line.split_once(mark)?;
        let version: String = rest.chars().take_while(char::is_ascii_digit).take(4).collect();
        Some(format!("{name} {version}").trim_end().to_owned())
    });
    let system = SYSTEMS.iter().find(|(mark, _)| line.contains(mark)).map(|(_, name)| (*name).to_owned());
    match (browser, system) {
        (Some(browser), Some(system)) => Some(format!("{browser}, {system}")),
        (Some(one), None) | (None, Some(one)) => Some(one),
        // A program: its name, without what is in brackets behind it.
        (None, None) => {
            let word = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
            let name: String = line.chars().take_while(|c| word(*c)).take(40).collect();
            (!name.is_empty()).then_some(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn parts(headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method("POST").uri("/v1/session");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn session_of(cookies: &[&str]) -> Option<String> {
        let headers: Vec<_> = cookies.iter().map(|value| ("cookie", *value)).collect();
        session(&parts(&headers).headers)
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        assert_eq!(session_of(&["__Host-dossier=abc"]).as_deref(), Some("abc"));
        assert_eq!(session_of(&["a=b; __Host-dossier=abc;c=d"]).as_deref(), Some("abc"));
        assert_eq!(session_of(&["a=b", "__Host-dossier=abc"]).as_deref(), Some("abc"));
        for none in [&[][..], &["dossier=abc"], &["x__Host-dossier=abc"], &["__host-dossier=abc"]] {
            assert_eq!(session_of(none), None, "{none:?}");
        }
    }

    #[test]
    fn a_cookie_that_stands_twice_or_is_too_long_opens_nothing() {
        let long = format!("__Host-dossier={}", "a".repeat(65));
        for odd in
            [&["__Host-dossier=a; __Host-dossier=b"][..], &["__Host-dossier=a", "__Host-dossier=a"], &[&long]]
        {
            assert_eq!(session_of(odd).as_deref(), Some(""), "{odd:?}");
        }
    }

    #[test]
    fn a_request_of_another_site_is_told_by_what_browsers_send() {
        let host = ("host", "dossier.example.com:8443");
        for own in [
            &[host][..],
            &[host, ("origin", "https://dossier.example.com:8443")],
            &[host, ("origin", "https://Dossier.Example.com:8443"), ("sec-fetch-site", "same-origin")],
        ] {
            assert!(!is_foreign(&parts(own)), "{own:?}");
        }
        for foreign in [
            &[host, ("origin", "https://dossier.example.com")][..],
            &[host, ("origin", "https://evil.example.com")],
            &[host, ("origin", "null")],
            &[host, ("origin", "")],
            &[("origin", "https://dossier.example.com:8443")],
            &[host, ("sec-fetch-site", "cross-site")],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, ("sec-fetch-site", "none")],
        ] {
            assert!(is_foreign(&parts(foreign)), "{foreign:?}");
        }
    }

    #[test]
    fn a_browser_is_named_in_a_few_words() {
        let named = |line: &str| agent(&parts(&[("user-agent", line)]).headers);
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        assert_eq!(named(chrome).as_deref(), Some("Chrome 156, Linux"));
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1";
        assert_eq!(named(phone).as_deref(), Some("Safari 19, iPhone"));
        assert_eq!(named("curl/8.5.0").as_deref(), Some("curl/8.5.0"));
        assert_eq!(named("<script>"), None);
        assert_eq!(agent(&HeaderMap::new()), None);
    }
}
