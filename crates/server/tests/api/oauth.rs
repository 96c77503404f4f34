//! A person lets a program act, over the wire.

use base64::Engine as _;
use serde_json::{Value as Json, json};

use crate::support::{Answer, Caller, Site, code};

const BACK: &str = "https://crm.example.com/back";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Of the verifier above: the pair of RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const ORIGIN: &str = "https://dossier.example.com";

async fn site() -> Site {
    Site::with(|settings| settings.server.public_origin = ORIGIN.to_owned()).await
}

async fn program(site: &Site, public: bool) -> Json {
    let body = json!({
        "name": "示例程序", "roles": ["CDE"], "team": "华东", "redirect_uris": [BACK], "public": public,
    });
    let added = site.cdo().await.post("/v1/clients", body).await;
    assert_eq!(added.status, 201, "{}", added.json);
    added.json
}

fn asks(program: &Json) -> Json {
    json!({
        "client_id": program["client_id"], "redirect_uri": BACK, "response_type": "code", "state": "a b&c",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    })
}

async fn code_of(person: &Caller<'_>, program: &Json) -> String {
    let answer = person.post("/v1/me/programs", asks(program)).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    let to = answer.json["to"].as_str().unwrap();
    assert!(to.ends_with("&state=a+b%26c&iss=https%3A%2F%2Fdossier.example.com"), "{to}");
    to.strip_prefix(&format!("{BACK}?code=")).unwrap().split('&').next().unwrap().to_owned()
}

fn redeem(program: &Json, code: &str) -> String {
    let id = program["client_id"].as_str().unwrap();
    let secret =
        program["client_secret"].as_str().map_or(String::new(), |secret| format!("&client_secret={secret}"));
    format!(
        "grant_type=authorization_code&code={code}&redirect_uri={BACK}&code_verifier={VERIFIER}&client_id={id}{secret}"
    )
}

async fn token(site: &Site, form: &str) -> Answer {
    site.anon().form("/oauth/token", form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_becomes_tokens_and_those_become_others() {
    for public in [false, true] {
        let site = site().await;
        let program = program(&site, public).await;
        assert_eq!(program.get("client_secret").is_none(), public);
        let person = site.person("CDE").await;
        let asked = person.post("/v1/me/programs/asked", asks(&program)).await;
        assert_eq!((asked.status, asked.json["name"].as_str()), (200, Some("示例程序")));
        let code = code_of(&person, &program).await;
        let got = token(&site, &redeem(&program, &code)).await;
        assert_eq!((got.status, got.json["expires_in"].as_u64()), (200, Some(3600)), "{}", got.json);
        let by = site.bearer(got.json["access_token"].as_str().unwrap());
        assert_eq!(by.get("/v1/dossiers").await.status, 200);
        for path in ["/v1/session", "/v1/me/sessions", "/v1/users", "/v1/clients", "/v1/keys", "/v1/roles"] {
            assert_eq!(by.get(path).await.code(), self::code("oauth_not_by_program"), "{path}");
        }
        let refresh = format!(
            "grant_type=refresh_token&refresh_token={}&client_id={}{}",
            got.json["refresh_token"].as_str().unwrap(),
            program["client_id"].as_str().unwrap(),
            program["client_secret"]
                .as_str()
                .map_or(String::new(), |secret| format!("&client_secret={secret}")),
        );
        let next = token(&site, &refresh).await;
        assert_eq!(next.status, 200, "{}", next.json);
        assert_eq!(by.get("/v1/dossiers").await.status, 401, "the token before has ended");
        let replayed = token(&site, &refresh).await;
        assert_eq!((replayed.status, replayed.json["error"].as_str()), (400, Some("invalid_grant")));
        let by = site.bearer(next.json["access_token"].as_str().unwrap());
        assert_eq!(by.get("/v1/dossiers").await.status, 401, "all of the grant has ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_sent_back_only_where_it_is_known_whose_request_it_is() {
    let site = site().await;
    let program = program(&site, false).await;
    let id = program["client_id"].as_str().unwrap();
    let good = format!(
        "client_id={id}&redirect_uri={BACK}&response_type=code&state=s&code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let ask = async |query: &str| site.anon().get(&format!("/oauth/authorize?{query}")).await;
    let page = ask(&good).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(page.header("x-frame-options"), "DENY");
    for query in [
        "".to_owned(),
        good.replace(id, "cli_01ktzmay00e1hs6v0rhdvhtc0m"),
        good.replace("/back", "/back/more"),
        good.replace("/back", "/back%23x"),
        good.replace("crm.example.com", "crm.example.com.evil.example"),
        format!("{good}&redirect_uri={BACK}"),
        format!("{good}&state=t"),
        format!("{good}&x=%ff"),
    ] {
        let answer = ask(&query).await;
        assert_eq!((answer.status, answer.header("location")), (400, ""), "{query}");
        assert!(!answer.text().contains("evil"), "{query}");
    }
    for (query, error) in [
        (good.replace("=code&", "=token&"), "unsupported_response_type"),
        (good.replace("S256", "plain"), "invalid_request"),
        (good.replace("&code_challenge_method=S256", ""), "invalid_request"),
        (format!("{good}&scope=all"), "invalid_scope"),
    ] {
        let answer = ask(&query).await;
        assert_eq!(answer.status, 303, "{query}");
        let to = answer.header("location");
        assert!(to.starts_with(&format!("{BACK}?error={error}&error_description=")), "{to}");
        assert!(to.contains("&state=s&iss=https%3A%2F%2Fdossier.example.com"), "{to}");
    }
    let described = site.anon().get("/.well-known/oauth-authorization-server").await;
    assert_eq!((described.status, described.json["issuer"].as_str()), (200, Some(ORIGIN)));
    assert_eq!(site.anon().get("/.well-known/openid-configuration").await.status, 404);
    let person = site.person("CDE").await;
    let refused = person.post("/v1/me/programs/refused", asks(&program)).await;
    assert!(refused.json["to"].as_str().unwrap().starts_with(&format!("{BACK}?error=access_denied&")));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_where_the_address_of_the_page_is_not_known() {
    let site = Site::start().await;
    assert_eq!(site.anon().get("/.well-known/oauth-authorization-server").await.code(), code("oauth_off"));
    assert_eq!(site.anon().get("/oauth/authorize?client_id=x").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_ask_about_tokens_and_give_them_back() {
    let site = site().await;
    let program = program(&site, false).await;
    let person = site.person("CDE").await;
    let got = token(&site, &redeem(&program, &code_of(&person, &program).await)).await.json;
    let pair =
        format!("{}:{}", program["client_id"].as_str().unwrap(), program["client_secret"].as_str().unwrap());
    let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", basic.as_str())];
    let form = format!("token={}", got["access_token"].as_str().unwrap());
    let ask = async |path: &str, form: &str| site.anon().raw("POST", path, &headers, form.as_bytes()).await;
    let told = ask("/oauth/introspect", &form).await;
    assert_eq!((told.status, told.json["active"].as_bool()), (200, Some(true)));
    assert_eq!(ask("/oauth/revoke", "").await.json["error"], "invalid_request");
    assert_eq!(ask("/oauth/revoke", "token=x").await.status, 200);
    assert_eq!(ask("/oauth/revoke", &form).await.status, 200);
    assert_eq!(ask("/oauth/introspect", &form).await.json, json!({ "active": false }));
    let anon = site.anon().form("/oauth/introspect", &form).await;
    assert_eq!((anon.status, anon.json["error"].as_str()), (401, Some("invalid_client")));
    assert_eq!(person.get("/v1/me/programs").await.json["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_withdraws_what_a_program_was_allowed() {
    let site = site().await;
    let program = program(&site, false).await;
    let person = site.person("CDE").await;
    let got = token(&site, &redeem(&program, &code_of(&person, &program).await)).await.json;
    let by = site.bearer(got["access_token"].as_str().unwrap());
    assert_eq!(by.get("/v1/dossiers").await.status, 200);
    let held = person.get("/v1/me/programs").await.json["items"][0].clone();
    let path = format!("/v1/me/programs/{}", held["id"].as_str().unwrap());
    assert_eq!(by.delete(&path).await.code(), code("oauth_not_by_program"));
    assert_eq!(person.delete(&path).await.status, 204);
    assert_eq!(by.get("/v1/dossiers").await.status, 401);
    assert_eq!(person.delete(&path).await.status, 404);
}
