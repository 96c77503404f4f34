//! The OpenAPI document: what stands around the endpoints, and the refusals that they have in common.

use std::collections::BTreeMap;

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, AuthorizationCode, ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2,
    Scopes, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Response,
    ResponseBuilder, Type,
};
use utoipa::{IntoResponses, ToSchema};

use super::shown;
use crate::http::problem::{Detail, PROBLEM, Problem};

const TAGS: [(&str, &str); 14] = [
    ("oauth", "程序登录 Programs sign in"),
    ("people", "人员登录、会话与视图 People sign in; sessions and views"),
    ("dossiers", "档案 Dossiers"),
    ("contacts", "联系人 Contacts"),
    ("search", "查找 Finding by an exact identity"),
    ("imports", "导入 Files of customers"),
    ("ledger", "台账 The ledger and its proofs"),
    ("quality", "质量 Quality"),
    ("kinds", "类型与字段 Kinds and fields"),
    ("access", "人员、程序与团队 People, programs and teams"),
    ("approvals", "审批与流程 Approvals and their flows"),
    ("grants", "申请与临时授权 Applications and temporary grants"),
    ("keys", "密钥 Keys"),
    ("health", "状态 State"),
];

const ABOUT: &str = "\
客户资料安全管理系统。每个读取都先记入台账再返回；角色无权看到的字段返回掩码或不返回。\n\n\
A customer-data security management system. Each answer leaves only after its ledger entry is durable; fields that a \
role must not see are masked or absent.\n\n\
出错时返回 `application/problem+json`（RFC 9457），`code` 为 10 位错误码；`Accept-Language: en` 返回英文。\
Refusals are problem details (RFC 9457) with a code of ten digits, in Chinese or, with `Accept-Language: en`, in English.";

/// Fills in what the endpoints do not say themselves.
pub(super) fn complete(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Dossier")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    document.tags = Some(
        TAGS.into_iter()
            .map(|(name, about)| TagBuilder::new().name(name).description(Some(about)).build())
            .collect(),
    );
    document.security = Some(vec![none("oauth2"), none("bearer"), none("session")]);
    let components = document.components.get_or_insert_default();
    for (name, scheme) in schemes() {
        components.add_security_scheme(name, scheme);
    }
    let mut schemas = Vec::new();
    <Problem as ToSchema>::schemas(&mut schemas);
    schemas.push((Problem::name().into_owned(), <Problem as utoipa::PartialSchema>::schema()));
    schemas.push((Detail::name().into_owned(), <Detail as utoipa::PartialSchema>::schema()));
    components.schemas.extend(schemas);
    components.schemas.extend(shown::fields());
    for (status, name, about) in REFUSALS {
        components.responses.insert(name.to_owned(), RefOr::T(problem(status, about)));
    }
    document
}

fn none(scheme: &str) -> SecurityRequirement {
    SecurityRequirement::new(scheme, std::iter::empty::<String>())
}

fn schemes() -> [(&'static str, SecurityScheme); 4] {
    let own = ClientCredentials::new("/oauth/token", Scopes::new());
    let for_people = AuthorizationCode::with_refresh_url(
        "/oauth/authorize",
        "/oauth/token",
        Scopes::new(),
        "/oauth/token",
    );
    let oauth2 = OAuth2::with_description(
        [Flow::ClientCredentials(own), Flow::AuthorizationCode(for_people)],
        "程序凭 client_id 与 client_secret 为自己取得访问令牌，或经本人同意代表人员（授权码与 PKCE）Client credentials, or acting for \
         somebody who agrees (authorization code with PKCE)",
    );
    let cookie = ApiKeyValue::with_description(
        "__Host-dossier",
        "人员登录后的会话；GET 与 HEAD 之外的请求须在 `X-CSRF-Token` 中重复会话的 `csrf`。不得与访问令牌同时使用。\
         The session of a person. Requests other than GET and HEAD repeat `csrf` of the session in `X-CSRF-Token`. Not \
         together with an access token.",
    );
    let http = |scheme| SecurityScheme::Http(HttpBuilder::new().scheme(scheme).build());
    [
        ("oauth2", SecurityScheme::OAuth2(oauth2)),
        ("bearer", http(HttpAuthScheme::Bearer)),
        ("basic", http(HttpAuthScheme::Basic)),
        ("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie))),
    ]
}

/// Every status of a refusal, its name among the components, and what it means.
const REFUSALS: [(u16, &str, &str); 19] = [
    (400, "BadRequest", "请求有误 The request is not as it is documented"),
    (401, "Unauthorized", "没有有效的会话或访问令牌 There is no valid session or access token"),
    (403, "Forbidden", "角色没有此权限 The role does not allow this"),
    (404, "NotFound", "没有找到，或不可见 Not found, or not among what the caller may know"),
    (405, "MethodNotAllowed", "方法不支持 The address does not know the method"),
    (406, "NotAcceptable", "无法以所要求的类型返回 The answer cannot be given in that type"),
    (408, "RequestTimeout", "请求内容未按时收完 The body did not arrive in time"),
    (409, "Conflict", "与现有内容冲突 It conflicts with what is there"),
    (410, "Gone", "档案已销毁 The dossier was erased"),
    (412, "PreconditionFailed", "版本已变化 The record has another version by now"),
    (413, "ContentTooLarge", "请求内容过大 The body is too large"),
    (414, "UriTooLong", "地址过长 The address is too long"),
    (415, "UnsupportedMediaType", "请求内容类型不支持 The content type is not supported"),
    (422, "UnprocessableContent", "内容需修改 Values have to be mended"),
    (428, "PreconditionRequired", "缺少 If-Match The version that the caller saw has to be named"),
    (429, "TooManyRequests", "请求过多或配额用完 Too many requests, or a quota is used up"),
    (431, "HeadersTooLarge", "请求头过大 The header fields are too large"),
    (500, "InternalError", "内部错误 A mistake of ours"),
    (503, "Unavailable", "暂不可用 Not for the moment"),
];

fn problem(status: u16, about: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
    let response = ResponseBuilder::new().description(about).content(PROBLEM, content);
    let header = |of: Type, about: &str| {
        HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(of)))
            .description(Some(about))
            .build()
    };
    match status {
        401 => response.header("WWW-Authenticate", header(Type::String, "Bearer")),
        405 => {
            response.header("Allow", header(Type::String, "可用的方法 The methods that the address knows"))
        }
        429 | 503 => response.header("Retry-After", header(Type::Integer, "秒 Seconds")),
        _ => response,
    }
    .build()
}

fn refusals(statuses: &[u16]) -> BTreeMap<String, RefOr<Response>> {
    let of = |status: &u16| {
        let (_, name, _) = REFUSALS.iter().find(|(known, ..)| known == status)?;
        Some((status.to_string(), RefOr::Ref(Ref::from_response_name(*name))))
    };
    statuses.iter().filter_map(of).collect()
}

/// Sets of refusals that endpoints have in common.
macro_rules! sets {
    ($($(#[doc = $about:literal])* $name:ident = $statuses:expr;)*) => {$(
        $(#[doc = $about])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                refusals(&$statuses)
            }
        }
    )*};
}

sets! {
    /// What any endpoint may answer, whoever asks.
    Open = [400, 405, 406, 414, 429, 431, 500, 503];
    /// What a page may answer, whoever asks.
    Page = [405, 406, 414, 429, 431, 500, 503];
    /// What any endpoint may answer that wants a token.
    Guarded = [400, 401, 403, 405, 406, 414, 422, 429, 431, 500, 503];
    /// What an endpoint may answer before anybody has signed in.
    SignedOut = [400, 401, 403, 405, 406, 414, 422, 429, 431, 500, 503];
    /// What the endpoint may answer that is always answered.
    Watched = [405, 406, 500];
    /// Where something is named that may not be there.
    Named = [404, 410];
    /// Where something is named that is never gone for good.
    Absent = [404];
    /// Where the answer to an earlier command may be asked for again, after what it made was erased.
    Repeated = [410];
    /// Where something is done that may be in conflict with what is under way.
    Conflicting = [409];
    /// Where a body is sent.
    Sent = [408, 413, 415];
    /// Where a body is sent that may be in conflict with what is there.
    Written = [408, 409, 413, 415];
    /// Where the version that was seen has to be named.
    Versioned = [412, 428];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_set_names_refusals_that_are_described() {
        for (set, count) in [
            (Open::responses(), 8),
            (Page::responses(), 7),
            (Watched::responses(), 3),
            (Guarded::responses(), 11),
            (SignedOut::responses(), 11),
            (Named::responses(), 2),
            (Absent::responses(), 1),
            (Repeated::responses(), 1),
            (Conflicting::responses(), 1),
            (Sent::responses(), 3),
            (Written::responses(), 4),
            (Versioned::responses(), 2),
        ] {
            assert_eq!(set.len(), count);
        }
    }
}
