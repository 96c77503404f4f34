//! What can go wrong: the store itself ([`StoreError`]), and a write set that meets another ([`Conflict`]).

use dossier_model::fault::Fault;
use dossier_model::id::{Rid, Uid};
use dossier_model::time::Micros;

/// A failure of the store. None of them carries customer data.
///
/// Cloned to everyone who waits: one failed flush fails every write set in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the data folder.
    #[error("the data folder is in use by another process{}", holder(*.pid))]
    Locked {
        /// The process that wrote itself into the lock file, where it did.
        pid: Option<u32>,
    },
    /// The folder was written by a newer version of this program.
    #[error("the store has format {found}, this program knows up to {known}: use a newer program")]
    Newer {
        /// The format found in the folder.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
    /// A migration into this store did not come to its end.
    #[error("the store is the target of a migration that was not finished: migrate again")]
    Unfinished,
    /// A flush or an input or output operation failed before: nothing is served until a restart.
    #[error("the store stopped after a failed write: restart the process")]
    Poisoned,
    /// The disk has no room. The set that met it changed nothing, and reads go on.
    #[error("the disk is full: nothing was written, make room and try again")]
    DiskFull,
    /// A setting of the database server with which an acknowledged write could be lost.
    #[error("the database server has {setting} = {found}: set it to {wanted}")]
    Unsafe {
        /// Its name.
        setting: String,
        /// Its value.
        found: String,
        /// The value that it must have.
        wanted: String,
    },
    /// A database on another machine would be asked with a password that everybody tries first.
    #[error("the password of the database is empty or a default: give the user another one")]
    DefaultPassword,
    /// The database does not answer. Nothing was changed.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// The database went away in the middle of a commit. Whether it happened is not known: ask before repeating it.
    #[error("the database went away, and whether the write happened is not known")]
    Uncertain,
    /// Every reader was in use for longer than a request should wait.
    #[error("all readers of the store are in use: try again")]
    Busy,
    /// What is stored contradicts itself.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// The caller broke a rule of this interface; nothing was changed.
    #[error("the store was asked for what it does not do: {0}")]
    Invalid(&'static str),
    /// Reading or writing the files failed: from here on the store is poisoned.
    #[error("the store's files failed: {0}")]
    Io(String),
    /// The operating system or the database refused.
    #[error("the store failed: {0}")]
    Failed(String),
}

fn holder(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}

impl StoreError {
    /// The key of the error in `errors.toml`.
    pub fn key(&self) -> &'static str {
        match self {
            StoreError::Locked { .. } => "store_locked",
            StoreError::Newer { .. } => "store_version",
            StoreError::Unfinished => "store_unfinished",
            StoreError::Poisoned => "store_stopped",
            StoreError::DiskFull => "disk_full",
            StoreError::Busy => "store_busy",
            StoreError::Unsafe { .. } => "store_unsafe",
            StoreError::DefaultPassword => "store_password_default",
            StoreError::Unreachable(_) => "store_unreachable",
            StoreError::Uncertain => "store_uncertain",
            StoreError::Corrupt(_) => "store_damaged",
            StoreError::Invalid(_) | StoreError::Io(_) | StoreError::Failed(_) => "store_failed",
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let fault = Fault::new(error.key());
        match error {
            StoreError::Newer { found, known } => {
                fault.with("found", found.to_string()).with("supported", known.to_string())
            }
            StoreError::Unsafe { setting, found, wanted } => {
                fault.with("setting", setting).with("found", found).with("wanted", wanted)
            }
            _ => fault,
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => StoreError::DiskFull,
            _ => StoreError::Failed(error.to_string()),
        }
    }
}

/// What a write set met that it did not expect. The set changed nothing and left no gap in the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// A record is not at the expected version (0: absent).
    #[error("record {} is at version {found}", rid.0)]
    Version {
        /// The record.
        rid: Rid,
        /// The version that is stored; 0 when there is none.
        found: u32,
    },
    /// A unique value is held by another record.
    #[error("the value is held by record {}", rid.0)]
    Unique {
        /// Token field of the value.
        field: u32,
        /// The record that holds it.
        rid: Rid,
    },
    /// A customer code is held by another record.
    #[error("the customer code is held by record {}", rid.0)]
    Code {
        /// The record that holds it.
        rid: Rid,
    },
    /// A public id is held by another record.
    #[error("the id is held by record {}", rid.0)]
    Record {
        /// The record that holds it.
        rid: Rid,
    },
    /// A system record is not at the expected version (0: absent).
    #[error("the system record is at version {found}")]
    System {
        /// Kind of the system record.
        kind: String,
        /// The system record.
        id: Uid,
        /// The version that is stored; 0 when there is none.
        found: u32,
    },
    /// The policy is at another epoch: decide again.
    #[error("the policy is at epoch {current}")]
    Epoch {
        /// The epoch that holds.
        current: u64,
    },
    /// The sign-in has ended.
    #[error("the sign-in has ended")]
    Login,
    /// The quota of the window is used up.
    #[error("{used} of the quota are used")]
    Quota {
        /// Name of the quota.
        name: String,
        /// Uses in the window.
        used: u32,
    },
    /// The idempotency key was used before; answer with what it did then, if the command was the same.
    #[error("the idempotency key was used before")]
    Idempotency {
        /// Hash of the command that used the key.
        command_hash: [u8; 32],
        /// What was stored with it.
        result: Vec<u8>,
    },
    /// A cursor is not where it was expected.
    #[error("the cursor is at {found}")]
    Cursor {
        /// Name of the cursor.
        name: String,
        /// Its position; 0 when it never moved.
        found: u64,
    },
    /// A bucket key was renewed meanwhile: wrap again under the current generation.
    #[error("bucket {bucket} is at generation {current}")]
    KeyGeneration {
        /// The bucket.
        bucket: u16,
        /// The generation that holds.
        current: u32,
    },
    /// A data key is there already, or the one to be wrapped again is gone or under another generation.
    #[error("the data key of domain {} is not as expected", domain.0)]
    Key {
        /// Domain of the key.
        domain: Rid,
        /// Generation of the bucket key that the stored one is wrapped with; `None` when there is none.
        found: Option<u32>,
    },
    /// A lease is held by another, or the fencing token is an old one.
    #[error("the lease is held by another")]
    Lease {
        /// Name of the lease.
        name: String,
        /// Its fencing token.
        fence: u64,
        /// When it ends.
        until: Micros,
    },
    /// A job is not at the expected version (0: absent).
    #[error("the job is at version {found}")]
    Job {
        /// The job.
        id: Uid,
        /// The version that is stored; 0 when there is none.
        found: u32,
    },
}

/// Why a write set was not committed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// It met something it did not expect.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The store failed.
    #[error(transparent)]
    Failed(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_folder_names_the_process_that_holds_it() {
        let text = StoreError::Locked { pid: Some(41) }.to_string();
        assert_eq!(text, "the data folder is in use by another process (process 41)");
    }

    #[test]
    fn a_full_disk_is_told_apart_from_other_failures() {
        let full = StoreError::from(std::io::Error::from(std::io::ErrorKind::StorageFull));
        assert_eq!(full, StoreError::DiskFull);
        let other = StoreError::from(std::io::Error::from(std::io::ErrorKind::NotFound));
        assert_eq!(other.key(), "store_failed");
    }
}
