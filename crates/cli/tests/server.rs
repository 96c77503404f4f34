//! Serving, and commands through the running server.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod common;

use common::{Home, figures, http};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

#[test]
fn commands_go_through_the_running_server() {
    let home = Home::new();
    let server = home.serve(&[]);
    home.done(&["team", "add", "华东"]);
    let file = home.customers(200);
    assert_eq!(figures(&home.done(&["import", file.to_str().unwrap(), "--team", "华东"])).0, 200);
    let client = home.json(&["client", "add", "erp", "--role", "CDU", "--team", "华东"]);
    assert!(client["client_secret"].is_string());
    assert_eq!(home.refused(&["team", "add", "华东"]), "name_taken");
    assert_eq!(home.json(&["ledger", "verify", "--deep"])["records"], 200);
    assert_eq!(server.stop(), Some(0));
    assert!(!home.data().join("dossier.sock").exists());
    assert_eq!(home.json(&["team", "list"])[1]["name"], "华东");
}

#[test]
fn the_server_answers_http_within_five_seconds() {
    let home = Home::new();
    let server = home.serve(&[]);
    assert!(server.ready < Duration::from_secs(5), "{:?}", server.ready);
    let answer = http(&server.address(), "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_program_added_while_the_server_runs_can_sign_in_at_once() {
    let home = Home::new();
    let server = home.serve(&[]);
    let client = home.json(&["client", "add", "erp", "--role", "CDU"]);
    let (id, secret) = (client["client_id"].as_str().unwrap(), client["client_secret"].as_str().unwrap());
    let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let request = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = http(&server.address(), &request);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("access_token"), "{answer}");
}

#[test]
fn where_it_listens_comes_as_json_where_json_was_asked_for() {
    let home = Home::new();
    let server = home.serve(&["--json"]);
    let said: serde_json::Value = serde_json::from_str(server.said.lines().last().unwrap()).unwrap();
    assert!(said["listening"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{said}");
}

#[test]
fn a_server_killed_at_any_time_leaves_nothing_that_keeps_the_next_from_starting() {
    let home = Home::new();
    let server = home.serve(&[]);
    home.done(&["team", "add", "华东"]);
    server.kill();
    assert!(home.data().join("dossier.sock").exists());
    home.done(&["team", "add", "华南"]);
    let again = home.serve(&[]);
    assert!(again.ready < Duration::from_secs(5));
    assert_eq!(home.json(&["team", "list"]).as_array().unwrap().len(), 3);
}

#[test]
fn a_second_server_on_the_same_folder_or_address_is_refused() {
    let home = Home::new();
    let server = home.serve(&[]);
    assert_eq!(home.refused(&["serve", "--listen", "127.0.0.1:0"]), "store_locked");
    let other = Home::new();
    assert_eq!(other.refused(&["serve", "--listen", &server.address()]), "address_in_use");
}

#[test]
fn addresses_that_do_not_work_are_refused_before_anything_is_made() {
    let home = Home::new();
    for (address, key) in [("nowhere", "config_address"), ("127.0.0.1", "config_address")] {
        assert_eq!(home.refused(&["serve", "--listen", address]), key, "{address}");
    }
    assert!(!home.data().exists());
    assert_eq!(home.refused(&["serve", "--listen", "0.0.0.0:0"]), "tls_required");
}

#[test]
fn a_folder_that_another_command_has_is_waited_for_and_then_given_up() {
    let home = Home::new();
    home.done(&["team", "add", "x"]);
    let lock = std::fs::File::options().write(true).open(home.data().join("lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(home.refused(&["team", "list"]), "data_folder_busy");
    let waiting = home.command(&["team", "list"]).stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(1_500));
    lock.unlock().unwrap();
    let ended = waiting.wait_with_output().unwrap();
    assert!(ended.status.success());
    assert!(String::from_utf8(ended.stderr).unwrap().contains("waiting"));
}

#[test]
fn the_socket_and_the_folder_are_closed_to_others() {
    let home = Home::embedded();
    let _server = home.serve(&[]);
    let mode = |path: std::path::PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(home.data().join("dossier.sock")), 0o600);
    assert_eq!(mode(home.data()), 0o700);
    assert_eq!(mode(home.data().join("store.db")) & 0o077, 0);
}

#[test]
fn the_demo_fills_an_empty_folder_once_and_prints_a_person_and_a_program_for_each_role() {
    let home = Home::new();
    let server = home.serve(&["--demo", "--json"]);
    let said: serde_json::Value = serde_json::from_str(server.said.lines().next().unwrap()).unwrap();
    let clients = said["demo"]["clients"].as_array().unwrap();
    let roles: Vec<&str> = clients.iter().map(|client| client["roles"][0].as_str().unwrap()).collect();
    assert_eq!(roles, ["ISA", "CDU", "CDE", "CDA", "CDO"]);
    let records = || home.json(&["ledger", "verify", "--deep"])["records"].as_u64();
    let filled = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(200));
        records() == Some(4_000)
    });
    assert!(filled, "{:?}", records());
    assert_eq!(server.stop(), Some(0));
    let again = home.serve(&["--demo"]);
    assert_eq!(again.said.lines().count(), 1, "{}", again.said);
}

#[test]
fn a_follower_works_through_the_server() {
    let home = Home::new();
    let _server = home.serve(&[]);
    home.done(&["team", "add", "华东"]);
    let entries = home.done(&["ledger", "follow", "mail"]);
    assert!(entries.contains("team_add"), "{entries}");
    let kept = home.path("kept");
    home.done(&["ledger", "checkpoint", "--out", kept.to_str().unwrap()]);
    assert!(kept.exists());
    assert_eq!(home.json(&["ledger", "verify", "--against", "kept"])["anchors"], 1);
}
