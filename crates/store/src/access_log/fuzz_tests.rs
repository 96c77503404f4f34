//! Bundles, marks and checkpoints with changes: read or refused, never a panic.

use dossier_fuzz::fuzz;

use super::format::{Bundle, write_bundle};
use super::mark::Mark;
use super::tests::{ONE, entry, fill, open};
use super::*;

#[test]
fn bundles() {
    let mut whole = Vec::new();
    let parts = [&[0, 0, 0, 3][..], b"abc", &[0, 0, 0, 0], &[0, 0, 0, 0], &[0, 0, 0, 1], b"x"];
    write_bundle(&mut whole, ONE, 7, 2, parts.iter().copied());
    let checked = |body: &[u8]| {
        let digest = <sha2::Sha256 as sha2::Digest>::digest(body);
        [body, &digest[..CHECKSUM]].concat()
    };
    fuzz(&[&whole[..whole.len() - CHECKSUM]], &["\0\0\0\x01"], |bytes| {
        // Once as damage is, and once so that only what stands inside decides.
        for bytes in [bytes.to_vec(), checked(bytes)] {
            if let Ok(bundle) = Bundle::parse(&bytes) {
                assert_eq!(bundle.entries().count(), bundle.header.count as usize);
            }
        }
    });
}

const CHECKSUM: usize = 8;

#[test]
fn marks_and_checkpoints() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    for round in 1..=10 {
        fill(&log, ONE, round * 130, 13);
    }
    drop(log);
    let mark = std::fs::read(folder.path().join("1/mark")).unwrap();
    fuzz(&[&mark], &[], |bytes| {
        let digest = <sha2::Sha256 as sha2::Digest>::digest(bytes);
        let _ = (Mark::from_bytes(bytes), Mark::from_bytes(&[bytes, &digest[..8]].concat()));
    });
    fuzz(
        &["dossier/1/access/1\n15\nct41YFxF8YDuu4ZL=\n\n— x Az3g\n"],
        &["\n", "18446744073709551616"],
        |bytes| {
            let _ = checkpoint::size_of(&String::from_utf8_lossy(bytes));
        },
    );
}

#[test]
fn whole_logs() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    for size in 1..=5 {
        fill(&log, ONE, size, 1);
    }
    drop(log);
    let path = folder.path().join("1/log");
    let whole = std::fs::read(&path).unwrap();
    fuzz(&[&whole], &[], |bytes| {
        std::fs::write(&path, bytes).unwrap();
        let _ = std::fs::remove_file(folder.path().join("1/mark"));
        let _ = std::fs::remove_file(folder.path().join("1/index"));
        // Whatever opens has entries from the first on, each as it was written.
        if let Ok(log) = AccessLog::open(folder.path(), &super::tests::options()) {
            let read: Vec<_> = log.entries(ONE, 0, u64::MAX).unwrap().map(Result::unwrap).collect();
            assert!(read.iter().all(|(index, one)| *one == entry(ONE, *index)));
        }
    });
}
