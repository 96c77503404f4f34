//! Rows of the public register, as they are, through the whole of `accept`, `derive`, `check_record` and `tokens`.

#![allow(clippy::print_stdout, reason = "a test that skips says why")]

use std::collections::BTreeMap;
use std::path::Path;

use dossier_model::kind::is_blank;
use dossier_model::value::{Fields, apply};
use dossier_model::{Day, Kinds, Stage};

/// The reference rows by column; nothing, and a word why, where they are not at hand.
fn rows() -> Vec<BTreeMap<String, String>> {
    let folder = std::env::var_os("DOSSIER_TEST_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        |folder| Path::new(&folder).to_owned(),
    );
    let path = folder.join("companies.csv");
    let Ok(mut reader) = csv::Reader::from_path(&path) else {
        println!("skipped: {} is not there; set DOSSIER_TEST_DATA", path.display());
        return Vec::new();
    };
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn rows_of_the_register_go_in_but_for_a_few_that_say_why() {
    let kind = Kinds::customer();
    let rows = rows();
    if rows.is_empty() {
        return;
    }
    let mut refused = BTreeMap::<String, usize>::new();
    let mut taken = 0;
    for row in &rows {
        let filled = row.iter().filter(|(_, cell)| !is_blank(cell));
        let input = filled
            .map(|(column, cell)| (kind.by_alias(column).unwrap().name.clone(), cell.as_str().into()))
            .collect();
        let problems = match kind.accept(&input, Day::parse("2026-11-22").unwrap()) {
            Err(problems) => problems,
            Ok(changes) => {
                let mut record = Fields::new();
                apply(&mut record, changes);
                kind.derive(&mut record);
                let problems = kind.check_record(&record, Stage::Signed);
                if problems.is_empty() {
                    taken += 1;
                    assert!(kind.tokens(&record).iter().any(|token| token.unique));
                }
                problems
            }
        };
        for problem in problems {
            *refused.entry(format!("{} {}", problem.field.unwrap_or_default(), problem.key)).or_default() +=
                1;
        }
    }
    println!("{taken} of {} rows taken; refused: {refused:#?}", rows.len());
    // What is left is damaged in the register itself: a wrong check character, a bell, an amount that is a name.
    let expected = [
        ("document_number credit_code_check", 3),
        ("registered_address text_control", 1),
        ("registered_capital capital_shape", 2),
    ];
    assert_eq!(refused, BTreeMap::from(expected.map(|(what, count)| (what.to_owned(), count))));
    assert_eq!(taken, rows.len() - 6);
}

#[test]
fn addresses_of_the_register_are_split_with_the_help_of_their_row() {
    use dossier_model::address::{Address, Hint, tidy};
    let rows = rows();
    if rows.is_empty() {
        return;
    }
    let (mut district, mut city, mut province, mut whole) = (0, 0, 0, 0);
    for row in &rows {
        let cell = |name: &str| row.get(name).filter(|cell| !is_blank(cell)).map_or("", String::as_str);
        let text = tidy(cell("注册地址"));
        let address = Address::split(&text, Hint { province: cell("所在省份"), city: cell("地区") });
        assert!(text.ends_with(&format!("{}{}", address.street, address.door)), "characters are lost");
        *match (address.province, address.city, address.district) {
            ("", ..) => &mut whole,
            (_, "", "") => &mut province,
            (_, _, "") => &mut city,
            _ => &mut district,
        } += 1;
    }
    println!("to district {district}, to city {city}, to province {province}, whole {whole}");
    // Where the text names no county, or only a development zone, none is made up.
    assert!(district * 100 >= rows.len() * 80, "{district} of {} have a district", rows.len());
    assert!((province + whole) * 100 <= rows.len(), "{province} and {whole}");
}
