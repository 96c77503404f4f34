//! `POST /v1/dossiers`.

use axum::response::Response;
use dossier_engine::Create;
use dossier_engine::model::Kinds;
use serde_json::{Map, Value as Json};

use super::KIND;
use crate::api::document::{Guarded, Repeated, Written};
use crate::api::records::{Once, created};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::problem::Refused;
use crate::input::{Body, Headers};
use crate::shape::shaped;

shaped! {
    /// A new dossier.
    Body NewDossier, example r#"{
        "fields": {
            "name": "示例科技（杭州）有限公司",
            "subject": "A",
            "phone": "15400000001",
            "email": "office@example.com",
            "representative": "韩示例"
        },
        "stage": 1,
        "source": "visit"
    }"# {
        must fields: Map<String, Json> = NewFields(Kinds::customer);
        /// 合作阶段 0 lead (when not given), 1 opportunity, 2 signed, 3 delivery, 4 after-sales, 5 terminated.
        may stage: Option<u8> = Whole { least: 0, most: 5 };
        /// 敏感等级 `L2` when not given.
        may level: Option<String> = OneOf(forms::LEVELS);
        /// 团队 Name or id of the owning team; the caller's own when not given.
        may team: Option<String> = Text { least: 1, most: 64 };
        /// 来源 Where the values come from.
        may source: Option<String> = OneOf(forms::SOURCES);
    }
}

#[utoipa::path(
    post,
    path = "/v1/dossiers",
    operation_id = "createDossier",
    tag = "dossiers",
    summary = "建立档案 Enter a dossier",
    description = "一户一档：证件或税号相同的客户已存在时返回 409。One customer, one dossier: 409 where there is one already.",
    params(Once),
    request_body = NewDossier,
    responses(
        (status = 201, description = "已建立 Entered", body = shown::Dossier, headers(
            ("Location" = String, description = "档案地址 The dossier's address"),
            ("ETag" = String, description = "版本 Its version"),
            ("Idempotency-Replayed" = bool, description = "重复的请求 Whether an earlier request did it"),
        )),
        Guarded,
        Written,
        Repeated
    )
)]
pub(crate) async fn create(
    asked: Asked,
    Headers(once): Headers<Once>,
    Body(body): Body<NewDossier>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (once, body) = (once?, body?);
            let done = engine.create(
                caller,
                &Create {
                    kind: KIND.to_owned(),
                    dossier: None,
                    fields: body.fields.into_iter().collect(),
                    stage: body.stage,
                    level: body.level,
                    team: body.team,
                    source: body.source,
                    idempotency_key: once.idempotency_key,
                },
            )?;
            created(&done, "/v1/dossiers/")
        })
        .await
}
