//! Programs that act for people: codes, tokens, what ends them, and what may be done with one.

use super::*;
use crate::common::{change, customer};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dossier_engine::access::View;
use dossier_engine::model::Level;
use dossier_engine::model::kind::Kinds;
use dossier_engine::{
    Authorize, Checked, Client, ClientProof, Leave, Leaving, ListQuery, NewClient, Opening, Redeem,
    Registration, Reveal, Tokens, UserChange,
};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

const SECOND: i64 = 1_000_000;
const BACK: &str = "https://crm.example.com/back";
const VERIFIER: &str = "a-verifier-that-is-long-enough-for-rfc-7636-0123";

fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(dossier_crypto::sha256(verifier.as_bytes()))
}

/// A world with a seller, and a program that may act for people in this role.
struct Scene {
    world: World,
    user: NewUser,
    program: NewClient,
    session: SignedIn,
}

fn scene(role: &str) -> Scene {
    let (world, user) = seller();
    let program = register(&world, "示例程序", role, false);
    let session = sign_in(world.engine(), "示例员工", PASSWORD).unwrap();
    Scene { world, user, program, session }
}

fn register(world: &World, name: &str, role: &str, public: bool) -> NewClient {
    let how = Registration { redirect_uris: vec![BACK.into()], public, flows: Vec::new() };
    world.engine().register_client(&world.operator(), name, &[role], None, &how).unwrap()
}

fn proof(program: &NewClient) -> ClientProof {
    let secret = Some(program.client_secret.clone()).filter(|secret| !secret.is_empty());
    ClientProof { id: program.client_id.clone(), secret }
}

fn asks(program: &NewClient) -> Authorize {
    Authorize {
        client_id: Some(program.client_id.clone()),
        redirect_uri: Some(BACK.into()),
        response_type: Some("code".into()),
        state: Some("xyz".into()),
        scope: None,
        code_challenge: Some(challenge(VERIFIER)),
        code_challenge_method: Some("S256".into()),
    }
}

fn parameter(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned))
}

impl Scene {
    fn engine(&self) -> &Engine {
        self.world.engine()
    }

    fn person(&self) -> Caller {
        person(self.engine(), &self.session).unwrap()
    }

    fn code(&self) -> String {
        let back = self.engine().let_program(&self.person(), &asks(&self.program)).unwrap();
        assert!(back.starts_with(&format!("{BACK}?code=")), "{back}");
        assert_eq!(parameter(&back, "state").as_deref(), Some("xyz"));
        assert_eq!(parameter(&back, "iss").as_deref(), Some("https%3A%2F%2Fdossier.example.com"));
        parameter(&back, "code").unwrap()
    }

    fn redeem(&self, code: &str) -> Result<Tokens, Fault> {
        self.redeem_as(&self.program, code, BACK, VERIFIER)
    }

    fn redeem_as(
        &self,
        program: &NewClient,
        code: &str,
        back: &str,
        verifier: &str,
    ) -> Result<Tokens, Fault> {
        let ask = Redeem { code: code.into(), redirect_uri: back.into(), code_verifier: verifier.into() };
        self.engine().redeem_code(&origin(), &proof(program), &ask)
    }

    fn tokens(&self) -> Tokens {
        self.redeem(&self.code()).unwrap()
    }

    fn refresh(&self, tokens: &Tokens) -> Result<Tokens, Fault> {
        self.engine().refresh_tokens(&origin(), &proof(&self.program), &tokens.refresh_token)
    }

    fn caller(&self, tokens: &Tokens) -> Result<Caller, Fault> {
        self.engine().caller(&origin(), &tokens.access_token)
    }

    /// Whether the tokens are good for anything.
    fn works(&self, tokens: &Tokens) -> bool {
        let caller = self.caller(tokens);
        caller.and_then(|caller| self.engine().list(&caller, &list())).is_ok()
    }
}

fn list() -> ListQuery {
    ListQuery { kind: "customer".into(), ..ListQuery::default() }
}

#[test]
fn a_person_lets_a_program_act_and_the_ledger_names_both() {
    let scene = scene("CDE");
    let engine = scene.engine();
    let asked = engine.program_asked(&scene.person(), &asks(&scene.program)).unwrap();
    assert_eq!((asked.name.as_str(), asked.back_to.as_str()), ("示例程序", "https://crm.example.com"));
    assert_eq!(asked.may, ["read", "create", "change", "reveal", "detokenise", "copy", "find", "history"]);
    let tokens = scene.tokens();
    let caller = scene.caller(&tokens).unwrap();
    let record = engine
        .create(&caller, &customer(json!({ "name": "示例科技有限公司", "subject": "A" })))
        .unwrap()
        .record;
    engine.change(&caller, &change(&record, json!({ "name": "示例技术有限公司" }))).unwrap().done().unwrap();
    let entry = entries(&scene.world, 1).remove(0);
    assert_eq!((entry.action, entry.who.as_str()), ("change", "示例员工"));
    assert_eq!(entry.note["program"], json!(scene.program.client_id));
    let told: Vec<_> =
        entries(&scene.world, 20).iter().map(|entry| (entry.action, entry.who.clone())).collect();
    assert!(told.contains(&("oauth_authorize", "示例员工".into())), "{told:?}");
    assert!(told.contains(&("oauth_token", "示例程序".into())), "{told:?}");
    scene.world.assert_sound();
}

#[test]
fn a_code_is_good_once_for_a_minute_and_for_whom_it_was_made() {
    let scene = scene("CDE");
    let invalid = |result: Result<Tokens, Fault>| assert_eq!(key(result), "oauth_invalid_grant");
    let code = scene.code();
    scene.world.clock.advance(60 * SECOND);
    invalid(scene.redeem(&code));
    let other = register(&scene.world, "其他程序", "CDE", false);
    let code = scene.code();
    invalid(scene.redeem_as(&other, &code, BACK, VERIFIER));
    scene.redeem(&code).expect("the other program's attempt does not matter");
    // Whoever shows a code with another verifier or address has it from somewhere else: it ends.
    for (back, verifier) in [
        (BACK, "another-verifier-that-is-long-enough-too-0123456"),
        ("https://crm.example.com/back/", VERIFIER),
        (BACK, ""),
        ("", VERIFIER),
    ] {
        let code = scene.code();
        invalid(scene.redeem_as(&scene.program, &code, back, verifier));
        invalid(scene.redeem(&code));
    }
    for nonsense in ["", "abc", &"A".repeat(64), &scene.code()[..63]] {
        invalid(scene.redeem(nonsense));
    }
    let wrong = ClientProof { id: scene.program.client_id.clone(), secret: Some("A".repeat(43)) };
    let none = ClientProof { id: scene.program.client_id.clone(), secret: None };
    for proof in [wrong, none] {
        let ask = Redeem { code: scene.code(), redirect_uri: BACK.into(), code_verifier: VERIFIER.into() };
        assert_eq!(key(scene.engine().redeem_code(&origin(), &proof, &ask)), "oauth_invalid_client");
    }
    scene.world.assert_sound();
}

#[test]
fn a_code_shown_twice_ends_what_came_of_it_with_an_alarm() {
    let scene = scene("CDE");
    let code = scene.code();
    let tokens = scene.redeem(&code).unwrap();
    assert!(scene.works(&tokens));
    assert_eq!(key(scene.redeem(&code)), "oauth_invalid_grant");
    let entry = entries(&scene.world, 1).remove(0);
    assert_eq!((entry.action, entry.outcome), ("oauth_token", "refused"));
    assert_eq!(entry.code.as_deref(), Some("1001011068"));
    assert_eq!(entry.note["alarm"], json!("token_replayed"));
    assert_eq!(entry.note["user"], json!(scene.user.id));
    assert!(!scene.works(&tokens));
    assert_eq!(key(scene.refresh(&tokens)), "oauth_invalid_grant");
    scene.world.assert_sound();
}

#[test]
fn each_renewal_ends_the_tokens_before_and_an_old_one_ends_all() {
    let scene = scene("CDE");
    let first = scene.tokens();
    let second = scene.refresh(&first).unwrap();
    assert!(!scene.works(&first) && scene.works(&second));
    // An access token is none to renew with, and tells of nobody who copied one.
    let mixed =
        Tokens { refresh_token: second.access_token.clone(), access_token: String::new(), expires_in: 0 };
    assert_eq!(key(scene.refresh(&mixed)), "oauth_invalid_grant");
    let third = scene.refresh(&second).unwrap();
    assert!(scene.works(&third));
    assert_eq!(key(scene.refresh(&first)), "oauth_invalid_grant");
    assert_eq!(entries(&scene.world, 1)[0].note["alarm"], json!("token_replayed"));
    assert!(!scene.works(&third));
    assert_eq!(key(scene.refresh(&third)), "oauth_invalid_grant");
    scene.world.assert_sound();
}

#[test]
fn tokens_end_idle_and_at_their_time() {
    let scene = scene("CDE");
    let tokens = scene.tokens();
    scene.world.clock.advance(3600 * SECOND);
    assert_eq!(key(scene.caller(&tokens)), "token_expired");
    let mut tokens = scene.refresh(&tokens).unwrap();
    scene.world.clock.advance(7 * 86_400 * SECOND);
    assert_eq!(key(scene.refresh(&tokens)), "oauth_invalid_grant", "nobody renewed it for a week");
    let session = sign_in(scene.engine(), "示例员工", PASSWORD).unwrap();
    let scene = Scene { session, ..scene };
    let mut days = 0;
    tokens = scene.tokens();
    while let Ok(next) = scene.refresh(&tokens) {
        tokens = next;
        scene.world.clock.advance(86_400 * SECOND);
        days += 1;
    }
    assert_eq!(days, 30);
}

#[test]
fn a_hundred_at_once_with_one_code_or_token_are_one() {
    let scene = scene("CDE");
    let (code, good) = (scene.code(), AtomicUsize::new(0));
    std::thread::scope(|all| {
        for _ in 0..100 {
            all.spawn(|| scene.redeem(&code).map(|_| good.fetch_add(1, Ordering::SeqCst)));
        }
    });
    assert_eq!(good.swap(0, Ordering::SeqCst), 1);
    let tokens = scene.tokens();
    std::thread::scope(|all| {
        for _ in 0..100 {
            all.spawn(|| scene.refresh(&tokens).map(|_| good.fetch_add(1, Ordering::SeqCst)));
        }
    });
    assert_eq!(good.load(Ordering::SeqCst), 1);
    assert!(scene.engine().own_programs(&scene.person()).unwrap().is_empty(), "the others were replays");
    scene.world.assert_sound();
}

#[test]
fn what_ends_the_sessions_of_a_person_ends_what_programs_hold() {
    type End = fn(&Scene);
    let ends: [(&str, End); 7] = [
        ("disabled", |scene| {
            scene
                .engine()
                .leave(&scene.world.operator(), &scene.user.id, &Leave::of(Leaving::Left))
                .map(drop)
                .unwrap();
        }),
        ("another role", |scene| {
            let ask = UserChange { roles: Some(vec!["CDU".into()]), ..UserChange::default() };
            scene
                .engine()
                .change_user(&scene.world.operator(), &scene.user.id, &ask)
                .unwrap()
                .done()
                .map(drop)
                .unwrap();
        }),
        ("set up anew", |scene| {
            scene.engine().renew_user(&scene.world.operator(), &scene.user.id).map(drop).unwrap()
        }),
        ("all sessions ended by others", |scene| {
            scene.engine().end_sessions(&scene.world.operator(), &scene.user.id).unwrap()
        }),
        ("all other sessions", |scene| scene.engine().end_other_sessions(&scene.person(), PASSWORD).unwrap()),
        ("another password", |scene| {
            scene.engine().change_password(&scene.person(), PASSWORD, OTHER).unwrap()
        }),
        ("the program is disabled", |scene| {
            scene.engine().disable_client(&scene.world.operator(), &scene.program.client_id).unwrap();
        }),
    ];
    for (what, end) in ends {
        let scene = scene("CDE");
        let tokens = scene.tokens();
        let caller = scene.caller(&tokens).unwrap();
        assert!(scene.works(&tokens), "{what}");
        end(&scene);
        assert!(!scene.works(&tokens), "{what}");
        // A caller that was told apart a moment before does nothing more either.
        let made =
            scene.engine().create(&caller, &customer(json!({ "name": "示例科技有限公司", "subject": "A" })));
        assert!(made.is_err_and(|fault| [401, 403].contains(&fault.status())), "{what}");
        assert!(
            ["oauth_invalid_grant", "oauth_invalid_client"].contains(&key(scene.refresh(&tokens))),
            "{what}"
        );
        scene.world.assert_sound();
    }
}

#[test]
fn a_person_sees_which_programs_act_for_them_and_withdraws_that() {
    let scene = scene("CDU");
    let tokens = scene.tokens();
    let held = scene.engine().own_programs(&scene.person()).unwrap().remove(0);
    assert_eq!((held.name.as_str(), held.client_id.as_str()), ("示例程序", scene.program.client_id.as_str()));
    assert_eq!(held.may, ["read", "reveal", "detokenise", "find", "history"]);
    let stranger = {
        let user = scene
            .engine()
            .add_user(&scene.world.operator(), "示例同事", &["CDE"], None)
            .unwrap()
            .done()
            .unwrap();
        let session = set_up(scene.engine(), &user.set_up, OTHER).unwrap();
        person(scene.engine(), &session).unwrap()
    };
    assert_eq!(key(scene.engine().withdraw_program(&stranger, &held.id)), "not_found");
    assert!(scene.works(&tokens));
    scene.engine().withdraw_program(&scene.person(), &held.id).unwrap();
    assert!(!scene.works(&tokens));
    assert!(scene.engine().own_programs(&scene.person()).unwrap().is_empty());
    assert_eq!(key(scene.engine().withdraw_program(&scene.person(), &held.id)), "not_found");
}

#[test]
fn programs_ask_and_give_back_their_own_tokens_alone() {
    let scene = scene("CDE");
    let engine = scene.engine();
    let (tokens, other) = (scene.tokens(), register(&scene.world, "其他程序", "CDE", false));
    let told =
        |program: &NewClient, token: &str| engine.introspect(&origin(), &proof(program), token).unwrap();
    let access = told(&scene.program, &tokens.access_token);
    assert!(access.active && access.token_type == Some("Bearer"));
    assert_eq!(access.sub.as_deref(), Some(scene.user.id.as_str()));
    assert_eq!(access.exp.unwrap() - access.iat.unwrap(), 3600);
    let refresh = told(&scene.program, &tokens.refresh_token);
    assert!(refresh.active && refresh.token_type.is_none());
    for (program, token) in
        [(&other, &tokens.access_token), (&other, &tokens.refresh_token), (&scene.program, &"x".to_owned())]
    {
        let told = told(program, token);
        assert!(!told.active && told.sub.is_none() && told.client_id.is_none());
        engine.revoke_token(&origin(), &proof(program), token).unwrap();
    }
    assert!(scene.works(&tokens));
    engine.revoke_token(&origin(), &proof(&scene.program), &tokens.access_token).unwrap();
    assert!(!scene.works(&tokens) && !told(&scene.program, &tokens.refresh_token).active);
    let public = register(&scene.world, "公开程序", "CDE", true);
    assert!(public.client_secret.is_empty());
    assert_eq!(
        key(engine.introspect(&origin(), &proof(&public), &tokens.access_token)),
        "oauth_invalid_client"
    );
    assert_eq!(key(engine.sign_in(&origin(), &public.client_id, "")), "oauth_invalid_client");
    let empty = ClientProof { id: public.client_id.clone(), secret: Some(String::new()) };
    assert_eq!(key(engine.revoke_token(&origin(), &empty, "x")), "oauth_invalid_client");
    // One that acts for people alone has no token of its own.
    let own = engine.sign_in(&origin(), &scene.program.client_id, &scene.program.client_secret);
    assert_eq!(key(own), "oauth_unauthorized_client");
    let both = world_client(&scene.world);
    let token = engine.sign_in(&origin(), &both.client_id, &both.client_secret).unwrap().access_token;
    assert_eq!(told(&both, &token).sub.as_deref(), Some(both.client_id.as_str()));
    assert!(!told(&scene.program, &token).active);
    engine.revoke_token(&origin(), &proof(&both), &token).unwrap();
    assert_eq!(key(engine.caller(&origin(), &token)), "unauthenticated");
}

/// A program that acts for people and for itself.
fn world_client(world: &World) -> NewClient {
    let flows = vec!["client_credentials".into(), "authorization_code".into()];
    let how = Registration { redirect_uris: vec![BACK.into()], public: false, flows };
    let program =
        world.engine().register_client(&world.operator(), "两用程序", &["CDE"], None, &how).unwrap();
    let all: Vec<Client> = world.engine().clients(&world.operator()).unwrap();
    let shown = all.iter().find(|one| one.client_id == program.client_id).unwrap();
    assert_eq!(shown.flows, ["client_credentials", "authorization_code"]);
    program
}

#[test]
fn a_request_that_is_not_as_it_has_to_be_sends_nobody_anywhere_but_home() {
    let scene = scene("CDE");
    let engine = scene.engine();
    let with = |change: &dyn Fn(&mut Authorize)| {
        let mut ask = asks(&scene.program);
        change(&mut ask);
        ask
    };
    let stays: [(&str, Authorize); 5] = [
        ("no program", with(&|ask| ask.client_id = None)),
        ("an unknown one", with(&|ask| ask.client_id = Some("cli_01ktzmay00e1hs6v0rhdvhtc0m".into()))),
        ("no address", with(&|ask| ask.redirect_uri = None)),
        ("a longer address", with(&|ask| ask.redirect_uri = Some(format!("{BACK}/more")))),
        (
            "another host",
            with(&|ask| ask.redirect_uri = Some("https://crm.example.com.evil.example/back".into())),
        ),
    ];
    for (what, ask) in &stays {
        assert_eq!(key(engine.check_authorize(&origin(), ask)), "oauth_client_unknown", "{what}");
        assert_eq!(key(engine.let_program(&scene.person(), ask)), "oauth_client_unknown", "{what}");
    }
    for (error, ask) in [
        ("unsupported_response_type", with(&|ask| ask.response_type = Some("token".into()))),
        ("invalid_request", with(&|ask| ask.response_type = None)),
        ("invalid_request", with(&|ask| ask.code_challenge = None)),
        ("invalid_request", with(&|ask| ask.code_challenge_method = None)),
        ("invalid_request", with(&|ask| ask.code_challenge_method = Some("plain".into()))),
        ("invalid_request", with(&|ask| ask.code_challenge = Some("short".into()))),
        ("invalid_scope", with(&|ask| ask.scope = Some("all".into()))),
    ] {
        let Checked::Back(back) = engine.check_authorize(&origin(), &ask).unwrap() else { panic!("{error}") };
        assert!(back.starts_with(&format!("{BACK}?error={error}&")), "{back}");
        assert_eq!(parameter(&back, "state").as_deref(), Some("xyz"));
        assert!(parameter(&back, "iss").is_some());
        assert!(engine.let_program(&scene.person(), &ask).is_err());
    }
    assert!(matches!(engine.check_authorize(&origin(), &asks(&scene.program)), Ok(Checked::Ask)));
    let back = engine.refuse_program(&scene.person(), &asks(&scene.program)).unwrap();
    assert!(back.starts_with(&format!("{BACK}?error=access_denied&")) && parameter(&back, "code").is_none());
    assert_eq!(entries(&scene.world, 1)[0].action, "oauth_decline");
    // Who signed in long ago shows first who that is.
    scene.world.clock.advance(600 * SECOND);
    assert_eq!(key(engine.let_program(&scene.person(), &asks(&scene.program))), "proof_needed");
}

#[test]
fn a_program_does_nothing_about_people_rights_keys_or_the_persons_own_account() {
    let scene = scene("CDE");
    let engine = scene.engine();
    let caller = scene.caller(&scene.tokens()).unwrap();
    let refusals = [
        key(engine.users(&caller)),
        key(engine.clients(&caller)),
        key(engine.roles(&caller)),
        key(engine.add_user(&caller, "示例新人", &["CDE"], None)),
        key(engine.add_client(&caller, "新程序", &["CDE"], None)),
        key(engine.own_sessions(&caller)),
        key(engine.session(&caller)),
        key(engine.own_programs(&caller)),
        key(engine.program_asked(&caller, &asks(&scene.program))),
        key(engine.let_program(&caller, &asks(&scene.program))),
        key(engine.refuse_program(&caller, &asks(&scene.program))),
        key(engine.views(&caller)),
        key(engine.key_status(&caller)),
        key(engine.flows(&caller)),
        key(engine.sign_out(&caller)),
    ];
    assert!(refusals.iter().all(|key| *key == "oauth_not_by_program"), "{refusals:?}");
}

#[test]
fn what_a_program_may_is_what_both_may() {
    for (role, may) in [
        ("CDO", ["read", "create", "change", "reveal", "detokenise", "copy", "find", "history"].as_slice()),
        ("CDU", &["read", "reveal", "detokenise", "find", "history"]),
        ("ISA", &["read", "history"]),
    ] {
        let (world, user) = seller();
        let how = Registration {
            redirect_uris: vec![BACK.into()],
            flows: vec!["client_credentials".into(), "authorization_code".into()],
            ..Registration::default()
        };
        let program =
            world.engine().register_client(&world.operator(), "示例程序", &[role], None, &how).unwrap();
        let session = sign_in(world.engine(), "示例员工", PASSWORD).unwrap();
        let scene = Scene { world, user, program, session };
        let engine = scene.engine();
        let own = scene.person();
        let record = engine.create(&own, &customer(crate::common::firm())).unwrap().record;
        let by = scene.caller(&scene.tokens()).unwrap();
        assert_eq!(engine.own_programs(&own).unwrap()[0].may, may, "{role}");
        let alone =
            engine.sign_in(&origin(), &scene.program.client_id, &scene.program.client_secret).unwrap();
        let alone = engine.caller(&origin(), &alone.access_token).unwrap();
        let view = |caller: &Caller| engine.view(caller, Kinds::customer()).unwrap();
        let (mine, theirs, both) = (view(&own), view(&alone), view(&by));
        for field in &Kinds::customer().fields {
            for level in Level::ALL {
                let form = |view: &View| view.anywhere().form(field.number, *level);
                let least = if form(&mine) as u8 > form(&theirs) as u8 { form(&mine) } else { form(&theirs) };
                assert_eq!(form(&both), least, "{role} {} {level:?}", field.name);
            }
        }
        assert_eq!(engine.read(&by, "customer", &record.id, false).unwrap().id, record.id);
        let made = engine.create(&by, &customer(json!({ "name": "示例技术有限公司", "subject": "A" })));
        assert_eq!(made.err().map(|fault| fault.key), (role != "CDO").then_some("action_not_allowed"));
        let ask = Reveal {
            kind: "customer".into(),
            id: record.id.clone(),
            field: "phone".into(),
            purpose: "示例用途：核对电话".into(),
            how: Opening::Look,
        };
        assert_eq!(engine.reveal(&by, &ask).is_ok(), may.contains(&"reveal"), "{role}");
        assert!(engine.ledger(&by, &LedgerQuery { log: "change".into(), ..LedgerQuery::default() }).is_err());
    }
}

#[test]
fn a_role_of_ones_own_team_means_the_team_of_the_person_and_nobody_gains_by_moving_a_dossier() {
    let (world, user) = seller();
    let engine = world.engine();
    let operator = world.operator();
    engine.add_team(&operator, "上海").unwrap();
    let elsewhere = engine
        .register_client(
            &operator,
            "示例程序",
            &["CDE"],
            Some("上海"),
            &Registration {
                redirect_uris: vec![BACK.into()],
                flows: vec!["client_credentials".into(), "authorization_code".into()],
                ..Registration::default()
            },
        )
        .unwrap();
    let session = sign_in(engine, "示例员工", PASSWORD).unwrap();
    let scene = Scene { world, user, program: elsewhere, session };
    let engine = scene.engine();
    let own = scene.person();
    let record = engine.create(&own, &customer(crate::common::firm())).unwrap().record;
    let by = scene.caller(&scene.tokens()).unwrap();
    let seen = |caller: &Caller| engine.list(caller, &list()).unwrap().items.len();
    assert_eq!((seen(&own), seen(&by)), (1, 1));
    let alone = engine.sign_in(&origin(), &scene.program.client_id, &scene.program.client_secret).unwrap();
    let alone = engine.caller(&origin(), &alone.access_token).unwrap();
    assert_eq!(seen(&alone), 0);
    let changed = engine.change(&by, &change(&record, json!({ "name": "示例技术(杭州)有限公司" })));
    let record = changed.unwrap().done().unwrap().record;
    // It cannot have the person put a dossier where it would see it by itself.
    let mut moves = change(&record, json!({}));
    moves.team = Some("上海".into());
    assert!(engine.change(&by, &moves).is_err());
    assert_eq!(seen(&alone), 0);
}
