//! Showing, proving, exporting and verifying the ledger.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod common;

use common::Home;

fn filled() -> Home {
    fill(Home::new())
}

fn fill(home: Home) -> Home {
    let file = home.customers(20);
    home.done(&["import", file.to_str().unwrap()]);
    home
}

#[test]
fn entries_are_shown_from_a_number_on() {
    let home = filled();
    let page = home.json(&["ledger", "show", "--from", "0", "--limit", "1"]);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!((page["items"][0]["id"].as_str(), page["next"].as_u64()), (Some("c-0"), Some(1)));
    assert!(home.done(&["ledger", "show"]).starts_with("c-"));
    let access = home.json(&["ledger", "show", "--log", "access"]);
    assert_eq!(access["log"], "access");
}

#[test]
fn the_logs_are_listed_and_each_is_shown_by_its_name() {
    let home = filled();
    let logs = home.json(&["ledger", "logs"]);
    let names: Vec<_> = logs.as_array().unwrap().iter().map(|log| &log["log"]).collect();
    assert_eq!(names, ["change", "access/1"]);
    assert!(home.done(&["ledger", "logs"]).contains("access/1"));
    assert_eq!(home.json(&["ledger", "show", "--log", "access/1"])["log"], "access/1");
    assert_eq!(home.refused(&["ledger", "show", "--log", "access/2"]), "query_invalid");
    assert_eq!(home.run(&["ledger", "show", "--log", "other"]).code, Some(2));
}

#[test]
fn a_checkpoint_kept_elsewhere_agrees_and_a_forged_one_does_not() {
    let home = filled();
    let kept = home.path("kept");
    let said = home.done(&["ledger", "checkpoint", "--out", kept.to_str().unwrap()]);
    assert!(said.contains("kept"), "{said}");
    let note = std::fs::read_to_string(&kept).unwrap();
    home.done(&["team", "add", "later"]);
    let report = home.json(&["ledger", "verify", "--against", kept.to_str().unwrap()]);
    assert_eq!((report["ok"].as_bool(), report["anchors"].as_u64()), (Some(true), Some(1)));

    let mut lines: Vec<&str> = note.lines().collect();
    lines[2] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let forged = home.write("forged", lines.join("\n") + "\n");
    let ended = home.run(&["ledger", "verify", "--against", forged.to_str().unwrap()]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stdout.contains("✕"), "{ended:?}");
    let odd = home.write("odd", "hello\n");
    assert_eq!(
        home.refused(&["ledger", "verify", "--against", odd.to_str().unwrap()]),
        "ledger_origin_mismatch"
    );
    assert_eq!(home.refused(&["ledger", "verify", "--against", "no-such"]), "file_not_found");
}

#[test]
fn a_proof_is_a_text_that_other_tools_read() {
    let home = filled();
    let text = home.done(&["ledger", "proof", "c-0"]);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("c2sp.org/tlog-proof@v1"));
    assert!(lines.next().unwrap().starts_with("extra "));
    assert_eq!(lines.next(), Some("index 0"));
    let proof = home.json(&["ledger", "proof", "c-0"]);
    assert!(text.contains(proof["proof"][0].as_str().unwrap()), "{text} {proof}");
    for wrong in ["c-999999", "x-1", "c-", "", "a-9-1"] {
        home.refused(&["ledger", "proof", wrong]);
    }
}

#[test]
fn consistency_is_proved_from_a_size_that_the_log_had() {
    let home = filled();
    let proof = home.json(&["ledger", "consistency", "--from", "1"]);
    assert_eq!(proof["old_size"], 1);
    for wrong in ["0", "999999"] {
        home.refused(&["ledger", "consistency", "--from", wrong]);
    }
}

#[test]
fn an_export_has_the_layout_of_tlog_tiles_and_needs_an_empty_folder() {
    let home = filled();
    for log in ["change", "access"] {
        let folder = home.path(log);
        home.done(&["ledger", "export", folder.to_str().unwrap(), "--log", log]);
        for file in ["checkpoint", "verifier", "tile/0", "tile/entries"] {
            assert!(folder.join(file).exists(), "{log} {file}");
        }
        assert_eq!(home.refused(&["ledger", "export", folder.to_str().unwrap()]), "folder_not_empty");
    }
    let key = home.done(&["ledger", "key"]);
    assert_eq!(std::fs::read_to_string(home.path("change/verifier")).unwrap(), key);
}

#[test]
fn a_follower_gets_each_entry_once() {
    let home = filled();
    let first = home.done(&["ledger", "follow", "mail"]);
    assert!(first.starts_with("c-0  "), "{first}");
    home.done(&["team", "add", "later"]);
    let second = home.done(&["ledger", "follow", "mail", "--json"]);
    let actions: Vec<serde_json::Value> =
        second.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(actions.iter().any(|entry| entry["action"] == "team_add"), "{second}");
    assert!(!second.contains("\"c-0\""), "{second}");
    assert!(home.done(&["ledger", "follow", "search"]).starts_with("c-0  "));
    home.refused(&["ledger", "follow", "no/such name"]);
}

#[test]
fn a_changed_byte_in_a_log_is_found() {
    let home = fill(Home::embedded());
    home.done(&["key", "status"]);
    let log = home.data().join("access/1/log");
    let mut bytes = std::fs::read(&log).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&log, bytes).unwrap();
    let ended = home.run(&["ledger", "verify", "--json"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        (report["ok"].as_bool(), report["problem_count"].as_u64()),
        (Some(false), Some(1)),
        "{report}"
    );
}

#[test]
fn keys_rotate_and_everything_is_still_there() {
    let home = filled();
    assert_eq!(home.json(&["key", "status"])["tenant_generation"], 1);
    let rotated = home.json(&["key", "rotate"]);
    assert_eq!(rotated["tenant_generation"], 2);
    let rotated = home.json(&["key", "rotate", "--data-keys"]);
    assert_eq!(rotated["data_keys"], 20, "{rotated}");
    assert_eq!(home.json(&["ledger", "verify", "--deep"])["ok"], true);
}
