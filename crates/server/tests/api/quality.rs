//! How complete records are.

use serde_json::json;

use crate::support::{Site, at};

#[tokio::test(flavor = "multi_thread")]
async fn a_record_says_what_is_missing_and_all_together_how_much() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let bare = cde.new_dossier(json!({})).await;
    assert!(bare["missing"].as_array().unwrap().contains(&json!("phone")));
    let percent = bare["completeness"].as_u64().unwrap();
    let changed = cde.patch(&at(&bare, ""), 1, json!({ "fields": { "phone": "15400000001" } })).await.json;
    assert!(!changed["missing"].as_array().unwrap().contains(&json!("phone")));
    assert!(changed["completeness"].as_u64().unwrap() > percent);
    // A masked field counts as filled for who sees its mask, and a person needs no representative.
    assert_eq!(changed["masked"], json!(["phone"]));
    let person =
        cde.post("/v1/dossiers", json!({ "stage": 1, "fields": { "name": "韩示例", "subject": "B" } })).await;
    assert!(!person.json["missing"].as_array().unwrap().contains(&json!("representative")));
    // Of some fields alone nobody can say it.
    let some = cde.get("/v1/dossiers?fields=name").await.json;
    assert!(some["items"][0].get("completeness").is_none() && some["items"][0].get("missing").is_none());

    let all = cde.get("/v1/quality").await.json;
    assert_eq!((&all["records"], &all["teams"][0]["records"]), (&json!(2), &json!(2)));
    let missing = |record: &serde_json::Value| record["missing"].as_array().unwrap().len() as u64;
    let lacking: u64 =
        all["missing"].as_array().unwrap().iter().map(|m| m["records"].as_u64().unwrap()).sum();
    assert_eq!(lacking, missing(&changed) + missing(&person.json));
    assert_eq!(all["expected"].as_u64().unwrap() - all["filled"].as_u64().unwrap(), lacking);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_caller_reaches_counts() {
    let site = Site::start().await;
    site.member("CDE", "华东").await.new_dossier(json!({})).await;
    site.member("CDE", "华南").await.new_dossier(json!({})).await;
    let south = site.member("CDA", "华南").await.get("/v1/quality").await.json;
    assert_eq!((&south["records"], &south["teams"][0]["team"]), (&json!(1), &json!("华南")));
    assert_eq!(site.role("ISA").await.get("/v1/quality").await.json["records"], json!(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_kept_for_the_same_view_and_say_of_when_they_are() {
    let site = Site::start().await;
    let cde = site.member("CDE", "华南").await;
    cde.new_dossier(json!({})).await;
    // Nobody has asked yet: that costs nothing, and says nothing.
    assert_eq!(cde.get("/v1/quality?kept=true").await.status, 204);
    let first = cde.get("/v1/quality").await.json;
    cde.new_dossier(json!({})).await;
    assert_eq!(cde.get("/v1/quality").await.json, first);
    assert_eq!(cde.get("/v1/quality?kept=true").await.json, first);
    let fresh = cde.get("/v1/quality?fresh=true").await.json;
    assert_eq!((&first["records"], &fresh["records"]), (&json!(1), &json!(2)));
    assert!(fresh["as_of"].as_str().unwrap() > first["as_of"].as_str().unwrap());
    let both = cde.get("/v1/quality?fresh=true&kept=true").await;
    assert_eq!(both.status, 422);
    // Another team, another role: another view, for which nothing is kept. A change of the policy leaves nothing.
    let north = site.role("CDE").await;
    assert_eq!(north.get("/v1/quality?kept=true").await.status, 204);
    assert_eq!(cde.get("/v1/quality?kept=true").await.status, 204);
    assert_eq!(cde.get("/v1/quality").await.json["records"], json!(2));
    assert_eq!(site.role("CDA").await.get("/v1/quality?kept=true").await.status, 204);
}
