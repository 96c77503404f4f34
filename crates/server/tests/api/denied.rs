//! Who must not, may not: at least one case for every endpoint, and a test that fails when one has none.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::support::{Answer, Caller, Program, Site, at, code, operations};

/// What is open to all: signing in, and the state.
const OPEN: [(&str, &str); 11] = [
    ("POST", "/oauth/token"),
    ("POST", "/oauth/revoke"),
    ("POST", "/oauth/introspect"),
    ("GET", "/oauth/authorize"),
    ("GET", "/.well-known/oauth-authorization-server"),
    ("GET", "/healthz"),
    ("POST", "/v1/session"),
    ("POST", "/v1/session/challenge"),
    ("POST", "/v1/session/passkey"),
    ("POST", "/v1/set-up"),
    ("POST", "/v1/set-up/look"),
];

/// An endpoint, a role of another team or of none that fits, and what it is answered.
struct Case {
    method: &'static str,
    path: &'static str,
    /// The role, in a team that does not own the dossier; none for what any role may do.
    role: Option<&'static str>,
    status: u16,
    body: fn() -> Json,
}

fn case(method: &'static str, path: &'static str, role: &'static str, status: u16) -> Case {
    Case { method, path, role: Some(role), status, body: || Json::Null }
}

fn sent(
    method: &'static str,
    path: &'static str,
    role: &'static str,
    status: u16,
    body: fn() -> Json,
) -> Case {
    Case { body, ..case(method, path, role, status) }
}

fn anybody(method: &'static str, path: &'static str) -> Case {
    Case { role: None, ..case(method, path, "", 200) }
}

impl Case {
    /// The same, for any role.
    fn any(self) -> Case {
        Case { role: None, ..self }
    }
}

fn view() -> Json {
    json!({ "name": "不该有", "shared": true, "body": {} })
}

fn flow() -> Json {
    json!({
        "name": { "zh": "不该有", "en": "should not be" },
        "enabled": true,
        "when": { "commands": ["change"] },
        "steps": [{ "who": "manager" }],
        "approve_within": 60,
        "execute_within": 60,
    })
}

fn reveal() -> Json {
    json!({ "field": "name", "purpose": "联系客户" })
}

fn copy() -> Json {
    json!({ "field": "name", "purpose": "联系客户", "use": "copy" })
}

fn token() -> Json {
    json!({ "field": "name", "token": "tok_x", "purpose": "联系客户" })
}

/// Of the dossier that there is.
fn explain() -> Json {
    json!({ "record": "{id}", "field": "name" })
}

fn passkey() -> Json {
    json!({ "name": "不该有", "challenge": "x", "credential": {} })
}

fn customer() -> Json {
    json!({ "fields": { "name": "不该有的客户", "subject": "A" } })
}

fn contact() -> Json {
    json!({ "fields": { "name": "不该有" } })
}

/// 403 is what a role may not do at all, 404 what is out of its rows.
fn cases() -> Vec<Case> {
    vec![
        anybody("GET", "/v1/dossiers"),
        sent("POST", "/v1/dossiers", "CDU", 403, customer),
        case("GET", "/v1/dossiers/{id}", "CDE", 404),
        sent("PATCH", "/v1/dossiers/{id}", "CDE", 404, || json!({ "stage": 3 })),
        sent("PATCH", "/v1/dossiers/{id}", "CDU", 403, || json!({ "stage": 3 })),
        case("DELETE", "/v1/dossiers/{id}", "CDA", 403),
        case("GET", "/v1/dossiers/{id}/history", "CDU", 404),
        sent("POST", "/v1/dossiers/{id}/reveal", "CDE", 404, reveal),
        sent("POST", "/v1/dossiers/{id}/reveal", "ISA", 403, reveal),
        sent("POST", "/v1/dossiers/{id}/reveal", "CDE", 404, copy),
        sent("POST", "/v1/dossiers/{id}/reveal", "CDU", 403, copy),
        sent("POST", "/v1/dossiers/{id}/detokenise", "CDE", 404, token),
        sent("POST", "/v1/dossiers/{id}/detokenise", "ISA", 403, token),
        case("GET", "/v1/dossiers/{id}/looks", "CDA", 404),
        case("GET", "/v1/dossiers/{id}/contacts", "CDE", 404),
        sent("POST", "/v1/dossiers/{id}/contacts", "CDE", 404, contact),
        sent("POST", "/v1/dossiers/{id}/contacts", "ISA", 403, contact),
        case("GET", "/v1/contacts/{id}", "CDU", 404),
        sent("PATCH", "/v1/contacts/{id}", "CDE", 404, contact),
        sent("PATCH", "/v1/contacts/{id}", "ISA", 403, contact),
        case("GET", "/v1/contacts/{id}/history", "CDE", 404),
        sent("POST", "/v1/contacts/{id}/reveal", "CDA", 404, reveal),
        sent("POST", "/v1/contacts/{id}/reveal", "ISA", 403, reveal),
        sent("POST", "/v1/contacts/{id}/reveal", "CDU", 403, copy),
        sent("POST", "/v1/contacts/{id}/detokenise", "CDA", 404, token),
        sent("POST", "/v1/contacts/{id}/detokenise", "ISA", 403, token),
        sent("POST", "/v1/explain", "CDE", 404, explain),
        sent("POST", "/v1/explain/who", "CDE", 403, explain),
        sent("POST", "/v1/explain/who", "CDA", 404, explain),
        sent("POST", "/v1/search", "ISA", 403, || json!({ "q": "15400000001" })),
        sent("POST", "/v1/imports", "CDU", 403, || json!("企业名称\n不该有\n")),
        case("GET", "/v1/imports", "CDU", 403),
        case("GET", "/v1/imports/{id}", "CDU", 403),
        case("GET", "/v1/imports/{id}", "CDE", 404),
        case("GET", "/v1/imports/{id}/left", "CDE", 404),
        case("GET", "/v1/imports/{id}/mapping", "CDE", 404),
        sent("PUT", "/v1/imports/{id}/mapping", "CDE", 404, || json!({ "columns": { "企业名称": null } })),
        case("GET", "/v1/imports/{id}/preview", "CDE", 404),
        case("GET", "/v1/imports/{id}/preview", "ISA", 403),
        sent("POST", "/v1/imports/{id}/start", "CDE", 404, || json!({})),
        case("POST", "/v1/imports/{id}/cancel", "CDE", 404),
        case("POST", "/v1/imports/{id}/undo", "CDE", 404),
        case("GET", "/v1/imports/{id}/problems", "CDE", 404),
        case("GET", "/v1/imports/{id}/problems.csv", "CDE", 404),
        sent("PATCH", "/v1/imports/{id}/problems/{row}", "CDE", 404, || json!({ "cells": { "a": "b" } })),
        case("DELETE", "/v1/imports/{id}/problems/{row}", "CDE", 404),
        case("GET", "/v1/imports/{id}/problem-classes", "CDE", 404),
        sent(
            "POST",
            "/v1/imports/{id}/problem-classes",
            "CDE",
            404,
            || json!({ "code": "1001001003", "action": "skip" }),
        ),
        case("GET", "/v1/imports/{id}/duplicates", "CDE", 404),
        sent("POST", "/v1/imports/{id}/duplicates/{row}", "CDE", 404, || json!({ "decision": "skip" })),
        case("GET", "/v1/import-mappings", "CDU", 403),
        case("DELETE", "/v1/import-mappings/{id}", "CDE", 404),
        case("DELETE", "/v1/import-mappings/{id}", "ISA", 403),
        case("GET", "/v1/ledger", "CDE", 403),
        case("GET", "/v1/ledger", "CDU", 403),
        case("GET", "/v1/ledger/logs", "CDU", 403),
        case("GET", "/v1/ledger/checkpoint", "CDE", 403),
        case("GET", "/v1/ledger/proof/{entry}", "CDU", 403),
        case("GET", "/v1/ledger/consistency", "CDE", 403),
        sent("POST", "/v1/ledger/evidence", "CDU", 403, || json!({ "entries": ["c-0"] })),
        anybody("GET", "/v1/ledger/key"),
        anybody("GET", "/v1/kinds"),
        anybody("GET", "/v1/quality"),
        case("GET", "/v1/clients", "CDA", 403),
        sent("POST", "/v1/clients", "CDA", 403, || json!({ "name": "不该有", "roles": ["CDU"] })),
        case("DELETE", "/v1/clients/{id}", "CDA", 403),
        case("GET", "/v1/users", "ISA", 403),
        sent("POST", "/v1/users", "CDA", 403, || json!({ "name": "不该有", "roles": ["CDU"] })),
        sent("PATCH", "/v1/users/{id}", "CDA", 403, || json!({ "disabled": true })),
        sent("POST", "/v1/users/{id}/leave", "CDA", 403, || json!({ "how": "left" })),
        // A program takes nothing over: people do.
        case("GET", "/v1/hand-overs", "CDE", 403),
        case("POST", "/v1/hand-overs/{id}/take", "CDE", 403),
        case("GET", "/v1/roles", "CDA", 403),
        sent("POST", "/v1/roles", "CDA", 403, || json!({ "name": "不该有" })),
        sent("PUT", "/v1/roles/{id}", "CDA", 403, || json!({ "name": "不该有" })),
        case("DELETE", "/v1/roles/{id}", "CDE", 403),
        // Programs decide nothing: people do.
        anybody("GET", "/v1/approvals"),
        case("GET", "/v1/approvals/{id}", "CDA", 404),
        sent("POST", "/v1/approvals/{id}/decision", "CDA", 403, || json!({ "verdict": "agree" })),
        // Programs apply for nothing, and look after nobody's rights.
        case("GET", "/v1/grants", "CDE", 403),
        sent("POST", "/v1/grants", "CDU", 403, || json!({ "purpose": "不该有", "role": "CDE" })),
        case("POST", "/v1/grants/{id}/end", "CDU", 404),
        case("GET", "/v1/flows", "CDA", 403),
        sent("POST", "/v1/flows", "CDA", 403, flow),
        sent("POST", "/v1/flows/begin", "CDA", 403, || json!({ "alone": true })),
        sent("PUT", "/v1/flows/{id}", "CDA", 403, flow),
        case("DELETE", "/v1/flows/{id}", "CDA", 403),
        sent("PATCH", "/v1/teams/{id}", "CDA", 403, || json!({ "name": "不该有" })),
        case("POST", "/v1/users/{id}/set-up", "CDA", 403),
        case("DELETE", "/v1/users/{id}/sessions", "ISA", 403),
        case("GET", "/v1/session", "CDE", 403),
        case("DELETE", "/v1/session", "CDE", 403),
        case("POST", "/v1/session/watermark", "CDE", 403),
        case("GET", "/v1/me/sessions", "CDE", 403),
        sent("DELETE", "/v1/me/sessions", "CDE", 403, || json!({ "password": "a" })),
        sent("DELETE", "/v1/me/sessions/{id}", "CDE", 403, || json!({ "password": "a" })),
        sent("PUT", "/v1/me/password", "CDE", 403, || json!({ "current": "a", "new": "b" })),
        case("GET", "/v1/me/passkeys", "CDE", 403),
        sent("POST", "/v1/me/passkeys", "CDE", 403, passkey),
        case("POST", "/v1/me/passkeys/challenge", "CDE", 403),
        sent("PATCH", "/v1/me/passkeys/{id}", "CDE", 403, || json!({ "name": "不该有" })),
        case("DELETE", "/v1/me/passkeys/{id}", "CDE", 403),
        case("GET", "/v1/me/programs", "CDE", 403),
        sent("POST", "/v1/me/programs", "CDE", 403, || json!({})),
        sent("POST", "/v1/me/programs/asked", "CDE", 403, || json!({})),
        sent("POST", "/v1/me/programs/refused", "CDE", 403, || json!({})),
        case("DELETE", "/v1/me/programs/{id}", "CDE", 403),
        sent("POST", "/v1/me/proof", "CDE", 403, || json!({ "password": "a" })),
        case("POST", "/v1/me/proof/challenge", "CDE", 403),
        sent("POST", "/v1/me/totp", "CDE", 403, || json!({})),
        sent("PUT", "/v1/me/totp", "CDE", 403, || json!({ "code": "123456" })),
        sent("DELETE", "/v1/me/totp", "CDE", 403, || json!({ "password": "a" })),
        anybody("GET", "/v1/views"),
        sent("POST", "/v1/views", "", 201, view).any(),
        sent("PUT", "/v1/views/{id}", "CDE", 404, view),
        case("DELETE", "/v1/views/{id}", "CDE", 404),
        case("GET", "/v1/teams", "CDE", 403),
        sent("POST", "/v1/teams", "CDA", 403, || json!({ "name": "不该有" })),
        case("GET", "/v1/set-up/state", "CDA", 403),
        case("GET", "/v1/keys", "CDA", 403),
        sent("POST", "/v1/keys/rotate", "ISA", 403, || json!({})),
    ]
}

/// What the cases are about.
struct Things {
    dossier: Json,
    contact: Json,
    program: Program,
    import: Json,
    user: Json,
    view: Json,
}

impl Things {
    async fn of(owner: &Caller<'_>) -> Things {
        let dossier = owner.new_dossier(json!({ "phone": "15400000001" })).await;
        let contact = owner.new_contact(&dossier).await;
        let import = owner.hand_in("企业名称\n示例客户\n").await;
        let view =
            owner.post("/v1/views", json!({ "name": "自己的", "shared": false, "body": {} })).await.json;
        let user = owner.site.invited("示例同事", "CDU").await;
        Things { dossier, contact, program: owner.site.program("CDU", "华东").await, import, user, view }
    }

    fn path(&self, template: &str) -> String {
        let record = if template.contains("/contacts/{id}") { &self.contact } else { &self.dossier };
        let id =
            if template.contains("/clients/") { &self.program.id } else { record["id"].as_str().unwrap() };
        let id = match template.split('/').nth(2) {
            Some("imports") => self.import["id"].as_str().unwrap(),
            Some("users") => self.user["id"].as_str().unwrap(),
            Some("views") => self.view["id"].as_str().unwrap(),
            Some("me") if template.contains("passkeys") => "pky_01ktzmay00e1hs6v0rhdvhtc0m",
            Some("me") => "5d0c7b1f0a9e4c325d0c7b1f0a9e4c32",
            Some("approvals") => "apr_01ktzmay00e1hs6v0rhdvhtc0m",
            Some("grants") => "gra_01ktzmay00e1hs6v0rhdvhtc0m",
            Some("hand-overs") => "hov_01ktzmay00e1hs6v0rhdvhtc0m",
            Some("flows") => "flow_01ktzmay00e1hs6v0rhdvhtc0m",
            Some("roles") => "rol_01ktzmay00e1hs6v0rhdvhtc0m",
            Some("teams") => "tea_01ktzmay00e1hs6v0rhdvhtc0m",
            Some("import-mappings") => "map_01ktzmay00e1hs6v0rhdvhtc0m",
            _ => id,
        };
        let path = template.replace("{id}", id).replace("{entry}", "c-0").replace("{row}", "2");
        match template {
            _ if template.ends_with("/consistency") => format!("{path}?old_size=1"),
            "/v1/approvals" => format!("{path}?box=waiting"),
            "/v1/grants" => format!("{path}?box=all"),
            _ => path,
        }
    }

    async fn ask(&self, caller: &Caller<'_>, case: &Case) -> Answer {
        let mut body = Some((case.body)()).filter(|body| !body.is_null());
        if let Some(record) = body.as_mut().and_then(|body| body.get_mut("record")) {
            *record = self.dossier["id"].clone();
        }
        if let Some(Json::String(text)) = &body {
            return caller
                .raw(case.method, case.path, &[("content-type", "text/csv")], text.as_bytes())
                .await;
        }
        let seen = [("if-match", "\"1\"")];
        let headers = if matches!(case.method, "PATCH" | "PUT") { &seen[..] } else { &[] };
        caller.send(case.method, &self.path(case.path), headers, body).await
    }
}

#[test]
fn every_endpoint_has_a_denied_access_case() {
    let tested: BTreeSet<_> = cases()
        .iter()
        .map(|case| (case.method, case.path))
        .chain(OPEN)
        .map(|(m, p)| (m.to_owned(), p.to_owned()))
        .collect();
    let there: BTreeSet<_> = operations().into_iter().collect();
    assert_eq!(tested, there);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_anywhere_without_a_good_token() {
    let site = Site::start().await;
    let things = Things::of(&site.role("CDE").await).await;
    let good = site.cdo().await.token.unwrap();
    let changed = format!("{}{}", &good[..good.len() - 1], if good.ends_with('A') { 'Q' } else { 'A' });
    for case in cases() {
        let odd = |cookie: &str| Caller {
            session: Some((format!("__Host-dossier={cookie}"), "x".into())),
            ..site.anon()
        };
        for caller in [
            odd(""),
            odd("x"),
            odd(&good),
            odd(&"A".repeat(43)),
            site.anon(),
            site.bearer("x"),
            site.bearer(&changed),
            site.bearer(&"A".repeat(43)),
        ] {
            let answer = things.ask(&caller, &case).await;
            assert_eq!(answer.status, 401, "{} {}", case.method, case.path);
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_not_is_refused_and_nothing_changes() {
    let site = Site::start().await;
    let owner = site.role("CDE").await;
    let things = Things::of(&owner).await;
    let cdo = site.cdo().await;
    let mut programs = Vec::new();
    for role in ["CDA", "CDE", "CDU", "ISA"] {
        programs.push((role, site.member(role, "华南").await));
    }
    let state = async || {
        let mut all = Vec::new();
        for path in ["/v1/dossiers", "/v1/clients", "/v1/users", "/v1/teams", "/v1/keys"] {
            all.push(cdo.get(path).await.json);
        }
        all.push(owner.get(&at(&things.dossier, "/contacts")).await.json);
        all.push(owner.get(&at(&things.dossier, "/history")).await.json);
        all
    };
    let before = state().await;
    for case in cases() {
        let Some(role) = case.role else { continue };
        let (_, caller) = programs.iter().find(|(name, _)| *name == role).unwrap();
        let answer = things.ask(caller, &case).await;
        assert_eq!(answer.status, case.status, "{role} {} {}: {}", case.method, case.path, answer.json);
        assert!(
            !answer.text().contains("15400000001") && !answer.text().contains("示例客户"),
            "{}",
            answer.json
        );
    }
    assert_eq!(state().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_refused_as_their_roles_are() {
    let site = Site::start().await;
    let things = Things::of(&site.role("CDE").await).await;
    for role in ["CDA", "CDE", "CDU", "ISA"] {
        let person = site.person(role).await;
        // What is about one's own sign-in, and what waits, is people's to do: theirs is another answer than a program's.
        let of_people = ["/v1/me/", "/v1/session", "/v1/approvals/", "/v1/grants", "/v1/hand-overs"];
        let own = |case: &&Case| of_people.iter().any(|path| case.path.starts_with(path));
        for case in cases().iter().filter(|case| case.role == Some(role) && !own(case)) {
            let answer = things.ask(&person, case).await;
            assert_eq!(answer.status, case.status, "{role} {} {}: {}", case.method, case.path, answer.json);
            assert!(!answer.text().contains("15400000001") && !answer.text().contains("示例客户"));
            let without = Caller {
                session: person.session.clone().map(|(cookie, _)| (cookie, String::new())),
                ..person.clone()
            };
            let status = if case.method == "GET" { case.status } else { 403 };
            assert_eq!(things.ask(&without, case).await.status, status, "{} {}", case.method, case.path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_have_a_second_factor_first_gets_nothing_else_done() {
    let site = Site::with(|settings| settings.sign_in.second_factor_exempt = "CDE, CDU".to_owned()).await;
    let things = Things::of(&site.role("CDE").await).await;
    // Nobody else could do all of it: a refusal says that this person may not yet.
    let person = site.person("CDO").await;
    let before = [
        ("GET", "/v1/session"),
        ("DELETE", "/v1/session"),
        ("PUT", "/v1/me/password"),
        ("POST", "/v1/me/totp"),
        ("PUT", "/v1/me/totp"),
        ("DELETE", "/v1/me/totp"),
        ("POST", "/v1/me/passkeys"),
        ("POST", "/v1/me/passkeys/challenge"),
        ("POST", "/v1/me/proof"),
        ("POST", "/v1/me/proof/challenge"),
        // What this program is made of, and a key that is public: nothing that anybody entered.
        ("GET", "/v1/kinds"),
        ("GET", "/v1/ledger/key"),
    ];
    for case in cases().iter().filter(|case| !before.contains(&(case.method, case.path))) {
        let answer = things.ask(&person, case).await;
        assert_eq!(answer.status, 403, "{} {}: {}", case.method, case.path, answer.json);
        assert_eq!(answer.code(), code("must_second_factor"), "{} {}", case.method, case.path);
    }
    for (method, path) in before.iter().filter(|(method, path)| (*method, *path) != ("DELETE", "/v1/session"))
    {
        let case = cases().into_iter().find(|case| (&case.method, &case.path) == (method, path)).unwrap();
        let answer = things.ask(&person, &case).await;
        assert_ne!(answer.json["code"], code("must_second_factor"), "{method} {path}");
    }
    assert_eq!(person.delete("/v1/session").await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_reach_looks_as_if_it_were_not_there() {
    let site = Site::start().await;
    let things = Things::of(&site.role("CDE").await).await;
    let other = site.member("CDE", "华南").await;
    assert_eq!(other.get("/v1/dossiers").await.json["items"], json!([]));
    let search = other.post("/v1/search", json!({ "q": "15400000001" })).await;
    assert_eq!((search.status, &search.json["items"]), (200, &json!([])));
    let mut out_of_reach = other.get(&at(&things.dossier, "")).await.json;
    let mut missing = other.get("/v1/dossiers/dos_01ktzmay00e1hs6v0rhdvhtc0m").await.json;
    for answer in [&mut out_of_reach, &mut missing] {
        answer["request_id"] = Json::Null;
    }
    assert_eq!(out_of_reach, missing);
}
