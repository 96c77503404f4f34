//! Importing a file and what it leaves.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod common;

use common::{Home, figures};

const HEADER: &str = "企业名称,统一社会信用代码,注册日期,联系电话\n";

/// A header and rows of made-up firms: the first two are right.
fn rows(lines: &[&str]) -> String {
    format!("{HEADER}{}\n", lines.join("\n"))
}

#[test]
fn made_up_customers_go_in_and_the_last_line_says_how_many() {
    let home = Home::new();
    let file = home.customers(300);
    let out = home.done(&["import", file.to_str().unwrap()]);
    let (imported, rejected, duplicates, _) = figures(&out);
    assert_eq!((imported, rejected, duplicates), (300, 0, 0));
    let report = home.json(&["ledger", "verify", "--deep"]);
    assert_eq!((report["records"].as_u64(), report["ok"].as_bool()), (Some(300), Some(true)), "{report}");
}

#[test]
fn the_last_line_is_the_same_in_every_language() {
    let home = Home::new();
    let file = home.customers(3);
    let out = home.done(&["import", file.to_str().unwrap(), "--lang", "zh"]);
    assert_eq!(figures(&out).0, 3);
}

#[test]
fn a_second_import_of_the_same_file_finds_duplicates_only() {
    let home = Home::new();
    let file = home.customers(50);
    home.done(&["import", file.to_str().unwrap()]);
    let (imported, rejected, duplicates, _) = figures(&home.done(&["import", file.to_str().unwrap()]));
    assert_eq!((imported, rejected, duplicates), (0, 0, 50));
}

#[test]
fn rejected_rows_go_beside_the_file_with_their_reasons() {
    let home = Home::new();
    let file = home.write(
        "firms.csv",
        rows(&[
            "示例一有限公司,93620421325358705X,2009-06-30,",
            "示例二有限公司,93620421325358705L,2009-06-30,12",
        ]),
    );
    let ended = home.run(&["import", file.to_str().unwrap()]);
    let rejected = home.path("firms.csv.rejected.csv");
    assert_eq!(figures(&ended.stdout).1, 2, "{ended:?}");
    assert!(ended.stdout.contains(rejected.to_str().unwrap()), "{ended:?}");
    let text = std::fs::read_to_string(&rejected).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains("第 18 位"), "{text}");
}

#[test]
fn an_import_answers_in_json() {
    let home = Home::new();
    let file = home.customers(5);
    let answer = home.json(&["import", file.to_str().unwrap()]);
    assert_eq!((answer["imported"].as_u64(), answer["resumed"].as_bool()), (Some(5), Some(false)));
}

#[test]
fn an_import_takes_a_relative_path_a_team_a_source_and_a_user() {
    let home = Home::new();
    home.customers(5);
    home.done(&["team", "add", "华东"]);
    home.done(&["user", "add", "张三", "--role", "CDE", "--team", "华东"]);
    let line = ["import", "customers.csv", "--team", "华东", "--source", "visit", "--as", "张三"];
    assert_eq!(figures(&home.done(&line)).0, 5);
}

#[test]
fn a_file_that_cannot_be_taken_in_changes_nothing_and_says_why() {
    let home = Home::new();
    home.done(&["team", "add", "x"]);
    let size = |home: &Home| home.json(&["ledger", "show", "--limit", "1"])["size"].as_u64();
    let before = size(&home);
    let unclosed = format!("{HEADER}\"示例,{}\n", "x".repeat(70_000));
    for (name, content) in [
        ("empty.csv", &b""[..]),
        ("header.csv", "颜色,气味\n红,甜\n".as_bytes()),
        ("twice.csv", "企业名称,企业名称\na,b\n".as_bytes()),
        ("encoding.csv", &[0x81, 0xff, 0xff, 0x00, 0xd8, 0xfe][..]),
        ("nul.csv", "企业名称\n示例\0有限公司\n".as_bytes()),
        ("quote.csv", unclosed.as_bytes()),
    ] {
        let file = home.write(name, content);
        let key = home.refused(&["import", file.to_str().unwrap()]);
        assert!(key.starts_with("import"), "{name}: {key}");
        assert!(!home.path(&format!("{name}.rejected.csv")).exists(), "{name}");
    }
    for (line, key) in [
        (["import", "no-such.csv", "--source", "visit"], "file_not_found"),
        (["import", "data", "--source", "visit"], "file_unreadable"),
        (["import", "quote.csv", "--source", "hearsay"], "choice_unknown"),
        (["import", "quote.csv", "--team", "no such"], "team_unknown"),
        (["import", "quote.csv", "--as", "nobody"], "user_not_found"),
    ] {
        assert_eq!(home.refused(&line), key, "{line:?}");
    }
    let report = home.json(&["ledger", "verify", "--deep"]);
    assert_eq!(report["records"], 0);
    // Refusals are entries of the change log; what is taken in would be an `import` that is done.
    let page = home.json(&["ledger", "show", "--from", &before.unwrap().to_string()]);
    let done =
        page["items"].as_array().unwrap().iter().any(|e| e["action"] == "import" && e["outcome"] == "done");
    assert!(!done, "{page}");
}

#[test]
fn rejected_rows_go_where_they_are_told_to_go() {
    let home = Home::new();
    let file = home.write("in.csv", "企业名称,统一社会信用代码\n示例,91350100M000100Y44\n");
    let rejected = home.path("bad.csv");
    home.done(&["import", file.to_str().unwrap(), "--rejected", rejected.to_str().unwrap()]);
    assert!(std::fs::read_to_string(&rejected).unwrap().contains("91350100M000100Y44"));
}

#[test]
fn an_import_is_listed_shown_and_taken_back() {
    let home = Home::new();
    let file = home.customers(30);
    let done = home.json(&["import", file.to_str().unwrap()]);
    let id = done["id"].as_str().unwrap();
    assert!(home.done(&["import", "list"]).contains(id));
    assert!(home.done(&["import", "show", id]).contains("imported 30"));
    // The same customers again are named by their rows.
    let ended = home.run(&["import", file.to_str().unwrap()]);
    assert!(ended.stdout.contains("row 2 is there as C"), "{ended:?}");
    assert!(ended.stdout.contains("dossier import duplicates imp_"), "{ended:?}");
    let undone = home.json(&["import", "undo", id]);
    assert_eq!((undone["state"].as_str(), undone["undo"]["removed"].as_u64()), (Some("undone"), Some(30)));
    assert_eq!(home.refused(&["import", "undo", id]), "import_state");
    let report = home.json(&["ledger", "verify", "--deep"]);
    assert_eq!(report["ok"], true, "{report}");
}

#[test]
fn rejected_rows_are_mended_and_taken_in_again() {
    let home = Home::new();
    let file = home.write("in.csv", "企业名称,统一社会信用代码,备注\n示例,91350100M000100Y44,=1+1\n");
    let done = home.json(&["import", file.to_str().unwrap()]);
    let out = home.path("problems.csv");
    home.done(&["import", "problems", done["id"].as_str().unwrap(), "--out", out.to_str().unwrap()]);
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.contains("'=1+1"), "{text}");
    let mended = home.write("mended.csv", text.replace("Y44", "Y43"));
    let done = home.json(&["import", mended.to_str().unwrap(), "--preview", "5"]);
    assert_eq!(done[0]["cells"][2]["raw"], "=1+1", "{done}");
    assert_eq!(home.json(&["import", mended.to_str().unwrap()])["imported"], 1);
}

#[test]
fn columns_are_mapped_by_hand_and_the_mapping_is_kept() {
    let home = Home::new();
    let file = home.write("in.csv", "甲,乙,丙\n示例,91350100M000100Y43,x\n");
    let file = file.to_str().unwrap();
    assert_eq!(home.refused(&["import", file]), "import_no_name");
    let maps = ["--map", "甲=name", "--map", "乙=document_number", "--map", "丙=-"];
    let line = [&["import", file, "--save-mapping", "旧系统"][..], &maps].concat();
    assert_eq!(home.json(&line)["imported"], 1);
    let again = home.json(&["import", file, "--mapping", "旧系统", "--duplicates", "review"]);
    assert_eq!(again["duplicates"], 1);
    let id = again["id"].as_str().unwrap();
    assert_eq!(home.json(&["import", "duplicates", id])[0]["waits"], true);
    assert_eq!(home.json(&["import", "decide", id, "2", "skip"])["outcome"], "skipped");
    assert_eq!(home.refused(&["import", file, "--mapping", "没有"]), "import_mapping_not_found");
}
