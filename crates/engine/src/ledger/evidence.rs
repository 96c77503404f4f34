//! Entries to be handed on: each with its bytes and its proof, all under one signed checkpoint, and the key to check it.

use super::entry::{Deed, Entry, Note};
use super::proof::{base64, path};
use super::source::Log;
use crate::{Caller, Engine};
use dossier_access::Action;
use dossier_crypto::verifier_key;
use dossier_model::fault::Fault;
use dossier_store::merkle::{Hash, inclusion_proofs, root_at};
use serde::Serialize;
use std::collections::BTreeSet;

/// Most entries of a pack.
pub const EVIDENCE_MOST: usize = 500;
/// Number of the format (`docs/formats.md`).
const FORMAT: u8 = 1;

/// Entries of one log that can be checked off-line. Hashes and leaves are base64.
#[derive(Serialize)]
pub struct Evidence {
    /// Number of the format.
    pub evidence: u8,
    /// Origin of the log.
    pub log: String,
    /// Size of the tree that the proofs are for.
    pub size: u64,
    /// Its root.
    pub root: String,
    /// The signed checkpoint of that size.
    pub checkpoint: String,
    /// The public key that it verifies with.
    pub key: String,
    /// In ascending order.
    pub entries: Vec<Proved>,
}

/// One entry (RFC 9162 §2.1.3).
#[derive(Serialize)]
pub struct Proved {
    /// Its index.
    pub index: u64,
    /// The entry.
    pub leaf: String,
    /// The audit path, from the leaf upwards.
    pub proof: Vec<String>,
}

impl Engine {
    /// Entries of one log (`c-N`, `a-NODE-N`) with proofs. Entries hold no customer data; sealed texts are not among them.
    ///
    /// # Errors
    /// `ledger_logs_mixed`, `ledger_entry_not_found`, `action_not_allowed`, `query_invalid`.
    pub fn evidence(&self, caller: &Caller, entries: &[String]) -> Result<Evidence, Fault> {
        self.guarded(caller, Deed::Export, |cx| {
            cx.permit(Action::ReadLedger)?;
            let (log, wanted) = self.entries_named(entries)?;
            let checkpoint = self.make_checkpoint(log)?;
            let size = checkpoint.size;
            let source = self.source(log)?;
            let indexes: Vec<u64> = wanted.iter().copied().collect();
            if indexes.last().is_none_or(|last| *last >= size) {
                return Err(missing().into());
            }
            let proved = |(index, proof): (&u64, Vec<Hash>)| {
                let (index, leaf, _) = source.entries(*index, 1)?.pop().ok_or_else(missing)?;
                Ok(Proved { index, leaf: base64(&leaf), proof: path(&proof) })
            };
            let proofs = inclusion_proofs(&source, &indexes, size)?;
            let evidence = Evidence {
                evidence: FORMAT,
                log: self.origin_of(log),
                size,
                root: base64(&root_at(&source, size)?),
                checkpoint: checkpoint.text,
                key: verifier_key(&self.key_name(), self.keyring.keys().signer().public_key())?,
                entries: indexes.iter().zip(proofs).map(proved).collect::<Result<_, Fault>>()?,
            };
            drop(source);
            let entry = Entry::done(Deed::Export)
                .note("log", Note::Text(log.path()))
                .note("entries", Note::Text(runs(&wanted)));
            cx.record(entry, Vec::new(), evidence)
        })
    }

    /// The log and the indexes of entries that a caller names.
    fn entries_named(&self, entries: &[String]) -> Result<(Log, BTreeSet<u64>), Fault> {
        if entries.is_empty() || entries.len() > EVIDENCE_MOST {
            return Err(crate::invalid("entries"));
        }
        let mut of = None;
        let mut wanted = BTreeSet::new();
        for entry in entries {
            let (log, index) = self.entry_named(entry).map_err(|_| missing())?;
            if *of.get_or_insert(log) != log {
                return Err(Fault::new("ledger_logs_mixed").field("entries"));
            }
            wanted.insert(index);
        }
        Ok((of.ok_or_else(|| crate::invalid("entries"))?, wanted))
    }
}

fn missing() -> Fault {
    Fault::new("ledger_entry_not_found").field("entries")
}

/// `3-7,9`: numbers that follow each other as one.
fn runs(numbers: &BTreeSet<u64>) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let text = |(first, last): &(u64, u64)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    runs.iter().map(text).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_follow_each_other_are_written_as_one() {
        for (numbers, text) in
            [(&[9, 3, 4, 5][..], "3-5,9"), (&[0], "0"), (&[0, 2, 4], "0,2,4"), (&[7, 8], "7-8")]
        {
            assert_eq!(runs(&numbers.iter().copied().collect()), text);
        }
    }
}
