use super::*;
use crate::DataKey;

#[test]
fn a_bucket_is_renewed_with_both_generations_live_until_the_old_one_is_dropped() {
    let (_dir, path, keyring) = made();
    let data_key = DataKey::generate(&SystemEntropy);
    let wrapped = data_key.wrap(&keyring.bucket(7, 1).unwrap()).unwrap();

    assert_eq!(keyring.add_bucket_generation(7, &SystemEntropy, LATER).unwrap(), 2);
    assert_eq!((keyring.current_generation(7), keyring.current_generation(8)), (Some(2), Some(1)));
    let resumed = open(&path).unwrap();
    assert_eq!(resumed.buckets_with_two(), [(7, 1, 2)]);
    let old = DataKey::unwrap(&resumed.bucket(7, 1).unwrap(), &wrapped).unwrap();
    let again = old.wrap(&resumed.bucket(7, 2).unwrap()).unwrap();

    resumed.drop_bucket_generation(7, 1, &KMS, &SystemEntropy, LATER).unwrap();
    let read = open(&path).unwrap();
    assert!(read.bucket(7, 1).is_none() && read.buckets_with_two().is_empty());
    assert!(DataKey::unwrap(&read.bucket(7, 2).unwrap(), &wrapped).is_err());
    assert!(DataKey::unwrap(&read.bucket(7, 2).unwrap(), &again).is_ok());
    assert_eq!(read.status().tenant_key, Generation { number: 2, created: LATER });
    assert_eq!(read.status().buckets_renewed, 1);
}

#[test]
fn a_dropped_key_and_the_old_tenant_key_leave_nothing_in_the_new_file() {
    let (_dir, path, keyring) = made();
    keyring.add_bucket_generation(7, &SystemEntropy, LATER).unwrap();
    let before = keyring.keys();
    keyring.drop_bucket_generation(7, 1, &KMS, &SystemEntropy, LATER).unwrap();

    let file = fs::read(&path).unwrap();
    let left: std::collections::HashSet<&[u8]> = file.windows(40).collect();
    let old_tenant_key = before.tenant_key.key.expose();
    assert_ne!(keyring.keys().tenant_key.key.expose(), old_tenant_key);
    for line in &before.buckets {
        let wrapped = crate::kwp::wrap(old_tenant_key, line.newest.key.secret().expose()).unwrap();
        assert!(!left.contains(&wrapped[..]), "a key that was not wrapped again");
    }
    assert!(!file.windows(before.wrapped.len()).any(|window| window == before.wrapped));
}

#[test]
fn only_an_older_generation_that_exists_can_be_dropped() {
    let (_dir, path, keyring) = made();
    let before = fs::read(&path).unwrap();
    for (bucket, generation) in [(7, 1), (7, 2), (7, 0), (1024, 1)] {
        let refused = keyring.drop_bucket_generation(bucket, generation, &KMS, &SystemEntropy, LATER);
        assert!(refused.is_err(), "{bucket} {generation}");
    }
    assert!(keyring.add_bucket_generation(1024, &SystemEntropy, LATER).is_err());
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(keyring.current_generation(1024), None);
}

#[test]
fn a_bucket_is_not_renewed_twice_at_once_and_a_batch_is_all_or_nothing() {
    let (_dir, path, keyring) = made();
    assert_eq!(keyring.add_bucket_generations(&[3, 4], &SystemEntropy, LATER).unwrap(), [2, 2]);
    let refused = keyring.add_bucket_generations(&[5, 4], &SystemEntropy, LATER);
    assert!(matches!(refused, Err(CryptoError::BucketRenewing { bucket: 4 })));
    assert!(keyring.drop_bucket_generations(&[(3, 1), (5, 1)], &KMS, &SystemEntropy, LATER).is_err());
    assert_eq!(open(&path).unwrap().buckets_with_two(), [(3, 1, 2), (4, 1, 2)]);
    keyring.drop_bucket_generations(&[(3, 1), (4, 1)], &KMS, &SystemEntropy, LATER).unwrap();
    assert!(open(&path).unwrap().buckets_with_two().is_empty());
}

#[test]
fn rotating_the_tenant_key_keeps_every_other_key() {
    let (_dir, path, keyring) = made();
    let (before, held) = (secrets(&keyring), keyring.keys());
    assert_eq!(keyring.rotate_tenant(&KMS, &SystemEntropy, LATER).unwrap(), 2);
    assert_eq!(secrets(&open(&path).unwrap()), before);
    assert_ne!(keyring.keys().tenant_key.key.expose(), held.tenant_key.key.expose());
    assert_eq!(held.status().tenant_key.number, 1, "who holds keys is not disturbed");
}

#[test]
fn rotating_the_root_key_needs_the_one_in_use() {
    let (_dir, path, keyring) = made();
    let (new, stranger) = (TestKms::new(2), TestKms::new(3));
    assert!(keyring.rotate_root(&stranger, &new, &SystemEntropy, LATER).is_err());
    assert!(open(&path).is_ok());
    assert_eq!(keyring.rotate_root(&KMS, &new, &SystemEntropy, LATER).unwrap(), 2);
    assert!(matches!(open(&path), Err(CryptoError::WrongRoot { .. })));
    let read = Keyring::open(&path, TENANT, &new).unwrap();
    assert_eq!((secrets(&read), read.status().root), (secrets(&keyring), "test 2".to_owned()));
}

#[test]
fn a_root_key_that_fails_or_lies_changes_nothing() {
    let (_dir, path, keyring) = made();
    let before = fs::read(&path).unwrap();
    for kms in [TestKms { fails: true, ..KMS }, TestKms { lies: true, ..KMS }] {
        let refused = keyring.rotate_tenant(&kms, &SystemEntropy, LATER);
        assert!(matches!(refused, Err(CryptoError::Kms { .. })));
        let elsewhere = path.with_extension("new");
        assert!(Keyring::create(&elsewhere, TENANT, &kms, &SystemEntropy, NOW).is_err());
        assert!(!elsewhere.exists());
    }
    assert_eq!((fs::read(&path).unwrap(), keyring.status().tenant_key.number), (before, 1));
}

#[test]
fn index_and_text_keys_come_and_go_by_version() {
    let (_dir, path, keyring) = made();
    assert_eq!(keyring.add_index_key(&SystemEntropy, LATER).unwrap(), 2);
    assert_eq!(keyring.keys().index_versions(), (2, vec![1, 2]));
    assert!(keyring.drop_index_key(2, &KMS, &SystemEntropy, LATER).is_err());
    keyring.drop_index_key(1, &KMS, &SystemEntropy, LATER).unwrap();
    assert_eq!(keyring.add_text_key(&SystemEntropy, LATER).unwrap(), 2);
    keyring.drop_text_key(1, &KMS, &SystemEntropy, LATER).unwrap();
    let read = open(&path).unwrap();
    assert!(read.index_key(1).is_none() && read.index_key(2).is_some());
    assert!(read.keys().text(1).is_none());
    assert_eq!(read.keys().current_text().0, 2);
    assert_eq!(read.status().tenant_key.number, 3);
}

#[test]
fn readers_and_a_writer_do_not_disturb_each_other() {
    let (_dir, _path, keyring) = made();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    let keys = keyring.keys();
                    let generation = keys.current_generation(5).unwrap();
                    assert!(keys.bucket(5, generation).is_some());
                }
            });
        }
        for old in 1..4 {
            keyring.add_bucket_generation(5, &SystemEntropy, LATER).unwrap();
            keyring.drop_bucket_generation(5, old, &KMS, &SystemEntropy, LATER).unwrap();
        }
    });
    assert_eq!(keyring.current_generation(5), Some(4));
}
