//! The keyring: every key of a tenant below its root key, in one file, all in memory.
//!
//! A change makes the whole next state, writes it beside, puts it in the file's place, and only then shows it to
//! readers. So the file is old or new at every instant, and no key is in use that is not durable.
//!
//! Several processes may have one file open. Each change is made under a lock that all of them respect
//! ([`Keyring::lock`]) and from the file as it is then; the others see that the file is another one and read it
//! ([`Keyring::reload_if_changed`]). Nobody goes back to an older state: an old copy put in the file's place is refused.
//!
//! What a keyring cannot do alone: an old copy of the file, together with the root key, opens what the copy
//! held. An erasure is complete when all copies were replaced.

mod change;
mod file;
mod keys;
mod lock;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, TryLockError, Weak};

use dossier_model::id::Tenant;
use dossier_model::time::{Entropy, Micros};

use self::keys::Line;
pub use self::keys::{BUCKETS, Generation, KeyStatus, Keys};
pub(crate) use self::lock::FileLock;
use crate::data_key::BucketKey;
use crate::durable;
use crate::error::CryptoError;
use crate::kms::Kms;
use crate::note::Signer;
use crate::prf::MacKey;
use crate::secret::Secret;

/// The keys of one tenant and the file they stand in.
pub struct Keyring {
    path: PathBuf,
    keys: RwLock<Arc<Keys>>,
    /// Held while the next state is made and written, or read.
    file: Mutex<OnDisk>,
    /// The lock across processes, while somebody in this one has it.
    held: Mutex<Weak<FileLock>>,
}

/// The right to change a keyring, until dropped: no other process has it. Within one process it is shared, so that the
/// changes of a longer work can be made one by one.
pub struct KeyringLock(#[allow(dead_code, reason = "dropping it is what it is for")] Arc<FileLock>);

/// The file that was read or written last.
struct OnDisk {
    stamp: Stamp,
    /// The outcome of the last write is not known.
    uncertain: bool,
    // Kept open, so that no later file can have its inode number and be taken for it.
    _open: File,
}

impl OnDisk {
    fn of(path: &Path, open: File) -> Result<Self, CryptoError> {
        let about = open.metadata().map_err(|e| CryptoError::io("read", path, e))?;
        Ok(Self { stamp: Stamp::of(&about), uncertain: false, _open: open })
    }
}

/// What tells one state of a file from the next without reading it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    place: (u64, u64),
    modified: (i64, i64),
    len: u64,
}

impl Stamp {
    fn of(about: &Metadata) -> Self {
        let modified = (about.mtime(), about.mtime_nsec());
        Self { place: (about.dev(), about.ino()), modified, len: about.len() }
    }

    fn at(path: &Path) -> Result<Self, CryptoError> {
        fs::metadata(path).map(|about| Self::of(&about)).map_err(|e| missing_or("read", path, e))
    }
}

fn missing_or(action: &'static str, path: &Path, error: io::Error) -> CryptoError {
    match error.kind() {
        ErrorKind::NotFound => CryptoError::KeyringMissing { path: path.into() },
        _ => CryptoError::io(action, path, error),
    }
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
        let _lock = FileLock::wait(path)?;
        Self::create_locked(path, tenant, kms, entropy, now)
    }

    /// [`create`](Self::create) by who has the lock.
    pub(crate) fn create_locked(
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
        let open = durable::create(path, &file::encode(&keys)?)?;
        Self::with(path, keys, open)
    }

    /// Reads a keyring. Refuses one that was changed, is of another tenant, or that this root key did not wrap.
    /// Removes what a crash left beside it.
    pub fn open(path: &Path, tenant: Tenant, kms: &dyn Kms) -> Result<Self, CryptoError> {
        let (keys, open) = read(path, tenant, kms)?;
        // Somebody may be writing it just now: who has the lock clears it away.
        if durable::beside(path, ".tmp").exists()
            && let Some(_lock) = FileLock::try_take(path)?
        {
            durable::clear(path)?;
        }
        Self::with(path, keys, open)
    }

    fn with(path: &Path, keys: Keys, open: File) -> Result<Self, CryptoError> {
        Ok(Self {
            path: path.into(),
            keys: RwLock::new(Arc::new(keys)),
            file: Mutex::new(OnDisk::of(path, open)?),
            held: Mutex::default(),
        })
    }

    /// Waits until no other process changes the keyring, then keeps all others from it. The keys are those of the file
    /// as it is then. To be held for the whole of a work that makes several changes.
    pub fn lock(&self, kms: &dyn Kms) -> Result<KeyringLock, CryptoError> {
        let lock = self.hold()?;
        self.reload_if_changed(kms)?;
        Ok(KeyringLock(lock))
    }

    /// [`lock`](Self::lock), unless another process has it.
    pub fn try_lock(&self, kms: &dyn Kms) -> Result<Option<KeyringLock>, CryptoError> {
        let mut held = match self.held.try_lock() {
            Ok(held) => held,
            Err(TryLockError::Poisoned(held)) => held.into_inner(),
            // Somebody waits for it in this process.
            Err(TryLockError::WouldBlock) => return Ok(None),
        };
        let lock = match held.upgrade() {
            Some(lock) => lock,
            None => match FileLock::try_take(&self.path)? {
                Some(lock) => Arc::new(lock),
                None => return Ok(None),
            },
        };
        *held = Arc::downgrade(&lock);
        drop(held);
        self.reload_if_changed(kms)?;
        Ok(Some(KeyringLock(lock)))
    }

    fn hold(&self) -> Result<Arc<FileLock>, CryptoError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = held.upgrade() {
            return Ok(lock);
        }
        let lock = Arc::new(FileLock::wait(&self.path)?);
        *held = Arc::downgrade(&lock);
        Ok(lock)
    }

    /// Takes over what another process has written, if it has; tells whether it had. Readers see the old keys or the
    /// new ones. Cheap when nothing has changed.
    ///
    /// # Errors
    /// `KeyringOlder` when the file is not a later state of these keys but an earlier one, or another one: the keys in
    /// memory stay.
    pub fn reload_if_changed(&self, kms: &dyn Kms) -> Result<bool, CryptoError> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if Stamp::at(&self.path)? == file.stamp {
            return Ok(false);
        }
        let now = self.keys();
        let (next, open) = read(&self.path, now.tenant(), kms)?;
        if !next.follows(&now) {
            return Err(CryptoError::KeyringOlder { path: self.path.clone() });
        }
        let read = OnDisk::of(&self.path, open)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        // What this process could not flush is not known to be durable because it can be read.
        *file = OnDisk { uncertain: file.uncertain, ..read };
        Ok(true)
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

/// The keys in a file, and the file.
fn read(path: &Path, tenant: Tenant, kms: &dyn Kms) -> Result<(Keys, File), CryptoError> {
    let mut open = File::open(path).map_err(|e| missing_or("read", path, e))?;
    let bytes = durable::read(&mut open).map_err(|e| CryptoError::io("read", path, e))?;
    Ok((file::decode(path, &bytes, tenant, kms)?, open))
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("path", &self.path).finish_non_exhaustive()
    }
}
