//! Everything at once: reads and writes go on while keys rotate and dossiers are erased.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{World, change, customer, fields};
use dossier_engine::{Create, Import, LedgerQuery, ListQuery};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

#[test]
fn keys_rotate_and_dossiers_are_erased_while_others_work() {
    let world = World::new();
    let engine = world.engine();
    let head = world.caller("CDO", None);
    let (stop, made, read, erased) =
        (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let list = ListQuery { kind: "customer".into(), ..ListQuery::default() };
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let record = world.create(&head, json!({"name": "新客户有限公司", "subject": "A"}));
                    if engine.change(&head, &change(&record, json!({"remarks": "改过"}))).is_err() {
                        // Only because it was erased in that very moment.
                        let gone = engine.read(&head, "customer", &record.id, false).err().unwrap();
                        assert_eq!(gone.key, "erased");
                    }
                    made.fetch_add(1, Ordering::Relaxed);
                }
            });
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    read.fetch_add(engine.list(&head, &list).unwrap().items.len() as u64, Ordering::Relaxed);
                }
            });
        }
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                if let Some(record) = engine.list(&head, &list).unwrap().items.last() {
                    // Somebody may have been faster.
                    erased.fetch_add(u64::from(engine.erase(&head, &record.id).is_ok()), Ordering::Relaxed);
                }
            }
        });
        for _ in 0..3 {
            engine.rotate_keys(&head, true).unwrap().done().unwrap();
            std::thread::sleep(Duration::from_millis(300));
        }
        stop.store(true, Ordering::Relaxed);
    });
    let (made, erased) = (made.into_inner(), erased.into_inner());
    assert!(made > 0 && erased > 0 && read.into_inner() > 0);
    assert_eq!(engine.count(&head, &list).unwrap(), made - erased);
    world.assert_sound();
}

#[test]
fn a_change_is_answered_with_what_it_made_whatever_others_make_of_it() {
    let world = World::new();
    let engine = world.engine();
    let head = world.caller("CDO", None);
    let record = world.create(&head, json!({"name": "热门客户有限公司", "subject": "A"}));
    let right: u32 = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..6)
            .map(|at| {
                let (head, record) = (&head, &record);
                scope.spawn(move || {
                    let mut right = 0;
                    for round in 0..60 {
                        let seen = engine.read(head, "customer", &record.id, false).unwrap();
                        let remarks = format!("{at}的第{round}次");
                        let Ok(done) = engine.change(head, &change(&seen, json!({"remarks": remarks})))
                        else {
                            continue;
                        };
                        let done = done.done().unwrap();
                        assert_eq!(done.record.version, seen.version + 1);
                        assert_eq!(done.record.fields.get("remarks").unwrap(), remarks.as_str());
                        right += 1;
                    }
                    right
                })
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).sum()
    });
    assert_eq!(engine.read(&head, "customer", &record.id, false).unwrap().version, right + 1);
    world.assert_sound();
}

#[test]
fn while_figures_of_one_view_are_worked_out_those_of_another_are_refused_and_recorded() {
    let world = World::new();
    let engine = world.engine();
    let head = world.caller("CDO", None);
    for at in 0..20 {
        world.create(&head, json!({"name": format!("示例{at}有限公司"), "subject": "A"}));
    }
    let other = world.caller("CDA", None);
    let refused = AtomicU64::new(0);
    let until = std::time::Instant::now() + Duration::from_secs(60);
    std::thread::scope(|scope| {
        for caller in [&head, &other, &head, &other] {
            let refused = &refused;
            scope.spawn(move || {
                while refused.load(Ordering::Relaxed) == 0 && std::time::Instant::now() < until {
                    match engine.quality(caller, true) {
                        Ok(all) => assert_eq!(all.records, 20),
                        Err(fault) => {
                            assert_eq!(fault.key, "quality_running");
                            refused.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
    });
    let refused = refused.into_inner();
    assert!(refused > 0);
    let newest = LedgerQuery { log: "access".into(), limit: Some(200), ..LedgerQuery::default() };
    let said = engine.ledger(&head, &newest).unwrap().items;
    let said = said.iter().filter(|entry| entry.action == "quality" && entry.outcome == "refused");
    assert_eq!(said.count() as u64, refused);
    assert_eq!(engine.quality(&head, true).unwrap().records, 20);
    world.assert_sound();
}

#[test]
fn of_two_dossiers_with_one_number_one_is_made_even_beside_an_import() {
    let world = World::new();
    let engine = world.engine();
    let head = world.caller("CDO", None);
    let path = world.folder.path().join("in.csv");
    std::fs::write(&path, "企业名称,统一社会信用代码\n示例有限公司,91350100M000100Y43\n").unwrap();
    let (made, imported) = std::thread::scope(|scope| {
        let made = scope.spawn(|| {
            let ask = customer(json!({"name": "示例有限公司", "document_number": "91350100M000100Y43"}));
            u64::from(engine.create(&head, &ask).is_ok())
        });
        let ask = Import { file: path, ..Import::default() };
        let imported = engine.import(&world.operator(), &ask, &mut |_| {}).unwrap().imported;
        (made.join().unwrap(), imported)
    });
    assert_eq!(made + imported, 1);
    world.assert_sound();
}

#[test]
fn contacts_go_in_while_their_dossier_changes() {
    let world = World::new();
    let engine = world.engine();
    let head = world.caller("CDO", None);
    let record = world.create(&head, json!({"name": "热门客户有限公司", "subject": "A"}));
    let (stop, version) = (AtomicBool::new(false), AtomicU64::new(1));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let seen = engine.read(&head, "customer", &record.id, false).unwrap();
                let done =
                    engine.change(&head, &change(&seen, json!({"remarks": format!("{}", seen.version)})));
                version.store(done.unwrap().done().unwrap().record.version.into(), Ordering::Relaxed);
                // As fast as nobody works: on a busy machine a contact would hardly ever find the dossier as it saw it.
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let contacts = || {
            for at in 0.. {
                let contact = Create {
                    kind: "contact".into(),
                    dossier: Some(record.id.clone()),
                    fields: fields(json!({"name": format!("联系人{at}")})),
                    ..Create::default()
                };
                let made = engine.create(&head, &contact).map(|done| done.record.version);
                if made != Ok(1) || (at >= 40 && version.load(Ordering::Relaxed) > 10) {
                    return made;
                }
            }
            Ok(1)
        };
        let made = contacts();
        // Told to stop before anything is found wrong, or the test would not end.
        stop.store(true, Ordering::Relaxed);
        assert_eq!(made, Ok(1));
    });
    world.assert_sound();
}
