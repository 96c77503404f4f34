//! `PATCH /v1/dossiers/{id}`.

use axum::response::Response;
use dossier_engine::Change;
use dossier_engine::model::Kinds;
use serde_json::{Map, Value as Json};

use super::{DossierId, KIND};
use crate::api::document::{Guarded, Named, Versioned, Written};
use crate::api::records::{Seen, changed};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::problem::Refused;
use crate::input::{Body, Headers, Path};
use crate::shape::shaped;

shaped! {
    /// What changes; null clears a field, what is left out stays.
    Body DossierChange, least 1, example r#"{ "fields": { "phone": "15400000002", "remarks": null }, "source": "visit" }"# {
        may fields: Map<String, Json> = Fields(Kinds::customer);
        /// 合作阶段 The new stage.
        may stage: Option<u8> = Whole { least: 0, most: 5 };
        /// 敏感等级 The new level.
        may level: Option<String> = OneOf(forms::LEVELS);
        /// 团队 Name or id of the new owning team.
        may team: Option<String> = Text { least: 1, most: 64 };
        /// 负责人 Name or id of who answers for it from now on; an empty text for nobody.
        may owner: Option<String> = Text { least: 0, most: 64 };
        /// 来源 Where the values come from.
        may source: Option<String> = OneOf(forms::SOURCES);
        /// 理由 Why, for those who may have to approve it.
        may reason: Option<String> = Form(&forms::PURPOSE);
    }
}

#[utoipa::path(
    patch,
    path = "/v1/dossiers/{id}",
    operation_id = "changeDossier",
    tag = "dossiers",
    summary = "修改档案 Change a dossier",
    description = "需带 `If-Match`；脱敏后的值不能原样写回。Needs `If-Match`; a masked value sent back is refused.",
    params(DossierId, Seen),
    request_body = DossierChange,
    responses(
        (status = 200, description = "已修改 Changed", body = shown::Dossier, headers(
            ("ETag" = String, description = "版本 Its version"),
            ("Idempotency-Replayed" = bool, description = "重复的请求 Whether an earlier request did it"),
        )),
        (status = 202, description = "等待审批 It waits for approval", body = shown::Waiting,
            headers(("Location" = String, description = "申请地址 The request's address"))),
        Guarded,
        Named,
        Written,
        Versioned
    )
)]
pub(crate) async fn change(
    asked: Asked,
    Path(path): Path<DossierId>,
    Headers(seen): Headers<Seen>,
    Body(body): Body<DossierChange>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, seen, body) = (path?, seen?, body?);
            let done = engine.change(
                caller,
                &Change {
                    kind: KIND.to_owned(),
                    id: path.id,
                    expect: seen.version()?,
                    fields: body.fields.into_iter().collect(),
                    stage: body.stage,
                    level: body.level,
                    team: body.team,
                    owner: body.owner,
                    source: body.source,
                    remark: body.reason,
                    idempotency_key: seen.idempotency_key,
                },
            )?;
            changed(&done)
        })
        .await
}
