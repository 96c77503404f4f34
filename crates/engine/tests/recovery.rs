//! Recovery sheets as the engine knows of them, and how far a new installation is.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod common;

use common::World;
use dossier_crypto::{SystemEntropy, renew_root, unlock};
use dossier_engine::model::id::Tenant;
use dossier_engine::model::time::Micros;
use dossier_engine::recovery::Side;
use dossier_engine::{Leave, Leaving, LedgerQuery, NewUser, Origin, RecoveryStep, SetUp};
use serde_json::json;

fn root(world: &World) -> String {
    world.engine().key_status(&world.operator()).unwrap().kms
}

fn state(world: &World) -> &'static str {
    world.engine().key_status(&world.operator()).unwrap().recovery.state
}

fn step(world: &World, step: RecoveryStep, root: &str) -> Result<&'static str, &'static str> {
    let done = world.engine().recovery_step(&world.operator(), step, root);
    done.map(|recovery| recovery.state).map_err(|fault| fault.key)
}

/// A new root key in the place of the old one, by hand: as nobody asks the program for it.
fn change_root(world: &mut World) {
    world.close();
    let (keystore, keyring) = (world.folder.path().join("root.keystore"), world.data().join("keyring"));
    let (old, keyring) = unlock(&keystore, None, &keyring, Tenant(1)).unwrap();
    renew_root(&old, None, &keyring, &SystemEntropy, Micros(common::NOW)).unwrap();
    world.open();
}

#[test]
fn sheets_count_once_they_are_confirmed_and_until_the_root_key_is_another_one() {
    let mut world = World::new();
    let first = root(&world);
    assert_eq!(state(&world), "none");
    assert_eq!(step(&world, RecoveryStep::Shown, &first), Ok("none"));
    assert_eq!(step(&world, RecoveryStep::Confirmed, &first), Ok("confirmed"));
    let status = world.engine().key_status(&world.operator()).unwrap();
    assert_eq!(status.recovery.confirmed_at.as_deref(), Some("2026-11-22T06:00:00Z"));
    world.open();
    assert_eq!(state(&world), "confirmed");
    world.engine().rotate_keys(&world.operator(), true).unwrap().done().unwrap();
    assert_eq!(state(&world), "confirmed", "a new tenant key is under the same root key");

    change_root(&mut world);
    assert_eq!(state(&world), "outdated");
    assert_eq!(step(&world, RecoveryStep::Confirmed, &first), Err("recovery_moved"));
    let second = root(&world);
    assert_eq!(step(&world, RecoveryStep::Confirmed, &second), Ok("confirmed"));
    world.assert_sound();
}

#[test]
fn each_step_is_an_entry_with_the_name_of_the_root_key() {
    let world = World::new();
    let root = root(&world);
    for of in [RecoveryStep::Shown, RecoveryStep::Confirmed, RecoveryStep::Restored] {
        step(&world, of, &root).unwrap();
    }
    let query = LedgerQuery { log: "change".to_owned(), limit: Some(200), ..LedgerQuery::default() };
    let page = world.engine().ledger(&world.operator(), &query).unwrap();
    let entries = serde_json::to_value(&page).unwrap()["items"].clone();
    let steps: Vec<_> =
        entries.as_array().unwrap().iter().filter(|e| e["action"] == "key_recovery").collect();
    assert_eq!(steps.len(), 3);
    for (entry, name) in steps.iter().zip(["shown", "confirmed", "restored"]) {
        assert_eq!(entry["note"], json!({ "root": root, "step": name }), "{entry}");
    }
}

#[test]
fn only_the_account_of_the_system_records_a_step() {
    let world = World::new();
    let root = root(&world);
    for role in ["CDA", "CDE", "CDU", "ISA", "CDO"] {
        let caller = world.caller(role, None);
        let refused = world.engine().recovery_step(&caller, RecoveryStep::Confirmed, &root);
        assert_eq!(refused.unwrap_err().key, "action_not_allowed", "{role}");
    }
    assert_eq!(state(&world), "none");
}

#[test]
fn sheets_are_of_the_root_key_in_use_and_different_each_time() {
    let world = World::new();
    let [first, second] = [(); 2].map(|()| world.options().recovery_sheets().unwrap());
    assert_eq!((&first.root, &second.root), (&root(&world), &root(&world)));
    assert_eq!(first.sheets.each_ref().map(|sheet| sheet.side()), Side::BOTH);
    for (one, other) in first.sheets.iter().zip(&second.sheets) {
        assert_ne!(one.groups(), other.groups());
    }
}

fn person(world: &World, new: &NewUser) {
    let token = new.set_up.rsplit('#').next().unwrap().to_owned();
    let set_up =
        SetUp { token, name: None, password: "plum harbour seven".into(), agent: None, before: None };
    world.engine().set_up(&Origin::default(), &set_up).unwrap();
}

#[test]
fn the_first_steps_are_done_by_what_is_there() {
    let world = World::new();
    let engine = world.engine();
    let now = || engine.set_up_state(&world.operator()).unwrap();
    let before = now();
    assert_eq!((before.administrator, before.recovery.state, before.people), (false, "none", 0));
    assert_eq!((before.teams, before.dossiers), (0, false));

    person(&world, &engine.add_user(&world.operator(), "示例主管", &["CDO"], None).unwrap().done().unwrap());
    assert_eq!((now().people, now().administrator), (1, false), "a CDO without codes");
    engine.add_team(&world.operator(), "华东").unwrap();
    engine.add_user(&world.operator(), "示例员工", &["CDE"], Some("华东")).unwrap().done().unwrap();
    let seller =
        engine.add_user(&world.operator(), "示例销售", &["CDE"], Some("华东")).unwrap().done().unwrap();
    assert_eq!((now().people, now().teams), (3, 1));
    engine.leave(&world.operator(), &seller.id, &Leave::of(Leaving::Left)).unwrap();
    assert_eq!(now().people, 2);

    let admin = world.operator_as("示例主管");
    let client = engine.add_client(&admin, "示例程序", &["CDO"], None).unwrap();
    let token = engine.sign_in(&Origin::default(), &client.client_id, &client.client_secret).unwrap();
    let caller = engine.caller(&Origin::default(), &token.access_token).unwrap();
    let record = world.create(&caller, json!({ "name": "示例科技（杭州）有限公司", "subject": "A" }));
    assert!(now().dossiers);
    engine.erase(&caller, &record.id).unwrap().done().unwrap();
    assert!(!now().dossiers, "an erased dossier is none");
    step(&world, RecoveryStep::Confirmed, &root(&world)).unwrap();
    assert_eq!(now().recovery.state, "confirmed");
}

#[test]
fn how_far_it_is_knows_only_who_manages_access_and_keys() {
    let world = World::new();
    for role in ["CDA", "CDE", "CDU", "ISA"] {
        let refused = world.engine().set_up_state(&world.caller(role, None));
        assert_eq!(refused.unwrap_err().key, "action_not_allowed", "{role}");
    }
    assert!(world.engine().set_up_state(&world.caller("CDO", None)).is_ok());
}
