//! Whether a store still serves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::StoreError;

/// Whether the store still serves. Shared by everything that touches what it stores in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Health(Arc<AtomicBool>);

impl Health {
    /// Fails once the store is poisoned.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if self.0.load(Ordering::Acquire) { Err(StoreError::Poisoned) } else { Ok(()) }
    }

    /// From here on nothing is served until a restart.
    pub(crate) fn poison(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Poisons the store when the error tells that the files can no longer be trusted.
    pub(crate) fn judge<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error @ StoreError::Io(_)) = &result {
            tracing::error!(%error, "the store stops");
            self.poison();
        }
        result
    }
}
