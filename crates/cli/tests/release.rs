//! What a release is built with.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[test]
fn a_release_checks_for_overflow_as_the_tests_do() {
    let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml")).unwrap();
    let (_, release) = manifest.split_once("[profile.release]\n").unwrap();
    let release = release.split("\n[").next().unwrap();
    assert!(release.lines().any(|line| line == "overflow-checks = true"), "{release}");
    // Neither for a single crate nor by another profile is it turned off.
    assert!(!manifest.contains("overflow-checks = false") && !manifest.contains("[profile.release."));
}
