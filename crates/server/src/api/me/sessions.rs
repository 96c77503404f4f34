//! `GET /v1/me/sessions`, `DELETE /v1/me/sessions`, `DELETE /v1/me/sessions/{id}`: where one is signed in.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::api::document::{Absent, Guarded, Sent};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{items, json};
use crate::http::problem::Refused;
use crate::input::{Body, Path};
use crate::shape::shaped;

shaped! {
    /// Which session.
    Path SessionId {
        /// 会话编号
        must id: String = Form(&forms::SESSION);
    }
}

shaped! {
    /// The password.
    Body EndSessions, example r#"{ "password": "plum harbour seven" }"# {
        /// 口令
        must password: String = Text { least: 1, most: 512 };
    }
}

#[utoipa::path(
    get,
    path = "/v1/me/sessions",
    operation_id = "listOwnSessions",
    tag = "people",
    summary = "我的会话 Where I am signed in",
    responses((status = 200, description = "会话，最新在前 Sessions, newest first", body = shown::OwnSessions), Guarded)
)]
pub(crate) async fn list(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&items(&engine.own_sessions(caller)?))).await
}

#[utoipa::path(
    delete,
    path = "/v1/me/sessions/{id}",
    operation_id = "endOwnSession",
    tag = "people",
    summary = "结束一个会话 End one session",
    params(SessionId),
    request_body = EndSessions,
    responses((status = 204, description = "已结束 Ended"), Guarded, Absent, Sent)
)]
pub(crate) async fn end(
    asked: Asked,
    Path(path): Path<SessionId>,
    Body(body): Body<EndSessions>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            engine.end_own_session(caller, &path?.id, &body?.password)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}

#[utoipa::path(
    delete,
    path = "/v1/me/sessions",
    operation_id = "endOtherSessions",
    tag = "people",
    summary = "结束其他会话 End all other sessions",
    request_body = EndSessions,
    responses((status = 204, description = "已结束 Ended"), Guarded, Sent)
)]
pub(crate) async fn end_others(asked: Asked, Body(body): Body<EndSessions>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            engine.end_other_sessions(caller, &body?.password)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}
