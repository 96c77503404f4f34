//! `GET /v1/contacts/{id}`.

use axum::response::Response;

use super::{ContactId, KIND};
use crate::api::document::{Guarded, Named};
use crate::api::records::{self, Known, Reading};
use crate::api::shown;
use crate::app::Asked;
use crate::http::problem::Refused;
use crate::input::{Headers, Path, Query};

#[utoipa::path(
    get,
    path = "/v1/contacts/{id}",
    operation_id = "readContact",
    tag = "contacts",
    summary = "查看联系人 Open a contact",
    description = "查看先记入台账，304 也不例外。The look is recorded first, also for 304.",
    params(ContactId, Reading, Known),
    responses(
        (status = 200, description = "联系人 The contact", body = shown::Contact,
            headers(("ETag" = String, description = "版本 Its version"))),
        (status = 304, description = "版本未变 The caller has this version",
            headers(("ETag" = String, description = "版本 Its version"))),
        Guarded,
        Named
    )
)]
pub(crate) async fn read(
    asked: Asked,
    Path(path): Path<ContactId>,
    Query(query): Query<Reading>,
    Headers(known): Headers<Known>,
) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let (path, query, known) = (path?, query?, known?);
            let record = engine.read(caller, KIND, &path.id, query.provenance)?;
            records::shown(&record, &known)
        })
        .await
}
