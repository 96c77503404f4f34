//! Several processes with one file: each [`Keyring`] here stands for one, as locks are those of open files.

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::*;

#[test]
fn what_one_process_changes_the_other_has_after_it_looked() {
    let (_dir, path, first) = made();
    let second = open(&path).unwrap();
    assert!(!second.reload_if_changed(&KMS).unwrap());
    first.add_bucket_generation(7, &SystemEntropy, LATER).unwrap();
    assert_eq!(second.current_generation(7), Some(1));
    assert!(second.reload_if_changed(&KMS).unwrap());
    assert_eq!((secrets(&second), second.status()), (secrets(&first), first.status()));
    first.drop_bucket_generation(7, 1, &KMS, &SystemEntropy, LATER).unwrap();
    assert!(second.reload_if_changed(&KMS).unwrap());
    assert!(second.bucket(7, 1).is_none(), "a destroyed key is in nobody's memory");
    assert!(!second.reload_if_changed(&KMS).unwrap() && !first.reload_if_changed(&KMS).unwrap());
}

#[test]
fn nobody_writes_over_what_another_has_written() {
    let (_dir, path, first) = made();
    let second = open(&path).unwrap();
    first.add_bucket_generation(7, &SystemEntropy, LATER).unwrap();
    let refused = second.add_bucket_generation(8, &SystemEntropy, LATER);
    assert!(matches!(refused, Err(CryptoError::KeyringMoved { .. })));
    let lock = second.lock(&KMS).unwrap();
    second.add_bucket_generation(8, &SystemEntropy, LATER).unwrap();
    drop(lock);
    let read = open(&path).unwrap();
    assert_eq!((read.current_generation(7), read.current_generation(8)), (Some(2), Some(2)));
}

#[test]
fn an_older_copy_put_back_is_refused_and_the_keys_in_use_stay() {
    type Change = fn(&Keyring) -> Result<(), CryptoError>;
    let changes: [Change; 5] = [
        |k| k.rotate_tenant(&KMS, &SystemEntropy, LATER).map(drop),
        |k| k.add_bucket_generation(9, &SystemEntropy, LATER).map(drop),
        |k| k.drop_bucket_generation(7, 1, &KMS, &SystemEntropy, LATER),
        |k| k.add_index_key(&SystemEntropy, LATER).map(drop),
        |k| k.add_text_key(&SystemEntropy, LATER).map(drop),
    ];
    for (which, change) in changes.into_iter().enumerate() {
        let (_dir, path, keyring) = made();
        keyring.add_bucket_generation(7, &SystemEntropy, NOW).unwrap();
        let second = open(&path).unwrap();
        let old = fs::read(&path).unwrap();
        change(&keyring).unwrap();
        second.reload_if_changed(&KMS).unwrap();
        let newest = (fs::read(&path).unwrap(), secrets(&second));
        fs::write(&path, &old).unwrap();
        for keyring in [&keyring, &second] {
            let refused = keyring.reload_if_changed(&KMS);
            assert!(matches!(refused, Err(CryptoError::KeyringOlder { .. })), "change {which}");
            assert!(matches!(keyring.lock(&KMS), Err(CryptoError::KeyringOlder { .. })));
            let refused = keyring.rotate_tenant(&KMS, &SystemEntropy, LATER);
            assert!(matches!(refused, Err(CryptoError::KeyringMoved { .. })));
            assert_eq!(secrets(keyring), newest.1);
        }
        // The newest one put back, all goes on.
        fs::write(&path, &newest.0).unwrap();
        second.reload_if_changed(&KMS).unwrap();
        let _lock = keyring.lock(&KMS).unwrap();
        keyring.rotate_tenant(&KMS, &SystemEntropy, LATER).unwrap();
    }
}

#[test]
fn another_keyring_in_the_files_place_is_refused() {
    let (_dir, path, keyring) = made();
    let (_other_dir, other, _) = made();
    let twin = fs::read(&path).unwrap();
    // Of two that came from one copy and went their own ways, neither follows the other.
    let fork = path.with_file_name("fork");
    fs::write(&fork, twin).unwrap();
    open(&fork).unwrap().add_bucket_generation(3, &SystemEntropy, LATER).unwrap();
    keyring.add_bucket_generation(3, &SystemEntropy, LATER).unwrap();
    for file in [other, fork] {
        fs::copy(file, &path).unwrap();
        assert!(matches!(keyring.reload_if_changed(&KMS), Err(CryptoError::KeyringOlder { .. })));
    }
    fs::write(&path, b"torn").unwrap();
    assert!(matches!(keyring.reload_if_changed(&KMS), Err(CryptoError::KeyringDamaged { .. })));
    fs::remove_file(&path).unwrap();
    assert!(matches!(keyring.reload_if_changed(&KMS), Err(CryptoError::KeyringMissing { .. })));
    assert_eq!(keyring.current_generation(3), Some(2));
}

#[test]
fn one_process_at_a_time_has_the_lock_and_its_file_is_for_the_owner_alone() {
    let (_dir, path, first) = made();
    let second = open(&path).unwrap();
    let held = first.lock(&KMS).unwrap();
    assert!(second.try_lock(&KMS).unwrap().is_none());
    // Within a process it is shared.
    drop(first.try_lock(&KMS).unwrap().unwrap());
    assert!(second.try_lock(&KMS).unwrap().is_none());
    first.rotate_tenant(&KMS, &SystemEntropy, LATER).unwrap();
    let waited = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _held = second.lock(&KMS).unwrap();
            assert!(waited.load(Ordering::SeqCst));
            assert_eq!(second.status().tenant_key.number, 2, "what the other has done is there");
            second.rotate_tenant(&KMS, &SystemEntropy, LATER).unwrap();
        });
        std::thread::sleep(Duration::from_millis(50));
        waited.store(true, Ordering::SeqCst);
        drop(held);
    });
    assert!(first.try_lock(&KMS).unwrap().is_some());
    assert_eq!(first.status().tenant_key.number, 3);
    let lock = fs::metadata(path.with_file_name("keyring.lock")).unwrap();
    assert_eq!(lock.permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_another_process_is_writing_is_not_cleared_away() {
    let (_dir, path, first) = made();
    let _held = first.lock(&KMS).unwrap();
    let tmp = durable::beside(&path, ".tmp");
    fs::write(&tmp, b"half a keyr").unwrap();
    open(&path).unwrap();
    assert!(tmp.exists());
}

#[test]
fn many_processes_that_change_it_at_once_lose_nothing() {
    let (_dir, path, _) = made();
    std::thread::scope(|scope| {
        for bucket in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let keyring = open(path).unwrap();
                for old in 1..6 {
                    let _held = keyring.lock(&KMS).unwrap();
                    keyring.add_bucket_generation(bucket, &SystemEntropy, LATER).unwrap();
                    keyring.drop_bucket_generation(bucket, old, &KMS, &SystemEntropy, LATER).unwrap();
                }
            });
        }
    });
    let read = open(&path).unwrap();
    assert_eq!((0..4).map(|b| read.current_generation(b).unwrap()).collect::<Vec<_>>(), [6; 4]);
    assert_eq!(read.status().tenant_key.number, 21);
}

#[test]
fn of_several_processes_that_start_at_once_one_makes_the_keys() {
    let dir = tempfile::tempdir().unwrap();
    let (keystore, keyring) = (dir.path().join("config/root.keystore"), dir.path().join("shared/keyring"));
    let names: Vec<String> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    let made = crate::establish(&keystore, None, &keyring, TENANT, &SystemEntropy, NOW);
                    made.unwrap().1.keys().name().to_owned()
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(names.windows(2).all(|pair| pair[0] == pair[1]), "{names:?}");
}
