//! Settings from file and environment.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod common;

use common::{Home, end};

fn with_file(home: &Home, text: &str) -> String {
    let file = home.write("my.toml", text);
    home.refused(&["config", "show", "--config", file.to_str().unwrap()])
}

#[test]
fn the_settings_that_hold_are_shown_and_can_be_given_back() {
    let home = Home::new();
    let shown = home.done(&["config", "show"]);
    assert!(shown.contains("requests_per_second = 100"), "{shown}");
    let file = home.write("my.toml", shown.as_bytes());
    assert_eq!(home.done(&["config", "show", "--config", file.to_str().unwrap()]), shown);
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let home = Home::new();
    let file = home.write("my.toml", "[limits]\nrequests_per_second = 7\nburst = 8\n");
    let mut command = home.command(&["config", "show", "--json", "--config", file.to_str().unwrap()]);
    let ended = end(command.env("DOSSIER__LIMITS__REQUESTS_PER_SECOND", "500"));
    let shown: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(shown["limits"]["requests_per_second"], 500);
    assert_eq!(shown["limits"]["burst"], 8);
    assert_eq!(shown["limits"]["in_flight"], 256);
}

#[test]
fn an_unknown_key_is_an_error_wherever_it_stands() {
    let home = Home::new();
    let key = with_file(&home, "[limits]\nrequest_per_second = 7\n");
    let mut command = home.command(&["config", "show", "--json"]);
    let ended = end(command.env("DOSSIER__LIMITS__REQUEST_PER_SECOND", "7"));
    let error: serde_json::Value = serde_json::from_str(&ended.stderr).unwrap();
    assert_eq!(error["error"]["key"], key.as_str());
    assert!(error["error"]["detail"].as_str().unwrap().contains("request_per_second"), "{ended:?}");
    assert_eq!(ended.code, Some(1));
}

#[test]
fn a_wrong_setting_stops_every_command_before_it_touches_anything() {
    let home = Home::new();
    let file = home.write("my.toml", "[limits]\nburst = \"many\"\n");
    let file = file.to_str().unwrap();
    for line in [&["serve"][..], &["team", "add", "x"], &["key", "status"]] {
        let line: Vec<&str> = line.iter().copied().chain(["--config", file]).collect();
        assert!(home.refused(&line).starts_with("config"), "{line:?}");
    }
    assert!(!home.data().exists());
}

#[test]
fn a_misspelt_log_level_and_a_file_that_is_not_there_are_errors() {
    let home = Home::new();
    assert_eq!(with_file(&home, "[log]\nlevel = \"inof\"\n"), "config_choice");
    assert_eq!(with_file(&home, "[log\n"), "config_malformed");
    assert_eq!(home.refused(&["config", "show", "--config", "/no/such.toml"]), "config_unreadable");
}

#[test]
fn the_passphrase_is_never_shown() {
    let home = Home::new();
    let mut command = home.command(&["config", "show"]);
    let ended = end(command.env("DOSSIER_KEYSTORE_PASSPHRASE", "open sesame"));
    assert_eq!(ended.code, Some(0));
    assert!(!ended.stdout.contains("sesame") && !ended.stderr.contains("sesame"));
}

#[test]
fn the_password_of_the_database_is_never_shown() {
    let home = Home::new();
    let url = "mysql://dossier:sesame@127.0.0.1:1/dossier";
    for line in
        [&["config", "show"][..], &["config", "show", "--json"], &["team", "list"], &["team", "add", "x"]]
    {
        let mut command = home.command(line);
        let ended = end(command.env("DOSSIER__STORE__URL", url).env("DOSSIER_STORE_PASSWORD", "sesame"));
        assert!(!ended.stdout.contains("sesame") && !ended.stderr.contains("sesame"), "{ended:?}");
        assert_eq!(ended.code == Some(0), line[0] == "config", "{ended:?}");
    }
    let mut command = home.command(&["config", "show"]);
    let shown = end(command.env("DOSSIER__STORE__URL", url)).stdout;
    assert!(shown.contains("url = \"mysql://dossier@127.0.0.1:1/dossier\""), "{shown}");
    let mut command = home.command(&["config", "show", "--json"]);
    let ended = end(command.env("DOSSIER__STORE__URL", "mysql://dossier:sesame@nowhere"));
    assert!(ended.stderr.contains("config_store_url") && !ended.stderr.contains("sesame"), "{ended:?}");
}

#[test]
fn a_password_file_that_others_may_read_is_refused() {
    let home = Home::new();
    let file = home.write("password", "sesame\n");
    let mut command = home.command(&["team", "add", "x", "--json"]);
    command.env("DOSSIER__STORE__URL", "mysql://dossier@127.0.0.1:1/dossier");
    let ended = end(command.env("DOSSIER__STORE__PASSWORD_FILE", file));
    assert!(ended.stderr.contains("passphrase_file_open"), "{ended:?}");
}

#[test]
fn the_keyring_can_be_elsewhere_and_is_asked_for_where_it_is_missing() {
    let home = Home::new();
    let keyring = home.path("shared/keyring");
    let run = |line: &[&str], keyring: &std::path::Path| {
        end(home.command(line).env("DOSSIER__KEYS__KEYRING", keyring))
    };
    assert_eq!(run(&["team", "add", "x"], &keyring).code, Some(0));
    assert!(keyring.exists() && !home.data().join("keyring").exists());
    assert_eq!(run(&["team", "list"], &keyring).code, Some(0));
    let ended = run(&["team", "list", "--json"], &home.path("other"));
    assert!(ended.stderr.contains("keyring_missing") && ended.stderr.contains("keys.keyring"), "{ended:?}");
}
