//! Passkeys: adding them, signing in by them, and what does not get in.

use super::authenticator::Authenticator;
use super::common::ORIGIN;
use super::common::fleet::{Fleet, assert_sound, operator};
use super::*;
use dossier_engine::access::Role;
use dossier_engine::{Leave, Leaving, NewPasskey, Settings, SignInByPasskey, SignInSettings};

const SECOND: i64 = 1_000_000;

/// Adds a passkey for whoever signed in.
pub fn added(engine: &Engine, signed_in: &SignedIn, name: &str) -> Authenticator {
    let caller = person(engine, signed_in).unwrap();
    let asked = engine.begin_passkey(&caller).unwrap();
    let (own, credential) = Authenticator::make(ORIGIN, &asked);
    engine
        .add_passkey(&caller, &NewPasskey { name: name.into(), challenge: asked.challenge, credential })
        .unwrap();
    own
}

/// A world with a seller who has the password and a passkey.
pub fn with_passkey() -> (World, Authenticator, SignedIn) {
    let (world, _) = seller();
    let signed_in = sign_in(world.engine(), "示例员工", PASSWORD).unwrap();
    let own = added(world.engine(), &signed_in, "办公电脑");
    (world, own, signed_in)
}

fn ask_with(engine: &Engine, own: &mut Authenticator, name: Option<&str>) -> SignInByPasskey {
    let asked = engine.sign_in_challenge().unwrap();
    let credential = own.answer(&asked);
    let name = name.map(str::to_owned);
    SignInByPasskey { challenge: asked.challenge, credential, name, agent: None, before: None }
}

fn by_passkey(engine: &Engine, own: &mut Authenticator) -> Result<SignedIn, Fault> {
    engine.sign_in_by_passkey(&origin(), &ask_with(engine, own, None))
}

/// What the newest refused sign-in says of why.
fn why(world: &World) -> String {
    let newest = serde_json::to_value(&entries(world, 1)[0]).unwrap();
    assert_eq!((&newest["action"], &newest["outcome"]), (&"sign_in".into(), &"refused".into()), "{newest}");
    assert_eq!(newest["note"]["with"], "passkey");
    newest["note"]["why"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_passkey_signs_in_without_the_name_and_after_it() {
    let (world, mut own, first) = with_passkey();
    let engine = world.engine();
    let signed_in = by_passkey(engine, &mut own).unwrap();
    assert_eq!((signed_in.session.user.name.as_str(), signed_in.session.passkeys), ("示例员工", 1));
    let newest = serde_json::to_value(&entries(&world, 1)[0]).unwrap();
    assert_eq!((&newest["note"]["with"], &newest["outcome"]), (&"passkey".into(), &"done".into()));
    let named = ask_with(engine, &mut own, Some(" 示例员工"));
    engine.sign_in_by_passkey(&origin(), &named).unwrap();
    let caller = person(engine, &first).unwrap();
    let kept = engine.passkeys(&caller).unwrap();
    assert_eq!((kept.len(), kept[0].name.as_str(), kept[0].used_at.is_some()), (1, "办公电脑", true));
    world.assert_sound();
}

#[test]
fn whoever_has_a_passkey_and_no_codes_does_not_get_in_by_the_password_alone() {
    let (world, _, _) = with_passkey();
    assert_eq!(key(sign_in(world.engine(), "示例员工", OTHER)), "sign_in_failed");
    assert_eq!(key(sign_in(world.engine(), "示例员工", PASSWORD)), "passkey_required");
}

#[test]
fn an_answer_given_to_another_page_is_refused() {
    let (world, mut own, _) = with_passkey();
    for origin in
        ["https://evil.example.com", "https://dossier.example.com:8443", "http://dossier.example.com"]
    {
        own.origin = origin.to_owned();
        assert_eq!(key(by_passkey(world.engine(), &mut own)), "sign_in_failed", "{origin}");
        assert_eq!(why(&world), "origin");
    }
    own.origin = ORIGIN.to_owned();
    by_passkey(world.engine(), &mut own).unwrap();
}

#[test]
fn a_question_counts_once_and_for_what_it_was_asked() {
    let (world, mut own, signed_in) = with_passkey();
    let engine = world.engine();
    let ask = ask_with(engine, &mut own, None);
    engine.sign_in_by_passkey(&origin(), &ask).unwrap();
    assert_eq!(key(engine.sign_in_by_passkey(&origin(), &ask)), "sign_in_failed");
    // The same question answered anew, and one that was refused.
    let asked = engine.sign_in_challenge().unwrap();
    own.verifies = false;
    let with = |own: &mut Authenticator| SignInByPasskey {
        challenge: asked.challenge.clone(),
        credential: own.answer(&asked),
        name: None,
        agent: None,
        before: None,
    };
    assert_eq!(key(engine.sign_in_by_passkey(&origin(), &with(&mut own))), "sign_in_failed");
    own.verifies = true;
    assert_eq!(key(engine.sign_in_by_passkey(&origin(), &with(&mut own))), "sign_in_failed");
    // A question that was put within a session.
    let other = engine.proof_challenge(&person(engine, &signed_in).unwrap()).unwrap();
    let credential = own.answer(&other);
    let moved =
        SignInByPasskey { challenge: other.challenge, credential, name: None, agent: None, before: None };
    assert_eq!(key(engine.sign_in_by_passkey(&origin(), &moved)), "sign_in_failed");
    assert_eq!(why(&world), "challenge");
    world.assert_sound();
}

#[test]
fn a_question_ends_after_five_minutes() {
    let (world, mut own, _) = with_passkey();
    let engine = world.engine();
    let early = ask_with(engine, &mut own, None);
    let late = ask_with(engine, &mut own, None);
    world.clock.advance(299 * SECOND);
    engine.sign_in_by_passkey(&origin(), &early).unwrap();
    world.clock.advance(SECOND);
    assert_eq!(key(engine.sign_in_by_passkey(&origin(), &late)), "sign_in_failed");
    assert_eq!(why(&world), "challenge");
}

#[test]
fn a_counter_that_goes_back_is_refused_and_recorded() {
    let (world, mut own, _) = with_passkey();
    by_passkey(world.engine(), &mut own).unwrap();
    own.counter -= 1;
    assert_eq!(key(by_passkey(world.engine(), &mut own)), "sign_in_failed");
    assert_eq!(why(&world), "counter");
    by_passkey(world.engine(), &mut own).unwrap();
}

#[test]
fn a_passkey_that_does_not_count_signs_in_all_the_same() {
    let (world, _) = seller();
    let engine = world.engine();
    let caller = person(engine, &sign_in(engine, "示例员工", PASSWORD).unwrap()).unwrap();
    let asked = engine.begin_passkey(&caller).unwrap();
    let (mut own, _) = Authenticator::make(ORIGIN, &asked);
    (own.counter, own.step) = (0, 0);
    let credential = own.register(&asked.options);
    engine
        .add_passkey(&caller, &NewPasskey { name: "手机".into(), challenge: asked.challenge, credential })
        .unwrap();
    for _ in 0..2 {
        by_passkey(engine, &mut own).unwrap();
    }
}

#[test]
fn an_authenticator_that_did_not_look_who_is_there_is_refused() {
    let (world, mut own, _) = with_passkey();
    own.verifies = false;
    assert_eq!(key(by_passkey(world.engine(), &mut own)), "sign_in_failed");
    assert_eq!(why(&world), "unverified");
}

#[test]
fn a_passkey_of_somebody_else_is_refused() {
    let (world, mut own, _) = with_passkey();
    let engine = world.engine();
    let other = engine.add_user(&world.operator(), "示例同事", &["CDE"], None).unwrap().done().unwrap();
    let signed_in = set_up(engine, &other.set_up, OTHER).unwrap();
    let theirs = added(engine, &signed_in, "手机");
    // Under the name of somebody else.
    assert_eq!(
        key(engine.sign_in_by_passkey(&origin(), &ask_with(engine, &mut own, Some("示例同事")))),
        "sign_in_failed"
    );
    assert_eq!(why(&world), "unknown");
    // It says that it is somebody else's, and it says that it is another one.
    let (mine, id) = (own.owner.clone(), own.id.clone());
    own.owner = theirs.owner.clone();
    assert_eq!(key(by_passkey(engine, &mut own)), "sign_in_failed");
    assert_eq!(why(&world), "unknown");
    own.id = theirs.id.clone();
    assert_eq!(key(by_passkey(engine, &mut own)), "sign_in_failed");
    assert_eq!(why(&world), "answer");
    (own.owner, own.id) = (mine, id);
    by_passkey(engine, &mut own).unwrap();
    own.owner = vec![7; 16];
    assert_eq!(key(by_passkey(engine, &mut own)), "sign_in_failed");
}

#[test]
fn passkeys_end_with_their_person_and_with_a_new_link() {
    let (world, mut own, signed_in) = with_passkey();
    let engine = world.engine();
    let id = signed_in.session.user.id;
    engine.leave(&world.operator(), &id, &Leave::of(Leaving::Left)).unwrap();
    assert_eq!(key(by_passkey(engine, &mut own)), "sign_in_failed");
    engine.enable_user(&world.operator(), &id).unwrap().done().unwrap();
    by_passkey(engine, &mut own).unwrap();
    let link = engine.renew_user(&world.operator(), &id).unwrap();
    assert_eq!(key(by_passkey(engine, &mut own)), "sign_in_failed");
    assert_eq!(set_up(engine, &link.set_up, PASSWORD).unwrap().session.passkeys, 0);
}

#[test]
fn passkeys_are_named_and_removed_and_a_removed_one_signs_nobody_in() {
    let (world, mut own, signed_in) = with_passkey();
    let engine = world.engine();
    let other = by_passkey(engine, &mut own).unwrap();
    let caller = person(engine, &signed_in).unwrap();
    let kept = engine.passkeys(&caller).unwrap();
    let renamed = engine.rename_passkey(&caller, &kept[0].id, "家里的电脑").unwrap();
    assert_eq!((&renamed.id, renamed.name.as_str()), (&kept[0].id, "家里的电脑"));
    assert_eq!(key(engine.rename_passkey(&caller, &kept[0].id, " ")), "value_length");
    for missing in ["pky_01ktzmay00e1hs6v0rhdvhtc0m", "x"] {
        assert_eq!(key(engine.rename_passkey(&caller, missing, "别的")), "not_found");
        assert_eq!(key(engine.remove_passkey(&caller, missing)), "not_found");
    }
    engine.remove_passkey(&caller, &kept[0].id).unwrap();
    assert_eq!(key(by_passkey(engine, &mut own)), "sign_in_failed");
    assert_eq!(key(person(engine, &other)), "session_ended");
    sign_in(engine, "示例员工", PASSWORD).unwrap();
    let deeds: Vec<_> = entries(&world, 30).iter().map(|entry| entry.action).collect();
    for deed in ["passkey_add", "passkey_change", "passkey_remove"] {
        assert!(deeds.contains(&deed), "{deed}: {deeds:?}");
    }
    world.assert_sound();
}

#[test]
fn a_passkey_is_added_once_under_a_name_of_its_own_and_by_its_own_question() {
    let (world, own, signed_in) = with_passkey();
    let engine = world.engine();
    let caller = person(engine, &signed_in).unwrap();
    let add = |name: &str, challenge: &str, credential| {
        engine
            .add_passkey(&caller, &NewPasskey { name: name.into(), challenge: challenge.into(), credential })
    };
    let asked = engine.begin_passkey(&caller).unwrap();
    assert_eq!(asked.options["excludeCredentials"].as_array().unwrap().len(), 1);
    assert_eq!(key(add("手机", &asked.challenge, own.register(&asked.options))), "passkey_failed", "twice");
    let (mut second, credential) = Authenticator::make(ORIGIN, &asked);
    assert_eq!(key(add("办公电脑", &asked.challenge, credential.clone())), "name_taken");
    assert_eq!(key(add("手机", "x", credential.clone())), "passkey_failed");
    assert_eq!(key(add("手机", &asked.challenge, serde_json::Map::new())), "passkey_failed");
    let stranger = sign_in_of(&world, "示例同事");
    let theirs = NewPasskey {
        name: "手机".into(),
        challenge: asked.challenge.clone(),
        credential: credential.clone(),
    };
    assert_eq!(key(engine.add_passkey(&stranger, &theirs)), "passkey_failed", "another session's question");
    let kept = add("手机", &asked.challenge, credential.clone()).unwrap();
    by_passkey(engine, &mut second).unwrap();
    engine.remove_passkey(&caller, &kept.id).unwrap();
    assert_eq!(key(add("手机", &asked.challenge, credential)), "passkey_failed", "a question counts once");
    second.verifies = false;
    let asked = engine.begin_passkey(&caller).unwrap();
    assert_eq!(key(add("手机", &asked.challenge, second.register(&asked.options))), "passkey_failed");
    assert_eq!(engine.passkeys(&caller).unwrap().len(), 1);
    world.assert_sound();
}

/// Somebody new who just chose a password.
fn sign_in_of(world: &World, name: &str) -> Caller {
    let user = world.engine().add_user(&world.operator(), name, &["CDE"], None).unwrap().done().unwrap();
    person(world.engine(), &set_up(world.engine(), &user.set_up, OTHER).unwrap()).unwrap()
}

#[test]
fn passkeys_cannot_be_tried_again_and_again() {
    let (world, mut own, _) = with_passkey();
    own.verifies = false;
    for _ in 0..10 {
        assert_eq!(key(by_passkey(world.engine(), &mut own)), "sign_in_failed");
    }
    own.verifies = true;
    assert_eq!(key(by_passkey(world.engine(), &mut own)), "sign_in_throttled");
    assert_eq!(key(sign_in(world.engine(), "示例员工", PASSWORD)), "sign_in_throttled");
}

#[test]
fn a_question_of_one_server_is_answered_to_another_one_and_counts_once_for_both() {
    let fleet = Fleet::new();
    let settings = || {
        let sign_in = SignInSettings {
            origin: Some(ORIGIN.to_owned()),
            second_factor_exempt: vec![Role::Cde],
            ..SignInSettings::default()
        };
        Settings { sign_in, ..Settings::default() }
    };
    let (one, other) = (fleet.node_with(1, settings()), fleet.node_with(2, settings()));
    let user = one.add_user(&operator(&one), "示例员工", &["CDE"], None).unwrap().done().unwrap();
    let signed_in = set_up(&other, &user.set_up, PASSWORD).unwrap();
    let asked = one.begin_passkey(&person(&one, &signed_in).unwrap()).unwrap();
    let (mut own, credential) = Authenticator::make(ORIGIN, &asked);
    let new = NewPasskey { name: "办公电脑".into(), challenge: asked.challenge, credential };
    other.add_passkey(&person(&other, &signed_in).unwrap(), &new).unwrap();
    let ask = ask_with(&one, &mut own, None);
    let taken = std::thread::scope(|scope| {
        let tries = [&one, &other, &one, &other];
        let all = tries.map(|engine| scope.spawn(|| engine.sign_in_by_passkey(&origin(), &ask).is_ok()));
        all.into_iter().filter_map(|one| one.join().unwrap().then_some(())).count()
    });
    assert_eq!(taken, 1);
    // A counter that one of them has seen, the other one knows.
    own.counter -= 1;
    assert_eq!(key(by_passkey(&other, &mut own)), "sign_in_failed");
    assert_sound(&one);
}

#[test]
fn without_an_address_of_the_page_there_are_no_passkeys() {
    let (mut world, mut own, _) = with_passkey();
    let ask = ask_with(world.engine(), &mut own, None);
    for origin in [None, Some("https://192.0.2.7"), Some("http://dossier.example.com"), Some("dossier")] {
        world.close();
        let mut options = world.options();
        options.settings.sign_in.origin = origin.map(str::to_owned);
        world.engine = Some(Engine::open_folder(&options).unwrap());
        assert_eq!(key(world.engine().sign_in_challenge()), "passkeys_off", "{origin:?}");
        assert_eq!(key(world.engine().sign_in_by_passkey(&super::origin(), &ask)), "passkeys_off");
    }
}
