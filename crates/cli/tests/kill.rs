//! Killed at random moments: what was acknowledged is there, nothing is there twice, nothing is missing.
//!
//! `DOSSIER_FAULT_ROUNDS` sets how many rounds there are (8 when not set), `DOSSIER_FAULT_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod common;

use common::{Home, figures};
use serde_json::Value;
use std::hash::{BuildHasher, Hasher};
use std::process::Stdio;
use std::time::{Duration, Instant};

const ROWS: u64 = 1_200;

/// SplitMix64: which moment, and no more than that.
struct Moments(u64);

impl Moments {
    fn new() -> Moments {
        let given = std::env::var("DOSSIER_FAULT_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| std::hash::RandomState::new().build_hasher().finish());
        told(&format!("DOSSIER_FAULT_SEED={seed}"));
        Moments(seed)
    }

    fn within(&mut self, longest: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        longest.mul_f64((z >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

#[allow(clippy::print_stderr, reason = "with what a failed run is repeated")]
fn told(text: &str) {
    eprintln!("{text}");
}

fn rounds() -> u64 {
    std::env::var("DOSSIER_FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(8)
}

/// Runs a command and kills it after a while. Says whether it was still at work then.
fn killed(home: &Home, line: &[&str], after: Duration) -> bool {
    let mut child = home.command(line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    child.kill().unwrap();
    !child.wait().unwrap().success()
}

fn verified(home: &Home) -> Value {
    let begun = Instant::now();
    let report = home.json(&["ledger", "verify", "--deep"]);
    assert_eq!(report["ok"], true, "{report}");
    assert!(begun.elapsed() < Duration::from_secs(20));
    report
}

/// How long an import takes that nobody disturbs, on this machine and now.
fn undisturbed(file: &str) -> Duration {
    let home = Home::new();
    let begun = Instant::now();
    assert_eq!(figures(&home.done(&["import", file])).0, ROWS);
    begun.elapsed()
}

#[test]
fn an_import_that_is_killed_goes_on_where_it_stopped() {
    let source = Home::new();
    let file = source.customers(ROWS);
    let file = file.to_str().unwrap();
    let longest = undisturbed(file);
    let mut moments = Moments::new();
    let (mut cut_off, mut went_on) = (0, 0);
    for round in 0..rounds() {
        let home = Home::new();
        // Twice, so that what goes on from a crash is cut off as well.
        let mut left = longest;
        for _ in 0..2 {
            let after = moments.within(left);
            left -= after;
            cut_off += u64::from(killed(&home, &["import", file], after));
        }
        let ended = home.run(&["import", file, "--json"]);
        assert_eq!(ended.code, Some(0), "round {round}: {ended:?}");
        let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
        let records = verified(&home)["records"].as_u64();
        assert_eq!(records, Some(ROWS), "round {round}: {answer}");
        went_on += u64::from(answer["resumed"] == true);
        // A run that was killed between its end and its answer leaves duplicates only.
        let counts = ["imported", "rejected", "duplicates"].map(|name| answer[name].as_u64().unwrap());
        assert!(counts == [ROWS, 0, 0] || counts == [0, 0, ROWS], "round {round}: {answer}");
    }
    told(&format!("{cut_off} of {} runs were cut off, {went_on} of {} went on", 2 * rounds(), rounds()));
}

#[test]
fn an_import_through_a_server_that_is_killed_goes_on_where_it_stopped() {
    let home = Home::new();
    let file = home.customers(4 * ROWS);
    let file = file.to_str().unwrap();
    let server = home.serve(&[]);
    let client = home.command(&["import", file, "--json"]).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(250));
    server.kill();
    let ended = client.wait_with_output().unwrap();
    if !ended.status.success() {
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(said.contains("server_gone_import"), "{said}");
    }
    let _server = home.serve(&[]);
    let (imported, rejected, duplicates, _) = figures(&home.done(&["import", file]));
    assert_eq!((imported + duplicates, rejected), (4 * ROWS, 0));
    assert_eq!(verified(&home)["records"], 4 * ROWS);
}

#[test]
fn a_rotation_that_is_killed_is_ended_by_the_next_start() {
    let home = Home::new();
    let file = home.customers(ROWS);
    home.done(&["import", file.to_str().unwrap()]);
    let begun = Instant::now();
    home.done(&["key", "rotate", "--data-keys"]);
    let longest = begun.elapsed();
    let mut moments = Moments::new();
    for _ in 0..rounds().div_ceil(2) {
        killed(&home, &["key", "rotate", "--data-keys"], moments.within(longest));
        assert_eq!(verified(&home)["records"], ROWS);
    }
}
