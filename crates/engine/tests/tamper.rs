//! Whoever edits what is stored is refused on read, or found by a deep verification.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{World, change, files, firm};
use dossier_engine::{Engine, Reveal, VerifyOptions};
use rusqlite::Connection;
use rusqlite::types::Value;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// Mechanics that give nobody a right and show nobody a value; what protects them stands in SECURITY.md.
const MECHANICS: [&str; 9] =
    ["quota_use", "sequence", "cursor", "lease", "idempotency", "job", "fresh_run", "session", "login"];

/// A small store with something of everything, closed after its last checkpoint.
fn furnished() -> World {
    let mut world = World::embedded();
    let engine = world.engine().clone();
    let background = engine.background();
    engine.add_team(&world.operator(), "华东").unwrap();
    engine.add_user(&world.operator(), "示例用户", "CDO", None).unwrap();
    let head = world.caller("CDO", None);
    let record = world.create(&head, firm());
    engine.change(&head, &change(&record, json!({"phone": "15400000001"}))).unwrap();
    let mut contact = common::customer(json!({"name": "王示例", "mobile": "15400001234"}));
    (contact.kind, contact.dossier) = ("contact".into(), Some(record.id.clone()));
    engine.create(&head, &contact).unwrap();
    for at in 0..300 {
        world.create(&head, json!({"name": format!("第{at}有限公司"), "subject": "A"}));
    }
    let ask = Reveal {
        kind: "customer".into(),
        id: record.id,
        field: "phone".into(),
        purpose: "核对资料".into(),
        copy: false,
    };
    engine.reveal(&head, &ask).unwrap();
    drop(background);
    world.close();
    drop(engine);
    world
}

/// Whether opening or verifying finds something wrong.
fn found(world: &World) -> bool {
    let Ok(engine) = Engine::open_folder(&world.options()) else { return true };
    let caller = engine.operator(&dossier_engine::Origin::default(), 0, None).unwrap();
    let options = VerifyOptions { deep: true, ..VerifyOptions::default() };
    engine.verify(&caller, &options, &mut |_, _, _| {}).map_or(true, |report| !report.ok)
}

fn database(world: &World) -> PathBuf {
    world.data().join("store.db")
}

/// The folder's content, to be put back after each edit.
struct Copy(Vec<(PathBuf, Vec<u8>)>, PathBuf);

impl Copy {
    fn of(world: &World) -> Copy {
        Connection::open(database(world)).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        Copy(files(&world.data()), world.data())
    }

    fn put_back(&self) {
        for (path, _) in files(&self.1) {
            if !self.0.iter().any(|(kept, _)| *kept == path) {
                fs::remove_file(path).unwrap();
            }
        }
        for (path, bytes) in &self.0 {
            if path.file_name().is_some_and(|name| name == "reserve") {
                continue;
            }
            fs::write(path, bytes).unwrap();
        }
    }
}

fn other(value: &Value) -> Value {
    match value {
        Value::Null => Value::Text("x".into()),
        Value::Integer(number) => Value::Integer(number ^ 1),
        Value::Real(number) => Value::Real(number + 1.0),
        Value::Text(text) => Value::Text(text.replace(|c: char| c.is_ascii_digit(), "7") + "x"),
        Value::Blob(bytes) => {
            let mut bytes = bytes.clone();
            let middle = bytes.len() / 2;
            if let Some(byte) = bytes.get_mut(middle) {
                *byte ^= 1;
            }
            Value::Blob(bytes)
        }
    }
}

fn columns(db: &Connection, table: &str) -> Vec<String> {
    let mut statement = db.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn tables(db: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
    let mut statement = db.prepare(sql).unwrap();
    let all: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    all.into_iter().filter(|table| !MECHANICS.contains(&table.as_str())).collect()
}

/// First, a middle and the last row of a table.
fn some_rows(db: &Connection, table: &str) -> Vec<Vec<Value>> {
    let width = columns(db, table).len();
    let mut statement = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let rows: Vec<Vec<Value>> = statement
        .query_map([], |row| (0..width).map(|at| row.get(at)).collect())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let picked = [0, rows.len() / 2, rows.len().saturating_sub(1)];
    let mut out: Vec<Vec<Value>> = picked.iter().filter_map(|at| rows.get(*at).cloned()).collect();
    out.dedup();
    out
}

fn clause(names: &[String]) -> String {
    let parts: Vec<String> =
        names.iter().enumerate().map(|(at, name)| format!("{name} IS ?{}", at + 2)).collect();
    parts.join(" AND ")
}

#[test]
fn a_changed_value_in_any_column_of_any_row_is_refused_or_found() {
    let world = furnished();
    assert!(!found(&world), "the store is sound before anything is edited");
    let copy = Copy::of(&world);
    let (names, mut tried, mut missed) =
        (tables(&Connection::open(database(&world)).unwrap()), 0, Vec::new());
    for table in &names {
        let db = Connection::open(database(&world)).unwrap();
        let (columns, rows) = (columns(&db, table), some_rows(&db, table));
        drop(db);
        for row in &rows {
            for (at, column) in columns.iter().enumerate() {
                let db = Connection::open(database(&world)).unwrap();
                let mut values = vec![other(&row[at])];
                values.extend(row.iter().cloned());
                let sql = format!("UPDATE OR IGNORE {table} SET {column} = ?1 WHERE {}", clause(&columns));
                // A column that cannot hold such a value is none that somebody can edit so.
                let edited = db.execute(&sql, rusqlite::params_from_iter(values)).unwrap_or(0);
                drop(db);
                if edited == 1 {
                    tried += 1;
                    if !found(&world) {
                        missed.push(format!("{table}.{column}"));
                    }
                }
                copy.put_back();
            }
            let db = Connection::open(database(&world)).unwrap();
            let mut values = vec![Value::Null];
            values.extend(row.iter().cloned());
            let sql = format!("DELETE FROM {table} WHERE ?1 IS NULL AND {}", clause(&columns));
            assert_eq!(db.execute(&sql, rusqlite::params_from_iter(values)).unwrap(), 1);
            drop(db);
            tried += 1;
            if !found(&world) {
                missed.push(format!("{table}: a row less"));
            }
            copy.put_back();
        }
    }
    missed.dedup();
    assert!(missed.is_empty(), "{} of {tried}: {missed:?}", missed.len());
    assert!(tried > 150, "only {tried} edits were tried");
}

#[test]
fn rows_that_change_places_or_go_back_in_time_are_refused_or_found() {
    let world = furnished();
    let copy = Copy::of(&world);
    for sql in [
        "UPDATE row SET container = (SELECT container FROM row WHERE id = 5) WHERE id = 4",
        "UPDATE row SET team = 7 WHERE id = 4",
        "UPDATE row SET container = v.container, version = v.version, changed = v.changed FROM version v WHERE v.id = row.id",
        "DELETE FROM version",
        "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE domain = 5) WHERE domain = 4",
        "UPDATE head SET size = size - 1",
        "DELETE FROM change_log WHERE id = (SELECT max(id) FROM change_log)",
        "UPDATE system SET body = (SELECT body FROM system_version s WHERE s.kind = 'policy' AND s.version = 1), version = 1 WHERE kind = 'policy'",
    ] {
        assert!(Connection::open(database(&world)).unwrap().execute(sql, []).unwrap() > 0, "{sql}");
        assert!(found(&world), "{sql}");
        copy.put_back();
    }
}

#[test]
fn a_session_put_in_by_hand_opens_nothing() {
    let mut world = furnished();
    let token = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    world.open();
    let client = world.engine().clients(&world.operator_as("示例用户")).unwrap().remove(0).client_id;
    world.close();
    let subject = dossier_engine::model::Uid::parse_typeid("cli", &client).unwrap();
    let hash = dossier_crypto::sha256(&[0; 32]);
    Connection::open(database(&world))
        .unwrap()
        .execute(
            "INSERT INTO session VALUES (1, ?1, ?2, 2, 0, 9000000000000000, ?3)",
            rusqlite::params![hash, subject.0, [0u8; 16]],
        )
        .unwrap();
    world.open();
    let fault = world.engine().caller(&dossier_engine::Origin::default(), token).err().unwrap();
    assert_eq!(fault.key, "unauthenticated");
}

#[test]
fn a_flipped_byte_in_the_access_log_or_the_keyring_is_refused_or_found() {
    let world = furnished();
    let copy = Copy::of(&world);
    for name in ["access/1/log", "access/1/checkpoint", "keyring"] {
        let path = world.data().join(name);
        let bytes = fs::read(&path).unwrap();
        let step = (bytes.len() / 60).max(1);
        for at in (0..bytes.len()).step_by(step) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&path, &changed).unwrap();
            assert!(found(&world), "{name}: byte {at} of {}", bytes.len());
            copy.put_back();
        }
        for length in [0, bytes.len() / 2, bytes.len() - 1] {
            fs::write(&path, &bytes[..length]).unwrap();
            assert!(found(&world), "{name}: cut to {length} of {}", bytes.len());
            copy.put_back();
        }
    }
}

#[test]
fn an_anchor_kept_elsewhere_shows_a_log_that_was_put_back() {
    let mut world = furnished();
    let old = Copy::of(&world);
    world.open();
    let head = world.operator_as("示例用户");
    world.engine().add_team(&head, "华南").unwrap();
    let anchor = world.engine().checkpoint(&head, "change").unwrap();
    world.close();
    old.put_back();
    world.open();
    let verify = |world: &World, anchor: &str| {
        let options = VerifyOptions { against: vec![anchor.to_owned()], deep: false };
        world.engine().verify(&world.operator(), &options, &mut |_, _, _| {}).unwrap()
    };
    let report = verify(&world, &anchor);
    assert!(!report.ok && report.problems[0].contains("fewer entries"), "{:?}", report.problems);
    let forged = anchor.replace("change\n", "change\n1");
    assert!(!verify(&world, &forged).ok);
    let _: &Path = world.folder.path();
}
