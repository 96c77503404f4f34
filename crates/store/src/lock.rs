//! The lock file: one process at a time in a data folder.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::StoreError;

/// Name of the lock file in the data folder.
const NAME: &str = "lock";

/// The right to work in a data folder, until dropped. The kernel gives it back when the process dies, however it dies.
#[derive(Debug)]
pub struct FolderLock {
    // Held open, never read again: closing it is what unlocks.
    _file: File,
}

impl FolderLock {
    /// Takes the lock or says who holds it; never waits.
    pub fn take(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(NAME);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(StoreError::Locked { pid: written_pid(&mut file) }),
            Err(error) => return Err(std::io::Error::from(error).into()),
        }
        // The number is a courtesy to whoever finds the folder locked; the lock does not depend on it, so a full
        // disk does not keep the folder shut.
        if let Err(error) = write_pid(&mut file) {
            tracing::warn!(%error, "the lock file could not take the process number");
        }
        Ok(Self { _file: file })
    }
}

fn write_pid(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn written_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_taker_is_refused_and_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let _held = FolderLock::take(folder.path()).unwrap();
        let refused = FolderLock::take(folder.path()).unwrap_err();
        assert_eq!(refused, StoreError::Locked { pid: Some(std::process::id()) });
    }

    #[test]
    fn a_dropped_lock_can_be_taken_again() {
        let folder = tempfile::tempdir().unwrap();
        drop(FolderLock::take(folder.path()).unwrap());
        FolderLock::take(folder.path()).unwrap();
    }
}
