//! Two at once, many times: one of them comes first, and nothing lies in between. `DOSSIER_FAULT_ROUNDS` sets how often
//! (30 when not set).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{World, change};
use dossier_engine::model::Fault;
use dossier_engine::{
    Caller, Duplicates, Engine, Guard, Import, Leave, Leaving, ListQuery, NewUser, Origin, SetUp, SignIn,
};
use serde_json::json;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

fn rounds() -> usize {
    std::env::var("DOSSIER_FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(30)
}

/// Both begin in the same moment.
fn race<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    let start = Barrier::new(2);
    std::thread::scope(|scope| {
        let one = scope.spawn(|| {
            start.wait();
            one()
        });
        start.wait();
        let other = other();
        (one.join().unwrap(), other)
    })
}

#[test]
fn a_change_and_an_erasure() {
    let world = World::new();
    let (engine, head) = (world.engine(), world.caller("CDO", None));
    for _ in 0..rounds() {
        let record = world.create(&head, json!({"name": "示例竞争有限公司", "subject": "A"}));
        let (one, other) = race(
            || engine.change(&head, &change(&record, json!({"remarks": "改过"}))),
            || engine.erase(&head, &record.id),
        );
        // Erased in the end, whoever came first; the change was before it or not at all.
        other.unwrap();
        assert_eq!(engine.read(&head, "customer", &record.id, false).err().unwrap().key, "erased");
        if let Err(fault) = one {
            assert!(["erased", "version_conflict", "not_found"].contains(&fault.key), "{fault}");
        }
    }
    world.assert_sound();
}

#[test]
fn a_rotation_and_a_write() {
    let world = World::new();
    let (engine, head) = (world.engine(), world.caller("CDO", None));
    for round in 0..rounds() {
        let data_keys = round % 5 == 0;
        let (one, made) = race(
            || engine.rotate_keys(&head, data_keys),
            || {
                world.create(
                    &head,
                    json!({"name": "示例轮换有限公司", "subject": "A", "phone": "15400000001"}),
                )
            },
        );
        one.unwrap();
        assert_eq!(engine.read(&head, "customer", &made.id, false).unwrap().version, 1);
    }
    world.assert_sound();
}

#[test]
fn an_import_and_a_change_of_what_it_changes() {
    let world = World::new();
    let (engine, head) = (world.engine(), world.caller("CDO", None));
    let fields = json!({"name": "示例有限公司", "document_number": "91350100M000100Y43"});
    let record = world.create(&head, fields);
    for round in 0..rounds() {
        let path = world.folder.path().join(format!("{round}.csv"));
        let row =
            format!("企业名称,统一社会信用代码,联系电话\n示例有限公司,91350100M000100Y43,154{round:08}\n");
        std::fs::write(&path, row).unwrap();
        let before = engine.read(&head, "customer", &record.id, false).unwrap();
        let ask = Import { file: path, duplicates: Duplicates::Update, ..Import::default() };
        let (imported, changed) = race(
            || engine.import(&head, &ask, &mut |_| {}).unwrap(),
            || engine.change(&head, &change(&before, json!({"remarks": format!("第{round}次")}))),
        );
        let now = engine.read(&head, "customer", &record.id, false).unwrap();
        let mine = u32::from(changed.is_ok());
        // Each that was acknowledged is a version of its own, and neither took the other's back.
        assert_eq!((imported.updated, now.version), (1, before.version + 1 + mine), "{round}");
        if changed.is_ok() {
            assert_eq!(now.fields.get("remarks").unwrap(), format!("第{round}次"));
        } else {
            assert_eq!(changed.err().unwrap().key, "version_conflict");
        }
        let history = engine.history(&head, "customer", &record.id, None, Some(2)).unwrap();
        assert!(history.versions.len() == 2);
    }
    world.assert_sound();
}

#[test]
fn two_changes_of_one_version() {
    let world = World::new();
    let (engine, head) = (world.engine(), world.caller("CDO", None));
    let record = world.create(&head, json!({"name": "示例同时有限公司", "subject": "A"}));
    for round in 0..rounds() {
        let before = engine.read(&head, "customer", &record.id, false).unwrap();
        let put =
            |who: &str| engine.change(&head, &change(&before, json!({"remarks": format!("{who}{round}")})));
        let (one, other) = race(|| put("甲"), || put("乙"));
        let (winner, loser) = if one.is_ok() { ("甲", other) } else { ("乙", one) };
        assert_eq!(loser.err().map(|fault| fault.key), Some("version_conflict"), "{round}");
        let now = engine.read(&head, "customer", &record.id, false).unwrap();
        assert_eq!(now.version, before.version + 1);
        assert_eq!(now.fields.get("remarks").unwrap(), format!("{winner}{round}"));
    }
    world.assert_sound();
}

const PASSWORD: &str = "plum harbour seven";

/// A seller who chose a password.
fn seller(world: &World) -> NewUser {
    let new = world.engine().add_user(&world.operator(), "示例员工", &["CDE"], None).unwrap().done().unwrap();
    let token = new.set_up.strip_prefix("/set-up#").unwrap().to_owned();
    let ask = SetUp { token, name: None, password: PASSWORD.into(), agent: None, before: None };
    world.engine().set_up(&Origin::default(), &ask).unwrap();
    new
}

/// The cookie of somebody who signed in.
fn signed_in(engine: &Engine) -> String {
    let ask =
        SignIn {
            name: "示例员工".into(), password: PASSWORD.into(), code: None, agent: None, before: None
        };
    engine.sign_in_person(&Origin::default(), &ask).unwrap().cookie
}

fn person(engine: &Engine, cookie: &str) -> Result<Caller, Fault> {
    engine.person(&Origin::default(), cookie, &Guard::default())
}

/// Pages through all dossiers and makes one after each page, until `end` was done; whether anything that was asked for
/// after that was answered. A page is a request of its own; what makes dossiers was let in before the end.
fn answered_after(
    engine: &Engine,
    let_in: impl Fn() -> Result<Caller, Fault> + Sync,
    end: impl FnOnce() + Send,
) -> bool {
    let gone = AtomicBool::new(false);
    let before = let_in().unwrap();
    let (late, ()) = race(
        || {
            let mut after = None;
            loop {
                let was_gone = gone.load(Ordering::SeqCst);
                let query =
                    ListQuery { kind: "customer".into(), limit: Some(2), after, ..ListQuery::default() };
                let page = let_in().and_then(|caller| engine.list(&caller, &query));
                let made = engine
                    .create(&before, &common::customer(json!({"name": "示例迟到有限公司", "subject": "A"})));
                if was_gone {
                    return page.is_ok() || made.is_ok();
                }
                after = page.ok().and_then(|page| page.next);
            }
        },
        || {
            end();
            gone.store(true, Ordering::SeqCst);
        },
    );
    late
}

#[test]
fn a_program_is_disabled_between_two_pages_and_between_two_writes() {
    let world = World::new();
    let (engine, head) = (world.engine(), world.caller("CDO", None));
    for round in 0..rounds() {
        let program = engine.add_client(&head, &format!("caller-{round}"), &["CDE"], None).unwrap();
        let origin = Origin::default();
        let token = engine.sign_in(&origin, &program.client_id, &program.client_secret).unwrap();
        let let_in = || engine.caller(&origin, &token.access_token);
        let end = || engine.disable_client(&head, &program.client_id).unwrap();
        assert!(!answered_after(engine, let_in, end), "{round}");
    }
    world.assert_sound();
}

#[test]
fn a_person_signs_out_between_two_pages_and_between_two_writes() {
    let world = World::new();
    let engine = world.engine();
    seller(&world);
    for round in 0..rounds() {
        let cookie = signed_in(engine);
        let end = || engine.sign_out(&person(engine, &cookie).unwrap()).unwrap();
        assert!(!answered_after(engine, || person(engine, &cookie), end), "{round}");
    }
    world.assert_sound();
}

#[test]
fn a_person_is_disabled_between_two_pages_and_between_two_writes() {
    let world = World::new();
    let engine = world.engine();
    let (new, operator) = (seller(&world), world.operator());
    for round in 0..rounds() {
        let cookie = signed_in(engine);
        let end = || drop(engine.leave(&operator, &new.id, &Leave::of(Leaving::Left)).unwrap());
        assert!(!answered_after(engine, || person(engine, &cookie), end), "{round}");
        engine.enable_user(&operator, &new.id).unwrap().done().unwrap();
    }
    world.assert_sound();
}

#[test]
fn a_person_is_signed_out_by_another_between_two_pages_and_between_two_writes() {
    let world = World::new();
    let engine = world.engine();
    let (new, operator) = (seller(&world), world.operator());
    for round in 0..rounds() {
        let cookie = signed_in(engine);
        let end = || engine.end_sessions(&operator, &new.id).unwrap();
        assert!(!answered_after(engine, || person(engine, &cookie), end), "{round}");
    }
    world.assert_sound();
}
