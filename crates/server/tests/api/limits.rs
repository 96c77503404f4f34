//! What is too much: rate, load, size, length.

use std::time::Duration;

use serde_json::json;

use crate::support::{Site, code, exchange};

#[tokio::test(flavor = "multi_thread")]
async fn requests_above_the_rate_wait() {
    let site =
        Site::with(|settings| (settings.limits.requests_per_second, settings.limits.burst) = (1, 3)).await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let answer = site.anon().get("/v1/dossiers").await;
        statuses.push(answer.status);
        if answer.status == 429 {
            assert_eq!((answer.code(), answer.header("retry-after")), (code("rate_limited"), "1"));
        }
    }
    assert_eq!(&statuses[..3], [401; 3]);
    assert!(statuses[3..].contains(&429), "{statuses:?}");
    assert_eq!(site.anon().get("/healthz").await.status, 200, "who watches the server is always answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_above_the_load_are_turned_away() {
    let site = Site::with(|settings| settings.limits.in_flight = 1).await;
    let address = site.address();
    // A request whose body does not come keeps the one place.
    let head =
        b"POST /oauth/token HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                 content-length: 10\r\n\r\n";
    let mut slow = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut slow, head).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let answer = site.anon().get("/v1/dossiers").await;
    assert_eq!((answer.status, answer.code(), answer.header("retry-after")), (503, code("overloaded"), "1"));
    drop(slow);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(site.anon().get("/v1/dossiers").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_above_the_limit_is_refused_whether_it_is_announced_or_not() {
    let site = Site::with(|settings| settings.server.max_body_bytes = 2_048).await;
    let cde = site.role("CDE").await;
    let body = json!({ "fields": { "name": "示例", "subject": "A", "remarks": "长".repeat(1_000) } });
    let answer = cde.post("/v1/dossiers", body.clone()).await;
    assert_eq!((answer.status, answer.code()), (413, code("body_too_large")));
    let token = cde.token.clone().unwrap();
    let text = body.to_string();
    let chunked = format!(
        "POST /v1/dossiers HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n{:x}\r\n{text}\r\n0\r\n\r\n",
        text.len()
    );
    let answer = crate::hardening::talk(site.address(), chunked.as_bytes(), Duration::from_secs(5)).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_or_a_head_that_is_too_long_is_refused() {
    let site = Site::start().await;
    let answer = site.anon().get(&format!("/v1/dossiers?team={}", "x".repeat(16_384))).await;
    assert_eq!((answer.status, answer.code()), (414, code("url_too_long")));
    let names: Vec<String> = (0..70).map(|at| format!("x-{at}")).collect();
    let headers: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    let answer = site.anon().raw("GET", "/v1/dossiers", &headers, b"").await;
    assert_eq!((answer.status, answer.code()), (431, code("headers_too_large")));
    let names: Vec<String> = (0..200).map(|at| format!("x-{at}")).collect();
    let headers: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    assert_eq!(exchange(site.address(), "GET", "/", &headers, b"").await.status, 431);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_more_than_allowed_waits_for_another_to_end() {
    let site = Site::with(|settings| settings.server.max_connections = 1).await;
    let address = site.address();
    let first = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let second = tokio::spawn(async move { exchange(address, "GET", "/healthz", &[], b"").await.status });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!second.is_finished());
    drop(first);
    assert_eq!(second.await.unwrap(), 200);
}
