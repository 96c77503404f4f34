//! The lock across processes under which a keyring is made and changed: `flock` on a file beside it, which is never
//! removed. The kernel gives it back when its process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::durable;
use crate::error::CryptoError;

/// Held until dropped.
pub(crate) struct FileLock {
    // Closing it is what unlocks.
    _file: File,
}

impl FileLock {
    /// Waits until nobody else has the lock of this keyring, whose folder is made where it is missing.
    pub(crate) fn wait(keyring: &Path) -> Result<Self, CryptoError> {
        let file = open(keyring)?;
        loop {
            match file.lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(CryptoError::io("lock", keyring, error)),
            }
        }
    }

    /// The lock, unless somebody else has it.
    pub(crate) fn try_take(keyring: &Path) -> Result<Option<Self>, CryptoError> {
        let file = open(keyring)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(CryptoError::io("lock", keyring, error)),
        }
    }
}

fn open(keyring: &Path) -> Result<File, CryptoError> {
    durable::make_folder_of(keyring)?;
    let path = durable::beside(keyring, ".lock");
    let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    opened.map_err(|error| CryptoError::io("open", &path, error))
}
