//! The ledger and its proofs.

use dossier_engine::model::code::CustomerCode;
use serde_json::{Value as Json, json};

use crate::support::{Caller, Site, at};

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

/// The ids of the entries that a query finds, page after page, newest first.
async fn found(caller: &Caller<'_>, query: &str) -> Vec<String> {
    let (mut ids, mut before) = (Vec::new(), String::new());
    loop {
        let page = caller.get(&format!("/v1/ledger?limit=2&{query}{before}")).await;
        assert_eq!(page.status, 200, "{query}: {}", page.json);
        let items = page.json["items"].as_array().unwrap();
        ids.extend(items.iter().rev().map(|entry| entry["id"].as_str().unwrap().to_owned()));
        match page.json["before"].as_u64() {
            Some(index) => before = format!("&before={index}"),
            None => return ids,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_are_over_all_entries() {
    let site = Site::start().await;
    let (cde, isa) = (site.role("CDE").await, site.role("ISA").await);
    let made = cde.new_dossier(json!({ "phone": "15400000001" })).await;
    let other = cde.new_dossier(json!({})).await;
    for record in [&made, &other, &made] {
        cde.get(&at(record, "")).await;
    }
    cde.post(&at(&made, "/reveal"), json!({ "field": "phone", "purpose": "联系客户" })).await;
    cde.delete(&at(&made, "")).await;
    let all = isa.get("/v1/ledger?log=access&from=0&limit=200").await.json["items"].clone();
    let all = all.as_array().unwrap();
    let by = |fits: &dyn Fn(&Json) -> bool| -> Vec<String> {
        let ids =
            all.iter().filter(|entry| fits(entry)).map(|entry| entry["id"].as_str().unwrap().to_owned());
        ids.rev().collect()
    };
    let who = all.iter().find(|entry| entry["action"] == "reveal").unwrap();
    let (name, id) = (who["who"].as_str().unwrap(), who["who_id"].as_str().unwrap());
    assert!(id.starts_with("cli_"), "{id}");
    for asked in [format!("who={id}"), format!("who={name}")] {
        assert_eq!(found(&isa, &format!("log=access&{asked}")).await, by(&|entry| entry["who"] == name));
    }
    let views = by(&|entry| entry["action"] == "view" && entry["records"][0]["id"] == made["id"]);
    assert_eq!(views.len(), 2);
    let code = made["code"].as_str().unwrap();
    for record in [made["id"].as_str().unwrap(), code, &code[..15]] {
        assert_eq!(found(&isa, &format!("log=access&action=view&record={record}")).await, views, "{record}");
    }
    let refused = found(&isa, &format!("who={id}&outcome=refused")).await;
    let entry =
        isa.get(&format!("/v1/ledger?from={}&limit=1", &refused[0][2..])).await.json["items"][0].clone();
    assert_eq!((refused.len(), &entry["action"]), (1, &json!("erase")));
    assert_eq!(found(&isa, "log=access&since=2100-01-01T00:00:00Z").await, Vec::<String>::new());
    assert_eq!(found(&isa, "log=access&until=2020-01-01T00:00:00%2B08:00").await, Vec::<String>::new());
    let first = all[0]["at"].as_str().unwrap();
    let since =
        found(&isa, &format!("log=access&action=view&since={first}&until=2100-01-01T00:00:00Z")).await;
    assert_eq!(since, by(&|entry| entry["action"] == "view"));
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_notes_what_was_asked_for_by_id_alone() {
    let site = Site::start().await;
    let (cde, isa) = (site.role("CDE").await, site.role("ISA").await);
    let made = cde.new_dossier(json!({})).await;
    let all = isa.get("/v1/ledger").await.json["items"].clone();
    let create = all.as_array().unwrap().iter().find(|entry| entry["action"] == "create").unwrap().clone();
    let (name, id) = (create["who"].as_str().unwrap(), create["who_id"].as_str().unwrap());
    let code = made["code"].as_str().unwrap();
    isa.get(&format!("/v1/ledger?who={name}&record={code}&action=create&outcome=done&before=99999")).await;
    let entries = isa.get("/v1/ledger?log=access&limit=1").await.json["items"].clone();
    let note = &entries[0]["note"];
    assert_eq!(
        (&note["who"], &note["record"], &note["action"], &note["outcome"]),
        (&json!(id), &made["id"], &json!("create"), &json!("done"))
    );
    assert!(note["before"].as_u64().unwrap() < 99_999, "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_that_make_no_sense_are_refused() {
    let site = Site::start().await;
    let isa = site.role("ISA").await;
    for (query, status) in [
        ("from=0&who=system", 422),
        ("from=0&before=1", 422),
        ("since=2026-11-22T00:00:00Z&until=2026-11-22T00:00:00Z", 422),
        ("since=2026-11-22", 400),
        ("until=2026-02-30T00:00:00Z", 400),
        ("action=nothing", 400),
        ("outcome=parked", 400),
        ("record=15400000001", 400),
        ("record=C01260000012399", 422),
        ("who=%07", 400),
        ("who=%E6%97%A0%E4%BA%BA", 404),
        ("who=os:01", 404),
        ("before=-1", 400),
    ] {
        let answer = isa.get(&format!("/v1/ledger?{query}")).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.json);
        assert!(answer.json["detail"].is_string() || answer.json["title"].is_string(), "{}", answer.json);
    }
    for query in
        ["who=system", "who=os:1000", "who=usr_01ktzmay00e1hs6v0rhdvhtc0m", "before=0", "before=99999999"]
    {
        assert_eq!(isa.get(&format!("/v1/ledger?{query}")).await.status, 200, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_what_the_reader_may_not_see_looks_missing() {
    let site = Site::start().await;
    let (cde, stranger, isa) =
        (site.role("CDE").await, site.member("CDA", "default").await, site.role("ISA").await);
    let made = cde.new_dossier(json!({})).await;
    let (id, code) = (made["id"].as_str().unwrap(), made["code"].as_str().unwrap());
    assert_eq!(isa.get(&format!("/v1/ledger?record={code}")).await.status, 200);
    let hidden = stranger.get(&format!("/v1/ledger?record={code}")).await;
    let other = CustomerCode::generate("01", 2026, 999_999).unwrap();
    let absent = stranger.get(&format!("/v1/ledger?record={}", other.as_str())).await;
    assert_eq!((hidden.status, &hidden.json["code"]), (404, &absent.json["code"]));
    // Ids stand in the entries that every reader of the ledger sees.
    assert_eq!(found(&stranger, &format!("record={id}")).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_is_what_the_proofs_of_its_entries_are() {
    let site = Site::start().await;
    let (cde, isa) = (site.role("CDE").await, site.role("ISA").await);
    for _ in 0..3 {
        cde.new_dossier(json!({})).await;
    }
    let pack = isa.post("/v1/ledger/evidence", json!({ "entries": ["c-3", "c-0", "c-4", "c-3"] })).await;
    assert_eq!(pack.status, 200, "{}", pack.json);
    let entries = pack.json["entries"].as_array().unwrap();
    assert_eq!(entries.iter().map(|entry| entry["index"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 3, 4]);
    assert_eq!(pack.json["key"], isa.get("/v1/ledger/key").await.text().trim());
    for entry in entries {
        let proof = isa.get(&format!("/v1/ledger/proof/c-{}", entry["index"])).await.json;
        for part in ["leaf", "proof"] {
            assert_eq!(entry[part], proof[part]);
        }
        for part in ["log", "size", "root", "checkpoint"] {
            assert_eq!(pack.json[part], proof[part]);
        }
    }
    let last = isa.get("/v1/ledger?log=access&action=export").await.json["items"][0].clone();
    assert_eq!((&last["note"]["log"], &last["note"]["entries"]), (&json!("change"), &json!("0,3-4")));
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_what_is_not_there_or_not_of_one_log_is_refused() {
    let site = Site::start().await;
    let isa = site.role("ISA").await;
    isa.get("/v1/ledger").await;
    let many: Vec<String> = (0..501).map(|index| format!("c-{index}")).collect();
    for (entries, status) in [
        (json!(["c-0", "a-1-0"]), 422),
        (json!(["c-999999"]), 404),
        (json!(["a-7-0"]), 404),
        (json!([]), 400),
        (json!(["c-01"]), 400),
        (json!(many), 400),
        (json!("c-0"), 400),
    ] {
        let answer = isa.post("/v1/ledger/evidence", json!({ "entries": entries })).await;
        assert_eq!(answer.status, status, "{}", answer.json);
    }
}
