//! `GET /v1/ledger`.

use axum::response::Response;
use dossier_engine::LedgerQuery;

use super::or_change;
use crate::api::document::Guarded;
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::Query;
use crate::shape::shaped;

shaped! {
    /// Which entries.
    Query ListEntries {
        /// 日志 `change`: commands; `access`: looks at the server that answers, `access/N`: at server N. `change` when not given.
        may log: Option<String> = Form(&forms::LOG);
        /// 起始序号 Index of the first entry; the newest page when not given.
        may from: Option<u64> = Whole { least: 0, most: forms::LARGEST };
        /// 每页条数 How many at most; 50 when not given.
        may limit: Option<u32> = Whole { least: 1, most: 200 };
    }
}

#[utoipa::path(
    get,
    path = "/v1/ledger",
    operation_id = "listEntries",
    tag = "ledger",
    summary = "查看台账 Read the ledger",
    description = "按序号递增；查看台账本身也记入台账。In ascending order; reading the ledger is an entry itself.",
    params(ListEntries),
    responses((status = 200, description = "台账 Entries", body = shown::LedgerPage), Guarded)
)]
pub(crate) async fn entries(asked: Asked, Query(query): Query<ListEntries>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let query = query?;
            let query = LedgerQuery { log: or_change(query.log), from: query.from, limit: query.limit };
            json(&engine.ledger(caller, &query)?)
        })
        .await
}
