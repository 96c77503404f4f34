//! Killed at random moments: what was acknowledged is there, nothing is half there, the ledger verifies.
//!
//! The test program starts itself as the process that is killed. `DOSSIER_FAULT_ROUNDS` sets how often each kind of
//! work is killed (15 when not set: 75 kills in all).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{customer, fields};
use dossier_engine::{
    Alike, Caller, Decision, Duplicates, Engine, Import, Leave, Leaving, ListQuery, MendAlike, OpenOptions,
    Origin, Reveal, RowMend, Search, VerifyOptions,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const WORK: &str = "DOSSIER_KILLED_WORK";
const FOLDER: &str = "DOSSIER_KILLED_FOLDER";
const ROWS: usize = 4_000;
/// Rows of the file that is looked after; of so many the name is missing, and so many stand in it twice.
const FEW: usize = 300;
const ODD: usize = 25;
const NAME: &str = "企业名称";
/// Dossiers that somebody answers for.
const DOSSIERS: usize = 60;

fn open(folder: &Path) -> Engine {
    let options = OpenOptions {
        data: folder.join("data"),
        store: common::store(folder),
        keystore: Some(folder.join("root.keystore")),
        ..OpenOptions::default()
    };
    Engine::open_folder(&options).unwrap()
}

/// A caller with this role, who is added on first use.
fn caller(engine: &Engine, folder: &Path) -> Caller {
    let path = folder.join("credentials");
    let (id, secret) = match std::fs::read_to_string(&path) {
        Ok(text) => text.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap(),
        Err(_) => {
            let operator = engine.operator(&Origin::default(), 0, None).unwrap();
            let client = engine.add_client(&operator, "head", &["CDO"], None).unwrap();
            std::fs::write(&path, format!("{} {}", client.client_id, client.client_secret)).unwrap();
            (client.client_id, client.client_secret)
        }
    };
    let token = engine.sign_in(&Origin::default(), &id, &secret).unwrap();
    engine.caller(&Origin::default(), &token.access_token).unwrap()
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ACK {line}").unwrap();
    out.flush().unwrap();
}

/// The process that is killed. Does nothing when it is run as a test among others.
#[test]
fn child() {
    let (Ok(work), Ok(folder)) = (std::env::var(WORK), std::env::var(FOLDER)) else { return };
    let folder = PathBuf::from(folder);
    let engine = open(&folder);
    let head = caller(&engine, &folder);
    let _background = engine.background();
    say("ready");
    match work.as_str() {
        "create" => loop {
            let record =
                engine.create(&head, &customer(json!({"name": "新客户有限公司", "subject": "A"}))).unwrap();
            say(&record.record.id);
        },
        "change" => {
            let record = engine.create(&head, &customer(common::firm()));
            let id = match record {
                Ok(done) => done.record.id,
                Err(_) => engine.search(&head, &Search::of("91350100M000100Y43")).unwrap().items.remove(0).id,
            };
            for at in 0.. {
                let now = engine.read(&head, "customer", &id, false).unwrap();
                let mut change = common::change(&now, json!({}));
                change.fields = fields(json!({"remarks": format!("第 {at} 次")}));
                let done = engine.change(&head, &change).unwrap().done().unwrap();
                say(&format!("{id} {}", done.record.version));
                let ask = Reveal {
                    kind: "customer".into(),
                    id: id.clone(),
                    field: "phone".into(),
                    purpose: "联系客户".into(),
                    how: dossier_engine::Opening::Look,
                };
                if let Ok(shown) = engine.reveal(&head, &ask) {
                    say(&format!("entry {}", shown.entry));
                }
            }
        }
        "rotate" => loop {
            let record =
                engine.create(&head, &customer(json!({"name": "新客户有限公司", "subject": "A"}))).unwrap();
            say(&record.record.id);
            engine.rotate_keys(&head, true).unwrap().done().unwrap();
        },
        "import" => {
            let operator = engine.operator(&Origin::default(), 0, None).unwrap();
            let ask = Import { file: folder.join("in.csv"), ..Import::default() };
            let done = engine.import(&operator, &ask, &mut |_| {}).unwrap();
            say(&format!("done {} {}", done.imported, done.rejected));
        }
        "looked_after" => look_after(&engine, &folder),
        "handed_over" => hand_over(&engine, &head),
        other => panic!("no such work: {other}"),
    }
}

/// Takes a file in, mends and decides on what it put aside, and takes all of it back: from wherever it stands.
fn look_after(engine: &Engine, folder: &Path) {
    let operator = engine.operator(&Origin::default(), 0, None).unwrap();
    let file = folder.join("in.csv");
    let ask = Import { file, duplicates: Duplicates::Review, ..Import::default() };
    loop {
        let now = engine.imports(&operator, None, None).unwrap().items.into_iter().next();
        match now.as_ref().map(|import| (import.state, import.id.as_str())) {
            None | Some(("running", _)) => drop(engine.import(&operator, &ask, &mut |_| {}).unwrap()),
            Some(("done", id)) => {
                let problems = engine.import_problems(&operator, id, None, Some(1)).unwrap().items;
                let reviews = engine.import_duplicates(&operator, id, true, None, Some(1)).unwrap().items;
                if let Some(row) = problems.first().filter(|row| row.row % 4 == 0) {
                    // All that are left, together.
                    let problem = &row.problems[0];
                    let of = Alike { field: problem.field.clone(), code: problem.code.clone(), value: None };
                    let mend = MendAlike::Replace("示例客户有限公司".to_owned());
                    let done = engine.mend_import_alike(&operator, id, &of, &mend, None).unwrap();
                    assert_eq!((done.rows, done.next), (done.imported, None));
                    say(&format!("row {}", row.row));
                } else if let Some(row) = problems.first() {
                    let cells = BTreeMap::from([(NAME.to_owned(), "示例客户有限公司".to_owned())]);
                    let mend = RowMend { cells, ..RowMend::default() };
                    let mended = engine.mend_import_row(&operator, id, row.row, &mend).unwrap();
                    assert_eq!(mended.outcome, "imported");
                    say(&format!("row {}", row.row));
                } else if let Some(row) = reviews.first() {
                    let decision = if row.row % 2 == 0 { Decision::Skip } else { Decision::Update };
                    engine.decide_import_row(&operator, id, row.row, decision).unwrap();
                    say(&format!("row {}", row.row));
                } else {
                    engine.undo_import(&operator, id).unwrap().done().unwrap();
                }
            }
            Some(("undoing", id)) => engine.finish_import_undo(id, &|| false, &mut |_| {}).unwrap(),
            Some(_) => return say("undone"),
        }
    }
}

/// Those who answer for dossiers leave, one after the other, and the next one takes over what they answered for.
fn hand_over(engine: &Engine, head: &Caller) {
    let operator = engine.operator(&Origin::default(), 0, None).unwrap();
    let named = |at: usize| format!("示例{}", at % 2);
    for at in 0..2 {
        if !engine.has_user(&named(at)).unwrap() {
            engine.add_user(&operator, &named(at), &["CDE"], None).unwrap().done().unwrap();
        }
    }
    if all_ids(engine, head).is_empty() {
        for _ in 0..DOSSIERS {
            let record = engine.create(head, &customer(json!({"name": "新客户有限公司", "subject": "A"})));
            let mut ask = common::change(&record.unwrap().record, json!({}));
            ask.owner = Some(named(0));
            engine.change(head, &ask).unwrap().done().unwrap();
        }
    }
    let _worker = engine.import_worker();
    for at in 0.. {
        let leave = Leave { successor: Some(named(at + 1)), ..Leave::of(Leaving::Seconded) };
        engine.leave(head, &named(at), &leave).unwrap();
        say(&format!("left {}", named(at)));
        let heir = engine.operator(&Origin::default(), 0, Some(&named(at + 1))).unwrap();
        for one in engine.hand_overs(&heir, false).unwrap() {
            if one.state == "waiting" {
                engine.take_over(&heir, &one.id).unwrap().done().unwrap();
                say(&format!("taken {}", one.id));
            }
        }
        while engine.hand_overs(head, true).unwrap().iter().any(|one| one.state == "running") {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

fn start(work: &str, folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(WORK, work)
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Runs the work, kills it after a random time, and gives what it acknowledged.
fn killed(work: &str, folder: &Path, after: Duration) -> Vec<String> {
    let mut child = start(work, folder);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = Vec::new();
    let ready = |line: &str| line.contains("ACK ready");
    for line in lines.by_ref().map_while(Result::ok) {
        if ready(&line) {
            break;
        }
    }
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    for line in lines.map_while(Result::ok) {
        if let Some((_, said)) = line.split_once("ACK ") {
            acknowledged.push(said.to_owned());
        }
    }
    acknowledged
}

fn rounds() -> u64 {
    std::env::var("DOSSIER_FAULT_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(15)
}

/// A moment that differs from round to round, and is the same in each run.
fn moment(round: u64) -> Duration {
    Duration::from_micros((round.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) % 120_000)
}

/// Later rounds are given more time, so that work which goes on comes to its end on a busy machine too.
fn longer(round: u64) -> u32 {
    2 + u32::try_from(round * 6 / rounds()).unwrap()
}

fn sound(engine: &Engine) {
    let operator = engine.operator(&Origin::default(), 0, None).unwrap();
    let options = VerifyOptions { deep: true, ..VerifyOptions::default() };
    let report = engine.verify(&operator, &options, &mut |_, _, _| {}).unwrap();
    assert!(report.ok, "{:?}", report.problems);
}

/// Kills this work again and again; `check` is given the reopened engine and what was acknowledged.
fn each_round(work: &str, check: impl Fn(&Engine, &Caller, &[String])) {
    let folder = tempfile::TempDir::new().unwrap();
    if work == "import" {
        write_rows(folder.path());
    }
    for round in 0..rounds() {
        let acknowledged = killed(work, folder.path(), moment(round));
        let started = Instant::now();
        let engine = open(folder.path());
        let head = caller(&engine, folder.path());
        assert!(started.elapsed() < Duration::from_secs(5), "ready after {:?}", started.elapsed());
        check(&engine, &head, &acknowledged);
        sound(&engine);
    }
}

fn write_rows(folder: &Path) {
    let today = dossier_engine::model::Day::from_ymd(2026, 11, 22).unwrap();
    let made_up = dossier_engine::model::generate::Generator::new(7, today);
    let mut text = String::new();
    let header: Vec<String> =
        dossier_engine::model::generate::CUSTOMER_COLUMNS.iter().map(ToString::to_string).collect();
    dossier_engine::model::generate::csv_line(&header, &mut text);
    for at in 0..ROWS {
        dossier_engine::model::generate::csv_line(&made_up.customer_cells(at as u64), &mut text);
    }
    std::fs::write(folder.join("in.csv"), text).unwrap();
}

fn all_ids(engine: &Engine, head: &Caller) -> BTreeSet<String> {
    let mut query = ListQuery { kind: "customer".into(), limit: Some(100), ..ListQuery::default() };
    let mut ids = BTreeSet::new();
    loop {
        let page = engine.list(head, &query).unwrap();
        ids.extend(page.items.into_iter().map(|record| record.id));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return ids,
        }
    }
}

#[test]
fn every_created_dossier_that_was_acknowledged_is_there() {
    each_round("create", |engine, head, acknowledged| {
        let ids = all_ids(engine, head);
        assert!(acknowledged.iter().all(|id| ids.contains(id)));
    });
}

#[test]
fn every_change_and_reveal_that_was_acknowledged_is_there() {
    each_round("change", |engine, head, acknowledged| {
        for said in acknowledged {
            match said.split_once(' ').unwrap() {
                ("entry", entry) => drop(engine.proof(head, entry).unwrap()),
                (id, version) => {
                    let record = engine.read(head, "customer", id, false).unwrap();
                    assert!(record.version >= version.parse().unwrap());
                }
            }
        }
    });
}

#[test]
fn a_rotation_that_was_cut_off_is_ended_and_everything_opens() {
    each_round("rotate", |engine, head, acknowledged| {
        let ids = all_ids(engine, head);
        assert!(acknowledged.iter().all(|id| ids.contains(id)));
    });
}

#[test]
fn an_import_that_was_cut_off_goes_on_and_neither_repeats_nor_skips() {
    let new = || {
        let folder = tempfile::TempDir::new().unwrap();
        write_rows(folder.path());
        folder
    };
    let mut folder = new();
    let whole = ROWS as u64;
    let mut files = 0;
    for round in 0..rounds() {
        let acknowledged = killed("import", folder.path(), moment(round) * longer(round) * 2);
        let engine = open(folder.path());
        sound(&engine);
        let head = caller(&engine, folder.path());
        let query = ListQuery { kind: "customer".into(), ..ListQuery::default() };
        let count = engine.count(&head, &query).unwrap();
        assert!(count <= whole, "{count} of {whole}");
        let done = acknowledged.iter().find_map(|said| said.strip_prefix("done "));
        let operator = engine.operator(&Origin::default(), 0, None).unwrap();
        let import = engine.imports(&operator, None, None).unwrap().items.into_iter().next();
        // It may be killed between its last write and its word of it.
        if let Some(import) = import.filter(|import| import.state == "done") {
            assert_eq!((import.imported, import.rejected, count), (whole, 0, whole));
            assert!(done.is_none_or(|done| done == format!("{whole} 0")), "{done:?}");
            files += 1;
            // The next file goes into a store of its own.
            drop((engine, head));
            folder = new();
        } else {
            assert_eq!(done, None);
        }
    }
    if files == 0 {
        // However slow the machine is: the last one is let be.
        start("import", folder.path()).wait().unwrap();
        let engine = open(folder.path());
        let operator = engine.operator(&Origin::default(), 0, None).unwrap();
        let import = engine.imports(&operator, None, None).unwrap().items.remove(0);
        assert_eq!((import.state, import.imported, import.rejected), ("done", whole, 0));
    }
}

fn write_odd_rows(folder: &Path) {
    let today = dossier_engine::model::Day::from_ymd(2026, 11, 22).unwrap();
    let made_up = dossier_engine::model::generate::Generator::new(8, today);
    let header: Vec<String> =
        dossier_engine::model::generate::CUSTOMER_COLUMNS.iter().map(ToString::to_string).collect();
    let name = header.iter().position(|column| column == NAME).unwrap();
    let scope = header.iter().position(|column| column == "经营范围").unwrap();
    let mut text = String::new();
    dossier_engine::model::generate::csv_line(&header, &mut text);
    for (row, at) in (0..FEW).chain(0..ODD).enumerate() {
        let mut cells = made_up.customer_cells(at as u64);
        if at >= FEW - ODD {
            cells[name].clear();
        }
        if row >= FEW {
            cells[scope] = "更新".to_owned();
        }
        dossier_engine::model::generate::csv_line(&cells, &mut text);
    }
    std::fs::write(folder.join("in.csv"), text).unwrap();
}

#[test]
fn mending_deciding_and_undoing_go_on_wherever_they_were_cut_off() {
    let new = || {
        let folder = tempfile::TempDir::new().unwrap();
        write_odd_rows(folder.path());
        folder
    };
    let mut folder = new();
    let mut undone = 0;
    for round in 0..rounds() {
        let acknowledged = killed("looked_after", folder.path(), moment(round) * longer(round));
        let engine = open(folder.path());
        sound(&engine);
        let operator = engine.operator(&Origin::default(), 0, None).unwrap();
        let head = caller(&engine, folder.path());
        let count =
            engine.count(&head, &ListQuery { kind: "customer".into(), ..ListQuery::default() }).unwrap();
        let imports = engine.imports(&operator, None, None).unwrap().items;
        assert!(imports.len() <= 1);
        let Some(now) = imports.first() else { continue };
        // Each row counts once, and each that is taken in is there once.
        assert_eq!(now.imported + now.updated + now.rejected + now.duplicate + now.skipped, now.rows);
        let removed = now.undo.as_ref().map_or(0, |undo| undo.removed);
        assert_eq!(count + removed, now.imported);
        let problems = engine.import_problems(&operator, &now.id, None, Some(100)).unwrap().items;
        let reviews = engine.import_duplicates(&operator, &now.id, true, None, Some(100)).unwrap().items;
        if now.undo.is_none() {
            assert_eq!((problems.len() as u64, reviews.len() as u64), (now.rejected, now.duplicate));
        }
        let waiting: BTreeSet<u64> =
            problems.iter().map(|row| row.row).chain(reviews.iter().map(|row| row.row)).collect();
        for row in acknowledged.iter().filter_map(|said| said.strip_prefix("row ")) {
            assert!(!waiting.contains(&row.parse().unwrap()), "row {row} waits again");
        }
        if now.state == "undone" {
            let undo = now.undo.as_ref().unwrap();
            assert_eq!((undo.removed, undo.left, count), (FEW as u64, 0, 0));
            undone += 1;
            drop((engine, operator, head));
            folder = new();
        }
    }
    if undone == 0 {
        // However slow the machine is: the last one is let be.
        start("looked_after", folder.path()).wait().unwrap();
        let engine = open(folder.path());
        let operator = engine.operator(&Origin::default(), 0, None).unwrap();
        assert_eq!(engine.imports(&operator, None, None).unwrap().items.remove(0).state, "undone");
    }
}

#[test]
fn dossiers_that_were_on_their_way_to_another_owner_all_come_there() {
    let count = std::cell::Cell::new(0_usize);
    each_round("handed_over", |engine, head, acknowledged| {
        count.set(count.get() + acknowledged.iter().filter(|said| said.starts_with("taken ")).count());
        all_come_there(engine, head);
    });
    if count.get() == 0 {
        // However slow the machine is: one is waited for.
        let folder = tempfile::TempDir::new().unwrap();
        let mut child = start("handed_over", folder.path());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("ACK taken ")), "nothing was ever taken over");
        child.kill().unwrap();
        child.wait().unwrap();
        let engine = open(folder.path());
        all_come_there(&engine, &caller(&engine, folder.path()));
    }
}

/// What was taken over goes on by itself, or was done before; each dossier has somebody who answers for it: whoever was
/// handed it, or whose hand-over is open.
fn all_come_there(engine: &Engine, head: &Caller) {
    let hand_overs = || engine.hand_overs(head, true).unwrap();
    let worker = engine.import_worker();
    let begun = Instant::now();
    while hand_overs().iter().any(|one| one.state == "running") {
        assert!(begun.elapsed() < Duration::from_secs(60), "it is never done");
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(worker);
    let open = hand_overs();
    let ids = all_ids(engine, head);
    for id in &ids {
        let record = engine.read(head, "customer", id, false).unwrap();
        assert!(record.owner.is_some() || ids.len() < DOSSIERS, "{id} {}", record.version);
    }
    for one in &open {
        assert_eq!((one.state, one.moved), ("waiting", 0), "all of one is taken, or nothing");
    }
}
