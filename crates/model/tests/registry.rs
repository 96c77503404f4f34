//! The checks against 20,000 registrations as they were published. Skips, with the reason printed, where the reference
//! data is not there.
#![allow(clippy::print_stdout, reason = "a test that skips says why")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use dossier_model::check;
use dossier_model::kind::Kinds;

/// The file in `DOSSIER_TEST_DATA`, else beside the project.
fn rows() -> Option<Vec<BTreeMap<String, String>>> {
    let folder = std::env::var_os("DOSSIER_TEST_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let path = folder.join("companies.csv");
    match csv::Reader::from_path(&path) {
        Ok(mut reader) => Some(reader.deserialize().map(|row| row.expect("the file is CSV")).collect()),
        Err(error) => {
            println!("skipped: `{}` cannot be read: {error}", path.display());
            None
        }
    }
}

fn column<'a>(rows: &'a [BTreeMap<String, String>], name: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row.get(name).map(String::as_str).expect("the column is there")).collect()
}

#[test]
fn credit_codes_and_registration_numbers_are_told_apart() {
    let Some(rows) = rows() else { return };
    let codes = column(&rows, "统一社会信用代码");
    let of = |length: usize| codes.iter().filter(move |code| code.len() == length);

    let right = of(18).filter(|code| check::credit_code(code).is_ok()).count();
    let as_written = of(18).filter(|code| check::credit_code(code).as_deref() == Ok(code)).count();
    let wrong: Vec<_> =
        of(18).filter_map(|code| check::credit_code(code).err()).map(|fault| fault.key).collect();
    // Two of the five that are wrong as written only have a lower-case letter, which normalising mends.
    assert_eq!((as_written, right), (19_937, 19_939));
    assert_eq!(wrong, ["credit_code_check"; 3]);

    assert_eq!((of(15).count(), of(13).count()), (51, 7));
    for code in of(15).chain(of(13)) {
        assert_eq!(check::registration_number(code).as_deref(), Ok(*code));
    }
    let all_digits = of(15).filter(|code| code.bytes().all(|b| b.is_ascii_digit())).count();
    assert_eq!(all_digits, 46, "each of these has a check digit that was tested above");
}

#[test]
fn every_capital_with_one_meaning_is_read() {
    let Some(rows) = rows() else { return };
    let mut currencies: BTreeMap<String, (u32, i64)> = BTreeMap::new();
    let mut refused = Vec::new();
    let mut absent = 0;
    for text in column(&rows, "注册资金") {
        if check::is_absent(text) {
            absent += 1;
            continue;
        }
        match check::capital(text) {
            Ok(money) => {
                let (count, sum) = currencies.entry(money.currency).or_insert((0, 0));
                *count += 1;
                *sum += money.minor;
            }
            Err(fault) => refused.push((fault.key, text.chars().any(|c| c.is_ascii_digit()))),
        }
    }
    // 4,777 × `N/A` and one `-`; one cell holds a person's name, and one a number that lost its point
    // (`2,0000000(万元人民币)`: 2,000.0000 or 20,000,000?), which somebody has to look at.
    assert_eq!(absent, 4_778);
    assert_eq!(refused, [("capital_shape", false), ("capital_shape", true)]);
    // Sums in minor units, computed apart from this program with Python's `decimal`.
    let expected = [
        ("CNY", (14_954, 36_206_314_321_830)),
        ("EUR", (3, 673_999_000)),
        ("HKD", (56, 109_879_562_600)),
        ("JPY", (2, 55_057_174)),
        ("USD", (205, 550_340_156_000)),
    ];
    assert_eq!(currencies, expected.map(|(code, sums)| (code.to_owned(), sums)).into());
}

#[test]
fn every_date_and_name_is_read() {
    let Some(rows) = rows() else { return };
    assert!(column(&rows, "注册日期").into_iter().all(|text| check::date(text).is_ok()));
    for column_name in ["企业名称", "法人代表"] {
        for text in column(&rows, column_name) {
            let name = check::normalise_name(text).expect("no published name holds hidden characters");
            assert!(!name.contains(['(', ')']));
        }
    }
}

#[test]
fn the_columns_of_the_register_are_fields_of_the_customer() {
    let Some(rows) = rows() else { return };
    for name in rows.first().expect("the file has rows").keys() {
        assert!(Kinds::customer().by_alias(name).is_some(), "{name}");
    }
}
