//! `POST /v1/contacts/{id}/reveal`.

use axum::response::Response;
use dossier_engine::model::Kinds;
use dossier_engine::{Opening, Reveal};

use super::{ContactId, KIND};
use crate::api::document::{Guarded, Named, Sent};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::{Body, Path};
use crate::shape::shaped;

shaped! {
    /// Which field, and what for.
    Body RevealContactField, example r#"{ "field": "mobile", "purpose": "联系客户" }"# {
        /// 字段 Name of the field.
        must field: String = FieldOf(Kinds::contact);
        /// 用途 What for; it is recorded.
        must purpose: String = Told(&forms::PURPOSE, "purpose_required");
        /// 用法 To look at it, which is the default, or to copy it, which is a right of its own.
        may how as "use": Option<String> = OneOf(forms::USES);
    }
}

#[utoipa::path(
    post,
    path = "/v1/contacts/{id}/reveal",
    operation_id = "revealContactField",
    tag = "contacts",
    summary = "查看明文 Reveal a masked field",
    description = "需说明用途，计入每小时配额，记入台账；复制是单独的权限与条目。Needs a purpose, counts against the hourly quota, is \
        recorded; copying is a right and an entry of its own.",
    params(ContactId),
    request_body = RevealContactField,
    responses((status = 200, description = "明文 The value", body = shown::Revealed), Guarded, Named, Sent)
)]
pub(crate) async fn reveal(
    asked: Asked,
    Path(path): Path<ContactId>,
    Body(body): Body<RevealContactField>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, body) = (path?, body?);
            let copy = body.how.as_deref() == Some("copy");
            let how = if copy { Opening::Copy } else { Opening::Look };
            let (kind, id) = (KIND.to_owned(), path.id);
            let ask = Reveal { kind, id, field: body.field, purpose: body.purpose, how };
            json(&engine.reveal(caller, &ask)?)
        })
        .await
}
