//! Files of customers: handed in, mapped, looked at, started, mended, decided on, taken back.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::support::{Caller, Site, code};

const GOOD: &str = "91350100M000100Y43";
const OTHER: &str = "91350100M000200A33";
const CSV: [(&str, &str); 1] = [("content-type", "text/csv")];

async fn started(caller: &Caller<'_>, import: &Json, body: Json) -> Json {
    let id = import["id"].as_str().unwrap();
    let answer = caller.post(&format!("/v1/imports/{id}/start"), body).await;
    assert_eq!((answer.status, answer.json["state"].as_str()), (202, Some("running")), "{}", answer.json);
    at_rest(caller, id).await
}

async fn at_rest(caller: &Caller<'_>, id: &str) -> Json {
    let begun = Instant::now();
    loop {
        let now = caller.get(&format!("/v1/imports/{id}")).await.json;
        if !["running", "undoing"].contains(&now["state"].as_str().unwrap()) {
            return now;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{now}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_through_the_whole_wizard() {
    let site = Site::start().await;
    let seller = site.role("CDE").await;
    let _worker = site.engine().import_worker();
    let wrong = GOOD.replace("Y43", "Y44");
    let text = format!("公司,统一社会信用代码,备注\n示例一,{wrong},=1\n示例二,{OTHER},x\n示例三,{OTHER},y\n");
    let import = seller.hand_in(&text).await;
    assert_eq!((&import["name"], &import["total"]), (&json!("客户.csv"), &json!(3)), "{import}");
    let at = |rest: &str| format!("/v1/imports/{}{rest}", import["id"].as_str().unwrap());

    let ask = json!({ "columns": { "公司": "name", "备注": "remarks" }, "save_as": "旧系统" });
    let mapping = seller.send("PUT", &at("/mapping"), &[], Some(ask)).await;
    assert_eq!((mapping.status, &mapping.json["ready"]), (200, &json!(true)), "{}", mapping.json);
    assert_eq!(seller.get(&at("/mapping")).await.json["columns"][0]["field"], "name");
    let preview = seller.get(&at("/preview?limit=2")).await.json;
    assert_eq!(preview["items"][0]["cells"][0]["raw"], "示例一");
    assert_eq!(preview["items"][0]["problems"][0]["column"], "统一社会信用代码", "{preview}");

    let done = started(&seller, &import, json!({ "duplicates": "review" })).await;
    assert_eq!(
        (&done["state"], &done["imported"], &done["rejected"]),
        (&json!("done"), &json!(1), &json!(1))
    );
    assert_eq!(seller.get(&at("/preview")).await.json["code"], code("import_state"));
    let problems = seller.get(&at("/problems")).await.json;
    assert_eq!(problems["items"][0]["cells"]["公司"], "示例一");
    let file = seller.get(&at("/problems.csv")).await;
    assert!(file.status == 200 && file.text().contains("'=1"), "{}", file.text());
    let mend = |code: &str| json!({ "cells": { "统一社会信用代码": code } });
    let mended = seller.send("PATCH", &at("/problems/2"), &[], Some(mend(&wrong))).await;
    assert_eq!(mended.json["outcome"], "problem", "{}", mended.json);
    let mended = seller.send("PATCH", &at("/problems/2"), &[], Some(mend(GOOD))).await;
    assert_eq!(mended.json["outcome"], "imported", "{}", mended.json);
    let gone = seller.send("PATCH", &at("/problems/2"), &[], Some(mend(GOOD))).await;
    assert_eq!((gone.status, &gone.json["code"]), (404, &json!(code("import_row_not_found"))));
    assert_eq!(seller.delete(&at("/problems/3")).await.status, 404);

    let duplicates = seller.get(&at("/duplicates?waiting=true")).await.json;
    assert_eq!(duplicates["items"][0]["row"], 4, "{duplicates}");
    assert_eq!(duplicates["items"][0]["cells"]["备注"], "y");
    let decided = seller.post(&at("/duplicates/4"), json!({ "decision": "update" })).await;
    assert_eq!(decided.json["outcome"], "updated", "{}", decided.json);
    assert_eq!(seller.get(&at("/duplicates")).await.json["items"], json!([]));

    let undo = seller.post_nothing(&at("/undo")).await;
    assert_eq!((undo.status, &undo.json["state"]), (202, &json!("undoing")), "{}", undo.json);
    let undone = at_rest(&seller, import["id"].as_str().unwrap()).await;
    assert_eq!(undone["undo"], json!({ "removed": 2, "restored": 0, "left": 0 }));
    assert_eq!(seller.get(&at("/left")).await.json["items"], json!([]));
    assert_eq!(seller.get("/v1/dossiers").await.json["items"], json!([]));
    assert_eq!(seller.post_nothing(&at("/undo")).await.status, 409);

    let kept = seller.get("/v1/import-mappings").await.json;
    assert_eq!(kept["items"][0]["name"], "旧系统");
    let id = kept["items"][0]["id"].as_str().unwrap();
    assert_eq!(seller.delete(&format!("/v1/import-mappings/{id}")).await.status, 204);
    assert_eq!(seller.delete(&format!("/v1/import-mappings/{id}")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_in_under_one_key_is_taken_once() {
    let site = Site::start().await;
    let seller = site.role("CDE").await;
    let headers = [("content-type", "text/csv"), ("idempotency-key", "k-1")];
    let first = seller.raw("POST", "/v1/imports", &headers, "企业名称\n示例\n".as_bytes()).await;
    let again = seller.raw("POST", "/v1/imports", &headers, "企业名称\n示例\n".as_bytes()).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json["id"], again.json["id"]);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let other = seller.raw("POST", "/v1/imports", &headers, "企业名称\n别的\n".as_bytes()).await;
    assert_eq!(other.json["code"], code("idempotency_mismatch"));
    let list = seller.get("/v1/imports").await.json;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let id = first.json["id"].as_str().unwrap();
    let cancelled = seller.post_nothing(&format!("/v1/imports/{id}/cancel")).await;
    assert_eq!(cancelled.json["state"], "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_none_is_refused() {
    let site = Site::start().await;
    let seller = site.role("CDE").await;
    for (headers, body, status, key) in [
        (&[("content-type", "application/json")][..], "{}".as_bytes(), 415, "content_type"),
        (&CSV, b"", 422, "import_empty"),
        (&CSV, b"a\nb\n\x00\n", 422, "import_nul"),
        (&[("content-type", "text/csv"), ("file-name", "%ff")], b"name\nx\n", 422, "import_name_encoding"),
    ] {
        let answer = seller.raw("POST", "/v1/imports", headers, body).await;
        assert_eq!((answer.status, &answer.json["code"]), (status, &json!(code(key))), "{}", answer.json);
    }
    let answer = seller.raw("POST", "/v1/imports?team=none", &CSV, b"name\nx\n").await;
    assert_eq!((answer.status, &answer.json["code"]), (422, &json!(code("team_unknown"))), "{}", answer.json);
    assert_eq!(seller.get("/v1/imports").await.json["items"], json!([]));
}
