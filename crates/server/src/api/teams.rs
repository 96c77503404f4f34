//! `GET` and `POST /v1/teams`, `PATCH /v1/teams/{id}`: the unit of row rules, and the tree of the firm.

use dossier_engine::TeamChange;

use axum::http::StatusCode;
use axum::response::Response;

use super::document::{Absent, Conflicting, Guarded, Written};
use super::records::carried_out;
use super::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{items, json, with_status};
use crate::http::problem::Refused;
use crate::input::{Body, Path};
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

shaped! {
    /// Which team.
    Path TeamId {
        /// 团队编号
        must id: String = Form(&forms::TEAM);
    }
}

shaped! {
    /// What becomes of a team; what is not said stays.
    Body ChangeTeam, least 1, example r#"{ "above": "华东", "lead": "example.han" }"# {
        /// 名称
        may name: Option<String> = Form(&forms::NAME);
        /// 上级 Name or id of the team that it is part of; an empty one for none.
        may above: Option<String> = Text { least: 0, most: 64 };
        /// 主管 Name or id of the line manager; an empty one for none.
        may lead: Option<String> = Text { least: 0, most: 64 };
    }
}

#[utoipa::path(
    patch,
    path = "/v1/teams/{id}",
    operation_id = "changeTeam",
    tag = "access",
    summary = "修改团队 Change a team",
    description = "名称、上级团队、直属主管。Its name, the team above it, its people's line manager.",
    params(TeamId),
    request_body = ChangeTeam,
    responses(
        (status = 200, description = "已更改 Changed", body = shown::Team),
        (status = 202, description = "等待审批 It waits for approval", body = shown::Waiting,
            headers(("Location" = String, description = "申请地址 The request's address"))),
        Guarded,
        Absent,
        Conflicting,
        Written
    )
)]
pub(crate) async fn change(
    asked: Asked,
    Path(path): Path<TeamId>,
    Body(body): Body<ChangeTeam>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, body) = (path?, body?);
            let ask = TeamChange { name: body.name, above: body.above, lead: body.lead };
            carried_out(&engine.change_team(caller, &path.id, &ask)?, json)
        })
        .await
}
