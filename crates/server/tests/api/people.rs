//! Links, passwords, codes, sessions and views over REST; what they mean is tested in the engine.

use serde_json::json;

use crate::support::{PASSWORD, Site, code, token_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_looked_at_and_used_once() {
    let site = Site::start().await;
    let user = site.invited("示例员工", "CDE").await;
    let look = async || site.anon().post("/v1/set-up/look", json!({ "token": token_of(&user) })).await;
    assert_eq!(look().await.json, json!({ "purpose": "invitation", "name": "示例员工", "roles": ["CDE"] }));
    let use_it = async |password: &str| {
        site.anon().post("/v1/set-up", json!({ "token": token_of(&user), "password": password })).await
    };
    let refused = use_it("short").await;
    assert_eq!((refused.status, refused.json["field"].as_str()), (422, Some("password")));
    let person = site.by_cookie(&use_it(PASSWORD).await);
    assert_eq!(person.get("/v1/session").await.json["user"]["id"], user["id"]);
    for answer in [look().await, use_it(PASSWORD).await] {
        assert_eq!((answer.status, answer.code()), (404, code("set_up_unknown")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_changes_the_password_and_sees_where_the_sessions_are() {
    let site = Site::start().await;
    let person = site.person("CDE").await;
    let wrong = person.put("/v1/me/password", json!({ "current": "x", "new": "nine quiet lanterns" })).await;
    assert_eq!((wrong.status, wrong.json["field"].as_str()), (422, Some("current")));
    let done =
        person.put("/v1/me/password", json!({ "current": PASSWORD, "new": "nine quiet lanterns" })).await;
    assert_eq!(done.status, 204);
    let sessions = person.get("/v1/me/sessions").await.json;
    assert_eq!(
        (sessions["items"].as_array().unwrap().len(), &sessions["items"][0]["current"]),
        (1, &json!(true))
    );
    let id = sessions["items"][0]["id"].as_str().unwrap();
    for path in ["/v1/me/sessions", &format!("/v1/me/sessions/{id}")] {
        let end = async |body| person.send("DELETE", path, &[], body).await;
        assert_eq!(end(None).await.status, 415, "{path}");
        let wrong = end(Some(json!({ "password": PASSWORD }))).await;
        assert_eq!((wrong.status, wrong.json["field"].as_str()), (422, Some("password")), "{path}");
        assert_eq!(end(Some(json!({ "password": "nine quiet lanterns" }))).await.status, 204, "{path}");
    }
    assert_eq!(person.get("/v1/me/sessions").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_have_a_second_factor_is_told_so_and_gets_nothing_before() {
    let site = Site::with(|settings| settings.sign_in.second_factor_exempt.clear()).await;
    let person = site.person("CDE").await;
    assert_eq!(person.get("/v1/session").await.json["must"], "second_factor");
    let refused = person.get("/v1/dossiers").await;
    assert_eq!((refused.status, refused.code()), (403, code("must_second_factor")));
    let made = person.post("/v1/me/totp", json!({})).await;
    assert_eq!((made.status, made.json["secret"].as_str().unwrap().len()), (200, 32));
    let wrong = person.put("/v1/me/totp", json!({ "code": "abc" })).await;
    assert_eq!((wrong.status, wrong.code()), (422, code("totp_wrong")));
    let kept = person.send("DELETE", "/v1/me/totp", &[], Some(json!({ "password": PASSWORD }))).await;
    assert_eq!((kept.status, kept.code()), (403, code("second_factor_needed")));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_disabled_reset_and_signed_out() {
    let site = Site::start().await;
    let cdo = site.cdo().await;
    let person = site.person("CDE").await;
    let id = person.get("/v1/session").await.json["user"]["id"].as_str().unwrap().to_owned();
    let path = |rest: &str| format!("/v1/users/{id}{rest}");
    assert_eq!(cdo.delete(&path("/sessions")).await.status, 204);
    assert_eq!(person.get("/v1/session").await.status, 401);
    let link = cdo.post_nothing(&path("/set-up")).await;
    assert_eq!(link.status, 200, "{}", link.json);
    let body = json!({ "token": token_of(&link.json), "password": PASSWORD });
    let person = site.by_cookie(&site.anon().post("/v1/set-up", body).await);
    let changed = cdo.send("PATCH", &path(""), &[], Some(json!({ "disabled": true }))).await;
    assert_eq!((changed.status, &changed.json["disabled"]), (200, &json!(true)));
    assert_eq!(person.get("/v1/dossiers").await.status, 401);
    assert_eq!(cdo.post_nothing(&path("/set-up")).await.code(), code("user_disabled"));
    let missing = "/v1/users/usr_01ktzmay00e1hs6v0rhdvhtc0m";
    assert_eq!(cdo.send("PATCH", missing, &[], Some(json!({ "disabled": true }))).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_kept_changed_and_forgotten() {
    let site = Site::start().await;
    let person = site.person("CDE").await;
    let view =
        json!({ "name": "华东在谈", "shared": false, "body": { "columns": ["name"], "density": "compact" } });
    let kept = person.post("/v1/views", view.clone()).await;
    assert_eq!((kept.status, &kept.json["own"], &kept.json["body"]), (201, &json!(true), &view["body"]));
    let path = format!("/v1/views/{}", kept.json["id"].as_str().unwrap());
    let changed = person.put(&path, json!({ "name": "改", "shared": true, "body": {} })).await;
    assert_eq!((changed.status, &changed.json["name"]), (200, &json!("改")));
    assert_eq!(person.get("/v1/views").await.json["items"], json!([changed.json]));
    let large = json!({ "name": "大", "shared": false, "body": { "a": "x".repeat(9000) } });
    assert_eq!(person.post("/v1/views", large).await.code(), code("view_too_large"));
    for body in [json!([]), json!("x"), json!(1)] {
        let odd = person.post("/v1/views", json!({ "name": "奇", "shared": false, "body": body })).await;
        assert_eq!((odd.status, odd.json["field"].as_str()), (400, Some("body")));
    }
    assert_eq!(person.delete(&path).await.status, 204);
    assert_eq!(person.delete(&path).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn passkeys_are_asked_for_and_what_no_device_said_is_refused() {
    let site =
        Site::with(|settings| settings.server.public_origin = "https://dossier.example.com".into()).await;
    let asked = site.anon().post_nothing("/v1/session/challenge").await;
    assert_eq!((asked.status, &asked.json["options"]["rpId"]), (200, &json!("dossier.example.com")));
    assert_eq!(asked.json["options"]["userVerification"], "required");
    assert_eq!(asked.json["options"]["allowCredentials"], json!([]), "nobody's passkeys are told");
    let no_answer = json!({ "challenge": asked.json["challenge"], "credential": {} });
    let refused = site.anon().post("/v1/session/passkey", no_answer.clone()).await;
    assert_eq!((refused.status, refused.code()), (401, code("sign_in_failed")));
    let person = site.person("CDE").await;
    assert_eq!(person.get("/v1/me/passkeys").await.json["items"], json!([]));
    let new = person.post_nothing("/v1/me/passkeys/challenge").await;
    assert_eq!((new.status, &new.json["options"]["rp"]["id"]), (200, &json!("dossier.example.com")));
    let body = json!({ "name": "办公电脑", "challenge": new.json["challenge"], "credential": {} });
    assert_eq!(person.post("/v1/me/passkeys", body).await.code(), code("passkey_failed"));
    for body in [
        json!({}),
        json!({ "challenge": "x" }),
        json!({ "password": PASSWORD, "challenge": "x", "credential": {} }),
    ] {
        let odd = person.post("/v1/me/proof", body).await;
        assert_eq!(
            (odd.status, odd.code(), odd.json["field"].as_str()),
            (422, code("required"), Some("password"))
        );
    }
    assert_eq!(person.post("/v1/me/proof", no_answer).await.code(), code("passkey_failed"));
    assert_eq!(person.post("/v1/me/proof", json!({ "password": PASSWORD })).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_origin_there_are_no_passkeys() {
    let site = Site::start().await;
    let asked = site.anon().post_nothing("/v1/session/challenge").await;
    assert_eq!((asked.status, asked.code()), (409, code("passkeys_off")));
    let person = site.person("CDE").await;
    assert_eq!(person.post_nothing("/v1/me/passkeys/challenge").await.code(), code("passkeys_off"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_answered_for_who_leaves_is_taken_over() {
    let site = Site::start().await;
    let cdo = site.cdo().await;
    let (seller, next) =
        (site.named_person("示例员工", "CDE").await, site.named_person("示例同事", "CDE").await);
    let dossier = seller.new_dossier(json!({})).await;
    let id = seller.get("/v1/session").await.json["user"]["id"].as_str().unwrap().to_owned();
    let leave = async |body| cdo.post(&format!("/v1/users/{id}/leave"), body).await;
    for (body, status) in [
        (json!({}), 400),
        (json!({ "how": "gone" }), 400),
        (json!({ "how": "left", "roles": ["CDE"] }), 422),
        (json!({ "how": "demoted", "roles": ["CDO"] }), 422),
        (json!({ "how": "left", "successor": "没有此人" }), 404),
    ] {
        assert_eq!(leave(body.clone()).await.status, status, "{body}");
    }
    let left = leave(json!({ "how": "left", "successor": "示例同事" })).await;
    assert_eq!((left.status, &left.json["disabled"]), (200, &json!(true)), "{}", left.json);
    assert_eq!(seller.get("/v1/dossiers").await.status, 401);
    let list = next.get("/v1/hand-overs").await;
    let one = &list.json["items"][0];
    assert_eq!((one["from"].as_str(), &one["dossiers"]), (Some("示例员工"), &json!(1)), "{}", list.json);
    assert_eq!(next.get("/v1/hand-overs?all=true").await.status, 403);
    let take = format!("/v1/hand-overs/{}/take", one["id"].as_str().unwrap());
    let taken = next.post_nothing(&take).await;
    assert_eq!((taken.status, taken.json["state"].as_str()), (200, Some("running")), "{}", taken.json);
    let _worker = site.engine().import_worker();
    let path = format!("/v1/dossiers/{}", dossier["id"].as_str().unwrap());
    for _ in 0..200 {
        if cdo.get(&path).await.json["owner"] == "示例同事" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it was never handed over");
}
