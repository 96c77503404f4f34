//! `/scim/v2`: people and groups as a firm's directory keeps them in step (SCIM 2.0, RFC 7643 and 7644). A bearer token of a
//! program that may manage access asks; what becomes of it says `docs/people-from-a-directory.md`.

mod filter;
mod patch;
mod resource;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use dossier_engine::model::Fault;
use dossier_engine::{Caller, Engine};
use serde_json::{Map, Value as Json, json};

use crate::app::{Asked, Shared};
use crate::http::problem::{Refused, SCIM};
use crate::input::{Document, pairs};
use filter::Filter;
use resource::{Group, Resource, User};

type Object = Map<String, Json>;

/// Most resources of one answer.
const MOST: usize = 200;
/// How often a patch is worked out again when somebody else was faster.
const TRIES: usize = 8;
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/scim/v2/ServiceProviderConfig", get(configuration))
        .route("/scim/v2/ResourceTypes", get(types))
        .route("/scim/v2/ResourceTypes/{id}", get(one_type))
        .route("/scim/v2/Schemas", get(schemas))
        .route("/scim/v2/Schemas/{id}", get(schema))
        .route("/scim/v2/Users", get(list::<User>).post(create::<User>))
        .route(
            "/scim/v2/Users/{id}",
            get(read::<User>).put(replace::<User>).patch(change::<User>).delete(delete::<User>),
        )
        .route("/scim/v2/Groups", get(list::<Group>).post(create::<Group>))
        .route(
            "/scim/v2/Groups/{id}",
            get(read::<Group>).put(replace::<Group>).patch(change::<Group>).delete(delete::<Group>),
        )
        .route("/scim/v2/.search", post(not_there))
        .route("/scim/v2/Bulk", post(not_there))
        .route("/scim/v2/Me", any(not_there))
        .route("/scim/v2/{*rest}", any(nothing))
}

/// What of a resource is answered, and which of them.
#[derive(Default)]
struct Wanted {
    filter: Option<String>,
    start: Option<usize>,
    count: Option<usize>,
    only: Vec<String>,
    without: Vec<String>,
}

impl Wanted {
    /// Reads a query; parameters that nobody knows say nothing (RFC 7644 §3.4.2).
    fn read(uri: &axum::http::Uri) -> Result<Wanted, Fault> {
        let mut wanted = Wanted::default();
        let names = |text: &str| text.split(',').map(|name| name.trim().to_owned()).collect();
        let number = |text: &str| {
            let number = text.parse::<i64>().map_err(|_| Fault::new("scim_value"))?;
            // Less than nothing is nothing (RFC 7644 §3.4.2.4).
            usize::try_from(number.max(0)).map_err(|_| Fault::new("scim_value"))
        };
        for (name, value) in read_pairs(uri)? {
            match name.as_str() {
                "filter" => wanted.filter = Some(value),
                "startIndex" => wanted.start = Some(number(&value)?),
                "count" => wanted.count = Some(number(&value)?),
                "attributes" => wanted.only = names(&value),
                "excludedAttributes" => wanted.without = names(&value),
                _ => {}
            }
        }
        Ok(wanted)
    }

    /// The resource with what is wanted of it; what every resource has stays.
    fn of(&self, mut resource: Object) -> Json {
        let named = |names: &[String], name: &str| {
            names.iter().any(|one| {
                let one = one.rsplit(':').next().unwrap_or(one);
                one.split('.').next().is_some_and(|one| one.eq_ignore_ascii_case(name))
            })
        };
        resource.retain(|name, _| {
            let always = name == "schemas" || name == "id";
            always || (self.only.is_empty() || named(&self.only, name)) && !named(&self.without, name)
        });
        Json::Object(resource)
    }
}

fn read_pairs(uri: &axum::http::Uri) -> Result<Vec<(String, String)>, Fault> {
    pairs(uri.query().unwrap_or_default().as_bytes()).ok_or_else(|| Fault::new("scim_filter"))
}

/// A request of SCIM, with the address that it came to.
async fn ask<W>(asked: Asked, uri: axum::http::Uri, work: W) -> Result<Response, Refused>
where
    W: FnOnce(&Engine, &Caller, &Wanted) -> Result<Response, Fault> + Send + 'static,
{
    asked.run(move |engine, caller| work(engine, caller, &Wanted::read(&uri)?)).await
}

async fn list<R: Resource>(asked: Asked, uri: axum::http::Uri) -> Result<Response, Refused> {
    ask(asked, uri, |engine, caller, wanted| {
        let filter = wanted.filter.as_deref().map(Filter::parse).transpose()?;
        let all = R::all(engine, caller)?.into_iter().map(|one| one.shown());
        let found: Vec<Object> =
            all.filter(|one| filter.as_ref().is_none_or(|filter| filter.fits(one))).collect();
        let (start, count) = (wanted.start.unwrap_or(1).max(1), wanted.count.unwrap_or(MOST).min(MOST));
        let total = found.len();
        let page = found.into_iter().skip(start - 1).take(count).map(|one| wanted.of(one)).collect();
        answer(StatusCode::OK, &listed(page, total, start))
    })
    .await
}

fn listed(page: Vec<Json>, total: usize, start: usize) -> Json {
    json!({
        "schemas": [LIST], "totalResults": total, "itemsPerPage": page.len(), "startIndex": start, "Resources": page,
    })
}

async fn create<R: Resource>(
    asked: Asked,
    uri: axum::http::Uri,
    Document(body): Document,
) -> Result<Response, Refused> {
    ask(asked, uri, move |engine, caller, wanted| {
        let id = R::add(engine, caller, R::wish(&body?)?)?;
        let made = found::<R>(engine, caller, &id)?.shown();
        let location = made.get("meta").and_then(|meta| meta["location"].as_str()).map(HeaderValue::from_str);
        let mut response = answer(StatusCode::CREATED, &wanted.of(made.clone()))?;
        if let Some(Ok(location)) = location {
            response.headers_mut().insert(header::LOCATION, location);
        }
        Ok(response)
    })
    .await
}

async fn read<R: Resource>(
    asked: Asked,
    uri: axum::http::Uri,
    axum::extract::Path(id): axum::extract::Path<String>,
) -> Result<Response, Refused> {
    ask(asked, uri, move |engine, caller, wanted| {
        answer(StatusCode::OK, &wanted.of(found::<R>(engine, caller, &id)?.shown()))
    })
    .await
}

async fn replace<R: Resource>(
    asked: Asked,
    uri: axum::http::Uri,
    axum::extract::Path(id): axum::extract::Path<String>,
    Document(body): Document,
) -> Result<Response, Refused> {
    ask(asked, uri, move |engine, caller, wanted| {
        let body = body?;
        put::<R>(engine, caller, &id, wanted, |_| R::wish(&body))
    })
    .await
}

async fn change<R: Resource>(
    asked: Asked,
    uri: axum::http::Uri,
    axum::extract::Path(id): axum::extract::Path<String>,
    Document(body): Document,
) -> Result<Response, Refused> {
    ask(asked, uri, move |engine, caller, wanted| {
        let body = body?;
        put::<R>(engine, caller, &id, wanted, |now| R::wish(&patch::apply(&body, now.meant(), R::KNOWN)?))
    })
    .await
}

/// Makes a resource what it is wished to be, worked out anew where somebody else was faster.
fn put<R: Resource>(
    engine: &Engine,
    caller: &Caller,
    id: &str,
    wanted: &Wanted,
    wish: impl Fn(&R) -> Result<R::Wish, Fault>,
) -> Result<Response, Fault> {
    for _ in 0..TRIES {
        let now = found::<R>(engine, caller, id)?;
        match R::put(engine, caller, id, wish(&now)?, &now) {
            Err(fault) if fault.key == "version_conflict" => {}
            Err(fault) => return Err(fault),
            Ok(()) => return answer(StatusCode::OK, &wanted.of(found::<R>(engine, caller, id)?.shown())),
        }
    }
    Err(Fault::new("store_busy"))
}

async fn delete<R: Resource>(
    asked: Asked,
    axum::extract::Path(id): axum::extract::Path<String>,
) -> Result<Response, Refused> {
    asked
        .run(move |engine, caller| {
            found::<R>(engine, caller, &id)?;
            R::delete(engine, caller, &id)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}

fn found<R: Resource>(engine: &Engine, caller: &Caller, id: &str) -> Result<R, Fault> {
    let all = R::all(engine, caller)?.into_iter();
    all.into_iter().find(|one| one.id() == id).ok_or_else(|| Fault::new("not_found"))
}

fn answer(status: StatusCode, body: &Json) -> Result<Response, Fault> {
    let bytes = serde_json::to_vec(body).map_err(|_| Fault::new("internal"))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(SCIM));
    Ok((status, headers, bytes).into_response())
}

async fn configuration(asked: Asked) -> Result<Response, Refused> {
    asked.run(|_, _| answer(StatusCode::OK, &resource::configuration())).await
}

async fn types(asked: Asked) -> Result<Response, Refused> {
    asked.run(|_, _| whole(resource::types())).await
}

async fn schemas(asked: Asked) -> Result<Response, Refused> {
    asked.run(|_, _| whole(resource::schemas()?)).await
}

fn whole(all: Vec<Json>) -> Result<Response, Fault> {
    let total = all.len();
    answer(StatusCode::OK, &listed(all, total, 1))
}

async fn one_type(
    asked: Asked,
    axum::extract::Path(id): axum::extract::Path<String>,
) -> Result<Response, Refused> {
    asked.run(move |_, _| named(resource::types(), &id)).await
}

async fn schema(
    asked: Asked,
    axum::extract::Path(id): axum::extract::Path<String>,
) -> Result<Response, Refused> {
    asked.run(move |_, _| named(resource::schemas()?, &id)).await
}

fn named(all: Vec<Json>, id: &str) -> Result<Response, Fault> {
    let one = all.into_iter().find(|one| one["id"] == id).ok_or_else(|| Fault::new("not_found"))?;
    answer(StatusCode::OK, &one)
}

async fn not_there(asked: Asked) -> Result<Response, Refused> {
    asked.run(|_, _| Err(Fault::new("scim_not_there"))).await
}

async fn nothing() -> Refused {
    Refused(Fault::new("route_not_found"))
}
