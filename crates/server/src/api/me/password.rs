//! `PUT /v1/me/password`: a new password.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::api::document::{Guarded, Sent};
use crate::app::Asked;
use crate::http::problem::Refused;
use crate::input::Body;
use crate::shape::shaped;

shaped! {
    /// The password and the one that takes its place, which has to be as `sign_in.passwords` wants it.
    Body ChangePassword, example r#"{ "current": "plum harbour seven", "new": "nine quiet lanterns" }"# {
        /// 现口令
        must current: String = Text { least: 1, most: 512 };
        /// 新口令
        must new: String = Text { least: 1, most: 512 };
    }
}

#[utoipa::path(
    put,
    path = "/v1/me/password",
    operation_id = "changePassword",
    tag = "people",
    summary = "更换口令 Change one's password",
    description = "其他会话随即结束。All other sessions end with it.",
    request_body = ChangePassword,
    responses((status = 204, description = "已更换 Changed"), Guarded, Sent)
)]
pub(crate) async fn change(asked: Asked, Body(body): Body<ChangePassword>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let body = body?;
            engine.change_password(caller, &body.current, &body.new)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}
