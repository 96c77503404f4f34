//! People, programs, teams, kinds and keys.

use serde_json::json;

use crate::support::{Site, code};

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_added_with_a_secret_that_is_never_seen_again() {
    let site = Site::start().await;
    let cdo = site.cdo().await;
    let added =
        cdo.post("/v1/clients", json!({ "name": "crm-sync", "roles": ["CDE"], "team": "华东" })).await;
    assert_eq!(
        (added.status, &added.json["roles"], &added.json["team"]),
        (201, &json!(["CDE"]), &json!("华东"))
    );
    let list = cdo.get("/v1/clients").await;
    let secret = added.json["client_secret"].as_str().unwrap();
    assert!(!list.text().contains(secret));
    let names: Vec<_> =
        list.json["items"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"crm-sync") && names.contains(&"boss"), "{names:?}");
    let again = cdo.post("/v1/clients", json!({ "name": "crm-sync", "roles": ["CDE"] })).await;
    assert_eq!(again.status, 409, "{}", again.json);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_teams_are_added_and_listed() {
    let site = Site::start().await;
    let cdo = site.cdo().await;
    let team = cdo.post("/v1/teams", json!({ "name": "西部" })).await;
    assert_eq!(team.status, 201);
    let teams = cdo.get("/v1/teams").await;
    assert_eq!(teams.json["items"][0]["id"], "default");
    assert!(teams.json["items"].as_array().unwrap().contains(&team.json));
    let user = cdo
        .post("/v1/users", json!({ "name": "example.han", "roles": ["CDA"], "team": team.json["id"] }))
        .await;
    assert_eq!((user.status, &user.json["team"]), (201, &json!("西部")));
    let listed = cdo.get("/v1/users").await.json["items"][0].clone();
    assert_eq!(
        (&listed["id"], &listed["name"], &listed["team"]),
        (&user.json["id"], &json!("example.han"), &json!("西部"))
    );
    assert_eq!(
        (&listed["set_up"], &listed["totp"], &listed["sessions"]),
        (&json!(false), &json!(false), &json!(0))
    );
    assert!(!listed.to_string().contains(crate::support::token_of(&user.json)), "the link is shown once");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_no_role_or_team_is_refused() {
    let site = Site::start().await;
    let cdo = site.cdo().await;
    for path in ["/v1/clients", "/v1/users"] {
        let answer = cdo.post(path, json!({ "name": "x", "roles": ["ROOT"] })).await;
        assert_eq!((answer.status, answer.code()), (422, code("role_unknown")), "{path}");
        let answer = cdo.post(path, json!({ "name": "x", "roles": [] })).await;
        assert_eq!((answer.status, answer.json["field"].as_str()), (400, Some("roles")), "{path}");
        let answer = cdo.post(path, json!({ "name": "x", "roles": ["CDE"], "team": "nowhere" })).await;
        assert_eq!((answer.status, answer.code()), (422, code("team_unknown")), "{path}");
        for name in ["", " ", "a\u{7}", &"名".repeat(65)] {
            let answer = cdo.post(path, json!({ "name": name, "roles": ["CDE"] })).await;
            assert!(matches!(answer.status, 400 | 422), "{path} {name:?}: {}", answer.json);
            assert_eq!(answer.json["field"], "name", "{path} {name:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_made_given_changed_against_what_was_seen_and_taken_away() {
    let site = Site::start().await;
    let cdo = site.cdo().await;
    let rules = json!({ "name": "财务", "actions": ["read"], "teams": "all", "see_to": "L3", "clear_to": "L2",
        "fields": { "customer.name": "clear", "customer.credit_limit": "masked" } });
    let role = cdo.post("/v1/roles", rules.clone()).await;
    assert_eq!((role.status, &role.json["version"]), (201, &json!(1)), "{}", role.json);
    let listed = cdo.get("/v1/roles").await;
    assert_eq!(listed.json["items"].as_array().unwrap().len(), 6);
    assert!(listed.json["items"].as_array().unwrap().contains(&role.json));
    let made = cdo.new_dossier(json!({ "phone": "15400000001", "credit_limit": "20(万元人民币)" })).await;
    let path = format!("/v1/dossiers/{}", made["id"].as_str().unwrap());
    let teller = site.role("财务").await;
    let fields = teller.get(&path).await.json["fields"].clone();
    assert!(fields["credit_limit"].is_string() && fields.get("phone").is_none(), "{fields}");
    let of = format!("/v1/roles/{}", role.json["id"].as_str().unwrap());
    let mut more = rules;
    more["fields"]["customer.phone"] = json!("masked");
    more["masks"] = json!({ "customer.phone": { "keep": { "last": 4 } }, "customer.credit_limit": "full" });
    let seen = [("if-match", "\"1\"")];
    let changed = cdo.send("PUT", &of, &seen, Some(more.clone())).await;
    assert_eq!((changed.status, &changed.json["holders"]), (200, &json!(1)), "{}", changed.json);
    assert_eq!(teller.get(&path).await.json["fields"]["phone"], "*******0001");
    for (mask, key) in [
        (json!("none"), "mask_unsuited"),
        (json!("none of these"), "mask_invalid"),
        (json!(1), "mask_invalid"),
    ] {
        let mut odd = more.clone();
        odd["masks"]["customer.phone"] = mask;
        assert_eq!(cdo.send("PUT", &of, &[("if-match", "\"2\"")], Some(odd)).await.code(), code(key));
    }
    // What is answered can be sent back, without what only the server says.
    let mut back = changed.json.clone();
    for said in ["id", "built_in", "version", "holders"] {
        back.as_object_mut().unwrap().remove(said);
    }
    let same = cdo.send("PUT", &of, &[("if-match", "\"2\"")], Some(back)).await;
    assert_eq!((same.status, &same.json["version"]), (200, &json!(3)), "{}", same.json);
    let late = cdo.send("PUT", &of, &seen, Some(more)).await;
    assert_eq!(late.code(), code("version_conflict"));
    assert_eq!(cdo.delete(&of).await.code(), code("role_in_use"));
    let team = cdo.get("/v1/teams").await.json["items"][1].clone();
    let path = format!("/v1/teams/{}", team["id"].as_str().unwrap());
    let moved = cdo.send("PATCH", &path, &[], Some(json!({ "name": "改名", "above": "" }))).await;
    assert_eq!((moved.status, &moved.json["name"]), (200, &json!("改名")), "{}", moved.json);
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_have_no_field_that_the_caller_sees_in_no_form() {
    let site = Site::start().await;
    let of = async |role: &str| {
        let kinds = site.role(role).await.get("/v1/kinds").await;
        let fields = kinds.json["items"][0]["fields"].as_array().unwrap();
        fields
            .iter()
            .map(|f| (f["name"].as_str().unwrap().to_owned(), f["shown"].clone()))
            .collect::<Vec<_>>()
    };
    let cde = of("CDE").await;
    assert!(cde.contains(&("phone".to_owned(), json!("masked"))));
    assert!(cde.contains(&("remarks".to_owned(), json!("clear"))));
    assert!(!cde.iter().any(|(name, _)| name == "credit_limit"), "sellers see no amounts that finance set");
    assert!(!of("CDU").await.iter().any(|(name, _)| name == "bank_card"));
    assert!(of("CDO").await.contains(&("bank_card".to_owned(), json!("masked"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_say_what_a_mask_leaves_of_an_example() {
    let site = Site::start().await;
    let kinds = site.role("CDU").await.get("/v1/kinds").await;
    let fields = kinds.json["items"][0]["fields"].as_array().unwrap();
    let masked = |name: &str| fields.iter().find(|f| f["name"] == name).unwrap()["example_masked"].clone();
    assert_eq!(masked("phone"), "154****0001");
    assert_eq!(masked("name"), "示***********");
    // Without a mask of its own nothing of it is shown.
    assert_eq!(masked("remarks"), "****");
    // And what each mask that a role may have would leave.
    let phone = fields.iter().find(|f| f["name"] == "phone").unwrap();
    let offered = phone["masks"].as_array().unwrap();
    let last =
        offered.iter().find(|one| one["mask"] == json!({ "keep": { "first": 0, "last": 4, "under": 8 } }));
    assert_eq!(last.unwrap()["example"], "*******0001");
    assert!(offered.iter().any(|one| one["mask"] == "hash"));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_rotated_and_everything_still_opens() {
    let site = Site::start().await;
    let cdo = site.cdo().await;
    let made = cdo.new_dossier(json!({ "phone": "15400000001" })).await;
    let before = cdo.get("/v1/keys").await.json;
    let rotated = cdo.post("/v1/keys/rotate", json!({})).await;
    assert_eq!(rotated.status, 200, "{}", rotated.json);
    let after = cdo.get("/v1/keys").await.json;
    assert!(after["tenant_generation"].as_u64() > before["tenant_generation"].as_u64());
    assert_eq!(after["tenant_generation"], rotated.json["tenant_generation"]);
    assert_eq!(after["ledger_key"], before["ledger_key"]);
    assert_eq!(cdo.get(&crate::support::at(&made, "")).await.json, made);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_is_open_to_all_and_says_nothing_else() {
    let site = Site::start().await;
    let answer = site.anon().get("/healthz").await;
    assert_eq!((answer.status, answer.json), (200, json!({ "state": "ready" })));
}
