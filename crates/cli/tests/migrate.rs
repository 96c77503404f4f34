//! Moving an installation from the file to a database and back.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod common;

use common::{Ended, Home, end};
use serde_json::Value;
use std::path::Path;

/// The binary on a store.
fn on(home: &Home, store: &str, arguments: &[&str]) -> Ended {
    end(home.command(arguments).env("DOSSIER__STORE__URL", store))
}

fn done(home: &Home, store: &str, arguments: &[&str]) -> String {
    let ended = on(home, store, arguments);
    assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
    ended.stdout
}

fn json(home: &Home, store: &str, arguments: &[&str]) -> Value {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
    serde_json::from_str(&done(home, store, &arguments)).unwrap()
}

/// The key of a refusal.
fn refused(home: &Home, store: &str, arguments: &[&str]) -> String {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
    let ended = on(home, store, &arguments);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let error: Value = serde_json::from_str(ended.stderr.lines().last().unwrap()).unwrap();
    error["error"]["key"].as_str().unwrap().to_owned()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Moves the file of the data folder aside, as the manual says.
fn set_aside(home: &Home, name: &str) {
    let aside = home.path(name);
    std::fs::create_dir(&aside).unwrap();
    for name in ["store.db", "store.db-wal", "store.db-shm", "access"] {
        let file = home.data().join(name);
        if file.exists() {
            std::fs::rename(file, aside.join(name)).unwrap();
        }
    }
}

#[test]
fn what_was_signed_before_the_move_holds_afterwards_and_after_the_way_back() {
    let Ok(server) = std::env::var("DOSSIER_TEST_MYSQL") else {
        println!("not run: DOSSIER_TEST_MYSQL names no server (make unit starts one)");
        return;
    };
    let home = Home::new();
    let unique = home.path("x").parent().unwrap().file_name().unwrap().to_str().unwrap().replace('.', "");
    let database = format!("{}/migrate_{unique}", server.trim_end_matches('/'));
    let file = home.customers(300);
    done(&home, "sqlite", &["import", path(&file)]);
    done(&home, "sqlite", &["team", "add", "华东"]);
    for _ in 0..3 {
        done(&home, "sqlite", &["ledger", "show"]);
    }
    let (change, access) = (home.path("change.note"), home.path("access.note"));
    done(&home, "sqlite", &["ledger", "checkpoint", "--out", path(&change)]);
    done(&home, "sqlite", &["ledger", "checkpoint", "--log", "access", "--out", path(&access)]);
    let verify = ["ledger", "verify", "--deep", "--against", path(&change), "--against", path(&access)];

    let moved = json(&home, "sqlite", &["migrate", "--from", "sqlite", "--to", &database]);
    let names: Vec<_> = moved["logs"].as_array().unwrap().iter().map(|log| &log["log"]).collect();
    assert_eq!(names, ["change", "access/1"]);
    assert_eq!((&moved["from"], &moved["tables"][0]["rows"]), (&"sqlite".into(), &300.into()), "{moved}");
    let report = json(&home, &database, &verify);
    assert_eq!(
        (&report["ok"], &report["records"], &report["anchors"]),
        (&true.into(), &300.into(), &2.into()),
        "{report}"
    );
    assert!(done(&home, &database, &["ledger", "show"]).contains("team_add"));
    done(&home, &database, &["import", path(&file)]);

    // Neither side is overwritten.
    for to in ["sqlite", &database] {
        let from = if to == "sqlite" { &database } else { "sqlite" };
        let line = ["migrate", "--from", from, "--to", to];
        assert_eq!(refused(&home, "sqlite", &line), "migrate_target_not_empty");
    }
    let later = home.path("later.note");
    done(&home, &database, &["ledger", "checkpoint", "--out", path(&later)]);
    set_aside(&home, "aside");
    let ended = on(&home, "sqlite", &["migrate", "--from", &database, "--to", "sqlite"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("✓ moved") && ended.stderr.contains("store.url = \"sqlite\""), "{ended:?}");
    let verify: Vec<&str> = verify.iter().copied().chain(["--against", path(&later)]).collect();
    let report = json(&home, "sqlite", &verify);
    assert_eq!((&report["ok"], &report["anchors"]), (&true.into(), &3.into()), "{report}");
    done(&home, "sqlite", &["team", "add", "later"]);
}

#[test]
fn a_running_server_is_in_the_way_and_a_password_is_never_shown() {
    let home = Home::new();
    let mut server = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    server.env("DOSSIER__STORE__URL", "sqlite").stdout(std::process::Stdio::piped());
    let mut server = server.spawn().unwrap();
    let mut line = String::new();
    let mut out = std::io::BufReader::new(server.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    let to = "mysql://u:hush@127.0.0.1:1/d";
    let key = refused(&home, "sqlite", &["migrate", "--from", "sqlite", "--to", to]);
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(key, "store_locked");
    let ended = on(&home, "sqlite", &["migrate", "--from", "sqlite", "--to", to]);
    assert!(ended.code == Some(1) && !ended.stderr.contains("hush"), "{ended:?}");
    let ended = on(&home, "sqlite", &["migrate", "--from", "mysql://u:hush@h", "--to", "sqlite"]);
    assert!(ended.code == Some(1) && !ended.stderr.contains("hush"), "{ended:?}");
    let secret = home.write("secret", "hush\n");
    let line = ["migrate", "--from", "sqlite", "--to", "mysql://u@127.0.0.1:1/d", "--to-password-file"];
    let line: Vec<&str> = line.into_iter().chain([path(&secret)]).collect();
    assert_eq!(refused(&home, "sqlite", &line), "passphrase_file_open");
}
