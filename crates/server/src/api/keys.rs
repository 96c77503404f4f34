//! `GET /v1/keys`, `POST /v1/keys/rotate`.

use axum::response::Response;

use super::document::{Guarded, Written};
use super::records::carried_out;
use super::shown;
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::Body;
use crate::shape::shaped;

shaped! {
    /// How far a rotation goes.
    Body Rotate, example r#"{ "data_keys": false }"# {
        /// 一并重新包裹数据密钥 Whether all bucket keys are renewed and all data keys wrapped again; this takes a while.
        may data_keys: bool = Flag;
    }
}

#[utoipa::path(
    get,
    path = "/v1/keys",
    operation_id = "keyStatus",
    tag = "keys",
    summary = "密钥状态 The state of the keys",
    responses((status = 200, description = "状态 State", body = shown::KeyReport), Guarded)
)]
pub(crate) async fn status(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.key_status(caller)?)).await
}

#[utoipa::path(
    post,
    path = "/v1/keys/rotate",
    operation_id = "rotateKeys",
    tag = "keys",
    summary = "轮换密钥 Rotate keys",
    description = "轮换期间读写照常。Reads and writes go on meanwhile.",
    request_body = Rotate,
    responses(
        (status = 200, description = "已轮换 Rotated", body = shown::Rotated),
        (status = 202, description = "等待审批 It waits for approval", body = shown::Waiting,
            headers(("Location" = String, description = "申请地址 The request's address"))),
        Guarded,
        Written
    )
)]
pub(crate) async fn rotate(asked: Asked, Body(body): Body<Rotate>) -> Result<Response, Refused> {
    asked.run(|engine, caller| carried_out(&engine.rotate_keys(caller, body?.data_keys)?, json)).await
}
