//! Contacts: the people of a dossier.

use serde_json::json;

use crate::support::{Site, at, code};

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_entered_listed_opened_and_changed() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let dossier = cde.new_dossier(json!({})).await;
    let body = json!({
        "fields": { "name": "韩示例", "mobile": "154 0000 0002", "email": "Han@Example.com", "preferences": ["phone"] },
        "source": "business_card"
    });
    let made = cde.post(&at(&dossier, "/contacts"), body).await;
    assert_eq!((made.status, made.header("location")), (201, at(&made.json, "").as_str()));
    assert_eq!(made.json["dossier"], dossier["id"]);
    assert_eq!(made.json["fields"]["mobile"], "154****0002");
    assert_eq!(made.json["fields"]["name"], "韩**");
    assert_eq!(made.json["fields"]["preferences"], json!(["phone"]));

    let by_code = format!("/v1/dossiers/{}/contacts", dossier["code"].as_str().unwrap());
    for path in [at(&dossier, "/contacts"), by_code] {
        let list = cde.get(&path).await;
        assert_eq!(list.json["items"], json!([made.json]));
    }
    let list = cde.get(&at(&dossier, "/contacts?limit=1&fields=title")).await;
    assert_eq!(list.json["items"][0]["fields"], json!({}));

    let changed = cde.patch(&at(&made.json, ""), 1, json!({ "fields": { "title": "采购总监" } })).await;
    assert_eq!((changed.status, changed.version()), (200, 2));
    let read = cde.get(&at(&made.json, "?provenance=true")).await;
    assert_eq!(read.json["provenance"]["title"]["version"], 2);
    assert_eq!(read.json["provenance"]["mobile"]["source"], "business_card");
    let history = cde.get(&at(&made.json, "/history")).await;
    assert_eq!(history.json["versions"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contacts_number_is_revealed_with_a_purpose() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let contact = cde.new_contact(&cde.new_dossier(json!({})).await).await;
    let answer =
        cde.post(&at(&contact, "/reveal"), json!({ "field": "mobile", "purpose": "联系客户" })).await;
    assert_eq!((answer.status, &answer.json["value"]), (200, &json!("+8615400000002")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_has_no_stage_of_its_own_and_no_customers_fields() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let contact = cde.new_contact(&cde.new_dossier(json!({})).await).await;
    let answer = cde.patch(&at(&contact, ""), 1, json!({ "fields": {}, "stage": 2 })).await;
    assert_eq!((answer.status, answer.code()), (400, code("body_unknown_member")));
    let answer = cde.patch(&at(&contact, ""), 1, json!({ "fields": { "credit_limit": "1元" } })).await;
    assert_eq!((answer.status, answer.json["errors"][0]["field"].as_str()), (422, Some("credit_limit")));
    assert_eq!(cde.get(&at(&contact, "")).await.version(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_the_other_kind_are_not_found() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let dossier = cde.new_dossier(json!({})).await;
    let contact = cde.new_contact(&dossier).await;
    for path in [
        format!("/v1/contacts/{}", dossier["id"].as_str().unwrap()),
        format!("/v1/contacts/{}", dossier["code"].as_str().unwrap()),
        format!("/v1/dossiers/{}", contact["id"].as_str().unwrap()),
        format!("/v1/dossiers/{}/contacts", contact["id"].as_str().unwrap()),
    ] {
        assert_eq!(cde.get(&path).await.status, 404, "{path}");
    }
}
