//! What people do about their own password.

use super::*;

#[test]
fn a_new_password_ends_all_other_sessions_and_the_old_password() {
    let (world, _) = seller();
    let engine = world.engine();
    let (mine, other) =
        (sign_in(engine, "示例员工", PASSWORD).unwrap(), sign_in(engine, "示例员工", PASSWORD).unwrap());
    engine.change_password(&person(engine, &mine).unwrap(), PASSWORD, OTHER).unwrap();
    assert!(person(engine, &mine).is_ok());
    assert_eq!(key(person(engine, &other)), "session_ended");
    assert_eq!(key(sign_in(engine, "示例员工", PASSWORD)), "sign_in_failed");
    sign_in(engine, "示例员工", OTHER).unwrap();
    assert!(
        entries(&world, 3).iter().any(|entry| entry.action == "password_change" && entry.outcome == "done")
    );
    world.assert_sound();
}

#[test]
fn a_password_that_will_not_do_changes_nothing() {
    let (world, _) = seller();
    let engine = world.engine();
    let caller = person(engine, &sign_in(engine, "示例员工", PASSWORD).unwrap()).unwrap();
    for (current, new, refusal, field) in [
        (OTHER, "twelve other words", "password_wrong", "current"),
        (PASSWORD, "short", "password_length", "new"),
        (PASSWORD, "passwordpassword", "password_common", "new"),
        (PASSWORD, PASSWORD, "password_same", "new"),
    ] {
        let fault = engine.change_password(&caller, current, new).unwrap_err();
        assert_eq!((fault.key, fault.field.as_deref(), fault.status()), (refusal, Some(field), 422));
        assert_eq!(entries(&world, 1)[0].outcome, "refused", "{refusal}");
    }
    sign_in(engine, "示例员工", PASSWORD).unwrap();
}

#[test]
fn the_current_password_cannot_be_tried_again_and_again() {
    let (world, _) = seller();
    let engine = world.engine();
    let caller = person(engine, &sign_in(engine, "示例员工", PASSWORD).unwrap()).unwrap();
    for _ in 0..10 {
        assert_eq!(key(engine.change_password(&caller, OTHER, "twelve other words")), "password_wrong");
    }
    assert_eq!(key(engine.change_password(&caller, PASSWORD, OTHER)), "sign_in_throttled");
}

#[test]
fn what_others_try_by_a_name_keeps_nobody_from_the_own_account() {
    let (world, _) = seller();
    let engine = world.engine();
    let caller = person(engine, &sign_in(engine, "示例员工", PASSWORD).unwrap()).unwrap();
    for _ in 0..10 {
        assert_eq!(key(sign_in(engine, "示例员工", OTHER)), "sign_in_failed");
    }
    assert_eq!(key(sign_in(engine, "示例员工", PASSWORD)), "sign_in_throttled");
    engine.change_password(&caller, PASSWORD, OTHER).unwrap();
}

#[test]
fn nothing_is_changed_by_a_session_that_ended_while_it_was_asked_for() {
    let (world, user) = seller();
    let engine = world.engine();
    let caller = person(engine, &sign_in(engine, "示例员工", PASSWORD).unwrap()).unwrap();
    let record = engine.create(&caller, &crate::common::customer(crate::common::firm())).unwrap().record;
    let made = engine.begin_totp(&caller, None);
    assert!(made.is_ok());
    // The request was let in before; nothing else about the person has moved.
    engine.end_sessions(&world.operator(), &user.id).unwrap();
    assert_eq!(key(engine.change_password(&caller, PASSWORD, OTHER)), "session_ended");
    assert_eq!(key(engine.remove_totp(&caller, PASSWORD)), "session_ended");
    assert_eq!(key(engine.begin_totp(&caller, None)), "session_ended");
    let change = crate::common::change(&record, serde_json::json!({ "name": "新名称有限公司" }));
    assert_eq!(key(engine.change(&caller, &change)), "session_ended");
    sign_in(engine, "示例员工", PASSWORD).unwrap();
    world.assert_sound();
}

#[test]
fn an_older_password_put_back_closes_the_tenant() {
    let mut world = World::embedded();
    let engine = world.engine();
    let user = engine.add_user(&world.operator(), "示例员工", &["CDE"], None).unwrap().done().unwrap();
    let mine = set_up(engine, &user.set_up, PASSWORD).unwrap();
    engine.change_password(&person(engine, &mine).unwrap(), PASSWORD, OTHER).unwrap();
    world.close();
    let db = rusqlite::Connection::open(world.data().join("store.db")).unwrap();
    let changed = db.execute(
        "UPDATE system SET (version, body) = (SELECT v.version, v.body FROM system_version v WHERE v.id = system.id \
         AND v.kind = 'user' ORDER BY v.version DESC LIMIT 1) WHERE kind = 'user'",
        [],
    );
    assert_eq!(changed.unwrap(), 1);
    drop(db);
    assert_eq!(key(Engine::open_folder(&world.options())), "policy_damaged");
}
