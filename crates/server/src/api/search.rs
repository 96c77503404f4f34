//! `POST /v1/search`: finding by an exact identity. A body, because customer data never stands in an address.

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
    Body Search, example r#"{ "q": "15400000001" }"# {
        /// 客户编码、证件号、税号、电话、邮箱或电话后四位 A customer code, document or tax number, phone, mail address, or
        /// the last four digits of a phone.
        must q: String = Form(&forms::QUERY);
    }
}

#[utoipa::path(
    post,
    path = "/v1/search",
    operation_id = "search",
    tag = "search",
    summary = "查找 Find by an exact identity",
    description = "按完整号码、客户编码或电话后四位查找；未命中的次数有每小时配额。\
                   Whole numbers, codes, or the last four of a phone; misses count against an hourly quota.",
    request_body = Search,
    responses((status = 200, description = "命中 Hits", body = shown::Hits), Guarded, Sent)
)]
pub(crate) async fn search(asked: Asked, Body(body): Body<Search>) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.search(caller, &body?.q)?)).await
}
