//! Files of customers: what is taken in, what is not, and that a second start neither repeats nor skips.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::World;
use dossier_engine::{Import, Imported, ListQuery};
use std::path::PathBuf;

const HEADER: &str =
    "企业名称,统一社会信用代码,注册日期,企业类型,法人代表,注册资金,经营范围,所在省份,地区,注册地址\n";
const GOOD: &str = "示例科技(杭州)有限公司,91350100M000100Y43,2009-06-30,N/A,韩示例,\"1,000(万元人民币)\",样品,浙江,杭州,示例路1号\n";

fn file(world: &World, text: impl AsRef<[u8]>) -> PathBuf {
    let path = world.folder.path().join("in.csv");
    std::fs::write(&path, text).unwrap();
    path
}

fn import(world: &World, path: &std::path::Path) -> Result<Imported, dossier_engine::model::Fault> {
    let ask = Import { file: path.to_owned(), ..Import::default() };
    world.engine().import(&world.operator(), &ask, &mut |_| {})
}

fn count(world: &World) -> u64 {
    let head = world.caller("CDO", None);
    let query = ListQuery { kind: "customer".into(), ..ListQuery::default() };
    world.engine().count(&head, &query).unwrap()
}

#[test]
fn good_rows_go_in_and_bad_ones_go_to_a_file_with_reasons() {
    let world = World::new();
    let bad = GOOD.replace("91350100M000100Y43", "91350100M000100Y44");
    let path = file(&world, [HEADER, GOOD, &bad, GOOD].concat());
    let done = import(&world, &path).unwrap();
    assert_eq!((done.imported, done.rejected, done.duplicates), (1, 1, 1));
    let rejected = std::fs::read_to_string(done.rejected_file.unwrap()).unwrap();
    assert!(rejected.contains("91350100M000100Y44") && rejected.contains("第 18 位校验不符"), "{rejected}");
    assert_eq!(rejected.lines().count(), 2);
    world.assert_sound();
}

#[test]
fn a_place_that_is_taken_meanwhile_is_left_alone_and_the_rows_lie_beside_it() {
    let world = World::new();
    let bad = GOOD.replace("91350100M000100Y43", "91350100M000100Y44");
    let path = file(&world, [HEADER, GOOD, &bad].concat());
    let place = world.folder.path().join("rejected.csv");
    let next = place.with_extension("2.csv");
    std::fs::write(&next, "of somebody").unwrap();
    let ask = Import { file: path, rejected: Some(place.clone()), ..Import::default() };
    let mut take = |_| std::fs::write(&place, "of somebody else").unwrap();
    let done = world.engine().import(&world.operator(), &ask, &mut take).unwrap();
    assert_eq!((done.state, done.imported, done.rejected), ("done", 1, 1));
    let beside = place.with_extension("3.csv");
    assert_eq!(done.rejected_file.as_ref(), Some(&beside));
    assert!(std::fs::read_to_string(&beside).unwrap().contains("91350100M000100Y44"));
    for (kept, text) in [(&place, "of somebody else"), (&next, "of somebody")] {
        assert_eq!(std::fs::read_to_string(kept).unwrap(), text);
    }
    let names = std::fs::read_dir(world.folder.path()).unwrap().flatten().map(|entry| entry.file_name());
    assert!(!names.into_iter().any(|name| name.to_string_lossy().ends_with(".part")));
}

#[test]
fn a_value_that_an_unimportant_field_does_not_take_is_kept_in_the_remarks() {
    let world = World::new();
    let odd = GOOD.replace("\"1,000(万元人民币)\"", "谭勇");
    let done = import(&world, &file(&world, [HEADER, &odd].concat())).unwrap();
    assert_eq!((done.imported, done.rejected), (1, 0));
    let head = world.caller("CDO", None);
    let query = ListQuery { kind: "customer".into(), ..ListQuery::default() };
    let record = world.engine().list(&head, &query).unwrap().items.remove(0);
    assert_eq!(record.fields.get("remarks").unwrap(), "注册资金（原文）：谭勇");
    assert!(record.fields.get("registered_capital").is_none());
}

#[test]
fn what_is_above_the_level_of_the_remarks_is_never_kept_there() {
    let world = World::new();
    let long = "甲".repeat(5_000);
    for (column, value) in [("法人代表", &long), ("收货地址", &long), ("注册地址", &long)] {
        let text = format!("企业名称,客户类型,{column}\n示例,A,{value}\n");
        let done = import(&world, &file(&world, text)).unwrap();
        assert_eq!((done.imported, done.rejected), (0, 1), "{column}");
    }
}

#[test]
fn gb18030_and_utf8_with_a_mark_are_told_apart() {
    let world = World::new();
    let text = [HEADER, GOOD].concat();
    let (gb, _, _) = encoding_rs::GB18030.encode(&text);
    assert_eq!(import(&world, &file(&world, &gb)).unwrap().imported, 1);
    let again = import(&world, &file(&world, format!("\u{feff}{text}"))).unwrap();
    assert_eq!((again.imported, again.duplicates), (0, 1));
}

#[test]
fn a_broken_file_says_what_is_wrong_and_changes_nothing() {
    let world = World::new();
    let long = format!("{HEADER}\"{}", "x".repeat(40_000));
    for (text, key) in [
        ("".as_bytes().to_vec(), "import_empty"),
        (HEADER.as_bytes().to_vec(), "import_empty"),
        (b"a,b\n1,2\n".to_vec(), "import_no_name"),
        ("企业名称,名称\n甲,乙\n".as_bytes().to_vec(), "import_column_twice"),
        (b"name\n\x00\n".to_vec(), "import_nul"),
        (b"PK\x03\x04".to_vec(), "import_workbook_broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "import_old_workbook"),
        (b"name\n\xff\xff\xff\n".to_vec(), "import_encoding"),
        (long.into_bytes(), "import_quote_open"),
        (format!("{HEADER}\"{}", "x".repeat(600_000)).into_bytes(), "import_row_too_long"),
        (format!("name{}\nx\n", ",c".repeat(300)).into_bytes(), "import_too_many_columns"),
    ] {
        let fault = import(&world, &file(&world, text)).err().unwrap();
        assert_eq!(fault.key, key);
    }
    let fault = import(&world, std::path::Path::new("/nowhere.csv")).err().unwrap();
    assert_eq!(fault.key, "file_not_found");
    assert_eq!(count(&world), 0);
}

#[test]
fn a_workbook_goes_in_like_a_text() {
    let world = World::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["企业名称", "统一社会信用代码", "注册日期", "注册资金（万元）"]).unwrap();
    sheet.write_row(1, 0, ["示例科技(杭州)有限公司", "91350100M000100Y43"]).unwrap();
    sheet.write(1, 2, 39_994).unwrap();
    sheet.write(1, 3, 500).unwrap();
    sheet.write(4, 0, "示例二厂").unwrap();
    sheet.write(4, 1, 91_350_100_000_100_043_f64).unwrap();
    sheet.write(5, 0, "合计").unwrap();
    let path = world.folder.path().join("in.xlsx");
    std::fs::write(&path, book.save_to_buffer().unwrap()).unwrap();
    let done = import(&world, &path).unwrap();
    assert_eq!((done.imported, done.rejected), (1, 2));
    let rejected = std::fs::read_to_string(done.rejected_file.unwrap()).unwrap();
    assert!(
        rejected.contains(",5,证件号码：数字超过 15 位") && rejected.contains(",6,这一行是合计"),
        "{rejected}"
    );
    let head = world.caller("CDO", None);
    let query = ListQuery { kind: "customer".into(), ..ListQuery::default() };
    let record = world.engine().list(&head, &query).unwrap().items.remove(0);
    assert_eq!(record.fields.get("founded").unwrap(), "2009-06-30");
    assert_eq!(record.fields.get("registered_capital").unwrap()["amount"], "5000000.00");
    world.assert_sound();
}

#[test]
fn the_real_register_goes_in() {
    let Some(path) = real("companies.csv") else { return };
    let world = World::new();
    let rejected = world.folder.path().join("rejected.csv");
    let ask = Import { file: path, rejected: Some(rejected), ..Import::default() };
    let done = world.engine().import(&world.operator(), &ask, &mut |_| {}).unwrap();
    assert_eq!(done.imported + done.rejected + done.duplicates, 20_000);
    assert_eq!((done.rejected, done.duplicates), (3, 1));
    assert_eq!(count(&world), 19_996);
    world.assert_sound();
}

/// A file of the shared reference data, when it is there.
fn real(name: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("DOSSIER_TEST_DATA").map_or(beside, PathBuf::from);
    let path = folder.join(name);
    if !path.exists() {
        eprintln!("skipped: the reference data has no {name} here");
        return None;
    }
    Some(path)
}
