//! What can go wrong with keys and sealed bytes. Texts name files and numbers, never a secret.

use std::io;
use std::path::{Path, PathBuf};

use dossier_model::Fault;

/// A failure of this crate.
#[derive(Debug, thiserror::Error)]
pub enum CryptoError {
    /// There is no keystore file.
    #[error("no keystore at `{path}`: name the right file, or put it back from its copy")]
    KeystoreMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A new keystore would replace one.
    #[error("keystore `{path}` exists: choose another path")]
    KeystoreExists {
        /// The existing file.
        path: PathBuf,
    },
    /// Others than the owner may use the keystore file.
    #[error("keystore `{path}` has mode {mode:03o}, must be readable by its owner alone: `chmod 600` it")]
    KeystorePermissions {
        /// The file.
        path: PathBuf,
        /// Its mode bits.
        mode: u32,
    },
    /// The keystore file is not what it was written as.
    #[error("keystore `{path}` is damaged, it {rule}: put it back from its copy")]
    KeystoreDamaged {
        /// The file.
        path: PathBuf,
        /// What must hold of it.
        rule: &'static str,
    },
    /// The keystore has a passphrase and none was given.
    #[error("keystore `{path}` needs its passphrase: give it")]
    PassphraseMissing {
        /// The file.
        path: PathBuf,
    },
    /// The passphrase does not open the keystore (or its file was changed).
    #[error("passphrase does not open keystore `{path}`: give the right one")]
    PassphraseWrong {
        /// The file.
        path: PathBuf,
    },
    /// A passphrase was given for a keystore without one: who gave it thinks it is protected.
    #[error(
        "keystore `{path}` has no passphrase: start without one, then change the root key to one with it"
    )]
    PassphraseUnused {
        /// The file.
        path: PathBuf,
    },
    /// A new keystore's passphrase is empty.
    #[error("passphrase is empty: give one, or none at all")]
    PassphraseEmpty,
    /// There is no keyring file.
    #[error("no keyring at `{path}`: name the right data folder, or put it back from its copy")]
    KeyringMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A new keyring would replace one.
    #[error("keyring `{path}` exists: choose another data folder")]
    KeyringExists {
        /// The existing file.
        path: PathBuf,
    },
    /// The keyring file was cut, changed, or written by something else.
    #[error("keyring `{path}` is damaged, it {rule}: put it back from its copy")]
    KeyringDamaged {
        /// The file.
        path: PathBuf,
        /// What must hold of it.
        rule: &'static str,
    },
    /// The keyring is that of another tenant.
    #[error("keyring is of tenant {found}, must be of tenant {expected}: name the right one")]
    KeyringTenant {
        /// Whose it is.
        found: u32,
        /// Whose it must be.
        expected: u32,
    },
    /// The keyring's last write ended in an error, so its file may be older or newer than what is in memory.
    #[error("keyring `{path}` may not hold what was last written: check the disk, then start again")]
    KeyringUncertain {
        /// The file.
        path: PathBuf,
    },
    /// Another process changed the keyring since it was read here.
    #[error("keyring `{path}` was changed by another process: read it again, then change it")]
    KeyringMoved {
        /// The file.
        path: PathBuf,
    },
    /// The keyring file is an earlier state of the keys that are in use, or another keyring.
    #[error("keyring `{path}` is older than the keys in use: put the newest one back")]
    KeyringOlder {
        /// The file.
        path: PathBuf,
    },
    /// The root key did not wrap this keyring's tenant key.
    #[error("root key `{given}` does not open the keyring{}: give the one that does", .expected.as_ref().map(|e| format!(", which `{e}` wrapped")).unwrap_or_default())]
    WrongRoot {
        /// The root key that was tried.
        given: String,
        /// The one the keyring names.
        expected: Option<String>,
    },
    /// A group of a recovery sheet is not what was printed.
    #[error("group {group} of sheet {sheet} is not what was printed: look at it again")]
    RecoveryGroup {
        /// Letter of the sheet.
        sheet: char,
        /// Number of the group, from 1.
        group: u8,
    },
    /// Each group of a recovery sheet passes its check, all of them together do not.
    #[error("sheet {sheet} does not add up: compare each of its groups with the paper")]
    RecoverySheet {
        /// Letter of the sheet.
        sheet: char,
    },
    /// Two recovery sheets were not printed together.
    #[error("the sheets are of different sets, `{a}` and `{b}`: take two of one set")]
    RecoveryPair {
        /// Set of the first one.
        a: String,
        /// Set of the second one.
        b: String,
    },
    /// The sheets hold another root key than the one that the keyring is under.
    #[error("the sheets hold `{given}`, the keyring is under `{expected}`: take the sheets of that root key")]
    RecoveryOther {
        /// The root key on the sheets.
        given: String,
        /// The one that the keyring names.
        expected: String,
    },
    /// The root key could not be asked.
    #[error("key service `{kms}` failed ({reason}): make it reachable, nothing opens without it")]
    Kms {
        /// Which one.
        kms: String,
        /// What it said.
        reason: String,
    },
    /// There is no such bucket, or no such generation of it.
    #[error("bucket {bucket} has no key of generation {generation}: restore the keyring that has it")]
    BucketKey {
        /// The bucket.
        bucket: u16,
        /// The generation asked for.
        generation: u32,
    },
    /// A bucket's renewal was begun and not ended.
    #[error("bucket {bucket} has two generations: drop the old one before adding another")]
    BucketRenewing {
        /// The bucket.
        bucket: u16,
    },
    /// The newest key would be dropped, or one that is not there.
    #[error("key {number} cannot be dropped: only an older one that exists can")]
    KeyNotOld {
        /// Its number.
        number: u32,
    },
    /// A wrapped key does not open: changed, or wrapped by another key.
    #[error("wrapped key does not open: it was changed, or wrapped by another key")]
    WrappedKey,
    /// Sealed bytes do not open: changed, moved, or sealed under another key.
    #[error("sealed data does not open: it was changed, moved, or sealed under another key")]
    Sealed,
    /// Sealed bytes name an algorithm this version does not know.
    #[error("sealed data names algorithm {0}, must be 1: use a version that knows it")]
    Algorithm(u8),
    /// A signed note or checkpoint is not one, or its signature is wrong.
    #[error("signed note {0}")]
    Note(&'static str),
    /// A key file could not be read or written.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The cryptographic library refused what it never refuses.
    #[error("cryptographic operation `{0}` failed")]
    Primitive(&'static str),
}

impl CryptoError {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.into(), source }
    }
}

impl From<CryptoError> for Fault {
    fn from(error: CryptoError) -> Self {
        use CryptoError as E;
        let at = |key, path: PathBuf| Fault::new(key).with("path", path.display().to_string());
        match error {
            E::KeystoreMissing { path } => at("keystore_missing", path),
            E::KeystoreExists { path } => at("keystore_exists", path),
            E::KeystorePermissions { path, mode } => {
                at("keystore_permissions", path).with("mode", format!("{mode:03o}"))
            }
            E::KeystoreDamaged { path, rule } => at("keystore_damaged", path).with("rule", rule),
            E::PassphraseMissing { path } => at("keystore_passphrase_needed", path),
            E::PassphraseWrong { path } => at("keystore_wrong_passphrase", path),
            E::PassphraseUnused { path } => at("keystore_passphrase_unused", path),
            E::PassphraseEmpty => Fault::new("keystore_passphrase_empty"),
            E::KeyringMissing { path } => at("keyring_missing", path),
            E::KeyringExists { path } => at("keyring_exists", path),
            E::KeyringDamaged { path, rule } => at("keyring_damaged", path).with("rule", rule),
            E::KeyringTenant { found, expected } => Fault::new("keyring_wrong_tenant")
                .with("found", found.to_string())
                .with("expected", expected.to_string()),
            E::KeyringUncertain { path } => at("keyring_uncertain", path),
            E::KeyringMoved { .. } => Fault::new("key_moved"),
            E::KeyringOlder { path } => at("keyring_older", path),
            E::WrongRoot { given, .. } => Fault::new("keyring_wrong_root").with("given", given),
            E::RecoveryGroup { sheet, group } => {
                Fault::new("recovery_group").with("sheet", sheet.to_string()).with("group", group.to_string())
            }
            E::RecoverySheet { sheet } => Fault::new("recovery_sheet").with("sheet", sheet.to_string()),
            E::RecoveryPair { a, b } => Fault::new("recovery_pair").with("a", a).with("b", b),
            E::RecoveryOther { given, expected } => {
                Fault::new("recovery_other").with("given", given).with("expected", expected)
            }
            E::Kms { kms, reason } => Fault::new("kms_unavailable").with("kms", kms).with("reason", reason),
            E::BucketKey { bucket, generation } => Fault::new("key_missing")
                .with("bucket", bucket.to_string())
                .with("generation", generation.to_string()),
            E::BucketRenewing { bucket } => Fault::new("rotation_running").with("bucket", bucket.to_string()),
            E::KeyNotOld { number } => Fault::new("key_not_old").with("number", number.to_string()),
            E::WrappedKey | E::Sealed => Fault::new("sealed_damaged"),
            E::Algorithm(number) => Fault::new("sealed_algorithm").with("number", number.to_string()),
            E::Note(rule) => Fault::new("signature_invalid").with("rule", rule),
            E::Io { path, source, .. } => {
                at("key_file_failed", path).with("reason", source.kind().to_string())
            }
            E::Primitive(what) => Fault::new("internal").with("what", what),
        }
    }
}

#[cfg(test)]
mod tests {
    use dossier_model::fault::entry;

    use super::*;

    #[test]
    fn every_error_has_its_own_words() {
        let path = PathBuf::from("p");
        let io = io::Error::from(io::ErrorKind::StorageFull);
        let (rule, given) = ("rule", "root".to_owned());
        let all = [
            CryptoError::KeystoreMissing { path: path.clone() },
            CryptoError::KeystoreExists { path: path.clone() },
            CryptoError::KeystorePermissions { path: path.clone(), mode: 0o644 },
            CryptoError::KeystoreDamaged { path: path.clone(), rule },
            CryptoError::PassphraseMissing { path: path.clone() },
            CryptoError::PassphraseWrong { path: path.clone() },
            CryptoError::PassphraseUnused { path: path.clone() },
            CryptoError::PassphraseEmpty,
            CryptoError::KeyringMissing { path: path.clone() },
            CryptoError::KeyringExists { path: path.clone() },
            CryptoError::KeyringDamaged { path: path.clone(), rule },
            CryptoError::KeyringTenant { found: 1, expected: 2 },
            CryptoError::KeyringUncertain { path: path.clone() },
            CryptoError::KeyringMoved { path: path.clone() },
            CryptoError::KeyringOlder { path: path.clone() },
            CryptoError::WrongRoot { given: given.clone(), expected: None },
            CryptoError::RecoveryGroup { sheet: 'A', group: 7 },
            CryptoError::RecoverySheet { sheet: 'B' },
            CryptoError::RecoveryPair { a: given.clone(), b: given.clone() },
            CryptoError::RecoveryOther { given: given.clone(), expected: given.clone() },
            CryptoError::Kms { kms: given.clone(), reason: given },
            CryptoError::BucketKey { bucket: 1, generation: 2 },
            CryptoError::BucketRenewing { bucket: 1 },
            CryptoError::KeyNotOld { number: 1 },
            CryptoError::WrappedKey,
            CryptoError::Sealed,
            CryptoError::Algorithm(2),
            CryptoError::Note(rule),
            CryptoError::Io { action: "write", path, source: io },
        ];
        for error in all {
            let (shown, fault) = (error.to_string(), Fault::from(error));
            assert_ne!(entry(fault.key).key, "internal", "{shown}");
            assert!(!fault.to_string().contains('{'), "{fault}");
            assert!(shown.starts_with(|c: char| c.is_lowercase()) && !shown.ends_with('.'), "{shown}");
        }
    }
}
