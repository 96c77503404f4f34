use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Mutex;

use dossier_model::time::Micros;
use proptest::prelude::*;

use super::*;
use crate::SystemEntropy;

const TENANT: Tenant = Tenant(1);

/// Gives out these bytes.
struct Fixed(Mutex<Vec<u8>>);

impl Entropy for Fixed {
    fn fill(&self, out: &mut [u8]) {
        let mut left = self.0.lock().unwrap();
        let rest = left.split_off(out.len());
        out.copy_from_slice(&left);
        *left = rest;
    }
}

fn fixed(set: [u8; SET], random: [u8; SHARE]) -> Fixed {
    Fixed(Mutex::new([&set[..], &random].concat()))
}

fn shown(sheet: &Sheet) -> Vec<String> {
    sheet.groups().iter().map(|group| group.to_string()).collect()
}

/// A sheet as somebody types it.
fn typed(side: Side, groups: &[String]) -> Result<Sheet, CryptoError> {
    let read = |(number, text): (u8, &String)| Group::read(side, number, text);
    let groups = (1..=GROUPS).zip(groups).map(read).collect::<Result<Vec<_>, _>>()?;
    Sheet::of(side, &groups)
}

fn joined(a: &[String], b: &[String]) -> Result<Secret, CryptoError> {
    join(&typed(Side::A, a)?, &typed(Side::B, b)?)
}

#[test]
fn the_characters_of_a_sheet_are_pinned() {
    let key = Secret::from_bytes(&std::array::from_fn(|i| i as u8));
    let [a, b] = split(&key, &fixed([0xC0, 0xDE], [0x5A; SHARE]));
    assert_eq!(shown(&a).join(" "), PINNED_A);
    assert_eq!(shown(&b).join(" "), PINNED_B);
    assert_eq!((a.set_name(), b.set_name()), ("C0DE".to_owned(), "C0DE".to_owned()));
}

/// As a program that shares nothing with this one wrote them, from `docs/formats.md`.
const PINNED_A: &str =
    "B9D5B MPJT5 B9D59 MPJT3 B9D5F MPJT1 B9D5D MPJTF B9D53 MPJTD B9D51 MPJTB B9DC3 1QJAF D0QGH";
const PINNED_B: &str =
    "B9DNQ GPAYA BXE5T TMJK4 A18NS CNTMT AN54V PJ298 9S7MV RKA2N 8D04H 2HJ7A 8H2W1 1QPTM Q5HGG";

proptest! {
    #[test]
    fn both_sheets_are_the_key(key: [u8; 32], random: [u8; 32], set: [u8; 2]) {
        let [a, b] = split(&Secret::from_bytes(&key), &fixed(set, random));
        let joined = joined(&shown(&a), &shown(&b)).unwrap();
        prop_assert_eq!(joined.expose(), &key);
    }

    /// The first sheet is made without the key. The second one, whatever it says, comes of any key equally: of another
    /// key under that many other random bytes.
    #[test]
    fn one_sheet_says_nothing_of_the_key(key: [u8; 32], other: [u8; 32], random: [u8; 32], set: [u8; 2]) {
        let sheets = |key: &[u8; 32], random| split(&Secret::from_bytes(key), &fixed(set, random));
        let [a, b] = sheets(&key, random);
        prop_assert_eq!(shown(&a), shown(&sheets(&other, random)[0]));
        let moved = *xor(&xor(&random, &key), &other);
        prop_assert_eq!(shown(&b), shown(&sheets(&other, moved)[1]));
    }

    #[test]
    fn a_mistyped_character_is_noticed_and_its_group_named(
        key: [u8; 32],
        side in 0..2_usize,
        at in 0..75_usize,
        wrong in "[0-9A-Za-z]",
    ) {
        let sheets = split(&Secret::from_bytes(&key), &SystemEntropy);
        let mut groups = shown(&sheets[side]);
        let (group, place) = (at / 5, at % 5);
        let right = groups[group].clone();
        groups[group].replace_range(place..=place, &wrong);
        let side = Side::BOTH[side];
        match typed(side, &groups) {
            Ok(_) => prop_assert_eq!(
                groups[group].to_uppercase().replace(['I', 'L'], "1").replace('O', "0"), right
            ),
            Err(CryptoError::RecoveryGroup { sheet, group: named }) => {
                prop_assert_eq!((sheet, usize::from(named)), (side.letter(), group + 1));
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn groups_that_changed_places_are_noticed_and_the_first_one_named(key: [u8; 32], a in 0..15_usize, b in 0..15_usize) {
        prop_assume!(a != b);
        let [sheet, _] = split(&Secret::from_bytes(&key), &SystemEntropy);
        let mut groups = shown(&sheet);
        groups.swap(a, b);
        let named = typed(Side::A, &groups).err();
        let first = a.min(b) + 1;
        let named = match named {
            Some(CryptoError::RecoveryGroup { group, .. }) => usize::from(group),
            _ => 0,
        };
        prop_assert_eq!(named, first);
    }

    /// Many wrong characters in one group pass its check once in 32 times: then the sheet's does not.
    #[test]
    fn what_the_check_of_a_group_lets_through_the_sheet_notices(key: [u8; 32], at in 0..15_u8, other in proptest::array::uniform4(0..32_u8)) {
        let [sheet, _] = split(&Secret::from_bytes(&key), &SystemEntropy);
        let mut groups = shown(&sheet);
        let mut wrong = String::new();
        group::write(&other, Side::A.place(at + 1), &mut wrong);
        prop_assume!(wrong != groups[usize::from(at)]);
        groups[usize::from(at)] = wrong;
        let noticed = matches!(typed(Side::A, &groups), Err(CryptoError::RecoverySheet { sheet: 'A' }));
        prop_assert!(noticed);
    }
}

#[test]
fn sheets_of_different_prints_do_not_go_together() {
    let key = Secret::from_bytes(&[7; 32]);
    let [a, _] = split(&key, &fixed([0, 1], [1; 32]));
    let [_, b] = split(&key, &fixed([0, 2], [2; 32]));
    assert!(
        matches!(joined(&shown(&a), &shown(&b)), Err(CryptoError::RecoveryPair { a, b }) if a == "0001" && b == "0002")
    );
}

#[test]
fn a_sheet_is_not_taken_for_the_other_one() {
    let [a, b] = split(&Secret::from_bytes(&[7; 32]), &SystemEntropy);
    assert!(matches!(typed(Side::B, &shown(&a)), Err(CryptoError::RecoveryGroup { sheet: 'B', group: 1 })));
    assert!(typed(Side::A, &shown(&b)).is_err());
    assert!(matches!(join(&a, &a), Err(CryptoError::RecoveryPair { .. })));
}

#[test]
fn a_sheet_with_groups_missing_is_refused() {
    let [a, _] = split(&Secret::from_bytes(&[7; 32]), &SystemEntropy);
    let groups = shown(&a);
    for count in 0..groups.len() {
        assert!(matches!(typed(Side::A, &groups[..count]), Err(CryptoError::RecoverySheet { .. })));
    }
}

#[test]
fn each_print_of_a_key_is_another_one() {
    let key = Secret::from_bytes(&[7; 32]);
    let (first, second) = (split(&key, &SystemEntropy), split(&key, &SystemEntropy));
    for side in 0..2 {
        assert_ne!(shown(&first[side]), shown(&second[side]));
    }
}

#[test]
fn a_group_is_confirmed_by_what_is_on_its_own_sheet_alone() {
    let key = Secret::from_bytes(&[7; 32]);
    let ([a, b], [other, _]) = (split(&key, &fixed([1; 2], [1; 32])), split(&key, &fixed([1; 2], [9; 32])));
    for (number, text) in (1..=GROUPS).zip(shown(&a)) {
        assert!(a.says(number, &text.to_lowercase()));
        // The same characters are right there too, at their place, and say something else.
        assert!(!other.says(number, &text) || shown(&other)[usize::from(number) - 1] == text);
        assert!(!b.says(number, &text) && !a.says(number % GROUPS + 1, &text));
    }
    for number in [0, GROUPS + 1, u8::MAX] {
        assert!(!a.says(number, &shown(&a)[0]));
        assert!(Group::read(Side::A, number, &shown(&b)[0]).is_err());
    }
}

#[test]
fn two_different_groups_are_asked_for_and_any_of_them() {
    let mut seen = std::collections::BTreeSet::new();
    for first in 0..=255 {
        for second in [0, 1, 13, 14, 100, 255] {
            let [a, b] = two_groups(&Fixed(Mutex::new(vec![first, second])));
            assert!(a < b && a >= 1 && b <= GROUPS, "{a} {b}");
            seen.extend([a, b]);
        }
    }
    assert_eq!(seen.len(), usize::from(GROUPS));
}

#[test]
fn debug_shows_nothing_of_a_sheet() {
    let [a, _] = split(&Secret::from_bytes(&[7; 32]), &SystemEntropy);
    assert_eq!(format!("{a:?}"), "Sheet { side: A, .. }");
}

/// Keystore, keyring, both sheets typed back, in a folder of its own.
fn lost() -> (tempfile::TempDir, PathBuf, PathBuf, [Sheet; 2]) {
    let dir = tempfile::tempdir().unwrap();
    let (path, keyring) = (dir.path().join("config/n.keystore"), dir.path().join("data/keyring"));
    let keystore = Keystore::create(&path, Some("correct horse"), &SystemEntropy).unwrap();
    Keyring::create(&keyring, TENANT, &keystore, &SystemEntropy, Micros(1)).unwrap();
    let [a, b] = keystore.sheets(&SystemEntropy);
    let typed = [typed(Side::A, &shown(&a)).unwrap(), typed(Side::B, &shown(&b)).unwrap()];
    fs::remove_file(&path).unwrap();
    (dir, path, keyring, typed)
}

#[test]
fn a_lost_keystore_comes_back_from_both_sheets_under_a_new_passphrase_or_none() {
    for passphrase in [None, Some("another horse")] {
        let (_dir, path, keyring, sheets) = lost();
        let made = Keystore::restore(&path, passphrase, &sheets, (&keyring, TENANT), &SystemEntropy).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let read = Keystore::open(&path, passphrase).unwrap();
        assert_eq!((read.id(), read.is_protected()), (made.id(), passphrase.is_some()));
        assert!(Keyring::open(&keyring, TENANT, &read).is_ok());
    }
}

#[test]
fn a_keystore_that_is_there_is_never_replaced() {
    let (_dir, path, keyring, sheets) = lost();
    fs::write(&path, "something").unwrap();
    let refused = Keystore::restore(&path, None, &sheets, (&keyring, TENANT), &SystemEntropy);
    assert!(matches!(refused, Err(CryptoError::KeystoreExists { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "something");
}

#[test]
fn sheets_of_another_root_key_write_nothing() {
    let (_dir, path, keyring, _) = lost();
    let (_other, _, _, sheets) = lost();
    let refused = Keystore::restore(&path, None, &sheets, (&keyring, TENANT), &SystemEntropy);
    assert!(
        matches!(refused, Err(CryptoError::RecoveryOther { given, expected }) if given != expected && !expected.is_empty())
    );
    assert!(!path.exists());
    assert!(!path.parent().unwrap().exists() || fs::read_dir(path.parent().unwrap()).unwrap().count() == 0);
}
