//! Name and password, and what somebody learns who has neither.

use super::*;
use dossier_crypto::{PasswordCost, PasswordHash};
use dossier_engine::{Leave, Leaving, ListQuery};
use std::time::Instant;

#[test]
fn who_has_the_password_is_in_and_does_what_the_role_may() {
    let (world, user) = seller();
    let engine = world.engine();
    let signed_in = sign_in(engine, "示例员工", PASSWORD).unwrap();
    let session = &signed_in.session;
    assert_eq!(
        (session.user.id.as_str(), session.user.roles.join(" ")),
        (user.id.as_str(), "CDE".to_owned())
    );
    assert_eq!((session.must, session.demo, session.idle_seconds), (None, false, 900));
    let may = ["create", "change", "read", "import", "reveal", "copy", "find", "history", "detokenise"];
    assert_eq!(session.may, may);
    let caller = person(engine, &signed_in).unwrap();
    let record = world.create(&caller, common::firm());
    assert_eq!(
        engine
            .list(&caller, &ListQuery { kind: "customer".into(), ..ListQuery::default() })
            .unwrap()
            .items
            .len(),
        1
    );
    let read = engine.read(&caller, "customer", &record.id, true).unwrap();
    let from = &read.provenance.unwrap()["name"];
    assert_eq!((from.by.as_str(), from.channel), ("示例员工", "web"));
    world.assert_sound();
}

#[test]
fn the_ledger_says_who_signed_in_and_whose_name_was_tried() {
    let (world, user) = seller();
    let engine = world.engine();
    sign_in(engine, "示例员工", PASSWORD).unwrap();
    key(sign_in(engine, "示例员工", OTHER));
    key(sign_in(engine, "示例某人", OTHER));
    let [nobody, failed, done] = &entries(&world, 3)[..] else { panic!("three entries") };
    assert_eq!((done.action, done.outcome, done.who.as_str()), ("sign_in", "done", "示例员工"));
    let shown = |entry| serde_json::to_value(entry).unwrap();
    assert_eq!((failed.action, failed.outcome), ("sign_in", "refused"));
    assert_eq!(shown(failed)["note"]["user"], user.id);
    assert!([nobody, failed, done].iter().all(|entry| shown(entry)["note"]["with"] == "password"));
    assert!(shown(nobody)["note"].get("user").is_none(), "{}", shown(nobody));
    assert_eq!(failed.address.as_deref(), Some("192.0.2.7"));
    assert!(
        !serde_json::to_string(&entries(&world, 100)).unwrap().contains("示例某人"),
        "a name that nobody has"
    );
}

#[test]
fn a_password_signs_in_however_old_it_is() {
    let (world, _) = seller();
    let engine = world.engine();
    // A password is changed when its person wants to, never because time went by.
    for _ in 0..3 {
        world.clock.advance(365 * 86_400 * 1_000_000);
        let signed_in = sign_in(engine, "示例员工", PASSWORD).unwrap();
        assert_eq!(signed_in.session.must, None);
    }
}

#[test]
fn whatever_is_wrong_the_answer_is_the_same_and_takes_the_same_work() {
    let (world, _) = seller();
    let engine = world.engine();
    let never = engine.add_user(&world.operator(), "示例新人", &["CDE"], None).unwrap().done().unwrap();
    let gone = engine.add_user(&world.operator(), "示例旧人", &["CDE"], None).unwrap().done().unwrap();
    set_up(engine, &gone.set_up, PASSWORD).unwrap();
    engine.leave(&world.operator(), &gone.id, &Leave::of(Leaving::Left)).unwrap();
    // What looking at a password costs at least, whatever else the machine does; all the rest costs far less than an eighth.
    let cost = PasswordCost { memory_kib: 19 * 1024, passes: 2 };
    let look = || {
        let begun = Instant::now();
        PasswordHash::of_nobody(cost).fits(PASSWORD).unwrap();
        begun.elapsed()
    };
    let least = (0..5).map(|_| look()).min().unwrap();
    for (name, password) in [
        ("示例员工", OTHER),
        ("示例某人", PASSWORD),
        ("示例新人", PASSWORD),
        ("示例旧人", PASSWORD),
        (never.id.as_str(), PASSWORD),
        ("示例员工", ""),
        ("", PASSWORD),
    ] {
        for _ in 0..3 {
            let begun = Instant::now();
            let fault = sign_in(engine, name, password).map(drop).unwrap_err();
            assert!(begun.elapsed() > least / 8, "{name}: no password was looked at");
            assert_eq!((fault.key, fault.status()), ("sign_in_failed", 401), "{name}");
            assert_eq!((&fault.field, fault.params.len(), fault.problems.len()), (&None, 0, 0), "{name}");
        }
    }
}

#[test]
fn who_fails_too_often_waits_with_the_right_password_too_whatever_the_name() {
    let (world, _) = seller();
    let engine = world.engine();
    for name in ["示例员工", "示例某人"] {
        for _ in 0..10 {
            assert_eq!(key(sign_in(engine, name, OTHER)), "sign_in_failed", "{name}");
        }
        let fault = sign_in(engine, name, PASSWORD).map(drop).unwrap_err();
        assert_eq!((fault.key, fault.status()), ("sign_in_throttled", 429), "{name}");
        assert_eq!(fault.params, [("seconds", "900".to_owned())]);
    }
    assert_eq!(entries(&world, 1)[0].outcome, "refused");
    world.clock.advance(901 * 1_000_000);
    sign_in(engine, "示例员工", PASSWORD).unwrap();
}

#[test]
fn failures_are_not_forgotten_by_a_restart_and_successes_are_no_failures() {
    let (mut world, _) = seller();
    for _ in 0..30 {
        sign_in(world.engine(), "示例员工", PASSWORD).unwrap();
    }
    for _ in 0..10 {
        key(sign_in(world.engine(), "示例员工", OTHER));
    }
    world.open();
    assert_eq!(key(sign_in(world.engine(), "示例员工", PASSWORD)), "sign_in_throttled");
}

#[test]
fn an_address_that_tries_many_names_is_stopped_and_others_are_not() {
    let (world, _) = seller();
    let engine = world.engine();
    for at in 0..60 {
        assert_eq!(key(sign_in(engine, &format!("示例{at}"), PASSWORD)), "sign_in_failed");
    }
    assert_eq!(key(sign_in(engine, "示例员工", PASSWORD)), "sign_in_throttled");
    let elsewhere = Origin { address: Some("198.51.100.9".into()), request: None };
    engine.sign_in_person(&elsewhere, &ask("示例员工", PASSWORD)).unwrap();
}

#[test]
fn many_at_once_cannot_all_be_the_last_attempt() {
    let (world, _) = seller();
    let engine = world.engine();
    let failed = std::thread::scope(|scope| {
        let all: Vec<_> = (0..24).map(|_| scope.spawn(|| key(sign_in(engine, "示例员工", OTHER)))).collect();
        all.into_iter().map(|one| one.join().unwrap()).filter(|key| *key == "sign_in_failed").count()
    });
    assert_eq!(failed, 10);
}

#[test]
fn a_password_that_was_kept_at_another_cost_is_made_anew_when_its_person_signs_in() {
    let (mut world, user) = seller();
    let reopened = |world: &mut World, memory_kib| {
        world.close();
        let mut options = world.options();
        options.settings.sign_in.password_memory_kib = memory_kib;
        world.engine = Some(Engine::open_folder(&options).unwrap());
    };
    reopened(&mut world, 20 * 1024);
    let engine = world.engine();
    assert_eq!(key(sign_in(engine, "示例员工", OTHER)), "sign_in_failed");
    let others = sign_in(engine, "示例员工", PASSWORD).unwrap();
    let made = &entries(&world, 1)[0];
    assert_eq!((made.action, made.outcome, made.who.as_str()), ("password_change", "done", "示例员工"));
    assert_eq!(serde_json::to_value(made).unwrap()["note"]["step"], "renewed");
    sign_in(engine, "示例员工", PASSWORD).unwrap();
    assert_eq!(entries(&world, 1)[0].action, "sign_in", "once is enough");
    assert!(person(engine, &others).is_ok(), "no session ends by it");
    world.assert_sound();
    reopened(&mut world, 19 * 1024);
    sign_in(world.engine(), "示例员工", PASSWORD).unwrap();
    assert_eq!(world.engine().users(&world.operator()).unwrap()[0].id, user.id);
}

#[test]
fn who_is_refused_before_anything_is_looked_at_is_in_the_ledger() {
    let world = World::new();
    for refused in ["csrf", "credentials_twice"] {
        let fault = world.engine().refuse_stranger(&origin(), &Fault::new(refused));
        assert_eq!(fault.key, refused);
        let entry = &entries(&world, 1)[0];
        assert_eq!((entry.action, entry.outcome), ("sign_in", "refused"));
        assert_eq!(entry.code.as_deref(), Some(fault.code()));
        assert_eq!(entry.address.as_deref(), Some("192.0.2.7"));
    }
}

#[test]
fn a_session_is_no_bearer_token_and_a_token_no_session() {
    let world = World::new();
    let engine = world.engine();
    let client = engine.add_client(&world.operator(), "erp", &["CDE"], None).unwrap();
    let user = engine.add_user(&world.operator(), "示例员工", &["CDE"], None).unwrap().done().unwrap();
    let signed_in = set_up(engine, &user.set_up, PASSWORD).unwrap();
    let token = engine.sign_in(&origin(), &client.client_id, &client.client_secret).unwrap().access_token;
    assert_eq!(key(engine.caller(&origin(), &signed_in.cookie)), "unauthenticated");
    assert_eq!(key(engine.person(&origin(), &token, &Guard::default())), "session_ended");
    let program = engine.caller(&origin(), &token).unwrap();
    assert_eq!(key(engine.session(&program)), "people_only");
    assert_eq!(key(engine.change_password(&program, PASSWORD, OTHER)), "people_only");
    assert_eq!(key(engine.begin_totp(&program, None)), "people_only");
}
