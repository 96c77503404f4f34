//! The mark: up to where the log was read and all that is derived from it was durable, so that opening need
//! not read it all again. It is derived itself: without it, or where it disagrees with the files, the whole
//! log is read.
//!
//! `"dossier access mark 1\n" ‖ end u64be ‖ count u32be ‖ count × (tenant u32be ‖ entries u64be ‖ index
//! records u64be ‖ root 32) ‖ SHA-256 of all before, first 8 bytes`

use std::io;

use dossier_model::id::Tenant;
use sha2::{Digest, Sha256};

use super::files::replace;
use super::reader::Core;
use crate::merkle::Head;

const TITLE: &[u8] = b"dossier access mark 1\n";

/// What was known at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// A bundle ended there, and the next one would begin.
    pub(super) end: u64,
    pub(super) tenants: Vec<MarkedTenant>,
}

/// One tenant's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MarkedTenant {
    pub(super) tenant: Tenant,
    pub(super) head: Head,
    /// Records in the index.
    pub(super) records: u64,
}

impl Mark {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = TITLE.to_vec();
        out.extend_from_slice(&self.end.to_be_bytes());
        out.extend_from_slice(&(self.tenants.len() as u32).to_be_bytes());
        for marked in &self.tenants {
            out.extend_from_slice(&marked.tenant.0.to_be_bytes());
            out.extend_from_slice(&marked.head.size.to_be_bytes());
            out.extend_from_slice(&marked.records.to_be_bytes());
            out.extend_from_slice(&marked.head.root);
        }
        let digest = Sha256::digest(&out);
        out.extend(digest.iter().take(8));
        out
    }

    /// `None` if this is not a whole mark.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (body, checksum) = bytes.split_last_chunk::<8>()?;
        if !Sha256::digest(body).starts_with(checksum) {
            return None;
        }
        let (end, rest) = body.strip_prefix(TITLE)?.split_first_chunk()?;
        let (count, mut rest) = rest.split_first_chunk()?;
        let mut tenants = Vec::new();
        for _ in 0..u32::from_be_bytes(*count) {
            let (tenant, after) = rest.split_first_chunk()?;
            let (size, after) = after.split_first_chunk()?;
            let (records, after) = after.split_first_chunk()?;
            let (root, after) = after.split_first_chunk()?;
            tenants.push(MarkedTenant {
                tenant: Tenant(u32::from_be_bytes(*tenant)),
                head: Head { size: u64::from_be_bytes(*size), root: *root },
                records: u64::from_be_bytes(*records),
            });
            rest = after;
        }
        rest.is_empty().then_some(Self { end: u64::from_be_bytes(*end), tenants })
    }

    /// Makes what is derived durable, then writes the mark. Returns its end, or `None` when something is
    /// still held in memory. Only the thread that appends may call this.
    pub(super) fn write(core: &Core) -> io::Result<Option<u64>> {
        let mark = {
            let state = core.state.lock();
            if state.tenants.values().any(|log| !log.tiles.is_empty() || !log.records.is_empty()) {
                return Ok(None);
            }
            let marked = |(tenant, log): (&Tenant, &super::state::TenantLog)| MarkedTenant {
                tenant: *tenant,
                head: log.tree.head(),
                records: log.written,
            };
            Self { end: state.end, tenants: state.tenants.iter().map(marked).collect() }
        };
        core.folder.sync_derived()?;
        replace(&core.folder.mark(), &mark.to_bytes())?;
        Ok(Some(mark.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_and_any_change_of_it_is_seen() {
        let head = Head { size: 3, root: [9; 32] };
        let mark = Mark { end: 77, tenants: vec![MarkedTenant { tenant: Tenant(1), head, records: 2 }] };
        let bytes = mark.to_bytes();
        assert_eq!(Mark::from_bytes(&bytes), Some(mark));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(Mark::from_bytes(&damaged), None, "byte {at}");
            assert_eq!(Mark::from_bytes(&bytes[..at]), None, "cut at {at}");
        }
    }
}
