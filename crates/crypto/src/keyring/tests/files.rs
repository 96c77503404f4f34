use std::os::unix::fs::PermissionsExt;

use minicbor::{Decoder, Encoder};

use super::*;
use crate::Keystore;
use crate::secret::sha256_of;

/// The file with its body changed and its hash made to fit, as someone without the tenant key could do.
fn rehashed(file: &[u8], edit: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut d = Decoder::new(file);
    d.array().unwrap();
    d.u8().unwrap();
    let (mut body, mac) = (d.bytes().unwrap().to_vec(), d.bytes().unwrap());
    edit(&mut body);
    let mut out = Vec::new();
    let hash = sha256_of(&[&body, mac]);
    let mut e = Encoder::new(&mut out);
    e.array(4).unwrap().u8(1).unwrap().bytes(&body).unwrap().bytes(mac).unwrap().bytes(&hash).unwrap();
    out
}

#[test]
fn a_keyring_reads_back_with_all_its_keys() {
    let (_dir, path, keyring) = made();
    let read = open(&path).unwrap();
    assert_eq!(secrets(&keyring), secrets(&read));
    assert_eq!(keyring.status(), read.status());
    assert_eq!(secrets(&read).len(), 1024 + 5);
    let name = read.keys().name().to_owned();
    assert!(name.len() == 16 && name.bytes().all(|b| b.is_ascii_hexdigit()), "{name}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_bytes_of_format_1_do_not_change() {
    let (_dir, path) = place();
    let keyring = Keyring::create(&path, TENANT, &KMS, &Counting::default(), NOW).unwrap();
    keyring.add_bucket_generation(3, &Counting::default(), LATER).unwrap();
    let hash = crate::sha256(&fs::read(&path).unwrap());
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "d97d2372299a5787a07f3e10f5ddc03981d78dbc792123d3734c26521ddc53ef");
}

#[test]
fn all_keys_are_different_and_none_stands_in_the_file() {
    let (_dir, path, keyring) = made();
    let mut all = secrets(&keyring);
    all.push(*keyring.keys().tenant_key.key.expose());
    let file = fs::read(&path).unwrap();
    for secret in &all {
        assert!(!file.windows(8).any(|window| window == &secret[..8]));
    }
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 1024 + 6);
}

#[test]
fn create_refuses_an_existing_keyring_and_open_a_missing_one() {
    let (_dir, path) = place();
    assert!(matches!(open(&path), Err(CryptoError::KeyringMissing { .. })));
    Keyring::create(&path, TENANT, &KMS, &SystemEntropy, NOW).unwrap();
    let again = Keyring::create(&path, TENANT, &KMS, &SystemEntropy, NOW);
    assert!(matches!(again, Err(CryptoError::KeyringExists { .. })));
    assert!(open(&path).is_ok());
}

#[test]
fn another_root_key_or_tenant_does_not_open_a_keyring_and_the_error_says_which_would() {
    let (_dir, path, _keyring) = made();
    let error = Keyring::open(&path, TENANT, &TestKms::new(2)).unwrap_err();
    assert!(error.to_string().contains("`test 2`") && error.to_string().contains("`test 85`"), "{error}");
    let error = Keyring::open(&path, Tenant(2), &KMS).unwrap_err();
    assert!(matches!(error, CryptoError::KeyringTenant { found: 1, expected: 2 }));
}

#[test]
fn a_keystore_opens_only_the_keyring_that_it_wrapped() {
    let (dir, path) = place();
    let [first, second] =
        ["a", "b"].map(|n| Keystore::create(&dir.path().join(n), None, &SystemEntropy).unwrap());
    Keyring::create(&path, TENANT, &first, &SystemEntropy, NOW).unwrap();
    assert!(Keyring::open(&path, TENANT, &first).is_ok());
    assert!(matches!(Keyring::open(&path, TENANT, &second), Err(CryptoError::WrongRoot { .. })));
}

#[test]
fn a_keyring_cut_or_changed_anywhere_is_refused() {
    let (_dir, path, _keyring) = made();
    let file = fs::read(&path).unwrap();
    for at in (0..200).chain((200..file.len() - 200).step_by(509)).chain(file.len() - 200..file.len()) {
        fs::write(&path, &file[..at]).unwrap();
        assert!(matches!(open(&path), Err(CryptoError::KeyringDamaged { .. })), "length {at}");
        let mut bad = file.clone();
        bad[at] ^= 1;
        fs::write(&path, &bad).unwrap();
        assert!(matches!(open(&path), Err(CryptoError::KeyringDamaged { .. })), "byte {at}");
    }
    fs::write(&path, [&file[..], &[0]].concat()).unwrap();
    assert!(open(&path).is_err());
}

#[test]
fn an_edit_whose_hash_was_made_to_fit_is_refused_by_the_mac() {
    let (_dir, path, keyring) = made();
    let file = fs::read(&path).unwrap();
    // Numbers, times and wrapped keys all over the file.
    for at in (60..file.len() - 200).step_by(499) {
        fs::write(&path, rehashed(&file, |body| body[at] ^= 1)).unwrap();
        assert!(matches!(open(&path), Err(CryptoError::KeyringDamaged { .. })), "byte {at}");
    }
    let keys = keyring.keys();
    let swapped = rehashed(&file, |body| {
        let place = |bucket: usize| {
            let secret = keys.buckets[bucket].newest.key.secret();
            let wrapped = crate::kwp::wrap(keys.tenant_key.key.expose(), secret.expose()).unwrap();
            body.windows(40).position(|window| window == wrapped).unwrap()
        };
        let (first, second) = (place(3), place(4));
        let (left, right) = body.split_at_mut(second);
        left[first..first + 40].swap_with_slice(&mut right[..40]);
    });
    fs::write(&path, swapped).unwrap();
    assert!(matches!(open(&path), Err(CryptoError::KeyringDamaged { .. })), "two bucket keys exchanged");
}

#[test]
fn debug_shows_no_key() {
    let (_dir, _path, keyring) = made();
    let shown = format!("{keyring:?} {:?}", keyring.keys());
    assert!(!shown.contains("secret") && !shown.contains("wrapped") && shown.len() < 200, "{shown}");
}
