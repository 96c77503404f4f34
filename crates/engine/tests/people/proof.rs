//! Showing anew who asks, before what must not be done by whoever finds a browser open.

use super::passkeys::{added, with_passkey};
use super::*;
use dossier_engine::OwnProof;

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
    let user = engine.add_user(&world.operator(), "示例同事", &["CDE"], None).unwrap();
    let mut theirs = added(engine, &set_up(engine, &user.set_up, OTHER).unwrap(), "手机");
    world.clock.advance(301 * SECOND);
    let asked = engine.proof_challenge(&caller).unwrap();
    let with = |credential| OwnProof::Passkey { challenge: asked.challenge.clone(), credential };
    assert_eq!(key(engine.give_proof(&caller, &with(theirs.answer(&asked)))), "passkey_failed");
    own.verifies = false;
    assert_eq!(key(engine.give_proof(&caller, &with(own.answer(&asked)))), "passkey_failed");
    own.verifies = true;
    // A question of the sign-in page is none of this session.
    let other = engine.sign_in_challenge().unwrap();
    let moved = OwnProof::Passkey { challenge: other.challenge.clone(), credential: own.answer(&other) };
    assert_eq!(key(engine.give_proof(&caller, &moved)), "passkey_failed");
    assert_eq!(key(engine.begin_passkey(&caller)), "proof_needed");
    let good = with(own.answer(&asked));
    engine.give_proof(&caller, &good).unwrap();
    engine.begin_passkey(&caller).unwrap();
    assert_eq!(key(engine.give_proof(&caller, &good)), "passkey_failed");
    world.assert_sound();
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
