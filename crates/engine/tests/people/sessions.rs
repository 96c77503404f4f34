//! How long a session lives, who ends it, and who cannot make one.

use super::*;
use dossier_engine::model::Clock;
use dossier_engine::{Leave, Leaving, ListQuery};
use rusqlite::Connection;
use std::sync::atomic::{AtomicBool, Ordering};

const SECOND: i64 = 1_000_000;

fn list() -> ListQuery {
    ListQuery { kind: "customer".into(), ..ListQuery::default() }
}

#[test]
fn an_idle_session_ends_and_one_in_use_ends_at_its_time() {
    let (world, _) = seller();
    let engine = world.engine();
    let idle = sign_in(engine, "示例员工", PASSWORD).unwrap();
    let used = sign_in(engine, "示例员工", PASSWORD).unwrap();
    let mut alive_for = 0;
    while person(engine, &used).is_ok() {
        world.clock.advance(600 * SECOND);
        alive_for += 600;
        if alive_for == 600 {
            assert!(person(engine, &used).is_ok());
        }
        if alive_for == 1200 {
            assert_eq!(key(person(engine, &idle)), "session_ended", "nobody used it for 20 minutes");
        }
    }
    assert_eq!(alive_for, 8 * 3600);
}

#[test]
fn what_was_issued_or_counted_by_a_clock_that_was_days_ahead_does_not_hold() {
    let (world, _) = seller();
    let engine = world.engine();
    let program = engine.add_client(&world.operator(), "程序", &["CDU"], None).unwrap();
    let token =
        || engine.sign_in(&origin(), &program.client_id, &program.client_secret).unwrap().access_token;
    let right = world.clock.now();
    world.clock.advance(3 * 24 * 3600 * SECOND);
    let (session, ahead) = (sign_in(engine, "示例员工", PASSWORD).unwrap(), token());
    for _ in 0..20 {
        let _ = sign_in(engine, "示例员工", OTHER);
    }
    assert_eq!(key(sign_in(engine, "示例员工", PASSWORD)), "sign_in_throttled");
    world.clock.set(right);
    assert_eq!(key(person(engine, &session)), "session_ended");
    assert_eq!(key(engine.caller(&origin(), &ahead)), "token_expired");
    assert!(engine.caller(&origin(), &token()).is_ok());
    sign_in(engine, "示例员工", PASSWORD).expect("failures of that time count no more");
    world.assert_sound();
}

#[test]
fn a_mark_of_use_is_written_once_in_half_a_minute() {
    let (world, _) = seller();
    let engine = world.engine();
    let signed_in = sign_in(engine, "示例员工", PASSWORD).unwrap();
    let used = || {
        let all = engine.own_sessions(&person(engine, &signed_in).unwrap()).unwrap();
        all.into_iter().find(|session| session.current).unwrap().used_at
    };
    let first = used();
    world.clock.advance(29 * SECOND);
    assert_eq!(used(), first);
    world.clock.advance(2 * SECOND);
    assert_ne!(used(), first);
}

#[test]
fn who_signed_out_is_out_and_the_other_session_stays() {
    let (world, _) = seller();
    let engine = world.engine();
    let (one, two) =
        (sign_in(engine, "示例员工", PASSWORD).unwrap(), sign_in(engine, "示例员工", PASSWORD).unwrap());
    engine.sign_out(&person(engine, &one).unwrap()).unwrap();
    assert_eq!(key(person(engine, &one)), "session_ended");
    assert!(person(engine, &two).is_ok());
    assert_eq!(entries(&world, 1)[0].action, "sign_out");
}

#[test]
fn sessions_are_listed_and_ended_one_by_one_or_all_others_against_the_password() {
    let (world, _) = seller();
    let engine = world.engine();
    let all: Vec<_> = (0..3)
        .map(|_| {
            world.clock.advance(SECOND);
            sign_in(engine, "示例员工", PASSWORD).unwrap()
        })
        .collect();
    let caller = person(engine, &all[0]).unwrap();
    // The first is that of the link.
    let listed = engine.own_sessions(&caller).unwrap();
    assert_eq!(listed.iter().map(|one| one.current).collect::<Vec<_>>(), [false, false, true, false]);
    assert_eq!(listed[0].address.as_deref(), Some("192.0.2.7"));
    assert_eq!(listed[0].agent.as_deref(), Some("Firefox 150, Linux"));
    // Whoever finds a browser open ends nothing.
    assert_eq!(key(engine.end_own_session(&caller, &listed[0].id, OTHER)), "password_wrong");
    assert_eq!(key(engine.end_other_sessions(&caller, OTHER)), "password_wrong");
    assert_eq!(engine.own_sessions(&caller).unwrap().len(), 4);
    engine.end_own_session(&caller, &listed[0].id, PASSWORD).unwrap();
    assert_eq!(key(person(engine, &all[2])), "session_ended");
    assert_eq!(key(engine.end_own_session(&caller, &listed[0].id, PASSWORD)), "not_found");
    engine.end_other_sessions(&caller, PASSWORD).unwrap();
    assert_eq!(key(person(engine, &all[1])), "session_ended");
    assert!(person(engine, &all[0]).is_ok());
}

#[test]
fn whoever_signs_in_again_in_a_browser_ends_the_session_it_had() {
    let (world, _) = seller();
    let engine = world.engine();
    let other = engine.add_user(&world.operator(), "示例同事", &["CDE"], None).unwrap().done().unwrap();
    let (first, elsewhere) =
        (sign_in(engine, "示例员工", PASSWORD).unwrap(), sign_in(engine, "示例员工", PASSWORD).unwrap());
    let again = |before: &str, password: &str| {
        let ask = SignIn { before: Some(before.into()), ..ask("示例员工", password) };
        engine.sign_in_person(&origin(), &ask)
    };
    // Not before somebody is in, and nothing by what is no session.
    assert_eq!(key(again(&first.cookie, OTHER)), "sign_in_failed");
    again("x", PASSWORD).unwrap();
    again(&token(&other.set_up), PASSWORD).unwrap();
    assert!(person(engine, &first).is_ok() && person(engine, &elsewhere).is_ok());
    let id = engine.own_sessions(&person(engine, &first).unwrap()).unwrap();
    let id = id.into_iter().find(|session| session.current).unwrap().id;
    let second = again(&first.cookie, PASSWORD).unwrap();
    let entry = serde_json::to_value(&entries(&world, 1)[0]).unwrap();
    assert_eq!((&entry["action"], &entry["note"]["ended"]), (&"sign_in".into(), &id.as_str().into()));
    assert_eq!(key(person(engine, &first)), "session_ended");
    assert!(person(engine, &elsewhere).is_ok());
    // By a link too, and whoever it was.
    let ask = SetUp {
        token: token(&other.set_up),
        name: None,
        password: PASSWORD.into(),
        agent: None,
        before: Some(second.cookie.clone()),
    };
    let of_second = engine.own_sessions(&person(engine, &second).unwrap()).unwrap();
    let of_second = of_second.into_iter().find(|session| session.current).unwrap().id;
    engine.set_up(&origin(), &ask).unwrap();
    let entry = serde_json::to_value(&entries(&world, 1)[0]).unwrap();
    assert_eq!((&entry["action"], &entry["note"]["ended"]), (&"set_up".into(), &of_second.into()));
    assert_eq!(entry["who"], "示例同事");
    assert_eq!(key(person(engine, &second)), "session_ended");
    world.assert_sound();
}

#[test]
fn one_person_has_so_many_sessions_and_the_oldest_ends() {
    let (world, user) = seller();
    let engine = world.engine();
    engine.end_sessions(&world.operator(), &user.id).unwrap();
    let all: Vec<_> = (0..11)
        .map(|_| {
            world.clock.advance(SECOND);
            sign_in(engine, "示例员工", PASSWORD).unwrap()
        })
        .collect();
    assert_eq!(key(person(engine, &all[0])), "session_ended");
    let caller = person(engine, &all[1]).unwrap();
    assert_eq!(engine.own_sessions(&caller).unwrap().len(), 10);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| sign_in(engine, "示例员工", PASSWORD).unwrap());
        }
    });
    let caller = person(engine, &all[10]).unwrap();
    assert_eq!(engine.own_sessions(&caller).unwrap().len(), 10);
}

#[test]
fn a_browser_that_missed_its_watermark_says_so_and_programs_have_none() {
    let (world, _) = seller();
    let engine = world.engine();
    let head = world.caller("CDO", None);
    let caller = person(engine, &sign_in(engine, "示例员工", PASSWORD).unwrap()).unwrap();
    engine.watermark_missed(&caller).unwrap();
    assert_eq!(key(engine.watermark_missed(&head)), "people_only");
    let query = LedgerQuery { log: "access".into(), ..LedgerQuery::default() };
    let page = engine.ledger(&head, &query).unwrap();
    let said = page.items.iter().filter(|entry| entry.action == "watermark");
    let said: Vec<_> = said.map(|entry| (entry.who.as_str(), entry.outcome)).collect();
    assert_eq!(said, [("示例员工", "done"), ("CDO-default", "refused")]);
}

#[test]
fn nobody_ends_the_session_of_somebody_else() {
    let (world, _) = seller();
    let engine = world.engine();
    let other = engine.add_user(&world.operator(), "示例同事", &["CDE"], None).unwrap().done().unwrap();
    let theirs = set_up(engine, &other.set_up, PASSWORD).unwrap();
    let id = engine.own_sessions(&person(engine, &theirs).unwrap()).unwrap()[0].id.clone();
    let mine = person(engine, &sign_in(engine, "示例员工", PASSWORD).unwrap()).unwrap();
    assert_eq!(key(engine.end_own_session(&mine, &id, PASSWORD)), "not_found");
    assert_eq!(engine.own_sessions(&mine).unwrap().len(), 2);
    assert!(person(engine, &theirs).is_ok());
}

#[test]
fn who_is_disabled_is_out_at_once_and_signed_out_everywhere_too() {
    let (world, user) = seller();
    let engine = world.engine();
    let signed_in = sign_in(engine, "示例员工", PASSWORD).unwrap();
    let caller = person(engine, &signed_in).unwrap();
    engine.leave(&world.operator(), &user.id, &Leave::of(Leaving::Left)).unwrap();
    assert_eq!(key(engine.list(&caller, &list())), "unauthenticated", "a request under way is refused too");
    assert_eq!(key(person(engine, &signed_in)), "session_ended");
    assert_eq!(key(sign_in(engine, "示例员工", PASSWORD)), "sign_in_failed");
    engine.enable_user(&world.operator(), &user.id).unwrap().done().unwrap();
    assert_eq!(key(person(engine, &signed_in)), "session_ended", "what has ended does not come back");
    let again = sign_in(engine, "示例员工", PASSWORD).unwrap();
    engine.end_sessions(&world.operator(), &user.id).unwrap();
    assert_eq!(key(person(engine, &again)), "session_ended");
}

#[test]
fn the_last_cdo_stays() {
    let world = World::new();
    let engine = world.engine();
    let first = engine.add_user(&world.operator(), "示例主管", &["CDO"], None).unwrap().done().unwrap();
    let caller = || world.operator_as("示例主管");
    assert_eq!(key(engine.leave(&caller(), &first.id, &Leave::of(Leaving::Left))), "last_keeper");
    let second = engine.add_user(&caller(), "示例副手", &["CDO"], None).unwrap().done().unwrap();
    assert_eq!(key(engine.leave(&world.operator(), &second.id, &Leave::of(Leaving::Left))), "cdo_required");
    set_up(engine, &first.set_up, PASSWORD).unwrap();
    // The second one was invited and never came.
    assert_eq!(key(engine.leave(&caller(), &first.id, &Leave::of(Leaving::Left))), "last_keeper");
    engine.leave(&caller(), &second.id, &Leave::of(Leaving::Left)).unwrap();
    assert_eq!(key(engine.leave(&caller(), &first.id, &Leave::of(Leaving::Left))), "last_keeper");
    engine.enable_user(&caller(), &second.id).unwrap().done().unwrap();
    let link = engine.renew_user(&caller(), &second.id).unwrap();
    set_up(engine, &link.set_up, PASSWORD).unwrap();
    engine.leave(&caller(), &first.id, &Leave::of(Leaving::Left)).unwrap();
}

#[test]
fn a_request_that_races_with_signing_out_does_not_keep_the_session() {
    let (world, _) = seller();
    let engine = world.engine();
    for _ in 0..20 {
        let signed_in = sign_in(engine, "示例员工", PASSWORD).unwrap();
        let caller = person(engine, &signed_in).unwrap();
        // So that each request wants to mark the session as used.
        world.clock.advance(31 * SECOND);
        let out = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !out.load(Ordering::SeqCst) {
                        let _ = person(engine, &signed_in);
                    }
                });
            }
            engine.sign_out(&caller).unwrap();
            assert_eq!(key(person(engine, &signed_in)), "session_ended");
            out.store(true, Ordering::SeqCst);
        });
        assert_eq!(key(person(engine, &signed_in)), "session_ended");
    }
}

#[test]
fn a_change_needs_what_the_session_told_and_no_other_sites_page() {
    let (world, _) = seller();
    let engine = world.engine();
    let (mine, other) =
        (sign_in(engine, "示例员工", PASSWORD).unwrap(), sign_in(engine, "示例员工", PASSWORD).unwrap());
    let with = |csrf: Option<&str>, foreign| {
        let guard = Guard { changes: true, csrf: csrf.map(str::to_owned), foreign };
        engine.person(&origin(), &mine.cookie, &guard)
    };
    assert!(with(Some(&mine.session.csrf), false).is_ok());
    for (csrf, foreign) in [
        (None, false),
        (Some(""), false),
        (Some(other.session.csrf.as_str()), false),
        (Some(mine.cookie.as_str()), false),
        (Some(mine.session.csrf.as_str()), true),
    ] {
        let fault = with(csrf, foreign).map(drop).unwrap_err();
        assert_eq!((fault.key, fault.status()), ("csrf", 403), "{csrf:?} {foreign}");
    }
    assert!(person(engine, &mine).is_ok(), "reading needs nothing besides");
}

#[test]
fn a_row_that_is_edited_put_in_or_moved_opens_nothing() {
    let mut world = World::embedded();
    let engine = world.engine();
    for (name, password) in [("示例甲", PASSWORD), ("示例乙", OTHER)] {
        let user = engine.add_user(&world.operator(), name, &["CDE"], None).unwrap().done().unwrap();
        engine.sign_out(&person(engine, &set_up(engine, &user.set_up, password).unwrap()).unwrap()).unwrap();
    }
    let mine = sign_in(engine, "示例甲", PASSWORD).unwrap();
    let theirs = sign_in(engine, "示例乙", OTHER).unwrap();
    let victim = theirs.session.user.id.clone();
    world.close();
    let path = world.data().join("store.db");
    Connection::open(&path).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let saved = std::fs::read(&path).unwrap();
    for edit in [
        "UPDATE login SET expires = expires + 1",
        "UPDATE login SET issued = issued + 1",
        "UPDATE login SET used = used + 1",
        "UPDATE login SET kind = 2",
        "UPDATE login SET body = zeroblob(60)",
        "UPDATE login SET mac = zeroblob(16)",
        "UPDATE login SET subject = (SELECT max(subject) FROM login)",
        "UPDATE login SET body = (SELECT body FROM login LIMIT 1)",
    ] {
        let db = Connection::open(&path).unwrap();
        db.execute_batch(&format!("{edit}; PRAGMA wal_checkpoint(TRUNCATE)")).unwrap();
        drop(db);
        world.open();
        let engine = world.engine();
        let opened = [&mine, &theirs].map(|one| engine.person(&origin(), &one.cookie, &Guard::default()));
        let refused = opened.iter().filter(|one| one.is_err()).count();
        // Where all get the value of one of them, that one has not changed.
        assert!(refused == 2 || refused == 1 && edit.contains("SELECT"), "{edit}");
        for caller in opened.into_iter().flatten() {
            let id = engine.session(&caller).unwrap().user.id;
            assert_eq!(id == victim, caller.name() == "示例乙", "{edit}");
        }
        world.close();
        for name in ["store.db-wal", "store.db-shm"] {
            let _ = std::fs::remove_file(world.data().join(name));
        }
        std::fs::write(&path, &saved).unwrap();
    }
    world.open();
    assert!(person(world.engine(), &mine).is_ok());
}
