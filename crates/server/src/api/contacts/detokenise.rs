//! `POST /v1/contacts/{id}/detokenise`.

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
    /// Which field, by which token, and what for.
    Body DetokeniseContactField, example r#"{ "field": "mobile", "token": "+8673519482610", "purpose": "核对导出" }"# {
        /// 字段 Name of the field.
        must field: String = FieldOf(Kinds::contact);
        /// 令牌 As it was given out in place of the value.
        must token: String = Text { least: 1, most: forms::LONGEST_TOKEN };
        /// 用途 What for; it is recorded.
        must purpose: String = Told(&forms::PURPOSE, "purpose_required");
    }
}

#[utoipa::path(
    post,
    path = "/v1/contacts/{id}/detokenise",
    operation_id = "detokeniseContactField",
    tag = "contacts",
    summary = "还原令牌 Lead a token back to its value",
    description = "令牌须属于此字段现有的值；需说明用途，计入每小时明文配额，记入台账。The token has to be that of what the field holds \
        now; needs a purpose, counts against the hourly quota of reveals, is recorded.",
    params(ContactId),
    request_body = DetokeniseContactField,
    responses((status = 200, description = "明文 The value", body = shown::Revealed), Guarded, Named, Sent)
)]
pub(crate) async fn detokenise(
    asked: Asked,
    Path(path): Path<ContactId>,
    Body(body): Body<DetokeniseContactField>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, body) = (path?, body?);
            let (kind, id, how) = (KIND.to_owned(), path.id, Opening::Token(body.token));
            let ask = Reveal { kind, id, field: body.field, purpose: body.purpose, how };
            json(&engine.reveal(caller, &ask)?)
        })
        .await
}
