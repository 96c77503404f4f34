//! Whoever edits what is stored is refused on read, or found by a deep verification.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    reason = "a test that cannot go on fails"
)]

#[path = "tampered/back.rs"]
mod back;
mod common;
#[path = "tampered/db.rs"]
mod db;
#[path = "tampered/files.rs"]
mod files;
#[path = "tampered/place.rs"]
mod place;
#[path = "tampered/rows.rs"]
mod rows;
#[path = "tampered/sight.rs"]
mod sight;

use dossier_engine::Origin;
use place::{Place, Verdict};
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

/// How much longer the run is than that of `make test`, where `DOSSIER_TAMPER_TIMES` says so.
fn longer() -> Option<usize> {
    std::env::var("DOSSIER_TAMPER_TIMES").ok().map(|times| times.parse().unwrap())
}

/// A database is read by the same code as the file: `make test` tries half as much on it.
fn on_a_database() -> bool {
    std::env::var("DOSSIER_TEST_STORE").is_ok_and(|store| store == "mysql")
}

/// So many, or as many times as many.
fn times(count: usize) -> usize {
    match longer() {
        Some(longer) => count * longer,
        None if on_a_database() => count.div_ceil(2),
        None => count,
    }
}

/// Whether the edit of this number is tried: each in a longer run, else one of four (on a database, of eight), others in
/// every run.
fn is_due(number: usize) -> bool {
    static CHOICE: LazyLock<(usize, usize)> = LazyLock::new(|| {
        let of = if on_a_database() { 8 } else { 4 };
        let first = usize::try_from(RandomState::new().build_hasher().finish()).unwrap() % of;
        eprintln!("edits {first}, {}, and so on", first + of);
        (first, of)
    });
    let (first, of) = *CHOICE;
    longer().is_some() || number % of == first
}

/// At most so many places among `0..total`, evenly apart, the first and the last always.
fn spread(total: usize, most: usize) -> impl Iterator<Item = usize> {
    let count = most.min(total);
    (0..count).map(move |at| if count == 1 { 0 } else { at * (total - 1) / (count - 1) })
}

#[test]
fn a_session_put_in_by_hand_opens_nothing() {
    let mut place = Place::furnished();
    let token = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    place.world.open();
    let head = place.world.operator_as("示例用户");
    let client = place.world.engine().clients(&head).unwrap().remove(0).client_id;
    place.world.close();
    let subject = dossier_engine::model::Uid::parse_typeid("cli", &client).unwrap();
    let hash = dossier_crypto::sha256(&[0; 32]);
    let sql = format!(
        "INSERT INTO session VALUES (1, X'{}', X'{}', 2, 0, 9000000000000000, X'{}')",
        db::hex(&hash),
        db::hex(&subject.0),
        db::hex(&[0; 16])
    );
    assert_eq!(place.db.run(&sql), Ok(1));
    place.world.open();
    let fault = place.world.engine().caller(&Origin::default(), token).err().unwrap();
    assert_eq!(fault.key, "unauthenticated");
}

#[test]
fn a_flipped_byte_in_the_access_log_or_the_keyring_is_refused_or_found() {
    let place = Place::furnished();
    let matters = |name: &str| ["access/1/log", "access/1/checkpoint", "keyring"].contains(&name);
    let mut tried = 0;
    for (path, bytes) in place.files("new") {
        let name = path.strip_prefix(place.world.data()).unwrap().to_str().unwrap();
        if !matters(name) {
            continue;
        }
        for at in spread(bytes.len(), times(20)) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(path, &changed).unwrap();
            let what = format!("{name}: byte {at} of {}", bytes.len());
            assert!(place.judge(&what) <= Verdict::Found, "{what}");
            tried += 1;
        }
        for length in [0, bytes.len() / 2, bytes.len() - 1] {
            fs::write(path, &bytes[..length]).unwrap();
            let what = format!("{name}: cut to {length} of {}", bytes.len());
            assert!(place.judge(&what) <= Verdict::Found, "{what}");
        }
    }
    assert!(tried >= 10, "only {tried} bytes were tried");
}

#[test]
fn a_forged_anchor_is_told_from_a_true_one() {
    let mut place = Place::furnished();
    place.world.open();
    let verify = |anchor: &str| {
        let options =
            dossier_engine::VerifyOptions { against: vec![anchor.to_owned()], ..Default::default() };
        place.world.engine().verify(&place.world.operator(), &options, &mut |_, _, _| {}).unwrap().ok
    };
    assert!(verify(&place.anchors[0]));
    assert!(!verify(&place.anchors[0].replace("change\n", "change\n1")));
}

#[test]
fn what_lies_behind_the_head_of_the_change_log_is_followed_by_nobody() {
    let mut place = Place::furnished();
    let followed = |place: &Place, name: &str| {
        let mut seen = Vec::new();
        let mut deliver = |entry: &dossier_engine::EntryShown| {
            seen.push(entry.id.clone());
            Ok(())
        };
        place.world.engine().follow(&place.world.operator(), name, &mut deliver).unwrap();
        seen
    };
    place.world.open();
    let before = followed(&place, "one");
    place.world.close();
    let columns = place.db.columns("change_log");
    let key = columns.iter().find(|column| *column == "position").map_or("id", String::as_str);
    let last = place.db.numbers(&format!("SELECT MAX({key}) AS n FROM change_log"))[0];
    let forged = columns.join(", ").replace(key, &(last + 1).to_string());
    let sql = format!("INSERT INTO change_log SELECT {forged} FROM change_log WHERE {key} = {last}");
    assert_eq!(place.db.run(&sql).unwrap(), 1);
    place.world.open();
    assert!(before.len() > 100);
    assert_eq!(followed(&place, "two"), before);
}
