//! `GET /v1/hand-overs`, `POST /v1/hand-overs/{id}/take`: what those answered for who left or moved.

use axum::response::Response;

use super::document::{Absent, Conflicting, Guarded};
use super::records::carried_out;
use super::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{items, json};
use crate::http::problem::Refused;
use crate::input::{Path, Query};
use crate::shape::shaped;

shaped! {
    /// Which hand-overs.
    Query ListHandOvers {
        /// 全部 All that are open, for whoever manages people; else those that wait for the caller.
        may all: bool = Flag;
    }
}

shaped! {
    /// Which hand-over.
    Path HandOverId {
        /// 移交编号
        must id: String = Form(&forms::HAND_OVER);
    }
}

#[utoipa::path(
    get,
    path = "/v1/hand-overs",
    operation_id = "listHandOvers",
    tag = "access",
    summary = "列出待接手的移交 List hand-overs",
    params(ListHandOvers),
    responses((status = 200, description = "移交 Hand-overs", body = shown::HandOvers), Guarded)
)]
pub(crate) async fn list(asked: Asked, Query(query): Query<ListHandOvers>) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&items(&engine.hand_overs(caller, query?.all)?))).await
}

#[utoipa::path(
    post,
    path = "/v1/hand-overs/{id}/take",
    operation_id = "takeHandOver",
    tag = "access",
    summary = "接手 Take a hand-over over",
    description = "客户的负责人逐份改为接手人，每份各为一个新版本。\
        The heir becomes the owner of each dossier, as a version of its own.",
    params(HandOverId),
    responses(
        (status = 200, description = "已接手 Taken over", body = shown::HandOver),
        (status = 202, description = "等待审批 It waits for approval", body = shown::Waiting,
            headers(("Location" = String, description = "申请地址 The request's address"))),
        Guarded,
        Absent,
        Conflicting
    )
)]
pub(crate) async fn take(asked: Asked, Path(path): Path<HandOverId>) -> Result<Response, Refused> {
    asked.run(|engine, caller| carried_out(&engine.take_over(caller, &path?.id)?, json)).await
}
