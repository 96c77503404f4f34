//! Access logs: the bundles are copied as they are, the entries compared.

use dossier_model::id::Tenant;

use super::{MigrateError, MovedLog, Work, differs};
use crate::access_log::format::header;
use crate::error::StoreError;

/// What progress calls them.
const NAME: &str = "access_log";
/// Entries that are compared at a time.
const ENTRIES: u64 = 512;

impl Work<'_> {
    /// Copies the access logs of all nodes.
    pub(super) fn copy_logs(&mut self) -> Result<(), MigrateError> {
        for node in self.source.nodes()? {
            let (target, at, progress) = (&mut *self.target, &mut *self.at, &mut *self.progress);
            self.source.bundles(node, &mut |bundles| {
                target.put_bundles(node, &bundles)?;
                let entries = |bundle: &Vec<u8>| header(bundle).map_or(0, |header| u64::from(header.count));
                at.table = NAME;
                at.done += bundles.iter().map(entries).sum::<u64>();
                progress(at);
                Ok(())
            })?;
            let mut checkpoints = Vec::new();
            for (tenant, _) in self.source.heads(node)? {
                checkpoints.extend(self.source.checkpoint(node, tenant)?.map(|found| (tenant, found)));
            }
            self.target.end_log(node, &checkpoints)?;
        }
        Ok(())
    }

    /// Reads the access logs on both sides, which have to have the same entries, roots and checkpoints.
    pub(super) fn compare_logs(&mut self) -> Result<Vec<MovedLog>, MigrateError> {
        let nodes = self.source.nodes()?;
        if self.target.nodes()? != nodes {
            return Err(differs("the nodes that have an access log"));
        }
        let mut moved = Vec::new();
        for node in nodes {
            let heads = self.source.verify_log(node)?.heads;
            if self.target.verify_log(node)?.heads != heads {
                return Err(differs(format!("access/{node}, size or root")));
            }
            for (tenant, head) in heads {
                self.compare_entries(node, tenant, head.size)?;
                let kept = self.source.checkpoint(node, tenant)?;
                if self.target.checkpoint(node, tenant)? != kept {
                    return Err(differs(format!("access/{node}, checkpoint")));
                }
                moved.push(MovedLog { tenant, node: Some(node), head });
            }
        }
        Ok(moved)
    }

    /// The text beside an entry is not part of the tree: so entries are compared as a whole.
    fn compare_entries(&mut self, node: u32, tenant: Tenant, size: u64) -> Result<(), MigrateError> {
        let mut from = 0;
        while from < size {
            let page = self.source.entries(node, tenant, from, ENTRIES)?;
            let found = self.target.entries(node, tenant, from, ENTRIES)?;
            if page.is_empty() {
                let what = format!("access log of node {node}, entry {from}: it is missing");
                return Err(StoreError::Corrupt(what).into());
            }
            let mut pairs = (from..).zip(page.iter().zip(&found));
            if let Some((at, _)) = pairs.find(|(_, (one, other))| one != other) {
                return Err(differs(format!("access/{node}, entry {at}")));
            }
            if page.len() != found.len() {
                return Err(differs(format!("access/{node}, behind entry {from}")));
            }
            from += page.len() as u64;
            self.tell(NAME, page.len());
        }
        Ok(())
    }
}
