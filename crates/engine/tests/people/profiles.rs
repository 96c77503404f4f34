//! The profile of passwords for level 3 of MLPS, beside the usual one.

use super::*;
use dossier_engine::Passwords;

const DAY: i64 = 86_400_000_000;

/// The world under another profile.
fn under(world: &mut World, passwords: Passwords) {
    world.close();
    let mut options = world.options();
    options.settings.sign_in.passwords = passwords;
    world.engine = Some(Engine::open_folder(&options).unwrap());
}

fn nth(number: u32) -> String {
    format!("Harbour-{number} x")
}

/// A world under that profile with a seller who has just chosen the password.
fn with_seller() -> (World, Caller) {
    let mut world = World::new();
    under(&mut world, Passwords::Mlps3);
    let user =
        world.engine().add_user(&world.operator(), "示例员工", &["CDE"], None).unwrap().done().unwrap();
    assert_eq!(key(set_up(world.engine(), &user.set_up, PASSWORD)), "password_classes");
    let signed_in = set_up(world.engine(), &user.set_up, &nth(0)).unwrap();
    let caller = person(world.engine(), &signed_in).unwrap();
    (world, caller)
}

#[test]
fn after_90_days_another_password_comes_before_anything_else() {
    let (world, _) = with_seller();
    let engine = world.engine();
    world.clock.advance(90 * DAY - 1);
    let early = sign_in(engine, "示例员工", &nth(0)).unwrap();
    assert_eq!(early.session.must, None);
    let early = person(engine, &early).unwrap();
    engine.views(&early).unwrap();
    world.clock.advance(1);
    assert_eq!(key(engine.views(&early)), "must_password", "in a session that goes on, too");
    let late = sign_in(engine, "示例员工", &nth(0)).unwrap();
    assert_eq!(late.session.must, Some("password"));
    let late = person(engine, &late).unwrap();
    let fault = engine.own_sessions(&late).map(drop).unwrap_err();
    assert_eq!((fault.key, fault.status()), ("must_password", 403));
    engine.change_password(&late, &nth(0), &nth(1)).unwrap();
    assert_eq!(engine.session(&late).unwrap().must, None);
    engine.own_sessions(&late).unwrap();
    world.assert_sound();
}

#[test]
fn none_of_the_last_five_is_taken_up_again_by_a_change_or_by_a_link() {
    let (world, caller) = with_seller();
    let engine = world.engine();
    for number in 1..=5 {
        for before in 0..number {
            let refusal = if before + 1 == number { "password_same" } else { "password_used" };
            assert_eq!(key(engine.change_password(&caller, &nth(number - 1), &nth(before))), refusal);
        }
        engine.change_password(&caller, &nth(number - 1), &nth(number)).unwrap();
    }
    // 0 is the sixth before by now.
    let id = engine.session(&caller).unwrap().user.id;
    let link = engine.renew_user(&world.operator(), &id).unwrap();
    for before in 1..=5 {
        assert_eq!(key(set_up(engine, &link.set_up, &nth(before))), "password_used", "{before}");
    }
    let again = set_up(engine, &link.set_up, &nth(0)).unwrap();
    let again = person(engine, &again).unwrap();
    assert_eq!(key(engine.change_password(&again, &nth(0), &nth(2))), "password_used");
    engine.change_password(&again, &nth(0), &nth(1)).unwrap();
    world.assert_sound();
}

#[test]
fn a_password_made_anew_at_another_cost_ages_as_it_did() {
    let (mut world, _) = with_seller();
    world.clock.advance(60 * DAY);
    world.close();
    let mut options = world.options();
    options.settings.sign_in.passwords = Passwords::Mlps3;
    options.settings.sign_in.password_memory_kib = 20 * 1024;
    world.engine = Some(Engine::open_folder(&options).unwrap());
    sign_in(world.engine(), "示例员工", &nth(0)).unwrap();
    world.clock.advance(30 * DAY);
    assert_eq!(sign_in(world.engine(), "示例员工", &nth(0)).unwrap().session.must, Some("password"));
}

#[test]
fn under_the_usual_profile_nothing_ages_and_nothing_is_kept_of_former_passwords() {
    let (mut world, _) = with_seller();
    under(&mut world, Passwords::Asvs);
    world.clock.advance(1000 * DAY);
    let engine = world.engine();
    let signed_in = sign_in(engine, "示例员工", &nth(0)).unwrap();
    assert_eq!(signed_in.session.must, None);
    let caller = person(engine, &signed_in).unwrap();
    engine.change_password(&caller, &nth(0), OTHER).unwrap();
    engine.change_password(&caller, OTHER, PASSWORD).unwrap();
    engine.change_password(&caller, PASSWORD, OTHER).unwrap();
}

#[test]
fn a_password_that_other_rules_let_pass_has_aged_when_these_are_switched_on() {
    let (mut world, _) = seller();
    under(&mut world, Passwords::Mlps3);
    let signed_in = sign_in(world.engine(), "示例员工", PASSWORD).unwrap();
    assert_eq!(signed_in.session.must, Some("password"));
    let caller = person(world.engine(), &signed_in).unwrap();
    assert_eq!(key(world.engine().change_password(&caller, PASSWORD, OTHER)), "password_classes");
    world.engine().change_password(&caller, PASSWORD, &nth(0)).unwrap();
    assert_eq!(world.engine().session(&caller).unwrap().must, None);
    under(&mut world, Passwords::Asvs);
    under(&mut world, Passwords::Mlps3);
    assert_eq!(sign_in(world.engine(), "示例员工", &nth(0)).unwrap().session.must, None);
}
