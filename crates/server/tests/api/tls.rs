//! TLS 1.3 and nothing older.

use std::sync::Arc;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::{http1, http2};
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::Site;

/// A certificate for localhost in two files, and how it is trusted.
struct Certificate {
    folder: tempfile::TempDir,
    der: CertificateDer<'static>,
}

fn certificate() -> Certificate {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    Certificate { folder, der: made.cert.der().clone() }
}

impl Certificate {
    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    async fn site(&self) -> Site {
        Site::with(|settings| {
            settings.server.tls_cert = self.path("cert.pem");
            settings.server.tls_key = self.path("key.pem");
        })
        .await
    }

    async fn connect(
        &self,
        site: &Site,
        version: &'static SupportedProtocolVersion,
        alpn: &[&str],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        let stream = TcpStream::connect(site.address()).await?;
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
    }
}

fn request() -> Request<Empty<Bytes>> {
    Request::builder()
        .uri("https://localhost/healthz")
        .header("host", "localhost")
        .body(Empty::new())
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn http_1_1_and_http_2_are_spoken_over_tls_1_3() {
    let certificate = certificate();
    let site = certificate.site().await;
    let stream = certificate.connect(&site, &rustls::version::TLS13, &["http/1.1"]).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    assert_eq!(sender.send_request(request()).await.unwrap().status(), StatusCode::OK);

    let stream = certificate.connect(&site, &rustls::version::TLS13, &["h2"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let answer = sender.send_request(request()).await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), r#"{"state":"ready"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_1_2_is_refused() {
    let certificate = certificate();
    let site = certificate.site().await;
    assert!(site.serving.url().starts_with("https://"));
    let error = certificate.connect(&site, &rustls::version::TLS12, &[]).await.unwrap_err();
    assert!(error.to_string().contains("ProtocolVersion"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_in_clear_to_a_tls_server_gets_no_answer() {
    let certificate = certificate();
    let site = certificate.site().await;
    let bytes = b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
    let answer = crate::hardening::talk(site.address(), bytes, std::time::Duration::from_secs(5)).await;
    assert!(!answer.contains("HTTP"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_of_http_2_is_closed() {
    let certificate = certificate();
    let site = Site::with(|settings| {
        settings.server.tls_cert = certificate.path("cert.pem");
        settings.server.tls_key = certificate.path("key.pem");
        settings.server.header_timeout_seconds = 1;
        settings.server.body_timeout_seconds = 1;
    })
    .await;
    for ask in [true, false] {
        let stream = certificate.connect(&site, &rustls::version::TLS13, &["h2"]).await.unwrap();
        let (mut sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        if ask {
            assert_eq!(sender.send_request(request()).await.unwrap().status(), StatusCode::OK);
        }
        let ended = tokio::time::timeout(std::time::Duration::from_secs(6), connection).await;
        assert!(ended.is_ok(), "still connected");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_cannot_be_used_is_named() {
    let certificate = certificate();
    let site = Site::start().await;
    let other = rcgen::KeyPair::generate().unwrap().serialize_pem();
    std::fs::write(certificate.folder.path().join("other.pem"), other).unwrap();
    std::fs::write(certificate.folder.path().join("empty.pem"), "").unwrap();
    for (cert, key, fault) in [
        ("nowhere.pem", "key.pem", "tls_certificate_invalid"),
        ("empty.pem", "key.pem", "tls_certificate_invalid"),
        ("cert.pem", "nowhere.pem", "tls_key_invalid"),
        ("cert.pem", "empty.pem", "tls_key_invalid"),
        ("cert.pem", "cert.pem", "tls_key_invalid"),
        ("cert.pem", "other.pem", "tls_certificate_invalid"),
    ] {
        let mut settings = dossier_server::Settings::default();
        settings.server.listen = "127.0.0.1:0".to_owned();
        settings.server.tls_cert = certificate.path(cert);
        settings.server.tls_key = certificate.path(key);
        let shutdown = Box::pin(std::future::ready(()));
        let options =
            dossier_server::ServeOptions { engine: site.engine.clone(), settings, listener: None, shutdown };
        assert_eq!(dossier_server::serve(options).await.unwrap_err().key, fault, "{cert} {key}");
    }
}
