//! `POST /v1/me/programs/asked`, `POST /v1/me/programs`, `POST /v1/me/programs/refused`: a program asks, the person answers;
//! `GET /v1/me/programs`, `DELETE /v1/me/programs/{id}`: which programs act for one, and no more.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dossier_engine::Authorize;
use dossier_engine::model::Fault;

use crate::api::document::{Absent, Conflicting, Guarded, Written};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{items, json};
use crate::http::problem::Refused;
use crate::input::{Body, Path};
use crate::shape::shaped;
use serde::Serialize;

shaped! {
    /// What the program sent the browser here with.
    Body ProgramAsks, example r#"{ "client_id": "cli_01ktzmay00e1hs6v0rhdvhtc0m", "redirect_uri": "https://crm.example.com/back", "response_type": "code", "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256" }"# {
        /// 程序编号
        may client_id: Option<String> = Text { least: 1, most: 128 };
        /// 回跳地址
        may redirect_uri: Option<String> = Text { least: 1, most: 512 };
        /// 回答方式
        may response_type: Option<String> = Text { least: 1, most: 64 };
        /// 程序自己的标记
        may state: Option<String> = Text { least: 1, most: 512 };
        /// 范围 There are none.
        may scope: Option<String> = Text { least: 1, most: 512 };
        /// 校验码摘要
        may code_challenge: Option<String> = Text { least: 1, most: 128 };
        /// 摘要方法
        may code_challenge_method: Option<String> = Text { least: 1, most: 64 };
    }
}

impl From<ProgramAsks> for Authorize {
    fn from(body: ProgramAsks) -> Authorize {
        Authorize {
            client_id: body.client_id,
            redirect_uri: body.redirect_uri,
            response_type: body.response_type,
            state: body.state,
            scope: body.scope,
            code_challenge: body.code_challenge,
            code_challenge_method: body.code_challenge_method,
        }
    }
}

shaped! {
    /// Which grant.
    Path GrantId {
        /// 授权编号
        must id: String = Form(&forms::SESSION);
    }
}

/// Where the browser goes now.
#[derive(Serialize)]
struct SentBack {
    to: String,
}

fn sent_back(to: String) -> Result<Response, Fault> {
    json(&SentBack { to })
}

#[utoipa::path(
    post,
    path = "/v1/me/programs/asked",
    operation_id = "lookAtProgram",
    tag = "oauth",
    summary = "查看程序的请求 What a program asks for",
    request_body = ProgramAsks,
    responses((status = 200, description = "程序的请求 What is asked", body = shown::ProgramAsked), Guarded, Written)
)]
pub(crate) async fn asked(asked: Asked, Body(body): Body<ProgramAsks>) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.program_asked(caller, &body?.into())?)).await
}

#[utoipa::path(
    post,
    path = "/v1/me/programs",
    operation_id = "letProgram",
    tag = "oauth",
    summary = "同意程序代表我 Let a program act for me",
    description = "须新近登录或重新验证。After a fresh proof of who asks.",
    request_body = ProgramAsks,
    responses((status = 200, description = "浏览器的去处 Where the browser goes", body = shown::SentBack), Guarded, Written)
)]
pub(crate) async fn agree(asked: Asked, Body(body): Body<ProgramAsks>) -> Result<Response, Refused> {
    asked.run(|engine, caller| sent_back(engine.let_program(caller, &body?.into())?)).await
}

#[utoipa::path(
    post,
    path = "/v1/me/programs/refused",
    operation_id = "refuseProgram",
    tag = "oauth",
    summary = "不同意程序代表我 Do not let a program act for me",
    request_body = ProgramAsks,
    responses((status = 200, description = "浏览器的去处 Where the browser goes", body = shown::SentBack), Guarded, Written)
)]
pub(crate) async fn refuse(asked: Asked, Body(body): Body<ProgramAsks>) -> Result<Response, Refused> {
    asked.run(|engine, caller| sent_back(engine.refuse_program(caller, &body?.into())?)).await
}

#[utoipa::path(
    get,
    path = "/v1/me/programs",
    operation_id = "listOwnPrograms",
    tag = "oauth",
    summary = "代表我的程序 Programs that act for me",
    responses((status = 200, description = "程序，最新在前 Programs, newest first", body = shown::OwnPrograms), Guarded)
)]
pub(crate) async fn list(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&items(&engine.own_programs(caller)?))).await
}

#[utoipa::path(
    delete,
    path = "/v1/me/programs/{id}",
    operation_id = "withdrawProgram",
    tag = "oauth",
    summary = "收回授权 Let a program act no more",
    params(GrantId),
    responses((status = 204, description = "已收回 It holds no tokens any more"), Guarded, Absent, Conflicting)
)]
pub(crate) async fn withdraw(asked: Asked, Path(path): Path<GrantId>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            engine.withdraw_program(caller, &path?.id)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}
