use super::*;
use crate::durable::crash_at;

type Change = fn(&Keyring) -> Result<(), CryptoError>;

#[test]
fn after_a_crash_at_any_step_of_any_change_the_keyring_is_the_old_or_the_new_one() {
    let changes: [Change; 4] = [
        |k| k.rotate_tenant(&KMS, &SystemEntropy, LATER).map(|_| ()),
        |k| k.add_bucket_generation(9, &SystemEntropy, LATER).map(|_| ()),
        |k| k.drop_bucket_generation(7, 1, &KMS, &SystemEntropy, LATER),
        |k| k.add_index_key(&SystemEntropy, LATER).map(|_| ()),
    ];
    for (which, change) in changes.into_iter().enumerate() {
        for at in 0.. {
            let (_dir, path, keyring) = made();
            keyring.add_bucket_generation(7, &SystemEntropy, NOW).unwrap();
            let (old, old_status) = (secrets(&keyring), keyring.status());
            let (done, reached) = crash_at(at, || change(&keyring));
            let read = open(&path).unwrap();
            let is_old = secrets(&read) == old && read.status() == old_status;
            assert!(done.is_err() || !is_old, "acknowledged is durable: change {which}, step {at}");
            assert!(done.is_ok() || secrets(&keyring) == old, "readers keep the old state");
            let left = fs::read_dir(path.parent().unwrap()).unwrap();
            let mut left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
            left.sort();
            assert_eq!(left, ["keyring", "keyring.lock"], "change {which}, step {at}");
            if is_old {
                change(&read).unwrap();
            }
            assert_ne!(open(&path).unwrap().status(), old_status, "change {which}, step {at}");
            if !reached {
                assert!(at > 4, "all steps were tried");
                break;
            }
        }
    }
}

#[test]
fn after_a_write_whose_outcome_is_unknown_reading_goes_on_and_changes_wait_for_a_start() {
    let (_dir, path, keyring) = made();
    let change = || keyring.add_bucket_generation(1, &SystemEntropy, LATER);
    // Steps 0 to 3 are before the file is put in place, 4 is after.
    let (refused, _) = crash_at(3, change);
    assert!(matches!(refused, Err(CryptoError::Io { .. })));
    assert_eq!(change().unwrap(), 2);
    let change = || keyring.add_bucket_generation(2, &SystemEntropy, LATER);
    let (refused, _) = crash_at(4, change);
    assert!(matches!(refused, Err(CryptoError::Io { .. })));
    assert!(matches!(change(), Err(CryptoError::KeyringUncertain { .. })));
    assert_eq!(keyring.current_generation(2), Some(1));
    assert_eq!(open(&path).unwrap().current_generation(2), Some(2));
}

#[test]
fn what_a_crash_left_beside_the_keyring_is_not_read_and_goes_at_the_next_start() {
    let (_dir, path, keyring) = made();
    let tmp = durable::beside(&path, ".tmp");
    for left in [&b""[..], b"half a keyr", &fs::read(&path).unwrap()] {
        fs::write(&tmp, left).unwrap();
        assert_eq!(secrets(&open(&path).unwrap()), secrets(&keyring));
        assert!(!tmp.exists());
    }
    fs::write(&tmp, b"left").unwrap();
    keyring.rotate_tenant(&KMS, &SystemEntropy, LATER).unwrap();
    assert!(!tmp.exists());
}

#[test]
fn a_crash_while_creating_leaves_no_keyring_or_a_whole_one() {
    for at in 0.. {
        let (_dir, path) = place();
        let (_, reached) = crash_at(at, || Keyring::create(&path, TENANT, &KMS, &SystemEntropy, NOW).is_ok());
        if path.exists() {
            open(&path).unwrap();
        } else {
            Keyring::create(&path, TENANT, &KMS, &SystemEntropy, NOW).unwrap();
        }
        if !reached {
            break;
        }
    }
}
