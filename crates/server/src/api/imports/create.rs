//! `POST /v1/imports`.

use axum::http::{StatusCode, header};
use axum::response::Response;
use dossier_engine::model::Fault;
use dossier_engine::{Duplicates, NewImport};

use crate::api::document::{Guarded, Written};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::{set, with_status};
use crate::http::problem::Refused;
use crate::input::{Headers, Query, Upload, percent_decoded};
use crate::shape::shaped;

shaped! {
    /// What the file is called. Names may say something of customers and do not stand in an address.
    Header FileNamed {
        /// 文件名 Name of the file, UTF-8, percent-encoded.
        may file_name as "File-Name": Option<String> = Form(&forms::ENCODED);
        /// 工作表 Name of the worksheet, percent-encoded; the first one with content when not given.
        may sheet_name as "Sheet-Name": Option<String> = Form(&forms::ENCODED);
        /// 幂等键 The same file under the same key is taken once.
        may idempotency_key as "Idempotency-Key": Option<String> = Form(&forms::IDEMPOTENCY_KEY);
    }
}

shaped! {
    /// Where its rows go.
    Query NewImportOptions {
        /// 团队 Name or id of the owning team; the caller's own when not given.
        may team: Option<String> = Text { least: 1, most: 64 };
        /// 来源 Where the values come from.
        may source: Option<String> = OneOf(forms::SOURCES);
        /// 重复 What becomes of rows whose customer is there; `skip` when not given.
        may duplicates: Option<String> = OneOf(forms::DUPLICATES);
    }
}

#[utoipa::path(
    post,
    path = "/v1/imports",
    operation_id = "createImport",
    tag = "imports",
    summary = "上传文件 Hand in a file",
    description = "CSV 或 XLSX，首行为列名；文件名的扩展名须与内容相符（.xlsx；文本为 .csv、.tsv、.txt 或无扩展名）；先整体检查，尚不导入。A CSV file or an XLSX workbook with column names in its first row; the ending of its name has to agree with its content (.xlsx; for a text .csv, .tsv, .txt or none); it is read and checked as a whole, nothing is taken in yet.",
    params(FileNamed, NewImportOptions),
    request_body(content((String = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses(
        (status = 201, description = "已上传 Handed in", body = shown::Import, headers(
            ("Location" = String, description = "导入地址 The import's address"),
            ("Idempotency-Replayed" = bool, description = "重复的请求 Whether an earlier request did it"),
        )),
        Guarded,
        Written
    )
)]
pub(crate) async fn create(
    asked: Asked,
    Headers(named): Headers<FileNamed>,
    Query(query): Query<NewImportOptions>,
    upload: Upload,
) -> Result<Response, Refused> {
    let (parts, mut received) = upload.begin();
    let work = asked.run(move |engine, caller| {
        let (named, query) = (named?, query?);
        let first = received.blocking_recv().transpose()?;
        let decoded = |text: Option<String>, name: &'static str| -> Result<Option<String>, Fault> {
            let refused = || Fault::new("import_name_encoding").with("name", name);
            text.map(|text| percent_decoded(&text).ok_or_else(refused)).transpose()
        };
        let ask = NewImport {
            name: decoded(named.file_name, "File-Name")?.unwrap_or_else(|| "import".to_owned()),
            sheet: decoded(named.sheet_name, "Sheet-Name")?,
            team: query.team,
            source: query.source,
            duplicates: query.duplicates.and_then(|text| Duplicates::parse(&text)).unwrap_or_default(),
            idempotency_key: named.idempotency_key,
        };
        let mut upload = engine.begin_upload(caller, &ask)?;
        if let Some(bytes) = first {
            upload.push(&bytes)?;
        }
        while let Some(bytes) = received.blocking_recv() {
            upload.push(&bytes?)?;
        }
        let (import, replayed) = upload.end(caller)?;
        let mut response = with_status(StatusCode::CREATED, &import)?;
        set(response.headers_mut(), header::LOCATION, &format!("/v1/imports/{}", import.id))?;
        if replayed {
            set(response.headers_mut(), header::HeaderName::from_static("idempotency-replayed"), "true")?;
        }
        Ok(response)
    });
    let (answer, ()) = tokio::join!(work, parts.forward());
    answer
}
