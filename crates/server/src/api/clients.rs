//! `GET /v1/clients`, `POST /v1/clients`, `DELETE /v1/clients/{id}`: programs with credentials of their own.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use dossier_engine::Registration;

use super::document::{Conflicting, Guarded, Named, Written};
use super::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{items, json, with_status};
use crate::http::problem::Refused;
use crate::input::{Body, Path};
use crate::shape::shaped;

shaped! {
    /// A new program.
    Body AddClient, example r#"{ "name": "crm-sync", "roles": ["CDE"] }"# {
        /// 名称
        must name: String = Form(&forms::NAME);
        /// 角色 Names or ids of roles.
        must roles: Vec<String> = List { of: &Form(&forms::NAME), most: 20 };
        /// 团队 Name or id of a team; the default team when not given.
        may team: Option<String> = Text { least: 1, most: 64 };
        /// 回跳地址 Where people are sent back to who let it act for them: https, or http on 127.0.0.1 and [::1] at any port.
        may redirect_uris: Vec<String> = AnyOf { of: &Text { least: 1, most: 512 }, most: 10 };
        /// 公开程序 Whether it has no secret, because it could keep none.
        may public: bool = Flag;
        /// 授权方式 How it gets tokens; with redirect URIs `authorization_code`, else `client_credentials`, when not given.
        may flows: Vec<String> = AnyOf { of: &OneOf(&["client_credentials", "authorization_code"]), most: 2 };
    }
}

shaped! {
    /// Which program.
    Path ClientId {
        /// 程序编号
        must id: String = Form(&forms::CLIENT);
    }
}

#[utoipa::path(
    get,
    path = "/v1/clients",
    operation_id = "listClients",
    tag = "access",
    summary = "列出程序 List programs",
    responses((status = 200, description = "程序 Programs", body = shown::Clients), Guarded)
)]
pub(crate) async fn list(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&items(&engine.clients(caller)?))).await
}

#[utoipa::path(
    post,
    path = "/v1/clients",
    operation_id = "addClient",
    tag = "access",
    summary = "添加程序 Add a program",
    description = "密钥只在此返回一次。The one time that its secret is seen.",
    request_body = AddClient,
    responses((status = 201, description = "已添加 Added", body = shown::NewClient), Guarded, Written)
)]
pub(crate) async fn add(asked: Asked, Body(body): Body<AddClient>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let body = body?;
            let AddClient { redirect_uris, public, flows, .. } = body;
            let how = Registration { redirect_uris, public, flows };
            let client =
                engine.register_client(caller, &body.name, &body.roles, body.team.as_deref(), &how)?;
            with_status(StatusCode::CREATED, &client)
        })
        .await
}

#[utoipa::path(
    delete,
    path = "/v1/clients/{id}",
    operation_id = "disableClient",
    tag = "access",
    summary = "停用程序 Disable a program",
    description = "不可恢复，其令牌立即失效。For good; its tokens end at once.",
    params(ClientId),
    responses((status = 204, description = "已停用 Disabled"), Guarded, Named, Conflicting)
)]
pub(crate) async fn disable(asked: Asked, Path(path): Path<ClientId>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            engine.disable_client(caller, &path?.id)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}
