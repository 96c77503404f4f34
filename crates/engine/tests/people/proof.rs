//! Showing anew who asks, before what must not be done by whoever finds a browser open.

use super::passkeys::{added, with_passkey};
use super::*;
use dossier_engine::{Challenge, OwnProof, RoleForm, TeamChange, UserChange};

const SECOND: i64 = 1_000_000;

fn by_password(engine: &Engine, caller: &Caller, password: &str) -> Result<(), Fault> {
    engine.give_proof(caller, &OwnProof::Password(password.into()))
}

#[test]
fn a_proof_holds_for_five_minutes_in_its_own_session_alone() {
    let (world, _) = seller();
    let engine = world.engine();
    let (mine, other) =
        (sign_in(engine, "示例员工", PASSWORD).unwrap(), sign_in(engine, "示例员工", PASSWORD).unwrap());
    let (mine, other) = (person(engine, &mine).unwrap(), person(engine, &other).unwrap());
    world.clock.advance(300 * SECOND);
    engine.begin_passkey(&mine).unwrap();
    world.clock.advance(SECOND);
    let fault = engine.begin_passkey(&mine).map(drop).unwrap_err();
    assert_eq!((fault.key, fault.status()), ("proof_needed", 403));
    assert_eq!(entries(&world, 1)[0].outcome, "refused");
    let wrong = by_password(engine, &mine, OTHER).unwrap_err();
    assert_eq!((wrong.key, wrong.field.as_deref()), ("password_wrong", Some("password")));
    assert_eq!(key(engine.begin_passkey(&mine)), "proof_needed");
    by_password(engine, &mine, PASSWORD).unwrap();
    engine.begin_passkey(&mine).unwrap();
    assert_eq!(key(engine.begin_passkey(&other)), "proof_needed");
    world.clock.advance(299 * SECOND);
    engine.begin_passkey(&mine).unwrap();
    world.clock.advance(SECOND);
    assert_eq!(key(engine.begin_passkey(&mine)), "proof_needed");
    by_password(engine, &mine, PASSWORD).unwrap();
    by_password(engine, &mine, PASSWORD).unwrap();
    engine.begin_passkey(&mine).unwrap();
    world.assert_sound();
}

#[test]
fn a_passkey_is_a_proof_too_of_its_own_person_alone() {
    let (world, mut own, signed_in) = with_passkey();
    let engine = world.engine();
    let caller = person(engine, &signed_in).unwrap();
    let user = engine.add_user(&world.operator(), "示例同事", &["CDE"], None).unwrap().done().unwrap();
    let mut theirs = added(engine, &set_up(engine, &user.set_up, OTHER).unwrap(), "手机");
    world.clock.advance(301 * SECOND);
    let with =
        |asked: &Challenge, credential| OwnProof::Passkey { challenge: asked.challenge.clone(), credential };
    let ask = || engine.proof_challenge(&caller).unwrap();
    let why = || serde_json::to_value(&entries(&world, 1)[0]).unwrap()["note"]["why"].clone();
    let asked = ask();
    let other = with(&asked, theirs.answer(&asked));
    assert_eq!((key(engine.give_proof(&caller, &other)), why()), ("passkey_failed", "unknown".into()));
    // A question that was answered wrongly is used up as well.
    let again = with(&asked, own.answer(&asked));
    assert_eq!(key(engine.give_proof(&caller, &again)), "passkey_failed");
    own.verifies = false;
    let asked = ask();
    let unseen = with(&asked, own.answer(&asked));
    assert_eq!((key(engine.give_proof(&caller, &unseen)), why()), ("passkey_failed", "unverified".into()));
    own.verifies = true;
    own.counter = 0;
    let asked = ask();
    let copied = with(&asked, own.answer(&asked));
    assert_eq!((key(engine.give_proof(&caller, &copied)), why()), ("passkey_failed", "counter".into()));
    // A question of the sign-in page is none of this session.
    let other = engine.sign_in_challenge().unwrap();
    let moved = OwnProof::Passkey { challenge: other.challenge.clone(), credential: own.answer(&other) };
    assert_eq!(key(engine.give_proof(&caller, &moved)), "passkey_failed");
    assert_eq!(key(engine.begin_passkey(&caller)), "proof_needed");
    let asked = ask();
    let good = with(&asked, own.answer(&asked));
    engine.give_proof(&caller, &good).unwrap();
    engine.begin_passkey(&caller).unwrap();
    assert_eq!(key(engine.give_proof(&caller, &good)), "passkey_failed");
    world.assert_sound();
}

/// What a CDO does that wants a fresh proof, each as its key where it is refused.
fn guarded(engine: &Engine, caller: &Caller, user: &NewUser, role: &str, team: &str) -> Vec<&'static str> {
    let form = |name: &str| RoleForm { name: name.into(), ..RoleForm::default() };
    let change = UserChange { roles: Some(vec!["CDU".into()]), team: None };
    let lead = TeamChange { lead: Some(String::new()), ..TeamChange::default() };
    let done = [
        engine.add_user(caller, "示例新人", &["CDE"], None).map(drop),
        engine.change_user(caller, &user.id, &change).map(drop),
        engine.enable_user(caller, &user.id).map(drop),
        engine.renew_user(caller, &user.id).map(drop),
        engine.add_client(caller, "示例程序", &["CDU"], None).map(drop),
        engine.add_role(caller, &form("示例新角色")).map(drop),
        engine.change_role(caller, role, 1, &form("示例角色")).map(drop),
        engine.remove_role(caller, role),
        engine.change_team(caller, team, &lead).map(drop),
        engine.rotate_keys(caller, false).map(drop),
    ];
    done.into_iter().map(|one| one.err().map_or("done", |fault| fault.key)).collect()
}

#[test]
fn who_may_what_and_the_keys_want_a_fresh_proof_of_people_and_programs() {
    let world = World::new();
    let engine = world.engine();
    let user = engine.add_user(&world.operator(), "示例同事", &["CDE"], None).unwrap().done().unwrap();
    let role = engine
        .add_role(&world.operator(), &RoleForm { name: "示例角色".into(), ..RoleForm::default() })
        .unwrap()
        .done()
        .unwrap();
    let team = engine.add_team(&world.operator(), "华东").unwrap();
    let program = world.caller("CDO", None);
    let head = engine.add_user(&world.operator(), "示例主管", &["CDO"], None);
    assert_eq!(key(head), "cdo_required");
    let head = engine.add_user(&program, "示例主管", &["CDO"], None).unwrap().done().unwrap();
    let signed_in = set_up(engine, &head.set_up, PASSWORD).unwrap();
    added(engine, &signed_in, "办公电脑");
    let person = person(engine, &signed_in).unwrap();
    world.clock.advance(301 * SECOND);
    for caller in [&person, &program] {
        let refused = guarded(engine, caller, &user, &role.id, &team.id);
        assert_eq!(refused, ["proof_needed"; 10]);
        assert!(engine.users(caller).is_ok() && engine.key_status(caller).is_ok());
        assert_eq!(entries(&world, 10).iter().filter(|entry| entry.outcome == "refused").count(), 10);
    }
    assert_eq!(key(by_password(engine, &program, PASSWORD)), "people_only");
    by_password(engine, &person, PASSWORD).unwrap();
    assert_eq!(guarded(engine, &person, &user, &role.id, &team.id), ["done"; 10]);
    // The account of the operating system is its own proof, whenever.
    engine.rotate_keys(&world.operator(), false).unwrap().done().unwrap();
    world.assert_sound();
}

#[test]
fn a_token_that_is_five_minutes_old_is_no_proof_and_a_new_one_is() {
    let world = World::new();
    let engine = world.engine();
    let program = world.caller("CDO", None);
    world.clock.advance(300 * SECOND);
    engine.rotate_keys(&program, false).unwrap().done().unwrap();
    world.clock.advance(SECOND);
    assert_eq!(key(engine.rotate_keys(&program, false)), "proof_needed");
    let added = engine.add_client(&world.operator(), "示例程序", &["CDU"], None).unwrap();
    assert!(engine.sign_in(&origin(), &added.client_id, &added.client_secret).is_ok());
}

#[test]
fn proofs_cannot_be_tried_again_and_again() {
    let (world, _) = seller();
    let engine = world.engine();
    let caller = person(engine, &sign_in(engine, "示例员工", PASSWORD).unwrap()).unwrap();
    for _ in 0..10 {
        assert_eq!(key(by_password(engine, &caller, OTHER)), "password_wrong");
    }
    assert_eq!(key(by_password(engine, &caller, PASSWORD)), "sign_in_throttled");
}
