//! TLS 1.3 and nothing older.

use std::net::IpAddr;
use std::sync::Arc;

use dossier_engine::model::Fault;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use crate::config::Server;

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// Eight random bytes.
pub(crate) fn random() -> Result<u64, Fault> {
    let mut bytes = [0; 8];
    provider().secure_random.fill(&mut bytes).map_err(|_| Fault::new("internal"))?;
    Ok(u64::from_be_bytes(bytes))
}

/// What the settings ask for; none when they ask for no TLS.
pub(super) fn acceptor(settings: &Server, address: IpAddr) -> Result<Option<TlsAcceptor>, Fault> {
    let (chain, key) = if settings.self_signed {
        self_signed(address)?
    } else if settings.tls_cert.is_empty() {
        return Ok(None);
    } else {
        (chain(&settings.tls_cert)?, key(&settings.tls_key)?)
    };
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|_| Fault::new("internal"))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|_| Fault::new("tls_certificate_invalid").with("path", settings.tls_cert.as_str()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}

type Pair = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn chain(path: &str) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let refused = || Fault::new("tls_certificate_invalid").with("path", path);
    let read = CertificateDer::pem_file_iter(path).map_err(|_| refused())?;
    let chain: Vec<_> = read.collect::<Result<_, _>>().map_err(|_| refused())?;
    if chain.is_empty() { Err(refused()) } else { Ok(chain) }
}

fn key(path: &str) -> Result<PrivateKeyDer<'static>, Fault> {
    PrivateKeyDer::from_pem_file(path).map_err(|_| Fault::new("tls_key_invalid").with("path", path))
}

/// A certificate for the address that is listened on; for all addresses of this machine it can only name loopback.
fn self_signed(address: IpAddr) -> Result<Pair, Fault> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !address.is_unspecified() && !names.contains(&address.to_string()) {
        names.push(address.to_string());
    }
    let made = rcgen::generate_simple_self_signed(names).map_err(|_| Fault::new("internal"))?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    Ok((vec![made.cert.der().clone()], key.into()))
}
