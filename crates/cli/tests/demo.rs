//! Made-up data.

mod common;

use common::Home;

#[test]
fn a_file_is_the_same_for_a_seed_and_needs_no_data_folder() {
    let home = Home::new();
    let make = |name: &str, seed: &str| {
        home.done(&["demo", "generate", "--customers", "50", "--out", name, "--seed", seed]);
        std::fs::read_to_string(home.path(name)).unwrap()
    };
    assert_eq!(make("a.csv", "1"), make("b.csv", "1"));
    assert_ne!(make("a.csv", "1"), make("c.csv", "2"));
    assert!(!home.data().exists());
}

#[test]
fn a_dash_writes_to_standard_output() {
    let home = Home::new();
    let out = home.done(&["demo", "generate", "--customers", "2", "--out", "-"]);
    assert_eq!(out.lines().count(), 3, "{out}");
}

#[test]
fn numbers_and_places_that_do_not_work_are_refused() {
    let home = Home::new();
    for wrong in ["0", "-1", "many", "10000001"] {
        assert_eq!(
            home.run(&["demo", "generate", "--customers", wrong, "--out", "x"]).code,
            Some(2),
            "{wrong}"
        );
    }
    assert_eq!(
        home.refused(&["demo", "generate", "--customers", "1", "--out", "no/such/x"]),
        "file_unwritable"
    );
}
