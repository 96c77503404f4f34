//! `POST /v1/me/totp`, `PUT /v1/me/totp`, `DELETE /v1/me/totp`: codes by an authenticator (RFC 6238).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::api::document::{Guarded, Sent};
use crate::api::shown;
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::Body;
use crate::shape::shaped;

shaped! {
    /// The password, where the person signed in more than five minutes ago.
    Body BeginTotp, example r#"{}"# {
        /// 口令
        may password: Option<String> = Text { least: 1, most: 512 };
    }
}

shaped! {
    /// The first code of the secret that was made last.
    Body ConfirmTotp, example r#"{ "code": "287082" }"# {
        /// 验证码
        must code: String = Text { least: 1, most: 16 };
    }
}

shaped! {
    /// The password.
    Body RemoveTotp, example r#"{ "password": "plum harbour seven" }"# {
        /// 口令
        must password: String = Text { least: 1, most: 512 };
    }
}

#[utoipa::path(
    post,
    path = "/v1/me/totp",
    operation_id = "beginTotp",
    tag = "people",
    summary = "生成动态验证码密钥 Make a secret for an authenticator",
    description = "以首个验证码确认之后才生效。In force once its first code is confirmed.",
    request_body = BeginTotp,
    responses((status = 200, description = "密钥，只显示这一次 The secret, shown this once", body = shown::NewTotp), Guarded, Sent)
)]
pub(crate) async fn begin(asked: Asked, Body(body): Body<BeginTotp>) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.begin_totp(caller, body?.password.as_deref())?)).await
}

#[utoipa::path(
    put,
    path = "/v1/me/totp",
    operation_id = "confirmTotp",
    tag = "people",
    summary = "启用动态验证码 Put it into force",
    request_body = ConfirmTotp,
    responses((status = 204, description = "已启用 In force"), Guarded, Sent)
)]
pub(crate) async fn confirm(asked: Asked, Body(body): Body<ConfirmTotp>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            engine.confirm_totp(caller, &body?.code)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}

#[utoipa::path(
    delete,
    path = "/v1/me/totp",
    operation_id = "removeTotp",
    tag = "people",
    summary = "停用动态验证码 Give it up",
    request_body = RemoveTotp,
    responses((status = 204, description = "已停用 Given up"), Guarded, Sent)
)]
pub(crate) async fn remove(asked: Asked, Body(body): Body<RemoveTotp>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            engine.remove_totp(caller, &body?.password)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}
