//! How far an import has come, durable with what it took in.

use super::Plan;
use crate::TENANT;
use crate::context::{Context, Stop, again, unexpected};
use crate::lease::Lease;
use crate::ledger::entry::Entry;
use dossier_crypto::{open_system, seal_system, sha256};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_store::{Committed, Conflict, JobRow, Op, WriteSet};
use serde::{Deserialize, Serialize};

const KIND: &str = "import";
/// Under way, in this process or one that ended.
const RUNNING: u8 = 2;

/// An import under way. Its id is made from the file's content and where it goes: the same file is the same job.
#[derive(Clone)]
pub(crate) struct Job {
    pub id: Uid,
    pub version: u32,
    pub body: Body,
}

/// Counts.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Body {
    /// Rows done with.
    pub rows: u64,
    pub imported: u64,
    pub rejected: u64,
    pub duplicates: u64,
    /// Length of the file of rejected rows.
    pub rejected_bytes: u64,
}

impl Job {
    /// The id of this file's job.
    pub(crate) fn id_of(cx: &Context<'_>, plan: &Plan) -> Uid {
        let mut what = plan.scanned.digest.to_vec();
        what.extend(plan.team.to_be_bytes());
        what.push(plan.source);
        what.extend(cx.caller.principal.id16());
        Uid(*sha256(&what).first_chunk().unwrap_or(&[0; 16]))
    }

    /// The job as it is stored, and whether it is: nothing is until its first chunk is in.
    pub(crate) fn load_or_new(cx: &Context<'_>, id: Uid) -> Result<(Job, bool), Fault> {
        match Job::load(cx, id)? {
            Some(job) => Ok((job, true)),
            None => Ok((Job { id, version: 0, body: Body::default() }, false)),
        }
    }

    fn load(cx: &Context<'_>, id: Uid) -> Result<Option<Job>, Fault> {
        let Some(row) = cx.engine.store.read()?.job(TENANT, id)? else { return Ok(None) };
        let damaged = || Fault::new("store_damaged");
        let keys = cx.engine.keyring.keys();
        let plain =
            open_system(keys.system(), &context(id, row.version), &row.body).map_err(|_| damaged())?;
        let body = serde_json::from_slice(&plain).map_err(|_| damaged())?;
        Ok(Some(Job { id, version: row.version, body }))
    }

    /// The operation that writes where the job is now; the version goes up.
    pub(crate) fn advance(&mut self, cx: &Context<'_>) -> Result<Op, Fault> {
        let expect = self.version;
        self.version += 1;
        let plain = serde_json::to_vec(&self.body).map_err(|_| Fault::new("internal"))?;
        let keys = cx.engine.keyring.keys();
        let body = seal_system(keys.system(), &context(self.id, self.version), &plain, &*cx.engine.entropy)?;
        let job = JobRow {
            id: self.id,
            kind: KIND.to_owned(),
            state: RUNNING,
            due: cx.now,
            version: self.version,
            body,
        };
        Ok(Op::PutJob { job, expect })
    }

    /// Ends the job, with the entry that says what it came to.
    pub(crate) fn finish(&self, cx: &Context<'_>, entry: &Entry, lease: &Lease) -> Result<Committed, Stop> {
        let set = WriteSet::new(TENANT).op(lease.fenced()).op(Op::DeleteJob { id: self.id });
        match cx.commit(set.op(lease.ended(cx.engine)), entry) {
            Ok(committed) => Ok(committed),
            Err(error) => match again(error)? {
                Conflict::Lease { .. } => Err(super::busy().into()),
                other => Err(unexpected(&other)),
            },
        }
    }
}

fn context(id: Uid, version: u32) -> Vec<u8> {
    [KIND.as_bytes(), &id.0, &version.to_be_bytes()].concat()
}
