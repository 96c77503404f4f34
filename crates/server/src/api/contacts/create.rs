//! `POST /v1/dossiers/{id}/contacts`.

use axum::response::Response;
use dossier_engine::Create;
use dossier_engine::model::Kinds;
use serde_json::{Map, Value as Json};

use super::KIND;
use crate::api::document::{Guarded, Named, Written};
use crate::api::dossiers::DossierId;
use crate::api::records::{Once, created};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::problem::Refused;
use crate::input::{Body, Headers, Path};
use crate::shape::shaped;

shaped! {
    /// A new contact.
    Body NewContact, example r#"{
        "fields": {
            "name": "韩示例",
            "title": "采购经理",
            "decision_role": "buyer",
            "mobile": "15400000002",
            "email": "han@example.com"
        },
        "source": "business_card"
    }"# {
        must fields: Map<String, Json> = NewFields(Kinds::contact);
        /// 来源 Where the values come from.
        may source: Option<String> = OneOf(forms::SOURCES);
    }
}

#[utoipa::path(
    post,
    path = "/v1/dossiers/{id}/contacts",
    operation_id = "createContact",
    tag = "contacts",
    summary = "添加联系人 Enter a contact",
    description = "联系人随所属档案的阶段、等级与团队。A contact has the stage, level and team of its dossier.",
    params(DossierId, Once),
    request_body = NewContact,
    responses(
        (status = 201, description = "已添加 Entered", body = shown::Contact, headers(
            ("Location" = String, description = "联系人地址 The contact's address"),
            ("ETag" = String, description = "版本 Its version"),
            ("Idempotency-Replayed" = bool, description = "重复的请求 Whether an earlier request did it"),
        )),
        Guarded,
        Named,
        Written
    )
)]
pub(crate) async fn create(
    asked: Asked,
    Path(path): Path<DossierId>,
    Headers(once): Headers<Once>,
    Body(body): Body<NewContact>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, once, body) = (path?, once?, body?);
            let done = engine.create(
                caller,
                &Create {
                    kind: KIND.to_owned(),
                    dossier: Some(path.id),
                    fields: body.fields.into_iter().collect(),
                    source: body.source,
                    idempotency_key: once.idempotency_key,
                    ..Create::default()
                },
            )?;
            created(&done, "/v1/contacts/")
        })
        .await
}
