//! The newest signed checkpoint of a tenant's part of the log, a file of its own (C2SP tlog-checkpoint:
//! origin, size, root, an empty line, signatures). Who signs and who verifies is not known here; only the
//! size is read.

use std::io;

use dossier_model::id::Tenant;

use super::files::{Folder, replace};
use crate::error::StoreError;
use crate::mechanics::Checkpoint;

/// The size that a signed note names in its second line.
pub(crate) fn size_of(text: &str) -> Option<u64> {
    text.lines().nth(1)?.parse().ok()
}

/// Reads the file, `None` if there is none.
pub(super) fn load(folder: &Folder, tenant: Tenant) -> Result<Option<Checkpoint>, StoreError> {
    let text = match std::fs::read_to_string(folder.checkpoint(tenant)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match size_of(&text) {
        Some(size) => Ok(Some(Checkpoint { size, text })),
        None => Err(StoreError::Corrupt("access log: the checkpoint file holds no checkpoint".into())),
    }
}

/// Replaces the file atomically.
pub(super) fn save(folder: &Folder, tenant: Tenant, checkpoint: &Checkpoint) -> Result<(), StoreError> {
    if size_of(&checkpoint.text) != Some(checkpoint.size) {
        return Err(StoreError::Invalid("the second line of a checkpoint is its size"));
    }
    Ok(replace(&folder.checkpoint(tenant), checkpoint.text.as_bytes())?)
}
