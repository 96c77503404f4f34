//! `POST /oauth/token`: tokens for a program itself (RFC 6749 §4.4), for a code (§4.1.3), for a refresh token (§6).

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use dossier_engine::model::Fault;
use dossier_engine::{ClientProof, Engine, Origin, Redeem, Tokens};
use serde::Serialize;
use utoipa::ToSchema;

use super::form::{Form, TokenRefusal, answered, refusal};
use crate::api::document::Open;
use crate::app::{Ask, Shared, blocking};
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::Bytes;

/// What is asked for. Id and secret stand here or in `Authorization: Basic`, not in both; a public program gives its id alone.
#[derive(ToSchema)]
#[allow(dead_code, reason = "read by derive(ToSchema) alone")]
pub(crate) struct TokenRequest {
    #[schema(
        pattern = "^(client_credentials|authorization_code|refresh_token)$",
        example = "client_credentials"
    )]
    grant_type: String,
    #[schema(nullable = false, min_length = 1, max_length = 128, example = "cli_01ktzmay00e1hs6v0rhdvhtc0m")]
    client_id: Option<String>,
    #[schema(nullable = false, min_length = 1, max_length = 128)]
    client_secret: Option<String>,
    /// Of `authorization_code`.
    #[schema(nullable = false, min_length = 1, max_length = 128)]
    code: Option<String>,
    /// Of `authorization_code`: the same as before.
    #[schema(nullable = false, min_length = 1, max_length = 512)]
    redirect_uri: Option<String>,
    /// Of `authorization_code` (RFC 7636).
    #[schema(nullable = false, min_length = 43, max_length = 128)]
    code_verifier: Option<String>,
    /// Of `refresh_token`.
    #[schema(nullable = false, min_length = 1, max_length = 128)]
    refresh_token: Option<String>,
}

/// An access token (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenAnswer {
    access_token: String,
    #[schema(pattern = "^Bearer$")]
    token_type: &'static str,
    /// Seconds until it ends.
    #[schema(minimum = 1)]
    expires_in: u32,
    /// For the next tokens, once; not where the program acts for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    refresh_token: Option<String>,
}

impl From<Tokens> for TokenAnswer {
    fn from(tokens: Tokens) -> TokenAnswer {
        TokenAnswer {
            access_token: tokens.access_token,
            token_type: "Bearer",
            expires_in: tokens.expires_in,
            refresh_token: Some(tokens.refresh_token),
        }
    }
}

#[utoipa::path(
    post,
    path = "/oauth/token",
    operation_id = "getToken",
    tag = "oauth",
    summary = "取得访问令牌 Get an access token",
    description = "程序凭 `client_id` 与 `client_secret` 为自己取得访问令牌，或以授权码、刷新令牌为授权它的人员取得。刷新令牌只能用一次。\
        A program's own token for its credentials, or tokens for acting for somebody for a code or a refresh token, which is good once.",
    security((), ("basic" = [])),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "令牌 A token", body = TokenAnswer),
        Open,
        (status = 400, description = "请求有误 The request is not as it should be", body = TokenRefusal),
        (status = 401, description = "标识或密钥不正确 Id or secret is wrong", body = TokenRefusal,
            headers(("WWW-Authenticate" = String, description = "Basic"))),
        (status = 408, description = "请求内容未按时收完 The form did not arrive in time", body = TokenRefusal),
        (status = 413, description = "请求内容过大 The form is too large", body = TokenRefusal),
        (status = 415, description = "请求内容类型不支持 It is no form", body = TokenRefusal),
    )
)]
pub(crate) async fn token(
    State(app): State<Shared>,
    Extension(ask): Extension<Ask>,
    headers: HeaderMap,
    Bytes(form): Bytes,
) -> Result<Response, Refused> {
    let wanted = match form.and_then(|form| Wanted::read(&headers, &form)) {
        Ok(wanted) => wanted,
        Err(fault) => return Ok(refusal(&fault, &headers)),
    };
    let origin = ask.origin();
    blocking(&ask, move || {
        let answer = wanted.get(&app.engine, &origin).and_then(|answer| json(&answer));
        answered(answer, &headers)
    })
    .await
}

/// What is asked for, and by whom.
enum Wanted {
    Own(ClientProof),
    Code(ClientProof, Redeem),
    Refresh(ClientProof, String),
}

impl Wanted {
    fn read(headers: &HeaderMap, form: &[u8]) -> Result<Wanted, Fault> {
        let form = Form::read(form)?;
        let grant = form.must("grant_type")?;
        if form.get("scope").is_some() {
            // There are no scopes: what a program may do stands with its role.
            return Err(Fault::new("oauth_invalid_scope"));
        }
        match grant.as_str() {
            "client_credentials" => Ok(Wanted::Own(form.client(headers)?)),
            "authorization_code" => {
                let (code, redirect_uri) = (form.must("code")?, form.must("redirect_uri")?);
                let code_verifier = form.must("code_verifier")?;
                Ok(Wanted::Code(form.client(headers)?, Redeem { code, redirect_uri, code_verifier }))
            }
            "refresh_token" => Ok(Wanted::Refresh(form.client(headers)?, form.must("refresh_token")?)),
            _ => Err(Fault::new("oauth_unsupported_grant_type")),
        }
    }

    fn get(self, engine: &Engine, origin: &Origin) -> Result<TokenAnswer, Fault> {
        match self {
            Wanted::Own(client) => {
                let secret = client.secret.ok_or_else(|| Fault::new("oauth_invalid_client"))?;
                let token = engine.sign_in(origin, &client.id, &secret)?;
                let (access_token, expires_in) = (token.access_token, token.expires_in);
                Ok(TokenAnswer { access_token, token_type: "Bearer", expires_in, refresh_token: None })
            }
            Wanted::Code(client, ask) => Ok(engine.redeem_code(origin, &client, &ask)?.into()),
            Wanted::Refresh(client, token) => Ok(engine.refresh_tokens(origin, &client, &token)?.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_grant_wants_what_is_its_own() {
        let key = |form: &str| Wanted::read(&HeaderMap::new(), form.as_bytes()).err().map(|fault| fault.key);
        let code = "grant_type=authorization_code&client_id=a&code=c&redirect_uri=u&code_verifier=v";
        assert_eq!(key(code), None);
        assert_eq!(key("grant_type=refresh_token&client_id=a&refresh_token=r"), None);
        for (form, expected) in [
            ("", "oauth_invalid_request"),
            ("grant_type=&client_id=a", "oauth_invalid_request"),
            ("grant_type=password&client_id=a&client_secret=s", "oauth_unsupported_grant_type"),
            ("grant_type=refresh_token&client_id=a", "oauth_invalid_request"),
            ("grant_type=refresh_token&refresh_token=r", "oauth_invalid_client"),
            ("grant_type=client_credentials&client_id=a&client_secret=s&scope=all", "oauth_invalid_scope"),
        ] {
            assert_eq!(key(form), Some(expected), "{form}");
        }
        for left_out in ["code", "redirect_uri", "code_verifier"] {
            let parts: Vec<_> =
                code.split('&').filter(|part| !part.starts_with(&format!("{left_out}="))).collect();
            assert_eq!(key(&parts.join("&")), Some("oauth_invalid_request"), "{left_out}");
        }
    }
}
