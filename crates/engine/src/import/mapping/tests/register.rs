//! The register as it was published, where it is at hand.

use super::{kind, today};
use crate::import::mapping::Mapping;
use crate::import::source::Source;
use std::collections::BTreeMap;
use std::path::Path;

/// How many values went where, over all rows.
#[derive(Default)]
struct Counted {
    refused: BTreeMap<String, usize>,
    aside: BTreeMap<String, usize>,
    kept: BTreeMap<String, usize>,
    blank: BTreeMap<String, usize>,
}

#[test]
#[allow(clippy::print_stdout, reason = "a test that skips says why")]
fn each_value_of_the_register_ends_in_its_field_or_in_the_remarks() {
    let folder = std::env::var_os("DOSSIER_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), Into::into);
    let path = folder.join("companies.csv");
    if !path.exists() {
        println!("skipped: {} is not there; set DOSSIER_TEST_DATA", path.display());
        return;
    }
    let source = Source::file(&path);
    let scanned = source.scan().unwrap();
    let mapping = Mapping::suggest(kind(), &scanned.header, &[]);
    assert!(mapping.ignored().is_empty());
    let mut counted = Counted::default();
    for row in source.rows(&scanned).unwrap().map(Result::unwrap) {
        let shown = mapping.preview(kind(), &[row], today()).remove(0);
        for problem in &shown.problems {
            let what = format!("{} {}", problem.header.as_deref().unwrap_or_default(), problem.fault.key);
            *counted.refused.entry(what).or_default() += 1;
        }
        if !shown.problems.is_empty() {
            continue;
        }
        for (cell, header) in shown.cells.iter().zip(&scanned.header) {
            let place = match (&cell.value, cell.aside) {
                (Some(_), _) => &mut counted.kept,
                (None, true) => &mut counted.aside,
                (None, false) => &mut counted.blank,
            };
            *place.entry(header.clone()).or_default() += 1;
        }
    }
    let as_counted = |counts: &BTreeMap<String, usize>| {
        counts.iter().map(|(name, count)| (name.clone(), *count)).collect::<Vec<_>>()
    };
    println!("{:?}\n{:?}\n{:?}\n{:?}", counted.refused, counted.aside, counted.kept, counted.blank);
    // Nothing is refused but numbers that are wrong, and nothing stands aside but an amount that is a name and one
    // that lost its point.
    assert_eq!(as_counted(&counted.refused), [("统一社会信用代码 credit_code_check".to_owned(), 3)]);
    assert_eq!(as_counted(&counted.aside), [("注册资金".to_owned(), 2)]);
}
