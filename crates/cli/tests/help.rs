//! What the program says about itself.

mod common;

use common::Home;

#[test]
fn help_is_complete_in_both_languages() {
    let home = Home::new();
    insta::assert_snapshot!("help_zh", home.done(&["--help", "--lang", "zh"]));
    insta::assert_snapshot!("help_en", home.done(&["--help", "--lang", "en"]));
}

#[test]
fn help_of_a_command_names_its_arguments() {
    let home = Home::new();
    insta::assert_snapshot!("import_zh", home.done(&["import", "--help", "--lang", "zh"]));
    insta::assert_snapshot!("import_en", home.done(&["import", "-h", "--lang", "en"]));
    insta::assert_snapshot!("ledger_zh", home.done(&["ledger", "--help", "--lang", "zh"]));
}

#[test]
fn chinese_is_the_language_where_none_is_set() {
    let home = Home::new();
    let ended = common::end(home.command(&["--help"]).env_remove("LANG"));
    assert!(ended.stdout.contains("用法"), "{ended:?}");
    assert!(home.done(&["--help"]).contains("Usage"));
}

#[test]
fn the_version_is_that_of_the_package() {
    let home = Home::new();
    assert_eq!(home.done(&["--version"]), format!("dossier {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_usage_error_ends_with_2_and_touches_nothing() {
    let home = Home::new();
    for line in [&["imprt"][..], &[], &["import"], &["user", "add", "x"], &["ledger", "show", "--limit", "0"]]
    {
        let ended = home.run(line);
        assert_eq!(ended.code, Some(2), "{line:?}: {ended:?}");
        assert!(ended.stderr.starts_with("error: ") && ended.stderr.contains("--help"), "{ended:?}");
        assert_eq!(ended.stdout, "");
    }
    assert!(!home.data().exists());
}

#[test]
fn a_usage_error_comes_as_json_where_json_was_asked_for() {
    let ended = Home::new().run(&["--json", "user", "add", "x"]);
    let error: serde_json::Value = serde_json::from_str(&ended.stderr).unwrap();
    assert_eq!(error["error"]["key"], "usage");
    assert_eq!(error["error"]["code"].as_str().unwrap().len(), 10);
    assert_eq!(ended.code, Some(2));
}

#[test]
fn errors_come_in_the_callers_language() {
    let home = Home::new();
    assert!(home.run(&["team", "list", "--lang", "zh"]).stderr.starts_with("错误："));
    assert!(home.run(&["team", "list"]).stderr.starts_with("error: "));
}
