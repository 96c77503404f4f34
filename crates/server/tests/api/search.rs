//! Finding by an exact identity.

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
