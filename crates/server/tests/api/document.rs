//! The document of the interface and the page to read it with.

use serde_json::{Value as Json, json};

use crate::support::{Site, operations};

#[test]
fn the_document_is_as_it_was_read_last() {
    let document = serde_json::to_string_pretty(&dossier_server::openapi()).unwrap();
    insta::assert_snapshot!("openapi", document);
}

#[test]
fn the_document_is_of_openapi_3_1_and_names_every_endpoint_once() {
    let document = serde_json::to_value(dossier_server::openapi()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
    let mut names: Vec<_> = operations()
        .iter()
        .map(|(method, path)| {
            document["paths"][path][method.to_lowercase()]["operationId"].as_str().unwrap().to_owned()
        })
        .collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn every_reference_leads_somewhere() {
    let document = serde_json::to_value(dossier_server::openapi()).unwrap();
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        match value {
            Json::Object(members) => {
                if let Some(Json::String(target)) = members.get("$ref") {
                    assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target}");
                }
                open.extend(members.values());
            }
            Json::Array(items) => open.extend(items),
            _ => {}
        }
    }
}

#[test]
fn every_example_is_made_up() {
    let text = serde_json::to_string(&dossier_server::openapi()).unwrap();
    for (at, _) in text.match_indices('@') {
        assert!(
            text[at..].starts_with("@example.com"),
            "{}",
            &text[at.saturating_sub(20)..(at + 20).min(text.len())]
        );
    }
    let digits: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 11).collect();
    assert!(!digits.is_empty() && digits.iter().all(|run| run.starts_with("1540")), "{digits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_gives_out_this_document() {
    let site = Site::start().await;
    let answer = site.anon().get("/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.json, serde_json::to_value(dossier_server::openapi()).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_all_it_needs_come_from_the_binary() {
    let site = Site::start().await;
    let answer = site.anon().get("/docs").await;
    assert_eq!((answer.status, answer.header("location")), (308, "/docs/"));
    let page = site.anon().get("/docs/").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("http"), "{policy}");
    let html = page.text().to_owned();
    let mut files = Vec::new();
    for attribute in ["src=\"", "href=\""] {
        files.extend(html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()));
    }
    assert!(files.len() >= 4, "{html}");
    for file in files {
        assert!(!file.contains("//"), "{file} is fetched from elsewhere");
        let answer = site.anon().get(&format!("/docs/{}", file.trim_start_matches("./"))).await;
        assert_eq!(answer.status, 200, "{file}");
    }
    // What the policy forbids, the page must not have.
    assert!(
        !html.split("<script").skip(1).any(|tag| !tag.split('>').next().unwrap().contains("src=")),
        "{html}"
    );
    let start = site.anon().get("/docs/swagger-initializer.js").await;
    assert!(start.text().contains("/openapi.json") && start.text().contains("none"), "{}", start.text());
    assert_eq!(site.anon().get("/docs/no-such-file.js").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_the_interface_itself_may_run_nothing() {
    let site = Site::start().await;
    let answer = site.anon().get("/v1/dossiers").await;
    let policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    assert_eq!(answer.header("content-security-policy"), policy);
    assert_eq!(answer.json["request_id"], json!(answer.header("x-request-id")));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_turned_off_nobody_is_shown_the_interface() {
    let paths = ["/docs", "/docs/", "/docs/swagger-ui.css", "/openapi.json"];
    for (shown, status) in [(true, 200), (false, 404)] {
        let site = Site::with(|settings| settings.server.docs = shown).await;
        for path in paths.iter().skip(1) {
            assert_eq!(site.anon().get(path).await.status, status, "{path}");
        }
        assert_eq!(site.anon().get(paths[0]).await.status, if shown { 308 } else { 404 });
        assert_eq!(site.anon().get("/healthz").await.status, 200);
    }
}
