//! `GET /v1/approvals`, `GET /v1/approvals/{id}`, `POST /v1/approvals/{id}/decision`: what waits for approval.

use axum::response::Response;
use dossier_engine::model::Fault;
use dossier_engine::{Deciding, RequestBox, Verdict};

use super::document::{Absent, Conflicting, Guarded, Sent};
use super::{forms, shown};
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::{Body, Path, Query};
use crate::shape::shaped;

shaped! {
    /// Which requests.
    Query ListApprovals {
        /// 哪些 `waiting` those that wait for the caller, `asked` the caller's own, `ended` those with a part of the caller's.
        must of as "box": String = OneOf(RequestBox::NAMES);
        /// 翻页 `next` of the page before.
        may before: Option<String> = Form(&forms::REQUEST);
    }
}

shaped! {
    /// Which request.
    Path RequestId {
        /// 申请编号
        must id: String = Form(&forms::REQUEST);
    }
}

shaped! {
    /// What the caller does with the request.
    Body Decision, example r#"{ "verdict": "agree", "remark": "已与客户核对" }"# {
        /// 处理 `agree`, `refuse`, `pass_on` (转交), `add` (加签), `comment`, `recall` (撤回).
        must verdict: String = OneOf(&["agree", "refuse", "pass_on", "add", "comment", "recall"]);
        /// 意见 Needed by a refusal and a comment.
        may remark: Option<String> = Text { least: 0, most: 500 };
        /// 人员 Name or id of whom it is handed over to, or who is to agree as well.
        may person: Option<String> = Text { least: 1, most: 64 };
        /// 批量 Whether together with others.
        may bulk: bool = Flag;
    }
}

impl Decision {
    fn deciding(self) -> Result<Deciding, Fault> {
        let person = || self.person.clone().ok_or_else(|| Fault::new("required").field("person"));
        let verdict = match self.verdict.as_str() {
            "agree" => Verdict::Agree,
            "refuse" => Verdict::Refuse,
            "pass_on" => Verdict::PassOn(person()?),
            "add" => Verdict::Add(person()?),
            "comment" => Verdict::Comment,
            _ => Verdict::Recall,
        };
        Ok(Deciding { verdict, remark: self.remark, bulk: self.bulk })
    }
}

#[utoipa::path(
    get,
    path = "/v1/approvals",
    operation_id = "listApprovals",
    tag = "approvals",
    summary = "列出申请 List requests",
    description = "变更内容按查看者的权限脱敏。What would change is masked as the caller must see it.",
    params(ListApprovals),
    responses((status = 200, description = "申请 Requests", body = shown::Requests), Guarded)
)]
pub(crate) async fn list(asked: Asked, Query(query): Query<ListApprovals>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let query = query?;
            let of = RequestBox::parse(&query.of).ok_or_else(|| Fault::new("internal"))?;
            json(&engine.requests(caller, of, query.before.as_deref())?)
        })
        .await
}

#[utoipa::path(
    get,
    path = "/v1/approvals/{id}",
    operation_id = "readApproval",
    tag = "approvals",
    summary = "查看申请 Open a request",
    params(RequestId),
    responses((status = 200, description = "申请 The request", body = shown::Request), Guarded, Absent)
)]
pub(crate) async fn read(asked: Asked, Path(path): Path<RequestId>) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.request(caller, &path?.id)?)).await
}

#[utoipa::path(
    post,
    path = "/v1/approvals/{id}/decision",
    operation_id = "decideApproval",
    tag = "approvals",
    summary = "处理申请 Decide on a request",
    description = "最后一位同意后立即以申请人名义执行；数据已变则不执行。\
        Once the last one agrees it is carried out at once in the asker's name, unless its data has moved on.",
    params(RequestId),
    request_body = Decision,
    responses(
        (status = 200, description = "处理后的申请 The request as it is now", body = shown::Request),
        Guarded,
        Absent,
        Conflicting,
        Sent
    )
)]
pub(crate) async fn decide(
    asked: Asked,
    Path(path): Path<RequestId>,
    Body(body): Body<Decision>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, body) = (path?, body?);
            json(&engine.decide(caller, &path.id, &body.deciding()?)?)
        })
        .await
}
