//! Addresses of the browser part; what becomes of its files is tested beside their code, whether they were built or not.

use crate::support::{Site, exchange};

#[tokio::test(flavor = "multi_thread")]
async fn every_address_that_is_no_interface_shows_the_page() {
    let site = Site::start().await;
    for path in ["/", "/set-up", "/dossiers/dos_1", "/v2"] {
        let page = exchange(site.address(), "GET", path, &[("accept", "text/html")], b"").await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
        assert!(page.text().to_lowercase().starts_with("<!doctype html>"), "{path}");
        let policy = page.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "'nonce-",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.contains(part), "{part}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
        for (name, value) in [
            ("cache-control", "no-cache"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(page.header(name), value, "{path} {name}");
        }
        assert!(page.header("permissions-policy").contains("geolocation=()"));
        let head = exchange(site.address(), "HEAD", path, &[], b"").await;
        assert_eq!((head.status, head.bytes.len()), (200, 0), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interface_answers_for_itself() {
    let site = Site::start().await;
    for (method, path) in [
        ("GET", "/v1/none"),
        ("GET", "/v1"),
        ("GET", "/oauth/none"),
        ("GET", "/assets/none.js"),
        ("POST", "/"),
        ("PUT", "/x"),
    ] {
        let answer = site.anon().send(method, path, &[], None).await;
        assert_eq!(answer.status, 404, "{method} {path}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{method} {path}");
    }
}
