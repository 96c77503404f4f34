//! Slow, idle and broken connections; stopping; listening.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use dossier_server::{ServeOptions, Settings, serve};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::Site;

/// Sends bytes and returns what comes back until the server closes.
pub async fn talk(address: SocketAddr, bytes: &[u8], patience: Duration) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is reset has said all that it will.
    let _ = timeout(patience, stream.read_to_end(&mut answer)).await.expect("the server should close");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_nothing_or_half_a_head_is_cut() {
    let site = Site::with(|settings| settings.server.header_timeout_seconds = 1).await;
    let half = b"GET /v1/dossiers HTTP/1.1\r\nhost: a\r\nx-slow: ";
    for bytes in [&b""[..], b"G", half] {
        let begun = Instant::now();
        talk(site.address(), bytes, Duration::from_secs(5)).await;
        assert!(begun.elapsed() >= Duration::from_millis(900), "cut too early");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_trickles_a_head_byte_by_byte_is_cut() {
    let site = Site::with(|settings| settings.server.header_timeout_seconds = 1).await;
    let mut stream = TcpStream::connect(site.address()).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nx: ").await.unwrap();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(6) {
        if stream.write_all(b"y").await.is_err() {
            return;
        }
        let mut byte = [0; 64];
        if let Ok(Ok(0) | Err(_)) = timeout(Duration::from_millis(100), stream.read(&mut byte)).await {
            return;
        }
    }
    panic!("still connected after {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_is_closed() {
    let site = Site::with(|settings| settings.server.header_timeout_seconds = 1).await;
    let answer =
        talk(site.address(), b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n", Duration::from_secs(5)).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_send_the_body_in_time_is_told_so() {
    let site = Site::with(|settings| settings.server.body_timeout_seconds = 1).await;
    let token = site.cdo().await.token.unwrap();
    let half = format!(
        "POST /v1/search HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{{\"q\": "
    );
    let answer = talk(site.address(), half.as_bytes(), Duration::from_secs(20)).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_says_whether_its_connection_goes_on() {
    let site = Site::start().await;
    let token = site.cdo().await.token.unwrap();
    let json = "content-type: application/json\r\ncontent-length: 9\r\n\r\n{\"q\":\"x\"}";
    let post = |path: &str, more: &str| format!("POST {path} HTTP/1.1\r\nhost: a\r\n{more}{json}");
    // Refused before anybody looked at the body: what follows it is not answered, and the caller knows.
    for request in [post("/v1/search", ""), post("/v1/nothing", "")] {
        let answer = talk(site.address(), request.repeat(2).as_bytes(), Duration::from_secs(20)).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
    // A body that was read, good or bad, is in nobody's way.
    let read = post("/v1/search", &format!("authorization: Bearer {token}\r\n"));
    let unread = post("/v1/search", "");
    let answer =
        talk(site.address(), format!("{read}{read}{unread}").as_bytes(), Duration::from_secs(20)).await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 3, "{answer}");
    assert_eq!(answer.matches("connection: close").count(), 1, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_much_and_reads_nothing_is_cut() {
    let change = |settings: &mut Settings| {
        (settings.server.header_timeout_seconds, settings.server.body_timeout_seconds) = (1, 1);
    };
    let site = Site::with(change).await;
    let file = site.anon().get("/docs/swagger-ui-bundle.js").await.bytes.len();
    let mut stream = TcpStream::connect(site.address()).await.unwrap();
    let request = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: a\r\n\r\n";
    // More than what the buffers of both sides take.
    stream.write_all(request.repeat(20).as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    let mut got = Vec::new();
    let _ =
        timeout(Duration::from_secs(5), stream.read_to_end(&mut got)).await.expect("the server should close");
    assert!(got.len() < 20 * file, "all of it came");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_gets_no_further() {
    let site = Site::start().await;
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"SSH-2.0-x\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        b"POST /v1/search HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header: 1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let answer = talk(site.address(), bytes, Duration::from_secs(15)).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_answers_what_it_has_begun_and_takes_nothing_new() {
    let mut site = Site::start().await;
    let address = site.address();
    let mut begun = TcpStream::connect(address).await.unwrap();
    let head =
        b"POST /oauth/token HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                 content-length: 4\r\n\r\n";
    begun.write_all(head).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    site.stop();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(TcpStream::connect(address).await.is_err(), "still listening");
    begun.write_all(b"a=b!").await.unwrap();
    let mut answer = String::new();
    timeout(Duration::from_secs(5), begun.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn others_reach_it_over_tls_only() {
    let site = Site::start().await;
    let start = async |listen: &str, self_signed: bool| {
        let mut settings = Settings::default();
        settings.server.listen = listen.to_owned();
        settings.server.self_signed = self_signed;
        let shutdown = Box::pin(std::future::ready(()));
        serve(ServeOptions { engine: site.engine.clone(), settings, listener: None, shutdown }).await
    };
    assert_eq!(start("0.0.0.0:0", false).await.unwrap_err().key, "tls_required");
    assert_eq!(start("[::]:0", false).await.unwrap_err().key, "tls_required");
    assert!(start("0.0.0.0:0", true).await.unwrap().url().starts_with("https://"));
    assert!(start("127.0.0.7:0", false).await.unwrap().url().starts_with("http://"));
    assert_eq!(start(&site.address().to_string(), false).await.unwrap_err().key, "address_in_use");
    assert_eq!(start("192.0.2.1:0", true).await.unwrap_err().key, "address_failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_made_elsewhere_is_held_to_the_same_rule() {
    let site = Site::start().await;
    let listener = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    let shutdown = Box::pin(std::future::ready(()));
    let options = ServeOptions {
        engine: site.engine.clone(),
        settings: Settings::default(),
        listener: Some(listener),
        shutdown,
    };
    assert_eq!(serve(options).await.unwrap_err().key, "tls_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_sent_is_on_disk_in_clear() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let planted = ["15400000001", "planted.example.com", "种植的示例名称"];
    cde.new_dossier(
        json!({ "phone": planted[0], "email": "office@planted.example.com", "name": planted[2] }),
    )
    .await;
    cde.post("/v1/search", json!({ "q": planted[0] })).await;
    let mut folders = vec![site.data()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                for text in planted {
                    let found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
                    assert!(!found, "{text} in {}", path.display());
                }
            }
        }
    }
}
