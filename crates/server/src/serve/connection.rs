//! One connection: cut when it is slow or idle, ended in good order when the server stops.

use std::error::Error;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::app::{Peer, Shared};
use crate::http::layers::MOST_HEADERS;

/// Most bytes in a request head.
const LARGEST_HEAD: usize = 32 * 1024;

/// Most requests at once on one connection of HTTP/2.
const MOST_STREAMS: u32 = 64;

/// What all connections share.
pub(super) struct Connections {
    app: Shared,
    service: Router,
    tls: Option<TlsAcceptor>,
    header_timeout: Duration,
    body_timeout: Duration,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Connections {
    pub(super) fn new(app: &Shared, service: Router, tls: Option<TlsAcceptor>) -> Connections {
        let (header_timeout, body_timeout) = (app.settings.header_timeout(), app.settings.body_timeout());
        let mut http1 = http1::Builder::new();
        http1.timer(TokioTimer::new()).header_read_timeout(header_timeout);
        // One more than the layers let through: their refusal has words, this one has none.
        http1.max_headers(MOST_HEADERS * 2).max_buf_size(LARGEST_HEAD);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2.timer(TokioTimer::new()).max_concurrent_streams(MOST_STREAMS);
        http2.max_header_list_size(LARGEST_HEAD as u32);
        Connections { app: app.clone(), service, tls, header_timeout, body_timeout, http1, http2 }
    }

    pub(super) fn has_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Serves a connection until either side ends it.
    pub(super) async fn serve(&self, stream: TcpStream, peer: SocketAddr, stopped: watch::Receiver<bool>) {
        let pulse = Pulse::new();
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return self.speak_http1(stream, peer, &pulse, stopped).await;
        };
        match timeout_at(pulse.deadline(self.header_timeout), tls.accept(stream)).await {
            Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(b"h2") => {
                self.speak_http2(stream, peer, &pulse, stopped).await;
            }
            Ok(Ok(stream)) => self.speak_http1(stream, peer, &pulse, stopped).await,
            // What came was no TLS, or none of ours; a caller who just went away is nothing to tell of.
            Ok(Err(error)) if error.kind() == ErrorKind::InvalidData => self.tell("tls", peer),
            Ok(Err(_)) | Err(_) => {}
        }
    }

    /// What never became a request.
    fn tell(&self, why: &'static str, peer: SocketAddr) {
        self.app.told.tell(why, &peer.ip().to_canonical().to_string());
    }

    async fn speak_http1<S>(
        &self,
        stream: S,
        peer: SocketAddr,
        pulse: &Arc<Pulse>,
        stopped: watch::Receiver<bool>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let answer = self.answering(peer, pulse);
        let connection = self.http1.serve_connection(TokioIo::new(stream), service_fn(answer));
        self.drive(connection, peer, pulse, stopped).await;
    }

    async fn speak_http2<S>(
        &self,
        stream: S,
        peer: SocketAddr,
        pulse: &Arc<Pulse>,
        stopped: watch::Receiver<bool>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let answer = self.answering(peer, pulse);
        let connection = self.http2.serve_connection(TokioIo::new(stream), service_fn(answer));
        self.drive(connection, peer, pulse, stopped).await;
    }

    /// The routes as this connection's service.
    fn answering(
        &self,
        peer: SocketAddr,
        pulse: &Arc<Pulse>,
    ) -> impl Fn(hyper::Request<Incoming>) -> Answering + Clone + use<> {
        let (service, pulse) = (self.service.clone(), Arc::clone(pulse));
        let address = peer.ip().to_canonical();
        move |request| {
            let beat = Pulse::begin(&pulse);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(address));
            let service = service.clone();
            Box::pin(async move {
                let answer = service.oneshot(request).await;
                drop(beat);
                answer
            })
        }
    }

    /// Polls a connection and watches over it. A first request has to be there in time; a connection on which nothing
    /// is under way is asked to end, and cut if it does not.
    async fn drive<C: GracefulConnection<Error = hyper::Error>>(
        &self,
        connection: C,
        peer: SocketAddr,
        pulse: &Pulse,
        mut stopped: watch::Receiver<bool>,
    ) {
        let mut connection = pin!(connection);
        loop {
            let deadline = pulse.deadline(self.header_timeout);
            tokio::select! {
                ended = connection.as_mut() => {
                    if ended.is_err_and(|error| is_malformed(&error)) {
                        self.tell("http", peer);
                    }
                    return;
                }
                // An error means that the sender is gone, and with it the server.
                _ = stopped.wait_for(|stopped| *stopped) => break,
                () = sleep_until(deadline) => {
                    if pulse.is_silent() {
                        return;
                    }
                    if pulse.deadline(self.header_timeout) <= Instant::now() {
                        break;
                    }
                }
            }
        }
        connection.as_mut().graceful_shutdown();
        let _ = timeout(self.body_timeout, connection).await;
    }
}

/// Whether it was no HTTP that came, rather than nothing more.
fn is_malformed(error: &hyper::Error) -> bool {
    let cut = error.source().is_some_and(|source| source.is::<std::io::Error>());
    !(cut || error.is_timeout() || error.is_closed() || error.is_canceled() || error.is_incomplete_message())
}

type Answering = std::pin::Pin<
    Box<dyn Future<Output = Result<axum::response::Response, std::convert::Infallible>> + Send + 'static>,
>;

/// How lively a connection is.
struct Pulse(Mutex<Life>);

struct Life {
    begun: bool,
    under_way: usize,
    /// Since when nothing has been under way.
    quiet: Instant,
}

/// A request under way.
struct Beat(Arc<Pulse>);

impl Drop for Beat {
    fn drop(&mut self) {
        let mut life = self.0.0.lock();
        life.under_way = life.under_way.saturating_sub(1);
        life.quiet = Instant::now();
    }
}

impl Pulse {
    fn new() -> Arc<Pulse> {
        Arc::new(Pulse(Mutex::new(Life { begun: false, under_way: 0, quiet: Instant::now() })))
    }

    fn begin(pulse: &Arc<Pulse>) -> Beat {
        let mut life = pulse.0.lock();
        life.begun = true;
        life.under_way += 1;
        Beat(Arc::clone(pulse))
    }

    /// Whether there has been no request yet.
    fn is_silent(&self) -> bool {
        !self.0.lock().begun
    }

    /// When nothing will have been under way for so long, unless something comes.
    fn deadline(&self, patience: Duration) -> Instant {
        let life = self.0.lock();
        (if life.under_way > 0 { Instant::now() } else { life.quiet }) + patience
    }
}
