//! Links: used once, within a day, by nobody who was shut out meanwhile.

use super::*;
use dossier_engine::{Leave, Leaving, Link};

fn look(engine: &Engine, link: &str) -> Result<serde_json::Value, Fault> {
    engine.look_at_link(&origin(), &token(link)).map(|shown| serde_json::to_value(shown).unwrap())
}

fn first(world: &World) -> Option<Link> {
    world.engine().first_link(&world.operator()).unwrap()
}

fn set_up_first(engine: &Engine, link: &Link, name: Option<&str>) -> Result<SignedIn, Fault> {
    let ask = SetUp {
        token: token(&link.set_up),
        name: name.map(str::to_owned),
        password: PASSWORD.into(),
        agent: None,
        before: None,
    };
    engine.set_up(&origin(), &ask)
}

#[test]
fn the_first_cdo_sets_themselves_up_and_has_to_take_up_codes() {
    let world = World::new();
    let engine = world.engine();
    let link = first(&world).unwrap();
    assert_eq!(look(engine, &link.set_up).unwrap(), serde_json::json!({ "purpose": "first" }));
    assert_eq!(key(set_up_first(engine, &link, None)), "required");
    let signed_in = set_up_first(engine, &link, Some("示例主管")).unwrap();
    let session = &signed_in.session;
    assert_eq!((session.user.roles.join(" "), session.must), ("CDO".to_owned(), Some("second_factor")));
    assert_eq!(key(look(engine, &link.set_up)), "set_up_unknown");
    assert_eq!(key(set_up_first(engine, &link, Some("示例另一"))), "set_up_unknown");
    assert!(first(&world).is_none(), "there is a CDO now");
    let caller = person(engine, &signed_in).unwrap();
    assert_eq!(key(engine.users(&caller)), "must_second_factor");
    world.assert_sound();
}

#[test]
fn a_newer_first_link_takes_the_place_of_the_one_before() {
    let world = World::new();
    let (old, new) = (first(&world).unwrap(), first(&world).unwrap());
    assert_eq!(key(set_up_first(world.engine(), &old, Some("示例主管"))), "set_up_unknown");
    set_up_first(world.engine(), &new, Some("示例主管")).unwrap();
}

#[test]
fn a_first_link_is_worth_nothing_once_there_is_a_cdo() {
    let world = World::new();
    let link = first(&world).unwrap();
    world.engine().add_user(&world.operator(), "示例主管", &["CDO"], None).unwrap().done().unwrap();
    assert_eq!(key(set_up_first(world.engine(), &link, Some("示例另一"))), "set_up_unknown");
}

#[test]
fn a_used_link_that_is_put_back_in_the_database_opens_nothing() {
    let mut world = World::embedded();
    let user =
        world.engine().add_user(&world.operator(), "示例员工", &["CDE"], None).unwrap().done().unwrap();
    let rows = |world: &World, sql: &str| {
        rusqlite::Connection::open(world.data().join("store.db")).unwrap().execute_batch(sql).unwrap();
    };
    world.close();
    rows(&world, "CREATE TABLE kept AS SELECT * FROM login");
    world.open();
    set_up(world.engine(), &user.set_up, PASSWORD).unwrap();
    world.close();
    rows(&world, "INSERT OR IGNORE INTO login SELECT * FROM kept; DROP TABLE kept");
    world.open();
    assert_eq!(key(look(world.engine(), &user.set_up)), "set_up_unknown");
    assert_eq!(key(set_up(world.engine(), &user.set_up, OTHER)), "set_up_unknown");
    sign_in(world.engine(), "示例员工", PASSWORD).unwrap();
}

#[test]
fn an_invitation_names_the_person_and_works_once() {
    let world = World::new();
    let engine = world.engine();
    let user = engine.add_user(&world.operator(), "示例员工", &["CDE"], None).unwrap().done().unwrap();
    let shown = look(engine, &user.set_up).unwrap();
    assert_eq!(shown, serde_json::json!({ "purpose": "invitation", "name": "示例员工", "roles": ["CDE"] }));
    assert_eq!(key(set_up(engine, &user.set_up, "short")), "password_length");
    let signed_in = set_up(engine, &user.set_up, PASSWORD).unwrap();
    assert!(person(engine, &signed_in).is_ok());
    assert_eq!(key(set_up(engine, &user.set_up, OTHER)), "set_up_unknown");
    sign_in(engine, "示例员工", PASSWORD).unwrap();
}

#[test]
fn of_many_who_use_a_link_at_once_one_gets_in() {
    let world = World::new();
    let engine = world.engine();
    let user = engine.add_user(&world.operator(), "示例员工", &["CDE"], None).unwrap().done().unwrap();
    let used = std::thread::scope(|scope| {
        let all: Vec<_> = (0..6)
            .map(|at| {
                let link = &user.set_up;
                scope.spawn(move || set_up(engine, link, &format!("{PASSWORD} {at}")).map(|one| (at, one)))
            })
            .collect();
        all.into_iter().filter_map(|one| one.join().unwrap().ok()).collect::<Vec<_>>()
    });
    let [(at, signed_in)] = &used[..] else { panic!("{} got in", used.len()) };
    assert!(person(engine, signed_in).is_ok());
    sign_in(engine, "示例员工", &format!("{PASSWORD} {at}")).unwrap();
    world.assert_sound();
}

#[test]
fn a_link_ends_after_a_day_and_with_whatever_happens_to_its_person() {
    let world = World::new();
    let engine = world.engine();
    let add = |name: &str| engine.add_user(&world.operator(), name, &["CDE"], None).unwrap().done().unwrap();
    let (late, disabled, renewed) = (add("示例甲"), add("示例乙"), add("示例丙"));
    engine.leave(&world.operator(), &disabled.id, &Leave::of(Leaving::Left)).unwrap();
    let newer = engine.renew_user(&world.operator(), "示例丙").unwrap();
    assert_eq!(key(look(engine, &disabled.set_up)), "set_up_unknown");
    assert_eq!(key(set_up(engine, &renewed.set_up, PASSWORD)), "set_up_unknown");
    assert_eq!(look(engine, &newer.set_up).unwrap()["purpose"], "invitation");
    world.clock.advance(24 * 3600 * 1_000_000 - 1);
    assert!(look(engine, &late.set_up).is_ok());
    world.clock.advance(1);
    assert_eq!(key(set_up(engine, &late.set_up, PASSWORD)), "set_up_unknown");
    assert_eq!(key(engine.renew_user(&world.operator(), &disabled.id)), "user_disabled");
}

#[test]
fn a_reset_ends_password_and_sessions_at_once() {
    let (world, user) = seller();
    let engine = world.engine();
    let signed_in = sign_in(engine, "示例员工", PASSWORD).unwrap();
    let link = engine.renew_user(&world.operator(), &user.id).unwrap();
    assert_eq!(look(engine, &link.set_up).unwrap()["purpose"], "reset");
    assert_eq!(key(person(engine, &signed_in)), "session_ended");
    assert_eq!(key(sign_in(engine, "示例员工", PASSWORD)), "sign_in_failed");
    set_up(engine, &link.set_up, OTHER).unwrap();
    sign_in(engine, "示例员工", OTHER).unwrap();
    let users = engine.users(&world.operator()).unwrap();
    assert_eq!((users[0].set_up, users[0].totp, users[0].sessions), (true, false, 2));
}

#[test]
fn the_command_line_gives_no_cdo_a_new_link_but_in_the_name_of_one() {
    let world = World::new();
    let engine = world.engine();
    engine.add_user(&world.operator(), "示例主管", &["CDO"], None).unwrap().done().unwrap();
    assert_eq!(key(engine.renew_user(&world.operator(), "示例主管")), "cdo_required");
    engine.renew_user(&world.operator_as("示例主管"), "示例主管").unwrap();
    assert_eq!(key(engine.renew_user(&world.operator(), "示例某人")), "user_not_found");
}

#[test]
fn links_cannot_be_guessed_for_long() {
    let world = World::new();
    let engine = world.engine();
    for at in 0..60u8 {
        let guess = format!("/set-up#{}", char::from(b'A' + at % 26).to_string().repeat(43));
        assert_eq!(key(look(engine, &guess)), "set_up_unknown");
    }
    assert_eq!(key(look(engine, &format!("/set-up#{}", "A".repeat(43)))), "sign_in_throttled");
}
