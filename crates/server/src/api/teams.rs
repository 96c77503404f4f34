//! `GET /v1/teams`, `POST /v1/teams`: the unit of row rules.

use axum::http::StatusCode;
use axum::response::Response;

use super::document::{Guarded, Written};
use super::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{items, json, with_status};
use crate::http::problem::Refused;
use crate::input::Body;
use crate::shape::shaped;

shaped! {
    /// A new team.
    Body AddTeam, example r#"{ "name": "华东" }"# {
        /// 名称
        must name: String = Form(&forms::NAME);
    }
}

#[utoipa::path(
    get,
    path = "/v1/teams",
    operation_id = "listTeams",
    tag = "access",
    summary = "列出团队 List teams",
    responses((status = 200, description = "团队 Teams", body = shown::Teams), Guarded)
)]
pub(crate) async fn list(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&items(&engine.teams(caller)?))).await
}

#[utoipa::path(
    post,
    path = "/v1/teams",
    operation_id = "addTeam",
    tag = "access",
    summary = "添加团队 Add a team",
    request_body = AddTeam,
    responses((status = 201, description = "已添加 Added", body = shown::Team), Guarded, Written)
)]
pub(crate) async fn add(asked: Asked, Body(body): Body<AddTeam>) -> Result<Response, Refused> {
    asked.run(|engine, caller| with_status(StatusCode::CREATED, &engine.add_team(caller, &body?.name)?)).await
}
