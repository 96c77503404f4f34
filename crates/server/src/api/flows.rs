//! `GET` and `POST /v1/flows`, `POST /v1/flows/begin`, `PUT` and `DELETE /v1/flows/{id}`: what waits for whose approval.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dossier_engine::FlowForm;
use dossier_engine::model::Fault;
use serde_json::{Map, Value as Json, json as as_json};

use super::document::{Absent, Conflicting, Guarded, Sent, Versioned, Written};
use super::records::{carried_out, version_of};
use super::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{items, json, with_status};
use crate::http::problem::Refused;
use crate::input::{Body, Headers, Path};
use crate::shape::shaped;

shaped! {
    /// Which flow.
    Path FlowId {
        /// 流程编号
        must id: String = Form(&forms::FLOW);
    }
}

shaped! {
    /// The version that was seen.
    Header SeenFlow {
        /// 所见版本 The version that the caller saw, in quotation marks.
        must if_match as "If-Match": String = Form(&forms::IF_MATCH);
    }
}

shaped! {
    /// How approvals begin.
    Body BeginFlows, example r#"{ "alone": false }"# {
        /// 一人管理 Whether there is only one person who could decide: they approve what they ask for themselves, and each
        /// time is recorded as an alarm.
        must alone: bool = Flag;
    }
}

shaped! {
    /// A flow.
    Body FlowRules, example r#"{
        "name": { "zh": "联系方式", "en": "how to reach them" },
        "enabled": true,
        "when": { "commands": ["change"], "kind": "customer", "fields": ["phone"] },
        "steps": [{ "who": "manager", "limit": 1440, "then": [{ "role": { "role": "CDO", "of": "anywhere" } }] }],
        "approve_within": 10080,
        "execute_within": 1440
    }"# {
        /// 名称 In both languages, `zh` and `en`.
        must name: Map<String, Json> = Object;
        /// 启用
        must enabled: bool = Flag;
        /// 条件 `commands`, and where wanted `kind`, `fields`, `moves`, `condition` (CEL).
        must when: Map<String, Json> = Object;
        /// 步骤 `who`, and where wanted `quorum`, `spot`, `limit`, `remind`, `then`, `in_person`; times in minutes.
        must steps: Vec<Map<String, Json>> = List { of: &Object, most: 20 };
        /// 须为不同的人 `each` (from the asker and from each other), `asker`, or `nobody`.
        may apart: Option<String> = OneOf(&["each", "asker", "nobody"]);
        /// 审批时限 Minutes.
        must approve_within: u32 = Whole { least: 1, most: 129_600 };
        /// 执行时限 Minutes.
        must execute_within: u32 = Whole { least: 1, most: 129_600 };
        /// 可批量
        may bulk: bool = Flag;
    }
}

impl FlowRules {
    fn form(self) -> Result<FlowForm, Fault> {
        let members = as_json!({
            "name": self.name,
            "enabled": self.enabled,
            "when": self.when,
            "steps": self.steps,
            "apart": self.apart.as_deref().unwrap_or("each"),
            "approve_within": self.approve_within,
            "execute_within": self.execute_within,
            "bulk": self.bulk,
        });
        match members {
            Json::Object(members) => FlowForm::read(members),
            _ => Err(Fault::new("internal")),
        }
    }
}

#[utoipa::path(
    get,
    path = "/v1/flows",
    operation_id = "listFlows",
    tag = "approvals",
    summary = "列出审批流程 List flows",
    responses((status = 200, description = "流程 Flows", body = shown::Flows), Guarded)
)]
pub(crate) async fn list(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&items(&engine.flows(caller)?))).await
}

#[utoipa::path(
    post,
    path = "/v1/flows/begin",
    operation_id = "beginFlows",
    tag = "approvals",
    summary = "启用审批 Begin approvals",
    description = "写入默认流程；此后流程变更本身也须审批。Writes the flows of a new installation; from then on changes of \
        flows wait for approval themselves.",
    request_body = BeginFlows,
    responses((status = 201, description = "流程 Flows", body = shown::Flows), Guarded, Conflicting, Sent)
)]
pub(crate) async fn begin(asked: Asked, Body(body): Body<BeginFlows>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            with_status(StatusCode::CREATED, &items(&engine.begin_flows(caller, body?.alone)?))
        })
        .await
}

#[utoipa::path(
    post,
    path = "/v1/flows",
    operation_id = "addFlow",
    tag = "approvals",
    summary = "添加审批流程 Add a flow",
    request_body = FlowRules,
    responses(
        (status = 201, description = "已添加 Added", body = shown::Flow),
        (status = 202, description = "等待审批 It waits for approval", body = shown::Waiting,
            headers(("Location" = String, description = "申请地址 The request's address"))),
        Guarded,
        Written
    )
)]
pub(crate) async fn add(asked: Asked, Body(body): Body<FlowRules>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let flow = engine.add_flow(caller, &body?.form()?)?;
            carried_out(&flow, |flow| with_status(StatusCode::CREATED, flow))
        })
        .await
}

#[utoipa::path(
    put,
    path = "/v1/flows/{id}",
    operation_id = "changeFlow",
    tag = "approvals",
    summary = "修改审批流程 Change a flow",
    description = "已提交的申请仍按原流程。Requests go on as they were asked.",
    params(FlowId, SeenFlow),
    request_body = FlowRules,
    responses(
        (status = 200, description = "已更改 Changed", body = shown::Flow),
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
    Path(path): Path<FlowId>,
    Headers(seen): Headers<SeenFlow>,
    Body(body): Body<FlowRules>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, seen) = (path?, version_of(&seen?.if_match)?);
            carried_out(&engine.change_flow(caller, &path.id, seen, &body?.form()?)?, json)
        })
        .await
}

#[utoipa::path(
    delete,
    path = "/v1/flows/{id}",
    operation_id = "removeFlow",
    tag = "approvals",
    summary = "删除审批流程 Take a flow away",
    description = "按此流程等待的申请随之作废。Requests that wait by it are dropped.",
    params(FlowId),
    responses(
        (status = 204, description = "已删除 Gone"),
        (status = 202, description = "等待审批 It waits for approval", body = shown::Waiting,
            headers(("Location" = String, description = "申请地址 The request's address"))),
        Guarded,
        Absent,
        Conflicting
    )
)]
pub(crate) async fn remove(asked: Asked, Path(path): Path<FlowId>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            carried_out(&engine.remove_flow(caller, &path?.id)?, |()| {
                Ok(StatusCode::NO_CONTENT.into_response())
            })
        })
        .await
}
