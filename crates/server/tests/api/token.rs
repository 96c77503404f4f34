//! Signing in.

use crate::support::{Site, code};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_a_token_by_form_and_by_header() {
    let site = Site::start().await;
    let program = site.program("CDE", "华东").await;
    let form =
        format!("grant_type=client_credentials&client_id={}&client_secret={}", program.id, program.secret);
    let answer = site.anon().form("/oauth/token", &form).await;
    assert_eq!((answer.status, answer.json["token_type"].as_str()), (200, Some("Bearer")));
    assert_eq!(answer.json["expires_in"], 3600);

    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", program.id, program.secret));
    let basic = format!("Basic {pair}");
    let headers = [FORM, ("authorization", basic.as_str())];
    let answer = site.anon().raw("POST", "/oauth/token", &headers, b"grant_type=client_credentials").await;
    assert_eq!(answer.status, 200);
    let caller = site.bearer(answer.json["access_token"].as_str().unwrap());
    assert_eq!(caller.get("/v1/dossiers").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_id_and_a_wrong_secret_look_alike() {
    let site = Site::start().await;
    let program = site.program("CDE", "华东").await;
    let unknown = "cli_01ktzmay00e1hs6v0rhdvhtc0m";
    let mut seen = Vec::new();
    for (id, secret) in
        [(program.id.as_str(), "wrong"), (unknown, &program.secret), ("nobody", "x"), (unknown, "")]
    {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let answer = site.anon().form("/oauth/token", &form).await;
        assert_eq!((answer.status, answer.json["error"].as_str()), (401, Some("invalid_client")));
        assert!(answer.header("www-authenticate").starts_with("Basic"));
        assert!(answer.json["error_description"].as_str().unwrap().is_ascii());
        seen.push(answer.bytes);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_none_says_so_in_the_words_of_oauth() {
    let site = Site::start().await;
    for (form, error) in [
        ("", "invalid_request"),
        ("grant_type=client_credentials&client_id=a&client_id=a&client_secret=s", "invalid_request"),
        ("grant_type=password&username=a&password=b", "unsupported_grant_type"),
        ("grant_type=client_credentials&client_id=a&client_secret=s&scope=all", "invalid_scope"),
        ("grant_type=client_credentials&client_id=%ff&client_secret=s", "invalid_request"),
    ] {
        let answer = site.anon().form("/oauth/token", form).await;
        assert_eq!((answer.status, answer.json["error"].as_str()), (400, Some(error)), "{form}");
    }
    let headers = [("content-type", "application/json")];
    let answer = site.anon().raw("POST", "/oauth/token", &headers, b"{}").await;
    assert_eq!((answer.status, answer.json["error"].as_str()), (415, Some("invalid_request")));
    let answer = site.anon().form("/oauth/token", &"a=1&".repeat(4_000)).await;
    assert_eq!((answer.status, answer.json["error"].as_str()), (413, Some("invalid_request")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_program_is_out_at_once() {
    let site = Site::start().await;
    let (cdo, program) = (site.cdo().await, site.program("CDE", "华东").await);
    let caller = site.sign_in(&program).await;
    assert_eq!(caller.get("/v1/dossiers").await.status, 200);
    assert_eq!(cdo.delete(&format!("/v1/clients/{}", program.id)).await.status, 204);
    let answer = caller.get("/v1/dossiers").await;
    assert_eq!((answer.status, answer.code()), (401, code("unauthenticated")));
    let form =
        format!("grant_type=client_credentials&client_id={}&client_secret={}", program.id, program.secret);
    assert_eq!(site.anon().form("/oauth/token", &form).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_in_addresses_and_bodies_are_not_taken() {
    let site = Site::start().await;
    let token = site.cdo().await.token.unwrap();
    let answer = site.anon().get(&format!("/v1/dossiers?access_token={token}")).await;
    assert_eq!(answer.status, 401);
    let answer = site.anon().form("/v1/search", &format!("access_token={token}")).await;
    assert_eq!(answer.status, 401);
}
