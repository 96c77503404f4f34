//! `POST /oauth/token`: client credentials for a bearer token (RFC 6749 §4.4).

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dossier_engine::model::{Fault, Lang};
use serde::Serialize;
use utoipa::ToSchema;

use super::document::Open;
use crate::app::{Ask, Shared, blocking};
use crate::http::answer::{JSON, json};
use crate::http::problem::Refused;
use crate::input::{Bytes, pairs};

/// What is asked for. The id and the secret stand here or in `Authorization: Basic`, not in both.
#[derive(ToSchema)]
#[allow(dead_code, reason = "read by derive(ToSchema) alone")]
pub(crate) struct TokenRequest {
    #[schema(pattern = "^client_credentials$", example = "client_credentials")]
    grant_type: String,
    #[schema(nullable = false, min_length = 1, max_length = 128, example = "cli_01ktzmay00e1hs6v0rhdvhtc0m")]
    client_id: Option<String>,
    #[schema(nullable = false, min_length = 1, max_length = 128)]
    client_secret: Option<String>,
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
}

/// Why there is none (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRefusal {
    #[schema(pattern = "^(invalid_request|invalid_client|unsupported_grant_type|invalid_scope)$")]
    error: &'static str,
    error_description: String,
}

#[utoipa::path(
    post,
    path = "/oauth/token",
    operation_id = "getToken",
    tag = "oauth",
    summary = "取得访问令牌 Get an access token",
    description = "以 `client_id` 与 `client_secret` 换取访问令牌。Client credentials, sent in the form or by HTTP Basic.",
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
    let basic = headers.contains_key(header::AUTHORIZATION);
    let credentials = match form.and_then(|form| credentials(&headers, &form)) {
        Ok(credentials) => credentials,
        Err(fault) => return Ok(refusal(&fault, basic)),
    };
    let origin = ask.origin();
    blocking(&ask, move || {
        let (id, secret) = credentials;
        match app.engine.sign_in(&origin, &id, &secret) {
            Ok(token) => json(&TokenAnswer {
                access_token: token.access_token,
                token_type: "Bearer",
                expires_in: token.expires_in,
            }),
            Err(fault) if fault.status() == 401 => Ok(refusal(&fault, basic)),
            Err(fault) => Err(fault),
        }
    })
    .await
}

/// Client id and secret, from the one place where they stand.
fn credentials(headers: &HeaderMap, form: &[u8]) -> Result<(String, String), Fault> {
    let invalid = || Fault::new("oauth_invalid_request");
    let form = Form::read(form).ok_or_else(invalid)?;
    match form.grant_type.as_deref() {
        None => return Err(invalid()),
        Some("client_credentials") => {}
        Some(_) => return Err(Fault::new("oauth_unsupported_grant_type")),
    }
    if form.scope.is_some() {
        // There are no scopes: what a program may do stands with its role.
        return Err(Fault::new("oauth_invalid_scope"));
    }
    match (headers.get(header::AUTHORIZATION), form.client_id, form.client_secret) {
        (None, Some(id), Some(secret)) => Ok((id, secret)),
        (None, ..) => Err(Fault::new("oauth_invalid_client")),
        // RFC 6749 §2.3: one method in a request.
        (Some(_), _, Some(_)) => Err(invalid()),
        (Some(header), id, None) => {
            let (user, secret) = basic(header).ok_or_else(|| Fault::new("oauth_invalid_client"))?;
            if id.is_some_and(|id| id != user) { Err(invalid()) } else { Ok((user, secret)) }
        }
    }
}

#[derive(Default)]
struct Form {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: Option<String>,
}

impl Form {
    /// None when a parameter stands twice or is not well encoded. Unknown ones are ignored and empty ones count as
    /// left out (RFC 6749 §3.2).
    fn read(form: &[u8]) -> Option<Form> {
        let pairs = pairs(form)?;
        let mut out = Form::default();
        for (at, (name, value)) in pairs.iter().enumerate() {
            if pairs.iter().take(at).any(|(earlier, _)| earlier == name) {
                return None;
            }
            let place = match name.as_str() {
                "grant_type" => &mut out.grant_type,
                "client_id" => &mut out.client_id,
                "client_secret" => &mut out.client_secret,
                "scope" => &mut out.scope,
                _ => continue,
            };
            *place = Some(value.clone()).filter(|value| !value.is_empty());
        }
        Some(out)
    }
}

/// Id and secret of `Authorization: Basic`, each form-encoded within (RFC 6749 §2.3.1).
fn basic(header: &HeaderValue) -> Option<(String, String)> {
    let (scheme, value) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = STANDARD.decode(value.trim()).ok()?;
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    let (id, secret) = bytes.split_at(colon);
    let decode = |text: &[u8]| match pairs(text)?.pop()? {
        (text, rest) if rest.is_empty() => Some(text),
        _ => None,
    };
    Some((decode(id)?, decode(secret.get(1..)?)?))
}

fn refusal(fault: &Fault, basic: bool) -> Response {
    let error = match (fault.status(), fault.key) {
        (401, _) => "invalid_client",
        (_, "oauth_unsupported_grant_type") => "unsupported_grant_type",
        (_, "oauth_invalid_scope") => "invalid_scope",
        _ => "invalid_request",
    };
    // RFC 6749 §5.2 takes no quotation mark and no backslash in there.
    let error_description = fault.text(Lang::En).replace(['"', '\\'], "'");
    let body = serde_json::to_vec(&TokenRefusal { error, error_description }).unwrap_or_default();
    let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response =
        (status, [(header::CONTENT_TYPE, HeaderValue::from_static(JSON))], body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let challenge =
            if basic { "Basic realm=\"dossier\", charset=\"UTF-8\"" } else { "Basic realm=\"dossier\"" };
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRANT: &str = "grant_type=client_credentials";

    fn with_basic(text: &str) -> HeaderMap {
        let value = format!("Basic {}", STANDARD.encode(text));
        HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(&value).unwrap())])
    }

    fn in_form(form: &str) -> Result<(String, String), &'static str> {
        credentials(&HeaderMap::new(), form.as_bytes()).map_err(|fault| fault.key)
    }

    fn by_basic(text: &str, form: &str) -> Result<(String, String), &'static str> {
        credentials(&with_basic(text), form.as_bytes()).map_err(|fault| fault.key)
    }

    fn pair() -> Result<(String, String), &'static str> {
        Ok(("cli_1".to_owned(), "s-e_c".to_owned()))
    }

    #[test]
    fn credentials_stand_in_the_form_or_in_the_header() {
        assert_eq!(in_form(&format!("{GRANT}&client_id=cli_1&client_secret=s-e_c")), pair());
        assert_eq!(in_form(&format!("client_secret=s-e_c&extra=1&scope=&{GRANT}&client_id=cli%5F1")), pair());
        assert_eq!(by_basic("cli_1:s-e_c", GRANT), pair());
        assert_eq!(by_basic("cli%5f1:s-e_c", &format!("{GRANT}&client_id=cli_1")), pair());
    }

    #[test]
    fn what_is_missing_or_said_twice_is_refused() {
        for (form, key) in [
            ("", "oauth_invalid_request"),
            ("client_id=cli_1&client_secret=s", "oauth_invalid_request"),
            ("grant_type=&client_id=cli_1&client_secret=s", "oauth_invalid_request"),
            ("grant_type=password&client_id=cli_1&client_secret=s", "oauth_unsupported_grant_type"),
            ("grant_type=client_credentials&grant_type=client_credentials", "oauth_invalid_request"),
            (
                "grant_type=client_credentials&client_id=a&client_id=a&client_secret=s",
                "oauth_invalid_request",
            ),
            ("grant_type=client_credentials&x=1&x=2&client_id=a&client_secret=s", "oauth_invalid_request"),
            ("grant_type=client_credentials&client_id=a&client_secret=%zz", "oauth_invalid_request"),
            ("grant_type=client_credentials&client_id=a&client_secret=s&scope=all", "oauth_invalid_scope"),
            ("grant_type=client_credentials&client_id=a", "oauth_invalid_client"),
            ("grant_type=client_credentials", "oauth_invalid_client"),
        ] {
            assert_eq!(in_form(form), Err(key), "{form}");
        }
    }

    #[test]
    fn two_ways_at_once_and_broken_headers_are_refused() {
        assert_eq!(
            by_basic("a:s", &format!("{GRANT}&client_id=a&client_secret=s")),
            Err("oauth_invalid_request")
        );
        assert_eq!(by_basic("a:s", &format!("{GRANT}&client_id=b")), Err("oauth_invalid_request"));
        for text in ["no colon", "a:%zz", "a=b:s"] {
            assert_eq!(by_basic(text, GRANT), Err("oauth_invalid_client"), "{text}");
        }
        let bearer = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static("Bearer abc"))]);
        assert_eq!(
            credentials(&bearer, GRANT.as_bytes()).map_err(|fault| fault.key),
            Err("oauth_invalid_client")
        );
    }
}
