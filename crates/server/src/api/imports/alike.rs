//! `GET` and `POST /v1/imports/{id}/problem-classes`.

use axum::response::Response;
use dossier_engine::model::Fault;
use dossier_engine::{Alike, MendAlike};

use super::ImportId;
use crate::api::document::{Absent, Guarded, Written};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::{Body, Path};
use crate::shape::shaped;

shaped! {
    /// Rows with the same problem, and what is to become of them.
    Body MendProblemClass, example r#"{ "field": "subject", "code": "1001001003", "value": "国企", "action": "replace", "text": "企业" }"# {
        /// 字段 Name of the field; without it what is wrong with rows as such.
        may field: Option<String> = Text { least: 1, most: 64 };
        /// 规则 Code of the problem.
        must code: String = Form(&forms::ERROR_CODE);
        /// 原值 Only rows with this in the file.
        may value: Option<String> = Text { least: 0, most: 32_000 };
        /// 处理 `adopt` what was proposed for each, `replace` the value of all, or `skip` them.
        must action: String = OneOf(&["adopt", "replace", "skip"]);
        /// 新值 What takes the place, for `replace`.
        may text: Option<String> = Text { least: 0, most: 32_000 };
        /// 接着处理 `next` of the answer before.
        may after: Option<u64> = Whole { least: 0, most: forms::LARGEST };
    }
}

#[utoipa::path(
    get,
    path = "/v1/imports/{id}/problem-classes",
    operation_id = "listImportProblemClasses",
    tag = "imports",
    summary = "同类问题 Which problems rows have, and how many have the same one",
    description = "只给上传者；最多看前 10,000 个问题行。For whoever handed the file in; up to 10,000 rows are looked at.",
    params(ImportId),
    responses((status = 200, description = "同类问题 The classes", body = shown::ProblemClasses), Guarded, Absent)
)]
pub(crate) async fn list(asked: Asked, Path(path): Path<ImportId>) -> Result<Response, Refused> {
    asked.run(|engine, caller| json(&engine.import_problem_classes(caller, &path?.id)?)).await
}

#[utoipa::path(
    post,
    path = "/v1/imports/{id}/problem-classes",
    operation_id = "mendImportProblemClass",
    tag = "imports",
    summary = "处理同类问题 Mend rows with the same problem",
    description = "每次最多 100 行，一次写入；有 `next` 时带上它继续。At most 100 rows at a time, in one transaction; where there is a `next`, go on with it.",
    params(ImportId),
    request_body = MendProblemClass,
    responses((status = 200, description = "结果 What became of them", body = shown::MendedClass), Guarded, Absent, Written)
)]
pub(crate) async fn mend(
    asked: Asked,
    Path(path): Path<ImportId>,
    Body(body): Body<MendProblemClass>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, body) = (path?, body?);
            let of = Alike { field: body.field, code: body.code, value: body.value };
            let mend = match (body.action.as_str(), body.text) {
                ("adopt", _) => MendAlike::Adopt,
                ("skip", _) => MendAlike::Skip,
                (_, Some(text)) => MendAlike::Replace(text),
                (_, None) => return Err(Fault::new("required").field("text")),
            };
            json(&engine.mend_import_alike(caller, &path.id, &of, &mend, body.after)?)
        })
        .await
}
