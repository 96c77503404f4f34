//! Bodies: of one content type, not too large, not too slow.

use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use dossier_engine::model::Fault;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value as Json;

use super::{checked, json};
use crate::app::Shared;
use crate::shape::Shaped;

/// A JSON body of a declared shape, or what is wrong with it. Never rejects: who asks is decided first, and only then
/// is a mistake in the body of any interest.
pub(crate) struct Body<T>(pub Result<T, Fault>);

impl<T: Shaped> FromRequest<Shared> for Body<T> {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Self::Rejection> {
        Ok(Body(read(request, app).await))
    }
}

async fn read<T: Shaped>(request: Request, app: &Shared) -> Result<T, Fault> {
    expect_type(request.headers(), "application/json")?;
    let limit = app.settings.server.max_body_bytes as usize;
    let bytes = receive(request, limit, app.settings.body_timeout()).await?;
    match json::read(&bytes)? {
        Json::Object(object) => checked(object),
        _ => Err(Fault::new("value_not_object")),
    }
}

/// A JSON object of SCIM (RFC 7644 §3.1), or what is wrong with it.
pub(crate) struct Document(pub Result<serde_json::Map<String, Json>, Fault>);

impl FromRequest<Shared> for Document {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Self::Rejection> {
        Ok(Document(document(request, app).await))
    }
}

async fn document(request: Request, app: &Shared) -> Result<serde_json::Map<String, Json>, Fault> {
    let scim = expect_type(request.headers(), "application/scim+json");
    if scim.is_err() {
        expect_type(request.headers(), "application/json").or(scim)?;
    }
    let limit = app.settings.server.max_body_bytes as usize;
    let bytes = receive(request, limit, app.settings.body_timeout()).await?;
    match json::read(&bytes)? {
        Json::Object(object) => Ok(object),
        _ => Err(Fault::new("value_not_object")),
    }
}

/// The bytes of a form (`application/x-www-form-urlencoded`), or what is wrong with them.
pub(crate) struct Bytes(pub Result<Vec<u8>, Fault>);

/// A form holds a client's id and secret and little else.
const LONGEST_FORM: usize = 8 * 1024;

impl FromRequest<Shared> for Bytes {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Self::Rejection> {
        if let Err(fault) = expect_type(request.headers(), "application/x-www-form-urlencoded") {
            return Ok(Bytes(Err(fault)));
        }
        Ok(Bytes(receive(request, LONGEST_FORM, app.settings.body_timeout()).await))
    }
}

/// A file as a body, received part by part, or what is wrong with it.
pub(crate) struct Upload(Result<(axum::body::Body, Duration), Fault>);

/// What a file may be.
const FILES: [&str; 2] = ["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"];

impl FromRequest<Shared> for Upload {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Self::Rejection> {
        let right = FILES.iter().any(|file| expect_type(request.headers(), file).is_ok());
        if !right {
            return Ok(Upload(Err(Fault::new("content_type").with("expected", FILES.join(", ")))));
        }
        Ok(Upload(Ok((request.into_body(), app.settings.body_timeout()))))
    }
}

/// A part of a file, or why there is none.
type Part = Result<axum::body::Bytes, Fault>;

/// The side of an upload that receives.
pub(crate) struct Forward(Upload, tokio::sync::mpsc::Sender<Part>);

impl Upload {
    /// Parts come out as they come in, a few ahead of whoever takes them.
    pub(crate) fn begin(self) -> (Forward, tokio::sync::mpsc::Receiver<Part>) {
        let (sender, receiver) = tokio::sync::mpsc::channel(4);
        (Forward(self, sender), receiver)
    }
}

impl Forward {
    /// Receives until the body ends, breaks off, or nobody takes it any more.
    pub(crate) async fn forward(self) {
        let Forward(Upload(body), sender) = self;
        let (mut body, patience) = match body {
            Ok(body) => body,
            Err(fault) => return drop(sender.send(Err(fault)).await),
        };
        loop {
            let part = match tokio::time::timeout(patience, body.frame()).await {
                Err(_) => Err(Fault::new("body_timeout").with("seconds", patience.as_secs().to_string())),
                Ok(None) => return,
                Ok(Some(Err(_))) => Err(Fault::new("body_broken")),
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(bytes) => Ok(bytes),
                    // Trailers say nothing here.
                    Err(_) => continue,
                },
            };
            let last = part.is_err();
            if sender.send(part).await.is_err() || last {
                return;
            }
        }
    }
}

/// Refuses every content type but one. A `charset` may stand beside it as long as it says UTF-8.
fn expect_type(headers: &HeaderMap, expected: &'static str) -> Result<(), Fault> {
    let refused = || Fault::new("content_type").with("expected", expected);
    let mut given = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (given.next(), given.next()) else { return Err(refused()) };
    let value = value.to_str().map_err(|_| refused())?;
    let mut parts = value.split(';').map(str::trim);
    let right = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case(expected))
        && parts.all(|part| part.is_empty() || is_utf8(part));
    // Nothing here is compressed, so that a small body cannot become a large one.
    let plain = headers.get(header::CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity");
    if right && plain { Ok(()) } else { Err(refused()) }
}

fn is_utf8(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        name.trim().eq_ignore_ascii_case("charset")
            && value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    })
}

async fn receive(request: Request, limit: usize, patience: Duration) -> Result<Vec<u8>, Fault> {
    let too_large = || Fault::new("body_too_large").with("limit", limit.to_string());
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let all = Limited::new(request.into_body(), limit).collect();
    match tokio::time::timeout(patience, all).await {
        Err(_) => Err(Fault::new("body_timeout").with("seconds", patience.as_secs().to_string())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Fault::new("body_broken")),
        Ok(Ok(body)) => Ok(body.to_bytes().into()),
    }
}
