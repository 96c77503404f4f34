//! Proofs that anybody can check with the public key alone.

use super::Source;
use super::entry::{Deed, Entry};
use crate::{Caller, Engine};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dossier_access::Action;
use dossier_model::fault::Fault;
use dossier_store::merkle::{Hash, consistency_proof, inclusion_proof, root_at};
use serde::Serialize;

/// That an entry is in a log (RFC 9162 §2.1.3). Hashes and the leaf are base64.
#[derive(Serialize)]
pub struct Proof {
    /// Origin of the log.
    pub log: String,
    /// Index of the entry.
    pub index: u64,
    /// Size of the tree that the proof is for.
    pub size: u64,
    /// Its root.
    pub root: String,
    /// The entry.
    pub leaf: String,
    /// The audit path, from the leaf upwards.
    pub proof: Vec<String>,
    /// The signed checkpoint of that size.
    pub checkpoint: String,
}

/// That a log only grew between two sizes (RFC 9162 §2.1.4).
#[derive(Serialize)]
pub struct Consistency {
    /// Origin of the log.
    pub log: String,
    /// The smaller size.
    pub old_size: u64,
    /// Its root.
    pub old_root: String,
    /// The larger size.
    pub new_size: u64,
    /// Its root.
    pub new_root: String,
    /// The consistency path.
    pub proof: Vec<String>,
    /// The signed checkpoint of the larger size.
    pub checkpoint: String,
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn path(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| base64(hash)).collect()
}

impl Engine {
    /// Proves that an entry (`c-N`, `a-NODE-N`) is in its log.
    ///
    /// # Errors
    /// `not_found`, `action_not_allowed`.
    pub fn proof(&self, caller: &Caller, entry: &str) -> Result<Proof, Fault> {
        self.guarded(caller, Deed::ReadLedger, |cx| {
            cx.permit(Action::ReadLedger)?;
            let (log, index) = self.entry_named(entry)?;
            let checkpoint = self.make_checkpoint(log)?;
            let source: Source<'_> = self.source(log)?;
            let size = checkpoint.size;
            if index >= size {
                return Err(Fault::new("not_found").into());
            }
            let (_, leaf, _) = source.entries(index, 1)?.pop().ok_or_else(|| Fault::new("not_found"))?;
            let proof = Proof {
                log: self.origin_of(log),
                index,
                size,
                root: base64(&root_at(&source, size)?),
                leaf: base64(&leaf),
                proof: path(&inclusion_proof(&source, index, size)?),
                checkpoint: checkpoint.text,
            };
            drop(source);
            cx.record(Entry::done(Deed::ReadLedger), Vec::new(), proof)
        })
    }

    /// Proves that a log has only grown since it had `old_size` entries.
    ///
    /// # Errors
    /// `query_invalid` for a size that the log never had; `action_not_allowed`.
    pub fn consistency(&self, caller: &Caller, log: &str, old_size: u64) -> Result<Consistency, Fault> {
        self.guarded(caller, Deed::ReadLedger, |cx| {
            cx.permit(Action::ReadLedger)?;
            let log = self.log_named(log)?;
            let checkpoint = self.make_checkpoint(log)?;
            let source: Source<'_> = self.source(log)?;
            if old_size == 0 || old_size > checkpoint.size {
                return Err(crate::invalid("old_size").into());
            }
            let proof = Consistency {
                log: self.origin_of(log),
                old_size,
                old_root: base64(&root_at(&source, old_size)?),
                new_size: checkpoint.size,
                new_root: base64(&root_at(&source, checkpoint.size)?),
                proof: path(&consistency_proof(&source, old_size, checkpoint.size)?),
                checkpoint: checkpoint.text,
            };
            drop(source);
            cx.record(Entry::done(Deed::ReadLedger), Vec::new(), proof)
        })
    }
}
