//! Moving an installation from the file to a database and back.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod common;

use common::{Ended, Home, end, http};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

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

/// A server on a store, killed when dropped.
struct Serving(std::process::Child, String);

impl Serving {
    fn on(home: &Home, store: &str) -> Serving {
        let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.env("DOSSIER__STORE__URL", store).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Serving(child, line.trim().split("http://").nth(1).unwrap().to_owned())
    }

    /// Sends SIGTERM and waits for the end.
    fn stop(mut self) {
        assert!(Command::new("kill").arg(self.0.id().to_string()).status().unwrap().success());
        assert_eq!(self.0.wait().unwrap().code(), Some(0));
    }

    /// The JSON that a request is answered with.
    fn ask(&self, head: &str, token: &str, body: &str) -> Value {
        let kind = if head.contains("oauth") { "x-www-form-urlencoded" } else { "json" };
        let signed =
            if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
        let length = body.len();
        let request = format!(
            "{head} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{signed}Content-Type: application/{kind}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        let answer = http(&self.1, &request);
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Signs in, lists, and reveals the phone of the newest customer for a purpose; the token and the answer.
fn look(home: &Home, store: &str) -> (String, Value) {
    let client = json(home, store, &["client", "add", "erp", "--role", "CDO"]);
    let (id, secret) = (client["client_id"].as_str().unwrap(), client["client_secret"].as_str().unwrap());
    let server = Serving::on(home, store);
    let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let token = server.ask("POST /oauth/token", "", &body)["access_token"].as_str().unwrap().to_owned();
    let revealed = reveal(&server, &token);
    (token, revealed)
}

fn reveal(server: &Serving, token: &str) -> Value {
    let list = server.ask("GET /v1/dossiers", token, "");
    let id = list["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{list}")).to_owned();
    let ask = r#"{ "field": "phone", "purpose": "call back" }"#;
    let revealed = server.ask(&format!("POST /v1/dossiers/{id}/reveal"), token, ask);
    assert!(revealed["value"].is_string(), "{revealed}");
    revealed
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
    let (token, revealed) = look(&home, "sqlite");
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
    assert!(done(&home, &database, &["ledger", "show", "--log", "access/1"]).contains("call back"));
    // Whoever was signed in still is, sees the same, and has one less to see.
    let server = Serving::on(&home, &database);
    let again = reveal(&server, &token);
    assert_eq!((&again["id"], &again["value"]), (&revealed["id"], &revealed["value"]));
    assert_eq!((&revealed["used"], &again["used"]), (&1.into(), &2.into()));
    assert!(again["entry"].as_str().unwrap().starts_with("a-1-"), "{again}");
    let another = home.path("another");
    let line = ["migrate", "--from", &database, "--to", "sqlite", "--data", path(&another)];
    assert_eq!(refused(&home, "sqlite", &line), "migrate_node_alive");
    server.stop();
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
    let server = Serving::on(&home, "sqlite");
    let to = "mysql://u:hush@127.0.0.1:1/d";
    let key = refused(&home, "sqlite", &["migrate", "--from", "sqlite", "--to", to]);
    drop(server);
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
