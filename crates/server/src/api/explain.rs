//! `POST /v1/explain` and `POST /v1/explain/who`: why somebody sees a field as they do, and who sees it.

use axum::response::Response;

use super::document::{Guarded, Named, Sent};
use super::{forms, shown};
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::Body;
use crate::shape::shaped;

shaped! {
    /// Of whom, and which field of which record.
    Body Explain, example r#"{ "who": "usr_01ktzmay00e1hs6v0rhdvhtc0m", "record": "dos_01ktzmay00e1hs6v0rhdvhtc0m", "field": "phone" }"# {
        /// 谁 Id of a person, a program or a role; the caller when not given.
        may who: Option<String> = Form(&forms::SUBJECT);
        /// 档案或联系人 TypeID, or customer code.
        must record: String = Form(&forms::RECORD);
        /// 字段 Name of the field.
        must field: String = Form(&forms::FIELD);
    }
}

shaped! {
    /// Which field of which record.
    Body WhoSees, example r#"{ "record": "dos_01ktzmay00e1hs6v0rhdvhtc0m", "field": "phone" }"# {
        /// 档案或联系人 TypeID, or customer code.
        must record: String = Form(&forms::RECORD);
        /// 字段 Name of the field.
        must field: String = Form(&forms::FIELD);
        /// 上一页的 `next` of the page before.
        may after: Option<String> = Form(&forms::SUBJECT);
        /// 每页条数 How many on a page; 50 when not given.
        may limit: Option<u32> = Whole { least: 1, most: 200 };
    }
}

#[utoipa::path(
    post,
    path = "/v1/explain",
    operation_id = "explain",
    tag = "access",
    summary = "权限解释 Why somebody sees a field as they do",
    description = "结论、每个角色的判定链（决定性的一环有标记），以及每项能改变结论的单独改动。询问本人无需权限；询问他人须能管理权限或读台账。\
        不含任何字段值；每次询问记入台账。\
        The verdict, a chain for each role with the link that decides, and each single change that would change it. About oneself \
        anybody may ask; about others whoever gives rights or reads the ledger. No value is in it; each time is recorded.",
    request_body = Explain,
    responses((status = 200, description = "解释 The explanation", body = shown::Explained), Guarded, Named, Sent)
)]
pub(crate) async fn explain(asked: Asked, Body(body): Body<Explain>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let Explain { who, record, field } = body?;
            json(&engine.explain(caller, &dossier_engine::Explain { who, record, field })?)
        })
        .await
}

#[utoipa::path(
    post,
    path = "/v1/explain/who",
    operation_id = "whoSees",
    tag = "access",
    summary = "谁能看到此字段 Who sees a field",
    description = "可见此字段的人与程序及其形式，可见最多的在前；停用的不在内。\
        People and programs that see the field, and how, those who see the most of it first; without the disabled ones.",
    request_body = WhoSees,
    responses((status = 200, description = "人与程序 People and programs", body = shown::Seers), Guarded, Named, Sent)
)]
pub(crate) async fn who(asked: Asked, Body(body): Body<WhoSees>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let WhoSees { record, field, after, limit } = body?;
            json(&engine.who_sees(caller, &dossier_engine::WhoSees { record, field, after, limit })?)
        })
        .await
}
