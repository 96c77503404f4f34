//! Bytes of files, turned over, cut off or taken away.

use super::place::{Place, Verdict};
use super::rows::MECHANICS;
use crate::{spread, times};
use std::collections::BTreeMap;
use std::fs;

/// Files whose bytes nobody goes by: locks, the path that is given anyway, and what is made again from the rest.
const DERIVED: [&str; 7] =
    ["lock", "keyring.lock", "keystore", "node", "access/1/mark", "access/1/index", "access/1/tile.0"];

fn derived(name: &str) -> bool {
    DERIVED.contains(&name) || name.starts_with("search/")
}

#[test]
fn any_byte_of_any_file_turned_over_is_refused_or_found_or_changes_nothing() {
    let place = Place::furnished();
    let (mut tried, mut unnoticed) = (BTreeMap::new(), Vec::new());
    for (path, bytes) in place.files("new") {
        let name = path.strip_prefix(place.world.data()).unwrap().to_str().unwrap();
        let mut edited: Vec<(String, Vec<u8>)> =
            spread(bytes.len(), times(if derived(name) { 2 } else { 6 }))
                .map(|at| {
                    let mut flipped = bytes.clone();
                    flipped[at] ^= 1;
                    (format!("byte {at} of {}", bytes.len()), flipped)
                })
                .collect();
        edited.extend(
            spread(bytes.len(), times(2))
                .map(|length| (format!("cut to {length}"), bytes[..length].to_vec())),
        );
        for (what, edited) in edited {
            fs::write(path, &edited).unwrap();
            let verdict = place.judge(&format!("{name}: {what}"));
            *tried.entry(name.to_owned()).or_insert(0) += 1;
            if verdict > Verdict::Found && !derived(name) {
                unnoticed.push(format!("{name}: {what}: {verdict:?}"));
            }
        }
        fs::remove_file(path).unwrap();
        let verdict = place.judge(&format!("{name} taken away"));
        // A checkpoint that is gone is made again; one that is wrong is told.
        if verdict > Verdict::Found && !derived(name) && !name.ends_with("checkpoint") {
            unnoticed.push(format!("{name} taken away: {verdict:?}"));
        }
    }
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
    eprintln!("files and their edits: {tried:?}");
}

/// The file of the tables, a byte in each page. Pages have room that nothing is in, and lists that nothing reads: where
/// nobody says anything, all is to be seen as it was.
#[test]
fn a_byte_turned_over_in_any_page_of_the_database_shows_nothing_false() {
    let place = Place::furnished();
    let path = place.world.data().join("store.db");
    let Ok(bytes) = fs::read(&path) else { return };
    let (pages, mut tally) = (bytes.len() / 4096, BTreeMap::new());
    for at in spread(pages, times(40)) {
        // Somewhere else in each page, where there is something.
        let used: Vec<usize> = (at * 4096..(at + 1) * 4096).filter(|byte| bytes[*byte] != 0).collect();
        let Some(offset) = used.get((at * 977) % used.len().max(1)).copied() else { continue };
        let mut flipped = bytes.clone();
        flipped[offset] ^= 1;
        fs::write(&path, &flipped).unwrap();
        let what = format!("store.db: byte {offset} of {}", bytes.len());
        let same = place.db.same_rows(&MECHANICS);
        let verdict = place.judge(&what);
        assert!(verdict <= Verdict::Found || same, "{what}: {verdict:?}");
        *tally.entry((verdict, same)).or_insert(0) += 1;
    }
    eprintln!("bytes of the database, whether its rows are the same: {tally:?}");
}
