//! What is known of the root key's recovery sheets: that they were shown, that their holder typed groups of them back,
//! that a keystore was made from them. Nothing of what is on them comes here.

use crate::context::{again, unexpected};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::{Caller, Engine, TENANT};
use dossier_access::Action;
use dossier_crypto::{open_system, seal_system};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{Conflict, JobRow, Op, Read, WriteSet};
use serde::{Deserialize, Serialize};

/// The record lies among the jobs, as a job that is never due; there is one.
const KIND: &str = "recovery";
const STATE: u8 = 80;
const ID: Uid = Uid(*b"root key sheets\0");

/// What happens with the sheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryStep {
    /// They are about to be shown.
    Shown,
    /// Groups of both were typed back.
    Confirmed,
    /// A keystore was made from them.
    Restored,
}

impl RecoveryStep {
    fn name(self) -> &'static str {
        match self {
            RecoveryStep::Shown => "shown",
            RecoveryStep::Confirmed => "confirmed",
            RecoveryStep::Restored => "restored",
        }
    }
}

/// Whether there are sheets of the root key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recovery {
    /// `none`; `confirmed`; `outdated` when they are of an earlier root key.
    pub state: &'static str,
    /// When they were confirmed, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    /// The root key, as it describes itself.
    root: String,
    confirmed: i64,
}

fn context(version: u32) -> Vec<u8> {
    [KIND.as_bytes(), &ID.0, &version.to_be_bytes()].concat()
}

impl Engine {
    /// Records a step with the sheets of this root key, for the account of the operating system alone. A first step
    /// stands in the ledger before anything is shown.
    ///
    /// # Errors
    /// `action_not_allowed`; `recovery_moved` when `root` is not the root key in use.
    pub fn recovery_step(&self, caller: &Caller, step: RecoveryStep, root: &str) -> Result<Recovery, Fault> {
        self.guarded(caller, Deed::KeyRecovery, |cx| {
            cx.permit(Action::ManageKeys)?;
            if !cx.is_operator() {
                return Err(Fault::new("action_not_allowed").with("action", "key_recovery").into());
            }
            if root != self.kms.describe() {
                return Err(Fault::new("recovery_moved").into());
            }
            let mut set = WriteSet::new(TENANT);
            if step == RecoveryStep::Confirmed {
                let kept = Kept { root: root.to_owned(), confirmed: cx.now.0 };
                let expect = cx.read()?.job(TENANT, ID)?.map_or(0, |row| row.version);
                set = set.op(Op::PutJob { job: self.seal_recovery(&kept, expect + 1)?, expect });
            }
            let entry = Entry::done(Deed::KeyRecovery)
                .note("step", Note::Text(step.name().to_owned()))
                .note("root", Note::Text(root.to_owned()));
            match cx.commit(set, &entry) {
                Ok(committed) => {
                    let state = self.recovery(&*self.store.read()?)?;
                    Ok(cx.committed(committed, state))
                }
                Err(error) => match again(error)? {
                    Conflict::Job { .. } => Err(crate::context::Stop::Again),
                    other => Err(unexpected(&other)),
                },
            }
        })
    }

    /// Whether there are sheets of the root key that is in use.
    pub(crate) fn recovery(&self, read: &dyn Read) -> Result<Recovery, Fault> {
        let Some(row) = read.job(TENANT, ID)? else {
            return Ok(Recovery { state: "none", confirmed_at: None });
        };
        let damaged = || Fault::new("store_damaged");
        let keys = self.keyring.keys();
        let plain = open_system(keys.system(), &context(row.version), &row.body).map_err(|_| damaged())?;
        let kept: Kept = serde_json::from_slice(&plain).map_err(|_| damaged())?;
        let state = if kept.root == self.kms.describe() { "confirmed" } else { "outdated" };
        Ok(Recovery { state, confirmed_at: Some(Micros(kept.confirmed).to_string()) })
    }

    fn seal_recovery(&self, kept: &Kept, version: u32) -> Result<JobRow, Fault> {
        let plain = serde_json::to_vec(kept).map_err(|_| Fault::new("internal"))?;
        let body = seal_system(self.keyring.keys().system(), &context(version), &plain, &*self.entropy)?;
        Ok(JobRow { id: ID, kind: KIND.to_owned(), state: STATE, due: Micros(i64::MAX), version, body })
    }
}
