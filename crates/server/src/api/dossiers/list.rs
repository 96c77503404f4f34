//! `GET /v1/dossiers`.

use axum::response::Response;
use dossier_engine::ListQuery;
use dossier_engine::model::Kinds;

use super::KIND;
use crate::api::document::Guarded;
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer;
use crate::http::problem::Refused;
use crate::input::Query;
use crate::shape::shaped;

shaped! {
    /// Filters, all of which have to hold; several values of one filter are alternatives.
    Query ListDossiers {
        /// 合作阶段 Stages, 0 to 5.
        may stage: Vec<u8> = List { of: &Whole { least: 0, most: 5 }, most: 6 };
        /// 敏感等级 Levels.
        may level: Vec<String> = List { of: &OneOf(forms::LEVELS), most: 4 };
        /// 团队 Names or ids of teams.
        may team: Vec<String> = List { of: &Text { least: 1, most: 64 }, most: 16 };
        /// 行业 Industries, two digits.
        may industry: Vec<String> = List { of: &Form(&forms::INDUSTRY), most: 50 };
        /// 录入日期自 First day of entry, UTC.
        may created_from: Option<String> = Day;
        /// 录入日期至 Last day of entry, UTC.
        may created_to: Option<String> = Day;
        /// 翻页 `next` of the page before.
        may after: Option<String> = Form(&forms::CURSOR);
        /// 每页条数 How many at most; 25 when not given.
        may limit: Option<u32> = Whole { least: 1, most: 100 };
        /// 字段 Only these fields.
        may fields: Vec<String> = List { of: &FieldOf(Kinds::customer), most: 50 };
    }
}

#[utoipa::path(
    get,
    path = "/v1/dossiers",
    operation_id = "listDossiers",
    tag = "dossiers",
    summary = "列出档案 List dossiers",
    description = "按录入时间倒序，只含可见范围内的档案。Newest first, within what the caller may see.",
    params(ListDossiers),
    responses((status = 200, description = "一页档案 A page", body = shown::DossierPage), Guarded)
)]
pub(crate) async fn list(asked: Asked, Query(query): Query<ListDossiers>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let query = query?;
            let found = engine.list(
                caller,
                &ListQuery {
                    kind: KIND.to_owned(),
                    dossier: None,
                    stage: query.stage,
                    level: query.level,
                    team: query.team,
                    industry: query.industry,
                    created_from: query.created_from,
                    created_to: query.created_to,
                    after: query.after,
                    limit: query.limit,
                    fields: Some(query.fields).filter(|fields| !fields.is_empty()),
                },
            )?;
            answer::page(&found)
        })
        .await
}
