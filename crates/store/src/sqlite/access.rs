//! The access log as one tenant sees it.

use dossier_model::id::Tenant;

use crate::access_log::{AccessLog, Verified};
use crate::error::StoreError;
use crate::log::{AccessEntry, LogHead};
use crate::mechanics::Checkpoint;
use crate::merkle::TileSource;
use crate::store::AccessRead;

pub(super) struct TenantAccess<'s> {
    pub(super) log: &'s AccessLog,
    pub(super) tenant: Tenant,
}

impl AccessRead for TenantAccess<'_> {
    fn head(&self) -> Result<LogHead, StoreError> {
        self.log.head(self.tenant)
    }

    fn entries(&self, from: u64, limit: usize) -> Result<Vec<(u64, AccessEntry)>, StoreError> {
        let to = from.saturating_add(u64::try_from(limit).unwrap_or(u64::MAX));
        self.log.entries(self.tenant, from, to)?.collect()
    }

    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.log.tile(self.tenant, level, index)
    }

    fn tiles(&self) -> Result<Box<dyn TileSource + '_>, StoreError> {
        Ok(Box::new(self.log.tiles(self.tenant)?))
    }

    fn verify(&self) -> Result<Verified, StoreError> {
        self.log.verify()
    }

    fn save_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        self.log.save_checkpoint(self.tenant, checkpoint)
    }
}
