//! Whatever is wrong with a request is told clearly, and nothing has changed.

use serde_json::{Value as Json, json};

use crate::support::{Caller, Site, at, code};

const AS_JSON: (&str, &str) = ("content-type", "application/json");

/// Nothing was entered, and the one dossier is as it was.
async fn unchanged(caller: &Caller<'_>, dossier: &Json) {
    let list = caller.get("/v1/dossiers").await;
    assert_eq!(list.json["items"], json!([dossier]));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let dossier = cde.new_dossier(json!({})).await;
    let right = r#"{"fields": {"name": "示例", "subject": "A"}}"#;
    let deep = format!("{{\"fields\": {}{}}}", "[".repeat(40), "]".repeat(40));
    let gb18030: &[u8] = b"{\"fields\": {\"name\": \"\xca\xbe\xc0\xfd\", \"subject\": \"A\"}}";
    for (body, key) in [
        (&b""[..], "body_missing"),
        (b"  \n", "body_missing"),
        (b"{", "body_invalid"),
        (b"[]", "value_not_object"),
        (b"null", "value_not_object"),
        (b"\"text\"", "value_not_object"),
        (b"{}", "value_missing"),
        (b"{\"fields\": {}} x", "body_invalid"),
        (b"{\"fields\": {}, \"fields\": {}}", "body_duplicate_member"),
        (b"{\"fields\": {\"name\": \"a\", \"name\": \"b\"}}", "body_duplicate_member"),
        (b"{\"fields\": {}, \"extra\": 1}", "body_unknown_member"),
        (b"{\"fields\": []}", "value_not_object"),
        (b"{\"fields\": null}", "value_not_object"),
        (b"{\"fields\": {}, \"stage\": 6}", "value_range"),
        (b"{\"fields\": {}, \"stage\": \"1\"}", "value_not_whole"),
        (b"{\"fields\": {}, \"stage\": 1.5}", "value_not_whole"),
        (b"{\"fields\": {}, \"stage\": null}", "value_not_whole"),
        (b"{\"fields\": {}, \"level\": \"L5\"}", "value_option"),
        (b"{\"fields\": {}, \"level\": [\"L2\"]}", "value_not_text"),
        (b"{\"fields\": {}, \"team\": \"\"}", "value_length"),
        (b"{\"fields\": {}, \"source\": \"gossip\"}", "value_option"),
        (b"{\"fields\": {\"name\": \" \"}}", "text_empty"),
        (b"{\"fields\": {\"industry\": \"99\"}}", "value_option"),
        (deep.as_bytes(), "body_too_deep"),
        (gb18030, "body_encoding"),
        (b"\xff\xfe{\0}\0", "body_encoding"),
        (b"\xef\xbb\xbf{}", "body_invalid"),
    ] {
        let answer = cde.raw("POST", "/v1/dossiers", &[AS_JSON], body).await;
        let shown = String::from_utf8_lossy(body).into_owned();
        assert!((400..=422).contains(&answer.status), "{shown}: {}", answer.status);
        assert_eq!(answer.code(), code(key), "{shown}: {}", answer.json);
    }
    for kind in [
        "text/plain",
        "application/xml",
        "application/json; charset=gbk",
        "application/jsonx",
        "multipart/form-data",
    ] {
        let answer = cde.raw("POST", "/v1/dossiers", &[("content-type", kind)], right.as_bytes()).await;
        assert_eq!((answer.status, answer.code()), (415, code("content_type")), "{kind}");
    }
    let answer = cde.raw("POST", "/v1/dossiers", &[], right.as_bytes()).await;
    assert_eq!(answer.status, 415);
    let answer =
        cde.raw("POST", "/v1/dossiers", &[AS_JSON, ("content-encoding", "gzip")], right.as_bytes()).await;
    assert_eq!(answer.status, 415);
    unchanged(&cde, &dossier).await;
    for kind in ["application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\""] {
        assert_eq!(
            cde.raw("POST", "/v1/dossiers", &[("content-type", kind)], right.as_bytes()).await.status,
            201
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_the_archive_does_not_take() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let dossier = cde.new_dossier(json!({})).await;
    for (field, value) in [
        ("phone", json!("15400")),
        ("phone", json!(15_400_000_001_u64)),
        ("email", json!("nobody")),
        ("document_number", json!("91990000MA0000015X")),
        ("tax_number", json!("1")),
        ("founded", json!("2026-02-30")),
        ("founded", json!("9999-01-01")),
        ("registered_capital", json!({ "amount": "1" })),
        ("registered_capital", json!({ "amount": "-1", "currency": "CNY" })),
        ("relatives", json!("无")),
        ("no_such_field", json!("x")),
        ("15400000001", json!("x")),
    ] {
        let fields = json!({ "name": "示例", "subject": "A", field: value });
        let answer = cde.post("/v1/dossiers", json!({ "fields": fields })).await;
        assert_eq!(answer.status, 422, "{field}: {}", answer.json);
        // The id of the request is random, and has such figures in it now and then.
        let said = answer.text().replace(answer.header("x-request-id"), "");
        assert!(!said.contains("15400"), "what was sent is not repeated: {said}");
        let several = answer.json["errors"].as_array().map_or(0, Vec::len);
        assert!(several > 0 || answer.json["field"].is_string(), "{}", answer.json);
    }
    unchanged(&cde, &dossier).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_and_paths() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    let dossier = cde.new_dossier(json!({})).await;
    for (query, key) in [
        ("other=1", "query_unknown"),
        ("15400000001=1", "query_unknown"),
        ("limit=1&limit=1", "query_duplicate"),
        ("limit=0", "value_range"),
        ("limit=101", "value_range"),
        ("limit=ten", "value_not_whole"),
        ("limit=", "value_not_whole"),
        ("limit", "value_not_whole"),
        ("stage=6", "value_range"),
        ("stage=0,1", "value_not_whole"),
        ("level=l2", "value_option"),
        ("industry=1", "value_form"),
        ("created_from=today", "value_date"),
        ("created_from=2026-13-01", "value_date"),
        ("after=x", "value_form"),
        ("fields=relatives", "value_option"),
        ("fields=", "value_option"),
        ("team=%ff", "query_malformed"),
        ("team=%", "query_malformed"),
    ] {
        let answer = cde.get(&format!("/v1/dossiers?{query}")).await;
        assert_eq!((answer.status, answer.code()), (400, code(key)), "{query}: {}", answer.json);
        assert!(!answer.text().contains("15400"), "{}", answer.json);
    }
    let forged = format!("/v1/dossiers?after={}", "A".repeat(32));
    assert!(matches!(cde.get(&forged).await.status, 400 | 422));
    for (method, path) in [
        ("GET", "/v1/dossiers/15400000001"),
        ("GET", "/v1/dossiers/%00"),
        ("GET", "/v1/dossiers/%ff"),
        ("GET", "/v1/dossiers/.."),
        ("GET", "/v1/dossiers/DOS_01ktzmay00e1hs6v0rhdvhtc0m"),
        ("GET", "/v1/dossiers/dos_81ktzmay00e1hs6v0rhdvhtc0m"),
        ("GET", "/v1/dossiers/C0126000001230F"),
        ("GET", "/v1/dossiers/"),
        ("GET", "/v1/dossier"),
        ("GET", "/v1/dossiers/dos_01ktzmay00e1hs6v0rhdvhtc0m/nothing"),
        ("DELETE", "/v1/clients/cli_1"),
    ] {
        let answer = cde.send(method, path, &[], None).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text().contains("15400"), "{}", answer.json);
    }
    for path in [at(&dossier, "?provenance=1"), at(&dossier, "?x=1"), at(&dossier, "/history?before=0")] {
        assert_eq!(cde.get(&path).await.status, 400, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_types_that_are_not_there() {
    let site = Site::start().await;
    let cde = site.role("CDE").await;
    for (method, path, allowed) in [
        ("PUT", "/v1/dossiers", "GET,HEAD,POST"),
        ("DELETE", "/v1/dossiers", "GET,HEAD,POST"),
        ("OPTIONS", "/v1/dossiers", "GET,HEAD,POST"),
        ("TRACE", "/v1/search", "POST"),
        ("GET", "/oauth/token", "POST"),
        ("POST", "/healthz", "GET,HEAD"),
        ("POST", "/docs/", "GET,HEAD"),
    ] {
        let answer = cde.send(method, path, &[], None).await;
        assert_eq!((answer.status, answer.header("allow")), (405, allowed), "{method} {path}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    for accept in ["text/html", "application/xml;q=1, application/json;q=0"] {
        let answer = cde.send("GET", "/v1/dossiers", &[("accept", accept)], None).await;
        assert_eq!((answer.status, answer.code()), (406, code("not_acceptable")), "{accept}");
    }
    let answer = cde.send("GET", "/v1/ledger/key", &[("accept", "application/json")], None).await;
    assert_eq!(answer.status, 406);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_speak_the_readers_language() {
    let site = Site::start().await;
    let detail = async |accept: &str| {
        let answer = site.anon().send("GET", "/v1/dossiers", &[("accept-language", accept)], None).await;
        (answer.header("content-language").to_owned(), answer.json["detail"].as_str().unwrap().to_owned())
    };
    let (zh, en) = (detail("zh-CN,zh;q=0.9,en;q=0.8").await, detail("en-GB,en;q=0.9,zh;q=0.1").await);
    assert_eq!((zh.0.as_str(), en.0.as_str()), ("zh-CN", "en"));
    assert!(en.1.is_ascii() && !zh.1.is_ascii());
    assert_eq!(detail("fr").await, zh);
}
