//! `GET /v1/me/passkeys`, `POST /v1/me/passkeys`, `POST /v1/me/passkeys/challenge`, `PATCH /v1/me/passkeys/{id}`,
//! `DELETE /v1/me/passkeys/{id}`: one's own passkeys (WebAuthn).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dossier_engine::NewPasskey;
use serde_json::{Map, Value as Json};

use crate::api::document::{Absent, Conflicting, Guarded, Written};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{items, json, with_status};
use crate::http::problem::Refused;
use crate::input::{Body, Path};
use crate::shape::shaped;

shaped! {
    /// Which passkey.
    Path PasskeyId {
        /// 通行密钥编号
        must id: String = Form(&forms::PASSKEY);
    }
}

shaped! {
    /// A passkey that the browser made, and what it shall be called.
    Body AddPasskey,
        example r#"{ "name": "办公电脑", "challenge": "3lD5mWkq0c1p", "credential": { "id": "x", "type": "public-key" } }"# {
        /// 名称
        must name: String = Form(&forms::NAME);
        /// 挑战 As `POST /v1/me/passkeys/challenge` gave it.
        must challenge: String = Text { least: 1, most: 8192 };
        /// 凭据 As `PublicKeyCredential.toJSON()` gives it.
        must credential: Map<String, Json> = Object;
    }
}

shaped! {
    /// Another name.
    Body RenamePasskey, example r#"{ "name": "家里的电脑" }"# {
        /// 名称
        must name: String = Form(&forms::NAME);
    }
}

#[utoipa::path(
    get,
    path = "/v1/me/passkeys",
    operation_id = "listOwnPasskeys",
    tag = "people",
    summary = "我的通行密钥 My passkeys",
    responses((status = 200, description = "通行密钥，按添加先后 Passkeys, as they were added", body = shown::Passkeys), Guarded)
)]
pub(crate) async fn list(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&items(&engine.passkeys(caller)?))).await
}

#[utoipa::path(
    post,
    path = "/v1/me/passkeys/challenge",
    operation_id = "challengeForPasskey",
    tag = "people",
    summary = "取得添加通行密钥的挑战 What an authenticator is asked for a new passkey",
    description = "5 分钟内有效，只能用一次。It holds for five minutes and counts once.",
    responses((status = 200, description = "挑战 A challenge", body = shown::Challenge), Guarded, Conflicting)
)]
pub(crate) async fn challenge(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.begin_passkey(caller)?)).await
}

#[utoipa::path(
    post,
    path = "/v1/me/passkeys",
    operation_id = "addPasskey",
    tag = "people",
    summary = "添加通行密钥 Add a passkey",
    description = "其他会话随即结束。All other sessions end with it.",
    request_body = AddPasskey,
    responses((status = 201, description = "已添加 Added", body = shown::Passkey), Guarded, Written)
)]
pub(crate) async fn add(asked: Asked, Body(body): Body<AddPasskey>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let AddPasskey { name, challenge, credential } = body?;
            let added = engine.add_passkey(caller, &NewPasskey { name, challenge, credential })?;
            with_status(StatusCode::CREATED, &added)
        })
        .await
}

#[utoipa::path(
    patch,
    path = "/v1/me/passkeys/{id}",
    operation_id = "renamePasskey",
    tag = "people",
    summary = "重命名通行密钥 Call a passkey something else",
    params(PasskeyId),
    request_body = RenamePasskey,
    responses((status = 200, description = "已重命名 Renamed", body = shown::Passkey), Guarded, Absent, Written)
)]
pub(crate) async fn rename(
    asked: Asked,
    Path(path): Path<PasskeyId>,
    Body(body): Body<RenamePasskey>,
) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.rename_passkey(caller, &path?.id, &body?.name)?)).await
}

#[utoipa::path(
    delete,
    path = "/v1/me/passkeys/{id}",
    operation_id = "removePasskey",
    tag = "people",
    summary = "删除通行密钥 Remove a passkey",
    description = "其他会话随即结束。All other sessions end with it.",
    params(PasskeyId),
    responses((status = 204, description = "已删除 Removed"), Guarded, Absent)
)]
pub(crate) async fn remove(asked: Asked, Path(path): Path<PasskeyId>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            engine.remove_passkey(caller, &path?.id)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}
