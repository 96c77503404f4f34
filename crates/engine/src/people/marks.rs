//! What changes with a sign-in: when and whence the last one came, which code was taken, a secret that waits for its
//! first code. Sealed, compared on every write; no part of the policy, whose epoch would move with every sign-in.

use crate::{Engine, TENANT};
use dossier_crypto::{open_system, seal_system};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_model::time::Micros;
use dossier_store::{JobRow, Op, Read};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// They lie among the jobs, as jobs that are never due, each under the id of its person.
const KIND: &str = "person";
const STATE: u8 = 40;

/// What is marked of a person.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// The last sign-in: when, in microseconds, and from which address.
    pub last: Option<(i64, Option<String>)>,
    /// The step of the last code that was taken: a code is taken once.
    pub step: u64,
    /// A secret that is not in force yet.
    pub pending: Option<[u8; 20]>,
    /// What became of passkeys that were used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passkeys: Vec<Used>,
}

/// A passkey that was used.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Used {
    pub id: [u8; 16],
    /// How often it had signed, by its own count; 0 for ever where it does not count.
    pub counter: u32,
    /// When it was last used, in microseconds.
    pub at: i64,
}

/// A mark with its version, 0 where there is none yet.
pub(crate) struct Marked {
    id: Uid,
    version: u32,
    pub mark: Mark,
}

impl Marked {
    pub(crate) fn of(engine: &Engine, read: &dyn Read, id: Uid) -> Result<Marked, Fault> {
        match read.job(TENANT, id)? {
            Some(row) => Ok(Marked { id, version: row.version, mark: open(engine, &row)? }),
            None => Ok(Marked { id, version: 0, mark: Mark::default() }),
        }
    }

    /// Writes the mark as it is now, if nobody did since it was read.
    pub(crate) fn put(&self, engine: &Engine) -> Result<Op, Fault> {
        let plain = serde_json::to_vec(&self.mark).map_err(|_| Fault::new("internal"))?;
        let version = self.version + 1;
        let sealed = seal_system(
            engine.keyring.keys().system(),
            &context(self.id, version),
            &plain,
            &*engine.entropy,
        )?;
        let job = JobRow {
            id: self.id,
            kind: KIND.to_owned(),
            state: STATE,
            due: Micros(i64::MAX),
            version,
            body: sealed,
        };
        Ok(Op::PutJob { job, expect: self.version })
    }
}

/// When each person signed in last.
pub(crate) fn last_sign_ins(engine: &Engine, read: &dyn Read) -> Result<BTreeMap<Uid, Micros>, Fault> {
    let (mut found, mut before) = (BTreeMap::new(), None);
    loop {
        let rows = read.jobs_of(TENANT, KIND, before, 100)?;
        let full = rows.len() == 100;
        before = rows.last().map(|row| row.id);
        for row in rows {
            if let Some((at, _)) = open(engine, &row)?.last {
                found.insert(row.id, Micros(at));
            }
        }
        if !full {
            return Ok(found);
        }
    }
}

fn context(id: Uid, version: u32) -> Vec<u8> {
    [KIND.as_bytes(), &id.0, &version.to_be_bytes()].concat()
}

fn open(engine: &Engine, row: &JobRow) -> Result<Mark, Fault> {
    let damaged = || Fault::new("store_damaged");
    if row.kind != KIND {
        return Err(damaged());
    }
    let keys = engine.keyring.keys();
    let plain =
        open_system(keys.system(), &context(row.id, row.version), &row.body).map_err(|_| damaged())?;
    serde_json::from_slice(&plain).map_err(|_| damaged())
}
