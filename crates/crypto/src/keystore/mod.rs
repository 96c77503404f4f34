//! The root key in a file of its own, outside of the data folder: the embedded [`Kms`].

mod text;

use std::fmt;
use std::fs::{File, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use dossier_model::id::Tenant;
use dossier_model::time::Entropy;

use crate::error::CryptoError;
use crate::kms::Kms;
use crate::prf::Prf;
use crate::secret::{Secret, SystemEntropy};
use crate::{durable, gcm};

/// A root key that was read from its file.
pub struct Keystore {
    path: PathBuf,
    key: Secret,
    id: String,
    protected: bool,
}

impl Keystore {
    /// Makes a new root key at `path`, sealed under `passphrase` if there is one. Refuses an existing file.
    /// The file is readable by its owner alone, and durable when this returns.
    pub fn create(path: &Path, passphrase: Option<&str>, entropy: &dyn Entropy) -> Result<Self, CryptoError> {
        Self::write(path, Secret::generate(entropy), passphrase, entropy, |_| Ok(()))
    }

    /// Writes `key` to a file that is not there yet, if the keystore is found `good` before.
    pub(crate) fn write(
        path: &Path,
        key: Secret,
        passphrase: Option<&str>,
        entropy: &dyn Entropy,
        good: impl FnOnce(&Self) -> Result<(), CryptoError>,
    ) -> Result<Self, CryptoError> {
        if path.exists() {
            return Err(CryptoError::KeystoreExists { path: path.into() });
        }
        let id = root_id(&key);
        let made = Self { path: path.into(), key, id, protected: passphrase.is_some() };
        good(&made)?;
        let content = text::write(&made.key, &made.id, passphrase, entropy)?;
        durable::create(path, content.as_bytes())?;
        Ok(made)
    }

    /// Reads the root key. Refuses a file that others than its owner may read or write, a passphrase that is
    /// missing, wrong, or given for a keystore that has none, and a damaged file.
    pub fn open(path: &Path, passphrase: Option<&str>) -> Result<Self, CryptoError> {
        let mut file = File::open(path).map_err(|e| match e.kind() {
            ErrorKind::NotFound => CryptoError::KeystoreMissing { path: path.into() },
            _ => CryptoError::io("read", path, e),
        })?;
        let meta = file.metadata().map_err(|e| CryptoError::io("read", path, e))?;
        check_mode(path, &meta)?;
        let bytes = durable::read(&mut file).map_err(|e| CryptoError::io("read", path, e))?;
        let content = std::str::from_utf8(&bytes).map_err(|_| damaged(path, "must be text"))?;
        let (key, id) = text::read(path, content, passphrase)?;
        // What a crash left beside it holds the same key. The folder may be read-only, so this may fail.
        let _ = durable::clear(path);
        Ok(Self { path: path.into(), key, id, protected: passphrase.is_some() })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The public name of this root key: 16 hex digits made from it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether it needs a passphrase.
    pub fn is_protected(&self) -> bool {
        self.protected
    }

    /// The root key itself.
    pub(crate) fn key(&self) -> &Secret {
        &self.key
    }

    /// Moves this keystore's file over another one: the last step of a change of root keys.
    pub(crate) fn move_to(mut self, path: &Path) -> Result<Self, CryptoError> {
        durable::rename(&self.path, path)?;
        self.path = path.into();
        Ok(self)
    }
}

impl Kms for Keystore {
    fn describe(&self) -> String {
        format!("keystore {}", self.id)
    }

    fn wrap(&self, tenant: Tenant, generation: u32, key: &Secret) -> Result<Vec<u8>, CryptoError> {
        // Like any other key service this one has randomness of its own; only nonces come from it.
        gcm::seal(self.key.expose(), &wrap_aad(tenant, generation), key.expose(), &SystemEntropy)
    }

    fn unwrap(&self, tenant: Tenant, generation: u32, wrapped: &[u8]) -> Result<Secret, CryptoError> {
        let wrong = || CryptoError::WrongRoot { given: self.describe(), expected: None };
        let key =
            gcm::open(self.key.expose(), &wrap_aad(tenant, generation), wrapped).map_err(|_| wrong())?;
        let key = <&[u8; 32]>::try_from(key.as_slice()).map_err(|_| wrong())?;
        Ok(Secret::from_bytes(key))
    }
}

impl fmt::Debug for Keystore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keystore").field("path", &self.path).field("id", &self.id).finish_non_exhaustive()
    }
}

fn wrap_aad(tenant: Tenant, generation: u32) -> Vec<u8> {
    [&b"dossier/root/1"[..], &tenant.0.to_be_bytes(), &generation.to_be_bytes()].concat()
}

/// A name for a root key that tells nothing about it.
fn root_id(key: &Secret) -> String {
    let mac = Prf::new(key.expose()).mac(&[b"dossier/root-id/1"]);
    mac.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn damaged(path: &Path, rule: &'static str) -> CryptoError {
    CryptoError::KeystoreDamaged { path: path.into(), rule }
}

fn check_mode(path: &Path, meta: &Metadata) -> Result<(), CryptoError> {
    if !meta.is_file() {
        return Err(damaged(path, "must be a file"));
    }
    let mode = meta.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(CryptoError::KeystorePermissions { path: path.into(), mode });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    fn place() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config/name.keystore");
        (dir, path)
    }

    #[test]
    fn a_plain_keystore_reads_back_and_unwraps_what_it_wrapped() {
        let (_dir, path) = place();
        let made = Keystore::create(&path, None, &SystemEntropy).unwrap();
        let wrapped = made.wrap(Tenant(1), 7, &Secret::from_bytes(&[9; 32])).unwrap();
        let read = Keystore::open(&path, None).unwrap();
        assert_eq!(read.unwrap(Tenant(1), 7, &wrapped).unwrap().expose(), &[9; 32]);
        assert_eq!((made.id(), made.describe()), (read.id(), read.describe()));
        assert!(!read.is_protected());
    }

    #[test]
    fn a_wrapped_tenant_key_unwraps_for_its_tenant_generation_and_root_only() {
        let (_dir, path) = place();
        let keystore = Keystore::create(&path, None, &SystemEntropy).unwrap();
        let other = Keystore::create(&path.with_extension("other"), None, &SystemEntropy).unwrap();
        let mut wrapped = keystore.wrap(Tenant(1), 7, &Secret::from_bytes(&[9; 32])).unwrap();
        for refused in [
            keystore.unwrap(Tenant(2), 7, &wrapped),
            keystore.unwrap(Tenant(1), 8, &wrapped),
            other.unwrap(Tenant(1), 7, &wrapped),
            keystore.unwrap(Tenant(1), 7, &[]),
        ] {
            assert!(matches!(refused, Err(CryptoError::WrongRoot { .. })));
        }
        wrapped[20] ^= 1;
        assert!(keystore.unwrap(Tenant(1), 7, &wrapped).is_err());
    }

    #[test]
    fn create_refuses_an_existing_file_and_open_a_missing_one() {
        let (_dir, path) = place();
        assert!(matches!(Keystore::open(&path, None), Err(CryptoError::KeystoreMissing { .. })));
        Keystore::create(&path, None, &SystemEntropy).unwrap();
        let before = fs::read(&path).unwrap();
        let again = Keystore::create(&path, None, &SystemEntropy);
        assert!(matches!(again, Err(CryptoError::KeystoreExists { .. })));
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_keystore_that_group_or_world_may_read_is_refused() {
        let (_dir, path) = place();
        Keystore::create(&path, None, &SystemEntropy).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for mode in [0o640, 0o604, 0o620, 0o602, 0o644, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = Keystore::open(&path, None);
            assert!(matches!(refused, Err(CryptoError::KeystorePermissions { mode: m, .. }) if m == mode));
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(Keystore::open(&path, None).is_ok());
    }

    #[test]
    fn a_passphrase_must_be_given_right_and_only_where_there_is_one() {
        let (_dir, path) = place();
        let made = Keystore::create(&path, Some("correct horse"), &SystemEntropy).unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("argon2id m=65536 t=3 p=1 salt="));
        let read = Keystore::open(&path, Some("correct horse")).unwrap();
        assert_eq!((read.key.expose(), read.is_protected()), (made.key.expose(), true));
        let wrong = Keystore::open(&path, Some("correct house"));
        assert!(matches!(wrong, Err(CryptoError::PassphraseWrong { .. })));
        assert!(matches!(Keystore::open(&path, None), Err(CryptoError::PassphraseMissing { .. })));

        let plain = path.with_extension("plain");
        Keystore::create(&plain, None, &SystemEntropy).unwrap();
        assert!(matches!(Keystore::open(&plain, Some("x")), Err(CryptoError::PassphraseUnused { .. })));
        let empty = Keystore::create(&path.with_extension("empty"), Some(""), &SystemEntropy);
        assert!(matches!(empty, Err(CryptoError::PassphraseEmpty)));
    }

    #[test]
    fn a_protected_keystore_holds_no_clear_key_and_refuses_changed_lines() {
        let (_dir, path) = place();
        let made = Keystore::create(&path, Some("correct horse"), &SystemEntropy).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&BASE64_STANDARD.encode(made.key.expose())));
        for (from, to) in [("t=3", "t=2"), ("m=65536", "m=4294967295"), (made.id(), "0000000000000000")] {
            fs::write(&path, text.replace(from, to)).unwrap();
            assert!(Keystore::open(&path, Some("correct horse")).is_err(), "{from} -> {to}");
        }
    }

    #[test]
    fn a_plain_keystore_cut_or_changed_anywhere_is_refused() {
        let (_dir, path) = place();
        Keystore::create(&path, None, &SystemEntropy).unwrap();
        let bytes = fs::read(&path).unwrap();
        for len in 0..bytes.len() - 1 {
            fs::write(&path, &bytes[..len]).unwrap();
            assert!(Keystore::open(&path, None).is_err(), "length {len}");
        }
        for at in 0..bytes.len() - 1 {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            fs::write(&path, &bad).unwrap();
            assert!(Keystore::open(&path, None).is_err(), "byte {at}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let (_dir, path) = place();
        let made = Keystore::create(&path, None, &SystemEntropy).unwrap();
        let shown = format!("{made:?}");
        assert!(shown.contains(made.id()) && !shown.contains("key:"), "{shown}");
    }
}
