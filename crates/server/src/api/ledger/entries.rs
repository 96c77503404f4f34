//! `GET /v1/ledger`.

use axum::response::Response;
use dossier_engine::{ACTIONS, LedgerQuery};

use super::or_change;
use crate::api::document::{Absent, Guarded};
use crate::api::{forms, shown};
use crate::app::Asked;
use crate::http::answer::json;
use crate::http::problem::Refused;
use crate::input::Query;
use crate::shape::shaped;

shaped! {
    /// Which entries: from an index on, or the newest that fit, all filters together.
    Query ListEntries {
        /// 日志 `change`: commands; `access`: looks at the server that answers, `access/N`: at server N. `change` when not given.
        may log: Option<String> = Form(&forms::LOG);
        /// 起始序号 Index of the first entry; goes with `limit` alone. The newest ones when not given.
        may from: Option<u64> = Whole { least: 0, most: forms::LARGEST };
        /// 往前翻 `before` of the page before: only what is earlier than this index.
        may before: Option<u64> = Whole { least: 0, most: forms::LARGEST };
        /// 每页条数 How many at most; 50 when not given.
        may limit: Option<u32> = Whole { least: 1, most: 200 };
        /// 人 Who: an id, `os:UID`, `system`, or the name of a person or program.
        may who: Option<String> = Form(&forms::NAME);
        /// 动作 What was done.
        may action: Option<String> = OneOf(ACTIONS);
        /// 结果 How it ended.
        may outcome: Option<String> = OneOf(&["done", "refused"]);
        /// 记录 A record that it is about: an id, or the code of a customer that the caller may see.
        may record: Option<String> = Form(&forms::RECORD);
        /// 自 The earliest time.
        may since: Option<String> = Moment;
        /// 至 The first time that is too late.
        may until: Option<String> = Moment;
    }
}

#[utoipa::path(
    get,
    path = "/v1/ledger",
    operation_id = "listEntries",
    tag = "ledger",
    summary = "查看台账 Read the ledger",
    description = "按序号递增；查看台账本身也记入台账。一次最多读 50,000 条：`before` 不为空时，用它接着往前查。\n\nIn \
        ascending order; reading the ledger is an entry itself. One answer reads 50,000 entries at most: where `before` is \
        not null, go on with it, also when fewer came than were asked for. Times follow the order of the log but for \
        clocks that were set back: `until` without `before`, and the end of a search with `since`, allow for an hour.",
    params(ListEntries),
    responses((status = 200, description = "台账 Entries", body = shown::LedgerPage), Guarded, Absent)
)]
pub(crate) async fn entries(asked: Asked, Query(query): Query<ListEntries>) -> Result<Response, Refused> {
    asked
        .run(|engine, caller| {
            let query = query?;
            let query = LedgerQuery {
                log: or_change(query.log),
                from: query.from,
                before: query.before,
                limit: query.limit,
                who: query.who,
                action: query.action,
                outcome: query.outcome,
                record: query.record,
                since: query.since,
                until: query.until,
            };
            json(&engine.ledger(caller, &query)?)
        })
        .await
}
