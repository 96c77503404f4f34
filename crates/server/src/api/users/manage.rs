//! `PATCH /v1/users/{id}`, `POST /v1/users/{id}/leave`, `POST /v1/users/{id}/set-up`, `DELETE /v1/users/{id}/sessions`: what becomes of people.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dossier_engine::model::Fault;
use dossier_engine::{Leave, Leaving, UserChange};

use crate::api::document::{Absent, Conflicting, Guarded, Written};
use crate::api::records::carried_out;
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::{Body, Path};
use crate::shape::shaped;

shaped! {
    /// Which person.
    Path UserId {
        /// 人员编号
        must id: String = Form(&forms::USER);
    }
}

shaped! {
    /// What becomes of a person.
    Body ChangeUser, least 1, example r#"{ "roles": ["CDU", "财务"] }"# {
        /// 是否停用 Alone, without the others. As who leaves without a named successor.
        may disabled: Option<bool> = Flag;
        /// 角色 Names or ids of all roles from now on.
        may roles: Option<Vec<String>> = List { of: &Form(&forms::NAME), most: 20 };
        /// 团队 Name or id of the team.
        may team: Option<String> = Text { least: 1, most: 64 };
    }
}

#[utoipa::path(
    patch,
    path = "/v1/users/{id}",
    operation_id = "changeUser",
    tag = "access",
    summary = "停用或启用人员，调整角色与团队 Disable or enable a person, change roles and team",
    description = "停用、收回角色或调离团队时，其会话与链接随即结束；最后一位 CDO 不能停用。\
        Sessions and links end at once of who is disabled, loses a role or moves to another team; the last CDO stays.",
    params(UserId),
    request_body = ChangeUser,
    responses(
        (status = 200, description = "已更改 Changed", body = shown::User),
        (status = 202, description = "等待审批 It waits for approval", body = shown::Waiting,
            headers(("Location" = String, description = "申请地址 The request's address"))),
        Guarded,
        Absent,
        Written
    )
)]
pub(crate) async fn change(
    asked: Asked,
    Path(path): Path<UserId>,
    Body(body): Body<ChangeUser>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, body) = (path?, body?);
            match body.disabled {
                Some(_) if body.roles.is_some() || body.team.is_some() => {
                    Err(Fault::new("unknown_field").field("disabled"))
                }
                Some(true) => json(&engine.leave(caller, &path.id, &Leave::of(Leaving::Left))?),
                Some(false) => carried_out(&engine.enable_user(caller, &path.id)?, json),
                None => {
                    let ask = UserChange { roles: body.roles, team: body.team };
                    carried_out(&engine.change_user(caller, &path.id, &ask)?, json)
                }
            }
        })
        .await
}

shaped! {
    /// That somebody leaves, moves, is demoted or seconded.
    Body LeaveUser, example r#"{ "how": "left", "successor": "example.han" }"# {
        /// 缘由 `left` (离职), `transferred` (调岗), `demoted` (降职), `seconded` (借调).
        must how: String = OneOf(Leaving::NAMES);
        /// 接手人 Name or id; the line manager when not given.
        may successor: Option<String> = Text { least: 1, most: 64 };
        /// 保留的角色 Names or ids of those that the person has; none of them when not given. Not for who has left.
        may roles: Option<Vec<String>> = List { of: &Form(&forms::NAME), most: 20 };
        /// 新团队 Name or id; not for who has left, nor with roles.
        may team: Option<String> = Text { least: 1, most: 64 };
    }
}

#[utoipa::path(
    post,
    path = "/v1/users/{id}/leave",
    operation_id = "leaveUser",
    tag = "access",
    summary = "离职、调岗、降职、借调：收回全部权限 Leaving, transfer, demotion, secondment",
    description = "立即生效，无需审批：会话、链接与待审批申请随即结束，名下的客户与程序移交给接手人。\
        At once and without approval: sessions, links and requests end, and what the person answered for is handed over.",
    params(UserId),
    request_body = LeaveUser,
    responses((status = 200, description = "已收回 Done", body = shown::User), Guarded, Absent, Written)
)]
pub(crate) async fn leave(
    asked: Asked,
    Path(path): Path<UserId>,
    Body(body): Body<LeaveUser>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, body) = (path?, body?);
            let how = Leaving::parse(&body.how).ok_or_else(|| Fault::new("internal"))?;
            let ask = Leave { how, successor: body.successor, roles: body.roles, team: body.team };
            json(&engine.leave(caller, &path.id, &ask)?)
        })
        .await
}

#[utoipa::path(
    post,
    path = "/v1/users/{id}/set-up",
    operation_id = "renewUser",
    tag = "access",
    summary = "重置：生成新链接 A new link for a person",
    description = "链接 24 小时内可用一次；原口令、动态验证码与会话随即作废。\
        The link is used once, within 24 hours; password, authenticator and sessions of the person end at once.",
    params(UserId),
    responses((status = 200, description = "链接，只显示这一次 The link, shown this once", body = shown::Link),
        Guarded, Absent, Conflicting)
)]
pub(crate) async fn renew(asked: Asked, Path(path): Path<UserId>) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.renew_user(caller, &path?.id)?)).await
}

#[utoipa::path(
    delete,
    path = "/v1/users/{id}/sessions",
    operation_id = "endUserSessions",
    tag = "access",
    summary = "结束某人的全部会话 Sign a person out everywhere",
    params(UserId),
    responses((status = 204, description = "已结束 Ended"), Guarded, Absent)
)]
pub(crate) async fn end_sessions(asked: Asked, Path(path): Path<UserId>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            engine.end_sessions(caller, &path?.id)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}
