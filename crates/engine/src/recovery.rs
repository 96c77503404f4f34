//! Root key to paper and back, for whoever has the files: no store is opened, and no server asked.

use crate::TENANT;
use crate::folder::{self, OpenOptions};
use dossier_crypto::{Keystore, Kms, SystemEntropy, two_groups, unlock};
use dossier_model::fault::Fault;
use dossier_model::time::Micros;
use std::fs;
use std::path::{Path, PathBuf};

pub use dossier_crypto::{GROUPS, Group, Sheet, Side};

/// Both sheets of a root key, and what stands beside the groups on each.
pub struct Sheets {
    /// First and second sheet.
    pub sheets: [Sheet; 2],
    /// The root key, as it describes itself.
    pub root: String,
    /// Random name of the installation.
    pub installation: String,
    /// When they were made.
    pub at: Micros,
    /// The two groups of each sheet, by number, that are to be typed back.
    pub asked: [[u8; 2]; 2],
}

/// A root key that is to be made from sheets again: where its file goes, and which keyring it has to open.
pub struct Restoring {
    path: PathBuf,
    keyring: PathBuf,
    passphrase: Option<String>,
    made: Option<String>,
}

impl OpenOptions {
    /// The root key on two fresh sheets.
    ///
    /// # Errors
    /// Those of keystore and keyring; `keystore_nowhere`.
    pub fn recovery_sheets(&self) -> Result<Sheets, Fault> {
        let path = folder::named_keystore(self)?.ok_or_else(|| Fault::new("keystore_nowhere"))?;
        let (keystore, keyring) = unlock(&path, self.passphrase.as_deref(), &self.keyring_path(), TENANT)?;
        let entropy = self.entropy.as_deref().unwrap_or(&SystemEntropy);
        Ok(Sheets {
            sheets: keystore.sheets(entropy),
            root: keystore.describe(),
            installation: keyring.keys().name().to_owned(),
            at: self.clock().now(),
            asked: [two_groups(entropy), two_groups(entropy)],
        })
    }

    /// Begins to make a lost keystore again: before anything is typed, what would be in the way. One that was made from
    /// sheets and stands in no ledger yet is in nobody's way ([`Restoring::made`]).
    ///
    /// # Errors
    /// `keystore_nowhere`, `keystore_exists`, `keystore_inside_data`, `keyring_missing`.
    pub fn restoring(&self) -> Result<Restoring, Fault> {
        let path = folder::named_keystore(self)?.ok_or_else(|| Fault::new("keystore_nowhere"))?;
        let keyring = self.keyring_path();
        if !keyring.exists() {
            return Err(Fault::new("keyring_missing").with("path", keyring.display().to_string()));
        }
        if folder::inside(&path, &self.data) {
            return Err(Fault::new("keystore_inside_data"));
        }
        let passphrase = self.passphrase.clone();
        if !path.exists() {
            return Ok(Restoring { path, keyring, passphrase, made: None });
        }
        if !unrecorded(&path).exists() {
            return Err(Fault::new("keystore_exists").with("path", path.display().to_string()));
        }
        let (keystore, _) = unlock(&path, passphrase.as_deref(), &keyring, TENANT)?;
        Ok(Restoring { path, keyring, passphrase, made: Some(keystore.describe()) })
    }
}

/// Beside a keystore that was made from sheets, until that stands in the ledger.
fn unrecorded(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".unrecorded");
    PathBuf::from(name)
}

impl Restoring {
    /// What an earlier run has made whose entry could not be written: where it is, and the root key.
    pub fn made(&self) -> Option<(PathBuf, String)> {
        Some((self.path.clone(), self.made.clone()?))
    }

    /// It stands in the ledger.
    ///
    /// # Errors
    /// `file_failed`.
    pub fn recorded(&self) -> Result<(), Fault> {
        fs::remove_file(unrecorded(&self.path)).map_err(|error| folder::failed(&error))
    }

    /// Makes the keystore, once the root key on the sheets has opened the keyring. Where it is, and the root key.
    ///
    /// # Errors
    /// `recovery_pair`, `recovery_other`, those of keystore and keyring.
    pub fn finish(&self, sheets: &[Sheet; 2]) -> Result<(PathBuf, String), Fault> {
        let under = (self.keyring.as_path(), TENANT);
        let mark = unrecorded(&self.path);
        // Before the keystore: one that is there without its mark was not made from sheets.
        folder::private_folder(&mark)?;
        folder::private_file(&mark, b"")?;
        let made = Keystore::restore(&self.path, self.passphrase.as_deref(), sheets, under, &SystemEntropy);
        // One that was made and could not be read back is there all the same.
        if made.is_err() && !self.path.exists() {
            let _ = fs::remove_file(&mark);
        }
        Ok((self.path.clone(), made?.describe()))
    }
}
