//! People sign in and out: the cookie, and what a request by cookie needs besides.

use serde_json::{Value as Json, json};

use crate::support::{Answer, Caller, PASSWORD, Site, code, exchange, token_of};

/// What the newest entry of the change log refused, and why.
async fn refused(site: &Site) -> (Json, Json) {
    let log = site.role("ISA").await.get("/v1/ledger?log=change").await.json;
    let entries = log["items"].as_array().unwrap();
    let entry = entries.iter().rfind(|entry| entry["outcome"] == "refused").unwrap();
    (entry["action"].clone(), entry["code"].clone())
}

async fn sign_in(site: &Site, name: &str, password: &str) -> Answer {
    site.anon().post("/v1/session", json!({ "name": name, "password": password })).await
}

/// A person who has chosen a password.
async fn seller(site: &Site) -> String {
    let user = site.invited("示例员工", "CDE").await;
    let body = json!({ "token": token_of(&user), "password": PASSWORD });
    assert_eq!(site.anon().post("/v1/set-up", body).await.status, 200);
    user["name"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_is_for_this_host_over_tls_and_no_script_reads_it() {
    let site = Site::start().await;
    let name = seller(&site).await;
    let answer = sign_in(&site, &name, PASSWORD).await;
    let cookie = answer.header("set-cookie");
    let mut parts = cookie.split("; ");
    let (key, value) = parts.next().unwrap().split_once('=').unwrap();
    assert_eq!((key, value.len()), ("__Host-dossier", 43));
    assert_eq!(parts.collect::<Vec<_>>(), ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"]);
    assert!(!answer.text().contains(value), "the body does not tell it");
    let person = site.by_cookie(&answer);
    assert_eq!(person.get("/v1/session").await.json["user"]["name"], name);
    let out = person.delete("/v1/session").await;
    assert_eq!(out.status, 204);
    assert_eq!(
        out.header("set-cookie"),
        "__Host-dossier=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"
    );
    let again = person.get("/v1/session").await;
    assert_eq!((again.status, again.code()), (401, code("session_ended")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_name_and_a_wrong_password_are_answered_alike() {
    let site = Site::start().await;
    let name = seller(&site).await;
    let told = async |name: &str, password: &str| {
        let mut answer = sign_in(&site, name, password).await;
        answer.json["request_id"] = Json::Null;
        for changing in ["x-request-id", "date", "content-length"] {
            answer.headers.remove(changing);
        }
        (answer.status, answer.json, answer.headers)
    };
    let wrong = told(&name, "another password").await;
    assert_eq!((wrong.0, wrong.1["code"].as_str()), (401, Some(code("sign_in_failed"))));
    for (name, password) in [("示例某人", PASSWORD), ("x", "y"), ("' OR 1=1 --", PASSWORD)] {
        assert_eq!(told(name, password).await, wrong, "{name}");
    }
    for _ in 0..9 {
        sign_in(&site, "示例某人", PASSWORD).await;
    }
    let stopped = sign_in(&site, "示例某人", PASSWORD).await;
    assert_eq!((stopped.status, stopped.header("retry-after")), (429, "900"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_by_cookie_that_changes_something_shows_that_it_is_ours() {
    let site = Site::start().await;
    let person = site.person("CDE").await;
    let (cookie, csrf) = person.session.clone().unwrap();
    let body = json!({ "fields": { "name": "示例客户（杭州）有限公司", "subject": "A" } }).to_string();
    let status = async |method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        let mut all = vec![("cookie", cookie.as_str()), ("content-type", "application/json")];
        all.extend(headers);
        site.anon().raw(method, path, &all, body.as_bytes()).await.status
    };
    let right = ("x-csrf-token", csrf.as_str());
    // `localhost` is the host that the tests name.
    for (headers, expected) in [
        (&[right][..], 201),
        (&[right, ("origin", "http://localhost"), ("sec-fetch-site", "same-origin")], 201),
        (&[], 403),
        (&[("x-csrf-token", "")], 403),
        (&[("x-csrf-token", "AAAAAAAAAAAAAAAAAAAAAA")], 403),
        (&[right, right], 403),
        (&[right, ("origin", "http://evil.example.com")], 403),
        (&[right, ("origin", "http://localhost:8080")], 403),
        (&[right, ("origin", "null")], 403),
        (&[right, ("sec-fetch-site", "cross-site")], 403),
        (&[right, ("sec-fetch-site", "same-site")], 403),
    ] {
        assert_eq!(status("POST", "/v1/dossiers", headers, &body).await, expected, "{headers:?}");
    }
    for (method, path) in
        [("DELETE", "/v1/me/sessions"), ("DELETE", "/v1/session"), ("PUT", "/v1/me/password")]
    {
        assert_eq!(status(method, path, &[], "{}").await, 403, "{method} {path}");
    }
    // Reading needs nothing besides, whoever's page leads here: the answer is not theirs to read.
    for headers in [&[][..], &[("sec-fetch-site", "cross-site")]] {
        assert_eq!(status("GET", "/v1/dossiers", headers, "").await, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_of_another_site_signs_anybody_in() {
    let site = Site::start().await;
    let name = seller(&site).await;
    let body = json!({ "name": name, "password": PASSWORD }).to_string();
    for headers in [
        &[("content-type", "application/json"), ("origin", "http://evil.example.com")][..],
        &[("content-type", "application/json"), ("sec-fetch-site", "cross-site")],
    ] {
        let answer = site.anon().raw("POST", "/v1/session", headers, body.as_bytes()).await;
        assert_eq!((answer.status, answer.code()), (403, code("csrf")));
        assert_eq!(answer.header("set-cookie"), "");
        assert_eq!(refused(&site).await, ("sign_in".into(), code("csrf").into()));
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(site.anon().raw("POST", "/v1/session", &form, b"name=a&password=b").await.status, 415);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_and_a_cookie_together_are_refused() {
    let site = Site::start().await;
    let person = site.person("CDE").await;
    let token = site.role("CDE").await.token;
    let both = Caller { token, ..person };
    let answer = both.get("/v1/dossiers").await;
    assert_eq!((answer.status, answer.code()), (400, code("credentials_twice")));
    assert_eq!(refused(&site).await, ("sign_in".into(), code("credentials_twice").into()));
    let (cookie, _) = both.session.clone().unwrap();
    let headers = [("cookie", cookie.as_str()), ("authorization", "Basic abc")];
    assert_eq!(exchange(site.address(), "GET", "/v1/dossiers", &headers, b"").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_that_is_trusted_the_callers_own_address_counts() {
    for (trusted, expected) in [("", "127.0.0.1"), ("127.0.0.0/8, 198.51.100.0/24", "203.0.113.9")] {
        let site = Site::with(|settings| settings.server.trusted_proxies = trusted.to_owned()).await;
        let body = json!({ "name": "示例某人", "password": PASSWORD }).to_string();
        let headers = [
            ("content-type", "application/json"),
            ("x-forwarded-for", "192.0.2.1, 203.0.113.9, 198.51.100.4"),
        ];
        assert_eq!(site.anon().raw("POST", "/v1/session", &headers, body.as_bytes()).await.status, 401);
        let log = site.role("ISA").await.get("/v1/ledger?log=change").await.json;
        let tried =
            log["items"].as_array().unwrap().iter().rfind(|entry| entry["outcome"] == "refused").unwrap();
        assert_eq!(tried["address"], expected, "{trusted}");
    }
}
