//! The keyring: every key of a tenant below its root key, in one file, all in memory.
//!
//! A change makes the whole next state, writes it beside, puts it in the file's place, and only then shows it to
//! readers. So the file is old or new at every instant, and no key is in use that is not durable.
//!
//! What a keyring cannot do alone: an old copy of the file, together with the root key, opens what the copy
//! held. An erasure is complete when all copies were replaced.

mod change;
mod file;
mod keys;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use dossier_model::id::Tenant;
use dossier_model::time::{Entropy, Micros};

use self::keys::Line;
pub use self::keys::{BUCKETS, Generation, KeyStatus, Keys};
use crate::data_key::BucketKey;
use crate::durable;
use crate::error::CryptoError;
use crate::kms::Kms;
use crate::note::Signer;
use crate::prf::MacKey;
use crate::secret::Secret;

/// The keys of one tenant and the file they stand in. One process at a time opens a keyring (the data folder's
/// lock sees to it).
pub struct Keyring {
    path: PathBuf,
    keys: RwLock<Arc<Keys>>,
    /// Held while the next state is made and written; true once a write's outcome is not known.
    uncertain: Mutex<bool>,
}

impl Keyring {
    /// Makes all keys of a tenant, and their file, which must not exist.
    pub fn create(
        path: &Path,
        tenant: Tenant,
        kms: &dyn Kms,
        entropy: &dyn Entropy,
        now: Micros,
    ) -> Result<Self, CryptoError> {
        if path.exists() {
            return Err(CryptoError::KeyringExists { path: path.into() });
        }
        let (tenant_key, wrapped) = change::new_tenant_key(tenant, 1, kms, entropy, now)?;
        let mut name = [0; 8];
        entropy.fill(&mut name);
        let fresh = || Secret::generate(entropy);
        let keys = Keys {
            tenant,
            name: name.iter().map(|byte| format!("{byte:02x}")).collect(),
            root: kms.describe(),
            tenant_key,
            wrapped,
            buckets: (0..BUCKETS).map(|_| Line::first(fresh(), now)).collect::<Result<_, _>>()?,
            index: Line::first(fresh(), now)?,
            system: Line::first(fresh(), now)?,
            mechanics: Line::first(fresh(), now)?,
            text: Line::first(fresh(), now)?,
            ledger: Line::first(fresh(), now)?,
        };
        durable::create(path, &file::encode(&keys)?)?;
        Ok(Self::with(path, keys))
    }

    /// Reads a keyring. Refuses one that was changed, is of another tenant, or that this root key did not wrap.
    /// Removes what a crash left beside it.
    pub fn open(path: &Path, tenant: Tenant, kms: &dyn Kms) -> Result<Self, CryptoError> {
        let mut file = File::open(path).map_err(|e| match e.kind() {
            ErrorKind::NotFound => CryptoError::KeyringMissing { path: path.into() },
            _ => CryptoError::io("read", path, e),
        })?;
        let bytes = durable::read(&mut file).map_err(|e| CryptoError::io("read", path, e))?;
        let keys = file::decode(path, &bytes, tenant, kms)?;
        durable::clear(path)?;
        Ok(Self::with(path, keys))
    }

    fn with(path: &Path, keys: Keys) -> Self {
        Self { path: path.into(), keys: RwLock::new(Arc::new(keys)), uncertain: Mutex::new(false) }
    }

    /// All keys as they are now. Take it once per request.
    pub fn keys(&self) -> Arc<Keys> {
        // A poisoned lock is sound here: its content is replaced in one step or not at all.
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The key of a bucket in one generation.
    pub fn bucket(&self, bucket: u16, generation: u32) -> Option<Arc<BucketKey>> {
        self.keys().bucket(bucket, generation).map(Arc::clone)
    }

    /// The generation that new data keys of this bucket are wrapped under; `None` from bucket 1,024 on.
    pub fn current_generation(&self, bucket: u16) -> Option<u32> {
        self.keys().current_generation(bucket)
    }

    /// The index key of a version.
    pub fn index_key(&self, version: u32) -> Option<Arc<MacKey>> {
        self.keys().index(version).map(Arc::clone)
    }

    /// The key of system records.
    pub fn system(&self) -> Arc<MacKey> {
        Arc::clone(self.keys().system())
    }

    /// The key of mechanics.
    pub fn mechanics(&self) -> Arc<MacKey> {
        Arc::clone(self.keys().mechanics())
    }

    /// What signs the ledger's checkpoints.
    pub fn signer(&self) -> Arc<Signer> {
        Arc::clone(self.keys().signer())
    }

    /// Buckets whose renewal was begun and not ended, with the old and the new generation: what a start resumes.
    pub fn buckets_with_two(&self) -> Vec<(u16, u32, u32)> {
        self.keys().buckets_with_two()
    }

    /// Numbers and ages, for `key status`.
    pub fn status(&self) -> KeyStatus {
        self.keys().status()
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("path", &self.path).finish_non_exhaustive()
    }
}
