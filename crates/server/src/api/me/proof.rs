//! `POST /v1/me/proof`, `POST /v1/me/proof/challenge`: showing anew who sits in a session.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dossier_engine::OwnProof;
use dossier_engine::model::Fault;
use serde_json::{Map, Value as Json};

use crate::api::document::{Conflicting, Guarded, Written};
use crate::api::shown;
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::Body;
use crate::shape::shaped;

shaped! {
    /// The password; or the answer of a passkey, with what it was asked.
    Body GiveProof, example r#"{ "password": "plum harbour seven" }"# {
        /// 口令
        may password: Option<String> = Text { least: 1, most: 512 };
        /// 挑战 As `POST /v1/me/proof/challenge` gave it.
        may challenge: Option<String> = Text { least: 1, most: 8192 };
        /// 凭据 As `PublicKeyCredential.toJSON()` gives it.
        may credential: Option<Map<String, Json>> = Object;
    }
}

#[utoipa::path(
    post,
    path = "/v1/me/proof/challenge",
    operation_id = "challengeForProof",
    tag = "people",
    summary = "取得确认身份的挑战 What a passkey is asked to show who one is",
    description = "5 分钟内有效，只能用一次。It holds for five minutes and counts once.",
    responses((status = 200, description = "挑战 A challenge", body = shown::Challenge), Guarded, Conflicting)
)]
pub(crate) async fn challenge(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.proof_challenge(caller)?)).await
}

#[utoipa::path(
    post,
    path = "/v1/me/proof",
    operation_id = "giveProof",
    tag = "people",
    summary = "确认是本人 Show who one is",
    description = "此后 5 分钟内，可完成以 `proof_needed` 拒绝的操作。For five minutes, what was refused with `proof_needed` is done.",
    request_body = GiveProof,
    responses((status = 204, description = "已确认 Shown"), Guarded, Written)
)]
pub(crate) async fn give(asked: Asked, Body(body): Body<GiveProof>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let GiveProof { password, challenge, credential } = body?;
            let proof = match (password, challenge, credential) {
                (Some(password), None, None) => OwnProof::Password(password),
                (None, Some(challenge), Some(credential)) => OwnProof::Passkey { challenge, credential },
                _ => return Err(Fault::new("required").field("password")),
            };
            engine.give_proof(caller, &proof)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}
