//! Views that are kept by name.

use super::*;
use dossier_engine::{NewView, SavedView};
use serde_json::{Map, json};

fn view(name: &str, shared: bool) -> NewView {
    let body = json!({ "filters": { "stage": [2] } }).as_object().unwrap().clone();
    NewView { name: name.into(), shared, body }
}

fn names(views: &[SavedView]) -> Vec<(&str, bool)> {
    views.iter().map(|view| (view.name.as_str(), view.own)).collect()
}

/// A person of a team, at work.
fn member(world: &World, name: &str, team: Option<&str>) -> Caller {
    let user = world.engine().add_user(&world.operator(), name, &["CDE"], team).unwrap().done().unwrap();
    person(world.engine(), &set_up(world.engine(), &user.set_up, PASSWORD).unwrap()).unwrap()
}

#[test]
fn a_view_is_of_whoever_kept_it_and_shared_with_the_team_alone() {
    let world = World::new();
    let engine = world.engine();
    engine.add_team(&world.operator(), "华东").unwrap();
    let (one, mate, other) = (
        member(&world, "示例甲", Some("华东")),
        member(&world, "示例乙", Some("华东")),
        member(&world, "示例丙", None),
    );
    let kept = engine.keep_view(&one, &view("我的", false)).unwrap();
    world.clock.advance(1000);
    let shared = engine.keep_view(&one, &view("团队", true)).unwrap();
    assert_eq!(names(&engine.views(&one).unwrap()), [("团队", true), ("我的", true)]);
    assert_eq!(names(&engine.views(&mate).unwrap()), [("团队", false)]);
    assert_eq!(names(&engine.views(&other).unwrap()), []);
    let auditor = engine.add_client(&world.operator(), "audit", &["ISA"], None).unwrap();
    let token = engine.sign_in(&origin(), &auditor.client_id, &auditor.client_secret).unwrap();
    let auditor = engine.caller(&origin(), &token.access_token).unwrap();
    assert_eq!(names(&engine.views(&auditor).unwrap()), [], "of all rows, not of all teams");
    for id in [&kept.id, &shared.id] {
        assert_eq!(key(engine.change_view(&mate, id, &view("x", true))), "not_found");
        assert_eq!(key(engine.forget_view(&mate, id)), "not_found");
    }
    let changed = engine.change_view(&one, &shared.id, &view("不再共享", false)).unwrap();
    assert_eq!((changed.id.as_str(), changed.shared), (shared.id.as_str(), false));
    assert_eq!(names(&engine.views(&mate).unwrap()), []);
    engine.forget_view(&one, &kept.id).unwrap();
    assert_eq!(key(engine.forget_view(&one, &kept.id)), "not_found");
    assert_eq!(engine.views(&one).unwrap()[0].body, view("", false).body);
    world.assert_sound();
}

#[test]
fn views_are_not_too_large_and_not_too_many() {
    let world = World::new();
    let engine = world.engine();
    let one = member(&world, "示例甲", None);
    let large = Map::from_iter([("a".to_owned(), json!("x".repeat(8192)))]);
    let fault = engine.keep_view(&one, &NewView { body: large, ..view("大", false) }).map(drop).unwrap_err();
    assert_eq!((fault.key, fault.field.as_deref()), ("view_too_large", Some("body")));
    for at in 0..100 {
        engine.keep_view(&one, &view(&format!("视图{at}"), false)).unwrap();
    }
    assert_eq!(key(engine.keep_view(&one, &view("再一个", false))), "views_full");
    assert_eq!(engine.views(&one).unwrap().len(), 100);
}

#[test]
fn many_at_once_do_not_keep_more_than_that() {
    let world = World::new();
    let engine = world.engine();
    let one = member(&world, "示例甲", None);
    for at in 0..97 {
        engine.keep_view(&one, &view(&format!("视图{at}"), at % 2 == 0)).unwrap();
    }
    let kept = std::thread::scope(|scope| {
        let all: Vec<_> =
            (0..8).map(|_| scope.spawn(|| engine.keep_view(&one, &view("又一个", false)).is_ok())).collect();
        all.into_iter().map(|one| one.join().unwrap()).filter(|kept| *kept).count()
    });
    assert_eq!((kept, engine.views(&one).unwrap().len()), (3, 100));
}

#[test]
fn what_somebody_does_not_see_is_not_opened_for_them() {
    let world = World::embedded();
    let engine = world.engine();
    let (one, other) = (member(&world, "示例甲", None), member(&world, "示例乙", None));
    let theirs = engine.keep_view(&one, &view("我的", false)).unwrap();
    world.clock.advance(1000);
    let mine = engine.keep_view(&other, &view("也是我的", false)).unwrap();
    let run = |sql: &str| {
        let db = rusqlite::Connection::open(world.data().join("store.db")).unwrap();
        assert_eq!(db.execute(sql, []).unwrap(), 1, "{sql}");
    };
    let kind = |of: &str| format!("(SELECT kind FROM job WHERE kind LIKE 'view/%' ORDER BY id {of} LIMIT 1)");
    // Damaged, it hurts nobody but its owner.
    run(&format!("UPDATE job SET body = x'00' WHERE kind = {}", kind("ASC")));
    assert_eq!(key(engine.views(&one)), "store_damaged");
    assert_eq!(names(&engine.views(&other).unwrap()), [("也是我的", true)]);
    assert_eq!(key(engine.forget_view(&other, &theirs.id)), "not_found");
    // Given to somebody else by hand, it does not open.
    engine.views(&other).unwrap();
    run(&format!("UPDATE job SET kind = {} WHERE kind = {}", kind("ASC"), kind("DESC")));
    assert_eq!(key(engine.change_view(&one, &mine.id, &view("x", false))), "store_damaged");
}

#[test]
fn an_import_mapping_is_no_view() {
    let world = World::new();
    let one = member(&world, "示例甲", None);
    let missing = "view_01ktzmay00e1hs6v0rhdvhtc0m";
    assert_eq!(key(world.engine().forget_view(&one, missing)), "not_found");
    // Nor is the mark of a person, which lies in the same table under the id of the person.
    let id = world.engine().session(&one).unwrap().user.id.replace("usr_", "view_");
    assert_eq!(key(world.engine().forget_view(&one, &id)), "not_found");
}
