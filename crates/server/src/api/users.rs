//! `GET /v1/users`, `POST /v1/users`: people.

pub(crate) mod manage;

use axum::http::StatusCode;
use axum::response::Response;

use super::document::{Guarded, Written};
use super::records::carried_out;
use super::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{items, json, with_status};
use crate::http::problem::Refused;
use crate::input::Body;
use crate::shape::shaped;

shaped! {
    /// A new person.
    Body AddUser, example r#"{ "name": "example.han", "roles": ["CDA"] }"# {
        /// 名称
        must name: String = Form(&forms::NAME);
        /// 角色 Names or ids of roles.
        must roles: Vec<String> = List { of: &Form(&forms::NAME), most: 20 };
        /// 团队 Name or id of a team; the default team when not given.
        may team: Option<String> = Text { least: 1, most: 64 };
    }
}

#[utoipa::path(
    get,
    path = "/v1/users",
    operation_id = "listUsers",
    tag = "access",
    summary = "列出人员 List people",
    responses((status = 200, description = "人员 People", body = shown::Users), Guarded)
)]
pub(crate) async fn list(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&items(&engine.users(caller)?))).await
}

#[utoipa::path(
    post,
    path = "/v1/users",
    operation_id = "addUser",
    tag = "access",
    summary = "添加人员 Add a person",
    description = "返回的链接 24 小时内可用一次，请交给本人设置口令。The link is used once, within 24 hours: hand it over.",
    request_body = AddUser,
    responses(
        (status = 201, description = "已添加 Added", body = shown::NewUser),
        (status = 202, description = "等待审批 It waits for approval", body = shown::Waiting,
            headers(("Location" = String, description = "申请地址 The request's address"))),
        Guarded,
        Written
    )
)]
pub(crate) async fn add(asked: Asked, Body(body): Body<AddUser>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let body = body?;
            let user = engine.add_user(caller, &body.name, &body.roles, body.team.as_deref())?;
            carried_out(&user, |user| with_status(StatusCode::CREATED, user))
        })
        .await
}
