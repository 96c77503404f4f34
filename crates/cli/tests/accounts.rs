//! Teams, people, programs.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod common;

use common::Home;

#[test]
fn a_new_programs_id_and_secret_come_as_json() {
    let home = Home::new();
    let client = home.json(&["client", "add", "erp", "--role", "CDU"]);
    assert!(client["client_id"].as_str().unwrap().starts_with("cli_"), "{client}");
    assert_eq!(client["client_secret"].as_str().unwrap().len(), 43);
    assert_eq!((client["name"].as_str(), client["roles"][0].as_str()), (Some("erp"), Some("CDU")));
    let listed = home.json(&["client", "list"]);
    assert_eq!(listed[0]["client_id"], client["client_id"]);
    assert!(!listed.to_string().contains(client["client_secret"].as_str().unwrap()));
}

#[test]
fn the_first_command_says_where_the_root_key_is_and_the_second_does_not() {
    let home = Home::new();
    let first = home.run(&["team", "add", "华东"]);
    let keystores: Vec<_> = std::fs::read_dir(home.path("config/dossier")).unwrap().collect();
    let keystore = keystores[0].as_ref().unwrap().path();
    assert_eq!(keystores.len(), 1);
    assert!(first.stderr.contains(keystore.to_str().unwrap()), "{first:?}");
    assert_eq!(home.run(&["team", "add", "华南"]).stderr, "");
}

#[test]
fn a_passphrase_seals_the_root_key() {
    let home = Home::new();
    let call = |passphrase: &str, line: &[&str]| {
        common::end(home.command(line).env("DOSSIER_KEYSTORE_PASSPHRASE", passphrase))
    };
    assert_eq!(call("open sesame", &["team", "add", "x"]).code, Some(0));
    assert_eq!(call("open sesame", &["team", "list"]).code, Some(0));
    assert_eq!(call("closed", &["team", "list"]).code, Some(1));
    assert_eq!(home.refused(&["team", "list"]), "keystore_passphrase_needed");
    let file = home.write("secret", "open sesame\n");
    let set =
        |mode| std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    let config = home.write("my.toml", format!("[keys]\npassphrase_file = \"{}\"\n", file.display()));
    set(0o600);
    home.done(&["team", "list", "--config", config.to_str().unwrap()]);
    set(0o644);
    assert_eq!(home.refused(&["team", "list", "--config", config.to_str().unwrap()]), "passphrase_file_open");
}

#[test]
fn a_keystore_inside_the_data_folder_is_refused() {
    let home = Home::new();
    let inside = home.data().join("root.keystore");
    let key = home.refused(&["team", "add", "x", "--keystore", inside.to_str().unwrap()]);
    assert!(key.starts_with("keystore_inside"), "{key}");
    assert!(!inside.exists());
}

#[test]
fn without_its_own_root_key_a_folder_does_not_open() {
    let home = Home::new();
    home.done(&["team", "add", "x"]);
    let pointer = std::fs::read_to_string(home.data().join("keystore")).unwrap();
    let keystore = std::path::Path::new(pointer.trim_end());
    let set = |mode| {
        std::fs::set_permissions(keystore, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap()
    };
    set(0o644);
    assert_eq!(home.refused(&["team", "list"]), "keystore_permissions");
    set(0o600);
    let kept = std::fs::read(keystore).unwrap();
    std::fs::write(keystore, "hello\n").unwrap();
    assert_eq!(home.refused(&["team", "list"]), "keystore_damaged");
    std::fs::remove_file(keystore).unwrap();
    assert_eq!(home.refused(&["team", "list"]), "keystore_missing");
    assert!(!keystore.exists(), "a new root key would open nothing");
    let other = Home::new();
    other.done(&["team", "add", "x"]);
    let pointer = std::fs::read_to_string(other.data().join("keystore")).unwrap();
    assert_eq!(home.refused(&["team", "list", "--keystore", pointer.trim_end()]), "keyring_wrong_root");
    std::fs::write(keystore, kept).unwrap();
    set(0o600);
    home.done(&["team", "list", "--keystore", keystore.to_str().unwrap()]);
}

#[test]
fn a_data_folder_that_is_none_is_refused() {
    let home = Home::embedded();
    let file = home.write("file", "x");
    for (line, key) in [
        (["team", "add", "x", "--data", file.to_str().unwrap()], "data_folder_failed"),
        (["team", "list", "--data", file.to_str().unwrap(), "--json"], "data_folder_empty"),
    ] {
        assert_eq!(home.refused(&line[..5]), key, "{line:?}");
    }
    let ended = common::end(
        home.command(&["team", "add", "x", "--json"])
            .env_remove("DOSSIER_DATA")
            .env_remove("XDG_DATA_HOME")
            .env_remove("HOME"),
    );
    assert!(ended.stderr.contains("data_folder_unknown"), "{ended:?}");
}

#[test]
fn people_teams_and_programs_are_listed_after_they_were_added() {
    let home = Home::new();
    home.done(&["team", "add", "华东"]);
    home.done(&["user", "add", "张三", "--role", "cde", "--team", "华东"]);
    let users = home.json(&["user", "list"]);
    assert_eq!((users[0]["name"].as_str(), users[0]["roles"][0].as_str()), (Some("张三"), Some("CDE")));
    assert_eq!(users[0]["team"], "华东");
    let table = home.done(&["user", "list", "--lang", "zh"]);
    assert!(table.lines().nth(1).unwrap().contains("张三  CDE   华东  启用"), "{table}");
}

#[test]
fn a_disabled_program_shows_as_such() {
    let home = Home::new();
    let client = home.json(&["client", "add", "erp", "--role", "CDU"]);
    home.done(&["client", "disable", client["client_id"].as_str().unwrap()]);
    assert_eq!(home.json(&["client", "list"])[0]["disabled"], true);
}

#[test]
fn what_does_not_fit_is_refused_with_its_reason() {
    let home = Home::new();
    home.done(&["team", "add", "华东"]);
    home.done(&["user", "add", "张三", "--role", "CDO"]);
    for (line, key) in [
        (&["team", "add", "华东"][..], "name_taken"),
        (&["user", "add", "张三", "--role", "CDE"], "name_taken"),
        (&["user", "add", "李四", "--role", "CDO"], "cdo_required"),
        (&["client", "add", "erp", "--role", "CDU", "--team", "no such"], "team_unknown"),
        (&["client", "disable", "cli_nonsense"], "not_found"),
        (&["erase", "dos_nonsense", "--as", "nobody"], "user_not_found"),
    ] {
        assert_eq!(home.refused(line), key, "{line:?}");
    }
    home.done(&["user", "add", "李四", "--role", "CDO", "--as", "张三"]);
}

#[test]
fn a_dossier_is_erased_by_order_of_a_cdo_alone() {
    let home = Home::new();
    home.done(&["user", "add", "head", "--role", "CDO"]);
    home.done(&["user", "add", "seller", "--role", "CDE"]);
    let file = home.customers(3);
    home.done(&["import", file.to_str().unwrap()]);
    let page = home.json(&["ledger", "show"]);
    let records = page["items"].as_array().unwrap().iter().find_map(|entry| entry["records"].get(0));
    let id = records.unwrap()["id"].as_str().unwrap();
    home.refused(&["erase", id, "--as", "seller"]);
    assert_eq!(home.json(&["ledger", "verify", "--deep"])["records"], 3);
    assert_eq!(home.json(&["erase", id, "--as", "head"])["id"], id);
    home.refused(&["erase", id, "--as", "head"]);
    assert_eq!(home.json(&["ledger", "verify", "--deep"])["ok"], true);
}

#[test]
fn a_folder_without_data_is_not_made_into_one_by_looking_at_it() {
    let home = Home::embedded();
    for line in [&["user", "list"][..], &["ledger", "verify"], &["key", "status"], &["ledger", "show"]] {
        assert_eq!(home.refused(line), "data_folder_empty", "{line:?}");
    }
    assert!(!home.data().exists());
}
