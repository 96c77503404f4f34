//! Verifying a whole log: every bundle, every index, every tree, in constant memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use dossier_model::id::Tenant;

use super::format::Bundle;
use super::reader::{Core, Scanner, damage};
use super::state::{Record, TenantLog};
use crate::error::StoreError;
use crate::merkle::{FullTile, Head, leaf_hash};

/// What a whole log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Size and root of each tenant's part, ascending by tenant.
    pub heads: Vec<(Tenant, Head)>,
    /// Entries of all tenants.
    pub entries: u64,
    /// Bytes of the log.
    pub bytes: u64,
}

/// Checks a log file on its own, as one lies in a backup: every bundle whole, every entry in its place. The
/// heads it returns are to be compared with checkpoints. Memory is constant.
///
/// # Errors
/// `Corrupt` with the position of what is wrong; a torn last bundle is, too.
pub fn verify_file(path: &Path) -> Result<Verified, StoreError> {
    let file = Arc::new(File::open(path)?);
    let end = file.metadata()?.len();
    let mut walk = Walk::default();
    let mut scanner = Scanner::new(file, 0, end);
    while let Some((offset, bundle)) = scanner.next()? {
        let log = walk.take(offset, &bundle)?;
        log.tiles.clear();
        log.records.clear();
    }
    Ok(walk.verified(end))
}

impl Core {
    /// Reads everything and compares it with trees, tiles and index.
    pub(super) fn verify(&self) -> Result<Verified, StoreError> {
        let known = self.state.lock().clone();
        let mut walk = Walk::default();
        let mut scanner = Scanner::new(Arc::clone(&self.file), 0, known.end);
        while let Some((offset, bundle)) = scanner.next()? {
            let tenant = bundle.header.tenant;
            let log = walk.take(offset, &bundle)?;
            let stored = known.tenants.get(&tenant).ok_or_else(|| damage(offset, "a tenant nobody knows"))?;
            for tile in log.tiles.drain(..) {
                self.compare_tile(tenant, stored, &tile)?;
            }
            for record in log.records.drain(..) {
                self.compare_record(tenant, stored, log.written, record)?;
                log.written += 1;
            }
        }
        for (tenant, log) in &known.tenants {
            if walk.logs.get(tenant).map(|walked| &walked.tree) != Some(&log.tree) {
                let text = format!("access log: the entries of tenant {} lead to another root", tenant.0);
                return Err(StoreError::Corrupt(text));
            }
        }
        Ok(walk.verified(known.end))
    }

    fn compare_tile(&self, tenant: Tenant, stored: &TenantLog, tile: &FullTile) -> Result<(), StoreError> {
        let same = match stored.tiles.iter().find(|t| (t.level, t.index) == (tile.level, tile.index)) {
            Some(pending) => pending.bytes == tile.bytes,
            None => self.folder.read_tile(tenant, tile.level, tile.index)? == tile.bytes,
        };
        if same {
            return Ok(());
        }
        let (level, index) = (tile.level, tile.index);
        Err(StoreError::Corrupt(format!(
            "access log: tile {index} of level {level} disagrees with the entries"
        )))
    }

    fn compare_record(
        &self,
        tenant: Tenant,
        log: &TenantLog,
        number: u64,
        due: Record,
    ) -> Result<(), StoreError> {
        let pending = number.checked_sub(log.written).and_then(|i| log.records.get(usize::try_from(i).ok()?));
        let stored = match pending {
            Some(record) => *record,
            None => self.folder.read_record(tenant, number)?,
        };
        if stored == due {
            return Ok(());
        }
        Err(StoreError::Corrupt(format!("access log: record {number} of the index disagrees with the log")))
    }
}

/// Trees that grow along a scan from the first bundle on.
#[derive(Default)]
struct Walk {
    logs: BTreeMap<Tenant, TenantLog>,
}

impl Walk {
    fn take(&mut self, offset: u64, bundle: &Bundle<'_>) -> Result<&mut TenantLog, StoreError> {
        let log = self.logs.entry(bundle.header.tenant).or_default();
        follow(log, offset, bundle)?;
        Ok(log)
    }

    fn verified(&self, bytes: u64) -> Verified {
        let heads: Vec<_> = self.logs.iter().map(|(tenant, log)| (*tenant, log.tree.head())).collect();
        Verified { entries: heads.iter().map(|(_, head)| head.size).sum(), heads, bytes }
    }
}

/// Takes in a bundle that has to follow on what is known.
pub(super) fn follow(log: &mut TenantLog, offset: u64, bundle: &Bundle<'_>) -> Result<(), StoreError> {
    let (first, size) = (bundle.header.first, log.tree.size());
    if first != size {
        return Err(damage(
            offset,
            &format!("entry {size} should follow, but the bundle begins with {first}"),
        ));
    }
    log.take(offset, bundle.entries().map(|(leaf, _)| leaf_hash(leaf)));
    Ok(())
}
