//! What was once right, put back: one row, one record, one table, a log, a file, a folder, all of it.

use super::db::{bytes_of, hex};
use super::place::{Place, Verdict};
use super::rows::MECHANICS;
use crate::{spread, times};
use dossier_store::merkle::{self, Tree};
use std::collections::BTreeMap;
use std::fs;

#[test]
fn a_table_as_it_was_is_refused_or_found() {
    let place = Place::furnished();
    let (mut tried, mut unnoticed) = (0, Vec::new());
    for table in place.db.tables() {
        let now = place.db.rows(&table);
        place.db.run(&back(&table)).unwrap();
        if place.db.rows(&table) == now {
            continue;
        }
        tried += 1;
        let verdict = place.judge(&format!("{table} as it was"));
        // Tokens that were moved into their table since are the same ones twice.
        let same = MECHANICS.contains(&table.as_str()) || table.ends_with("_fresh");
        if verdict > Verdict::Found && !same {
            unnoticed.push((table, verdict));
        }
    }
    assert!(unnoticed.is_empty(), "of {tried}: {unnoticed:?}");
    assert!(tried > 12, "only {tried} tables have changed");
}

fn back(table: &str) -> String {
    format!("DELETE FROM `{table}`; INSERT INTO `{table}` SELECT * FROM {{old}}.`{table}`;")
}

/// Several tables at once, as somebody does who knows what belongs together.
#[test]
fn tables_that_belong_together_as_they_were_are_refused_or_found() {
    let place = Place::furnished();
    for together in [
        &["system", "system_version"][..],
        &["system", "system_version", "session", "login"],
        &["row", "version", "data_key", "token", "uniq"],
        &["row", "version", "data_key", "token", "uniq", "token_fresh", "uniq_fresh", "bucket"],
        &["change_log", "tile", "head"],
        &["change_log", "tile", "head", "cursor"],
        &["change_log", "tile", "head", "system", "system_version", "cursor"],
        &[
            "change_log",
            "tile",
            "head",
            "row",
            "version",
            "token",
            "uniq",
            "token_fresh",
            "uniq_fresh",
            "cursor",
        ],
    ] {
        let tables = place.db.tables();
        let sql: String =
            together.iter().filter(|t| tables.iter().any(|has| has == *t)).map(|t| back(t)).collect();
        place.db.run(&sql).unwrap();
        let verdict = place.judge(&format!("{together:?} as they were"));
        assert!(verdict <= Verdict::Found, "{together:?}: {verdict:?}");
    }
}

/// One record: its row, its versions, with tokens, with its key.
#[test]
fn a_record_as_it_was_is_refused_or_found() {
    let place = Place::furnished();
    // The number of a record is the key of its row in the file, elsewhere a column of its own.
    let key = place.db.columns("row").into_iter().find(|column| column == "rid").unwrap_or("id".into());
    let records = place.db.numbers(&format!(
        "SELECT n.{key} AS n FROM {{new}}.`row` n JOIN {{old}}.`row` o ON o.record = n.record \
         WHERE o.version < n.version"
    ));
    assert!(records.len() >= 2, "{records:?}");
    for record in records {
        let was = |table: &str, column: &str| {
            format!(
                "DELETE FROM `{table}` WHERE {column} = {record}; \
                 INSERT INTO `{table}` SELECT * FROM {{old}}.`{table}` WHERE {column} = {record};"
            )
        };
        let has = place.db.tables();
        let tokens = ["token", "uniq", "token_fresh", "uniq_fresh"].into_iter();
        let tokens: String = tokens
            .filter(|table| has.iter().any(|name| name == table))
            .map(|table| was(table, "rid"))
            .collect();
        let (row, versions, key) = (was("row", &key), was("version", &key), was("data_key", "domain"));
        for (what, sql) in [
            ("row", row.clone()),
            ("versions", versions.clone()),
            ("row, versions", [&row[..], &versions].concat()),
            ("row, versions, tokens", [&row[..], &versions, &tokens].concat()),
            ("row, versions, tokens, key", [&row[..], &versions, &tokens, &key].concat()),
        ] {
            let now = || ["row", "version", "data_key"].map(|table| place.db.rows(table));
            let before = now();
            place.db.run(&sql).unwrap();
            // An erased record has no versions, and had none.
            if now() == before {
                continue;
            }
            let verdict = place.judge(&format!("{what} of {record} as they were"));
            assert!(verdict <= Verdict::Found, "{what} of {record}: {verdict:?}");
        }
    }
}

/// Whoever cuts the change log knows how a tree is built; what they lack is the key that signs checkpoints.
#[test]
fn a_change_log_cut_at_any_length_is_found_against_an_anchor_and_mostly_without() {
    let place = Place::furnished();
    let key = if place.db.columns("change_log")[0] == "id" { "id" } else { "position" };
    let leaves = place.db.column("change_log", "leaf", key);
    let leaves: Vec<Vec<u8>> = leaves.iter().map(|leaf| bytes_of(leaf)).collect();
    let (mut tally, mut tried) = (BTreeMap::new(), 0);
    for length in spread(leaves.len(), times(12)) {
        let mut tree = Tree::new();
        let mut full = Vec::new();
        for leaf in &leaves[..length] {
            tree.append_hash(merkle::leaf_hash(leaf), &mut full);
        }
        let cut = format!(
            "DELETE FROM change_log WHERE {key} >= {length}; DELETE FROM tile WHERE position >= {length} / 256; \
             UPDATE head SET size = {length}, root = X'{}'",
            hex(&tree.root())
        );
        for (checkpoint, sql) in [
            ("the newest checkpoint", cut.clone()),
            ("no checkpoint", format!("{cut}, checkpoint_size = 0, checkpoint = NULL")),
            (
                "an old checkpoint",
                format!(
                    "{cut}, checkpoint_size = (SELECT checkpoint_size FROM {{old}}.head), \
                     checkpoint = (SELECT checkpoint FROM {{old}}.head)"
                ),
            ),
        ] {
            place.db.run(&sql).unwrap();
            let what = format!("cut to {length} of {}, with {checkpoint}", leaves.len());
            let verdict = place.judge(&what);
            assert_ne!(verdict, Verdict::Unnoticed, "{what}");
            assert!(verdict <= Verdict::Found || checkpoint != "the newest checkpoint", "{what}");
            *tally.entry(verdict).or_insert(0) += 1;
            tried += 1;
        }
    }
    eprintln!("{tried} cuts of the change log: {tally:?}");
}

/// The bundles of the access log, from any one on.
#[test]
fn an_access_log_cut_anywhere_is_found_against_an_anchor() {
    let place = Place::furnished();
    let mut tally = BTreeMap::new();
    let log = place.world.data().join("access/1/log");
    let bytes = fs::read(&log).unwrap_or_default();
    let positions = match bytes.is_empty() {
        true => place.db.column("access_bundle", "position", "position"),
        false => bundles(&bytes).into_iter().map(|at| at.to_string()).collect(),
    };
    for at in spread(positions.len(), times(8)) {
        for kept in [true, false] {
            let position = &positions[at];
            if bytes.is_empty() {
                let sql = format!(
                    "DELETE FROM access_tile WHERE position >= {position} / 256; \
                     {} DELETE FROM access_bundle WHERE position >= {position}",
                    if kept { "" } else { "DELETE FROM access_checkpoint;" }
                );
                place.db.run(&sql).unwrap();
            } else {
                fs::write(&log, &bytes[..position.parse().unwrap()]).unwrap();
                for derived in ["mark", "index", "tile.0"].into_iter().chain((!kept).then_some("checkpoint"))
                {
                    let _ = fs::remove_file(log.with_file_name(derived));
                }
            }
            let what = format!("access log cut at {position}, its checkpoint kept: {kept}");
            let verdict = place.judge(&what);
            assert_ne!(verdict, Verdict::Unnoticed, "{what}");
            assert!(verdict <= Verdict::Found || !kept, "{what}");
            *tally.entry(verdict).or_insert(0) += 1;
        }
    }
    eprintln!("cuts of the access log: {tally:?}");
}

/// Where the bundles of the file begin.
fn bundles(bytes: &[u8]) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut at = 0;
    while let Some(length) = bytes.get(at + 2..at + 6) {
        starts.push(at);
        at += 14 + u32::from_be_bytes(length.try_into().unwrap()) as usize;
    }
    starts
}

#[test]
fn all_of_it_as_it_was_is_found_against_an_anchor_and_parts_that_do_not_fit_are_refused_or_found() {
    let place = Place::furnished();
    place.put_back_to("old");
    assert_eq!(place.judge("all of it as it was"), Verdict::FoundByAnchor);
    place.db.put_back("old");
    let verdict = place.judge("the tables as they were, with the keys and the files as they are");
    assert!(verdict <= Verdict::Found, "{verdict:?}");
    place.files_back("old");
    let verdict = place.judge("the keys and the files as they were, with the tables as they are");
    assert!(verdict <= Verdict::Found, "{verdict:?}");
    for (path, bytes) in place.files("old") {
        let name = path.strip_prefix(place.world.data()).unwrap().to_str().unwrap();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        let verdict = place.judge(&format!("{name} as it was"));
        let matters = name == "keyring" || name == "access/1/log";
        assert!(verdict <= Verdict::Found || !matters, "{name}: {verdict:?}");
    }
}

#[test]
fn an_installation_without_its_tables_or_its_logs_is_refused_or_found() {
    let place = Place::furnished();
    let empty = |tables: &[String]| -> String {
        tables.iter().map(|table| format!("DELETE FROM `{table}`;")).collect()
    };
    let all = place.db.tables();
    place.db.run(&empty(&all)).unwrap();
    assert!(place.judge("no rows at all") <= Verdict::Found);
    let access: Vec<String> = all.iter().filter(|table| table.starts_with("access")).cloned().collect();
    if access.is_empty() {
        fs::remove_dir_all(place.world.data().join("access/1")).unwrap();
    } else {
        place.db.run(&empty(&access)).unwrap();
    }
    assert!(place.judge("no access log") <= Verdict::Found);
    fs::remove_file(place.world.data().join("keyring")).unwrap();
    assert_eq!(place.judge("no keyring"), Verdict::Refused);
}
