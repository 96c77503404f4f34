//! The ledger: entries, checkpoints, proofs, export and verification of the change log and of all access logs.

pub(crate) mod background;
pub(crate) mod deep;
pub(crate) mod entry;
pub(crate) mod evidence;
pub(crate) mod export;
mod filter;
pub(crate) mod proof;
pub(crate) mod show;
mod source;
pub(crate) mod verify;
mod walk;

pub(crate) use source::{Log, Source, changes};

use crate::policy::policy_damaged;
use crate::{Engine, TENANT};
use dossier_model::fault::Fault;
use entry::Leaf;

impl Engine {
    /// The origin line of a log's checkpoints.
    pub(crate) fn origin_of(&self, log: Log) -> String {
        format!("{}/{}", self.key_name(), log.path())
    }

    /// The name of the key that all logs' checkpoints are signed with: where their origins begin.
    pub(crate) fn key_name(&self) -> String {
        format!("{}/{}", self.keyring.keys().name(), TENANT.0)
    }

    /// The keyring is the one that this database was written with: two servers that were each given a keyring of their own
    /// would each write what the other cannot read.
    pub(crate) fn check_installation(&self) -> Result<(), Fault> {
        let head = self.store.read()?.change_head(TENANT)?;
        let keys = self.keyring.keys();
        let origin = head.checkpoint.as_ref().and_then(|checkpoint| checkpoint.text.lines().next());
        // What does not look like an origin at all was damaged: verification tells.
        let name = origin.and_then(|origin| origin.strip_suffix(&format!("/{}/change", TENANT.0)));
        match name.filter(|name| name.len() == keys.name().len() && *name != keys.name()) {
            Some(name) => Err(Fault::new("keyring_of_other").with("given", keys.name()).with("found", name)),
            None => Ok(()),
        }
    }

    /// The newest entry names the policy epoch that holds: a policy put back to an older one is seen.
    pub(crate) fn check_last_epoch(&self) -> Result<(), Fault> {
        let read = self.store.read()?;
        let state = read.state(TENANT)?;
        let Some(last) = state.change_size.checked_sub(1) else {
            return if state.policy_epoch == 0 {
                Ok(())
            } else {
                Err(policy_damaged("the change log is empty"))
            };
        };
        let entries = read.change_entries(TENANT, last, 1)?;
        let (_, leaf) =
            entries.first().ok_or_else(|| Fault::new("ledger_damaged").with("what", "its last entry"))?;
        if Leaf::decode(leaf)?.epoch != state.policy_epoch {
            return Err(policy_damaged("its epoch is not that of the newest entry"));
        }
        Ok(())
    }
}
