//! SCIM 2.0 (RFC 7643, 7644): what a firm's directory may do to people, and what it cannot.

use crate::support::{Answer, Caller, PASSWORD, Site, code, token_of};
use serde_json::{Value as Json, json};

const USERS: &str = "/scim/v2/Users";
const GROUPS: &str = "/scim/v2/Groups";

/// A program that keeps people in step, and may give what a seller has.
async fn directory(site: &Site) -> Caller<'_> {
    let body = json!({ "name": "人员同步", "inherits": ["CDE"], "actions": ["manage_access"] });
    let made = site.cdo().await.post("/v1/roles", body).await;
    assert_eq!(made.status, 201, "{}", made.json);
    site.member("人员同步", "华东").await
}

fn patch(operations: Json) -> Json {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{}", answer.json);
    answer.json["id"].as_str().unwrap().to_owned()
}

async fn user(site: &Site, id: &str) -> Json {
    let all = site.cdo().await.get("/v1/users").await.json;
    all["items"].as_array().unwrap().iter().find(|user| user["id"] == id).cloned().unwrap()
}

/// A refusal in the form of SCIM.
fn refused(answer: &Answer, status: u16, kind: Option<&str>, key: &'static str) {
    assert_eq!(answer.status, status, "{}", answer.json);
    assert_eq!(answer.header("content-type"), "application/scim+json");
    assert_eq!(answer.json["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(answer.json["status"], json!(status.to_string()));
    assert_eq!(answer.json.get("scimType").and_then(Json::as_str), kind, "{}", answer.json);
    assert!(answer.json["detail"].as_str().unwrap().contains(code(key)), "{}", answer.json);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_comes_without_any_role_and_is_out_the_moment_they_are_not_active() {
    let site = Site::start().await;
    let scim = directory(&site).await;
    // Whatever roles are sent along are not so much as read.
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "示例新人", "externalId": "E-1",
        "roles": [{ "value": "CDO" }], "entitlements": [{ "value": "CDO" }], "groups": [{ "value": "CDO" }],
        "team": "华南", "password": "plum harbour eight", "emails": [{ "value": "a@example.com" }],
    });
    let made = scim.post(USERS, body.clone()).await;
    let id = id(&made);
    assert_eq!(made.header("location"), format!("{USERS}/{id}"));
    assert_eq!(made.json["externalId"], "E-1");
    assert!(!made.text().contains("example.com") && !made.text().contains("CDO"));
    let there = user(&site, &id).await;
    assert_eq!(
        (&there["roles"], &there["team"], &there["set_up"]),
        (&json!([]), &json!("华东"), &json!(false))
    );
    refused(&scim.post(USERS, body).await, 409, Some("uniqueness"), "name_taken");

    let found =
        scim.get(&format!("{USERS}?filter=userName%20eq%20%22%E7%A4%BA%E4%BE%8B%E6%96%B0%E4%BA%BA%22")).await;
    assert_eq!((&found.json["totalResults"], &found.json["Resources"][0]["id"]), (&json!(1), &json!(id)));
    let none = scim.get(&format!("{USERS}?filter=userName%20eq%20%22x%22%20and%20active%20eq%20true")).await;
    assert_eq!(none.json["totalResults"], 0);
    refused(&scim.get(&format!("{USERS}?filter=userName")).await, 400, Some("invalidFilter"), "scim_filter");
    let page = scim.get(&format!("{USERS}?startIndex=2&count=1&attributes=userName")).await;
    assert_eq!(page.json["itemsPerPage"], page.json["Resources"].as_array().unwrap().len());

    // Set up by a link that somebody else hands over, and signed in.
    let link = site.cdo().await.post_nothing(&format!("/v1/users/{id}/set-up")).await;
    let body = json!({ "token": token_of(&link.json), "password": PASSWORD });
    let person = site.by_cookie(&site.anon().post("/v1/set-up", body).await);
    assert_eq!(person.get("/v1/session").await.json["may"], json!([]));
    let one = format!("{USERS}/{id}");
    let out = patch(
        json!([{ "op": "Replace", "path": "active", "value": "False" }, { "op": "add", "path": "title", "value": "x" }]),
    );
    let left = scim.send("PATCH", &one, &[], Some(out)).await;
    assert_eq!((left.status, &left.json["active"]), (200, &json!(false)), "{}", left.json);
    assert_eq!(person.get("/v1/session").await.status, 401);
    let back = scim.put(&one, json!({ "userName": "示例改名", "active": true })).await;
    assert_eq!((&back.json["userName"], &back.json["active"]), (&json!("示例改名"), &json!(true)));
    assert_eq!(back.json.get("externalId"), None);
    refused(&scim.put(&one, json!({ "active": true })).await, 400, Some("invalidValue"), "required");
    let fixed = patch(json!([{ "op": "replace", "path": "id", "value": "usr_x" }]));
    refused(&scim.send("PATCH", &one, &[], Some(fixed)).await, 400, Some("mutability"), "scim_fixed");

    assert_eq!(scim.delete(&one).await.status, 204);
    refused(&scim.get(&one).await, 404, None, "not_found");
    refused(&scim.delete(&one).await, 404, None, "not_found");
    assert_eq!(user(&site, &id).await["disabled"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_gives_the_role_of_its_name_and_nothing_that_its_program_has_not() {
    let site = Site::start().await;
    let scim = directory(&site).await;
    let person = id(&scim.post(USERS, json!({ "userName": "示例员工" })).await);
    let group =
        id(&scim.post(GROUPS, json!({ "displayName": "CDE", "members": [{ "value": person }] })).await);
    assert_eq!(user(&site, &person).await["roles"], json!(["CDE"]));
    let shown = scim.get(&format!("{USERS}/{person}")).await.json;
    assert_eq!(shown["groups"][0]["display"], "CDE");
    let path = format!("{GROUPS}/{group}");
    let out = patch(json!([{ "op": "remove", "path": format!("members[value eq \"{person}\"]") }]));
    let out = scim.send("PATCH", &path, &[], Some(out)).await;
    assert_eq!((out.status, out.json.get("members")), (200, None), "{}", out.json);
    assert_eq!(user(&site, &person).await["roles"], json!([]));
    for (name, key) in [("CDO", "cdo_required"), ("CDA", "cdo_required"), ("ISA", "cdo_required")] {
        let body = json!({ "displayName": name, "members": [{ "value": person }] });
        refused(&scim.post(GROUPS, body).await, 403, None, key);
    }
    // Nor by another name for it afterwards.
    let plain =
        id(&scim.post(GROUPS, json!({ "displayName": "华东全员", "members": [{ "value": person }] })).await);
    assert_eq!(user(&site, &person).await["roles"], json!([]), "a group that is no role gives nothing");
    let renamed = scim.put(&format!("{GROUPS}/{plain}"), json!({ "displayName": "CDO" })).await;
    refused(&renamed, 409, Some("mutability"), "group_role_fixed");
    let stranger = json!({ "displayName": "乙", "members": [{ "value": "usr_01ktzmay00e1hs6v0rhdvhtc0m" }] });
    refused(&scim.post(GROUPS, stranger).await, 400, Some("invalidValue"), "user_not_found");
    // Taking the group away takes what it gave.
    let put = scim.put(&path, json!({ "displayName": "CDE", "members": [{ "value": person }] })).await;
    assert_eq!(put.json["members"][0]["value"], json!(person), "{}", put.json);
    assert_eq!(scim.delete(&path).await.status, 204);
    assert_eq!(user(&site, &person).await["roles"], json!([]));
    refused(&scim.get(&path).await, 404, None, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_more_than_the_program_is_out_of_its_reach() {
    let site = Site::start().await;
    let scim = directory(&site).await;
    let head = site.invited("示例主管", "CDO").await["id"].as_str().unwrap().to_owned();
    let before = user(&site, &head).await;
    let path = format!("{USERS}/{head}");
    let off = patch(json!([{ "op": "replace", "value": { "active": false } }]));
    for answer in [
        scim.send("PATCH", &path, &[], Some(off)).await,
        scim.put(&path, json!({ "userName": "别人", "active": true })).await,
        scim.delete(&path).await,
    ] {
        refused(&answer, 403, None, "cdo_required");
    }
    let group = json!({ "displayName": "CDE", "members": [{ "value": head }] });
    refused(&scim.post(GROUPS, group).await, 403, None, "cdo_required");
    assert_eq!(user(&site, &head).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_gets_anywhere_and_is_told_so_as_scim_has_it() {
    let site = Site::start().await;
    let scim = directory(&site).await;
    let made = id(&scim.post(USERS, json!({ "userName": "示例员工" })).await);
    let group = id(&scim.post(GROUPS, json!({ "displayName": "甲" })).await);
    let (user, group) = (format!("{USERS}/{made}"), format!("{GROUPS}/{group}"));
    let nothing = patch(json!([{ "op": "replace", "path": "active", "value": false }]));
    let cases = [
        ("GET", USERS, None),
        ("POST", USERS, Some(json!({ "userName": "不该有" }))),
        ("GET", &user, None),
        ("PUT", &user, Some(json!({ "userName": "不该有" }))),
        ("PATCH", &user, Some(nothing.clone())),
        ("DELETE", &user, None),
        ("GET", GROUPS, None),
        ("POST", GROUPS, Some(json!({ "displayName": "不该有" }))),
        ("GET", &group, None),
        ("PUT", &group, Some(json!({ "displayName": "不该有" }))),
        ("PATCH", &group, Some(nothing)),
        ("DELETE", &group, None),
    ];
    for (method, path, body) in cases {
        for role in ["CDA", "CDE", "CDU", "ISA"] {
            let answer = site.role(role).await.send(method, path, &[], body.clone()).await;
            refused(&answer, 403, None, "action_not_allowed");
        }
        let answer = site.anon().send(method, path, &[], body).await;
        refused(&answer, 401, None, "unauthenticated");
    }
    for path in ["/scim/v2/Schemas", "/scim/v2/ResourceTypes", "/scim/v2/ServiceProviderConfig"] {
        assert_eq!(site.anon().get(path).await.status, 401);
        assert_eq!(scim.get(path).await.status, 200);
    }
    for path in ["/scim/v2/x", "/scim/v2/Schemas/x", "/scim/v2/Users/usr_01ktzmay00e1hs6v0rhdvhtc0m"] {
        let answer = scim.get(path).await;
        assert_eq!((answer.status, answer.json["status"].as_str()), (404, Some("404")), "{path}");
    }
    assert_eq!(scim.post("/scim/v2/Bulk", json!({})).await.status, 501);
    let text = scim.raw("POST", USERS, &[("content-type", "text/plain")], b"{}").await;
    assert_eq!((text.status, text.header("content-type")), (415, "application/scim+json"));
    let scim_type = [("content-type", "application/scim+json; charset=utf-8")];
    let answer =
        scim.raw("POST", USERS, &scim_type, r#"{"userName":"示例乙","userName":"示例丙"}"#.as_bytes()).await;
    refused(&answer, 400, Some("invalidSyntax"), "body_duplicate_member");
}
