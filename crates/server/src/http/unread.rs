//! Bodies that nobody read to their end, because the request was refused before. On HTTP/1 what is left of them stands
//! in front of the next request, so that the connection ends (RFC 9112 §9.3) and the answer has to say so: a caller
//! who was not told would send the next request into a connection that is gone.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Version, header};
use axum::response::Response;
use hyper::body::{Body as _, Frame, SizeHint};

/// Tells of one request whether its body was read.
pub(super) struct Watch(Option<Arc<AtomicBool>>);

/// Watches over the request's body where it has one that an answer on HTTP/1 could leave unread.
pub(super) fn watch(request: Request) -> (Request, Watch) {
    if request.version() > Version::HTTP_11 || request.body().is_end_stream() {
        return (request, Watch(None));
    }
    let read = Arc::new(AtomicBool::new(false));
    let watched = request.map(|body| Body::new(Watched { body, read: Arc::clone(&read) }));
    (watched, Watch(Some(read)))
}

impl Watch {
    /// Says in the answer that the connection ends, where it has to.
    pub(super) fn tell(self, response: &mut Response) {
        if self.0.is_some_and(|read| !read.load(Ordering::Acquire)) {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

struct Watched {
    body: Body,
    read: Arc<AtomicBool>,
}

impl hyper::body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(polled, Poll::Ready(None)) || self.body.is_end_stream() {
            self.read.store(true, Ordering::Release);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
