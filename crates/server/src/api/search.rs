//! `POST /v1/search`: finding by an exact identity or a part of a name. A body, because customer data never stands in an
//! address.

use axum::response::Response;

use super::document::{Guarded, Sent};
use super::{forms, shown};
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::Body;
use crate::shape::shaped;

shaped! {
    /// What is looked for.
    Body Search, example r#"{ "q": "示例科技" }"# {
        /// 名称或其一部分（两个字起）、简称、拼音、拼音首字母；客户编码、证件号、税号、电话、邮箱或电话后四位 A name or a part of it
        /// (two characters at least), a short form, pinyin or its initials; a customer code, document or tax number, phone,
        /// mail address, or the last four digits of a phone.
        must q: String = Form(&forms::QUERY);
        /// 按名称查找的最多条数 How many hits by name at most; 10 when not given.
        may limit: Option<u32> = Whole { least: 1, most: 25 };
    }
}

#[utoipa::path(
    post,
    path = "/v1/search",
    operation_id = "search",
    tag = "search",
    summary = "查找 Find by name or by an exact identity",
    description = "按名称的一部分、简称、拼音或首字母查找可见明文的名称，最相符的在前；按完整号码、客户编码或电话后四位查找，\
                   未命中的次数有每小时配额。\
                   Names, as far as they are seen in clear, by a part, short form, pinyin or initials, the best first; whole \
                   numbers, codes, or the last four of a phone, where misses count against an hourly quota.",
    request_body = Search,
    responses((status = 200, description = "命中 Hits", body = shown::Hits), Guarded, Sent)
)]
pub(crate) async fn search(asked: Asked, Body(body): Body<Search>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let Search { q, limit } = body?;
            json(&engine.search(caller, &dossier_engine::Search { q, limit })?)
        })
        .await
}
