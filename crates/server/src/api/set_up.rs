//! `POST /v1/set-up/look`, `POST /v1/set-up`: people set themselves up by a link that is used once.
//! `GET /v1/set-up/state`: how far a new installation is.

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use dossier_engine::SetUp;

use super::document::{Absent, Conflicting, Guarded, Sent, SignedOut};
use super::{forms, session, shown};
use crate::app::{Ask, Asked, Own, Shared, blocking};
use crate::http::answer::json;
use crate::http::cookie;
use crate::http::problem::Refused;
use crate::input::Body;
use crate::shape::shaped;

shaped! {
    /// The secret of the link: what is behind its `#`.
    Body LookAtLink, example r#"{ "token": "3lD5mWkq0c1p7uXnC0Yt2vKjH8sQe4RzB6oTfGaIxVs" }"# {
        /// 链接中的密钥
        must token: String = Text { least: 1, most: 128 };
    }
}

shaped! {
    /// A password for whoever has the link; the name too, for the first CDO.
    Body SetUpWith,
        example r#"{ "token": "3lD5mWkq0c1p7uXnC0Yt2vKjH8sQe4RzB6oTfGaIxVs", "password": "plum harbour seven" }"# {
        /// 链接中的密钥
        must token: String = Text { least: 1, most: 128 };
        /// 名称 Of the first CDO alone.
        may name: Option<String> = Form(&forms::NAME);
        /// 口令 As `sign_in.passwords` wants it.
        must password: String = Text { least: 1, most: 512 };
    }
}

#[utoipa::path(
    post,
    path = "/v1/set-up/look",
    operation_id = "lookAtLink",
    tag = "people",
    summary = "查看链接用途 What a link is for",
    security(()),
    request_body = LookAtLink,
    responses((status = 200, description = "用途 What it is for", body = shown::LinkShown), SignedOut, Absent, Sent)
)]
pub(crate) async fn look(
    State(app): State<Shared>,
    Extension(ask): Extension<Ask>,
    _own: Own,
    Body(body): Body<LookAtLink>,
) -> Result<Response, Refused> {
    let origin = ask.origin();
    blocking(&ask, move || json(&app.engine.look_at_link(&origin, &body?.token)?)).await
}

#[utoipa::path(
    post,
    path = "/v1/set-up",
    operation_id = "setUp",
    tag = "people",
    summary = "设置口令并登录 Choose a password and sign in",
    description = "链接随即失效。The link is used up.",
    security(()),
    request_body = SetUpWith,
    responses(
        (status = 200, description = "已登录 Signed in", body = shown::Session,
            headers(("Set-Cookie" = String, description = "__Host-dossier"))),
        SignedOut,
        Absent,
        Conflicting,
        Sent,
    )
)]
pub(crate) async fn set_up(
    State(app): State<Shared>,
    Extension(ask): Extension<Ask>,
    _own: Own,
    headers: HeaderMap,
    Body(body): Body<SetUpWith>,
) -> Result<Response, Refused> {
    let (origin, agent, before) = (ask.origin(), cookie::agent(&headers), cookie::session(&headers));
    blocking(&ask, move || {
        let SetUpWith { token, name, password } = body?;
        session::begun(app.engine.set_up(&origin, &SetUp { token, name, password, agent, before })?)
    })
    .await
}

#[utoipa::path(
    get,
    path = "/v1/set-up/state",
    operation_id = "readSetUpState",
    tag = "access",
    summary = "首次配置的进度 How far a new installation is",
    description = "由现有内容算出。Computed from what is there.",
    responses((status = 200, description = "进度 State", body = shown::SetUpState), Guarded)
)]
pub(crate) async fn state(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.set_up_state(caller)?)).await
}
