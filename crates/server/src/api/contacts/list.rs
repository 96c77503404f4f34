//! `GET /v1/dossiers/{id}/contacts`.

use axum::response::Response;
use dossier_engine::ListQuery;
use dossier_engine::model::Kinds;

use super::KIND;
use crate::api::document::{Guarded, Named};
use crate::api::dossiers::DossierId;
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer;
use crate::http::problem::Refused;
use crate::input::{Path, Query};
use crate::shape::shaped;

shaped! {
    /// Which of a dossier's contacts.
    Query ListContacts {
        /// 翻页 `next` of the page before.
        may after: Option<String> = Form(&forms::CURSOR);
        /// 每页条数 How many at most; 25 when not given.
        may limit: Option<u32> = Whole { least: 1, most: 100 };
        /// 字段 Only these fields.
        may fields: Vec<String> = List { of: &FieldOf(Kinds::contact), most: 50 };
    }
}

#[utoipa::path(
    get,
    path = "/v1/dossiers/{id}/contacts",
    operation_id = "listContacts",
    tag = "contacts",
    summary = "列出联系人 List a dossier's contacts",
    description = "按录入时间倒序。Newest first.",
    params(DossierId, ListContacts),
    responses((status = 200, description = "一页联系人 A page", body = shown::ContactPage), Guarded, Named)
)]
pub(crate) async fn list(
    asked: Asked,
    Path(path): Path<DossierId>,
    Query(query): Query<ListContacts>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, query) = (path?, query?);
            let found = engine.list(
                caller,
                &ListQuery {
                    kind: KIND.to_owned(),
                    dossier: Some(path.id),
                    after: query.after,
                    limit: query.limit,
                    fields: Some(query.fields).filter(|fields| !fields.is_empty()),
                    ..ListQuery::default()
                },
            )?;
            answer::page(&found)
        })
        .await
}
