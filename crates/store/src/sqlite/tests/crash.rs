//! A process that is killed in the middle of its work, again and again: everything acknowledged is there, and nothing is
//! half there.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use dossier_model::id::Rid;

use super::open;
use crate::parity::fixture::*;
use crate::{AccessEntry, Op, Store};

const FOLDER: &str = "DOSSIER_STORE_TEST_CRASH_FOLDER";
const ROUNDS: u64 = 8;

/// Runs this test binary again as a process of its own, with one test that acts when it finds the folder.
fn child(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("sqlite::tests::crash::{test}"), "--nocapture", "--test-threads=1"]);
    command.env(FOLDER, folder).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// One record as all its traces: a row, its key, a token, a unique token, an entry of each log.
fn write_one(store: &dyn Store, number: i64) {
    let put = set().op(new(row(number))).op(Op::PutKey(key(number))).op(token(1, number, number));
    let token = (number as u128).to_be_bytes();
    let put = put.op(Op::PutUnique { field: 2, version: 1, token, slot: 0, rid: Rid(number) });
    commit(store, put.entry(number.to_be_bytes().to_vec()));
    let entry = AccessEntry { leaf: number.to_be_bytes().to_vec(), side: Vec::new() };
    store.access_append(TENANT, vec![entry]).wait().unwrap();
}

#[test]
fn writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = open(Path::new(&folder));
    println!("\nopen");
    on_threads(8, |_| {
        loop {
            let first = store.lease(TENANT, "rid", 50).unwrap();
            for number in first..first + 50 {
                write_one(&store, number);
                let mut out = std::io::stdout().lock();
                writeln!(out, "\ndone {number}").and_then(|()| out.flush()).unwrap();
            }
        }
    });
}

#[test]
fn after_kill_9_everything_acknowledged_is_there_and_nothing_by_half() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut process = child("writes_until_it_is_killed", folder.path()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert!(lines.any(|line| line == "open"), "the child could not open the store");
        let pid = rustix::process::Pid::from_child(&process);
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20 + round * 67 % 300));
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        });
        acknowledged.extend(lines.filter_map(|line| line.strip_prefix("done ")?.parse::<i64>().ok()));
        killer.join().unwrap();
        assert!(!process.wait().unwrap().success());
        check(folder.path(), &acknowledged);
    }
    assert!(acknowledged.len() > 50, "only {} sets were acknowledged", acknowledged.len());
}

fn check(folder: &Path, acknowledged: &BTreeSet<i64>) {
    let store = open(folder);
    let read = store.read().unwrap();
    let rows: BTreeSet<i64> =
        read.scan_rows(TENANT, None, usize::MAX).unwrap().iter().map(|r| r.rid.0).collect();
    assert!(acknowledged.is_subset(&rows));
    let keys = read.scan_keys(TENANT, None, usize::MAX).unwrap();
    assert!(keys.iter().map(|key| key.domain.0).eq(rows.iter().copied()));
    let tokens = read.scan_tokens(TENANT, None, usize::MAX).unwrap();
    assert!(tokens.iter().map(|token| token.rid.0).eq(rows.iter().copied()));
    let uniques = read.scan_uniques(TENANT, None, usize::MAX).unwrap();
    assert!(uniques.iter().map(|unique| unique.rid.0).eq(rows.iter().copied()));
    // Opening has compared the root; here every set has its entry, once, without a gap.
    let entries = read.change_entries(TENANT, 0, usize::MAX).unwrap();
    assert!(entries.iter().map(|(index, _)| *index).eq(0..rows.len() as u64));
    let told: BTreeSet<i64> = entries.iter().map(|(_, leaf)| number_of(leaf)).collect();
    assert_eq!(told, rows);
    let views = store.access_log(TENANT, store.node()).unwrap().entries(0, usize::MAX).unwrap();
    let viewed: BTreeSet<i64> = views.iter().map(|(_, entry)| number_of(&entry.leaf)).collect();
    assert!(acknowledged.is_subset(&viewed) && viewed.is_subset(&rows));
}

fn number_of(leaf: &[u8]) -> i64 {
    i64::from_be_bytes(leaf.try_into().unwrap())
}

#[test]
fn opens_the_folder_and_says_how_that_went() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    match super::SqliteStore::open(&super::options(Path::new(&folder))) {
        Ok(_) => println!("\nopened"),
        Err(error) => println!("\n{error}"),
    }
}

#[test]
fn a_second_process_is_refused_while_the_first_holds_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let said = || {
        let output = child("opens_the_folder_and_says_how_that_went", folder.path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let store = open(folder.path());
    let told = format!("the data folder is in use by another process (process {})", std::process::id());
    assert!(said().contains(&told), "{}", said());
    drop(store);
    assert!(said().contains("\nopened"));
}
