//! `POST /oauth/revoke` (RFC 7009), `POST /oauth/introspect` (RFC 7662): a program's own tokens.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use dossier_engine::ClientProof;
use dossier_engine::model::Fault;
use utoipa::ToSchema;

use super::form::{Form, TokenRefusal, answered, refusal};
use crate::api::document::Open;
use crate::api::shown;
use crate::app::{Ask, Shared, blocking};
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::Bytes;

/// Which token. Id and secret stand here or in `Authorization: Basic`, not in both.
#[derive(ToSchema)]
#[allow(dead_code, reason = "read by derive(ToSchema) alone")]
pub(crate) struct TokenNamed {
    #[schema(min_length = 1, max_length = 128)]
    token: String,
    /// Not needed.
    #[schema(nullable = false, max_length = 64)]
    token_type_hint: Option<String>,
    #[schema(nullable = false, min_length = 1, max_length = 128, example = "cli_01ktzmay00e1hs6v0rhdvhtc0m")]
    client_id: Option<String>,
    #[schema(nullable = false, min_length = 1, max_length = 128)]
    client_secret: Option<String>,
}

fn named(headers: &HeaderMap, form: &[u8]) -> Result<(ClientProof, String), Fault> {
    let form = Form::read(form)?;
    Ok((form.client(headers)?, form.must("token")?))
}

#[utoipa::path(
    post,
    path = "/oauth/revoke",
    operation_id = "revokeToken",
    tag = "oauth",
    summary = "作废令牌 Give a token back",
    description = "代表人员的令牌连同该次授权的全部令牌一并失效。令牌无效或不属于该程序时，回答相同。\
        A token for acting for somebody ends with all others of the same grant. One that is not good, or not the program's, is answered alike.",
    security((), ("basic" = [])),
    request_body(content = TokenNamed, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "已作废 It is good for nothing now"),
        Open,
        (status = 400, description = "请求有误 The request is not as it should be", body = TokenRefusal),
        (status = 401, description = "标识或密钥不正确 Id or secret is wrong", body = TokenRefusal,
            headers(("WWW-Authenticate" = String, description = "Basic"))),
        (status = 408, description = "请求内容未按时收完 The form did not arrive in time", body = TokenRefusal),
        (status = 413, description = "请求内容过大 The form is too large", body = TokenRefusal),
        (status = 415, description = "请求内容类型不支持 It is no form", body = TokenRefusal),
    )
)]
pub(crate) async fn revoke(
    State(app): State<Shared>,
    Extension(ask): Extension<Ask>,
    headers: HeaderMap,
    Bytes(form): Bytes,
) -> Result<Response, Refused> {
    let (client, token) = match form.and_then(|form| named(&headers, &form)) {
        Ok(named) => named,
        Err(fault) => return Ok(refusal(&fault, &headers)),
    };
    let origin = ask.origin();
    blocking(&ask, move || {
        let done = app.engine.revoke_token(&origin, &client, &token);
        answered(done.map(|()| StatusCode::OK.into_response()), &headers)
    })
    .await
}

#[utoipa::path(
    post,
    path = "/oauth/introspect",
    operation_id = "introspectToken",
    tag = "oauth",
    summary = "查询令牌 Ask about a token",
    description = "只回答程序自己的令牌；公开程序不能使用。Of a program's own tokens alone; not for public programs.",
    security((), ("basic" = [])),
    request_body(content = TokenNamed, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "令牌的情况 What there is to know", body = shown::Introspected),
        Open,
        (status = 400, description = "请求有误 The request is not as it should be", body = TokenRefusal),
        (status = 401, description = "标识或密钥不正确 Id or secret is wrong", body = TokenRefusal,
            headers(("WWW-Authenticate" = String, description = "Basic"))),
        (status = 408, description = "请求内容未按时收完 The form did not arrive in time", body = TokenRefusal),
        (status = 413, description = "请求内容过大 The form is too large", body = TokenRefusal),
        (status = 415, description = "请求内容类型不支持 It is no form", body = TokenRefusal),
    )
)]
pub(crate) async fn introspect(
    State(app): State<Shared>,
    Extension(ask): Extension<Ask>,
    headers: HeaderMap,
    Bytes(form): Bytes,
) -> Result<Response, Refused> {
    let (client, token) = match form.and_then(|form| named(&headers, &form)) {
        Ok(named) => named,
        Err(fault) => return Ok(refusal(&fault, &headers)),
    };
    let origin = ask.origin();
    blocking(&ask, move || {
        let told = app.engine.introspect(&origin, &client, &token);
        answered(told.and_then(|told| json(&told)), &headers)
    })
    .await
}
