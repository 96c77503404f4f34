//! The endpoints, one file each, and the routes to them.

mod approvals;
mod clients;
mod contacts;
mod docs;
mod document;
mod dossiers;
mod explain;
mod flows;
mod forms;
mod grants;
mod hand_overs;
mod health;
mod imports;
mod keys;
mod kinds;
mod ledger;
mod me;
mod oauth;
mod quality;
mod records;
mod roles;
mod scim;
mod search;
mod session;
mod set_up;
mod shown;
mod teams;
mod users;
mod views;

use axum::Router;
use axum::body::Bytes;
use axum::middleware::from_fn;
use dossier_engine::model::Fault;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;
use crate::http::{accept, layers};

/// What answers in JSON.
fn json_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(oauth::token::token))
        .routes(routes!(oauth::back::revoke))
        .routes(routes!(oauth::back::introspect))
        .routes(routes!(oauth::metadata::metadata))
        .routes(routes!(me::programs::list, me::programs::agree))
        .routes(routes!(me::programs::asked))
        .routes(routes!(me::programs::refuse))
        .routes(routes!(me::programs::withdraw))
        .routes(routes!(dossiers::list::list, dossiers::create::create))
        .routes(routes!(dossiers::read::read, dossiers::change::change, dossiers::erase::erase))
        .routes(routes!(dossiers::history::history))
        .routes(routes!(dossiers::reveal::reveal))
        .routes(routes!(dossiers::detokenise::detokenise))
        .routes(routes!(dossiers::looks::looks))
        .routes(routes!(contacts::list::list, contacts::create::create))
        .routes(routes!(contacts::read::read, contacts::change::change))
        .routes(routes!(contacts::history::history))
        .routes(routes!(contacts::reveal::reveal))
        .routes(routes!(contacts::detokenise::detokenise))
        .routes(routes!(imports::read::list, imports::create::create))
        .routes(routes!(imports::read::read))
        .routes(routes!(imports::read::left))
        .routes(routes!(imports::mapping::read, imports::mapping::change))
        .routes(routes!(imports::mapping::preview))
        .routes(routes!(imports::steps::start))
        .routes(routes!(imports::steps::cancel))
        .routes(routes!(imports::steps::undo))
        .routes(routes!(imports::problems::list))
        .routes(routes!(imports::problems::mend, imports::problems::skip))
        .routes(routes!(imports::alike::list, imports::alike::mend))
        .routes(routes!(imports::duplicates::list))
        .routes(routes!(imports::duplicates::decide))
        .routes(routes!(imports::saved::list))
        .routes(routes!(imports::saved::forget))
        .routes(routes!(search::search))
        .routes(routes!(explain::explain))
        .routes(routes!(explain::who))
        .routes(routes!(ledger::entries::entries))
        .routes(routes!(ledger::logs::logs))
        .routes(routes!(ledger::proof::proof))
        .routes(routes!(ledger::consistency::consistency))
        .routes(routes!(ledger::evidence::evidence))
        .routes(routes!(kinds::kinds))
        .routes(routes!(quality::quality))
        .routes(routes!(clients::list, clients::add))
        .routes(routes!(clients::disable))
        .routes(routes!(users::list, users::add))
        .routes(routes!(users::manage::change))
        .routes(routes!(users::manage::leave))
        .routes(routes!(users::manage::renew))
        .routes(routes!(users::manage::end_sessions))
        .routes(routes!(session::sign_in, session::read, session::sign_out))
        .routes(routes!(session::challenge))
        .routes(routes!(session::sign_in_by_passkey))
        .routes(routes!(session::watermark_missed))
        .routes(routes!(me::sessions::list, me::sessions::end_others))
        .routes(routes!(me::sessions::end))
        .routes(routes!(me::password::change))
        .routes(routes!(me::passkeys::list, me::passkeys::add))
        .routes(routes!(me::passkeys::challenge))
        .routes(routes!(me::passkeys::rename, me::passkeys::remove))
        .routes(routes!(me::proof::give))
        .routes(routes!(me::proof::challenge))
        .routes(routes!(me::totp::begin, me::totp::confirm, me::totp::remove))
        .routes(routes!(set_up::look))
        .routes(routes!(set_up::set_up))
        .routes(routes!(set_up::state))
        .routes(routes!(views::list, views::keep))
        .routes(routes!(views::change, views::forget))
        .routes(routes!(roles::list, roles::add))
        .routes(routes!(roles::change, roles::remove))
        .routes(routes!(approvals::list))
        .routes(routes!(approvals::read))
        .routes(routes!(approvals::decide))
        .routes(routes!(grants::list, grants::apply))
        .routes(routes!(grants::end))
        .routes(routes!(hand_overs::list))
        .routes(routes!(hand_overs::take))
        .routes(routes!(flows::list, flows::add))
        .routes(routes!(flows::begin))
        .routes(routes!(flows::change, flows::remove))
        .routes(routes!(teams::list, teams::add))
        .routes(routes!(teams::change))
        .routes(routes!(keys::status))
        .routes(routes!(keys::rotate))
        .routes(routes!(health::health))
}

/// What answers in plain text, for tools that know signed notes.
fn text_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(ledger::checkpoint::checkpoint)).routes(routes!(ledger::key::key))
}

/// What answers with a file.
fn file_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(imports::problems::file))
}

/// What answers with a page.
fn page_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(oauth::authorize::authorize))
}

fn parts() -> (Router<Shared>, OpenApi) {
    let json = json_routes().layer(from_fn(accept::json));
    let text = text_routes().layer(from_fn(accept::text));
    let files = file_routes().layer(from_fn(accept::csv));
    let pages = page_routes().layer(from_fn(accept::html));
    let (router, collected) = json.merge(text).merge(files).merge(pages).split_for_parts();
    (router, document::complete(collected))
}

/// The OpenAPI 3.1 document of all endpoints.
pub fn openapi() -> OpenApi {
    parts().1
}

/// The document as it is sent.
pub(crate) fn document_bytes() -> Result<Bytes, Fault> {
    serde_json::to_vec(&openapi()).map(Bytes::from).map_err(|_| Fault::new("internal"))
}

/// All routes with all that is around them.
pub(crate) fn service(app: &Shared) -> Router {
    let routes = parts().0.merge(scim::routes());
    let routes = if app.settings.server.docs { routes.merge(docs::routes()) } else { routes };
    layers::around(routes, app).with_state(app.clone())
}
