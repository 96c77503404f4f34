//! Imports as jobs: what is put aside, mended and decided on, and taking all of it back.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::World;
use dossier_engine::{
    Caller, Create, Decision, Duplicates, Import, ImportShown, Imported, ListQuery, Record,
};
use serde_json::json;
use std::collections::BTreeMap;

const HEADER: &str = "企业名称,统一社会信用代码,注册地址,备注\n";
/// Made-up credit codes whose check digits are right.
const A: &str = "91350100M000100Y43";
const B: &str = "91350100M000200A33";

fn line(name: &str, code: &str, address: &str) -> String {
    format!("{name},{code},{address},\n")
}

fn import(world: &World, caller: &Caller, text: &str, duplicates: Duplicates) -> Imported {
    let path = world.folder.path().join("in.csv");
    std::fs::write(&path, text).unwrap();
    let ask = Import { file: path, duplicates, ..Import::default() };
    world.engine().import(caller, &ask, &mut |_| {}).unwrap()
}

fn all(world: &World, caller: &Caller) -> Vec<Record> {
    let query = ListQuery { kind: "customer".into(), limit: Some(100), ..ListQuery::default() };
    world.engine().list(caller, &query).unwrap().items
}

fn state(world: &World, caller: &Caller, id: &str) -> ImportShown {
    let shown = world.engine().import_state(caller, id).unwrap();
    let counted = shown.imported + shown.updated + shown.rejected + shown.duplicate + shown.skipped;
    assert_eq!(counted, shown.rows, "every row is counted once");
    shown
}

fn undone(world: &World, caller: &Caller, id: &str) -> ImportShown {
    world.engine().undo_import(caller, id).unwrap();
    world.engine().finish_import_undo(id, &|| false, &mut |_| {}).unwrap();
    let shown = state(world, caller, id);
    assert_eq!(shown.state, "undone");
    shown
}

fn counts(shown: &ImportShown) -> (u64, u64, u64) {
    let undo = shown.undo.as_ref().unwrap();
    (undo.removed, undo.restored, undo.left)
}

fn address(record: &Record) -> String {
    record.fields.get("registered_address").map_or(String::new(), |value| value.to_string())
}

#[test]
fn passed_over_rows_are_listed_with_what_they_met() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let there = world.create(&head, json!({"name": "示例一", "subject": "A", "document_number": A}));
    let text =
        [HEADER, &line("示例一", A, "甲"), &line("示例二", B, "乙"), &line("示例二", B, "丙")].concat();
    let done = import(&world, &head, &text, Duplicates::Skip);
    assert_eq!((done.imported, done.duplicates), (1, 2));
    let page = world.engine().import_duplicates(&head, &done.id, false, None, None).unwrap();
    let rows: Vec<_> = page.items.iter().map(|met| (met.row, met.same_as, met.code.is_some())).collect();
    assert_eq!(rows, [(2, None, true), (4, Some(3), false)]);
    assert!(there.code.unwrap().starts_with(page.items[0].code.as_ref().unwrap()));
    assert_eq!(page.items[0].team.as_deref(), Some("default"));
    assert_eq!(page.items[0].record.as_ref().unwrap().id, there.id);
    world.assert_sound();
}

#[test]
fn an_update_puts_what_a_row_has_over_the_record() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let there = world
        .create(&head, json!({"name": "示例一", "subject": "A", "document_number": A, "remarks": "保留"}));
    let text = [
        HEADER,
        &line("示例一", A, "示例路1号"),
        &line("示例二", B, "示例路2号"),
        // The same customer further down goes over what the row before it brought.
        &line("示例二", B, "示例路3号"),
        &line("示例二", B, "示例路3号"),
    ]
    .concat();
    let done = import(&world, &head, &text, Duplicates::Update);
    assert_eq!((done.imported, done.updated, done.duplicates), (1, 2, 1));
    let record = world.engine().read(&head, "customer", &there.id, true).unwrap();
    assert_eq!(record.version, 2);
    assert!(address(&record).contains("示例路1号"));
    assert_eq!(record.fields.get("remarks").unwrap(), "保留");
    assert_eq!(record.provenance.unwrap()["registered_address"].channel, "import");
    assert!(all(&world, &head).iter().any(|record| address(record).contains("示例路3号")));
    world.assert_sound();

    // All of it goes back: the record that was there, the one that was made and changed in one import.
    let shown = undone(&world, &head, &done.id);
    assert_eq!(counts(&shown), (1, 1, 0));
    let record = world.engine().read(&head, "customer", &there.id, false).unwrap();
    assert_eq!((record.version, address(&record).as_str()), (3, ""));
    assert_eq!(all(&world, &head).len(), 1);
    world.assert_sound();
}

#[test]
fn a_record_outside_the_rows_of_the_caller_is_not_touched_and_counts_as_a_look_up() {
    let world = World::new();
    let head = world.caller("CDO", None);
    world.engine().add_team(&world.operator(), "华东").unwrap();
    let seller = world.caller("CDE", Some("华东"));
    for (name, code) in [("示例一", A), ("示例二", B)] {
        world.create(&head, json!({"name": name, "subject": "A", "document_number": code}));
    }
    let text = [HEADER, &line("示例一", A, "甲"), &line("示例二", B, "乙")].concat();
    let done = import(&world, &seller, &text, Duplicates::Update);
    assert_eq!((done.imported, done.updated, done.rejected), (0, 0, 2));
    assert!(all(&world, &head).iter().all(|record| record.version == 1));
    let page = world.engine().import_problems(&seller, &done.id, None, None).unwrap();
    assert!(page.items[0].problems[0].en.contains("default"), "{:?}", page.items[0].problems);
    // So many look-ups of the hour are left, then nothing more is said.
    let mut said = 0;
    for at in 0..20 {
        let text = format!("{HEADER}{}{}", line("示例一", A, &at.to_string()), line("示例二", B, "乙"));
        let done = import(&world, &seller, &text, Duplicates::Skip);
        let page = world.engine().import_duplicates(&seller, &done.id, false, None, None).unwrap();
        assert!(page.items.iter().all(|met| met.record.is_none()));
        said += page.items.iter().filter(|met| met.code.is_some()).count();
    }
    assert_eq!(said, 30 - 2);
}

#[test]
fn a_row_with_a_problem_is_mended_in_place() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let wrong = A.replace("Y43", "Y44");
    let text = [HEADER, &line("示例一", &wrong, "甲"), &line("示例二", B, "乙"), &line("", B, "丙")].concat();
    let done = import(&world, &head, &text, Duplicates::Skip);
    assert_eq!((done.imported, done.rejected), (1, 2));
    let engine = world.engine();
    let page = engine.import_problems(&head, &done.id, None, Some(1)).unwrap();
    let (row, next) = (&page.items[0], page.next);
    assert_eq!((row.row, row.cells["企业名称"].as_str(), next), (2, "示例一", Some(2)));
    assert_eq!(row.problems[0].column.as_deref(), Some("统一社会信用代码"));
    assert!(row.problems[0].zh.contains("第 18 位"));
    let mend = |row, code: &str| {
        let cells = BTreeMap::from([("统一社会信用代码".to_owned(), code.to_owned())]);
        engine.mend_import_row(&head, &done.id, row, &cells)
    };
    assert_eq!(mend(2, &wrong.replace("44", "45")).unwrap().outcome, "problem");
    assert_eq!(mend(2, A).unwrap().outcome, "imported");
    assert_eq!(mend(2, A).err().unwrap().key, "import_row_not_found");
    let unknown = BTreeMap::from([("颜色".to_owned(), "红".to_owned())]);
    let fault = engine.mend_import_row(&head, &done.id, 4, &unknown).err().unwrap();
    assert_eq!(fault.key, "import_column_unknown");
    assert_eq!(engine.skip_import_row(&head, &done.id, 4).unwrap().outcome, "skipped");
    let shown = state(&world, &head, &done.id);
    assert_eq!((shown.imported, shown.rejected, shown.skipped, shown.mended), (2, 0, 1, 1));
    world.assert_sound();
    // The row that was mended is of this import too.
    assert_eq!(counts(&undone(&world, &head, &done.id)), (2, 0, 0));
    assert!(all(&world, &head).is_empty());
    world.assert_sound();
}

#[test]
fn rows_in_review_wait_for_a_decision() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let there = world.create(&head, json!({"name": "示例一", "subject": "A", "document_number": A}));
    let text =
        [HEADER, &line("示例一", A, "示例路1号"), &line("示例一", A, "示例路2号"), &line("示例二", B, "乙")]
            .concat();
    let done = import(&world, &head, &text, Duplicates::Review);
    let engine = world.engine();
    let page = engine.import_duplicates(&head, &done.id, true, None, None).unwrap();
    assert_eq!(page.items.iter().map(|met| met.row).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(page.items[0].cells.as_ref().unwrap()["注册地址"], "示例路1号");
    let decide = |row, decision| engine.decide_import_row(&head, &done.id, row, decision).unwrap().outcome;
    assert_eq!(decide(2, Decision::Skip), "skipped");
    assert_eq!(decide(3, Decision::Update), "updated");
    let record = engine.read(&head, "customer", &there.id, false).unwrap();
    assert!(address(&record).contains("示例路2号"));
    assert!(engine.import_duplicates(&head, &done.id, true, None, None).unwrap().items.is_empty());
    assert_eq!(counts(&undone(&world, &head, &done.id)), (1, 1, 0));
    let record = engine.read(&head, "customer", &there.id, false).unwrap();
    assert_eq!(address(&record), "");
    world.assert_sound();
}

#[test]
fn an_undo_leaves_what_is_in_use_and_lists_it() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let today = dossier_engine::model::Day::from_ymd(2026, 11, 22).unwrap();
    let made_up = dossier_engine::model::generate::Generator::new(7, today);
    let mut text = String::new();
    let header: Vec<String> =
        dossier_engine::model::generate::CUSTOMER_COLUMNS.iter().map(ToString::to_string).collect();
    dossier_engine::model::generate::csv_line(&header, &mut text);
    for at in 0..60 {
        dossier_engine::model::generate::csv_line(&made_up.customer_cells(at), &mut text);
    }
    let done = import(&world, &head, &text, Duplicates::Skip);
    assert_eq!(done.imported, 60);
    let engine = world.engine();
    let records = all(&world, &head);
    engine.change(&head, &common::change(&records[3], json!({"remarks": "改过"}))).unwrap();
    engine.erase(&head, &records[5].id).unwrap();
    let contact = Create {
        kind: "contact".into(),
        dossier: Some(records[7].id.clone()),
        fields: common::fields(json!({"name": "韩小示"})),
        ..Create::default()
    };
    engine.create(&head, &contact).unwrap();
    assert_eq!(counts(&undone(&world, &head, &done.id)), (57, 0, 3));
    let mut left = engine.import_left(&head, &done.id, None, None).unwrap().items;
    left.sort_by(|a, b| a.why.cmp(&b.why));
    let listed: Vec<_> = left.iter().map(|left| (left.why.as_str(), left.id.as_str())).collect();
    let expected =
        [("changed", &records[3].id), ("erased", &records[5].id), ("has_contacts", &records[7].id)];
    assert_eq!(listed, expected.map(|(why, id)| (why, id.as_str())));
    assert_eq!(all(&world, &head).len(), 2);
    world.assert_sound();
    // What was undone can be taken in again, under other codes.
    let again = import(&world, &head, &text, Duplicates::Skip);
    assert_eq!((again.imported, again.duplicates), (58, 2));
    let codes: Vec<_> = all(&world, &head).into_iter().filter_map(|record| record.code).collect();
    let burnt = records.iter().filter(|record| codes.contains(record.code.as_ref().unwrap())).count();
    assert_eq!(burnt, 2, "only those that were left have their codes");
    world.assert_sound();
}

#[test]
fn only_whoever_imported_sees_rows_and_only_they_and_a_cdo_undo() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let (one, other, user) =
        (world.caller("CDE", None), world.caller("CDA", None), world.caller("CDU", None));
    let text = [HEADER, &line("示例一", "123", "甲"), &line("示例二", B, "乙")].concat();
    let done = import(&world, &one, &text, Duplicates::Skip);
    let engine = world.engine();
    let key = |result: Result<_, dossier_engine::model::Fault>| result.err().map(|fault| fault.key);
    let problems = |caller| key(engine.import_problems(caller, &done.id, None, None).map(drop));
    assert_eq!(problems(&one), None);
    assert_eq!(problems(&other), Some("import_not_found"));
    assert_eq!(problems(&head), Some("import_of_other"));
    assert_eq!(problems(&user), Some("action_not_allowed"));
    assert_eq!(engine.imports(&head, None, None).unwrap().items.len(), 1);
    assert!(engine.imports(&other, None, None).unwrap().items.is_empty());
    let undo = |caller| key(engine.undo_import(caller, &done.id).map(drop));
    assert_eq!((undo(&other), undo(&user)), (Some("import_not_found"), Some("import_not_found")));
    assert_eq!(undo(&head), None);
    assert_eq!(undo(&head), Some("import_state"));
    engine.finish_import_undo(&done.id, &|| false, &mut |_| {}).unwrap();
    assert_eq!(state(&world, &one, &done.id).state, "undone");
    assert!(all(&world, &head).is_empty());
    world.assert_sound();
}
