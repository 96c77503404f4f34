//! `GET /v1/views`, `POST /v1/views`, `PUT /v1/views/{id}`, `DELETE /v1/views/{id}`: views that are kept by name.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dossier_engine::NewView;
use serde_json::{Map, Value as Json};

use super::document::{Absent, Guarded, Written};
use super::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{items, json, with_status};
use crate::http::problem::Refused;
use crate::input::{Body, Path};
use crate::shape::shaped;

shaped! {
    /// A view under a name.
    Body KeepView, example r#"{ "name": "华东在谈", "shared": false, "body": { "filters": { "stage": [2] } } }"# {
        /// 名称
        must name: String = Form(&forms::NAME);
        /// 是否与团队共享 Whether the team sees it.
        must shared: bool = Flag;
        /// 内容 At most 8,192 bytes; the server seals it and does not read it.
        must body: Map<String, Json> = Object;
    }
}

shaped! {
    /// Which view.
    Path ViewId {
        /// 视图编号
        must id: String = Form(&forms::VIEW);
    }
}

impl From<KeepView> for NewView {
    fn from(body: KeepView) -> NewView {
        NewView { name: body.name, shared: body.shared, body: body.body }
    }
}

#[utoipa::path(
    get,
    path = "/v1/views",
    operation_id = "listViews",
    tag = "people",
    summary = "列出视图 List views",
    description = "自己的与团队共享的，最新在前。One's own and those that the team shares, newest first.",
    responses((status = 200, description = "视图 Views", body = shown::Views), Guarded)
)]
pub(crate) async fn list(asked: Asked) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&items(&engine.views(caller)?))).await
}

#[utoipa::path(
    post,
    path = "/v1/views",
    operation_id = "keepView",
    tag = "people",
    summary = "保存视图 Keep a view",
    request_body = KeepView,
    responses((status = 201, description = "已保存 Kept", body = shown::View), Guarded, Written)
)]
pub(crate) async fn keep(asked: Asked, Body(body): Body<KeepView>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| with_status(StatusCode::CREATED, &engine.keep_view(caller, &body?.into())?))
        .await
}

#[utoipa::path(
    put,
    path = "/v1/views/{id}",
    operation_id = "changeView",
    tag = "people",
    summary = "更改视图 Change a view",
    params(ViewId),
    request_body = KeepView,
    responses((status = 200, description = "已更改 Changed", body = shown::View), Guarded, Written, Absent)
)]
pub(crate) async fn change(
    asked: Asked,
    Path(path): Path<ViewId>,
    Body(body): Body<KeepView>,
) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.change_view(caller, &path?.id, &body?.into())?)).await
}

#[utoipa::path(
    delete,
    path = "/v1/views/{id}",
    operation_id = "forgetView",
    tag = "people",
    summary = "删除视图 Forget a view",
    params(ViewId),
    responses((status = 204, description = "已删除 Forgotten"), Guarded, Absent)
)]
pub(crate) async fn forget(asked: Asked, Path(path): Path<ViewId>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            engine.forget_view(caller, &path?.id)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        })
        .await
}
