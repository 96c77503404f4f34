//! The server itself: listening, accepting, and ending in good order.

mod connection;
mod tls;

use std::future::Future;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use dossier_engine::Engine;
use dossier_engine::model::Fault;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::api;
use crate::app::App;
use crate::config::Settings;
use connection::Connections;
pub(crate) use tls::random;

/// What ends the server when it is done.
pub type Shutdown = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a server is made of.
pub struct ServeOptions {
    /// What answers.
    pub engine: Engine,
    /// Limits, timeouts, certificate.
    pub settings: Settings,
    /// A socket that listens already; none: `settings.server.listen` is bound.
    pub listener: Option<StdListener>,
    /// When to stop: a program ends it with the first SIGTERM or SIGINT.
    pub shutdown: Shutdown,
}

/// A server that runs.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    tls: bool,
    ended: JoinHandle<()>,
}

impl Serving {
    /// The address that it listens on, with its real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it is reached: `http://127.0.0.1:8480`.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.address)
    }

    /// Waits until it was told to stop and the last request is answered.
    pub async fn ended(self) {
        // A failure of the task is a panic of ours, and has been printed by then.
        let _ = self.ended.await;
    }
}

/// Starts a server on the present tokio runtime and returns once it listens.
///
/// # Errors
/// Those of [`Settings::check`]; `tls_required` for an address that others can reach without a certificate;
/// `tls_certificate_invalid`, `tls_key_invalid`; `address_in_use`, `address_failed`.
pub async fn serve(options: ServeOptions) -> Result<Serving, Fault> {
    let ServeOptions { engine, settings, listener, shutdown } = options;
    settings.check()?;
    let listener = match listener {
        Some(listener) => listener,
        None => bind(settings.address()?)?,
    };
    let address = listener.local_addr().map_err(|_| failed(&settings.server.listen))?;
    let tls = tls::acceptor(&settings.server, address.ip())?;
    if tls.is_none() && !address.ip().to_canonical().is_loopback() {
        return Err(Fault::new("tls_required"));
    }
    let listener = listener
        .set_nonblocking(true)
        .and_then(|()| TcpListener::from_std(listener))
        .map_err(|_| failed(&address.to_string()))?;
    let document = api::document_bytes()?;
    let app = App::new(engine, settings, document, random()?);
    let connections = Arc::new(Connections::new(&app, api::service(&app), tls));
    let tls = connections.has_tls();
    let most = app.settings.server.max_connections as usize;
    let ended = tokio::spawn(accept(listener, connections, most, shutdown));
    Ok(Serving { address, tls, ended })
}

fn bind(address: SocketAddr) -> Result<StdListener, Fault> {
    StdListener::bind(address).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => Fault::new("address_in_use").with("address", address.to_string()),
        _ => failed(&address.to_string()),
    })
}

fn failed(address: &str) -> Fault {
    Fault::new("address_failed").with("address", address)
}

/// Accepts until told to stop, then waits for the connections; each of them ends by itself within its timeouts.
async fn accept(listener: TcpListener, connections: Arc<Connections>, most: usize, mut shutdown: Shutdown) {
    let places = Arc::new(Semaphore::new(most));
    let (stop, stopped) = watch::channel(false);
    let mut open = JoinSet::new();
    loop {
        let next = async {
            // The place first: one connection more than allowed waits in the listener's queue.
            let place = Arc::clone(&places).acquire_owned().await.ok()?;
            Some((place, accept_one(&listener).await))
        };
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = open.join_next() => {}
            accepted = next => {
                let Some((place, (stream, peer))) = accepted else { break };
                let (connections, stopped) = (Arc::clone(&connections), stopped.clone());
                open.spawn(async move {
                    connections.serve(stream, peer, stopped).await;
                    drop(place);
                });
            }
        }
    }
    drop(listener);
    let _ = stop.send(true);
    while open.join_next().await.is_some() {}
}

async fn accept_one(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // Out of file descriptors, most of the time: others have to close first.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}
