//! `POST /v1/session`, `GET /v1/session`, `DELETE /v1/session`: people sign in and out;
//! `POST /v1/session/challenge`, `POST /v1/session/passkey`: they sign in by a passkey;
//! `POST /v1/session/watermark`: their page tells that its watermark was gone.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dossier_engine::model::Fault;
use dossier_engine::{SignIn, SignInByPasskey, SignedIn};
use serde_json::{Map, Value as Json};

use super::document::{Conflicting, Guarded, Sent, SignedOut};
use super::shown;
use crate::app::{Ask, Asked, Own, Shared, blocking};
use crate::http::answer::json;
use crate::http::cookie;
use crate::http::problem::Refused;
use crate::input::Body;
use crate::shape::shaped;

shaped! {
    /// Name, password and, where the person has such codes, the code of the moment.
    Body SignInWith, example r#"{ "name": "example.han", "password": "plum harbour seven" }"# {
        /// 名称
        must name: String = Text { least: 1, most: 128 };
        /// 口令
        must password: String = Text { least: 1, most: 512 };
        /// 验证码 Six digits.
        may code: Option<String> = Text { least: 1, most: 16 };
    }
}

#[utoipa::path(
    post,
    path = "/v1/session",
    operation_id = "signIn",
    tag = "people",
    summary = "登录 Sign in",
    description = "成功时设置会话 Cookie。名称、口令、验证码哪一项有误不作区分；缺少验证码时 `type` 为 `code_required`。\
        Sets the cookie of the session. Which of name, password and code was wrong is not told; where only the code is \
        missing the problem is `code_required`.",
    security(()),
    request_body = SignInWith,
    responses(
        (status = 200, description = "已登录 Signed in", body = shown::Session,
            headers(("Set-Cookie" = String, description = "__Host-dossier"))),
        SignedOut,
        Sent,
    )
)]
pub(crate) async fn sign_in(
    State(app): State<Shared>,
    Extension(ask): Extension<Ask>,
    _own: Own,
    headers: HeaderMap,
    Body(body): Body<SignInWith>,
) -> Result<Response, Refused> {
    let (origin, agent, before) = (ask.origin(), cookie::agent(&headers), cookie::session(&headers));
    blocking(&ask, move || {
        let SignInWith { name, password, code } = body?;
        begun(app.engine.sign_in_person(&origin, &SignIn { name, password, code, agent, before })?)
    })
    .await
}

shaped! {
    /// The answer of a passkey to what it was asked; the name too, where one was typed.
    Body SignInByPasskeyWith, example r#"{ "challenge": "3lD5mWkq0c1p", "credential": { "id": "x", "type": "public-key" } }"# {
        /// 挑战 As `POST /v1/session/challenge` gave it.
        must challenge: String = Text { least: 1, most: 8192 };
        /// 凭据 As `PublicKeyCredential.toJSON()` gives it.
        must credential: Map<String, Json> = Object;
        /// 名称
        may name: Option<String> = Text { least: 1, most: 128 };
    }
}

#[utoipa::path(
    post,
    path = "/v1/session/challenge",
    operation_id = "challengeForSignIn",
    tag = "people",
    summary = "取得通行密钥登录的挑战 What a passkey is asked at signing in",
    description = "5 分钟内有效，只能用一次；不显示任何人的信息。It holds for five minutes and counts once, and tells of nobody.",
    security(()),
    responses((status = 200, description = "挑战 A challenge", body = shown::Challenge), SignedOut, Conflicting)
)]
pub(crate) async fn challenge(
    State(app): State<Shared>,
    Extension(ask): Extension<Ask>,
    _own: Own,
) -> Result<Response, Refused> {
    blocking(&ask, move || json(&app.engine.sign_in_challenge()?)).await
}

#[utoipa::path(
    post,
    path = "/v1/session/passkey",
    operation_id = "signInByPasskey",
    tag = "people",
    summary = "以通行密钥登录 Sign in by a passkey",
    description = "成功时设置会话 Cookie；哪一项有误不作区分。Sets the cookie of the session; what was wrong is not told.",
    security(()),
    request_body = SignInByPasskeyWith,
    responses(
        (status = 200, description = "已登录 Signed in", body = shown::Session,
            headers(("Set-Cookie" = String, description = "__Host-dossier"))),
        SignedOut,
        Conflicting,
        Sent,
    )
)]
pub(crate) async fn sign_in_by_passkey(
    State(app): State<Shared>,
    Extension(ask): Extension<Ask>,
    _own: Own,
    headers: HeaderMap,
    Body(body): Body<SignInByPasskeyWith>,
) -> Result<Response, Refused> {
    let (origin, agent, before) = (ask.origin(), cookie::agent(&headers), cookie::session(&headers));
    blocking(&ask, move || {
        let SignInByPasskeyWith { challenge, credential, name } = body?;
        let with = SignInByPasskey { challenge, credential, name, agent, before };
        begun(app.engine.sign_in_by_passkey(&origin, &with)?)
    })
    .await
}

/// The session and its cookie.
pub(super) fn begun(signed_in: SignedIn) -> Result<Response, Fault> {
    let mut response = json(&signed_in.session)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie::set(&signed_in.cookie)?);
    Ok(response)
}

#[utoipa::path(
    get,
    path = "/v1/session",
    operation_id = "readSession",
    tag = "people",
    summary = "本次会话 The session of whoever asks",
    responses((status = 200, description = "会话 The session", body = shown::Session), Guarded)
)]
pub(crate) async fn read(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.session(caller)?)).await
}

#[utoipa::path(
    delete,
    path = "/v1/session",
    operation_id = "signOut",
    tag = "people",
    summary = "退出登录 Sign out",
    responses(
        (status = 204, description = "已退出 Signed out", headers(("Set-Cookie" = String, description = "empty"))),
        Guarded,
    )
)]
pub(crate) async fn sign_out(asked: Asked) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            engine.sign_out(caller)?;
            let mut response = StatusCode::NO_CONTENT.into_response();
            response.headers_mut().insert(header::SET_COOKIE, cookie::clear());
            Ok(response)
        })
        .await
}

#[utoipa::path(
    post,
    path = "/v1/session/watermark",
    operation_id = "watermarkMissed",
    tag = "people",
    summary = "报告水印缺失 Tell that the watermark was gone",
    description = "页面发现水印被移除并已恢复时调用，记入台账；仅作威慑。The page calls this when it found its watermark gone \
        and put it back; it is recorded. A deterrent, no more.",
    responses((status = 204, description = "已记录 Recorded"), Guarded)
)]
pub(crate) async fn watermark_missed(asked: Asked) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            engine.watermark_missed(caller)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}
