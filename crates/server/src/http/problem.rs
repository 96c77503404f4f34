//! Refusals and failures as problem details (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dossier_engine::model::{Fault, Lang};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Ask;

/// The content type of a problem.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// A fault on its way out. The outermost layer puts it into words, because that one knows language and request id.
pub(crate) struct Refused(pub Fault);

/// Marks a response that is still to be put into words.
#[derive(Clone)]
struct Unsaid(Fault);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = status(&self.0).into_response();
        response.extensions_mut().insert(Unsaid(self.0));
        response
    }
}

fn status(fault: &Fault) -> StatusCode {
    StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Problem details (RFC 9457). `code` is what programs should rely on; texts are for people and may change.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "type": "urn:dossier:problem:not_found",
    "title": "未找到",
    "status": 404,
    "detail": "没有找到，或不在你的可见范围内",
    "code": "1001002007",
    "request_id": "5d0c7b1f0a9e4c32-17"
})))]
pub(crate) struct Problem {
    /// Names the kind of problem.
    #[schema(pattern = "^urn:dossier:problem:[a-z0-9_]+$")]
    r#type: String,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong and how to mend it.
    detail: String,
    /// Ten digits: system, module, number.
    #[schema(pattern = "^[0-9]{10}$")]
    code: &'static str,
    /// The field, parameter or member that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    field: Option<String>,
    /// Each of several problems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<Detail>,
    /// Names this request in the server's log and in the ledger.
    request_id: String,
}

/// One of several problems.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Detail {
    /// Ten digits: system, module, number.
    #[schema(pattern = "^[0-9]{10}$")]
    code: &'static str,
    /// The field, parameter or member that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    field: Option<String>,
    /// What is wrong and how to mend it.
    detail: String,
}

impl Problem {
    fn new(fault: &Fault, ask: &Ask) -> Problem {
        let detail = |problem: &Fault| Detail {
            code: problem.code(),
            field: problem.field.clone(),
            detail: problem.text(ask.lang),
        };
        Problem {
            r#type: format!("urn:dossier:problem:{}", fault.key),
            title: title(fault.status(), ask.lang),
            status: fault.status(),
            detail: fault.text(ask.lang),
            code: fault.code(),
            field: fault.field.clone(),
            errors: fault.problems.iter().map(detail).collect(),
            request_id: ask.id.clone(),
        }
    }
}

/// The content type of SCIM (RFC 7644 §3.1).
pub(crate) const SCIM: &str = "application/scim+json";

/// An error as SCIM has them (RFC 7644 §3.12).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScimError {
    schemas: [&'static str; 1],
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scim_type: Option<&'static str>,
    detail: String,
}

impl ScimError {
    fn new(fault: &Fault, ask: &Ask) -> ScimError {
        let (code, id) = (fault.code(), &ask.id);
        ScimError {
            schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
            status: ScimError::status(fault).as_u16().to_string(),
            scim_type: scim_type(fault),
            detail: format!("{} ({code}, {id})", fault.text(ask.lang)),
        }
    }

    /// What a value may not be is 400 there.
    fn status(fault: &Fault) -> StatusCode {
        match fault.status() {
            _ if scim_type(fault) == Some("invalidValue") => StatusCode::BAD_REQUEST,
            422 => StatusCode::BAD_REQUEST,
            _ => status(fault),
        }
    }
}

/// The word of RFC 7644 §3.12, table 9.
fn scim_type(fault: &Fault) -> Option<&'static str> {
    Some(match fault.key {
        "name_taken" => "uniqueness",
        "scim_filter" => "invalidFilter",
        "scim_path" => "invalidPath",
        "scim_fixed" | "group_role_fixed" => "mutability",
        "body_invalid"
        | "body_missing"
        | "body_encoding"
        | "body_too_deep"
        | "body_duplicate_member"
        | "value_not_object" => "invalidSyntax",
        "user_not_found" if fault.field.is_some() => "invalidValue",
        _ if fault.status() == 422 => "invalidValue",
        _ => return None,
    })
}

/// Puts a refusal into words. What other code answered with a bare status is put into words as well, so that no error
/// leaves in another form; its headers (`Allow`) stay.
pub(crate) fn say(mut response: Response, ask: &Ask) -> Response {
    let fault = match response.extensions_mut().remove::<Unsaid>() {
        Some(Unsaid(fault)) => fault,
        None if is_bare(&response) => match response.status() {
            StatusCode::NOT_FOUND => Fault::new("route_not_found"),
            StatusCode::METHOD_NOT_ALLOWED => Fault::new("method_not_allowed"),
            _ => Fault::new("internal"),
        },
        None => return response,
    };
    if fault.status() >= 500 {
        tracing::error!(request = ask.id, key = fault.key, fields = ?fault.field, "{}", fault.text(Lang::En));
    }
    let (kind, body) = match ask.scim {
        true => (SCIM, serde_json::to_vec(&ScimError::new(&fault, ask))),
        false => (PROBLEM, serde_json::to_vec(&Problem::new(&fault, ask))),
    };
    let body = body.unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    parts.status = if ask.scim { ScimError::status(&fault) } else { status(&fault) };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    parts.headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language(ask.lang)));
    if let Some(wait) = retry_after(&fault) {
        parts.headers.insert(header::RETRY_AFTER, wait);
    }
    if parts.status == StatusCode::UNAUTHORIZED {
        let challenge = match fault.key {
            "unauthenticated" | "session_ended" | "sign_in_failed" | "code_required" => {
                HeaderValue::from_static("Bearer realm=\"dossier\"")
            }
            _ => HeaderValue::from_static("Bearer realm=\"dossier\", error=\"invalid_token\""),
        };
        parts.headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    Response::from_parts(parts, body.into())
}

fn is_bare(response: &Response) -> bool {
    let content = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    // The page says by itself what is wrong.
    let page = content.starts_with(b"text/html");
    let said = page || [PROBLEM, SCIM, "application/json"].iter().any(|one| content == one.as_bytes());
    (response.status().is_client_error() || response.status().is_server_error()) && !said
}

pub(crate) fn language(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh-CN",
        Lang::En => "en",
    }
}

/// When to come again: what the fault says itself, else a second for what passes by itself. Quotas are by the hour.
fn retry_after(fault: &Fault) -> Option<HeaderValue> {
    let said =
        fault.params.iter().find(|(name, _)| *name == "seconds").and_then(|(_, value)| value.parse().ok());
    let seconds: u64 = match (fault.status(), said) {
        (429 | 503, Some(seconds)) => seconds,
        (429, None) => 3_600,
        (503, None) => 1,
        _ => return None,
    };
    Some(HeaderValue::from(seconds))
}

fn title(status: u16, lang: Lang) -> &'static str {
    let (zh, en) = match status {
        400 => ("请求有误", "bad request"),
        401 => ("未登录", "unauthorized"),
        403 => ("无权限", "forbidden"),
        404 => ("未找到", "not found"),
        405 => ("方法不支持", "method not allowed"),
        406 => ("无法以此类型返回", "not acceptable"),
        408 => ("接收超时", "request timeout"),
        409 => ("有冲突", "conflict"),
        410 => ("已不存在", "gone"),
        412 => ("版本已变化", "precondition failed"),
        413 => ("内容过大", "content too large"),
        414 => ("地址过长", "address too long"),
        415 => ("内容类型不支持", "unsupported content type"),
        422 => ("内容需修改", "content to mend"),
        428 => ("缺少版本", "precondition required"),
        429 => ("请求过多", "too many requests"),
        431 => ("请求头过大", "header fields too large"),
        501 => ("不支持", "not implemented"),
        503 => ("暂不可用", "unavailable"),
        _ => ("内部错误", "internal error"),
    };
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

#[cfg(test)]
mod tests;
