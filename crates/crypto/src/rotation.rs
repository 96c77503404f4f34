//! Changing the root key in its file. Two files change, one after the other, so a crash may fall between:
//!
//! 1. the new keystore is made beside the old one, as `….next`;
//! 2. the keyring moves to it, in one step;
//! 3. `….next` takes the old keystore's place.
//!
//! [`unlock`] finishes step 3 where a crash left it, so a start works after a crash at any step. One keystore file
//! has one keyring.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use dossier_model::id::Tenant;
use dossier_model::time::{Entropy, Micros};

use crate::durable;
use crate::error::CryptoError;
use crate::keyring::{FileLock, Keyring};
use crate::keystore::Keystore;

fn next(path: &Path) -> PathBuf {
    durable::beside(path, ".next")
}

/// Opens keystore and keyring, and finishes a change of the root key that a crash interrupted. While one is
/// unfinished, `passphrase` may be the old or the new one, whichever opens the keystore that the keyring is under.
pub fn unlock(
    keystore_path: &Path,
    passphrase: Option<&str>,
    keyring_path: &Path,
    tenant: Tenant,
) -> Result<(Keystore, Keyring), CryptoError> {
    let open = |path: &Path| {
        let keystore = Keystore::open(path, passphrase)?;
        let keyring = Keyring::open(keyring_path, tenant, &keystore)?;
        Ok((keystore, keyring))
    };
    let first = match open(keystore_path) {
        Ok(both) => return Ok(both),
        Err(error) => error,
    };
    if !next(keystore_path).exists() {
        return Err(first);
    }
    // Another process may be at the change: what is there when it is done is what a crash has left.
    let _lock = FileLock::wait(keyring_path)?;
    if let Ok(both) = open(keystore_path) {
        return Ok(both);
    }
    // A second failure says less about what is wrong than the first.
    let Ok((keystore, keyring)) = open(&next(keystore_path)) else { return Err(first) };
    Ok((keystore.move_to(keystore_path)?, keyring))
}

/// Opens keystore and keyring as [`unlock`] does, and makes those that are not there yet. Of several processes that do
/// this at once one makes them, and the others open them.
pub fn establish(
    keystore_path: &Path,
    passphrase: Option<&str>,
    keyring_path: &Path,
    tenant: Tenant,
    entropy: &dyn Entropy,
    now: Micros,
) -> Result<(Keystore, Keyring), CryptoError> {
    let lock = FileLock::wait(keyring_path)?;
    if keyring_path.exists() {
        drop(lock);
        return unlock(keystore_path, passphrase, keyring_path, tenant);
    }
    let keystore = match keystore_path.exists() {
        // A crash fell between the two files, or the root key is one that the operator made before.
        true => Keystore::open(keystore_path, passphrase)?,
        false => Keystore::create(keystore_path, passphrase, entropy)?,
    };
    let keyring = Keyring::create_locked(keyring_path, tenant, &keystore, entropy, now)?;
    Ok((keystore, keyring))
}

/// Replaces the root key by a new one under `passphrase`. Returns the new keystore, which stands where the old
/// one stood. After an error, [`unlock`] opens with the old or the new passphrase.
pub fn renew_root(
    old: &Keystore,
    passphrase: Option<&str>,
    keyring: &Keyring,
    entropy: &dyn Entropy,
    now: Micros,
) -> Result<Keystore, CryptoError> {
    let _lock = keyring.lock(old)?;
    let path = next(old.path());
    let make = || {
        // What stands there is unused, as the keyring is under the old root key: a crash left it before step 2.
        match fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(CryptoError::io("remove", &path, e)),
            _ => {}
        }
        Keystore::create(&path, passphrase, entropy)
    };
    keyring.rotate_root_to(old, make, entropy, now)?.move_to(old.path())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;
    use crate::durable::crash_at;

    const NOW: Micros = Micros(1_700_000_000_000_000);
    const TENANT: Tenant = Tenant(1);

    fn place() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let (keystore, keyring) = (dir.path().join("config/n.keystore"), dir.path().join("data/keyring"));
        let made = Keystore::create(&keystore, None, &SystemEntropy).unwrap();
        Keyring::create(&keyring, TENANT, &made, &SystemEntropy, NOW).unwrap();
        (dir, keystore, keyring)
    }

    #[test]
    fn a_new_root_key_takes_the_place_of_the_old_one_and_all_keys_stay() {
        let (_dir, keystore_path, keyring_path) = place();
        let (old, keyring) = unlock(&keystore_path, None, &keyring_path, TENANT).unwrap();
        let before = *keyring.keys().current_bucket(7).unwrap().1.secret().expose();
        let new = renew_root(&old, Some("correct horse"), &keyring, &SystemEntropy, NOW).unwrap();
        assert_ne!(old.id(), new.id());
        assert!(matches!(
            unlock(&keystore_path, None, &keyring_path, TENANT),
            Err(CryptoError::PassphraseMissing { .. })
        ));
        let (read, keyring) = unlock(&keystore_path, Some("correct horse"), &keyring_path, TENANT).unwrap();
        assert_eq!(read.id(), new.id());
        assert_eq!(keyring.keys().current_bucket(7).unwrap().1.secret().expose(), &before);
        assert!(!next(&keystore_path).exists());
    }

    #[test]
    fn the_old_root_key_does_not_open_the_keyring_any_more() {
        let (_dir, keystore_path, keyring_path) = place();
        let (old, keyring) = unlock(&keystore_path, None, &keyring_path, TENANT).unwrap();
        renew_root(&old, None, &keyring, &SystemEntropy, NOW).unwrap();
        assert!(matches!(Keyring::open(&keyring_path, TENANT, &old), Err(CryptoError::WrongRoot { .. })));
        let again = renew_root(&old, None, &keyring, &SystemEntropy, NOW);
        assert!(matches!(again, Err(CryptoError::WrongRoot { .. })), "a root key that is not in use");
        assert!(unlock(&keystore_path, None, &keyring_path, TENANT).is_ok());
    }

    #[test]
    fn after_a_crash_at_any_step_the_keyring_opens_and_the_change_can_be_made_again() {
        for at in 0.. {
            let (_dir, keystore_path, keyring_path) = place();
            let (old, keyring) = unlock(&keystore_path, None, &keyring_path, TENANT).unwrap();
            let secret = *keyring.keys().system().secret().expose();
            let (done, reached) =
                crash_at(at, || renew_root(&old, None, &keyring, &SystemEntropy, NOW).is_ok());
            assert!(done != reached, "step {at}");
            // The running process goes on, or is told to start again; it never makes things worse.
            let _ = renew_root(&old, None, &keyring, &SystemEntropy, NOW);

            let (keystore, keyring) = unlock(&keystore_path, None, &keyring_path, TENANT).unwrap();
            assert_eq!(keyring.keys().system().secret().expose(), &secret, "step {at}");
            assert_eq!(keystore.path(), keystore_path);
            renew_root(&keystore, None, &keyring, &SystemEntropy, NOW).unwrap();
            unlock(&keystore_path, None, &keyring_path, TENANT).unwrap();
            if !reached {
                assert!(at > 10, "all steps were tried");
                break;
            }
        }
    }

    #[test]
    fn the_first_error_is_told_when_neither_keystore_opens() {
        let (_dir, keystore_path, keyring_path) = place();
        fs::remove_file(&keystore_path).unwrap();
        let missing = unlock(&keystore_path, None, &keyring_path, TENANT);
        assert!(matches!(missing, Err(CryptoError::KeystoreMissing { .. })));
        Keystore::create(&next(&keystore_path), None, &SystemEntropy).unwrap();
        let missing = unlock(&keystore_path, None, &keyring_path, TENANT);
        assert!(matches!(missing, Err(CryptoError::KeystoreMissing { .. })));
    }
}
