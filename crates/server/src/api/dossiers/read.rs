//! `GET /v1/dossiers/{id}`.

use axum::response::Response;

use super::{DossierId, KIND};
use crate::api::document::{Guarded, Named};
use crate::api::records::{self, Known, Reading};
use crate::api::shown;
use crate::app::Asked;
use crate::http::problem::Refused;
use crate::input::{Headers, Path, Query};

#[utoipa::path(
    get,
    path = "/v1/dossiers/{id}",
    operation_id = "readDossier",
    tag = "dossiers",
    summary = "查看档案 Open a dossier",
    description = "查看先记入台账，304 也不例外。The look is recorded first, also for 304.",
    params(DossierId, Reading, Known),
    responses(
        (status = 200, description = "档案 The dossier", body = shown::Dossier,
            headers(("ETag" = String, description = "版本 Its version"))),
        (status = 304, description = "版本未变 The caller has this version",
            headers(("ETag" = String, description = "版本 Its version"))),
        Guarded,
        Named
    )
)]
pub(crate) async fn read(
    asked: Asked,
    Path(path): Path<DossierId>,
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
