//! What all requests share, and what one request carries from its first to its last step.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use dossier_engine::model::{Fault, Lang};
use dossier_engine::{Caller, Engine, Guard, Origin};
use parking_lot::Mutex;
use tokio::sync::OwnedSemaphorePermit;

use crate::config::Settings;
use crate::http::cookie;
use crate::http::forwarded::{Network, Said, networks};
use crate::http::limit::Limits;
use crate::http::problem::Refused;
use crate::http::told::Told;

/// What all requests share.
pub(crate) struct App {
    pub engine: Engine,
    pub settings: Settings,
    pub limits: Limits,
    pub told: Told,
    /// Proxies whose word about addresses is believed.
    pub proxies: Vec<Network>,
    pub proxy_header: Said,
    pub state: Readiness,
    /// The document of the interface, as it is sent.
    pub document: Bytes,
    /// Random at each start, so that request ids of two runs differ.
    run: u64,
    requests: AtomicU64,
}

pub(crate) type Shared = Arc<App>;

impl App {
    pub(crate) fn new(engine: Engine, settings: Settings, document: Bytes, run: u64) -> Shared {
        let limits = Limits::new(&settings.limits);
        let (told, state) = (Told::default(), Readiness::default());
        // `Settings::check` has refused what is none.
        let proxies = networks(&settings.server.trusted_proxies).unwrap_or_default();
        let proxy_header = Said::parse(&settings.server.proxy_header).unwrap_or(Said::XForwardedFor);
        let requests = AtomicU64::new(0);
        Arc::new(App {
            engine,
            settings,
            limits,
            told,
            proxies,
            proxy_header,
            state,
            document,
            run,
            requests,
        })
    }

    pub(crate) fn next_request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        format!("{:016x}-{number}", self.run)
    }
}

/// Whether the engine can answer, asked at most once a second: the question is open to everybody.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, bool)>>);

impl Readiness {
    pub(crate) fn ready(&self, engine: &Engine) -> bool {
        let mut known = self.0.lock();
        match *known {
            Some((at, ready)) if at.elapsed() < Duration::from_secs(1) => ready,
            _ => {
                let ready = engine.ready().is_ok();
                *known = Some((Instant::now(), ready));
                ready
            }
        }
    }
}

/// Where a connection comes from.
#[derive(Clone)]
pub(crate) struct Peer(pub IpAddr);

/// One request: set by the outermost layer, there for all others.
#[derive(Clone)]
pub(crate) struct Ask {
    pub id: String,
    pub lang: Lang,
    pub address: Option<String>,
    /// Whether it is asked as SCIM has it, and refused so.
    pub scim: bool,
    /// The place among the requests in work. Kept until the engine is done, even when the caller has gone away.
    pub place: Option<Arc<OwnedSemaphorePermit>>,
}

impl Ask {
    pub(crate) fn origin(&self) -> Origin {
        Origin { address: self.address.clone(), request: Some(self.id.clone()) }
    }
}

/// A request with a bearer token, or by the cookie of a session. Whether it is good, the engine says as the first thing
/// it does.
pub(crate) struct Asked {
    ask: Ask,
    app: Shared,
    by: By,
}

enum By {
    Bearer(String),
    Session(String, Guard),
    /// With both, which is refused and recorded.
    Both,
}

impl FromRequestParts<Shared> for Asked {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Refused> {
        let ask = parts.extensions.get::<Ask>().cloned().ok_or_else(|| Refused(Fault::new("internal")))?;
        let by = match (parts.headers.contains_key(header::AUTHORIZATION), cookie::session(&parts.headers)) {
            (true, Some(_)) => By::Both,
            (false, Some(session)) => By::Session(session, cookie::guard(parts)),
            (_, None) => {
                By::Bearer(bearer(&parts.headers).ok_or_else(|| Refused(Fault::new("unauthenticated")))?)
            }
        };
        Ok(Asked { ask, app: app.clone(), by })
    }
}

impl Asked {
    /// Does the work as the one who asks, on a thread that may wait for disks.
    pub(crate) async fn run<W>(self, work: W) -> Result<Response, Refused>
    where
        W: FnOnce(&Engine, &Caller) -> Result<Response, Fault> + Send + 'static,
    {
        let Asked { ask, app, by } = self;
        blocking(&ask.clone(), move || {
            let caller = match by {
                By::Bearer(token) => app.engine.caller(&ask.origin(), &token)?,
                By::Session(secret, guard) => app.engine.person(&ask.origin(), &secret, &guard)?,
                By::Both => {
                    return Err(app.engine.refuse_stranger(&ask.origin(), &Fault::new("credentials_twice")));
                }
            };
            work(&app.engine, &caller)
        })
        .await
    }
}

/// A request that no page of another site has sent, as far as browsers say: for what asks for no session yet, so that
/// nobody is signed in as somebody else unawares.
pub(crate) struct Own;

impl FromRequestParts<Shared> for Own {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Refused> {
        if !cookie::is_foreign(parts) {
            return Ok(Own);
        }
        let ask = parts.extensions.get::<Ask>().cloned().ok_or_else(|| Refused(Fault::new("internal")))?;
        let (app, origin) = (app.clone(), ask.origin());
        let csrf = move || Err(app.engine.refuse_stranger(&origin, &Fault::new("csrf")));
        blocking(&ask, csrf).await.map(|_| Own)
    }
}

/// Runs what may wait for disks. A panic in there is an internal error of this one request.
pub(crate) async fn blocking<W>(ask: &Ask, work: W) -> Result<Response, Refused>
where
    W: FnOnce() -> Result<Response, Fault> + Send + 'static,
{
    let place = ask.place.clone();
    let done = tokio::task::spawn_blocking(move || {
        let _place = place;
        work()
    });
    match done.await {
        Ok(result) => result.map_err(Refused),
        Err(_) => Err(Refused(Fault::new("internal"))),
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1); tokens in bodies and addresses are not taken.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?.to_str().ok()?, values.next()) else { return None };
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    let right = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= 512;
    (right && token.bytes().all(plain)).then(|| token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(values: &[&str]) -> HeaderMap {
        let pair = |value: &&str| (header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        let mut map = HeaderMap::new();
        map.extend(values.iter().map(pair));
        map
    }

    #[test]
    fn a_bearer_token_is_found() {
        for value in ["Bearer abc.DEF-1_2~+/=", "bearer abc.DEF-1_2~+/=", "BEARER   abc.DEF-1_2~+/="] {
            assert_eq!(bearer(&headers(&[value])).as_deref(), Some("abc.DEF-1_2~+/="), "{value}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        let long = format!("Bearer {}", "a".repeat(513));
        for values in [
            vec![],
            vec!["Bearer"],
            vec!["Bearer "],
            vec!["Basic abc"],
            vec!["abc"],
            vec!["Bearer a b"],
            vec!["Bearer a,b"],
            vec!["Bearer a", "Bearer b"],
            vec![long.as_str()],
        ] {
            assert_eq!(bearer(&headers(&values)), None, "{values:?}");
        }
    }
}
