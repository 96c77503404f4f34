//! Finding by an exact identity and by names.

use serde_json::json;

use crate::support::{Site, code};

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_found_by_code_document_phone_and_its_last_four() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let dossier = cde
        .new_dossier(json!({
            "phone": "15400000001", "email": "office@example.com",
            "document_type": "credit_code", "document_number": "91990000MA0000015Q"
        }))
        .await;
    let contact = cde.new_contact(&dossier).await;
    let found = async |q: &str| {
        let answer = cde.post("/v1/search", json!({ "q": q })).await;
        assert_eq!(answer.status, 200, "{q}: {}", answer.json);
        answer.json["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<_>>()
    };
    let code = dossier["code"].as_str().unwrap();
    for q in [
        code,
        &code[..15],
        "91990000MA0000015Q",
        "154 0000 0001",
        "+8615400000001",
        "0001",
        "office@example.com",
    ] {
        assert_eq!(found(q).await, [dossier["id"].clone()], "{q}");
    }
    assert_eq!(found("15400000002").await, [contact["id"].clone()]);
    assert_eq!(found("15499999999").await, Vec::<serde_json::Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn misses_are_counted() {
    let site = Site::with(|settings| settings.limits.find_misses_per_hour = 1).await;
    let cde = site.role("CDE").await;
    let miss = async || cde.post("/v1/search", json!({ "q": "15499999999" })).await;
    assert_eq!(miss().await.status, 200);
    let refused = miss().await;
    assert_eq!(
        (refused.status, refused.code(), refused.header("retry-after")),
        (429, code("quota_find"), "3600")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_is_none_is_refused() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    for q in ["", " ", "a\u{0}b", &"1".repeat(65)] {
        let answer = cde.post("/v1/search", json!({ "q": q })).await;
        assert!(matches!(answer.status, 400 | 422), "{q:?}: {}", answer.json);
        assert_eq!(answer.json["field"], "q", "{q:?}");
    }
    assert_eq!(cde.get("/v1/search?q=15400000001").await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_found_by_a_part_of_it_and_the_answer_says_how() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let dossier = cde.new_dossier(json!({ "name": "示例科技（杭州）有限公司", "subject": "A" })).await;
    site.engine.catch_up_names().unwrap();
    for (q, how) in
        [("示例科技", "short_form"), ("科技", "contains"), ("shilikeji", "pinyin"), ("slkj", "initials")]
    {
        let answer = cde.post("/v1/search", json!({ "q": q, "limit": 5 })).await;
        assert_eq!(answer.status, 200, "{q}: {}", answer.json);
        let hit = &answer.json["items"][0];
        assert_eq!(
            (&hit["id"], &hit["found"]),
            (&dossier["id"], &json!({ "field": "name", "how": how })),
            "{q}"
        );
        assert_eq!((&answer.json["complete"], &answer.json["more"]), (&json!(true), &json!(false)), "{q}");
    }
    for limit in [json!(0), json!(26), json!("5")] {
        let answer = cde.post("/v1/search", json!({ "q": "示例", "limit": limit })).await;
        assert!(matches!(answer.status, 400 | 422), "{limit}: {}", answer.json);
        assert_eq!(answer.json["field"], "limit", "{limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_index_the_answer_says_that_it_is_not_complete() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    cde.new_dossier(json!({ "name": "示例科技有限公司", "subject": "A", "phone": "15400000001" })).await;
    let answer = cde.post("/v1/search", json!({ "q": "示例" })).await;
    assert_eq!((answer.status, &answer.json["complete"]), (200, &json!(false)), "{}", answer.json);
    let by_number = cde.post("/v1/search", json!({ "q": "15400000001" })).await;
    assert_eq!(by_number.json["items"][0]["found"], json!({ "field": "phone", "how": "exact" }));
}
