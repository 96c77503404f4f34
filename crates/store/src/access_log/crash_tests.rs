//! Crashes: torn tails, damage, derived files that are missing or wrong, and a process that is killed.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::tests::{ONE, OTHER, check, entry, fill, open, options};
use super::*;

/// Opens a log whose file has other bytes, in a folder of its own.
fn open_with(bytes: &[u8]) -> (tempfile::TempDir, Result<AccessLog, StoreError>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("1")).unwrap();
    std::fs::write(folder.path().join("1/log"), bytes).unwrap();
    let log = AccessLog::open(folder.path(), &options());
    (folder, log)
}

/// The bytes of a log with entries `0..12` of tenant 1 in as many bundles, and the offsets of these.
fn sample() -> (Vec<u8>, Vec<usize>) {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    let path = folder.path().join("1/log");
    let mut offsets = Vec::new();
    for size in 1..=12 {
        offsets.push(path.metadata().unwrap().len() as usize);
        fill(&log, ONE, size, 1);
    }
    (std::fs::read(path).unwrap(), offsets)
}

fn position(outcome: Result<AccessLog, StoreError>) -> String {
    match outcome {
        Err(StoreError::Corrupt(text)) => text,
        other => panic!("damage expected, not {other:?}"),
    }
}

#[test]
fn a_last_bundle_torn_at_any_byte_is_cut_off_and_the_log_goes_on() {
    let (bytes, offsets) = sample();
    let last = offsets[11];
    for end in last..bytes.len() {
        let (folder, log) = open_with(&bytes[..end]);
        let log = log.unwrap();
        assert_eq!(log.recovery().cut_bytes, (end - last) as u64);
        fill(&log, ONE, 12, 1);
        check(&log, ONE, 12);
        drop(log);
        assert_eq!(std::fs::read(folder.path().join("1/log")).unwrap(), bytes, "cut at {end}");
    }
}

#[test]
fn a_last_bundle_whose_later_blocks_never_reached_the_disk_is_cut_off() {
    let (bytes, offsets) = sample();
    for from in (offsets[11]..bytes.len()).step_by(17) {
        for fill in [0u8, 0xD0, 0xFF] {
            let mut torn = bytes.clone();
            torn[from..].fill(fill);
            torn.extend_from_slice(&[fill; 5000]);
            assert_eq!(open_with(&torn).1.unwrap().size(ONE).unwrap(), 11, "from {from}");
        }
    }
}

#[test]
fn a_bit_flipped_anywhere_before_the_last_bundle_is_an_error_with_its_position() {
    let (bytes, offsets) = sample();
    // All bytes of a bundle's head and of its checksum, and some in the middle.
    let ends = |at: &usize| offsets.iter().any(|begin| at.abs_diff(*begin) <= 22);
    for at in (0..offsets[11]).filter(|at| ends(at) || at % 61 == 0) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        let begin = offsets.iter().rev().find(|offset| **offset <= at).unwrap();
        let text = position(open_with(&damaged).1);
        assert!(text.starts_with(&format!("access log, byte {begin}: ")), "{text}");
    }
}

#[test]
fn a_bundle_taken_out_or_put_in_twice_is_an_error_with_its_position() {
    let (bytes, offsets) = sample();
    let without = [&bytes[..offsets[4]], &bytes[offsets[5]..]].concat();
    assert!(
        position(open_with(&without).1).starts_with(&format!("access log, byte {}: entry 4", offsets[4]))
    );
    let twice = [&bytes[..offsets[5]], &bytes[offsets[4]..]].concat();
    assert!(position(open_with(&twice).1).starts_with(&format!("access log, byte {}: entry 5", offsets[5])));
}

#[test]
fn more_rubbish_than_one_write_can_leave_is_not_cut_off() {
    let (mut bytes, offsets) = sample();
    bytes.truncate(offsets[11] + 10);
    bytes.resize(offsets[11] + 17 * 1024 * 1024, 0);
    assert!(position(open_with(&bytes).1).contains("more than a torn write leaves"));
}

#[test]
fn a_log_behind_its_checkpoint_does_not_open_and_is_not_cut() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    fill(&log, ONE, 9, 3);
    log.save_checkpoint(ONE, &Checkpoint { size: 9, text: "origin\n9\nroot\n".into() }).unwrap();
    drop(log);
    let file = File::options().write(true).open(folder.path().join("1/log")).unwrap();
    let torn = file.metadata().unwrap().len() - 1;
    file.set_len(torn).unwrap();
    assert!(
        position(AccessLog::open(folder.path(), &options()))
            .contains("6 entries, but its checkpoint covers 9")
    );
    assert_eq!(file.metadata().unwrap().len(), torn);
}

/// A log of two tenants that is large enough for a mark, closed.
fn marked() -> (tempfile::TempDir, u64) {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    for round in 1..=10 {
        fill(&log, ONE, round * 130, 13);
        fill(&log, OTHER, round * 60, 30);
    }
    drop(log);
    let mark = mark::Mark::from_bytes(&std::fs::read(folder.path().join("1/mark")).unwrap()).unwrap();
    (folder, mark.end)
}

/// Opens it, which has to begin reading at `from`.
fn check_marked(folder: &Path, from: u64, what: &str) {
    let log = open(folder);
    assert_eq!(log.recovery().from, from, "{what}");
    check(&log, ONE, 1300);
    check(&log, OTHER, 600);
    log.verify().unwrap_or_else(|error| panic!("{what}: {error}"));
}

#[test]
fn opening_goes_on_from_the_mark() {
    let (folder, end) = marked();
    check_marked(folder.path(), end, "whole");
    let log = open(folder.path());
    assert!(log.recovery().entries < 800, "only what came after the mark was read");
}

#[test]
fn derived_files_that_are_missing_short_or_wrong_are_made_again() {
    for name in ["mark", "index", "tile.0", "tenant-7.index", "tenant-7.tile.0"] {
        let (folder, _) = marked();
        let (path, mark) = (folder.path().join("1").join(name), folder.path().join("1/mark"));
        let (whole, vouching) = (std::fs::read(&path).unwrap(), std::fs::read(&mark).unwrap());
        // The file may be longer than what the mark vouches for, which is what counts.
        for end in [0, 1, 15, whole.len() / 4] {
            std::fs::write(&mark, &vouching).unwrap();
            std::fs::write(&path, &whole[..end]).unwrap();
            check_marked(folder.path(), 0, &format!("{name} cut at {end}"));
            if name != "mark" {
                assert_eq!(std::fs::read(&path).unwrap(), whole, "{name} cut at {end}");
            }
        }
        std::fs::write(&mark, &vouching).unwrap();
        std::fs::remove_file(&path).unwrap();
        check_marked(folder.path(), 0, name);
        let log = open(folder.path());
        assert!(log.recovery().from > 0, "a mark is there again");
    }
}

#[test]
fn a_tile_with_a_flipped_bit_is_noticed_before_it_gets_into_a_root() {
    let (folder, _) = marked();
    let path = folder.path().join("1/tile.0");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[700] ^= 4;
    std::fs::write(&path, &bytes).unwrap();
    check_marked(folder.path(), 0, "made again");
}

#[test]
fn verification_notices_what_was_changed_under_an_open_log() {
    for (name, at) in [("log", 50_000), ("tile.0", 9000), ("index", 40)] {
        let (folder, _) = marked();
        let log = open(folder.path());
        log.verify().unwrap();
        let path = folder.path().join("1").join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[at] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(matches!(log.verify(), Err(StoreError::Corrupt(_))), "{name}");
    }
}

#[test]
fn a_log_cut_below_its_mark_does_not_open() {
    let (folder, end) = marked();
    let file = File::options().write(true).open(folder.path().join("1/log")).unwrap();
    file.set_len(end - 1).unwrap();
    assert!(position(AccessLog::open(folder.path(), &options())).contains("was durable up to"));
}

#[test]
fn a_log_file_is_verified_on_its_own() {
    let (folder, _) = marked();
    let path = folder.path().join("1/log");
    let verified = verify_file(&path).unwrap();
    let log = open(folder.path());
    assert_eq!(verified, log.verify().unwrap());
    assert_eq!(verified.heads[0].1.root, log.head(ONE).unwrap().root);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(folder.path().join("copy"), &bytes[..bytes.len() - 1]).unwrap();
    assert!(matches!(verify_file(&folder.path().join("copy")), Err(StoreError::Corrupt(_))));
}

const CHILD: &str = "DOSSIER_ACCESS_LOG_CHILD";

/// Not a test: what the killed process does. Prints each index once it is acknowledged.
#[test]
#[ignore = "started by the test below"]
fn child_that_appends_until_it_is_killed() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let log = open(Path::new(&folder));
    let next = Mutex::new(());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                loop {
                    // Content tells the index, so index and hand-in have to go together.
                    let turn = next.lock();
                    let index = CLAIMED.fetch_add(1, Ordering::SeqCst) + log.recovery().entries;
                    let ticket = log.append(ONE, vec![entry(ONE, index)]);
                    drop(turn);
                    assert_eq!(ticket.wait(), Ok(index));
                    println!("acknowledged {index}");
                }
            });
        }
    });
}

static CLAIMED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

#[test]
fn whatever_a_killed_process_acknowledged_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for round in 0..12 {
        // Each round begins without a mark, so that the number of entries is known from reading them all.
        let _ = std::fs::remove_file(folder.path().join("1/mark"));
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture"])
            .arg(
                concat!(module_path!(), "::child_that_appends_until_it_is_killed")
                    .split_once("::")
                    .unwrap()
                    .1,
            )
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reader = std::thread::spawn(move || {
            lines
                .map_while(Result::ok)
                .filter_map(|l| l.strip_prefix("acknowledged ")?.parse::<u64>().ok())
                .max()
        });
        std::thread::sleep(Duration::from_millis(40 + round * 13));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged = acknowledged.max(reader.join().unwrap().map_or(0, |last| last + 1));
        let log = open(folder.path());
        let size = log.size(ONE).unwrap();
        assert!(size >= acknowledged, "round {round}: {size} of {acknowledged}");
        check(&log, ONE, size);
        log.verify().unwrap();
    }
    assert!(acknowledged > 100, "only {acknowledged} were acknowledged in all rounds");
}
