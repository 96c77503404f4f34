use axum::body::Body;
use axum::response::IntoResponse;
use http_body_util::BodyExt;
use serde_json::{Value as Json, json};

use super::*;

fn ask(lang: Lang) -> Ask {
    Ask { id: "run-1".to_owned(), lang, address: None, scim: false, place: None }
}

/// The whole of a response that was put into words.
async fn said(response: Response, lang: Lang) -> (StatusCode, axum::http::HeaderMap, Json) {
    let (parts, body) = say(response, &ask(lang)).into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, serde_json::from_slice(&bytes).unwrap_or(Json::Null))
}

async fn of(fault: Fault, lang: Lang) -> Json {
    said(Refused(fault).into_response(), lang).await.2
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_all_its_members_in_the_readers_language() {
    let zh = of(Fault::new("not_found"), Lang::Zh).await;
    let expected = json!({
        "type": "urn:dossier:problem:not_found",
        "title": "未找到",
        "status": 404,
        "detail": Fault::new("not_found").text(Lang::Zh),
        "code": Fault::new("not_found").code(),
        "request_id": "run-1"
    });
    assert_eq!(zh, expected);
    let en = of(Fault::new("not_found"), Lang::En).await;
    assert_eq!((en["title"].as_str(), en["code"].as_str()), (Some("not found"), zh["code"].as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_problems_are_listed_each_with_its_field() {
    let problems = vec![Fault::new("required").field("name"), Fault::new("required").field("subject")];
    let body = of(Fault::many(problems), Lang::En).await;
    assert_eq!(body["status"], 422);
    assert_eq!(body["errors"][1]["field"], "subject");
    assert_eq!(body["errors"][0]["code"], Fault::new("required").code());
    assert!(body["errors"][0]["detail"].as_str().unwrap().starts_with("name: "));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_to_wait_is_told_how_long() {
    let after = async |fault: Fault| {
        let (_, headers, _) = said(Refused(fault).into_response(), Lang::Zh).await;
        headers.get(header::RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(after(Fault::new("rate_limited").with("seconds", "7")).await.as_deref(), Some("7"));
    assert_eq!(after(Fault::new("quota_reveal").with("limit", "20")).await.as_deref(), Some("3600"));
    assert_eq!(after(Fault::new("overloaded")).await.as_deref(), Some("1"));
    assert_eq!(after(Fault::new("not_found")).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_signed_in_is_told_how_to() {
    let challenge = async |key: &'static str| {
        let fault = Fault { key, ..Fault::new("unauthenticated") };
        let (_, headers, _) = said(Refused(fault).into_response(), Lang::Zh).await;
        headers[header::WWW_AUTHENTICATE].to_str().unwrap().to_owned()
    };
    assert_eq!(challenge("unauthenticated").await, "Bearer realm=\"dossier\"");
    assert_eq!(challenge("token_expired").await, "Bearer realm=\"dossier\", error=\"invalid_token\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_status_of_other_code_gets_words_and_keeps_its_headers() {
    let bare = (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET")]).into_response();
    let (status, headers, body) = said(bare, Lang::Zh).await;
    assert_eq!((status, headers[header::ALLOW].to_str().unwrap()), (StatusCode::METHOD_NOT_ALLOWED, "GET"));
    assert_eq!(body["type"], "urn:dossier:problem:method_not_allowed");
    let text = (StatusCode::BAD_GATEWAY, "at /home/somebody/secret.rs:7").into_response();
    let (status, _, body) = said(text, Lang::Zh).await;
    assert_eq!((status, body["status"].as_u64()), (StatusCode::INTERNAL_SERVER_ERROR, Some(500)));
    assert!(!body.to_string().contains("secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_well_is_left_alone() {
    let well = Response::new(Body::from("{}"));
    assert_eq!(said(well, Lang::Zh).await.2, json!({}));
}

#[test]
fn every_status_of_the_catalogue_has_a_title() {
    for entry in dossier_engine::model::fault::catalogue() {
        let known = entry.status == 500 || entry.status == 502 || title(entry.status, Lang::Zh) != "内部错误";
        assert!(known, "{}: {}", entry.key, entry.status);
    }
}
