//! `GET /v1/grants`, `POST /v1/grants`, `POST /v1/grants/{id}/end`: applications and temporary grants.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dossier_engine::model::Fault;
use dossier_engine::{Application, GrantBox};

use super::document::{Absent, Conflicting, Guarded, Sent};
use super::records::carried_out;
use super::{forms, shown};
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::{Body, Path, Query};
use crate::shape::shaped;

shaped! {
    /// Which grants.
    Query ListGrants {
        /// 哪些 `own` the caller's, `all` those of the people whose rights the caller looks after or audits.
        must of as "box": String = OneOf(GrantBox::NAMES);
    }
}

shaped! {
    /// Which grant.
    Path GrantId {
        /// 授权编号
        must id: String = Form(&forms::GRANT);
    }
}

shaped! {
    /// What somebody applies for: a role, or the use of data.
    Body NewGrant, example r#"{ "purpose": "季度对账", "last_day": "2026-12-05", "dossiers": ["C0026000000012K"], "actions": ["reveal"], "fields": { "customer.phone": "clear" } }"# {
        /// 用途 What for; those who decide read it.
        must purpose: String = Form(&forms::PURPOSE);
        /// 最后一天 The last day, at most the fifteenth from today; may be left out for a role that is to last.
        may last_day: Option<String> = Day;
        /// 角色 Name or id of a role; then nothing else is said.
        may role: Option<String> = Form(&forms::NAME);
        /// 档案 Ids or customer codes.
        may dossiers: Vec<String> = AnyOf { of: &Form(&forms::DOSSIER), most: 200 };
        /// 团队 Instead of dossiers: those of these teams.
        may teams: Option<String> = OneOf(&["own", "own_and_below", "all"]);
        /// 省份 Provinces; all when empty.
        may regions: Vec<String> = AnyOf { of: &Text { least: 2, most: 16 }, most: 34 };
        /// 行业 Industries; all when empty.
        may industries: Vec<String> = AnyOf { of: &Form(&forms::INDUSTRY), most: 50 };
        /// 可做 What is to be done beside reading.
        may actions: Vec<String> = AnyOf { of: &OneOf(dossier_engine::access::Action::NAMES), most: 32 };
        /// 字段 `masked`, `openable` or `clear` by `kind.field`.
        may fields: BTreeMap<String, String> = Texts { most: 2000, longest: 16, none: false, empty: "" };
        /// 可见至 The highest level that is needed; `L3` when not given.
        may highest: Option<String> = OneOf(forms::LEVELS);
    }
}

impl From<NewGrant> for Application {
    fn from(body: NewGrant) -> Application {
        Application {
            purpose: body.purpose,
            last_day: body.last_day,
            role: body.role,
            dossiers: body.dossiers,
            teams: body.teams,
            regions: body.regions,
            industries: body.industries,
            actions: body.actions,
            fields: body.fields,
            highest: body.highest,
        }
    }
}

#[utoipa::path(
    get,
    path = "/v1/grants",
    operation_id = "listGrants",
    tag = "grants",
    summary = "列出临时授权 List temporary grants",
    description = "有效的与近期结束的。Those that hold, and those that ended not long ago.",
    params(ListGrants),
    responses((status = 200, description = "授权 Grants", body = shown::Grants), Guarded)
)]
pub(crate) async fn list(asked: Asked, Query(query): Query<ListGrants>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let of = GrantBox::parse(&query?.of).ok_or_else(|| Fault::new("internal"))?;
            json(&engine.grants(caller, of)?)
        })
        .await
}

#[utoipa::path(
    post,
    path = "/v1/grants",
    operation_id = "applyForGrant",
    tag = "grants",
    summary = "申请数据使用或角色 Apply for the use of data or a role",
    description = "须经审批；通过后立即生效，到期自动结束。\
        It waits for others; once they agree it holds at once, and it ends by itself.",
    request_body = NewGrant,
    responses(
        (status = 204, description = "已生效（流程只有抽检且未抽中）In force: the flow asks for spot checks alone, and drew none"),
        (status = 202, description = "等待审批 It waits for approval", body = shown::Waiting,
            headers(("Location" = String, description = "申请地址 The request's address"))),
        Guarded,
        Conflicting,
        Sent
    )
)]
pub(crate) async fn apply(asked: Asked, Body(body): Body<NewGrant>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let applied = engine.apply(caller, &body?.into())?;
            carried_out(&applied, |()| Ok(StatusCode::NO_CONTENT.into_response()))
        })
        .await
}

#[utoipa::path(
    post,
    path = "/v1/grants/{id}/end",
    operation_id = "endGrant",
    tag = "grants",
    summary = "结束临时授权 End a temporary grant",
    description = "持有人用毕，或负责其权限的人收回；下一次请求起失效。\
        Its holder needs it no longer, or whoever looks after their rights takes it away; from the next request on.",
    params(GrantId),
    responses(
        (status = 200, description = "结束后的授权 The grant as it is now", body = shown::Grant),
        Guarded,
        Absent,
        Conflicting
    )
)]
pub(crate) async fn end(asked: Asked, Path(path): Path<GrantId>) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.end_grant(caller, &path?.id)?)).await
}
