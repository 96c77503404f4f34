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
use dossier_engine::model::Clock;
use dossier_engine::{
    Alike, Caller, Create, Decision, Duplicates, Edit, Import, ImportShown, Imported, ListQuery, MappingAsk,
    MendAlike, NewImport, Record, RowMend, Start, Target,
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
        engine.mend_import_row(&head, &done.id, row, &RowMend { cells, ..RowMend::default() })
    };
    assert_eq!(mend(2, &wrong.replace("44", "45")).unwrap().outcome, "problem");
    assert_eq!(mend(2, A).unwrap().outcome, "imported");
    assert_eq!(mend(2, A).err().unwrap().key, "import_row_not_found");
    let cells = BTreeMap::from([("颜色".to_owned(), "红".to_owned())]);
    let unknown = RowMend { cells, ..RowMend::default() };
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
    let text = rows(60);
    let done = import(&world, &head, &text, Duplicates::Skip);
    assert_eq!(done.imported, 60);
    let engine = world.engine();
    let records = all(&world, &head);
    engine.change(&head, &common::change(&records[3], json!({"remarks": "改过"}))).unwrap().done().unwrap();
    engine.erase(&head, &records[5].id).unwrap().done().unwrap();
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

fn handed_in(
    world: &World,
    caller: &Caller,
    name: &str,
    bytes: &[u8],
    key: Option<&str>,
) -> (ImportShown, bool) {
    let ask = NewImport {
        name: name.into(),
        idempotency_key: key.map(str::to_owned),
        duplicates: Duplicates::Skip,
        ..NewImport::default()
    };
    let mut upload = world.engine().begin_upload(caller, &ask).unwrap();
    for part in bytes.chunks(100_003) {
        upload.push(part).unwrap();
    }
    upload.end(caller).unwrap()
}

fn rows(count: u64) -> String {
    let today = dossier_engine::model::Day::from_ymd(2026, 11, 22).unwrap();
    let made_up = dossier_engine::model::generate::Generator::new(7, today);
    let mut text = String::new();
    let header: Vec<String> =
        dossier_engine::model::generate::CUSTOMER_COLUMNS.iter().map(ToString::to_string).collect();
    dossier_engine::model::generate::csv_line(&header, &mut text);
    (0..count)
        .for_each(|at| dossier_engine::model::generate::csv_line(&made_up.customer_cells(at), &mut text));
    text
}

#[test]
fn a_file_that_is_handed_in_is_mapped_seen_started_and_cleared_away() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let engine = world.engine();
    // Longer than a piece, and no multiple of one.
    let text = rows(3_000);
    assert!(text.len() > 600_000);
    let (shown, replayed) = handed_in(&world, &head, "客户.csv", text.as_bytes(), Some("k-1"));
    assert_eq!((shown.state, shown.total, shown.size, replayed), ("ready", 3_000, text.len() as u64, false));
    let (again, replayed) = handed_in(&world, &head, "客户.csv", text.as_bytes(), Some("k-1"));
    assert!(replayed && again.id == shown.id);
    assert_eq!(engine.imports(&head, None, None).unwrap().items.len(), 1);
    let preview = engine.preview_import(&head, &shown.id, 3).unwrap().rows;
    assert_eq!((preview.len(), preview[0].row), (3, 2));
    assert!(preview[0].problems.is_empty());
    // No clear byte of it is in the folder.
    let name = preview[0].cells[0].raw.clone();
    world.engine().start_import(&head, &shown.id, &Start::default()).unwrap();
    for (path, bytes) in common::files(&world.data()) {
        let found = bytes.windows(name.len()).any(|window| window == name.as_bytes());
        assert!(!found, "{name} stands in {}", path.display());
    }
    engine.work_on_import(&shown.id, &|| false).unwrap();
    let done = state(&world, &head, &shown.id);
    assert_eq!((done.state, done.imported), ("done", 3_000));
    let fault = engine.preview_import(&head, &shown.id, 3).err().unwrap();
    assert_eq!(fault.key, "import_state");
    world.assert_sound();
}

#[test]
fn an_import_begun_by_a_clock_that_was_days_ahead_goes_on_at_once_and_leaves_no_right_behind() {
    let mut world = World::new();
    let (head, right) = (world.caller("CDO", None), world.clock.now());
    world.clock.advance(3 * 24 * 3600 * 1_000_000);
    let ahead = world.caller("CDA", None);
    let (shown, _) = handed_in(&world, &ahead, "客户.csv", rows(20).as_bytes(), None);
    world.engine().start_import(&ahead, &shown.id, &Start::default()).unwrap();
    world.clock.set(right);
    world.open();
    let worker = world.engine().import_worker();
    let begun = std::time::Instant::now();
    while state(&world, &head, &shown.id).state != "done" {
        assert!(begun.elapsed().as_secs() < 120, "nobody takes it up");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    drop(worker);
    assert_eq!(state(&world, &head, &shown.id).imported, 20);
    world.close();
    if let Ok(db) = rusqlite::Connection::open(world.data().join("store.db"))
        && world.store.is_sqlite()
    {
        let left = "SELECT count(*) FROM lease WHERE name LIKE 'import/%'";
        assert_eq!(db.query_row(left, [], |row| row.get::<_, i64>(0)), Ok(0));
    }
    world.open();
    world.assert_sound();
}

#[test]
fn a_mapping_is_edited_kept_and_suggested_again() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let engine = world.engine();
    let text = format!("甲,乙\n示例一,{A}\n");
    let (shown, _) = handed_in(&world, &head, "a.csv", text.as_bytes(), None);
    assert_eq!(shown.state, "uploaded");
    assert_eq!(engine.start_import(&head, &shown.id, &Start::default()).err().unwrap().key, "import_state");
    let edit = |column, field: &str| Edit { column, target: Target::Field(field.into()), unit: None };
    let twice = MappingAsk { edits: vec![edit(1, "document_number")], ..MappingAsk::default() };
    let mapped = engine.map_import(&head, &shown.id, &twice).unwrap();
    assert!(!mapped.ready && mapped.problem.is_some());
    let ask = MappingAsk {
        edits: vec![edit(1, "name"), edit(2, "document_number")],
        save_as: Some("旧系统".into()),
        ..MappingAsk::default()
    };
    assert!(engine.map_import(&head, &shown.id, &ask).unwrap().ready);
    assert_eq!(engine.import_mappings(&head).unwrap()[0].name, "旧系统");
    // A file with the same columns is ready at once; one with others can be mapped by the name.
    let (same, _) = handed_in(&world, &head, "b.csv", text.as_bytes(), None);
    assert_eq!(same.state, "ready");
    let other = format!("乙,丙,甲\n{A},x,示例一\n");
    let (other, _) = handed_in(&world, &head, "c.csv", other.as_bytes(), None);
    let by_name = MappingAsk { saved: Some("旧系统".into()), ..MappingAsk::default() };
    assert!(engine.map_import(&head, &other.id, &by_name).unwrap().ready);
    let unknown = MappingAsk { saved: Some("没有".into()), ..MappingAsk::default() };
    assert_eq!(engine.map_import(&head, &other.id, &unknown).err().unwrap().key, "import_mapping_not_found");
    engine.forget_import_mapping(&head, "旧系统").unwrap();
    assert!(engine.import_mappings(&head).unwrap().is_empty());
    assert_eq!(engine.forget_import_mapping(&head, "旧系统").err().unwrap().key, "import_mapping_not_found");
    assert_eq!(engine.cancel_import(&head, &other.id).unwrap().state, "cancelled");
    assert_eq!(engine.cancel_import(&head, &other.id).err().unwrap().key, "import_state");
    world.assert_sound();
}

#[test]
fn a_worker_takes_in_what_was_started_and_stops_when_told() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let engine = world.engine();
    let (shown, _) = handed_in(&world, &head, "a.csv", rows(2_000).as_bytes(), None);
    engine.start_import(&head, &shown.id, &Start::default()).unwrap();
    // Cut off after its first chunks it stays as it is, and goes on from there.
    let calls = std::cell::Cell::new(0);
    let stop = || calls.replace(calls.get() + 1) > 4;
    engine.work_on_import(&shown.id, &stop).unwrap();
    let half = state(&world, &head, &shown.id);
    assert_eq!(half.state, "running");
    assert!(half.imported > 0 && half.imported < 2_000, "{}", half.imported);
    let worker = engine.import_worker();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while state(&world, &head, &shown.id).state == "running" && std::time::Instant::now() < until {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let done = state(&world, &head, &shown.id);
    assert_eq!((done.state, done.imported), ("done", 2_000));
    engine.undo_import(&head, &shown.id).unwrap();
    while state(&world, &head, &shown.id).state == "undoing" && std::time::Instant::now() < until {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    drop(worker);
    assert_eq!(counts(&state(&world, &head, &shown.id)), (2_000, 0, 0));
    assert!(all(&world, &head).is_empty());
    world.assert_sound();
}

#[test]
fn a_running_import_stops_between_two_chunks_and_what_is_in_can_be_undone() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let path = world.folder.path().join("in.csv");
    std::fs::write(&path, rows(3_000)).unwrap();
    let ask = Import { file: path, ..Import::default() };
    let engine = world.engine();
    let mut asked = false;
    let done = engine
        .import(&head, &ask, &mut |at| {
            if !asked && at.rows > 500 {
                asked = true;
                let id = engine.imports(&head, None, None).unwrap().items.remove(0).id;
                engine.cancel_import(&head, &id).unwrap();
            }
        })
        .unwrap();
    assert_eq!(done.state, "cancelled");
    assert!(done.imported < 3_000, "{}", done.imported);
    assert_eq!(counts(&undone(&world, &head, &done.id)), (done.imported, 0, 0));
    world.assert_sound();
}

#[test]
fn what_a_long_import_makes_is_of_the_moment_at_which_it_was_made() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let path = world.folder.path().join("in.csv");
    std::fs::write(&path, rows(3_000)).unwrap();
    let ask = Import { file: path, ..Import::default() };
    let mut minutes = 0;
    let done = world
        .engine()
        .import(&head, &ask, &mut |_| {
            // A slow machine takes smaller chunks: not so many minutes that the caller's token ends.
            if minutes < 30 {
                minutes += 1;
                world.clock.advance(60_000_000);
            }
        })
        .unwrap();
    let shown = state(&world, &head, &done.id);
    assert!(shown.ended_at > shown.started_at, "{:?}", shown.started_at);
    let newest = all(&world, &head).remove(0);
    assert!(newest.created_at > shown.started_at.unwrap(), "{}", newest.created_at);
    world.assert_sound();
}

#[test]
fn a_file_that_is_too_long_or_broken_leaves_nothing() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let engine = world.engine();
    let ask = NewImport { name: "a.csv".into(), ..NewImport::default() };
    let upload = |bytes: &[u8]| {
        let mut upload = engine.begin_upload(&head, &ask).unwrap();
        upload.push(bytes).and_then(|()| upload.end(&head).map(drop)).err().map(|fault| fault.key)
    };
    assert_eq!(upload(b"name\n"), Some("import_empty"));
    assert_eq!(upload(b"name\n\x00\n"), Some("import_nul"));
    assert!(engine.imports(&head, None, None).unwrap().items.is_empty());
    let other = world.caller("CDU", None);
    assert_eq!(engine.begin_upload(&other, &ask).err().unwrap().key, "action_not_allowed");
}

/// A file that says nothing of who is an enterprise, and what became of its rows.
fn unsaid(world: &World, caller: &Caller, rows: &[(&str, &str)]) -> Imported {
    let lines: String = rows.iter().map(|(name, phone)| format!("{name},{phone}\n")).collect();
    import(world, caller, &format!("企业名称,电话\n{lines}"), Duplicates::Skip)
}

fn alike(field: &str, code: &str, value: Option<&str>) -> Alike {
    Alike { field: Some(field.into()), code: code.into(), value: value.map(str::to_owned) }
}

const REQUIRED: &str = "1001001002";

#[test]
fn a_field_that_no_column_has_is_said_of_a_row() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let done = unsaid(&world, &head, &[("示例甲", ""), ("示例乙有限公司", "")]);
    assert_eq!((done.imported, done.rejected), (0, 2));
    let engine = world.engine();
    let page = engine.import_problems(&head, &done.id, None, None).unwrap();
    let proposals: Vec<_> = page.items.iter().map(|row| row.problems[0].proposal.as_deref()).collect();
    assert_eq!(proposals, [None, Some("A")]);
    let say = |row, field: &str, text: &str| {
        let fields = BTreeMap::from([(field.to_owned(), text.to_owned())]);
        engine.mend_import_row(&head, &done.id, row, &RowMend { fields, ..RowMend::default() })
    };
    assert_eq!(say(2, "phone", "1").err().unwrap().key, "import_field_in_column");
    assert_eq!(say(2, "colour", "红").err().unwrap().key, "import_field_unknown");
    assert_eq!(say(2, "subject", "谁").unwrap().outcome, "problem");
    let kept = engine.import_problems(&head, &done.id, None, Some(1)).unwrap();
    assert_eq!(kept.items[0].fields["subject"], "谁");
    assert_eq!(say(2, "subject", "个人").unwrap().outcome, "imported");
    assert_eq!(all(&world, &head)[0].fields.get("subject").unwrap(), "B");
    world.assert_sound();
}

#[test]
fn rows_with_the_same_problem_are_mended_together_and_undone_with_the_import() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let engine = world.engine();
    // More than one step: 250 that a proposal mends, one that it does not, and two with the same wrong phone.
    let names: Vec<String> = (0..250).map(|n| format!("示例{n}有限公司")).collect();
    let mut rows: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    rows.extend([("示例甲", ""), ("示例丙有限公司", "无此号"), ("示例丁有限公司", "无此号")]);
    let done = unsaid(&world, &head, &rows);
    assert_eq!(done.rejected, 253);
    let classes = engine.import_problem_classes(&head, &done.id).unwrap();
    let shown: Vec<_> = classes
        .items
        .iter()
        .map(|class| (class.problem.field.as_deref().unwrap(), class.first, class.rows, class.proposals))
        .collect();
    assert_eq!(shown, [("subject", 2, 251, 250), ("phone", 253, 2, 0)]);
    let phone = &classes.items[1];
    assert_eq!((phone.values[0].value.as_str(), phone.values[0].rows), ("无此号", 2));
    assert_eq!((classes.looked, classes.more), (253, false));

    // Somebody mends one of them meanwhile: it is no longer of the class.
    let fields = BTreeMap::from([("subject".to_owned(), "C".to_owned())]);
    let one = RowMend { fields, ..RowMend::default() };
    assert_eq!(engine.mend_import_row(&head, &done.id, 3, &one).unwrap().outcome, "imported");
    let of = alike("subject", REQUIRED, None);
    let (mut after, mut steps, mut taken) = (None, 0, 0);
    loop {
        let step = engine.mend_import_alike(&head, &done.id, &of, &MendAlike::Adopt, after).unwrap();
        assert!(step.rows <= 100 && step.rows == step.imported);
        (steps, taken, after) = (steps + 1, taken + step.imported, step.next);
        if after.is_none() {
            break;
        }
    }
    assert_eq!((steps, taken), (3, 249));
    let of_row = Alike { field: None, code: REQUIRED.into(), value: None };
    let fault = engine.mend_import_alike(&head, &done.id, &of_row, &MendAlike::Adopt, None).err().unwrap();
    assert_eq!(fault.key, "import_problem_of_row");

    // The others: one value for all that have the same wrong one, what is left is passed over.
    let of = alike("phone", &phone.problem.code, Some("无此号"));
    let put = MendAlike::Replace(String::new());
    let step = engine.mend_import_alike(&head, &done.id, &of, &put, None).unwrap();
    assert_eq!((step.rows, step.imported, step.problems, step.next), (2, 0, 2, None));
    let nothing = engine.mend_import_alike(&head, &done.id, &of, &put, None).unwrap();
    assert_eq!((nothing.rows, nothing.next), (0, None));
    let of = alike("subject", REQUIRED, None);
    let put = MendAlike::Replace("企业".into());
    assert_eq!(engine.mend_import_alike(&head, &done.id, &of, &put, Some(253)).unwrap().imported, 1);
    let step = engine.mend_import_alike(&head, &done.id, &of, &MendAlike::Skip, None).unwrap();
    assert_eq!((step.rows, step.skipped), (2, 2));
    let shown = state(&world, &head, &done.id);
    assert_eq!((shown.imported, shown.rejected, shown.skipped, shown.mended), (251, 0, 2, 251));
    world.assert_sound();
    assert_eq!(counts(&undone(&world, &head, &done.id)), (251, 0, 0));
    let fault = engine.mend_import_alike(&head, &done.id, &of, &MendAlike::Skip, None).err().unwrap();
    assert_eq!(fault.key, "import_state");
    world.assert_sound();
}

#[test]
fn rows_that_go_over_the_same_record_come_one_after_the_other() {
    let world = World::new();
    let head = world.caller("CDO", None);
    let text = [HEADER, &line("", A, "示例路1号"), &line("", A, "示例路2号")].concat();
    let done = import(&world, &head, &text, Duplicates::Update);
    assert_eq!(done.rejected, 2);
    let (of, put) = (alike("name", REQUIRED, None), MendAlike::Replace("示例一".into()));
    let step = world.engine().mend_import_alike(&head, &done.id, &of, &put, None).unwrap();
    assert_eq!((step.rows, step.imported, step.next), (1, 1, Some(2)));
    let step = world.engine().mend_import_alike(&head, &done.id, &of, &put, step.next).unwrap();
    assert_eq!((step.rows, step.updated, step.next), (1, 1, None));
    assert!(address(&all(&world, &head)[0]).contains("示例路2号"));
    world.assert_sound();
}
