//! `PATCH /v1/contacts/{id}`.

use axum::response::Response;
use dossier_engine::Change;
use dossier_engine::model::Kinds;
use serde_json::{Map, Value as Json};

use super::{ContactId, KIND};
use crate::api::document::{Guarded, Named, Versioned, Written};
use crate::api::records::{Seen, changed};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::problem::Refused;
use crate::input::{Body, Headers, Path};
use crate::shape::shaped;

shaped! {
    /// What changes; null clears a field, what is left out stays.
    Body ContactChange, example r#"{ "fields": { "title": "采购总监" } }"# {
        must fields: Map<String, Json> = Fields(Kinds::contact);
        /// 来源 Where the values come from.
        may source: Option<String> = OneOf(forms::SOURCES);
        /// 理由 Why, for those who may have to approve it.
        may reason: Option<String> = Form(&forms::PURPOSE);
    }
}

#[utoipa::path(
    patch,
    path = "/v1/contacts/{id}",
    operation_id = "changeContact",
    tag = "contacts",
    summary = "修改联系人 Change a contact",
    description = "需带 `If-Match`；脱敏后的值不能原样写回。Needs `If-Match`; a masked value sent back is refused.",
    params(ContactId, Seen),
    request_body = ContactChange,
    responses(
        (status = 200, description = "已修改 Changed", body = shown::Contact, headers(
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
    Path(path): Path<ContactId>,
    Headers(seen): Headers<Seen>,
    Body(body): Body<ContactChange>,
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
                    source: body.source,
                    remark: body.reason,
                    idempotency_key: seen.idempotency_key,
                    ..Change::default()
                },
            )?;
            changed(&done)
        })
        .await
}
