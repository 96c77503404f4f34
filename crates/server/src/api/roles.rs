//! `GET` and `POST /v1/roles`, `PUT` and `DELETE /v1/roles/{id}`: what roles allow.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dossier_engine::RoleForm;
use dossier_engine::model::{Fault, Mask};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

use super::document::{Absent, Conflicting, Guarded, Versioned, Written};
use super::records::carried_out;
use super::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{items, json, with_status};
use crate::http::problem::Refused;
use crate::input::{Body, Headers, Path};
use crate::shape::shaped;

shaped! {
    /// Which role.
    Path RoleId {
        /// 角色编号
        must id: String = Form(&forms::ROLE);
    }
}

shaped! {
    /// The version that was seen.
    Header SeenRole {
        /// 所见版本 The version that the caller saw, in quotation marks.
        must if_match as "If-Match": String = Form(&forms::IF_MATCH);
    }
}

shaped! {
    /// The rules of a role. What is not said is not given.
    Body RoleRules, example r#"{ "name": "财务", "inherits": ["CDU"], "actions": ["read"], "teams": "all", "see_to": "L3", "clear_to": "L2", "fields": { "customer.credit_limit": "openable" } }"# {
        /// 名称
        must name: String = Form(&forms::NAME);
        /// 继承自 Names or ids of roles that it takes over from.
        may inherits: Vec<String> = AnyOf { of: &Form(&forms::NAME), most: 20 };
        /// 可做 What may be done.
        may actions: Vec<String> = AnyOf { of: &OneOf(ACTIONS), most: 32 };
        /// 团队 Whose dossiers; the holder's own team when not given.
        may teams: Option<String> = OneOf(&["all", "own", "own_and_below", "named"]);
        /// 指定团队 Names or ids of teams, where `teams` is `named`.
        may named_teams: Vec<String> = AnyOf { of: &Text { least: 1, most: 64 }, most: 200 };
        /// 省份 Provinces; all when empty.
        may regions: Vec<String> = AnyOf { of: &Text { least: 2, most: 16 }, most: 34 };
        /// 行业 Industries; all when empty.
        may industries: Vec<String> = AnyOf { of: &Form(&forms::INDUSTRY), most: 50 };
        /// 客户等级 Customer levels; all when empty.
        may bands: Vec<String> = AnyOf { of: &Text { least: 1, most: 64 }, most: 20 };
        /// 本人负责 Only dossiers that the holder answers for.
        may own: bool = Flag;
        /// 可见至 The highest level that is seen at all; `L1` when not given.
        may see_to: Option<String> = OneOf(forms::LEVELS);
        /// 明文至 The highest level that is seen in clear; `L1` when not given.
        may clear_to: Option<String> = OneOf(forms::LEVELS);
        /// 可查看至 The highest level that is opened with a purpose; none when not given.
        may open_to: Option<String> = OneOf(forms::LEVELS);
        /// 字段 `masked`, `openable` or `clear` by `kind.field`; a field that is not named is hidden.
        may fields: BTreeMap<String, String> = Texts { most: 2000, longest: 16, none: false, empty: "" };
        /// 掩码 Masks of its own by `kind.field`, over the default one wherever the role shows the field masked: the name of
        /// a method, or `{"keep": {"first": 0, "last": 4}}`, `{"regex": {"pattern": …, "replace": …}}`.
        may masks: Map<String, Json> = Object;
        /// 星期 Days of the week, 1 for Monday to 7; every day when empty.
        may weekdays: Vec<u8> = AnyOf { of: &Whole { least: 1, most: 7 }, most: 7 };
        /// 自几时 The time of the day from which on it holds, Beijing time.
        may from_time: Option<String> = Form(&forms::TIME);
        /// 至几时 The time of the day until which it holds; before the other one: over midnight.
        may to_time: Option<String> = Form(&forms::TIME);
        /// 自何日 The first day on which it holds.
        may first_day: Option<String> = Day;
        /// 至何日 The last day on which it holds.
        may last_day: Option<String> = Day;
    }
}

/// What a role may allow.
const ACTIONS: &[&str] = dossier_engine::access::Action::NAMES;

impl RoleRules {
    fn form(self) -> Result<RoleForm, Fault> {
        let (body, least) = (self, RoleForm::default());
        Ok(RoleForm {
            name: body.name,
            inherits: body.inherits,
            actions: body.actions,
            teams: body.teams.unwrap_or(least.teams),
            named_teams: body.named_teams,
            regions: body.regions,
            industries: body.industries,
            bands: body.bands,
            own: body.own,
            see_to: body.see_to.unwrap_or(least.see_to),
            clear_to: body.clear_to.unwrap_or(least.clear_to),
            open_to: body.open_to,
            fields: body.fields,
            masks: body.masks.into_iter().map(mask_of).collect::<Result<_, _>>()?,
            weekdays: body.weekdays,
            from_time: body.from_time,
            to_time: body.to_time,
            first_day: body.first_day,
            last_day: body.last_day,
        })
    }
}

/// A mask of a field; what is none is not repeated.
fn mask_of((path, mask): (String, Json)) -> Result<(String, Mask), Fault> {
    match serde_json::from_value(mask) {
        Ok(mask) => Ok((path, mask)),
        Err(_) => Err(Fault::new("mask_invalid").field("masks")),
    }
}

#[utoipa::path(
    get,
    path = "/v1/roles",
    operation_id = "listRoles",
    tag = "access",
    summary = "列出角色 List roles",
    description = "内置角色在前。The built-in ones come first.",
    responses((status = 200, description = "角色 Roles", body = shown::Roles), Guarded)
)]
pub(crate) async fn list(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&items(&engine.roles(caller)?))).await
}

#[utoipa::path(
    post,
    path = "/v1/roles",
    operation_id = "addRole",
    tag = "access",
    summary = "添加角色 Add a role",
    description = "未写明的一律不给：未列出的字段为隐藏。Nothing is given that is not said: a field that is not named is hidden.",
    request_body = RoleRules,
    responses(
        (status = 201, description = "已添加 Added", body = shown::Role),
        (status = 202, description = "等待审批 It waits for approval", body = shown::Waiting,
            headers(("Location" = String, description = "申请地址 The request's address"))),
        Guarded,
        Written
    )
)]
pub(crate) async fn add(asked: Asked, Body(body): Body<RoleRules>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            carried_out(&engine.add_role(caller, &body?.form()?)?, |role| {
                with_status(StatusCode::CREATED, role)
            })
        })
        .await
}

#[utoipa::path(
    put,
    path = "/v1/roles/{id}",
    operation_id = "changeRole",
    tag = "access",
    summary = "修改角色 Change a role",
    description = "规则整体替换，对之后的每次请求立即生效。The rules are replaced as a whole, and hold for whoever asks next.",
    params(RoleId, SeenRole),
    request_body = RoleRules,
    responses(
        (status = 200, description = "已更改 Changed", body = shown::Role),
        (status = 202, description = "等待审批 It waits for approval", body = shown::Waiting,
            headers(("Location" = String, description = "申请地址 The request's address"))),
        Guarded,
        Absent,
        Versioned,
        Written
    )
)]
pub(crate) async fn change(
    asked: Asked,
    Path(path): Path<RoleId>,
    Headers(seen): Headers<SeenRole>,
    Body(body): Body<RoleRules>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, seen) = (path?, super::records::version_of(&seen?.if_match)?);
            carried_out(&engine.change_role(caller, &path.id, seen, &body?.form()?)?, json)
        })
        .await
}

#[utoipa::path(
    delete,
    path = "/v1/roles/{id}",
    operation_id = "removeRole",
    tag = "access",
    summary = "删除角色 Take a role away",
    description = "仍有人持有或被继承的角色不能删除。A role that somebody has, or another one takes over, stays.",
    params(RoleId),
    responses((status = 204, description = "已删除 Gone"), Guarded, Absent, Conflicting)
)]
pub(crate) async fn remove(asked: Asked, Path(path): Path<RoleId>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            engine.remove_role(caller, &path?.id)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}
