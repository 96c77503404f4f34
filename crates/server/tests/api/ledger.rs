//! The ledger and its proofs.

use serde_json::{Value as Json, json};

use crate::support::{Site, at};

#[tokio::test(flavor = "multi_thread")]
async fn every_command_and_every_look_is_there() {
    let site = Site::start().await;
    let (cde, isa) = (site.role("CDE").await, site.role("ISA").await);
    let made = cde.new_dossier(json!({ "phone": "15400000001" })).await;
    cde.get(&at(&made, "")).await;
    cde.post(&at(&made, "/reveal"), json!({ "field": "phone", "purpose": "联系客户" })).await;
    let refused = cde.delete(&at(&made, "")).await;
    assert_eq!(refused.status, 403);

    let newest =
        async |log: &str| isa.get(&format!("/v1/ledger?log={log}&limit=10")).await.json["items"].clone();
    let entry = |items: &Json, action: &str| {
        let found = items.as_array().unwrap().iter().rev().find(|entry| entry["action"] == action);
        found.unwrap_or_else(|| panic!("no {action} in {items}")).clone()
    };
    let change = newest("change").await;
    let create = entry(&change, "create");
    assert_eq!((&create["outcome"], &create["records"][0]["id"]), (&json!("done"), &made["id"]));
    assert_eq!(create["records"][0]["fields"]["phone"], "written");
    assert_eq!(create["address"], "127.0.0.1");
    let erase = entry(&change, "erase");
    assert_eq!((&erase["outcome"], &erase["code"]), (&json!("refused"), &refused.json["code"]));
    assert_eq!(erase["request"], refused.header("x-request-id"));
    let access = newest("access").await;
    assert_eq!(entry(&access, "view")["records"][0]["fields"]["phone"], "masked");
    let reveal = entry(&access, "reveal");
    assert_eq!(
        (&reveal["purpose"], &reveal["records"][0]["fields"]["phone"]),
        (&json!("联系客户"), &json!("clear"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_on_where_the_last_one_ended() {
    let site = Site::start().await;
    let isa = site.role("ISA").await;
    let mut from = 0;
    let mut ids = Vec::new();
    loop {
        let page = isa.get(&format!("/v1/ledger?from={from}&limit=3")).await;
        ids.extend(page.json["items"].as_array().unwrap().iter().map(|entry| entry["id"].clone()));
        let Some(next) = page.json["next"].as_u64() else { break };
        from = next;
    }
    let expected: Vec<Json> = (0..ids.len()).map(|at| json!(format!("c-{at}"))).collect();
    assert!(ids.len() > 3);
    assert_eq!(ids, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_and_proofs_are_given_out() {
    let site = Site::start().await;
    let (cde, isa) = (site.role("CDE").await, site.role("ISA").await);
    cde.new_dossier(json!({})).await;
    let key = isa.get("/v1/ledger/key").await;
    assert_eq!(key.header("content-type"), "text/plain; charset=utf-8");
    for log in ["change", "access", "access/1"] {
        let checkpoint = isa.get(&format!("/v1/ledger/checkpoint?log={log}")).await;
        assert!(checkpoint.text().contains("\n\n— "), "{}", checkpoint.text());
        let entry = if log == "change" { "c-0" } else { "a-1-0" };
        let proof = isa.get(&format!("/v1/ledger/proof/{entry}")).await;
        assert_eq!((proof.status, &proof.json["index"]), (200, &json!(0)));
        let origin = proof.json["log"].as_str().unwrap();
        assert!(checkpoint.text().starts_with(origin), "{origin}");
        let proof = isa.get(&format!("/v1/ledger/consistency?log={log}&old_size=1")).await;
        assert_eq!((proof.status, &proof.json["old_size"]), (200, &json!(1)));
    }
    assert!(key.text().contains('+'));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_logs_are_listed_and_each_can_be_read_by_its_name() {
    let site = Site::start().await;
    let isa = site.role("ISA").await;
    let logs = isa.get("/v1/ledger/logs").await;
    let names: Vec<_> = logs.json["items"].as_array().unwrap().iter().map(|log| &log["log"]).collect();
    assert_eq!(names, ["change", "access/1"]);
    for log in logs.json["items"].as_array().unwrap() {
        let name = log["log"].as_str().unwrap();
        let page = isa.get(&format!("/v1/ledger?log={name}")).await;
        assert_eq!((page.status, &page.json["log"]), (200, &log["log"]));
        assert!(page.json["size"].as_u64() >= log["size"].as_u64());
    }
    for name in ["access/2", "access/01", "other"] {
        let status = isa.get(&format!("/v1/ledger?log={name}")).await.status;
        assert!(matches!(status, 400 | 422), "{name}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found() {
    let site = Site::start().await;
    let isa = site.role("ISA").await;
    for entry in ["c-999999", "a-1-999999", "a-7-0", "c-01", "x-1", "c--1"] {
        assert_eq!(isa.get(&format!("/v1/ledger/proof/{entry}")).await.status, 404, "{entry}");
    }
    for query in ["old_size=999999", "old_size=0", "", "old_size=1&log=other"] {
        let status = isa.get(&format!("/v1/ledger/consistency?{query}")).await.status;
        assert!(matches!(status, 400 | 422), "{query}: {status}");
    }
}
