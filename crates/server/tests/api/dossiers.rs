//! Dossiers: entered, listed, opened, changed, revealed, erased.

use serde_json::{Value as Json, json};

use crate::support::{Site, at, code};

const PHONE: &str = "15400000001";
const MASKED: &str = "154****0001";

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_is_entered_and_comes_out_masked() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let fields = json!({ "name": "示例科技(杭州)有限公司", "subject": "A", "phone": PHONE, "representative": "韩示例" });
    let body = json!({ "fields": fields, "stage": 1, "level": "L3", "source": "visit" });
    let made = cde.post("/v1/dossiers", body).await;
    assert_eq!((made.status, made.version()), (201, 1));
    assert_eq!(made.header("location"), at(&made.json, ""));
    assert_eq!(made.json["fields"]["name"], "示例科技（杭州）有限公司");
    assert_eq!(made.json["fields"]["phone"], MASKED);
    assert_eq!(made.json["fields"]["representative"], "韩**");
    assert_eq!(made.json["masked"], json!(["phone", "representative"]));
    assert_eq!(
        (&made.json["stage"], &made.json["level"], &made.json["team"]),
        (&json!(1), &json!("L3"), &json!("华东"))
    );
    let code = made.json["code"].as_str().unwrap();
    assert!(code.ends_with("1L3"), "{code}");

    for path in [at(&made.json, ""), format!("/v1/dossiers/{code}"), format!("/v1/dossiers/{}", &code[..15])]
    {
        let read = cde.get(&path).await;
        assert_eq!((read.status, read.version(), &read.json), (200, 1, &made.json), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn provenance_is_told_when_asked_for() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let made = cde
        .post("/v1/dossiers", json!({ "fields": { "name": "示例", "subject": "A" }, "source": "visit" }))
        .await;
    let read = cde.get(&at(&made.json, "?provenance=true")).await;
    let name = &read.json["provenance"]["name"];
    assert_eq!(
        (&name["version"], &name["channel"], &name["source"]),
        (&json!(1), &json!("api"), &json!("visit"))
    );
    let read = cde.get(&at(&made.json, "?provenance=false")).await;
    assert!(read.json.get("provenance").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_version_gets_304_and_is_recorded_all_the_same() {
    let site = Site::start().await;
    let (cde, isa) = (site.role("CDE").await, site.role("ISA").await);
    let made = cde.new_dossier(json!({})).await;
    let views = async || {
        let looks = isa.get(&at(&made, "/looks")).await;
        looks.json["items"].as_array().unwrap().iter().filter(|look| look["action"] == "view").count()
    };
    let before = views().await;
    for tag in ["\"1\"", "W/\"1\"", "*", "\"7\", \"1\""] {
        let answer = cde.send("GET", &at(&made, ""), &[("if-none-match", tag)], None).await;
        assert_eq!((answer.status, answer.bytes.len(), answer.header("etag")), (304, 0, "\"1\""), "{tag}");
    }
    assert_eq!(views().await, before + 4);
    let answer = cde.send("GET", &at(&made, ""), &[("if-none-match", "\"2\"")], None).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_pages_filters_and_only_the_fields_asked_for() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let mut ids = Vec::new();
    for at in 0..5 {
        let fields = json!({ "name": format!("示例{at}"), "subject": "A", "phone": PHONE });
        let body = json!({ "fields": fields, "stage": at % 2, "level": if at == 4 { "L4" } else { "L2" } });
        let made = cde.post("/v1/dossiers", body).await;
        ids.insert(0, made.json["id"].clone());
    }
    let mut seen: Vec<Json> = Vec::new();
    let mut path = "/v1/dossiers?limit=2&fields=name&fields=phone".to_owned();
    loop {
        let page = cde.get(&path).await;
        for item in page.json["items"].as_array().unwrap() {
            assert_eq!(item["fields"].as_object().unwrap().len(), 2);
            assert_eq!(item["fields"]["phone"], MASKED);
            seen.push(item["id"].clone());
        }
        let Some(next) = page.json["next"].as_str() else { break };
        path = format!("/v1/dossiers?limit=2&fields=name&fields=phone&after={next}");
    }
    assert_eq!(seen, ids);
    let count = async |query: &str| {
        let page = cde.get(&format!("/v1/dossiers?{query}")).await;
        assert_eq!(page.status, 200, "{}", page.json);
        page.json["items"].as_array().unwrap().len()
    };
    assert_eq!(count("stage=0").await, 3);
    assert_eq!(count("stage=0&stage=1").await, 5);
    assert_eq!(count("level=L4").await, 1);
    assert_eq!(count("team=%E5%8D%8E%E4%B8%9C").await, 5);
    assert_eq!(count("team=nobody").await, 0);
    assert_eq!(count("industry=00").await, 5);
    assert_eq!(count("created_from=2000-01-01&created_to=2999-12-31").await, 5);
    assert_eq!(count("created_to=2000-01-01").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_needs_the_version_that_was_seen() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let made = cde.new_dossier(json!({ "phone": PHONE })).await;
    let path = at(&made, "");
    let body = json!({ "fields": { "remarks": "由示例展会认识" } });

    let answer = cde.send("PATCH", &path, &[], Some(body.clone())).await;
    assert_eq!((answer.status, answer.code()), (428, code("precondition_required")));
    for tag in ["W/\"1\"", "*", "1", "\"0\"", "\"x\"", "\"1\", \"2\"", "\"99999999999\""] {
        let answer = cde.send("PATCH", &path, &[("if-match", tag)], Some(body.clone())).await;
        assert_eq!((answer.status, answer.json["field"].as_str()), (400, Some("If-Match")), "{tag}");
    }
    let answer = cde.patch(&path, 7, body.clone()).await;
    assert_eq!((answer.status, answer.code()), (412, code("version_conflict")));

    let answer = cde.patch(&path, 1, body.clone()).await;
    assert_eq!((answer.status, answer.version()), (200, 2));
    assert_eq!(answer.json["fields"]["remarks"], "由示例展会认识");
    let answer = cde.patch(&path, 1, body).await;
    assert_eq!(answer.status, 412);
    let answer = cde.patch(&path, 2, json!({ "fields": { "remarks": null }, "stage": 1 })).await;
    assert_eq!((answer.status, &answer.json["stage"]), (200, &json!(1)));
    assert!(answer.json["fields"].get("remarks").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mask_sent_back_is_refused_and_nothing_changes() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let made = cde.new_dossier(json!({ "phone": PHONE })).await;
    let answer = cde.patch(&at(&made, ""), 1, json!({ "fields": { "phone": MASKED } })).await;
    assert_eq!((answer.status, answer.json["errors"][0]["field"].as_str()), (422, Some("phone")));
    assert_eq!(cde.get(&at(&made, "")).await.version(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn history_shows_each_version_through_the_mask() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let made = cde.new_dossier(json!({ "phone": PHONE })).await;
    cde.patch(&at(&made, ""), 1, json!({ "fields": { "phone": "15400000009", "remarks": "改" } })).await;
    let history = cde.get(&at(&made, "/history")).await;
    let versions = history.json["versions"].as_array().unwrap();
    assert_eq!((versions.len(), &history.json["next"]), (2, &Json::Null));
    let changes = versions[0]["changes"].as_array().unwrap();
    let of = |field: &str| changes.iter().find(|change| change["field"] == field).unwrap();
    assert_eq!((&of("phone")["before"], &of("phone")["form"]), (&json!(MASKED), &json!("masked")));
    assert_eq!((&of("remarks")["before"], &of("remarks")["after"]), (&Json::Null, &json!("改")));
    let page = cde.get(&at(&made, "/history?limit=1")).await;
    assert_eq!(page.json["next"], 2);
    let page = cde.get(&at(&made, "/history?limit=1&before=2")).await;
    assert_eq!((&page.json["versions"][0]["version"], &page.json["next"]), (&json!(1), &Json::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reveal_needs_a_purpose_and_is_seen_by_others() {
    let site = Site::start().await;
    let (cde, cda) = (site.role("CDE").await, site.role("CDA").await);
    let made = cde.new_dossier(json!({ "phone": PHONE })).await;
    let path = at(&made, "/reveal");
    let answer = cde.post(&path, json!({ "field": "phone", "purpose": "联系客户" })).await;
    assert_eq!((answer.status, &answer.json["value"]), (200, &json!("+8615400000001")));
    assert_eq!((&answer.json["used"], &answer.json["limit"]), (&json!(1), &json!(20)));
    let looks = cda.get(&at(&made, "/looks")).await;
    let reveal =
        looks.json["items"].as_array().unwrap().iter().find(|look| look["action"] == "reveal").unwrap();
    assert_eq!((&reveal["entry"], &reveal["fields"]), (&answer.json["entry"], &json!(["phone"])));

    let answer = cde.post(&path, json!({ "field": "phone", "purpose": " " })).await;
    assert_eq!((answer.status, answer.code()), (422, code("purpose_required")));
    let answer = cde.post(&path, json!({ "field": "phone" })).await;
    assert_eq!((answer.status, answer.json["field"].as_str()), (400, Some("purpose")));
    let answer = cde.post(&path, json!({ "field": "relatives", "purpose": "联系客户" })).await;
    assert_eq!((answer.status, answer.json["field"].as_str()), (400, Some("field")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_the_values_leads_nowhere() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let made = cde.new_dossier(json!({ "phone": PHONE })).await;
    let path = at(&made, "/detokenise");
    for token in ["tok_x", "+8615400000001", MASKED] {
        let body = json!({ "field": "phone", "token": token, "purpose": "核对导出" });
        let answer = cde.post(&path, body).await;
        assert_eq!((answer.status, answer.code()), (422, code("token_other")), "{token}");
        assert_eq!(answer.json["field"].as_str(), Some("token"));
    }
    let answer = cde.post(&path, json!({ "field": "phone", "purpose": "核对导出" })).await;
    assert_eq!((answer.status, answer.json["field"].as_str()), (400, Some("token")));
    let answer = cde.post(&path, json!({ "field": "phone", "token": "tok_x", "purpose": " " })).await;
    assert_eq!((answer.status, answer.code()), (422, code("purpose_required")));
    let answer = cde.post(&path, json!({ "field": "email", "token": "tok_x", "purpose": "核对导出" })).await;
    assert_eq!((answer.status, answer.code()), (404, code("field_empty")));
}

#[tokio::test(flavor = "multi_thread")]
async fn reveals_beyond_the_quota_wait_an_hour() {
    let site = Site::with(|settings| settings.limits.reveals_per_hour = 2).await;
    let cde = site.role("CDE").await;
    let made = cde.new_dossier(json!({ "phone": PHONE })).await;
    let reveal =
        async || cde.post(&at(&made, "/reveal"), json!({ "field": "phone", "purpose": "联系客户" })).await;
    assert_eq!((reveal().await.status, reveal().await.status), (200, 200));
    let refused = reveal().await;
    assert_eq!(
        (refused.status, refused.code(), refused.header("retry-after")),
        (429, code("quota_reveal"), "3600")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_command_under_the_same_key_is_carried_out_once() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let body = json!({ "fields": { "name": "示例", "subject": "A" } });
    let key = [("idempotency-key", "2026-11-22-0001")];
    let first = cde.send("POST", "/v1/dossiers", &key, Some(body.clone())).await;
    let again = cde.send("POST", "/v1/dossiers", &key, Some(body.clone())).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""));
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(first.json["id"], again.json["id"]);
    let other = json!({ "fields": { "name": "另一个", "subject": "A" } });
    let answer = cde.send("POST", "/v1/dossiers", &key, Some(other)).await;
    assert_eq!((answer.status, answer.code()), (422, code("idempotency_mismatch")));
    for key in ["", "a b", &"k".repeat(129)] {
        let answer = cde.send("POST", "/v1/dossiers", &[("idempotency-key", key)], Some(body.clone())).await;
        assert_eq!((answer.status, answer.json["field"].as_str()), (400, Some("Idempotency-Key")), "{key:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_customer_has_one_dossier() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let fields = json!({ "document_type": "credit_code", "document_number": "91990000MA0000015Q" });
    let first = cde.new_dossier(fields.clone()).await;
    let body = json!({ "fields": { "name": "另一个", "subject": "A",
        "document_type": "credit_code", "document_number": "91990000MA0000015Q" } });
    let answer = cde.post("/v1/dossiers", body).await;
    assert_eq!((answer.status, answer.code()), (409, code("duplicate")));
    let code = first["code"].as_str().unwrap();
    assert!(answer.json["detail"].as_str().unwrap().contains(&code[..15]), "{}", answer.json);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_dossier_is_gone_for_good() {
    let site = Site::start().await;
    let (cdo, cde) = (site.cdo().await, site.role("CDE").await);
    let made = cde.new_dossier(json!({ "phone": PHONE })).await;
    let contact = cde.new_contact(&made).await;
    let answer = cdo.delete(&at(&made, "")).await;
    assert_eq!((answer.status, &answer.json["records"]), (200, &json!(2)));
    for path in [at(&made, ""), at(&made, "/history"), at(&made, "/contacts"), at(&contact, "")] {
        let answer = cde.get(&path).await;
        assert!(matches!(answer.status, 404 | 410), "{path}: {}", answer.status);
    }
    assert!(matches!(cdo.delete(&at(&made, "")).await.status, 404 | 410));
    let list = cde.get("/v1/dossiers").await;
    assert_eq!(list.json["items"], json!([]));
}
