//! `GET /.well-known/oauth-authorization-server` (RFC 8414): what a program can find out by itself.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::document::{Conflicting, Open};
use crate::app::{Ask, Shared, blocking};
use crate::http::answer::json;
use crate::http::problem::Refused;

/// What there is, and where.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metadata {
    /// `server.public_origin`.
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    service_documentation: String,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 3],
    code_challenge_methods_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    introspection_endpoint_auth_methods_supported: [&'static str; 2],
    authorization_response_iss_parameter_supported: bool,
    ui_locales_supported: [&'static str; 2],
}

#[utoipa::path(
    get,
    path = "/.well-known/oauth-authorization-server",
    operation_id = "describeAuthorizationServer",
    tag = "oauth",
    summary = "授权服务的说明 What the authorization server can do",
    description = "未填写 `server.public_origin` 时为 409。409 where `server.public_origin` is not set.",
    security(()),
    responses((status = 200, description = "说明 The description", body = Metadata), Open, Conflicting)
)]
pub(crate) async fn metadata(
    State(app): State<Shared>,
    Extension(ask): Extension<Ask>,
) -> Result<Response, Refused> {
    blocking(&ask, move || {
        let issuer = app.engine.issuer()?;
        let at = |path: &str| format!("{issuer}{path}");
        let (basic, post, none) = ("client_secret_basic", "client_secret_post", "none");
        json(&Metadata {
            issuer: issuer.to_owned(),
            authorization_endpoint: at("/oauth/authorize"),
            token_endpoint: at("/oauth/token"),
            revocation_endpoint: at("/oauth/revoke"),
            introspection_endpoint: at("/oauth/introspect"),
            service_documentation: at("/docs/"),
            response_types_supported: ["code"],
            response_modes_supported: ["query"],
            grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
            code_challenge_methods_supported: ["S256"],
            token_endpoint_auth_methods_supported: [basic, post, none],
            revocation_endpoint_auth_methods_supported: [basic, post, none],
            introspection_endpoint_auth_methods_supported: [basic, post],
            authorization_response_iss_parameter_supported: true,
            ui_locales_supported: ["zh-CN", "en"],
        })
    })
    .await
}
