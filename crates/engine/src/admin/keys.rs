//! Keys: their state, rotation, and the renewal that completes an erasure.

use super::Recovery;
use crate::approval::{Asking, Carried, Gate, Work};
use crate::clock::ANY_TIME;
use crate::context::{Context, Recorded, Stop, TRIES, again, unexpected};
use crate::ledger::entry::{Deed, Entry, Note};
use crate::policy::policy_damaged;
use crate::seal::unwrap_key;
use crate::{Caller, Engine, Origin, TENANT};
use dossier_access::Action;
use dossier_approvals::Command;
use dossier_crypto::{KeyringLock, verifier_key};
use dossier_model::fault::Fault;
use dossier_model::time::Micros;
use dossier_store::{CommitError, Conflict, JobRow, Op, WrappedKey, WriteSet};
use parking_lot::MutexGuard;
use serde::Serialize;
use serde_json::Value as Json;

const DAY: i64 = 86_400_000_000;
/// How many data keys are read at a time.
const CHUNK: usize = 1024;
/// Name and state of the job that an erasure enqueues with itself.
const RENEW: &str = "renew_bucket";
const WAITING: u8 = 1;

/// The state of the keys; no key is in it.
#[derive(Serialize)]
pub struct KeyReport {
    /// What holds the root key.
    pub kms: String,
    /// Random name of this installation.
    pub installation: String,
    /// Generation of the tenant key.
    pub tenant_generation: u32,
    /// Its age in days.
    pub tenant_age_days: i64,
    /// Whether it is due for rotation.
    pub rotation_due: bool,
    /// How many bucket keys there are.
    pub buckets: u16,
    /// How many of them are not their first.
    pub buckets_renewed: usize,
    /// Versions of the index key in use.
    pub index_versions: Vec<u32>,
    /// The key that the ledger's checkpoints verify with.
    pub ledger_key: String,
    /// The recovery sheets of the root key.
    pub recovery: Recovery,
}

/// What a rotation did.
#[derive(Serialize)]
pub struct Rotated {
    /// The tenant key's new generation.
    pub tenant_generation: u32,
    /// Bucket keys renewed.
    pub buckets: u32,
    /// Data keys wrapped again.
    pub data_keys: u64,
}

/// The right to change keys: no other thread and no other process does meanwhile.
pub(crate) struct KeysHeld<'e> {
    // Given back first: who waits for it in another thread has the other one already.
    _processes: KeyringLock,
    _threads: MutexGuard<'e, ()>,
}

impl Engine {
    /// Waits until nobody changes keys, here or in another process, and keeps all others from it.
    pub(crate) fn hold_keys(&self) -> Result<KeysHeld<'_>, Fault> {
        let threads = self.keys.lock();
        Ok(KeysHeld { _processes: self.keyring.lock(&*self.kms)?, _threads: threads })
    }

    /// The same, unless somebody is at it.
    pub(crate) fn try_hold_keys(&self) -> Result<Option<KeysHeld<'_>>, Fault> {
        let Some(threads) = self.keys.try_lock() else { return Ok(None) };
        let processes = self.keyring.try_lock(&*self.kms)?;
        Ok(processes.map(|processes| KeysHeld { _processes: processes, _threads: threads }))
    }

    /// The keys as the file has them now, if another process has changed it.
    pub(crate) fn refresh_keys(&self) -> Result<(), Fault> {
        self.keyring.reload_if_changed(&*self.kms)?;
        Ok(())
    }

    /// The state of the keys.
    ///
    /// # Errors
    /// `action_not_allowed`.
    pub fn key_status(&self, caller: &Caller) -> Result<KeyReport, Fault> {
        self.guarded(caller, Deed::ReadKeys, |cx| {
            cx.permit(Action::ManageKeys)?;
            self.refresh_keys()?;
            let status = self.keyring.status();
            let tenant_age_days = (cx.now.0 - status.tenant_key.created.0) / DAY;
            let report = KeyReport {
                kms: self.kms.describe(),
                installation: status.name.clone(),
                tenant_generation: status.tenant_key.number,
                tenant_age_days,
                rotation_due: tenant_age_days >= i64::from(self.settings.rotate_days),
                buckets: dossier_crypto::BUCKETS,
                buckets_renewed: status.buckets_renewed,
                index_versions: status.index.iter().map(|generation| generation.number).collect(),
                ledger_key: self.verifier_key(),
                recovery: self.recovery(&*cx.read()?)?,
            };
            cx.record(Entry::done(Deed::ReadKeys), Vec::new(), report)
        })
    }

    /// The public key that the checkpoints of both logs verify with, as signed notes write it.
    pub fn verifier_key(&self) -> String {
        let keys = self.keyring.keys();
        verifier_key(&self.key_name(), keys.signer().public_key()).unwrap_or_default()
    }

    /// Rotates the tenant key: everything is wrapped again. With `buckets`, the bucket keys too, and every data key is
    /// wrapped again; reads and writes go on meanwhile, and a crash loses nothing: what was begun is ended at start.
    ///
    /// # Errors
    /// `action_not_allowed`; those of the store and the keyring.
    pub fn rotate_keys(&self, caller: &Caller, buckets: bool) -> Result<Carried<Rotated>, Fault> {
        self.guarded(caller, Deed::KeyRotate, |cx| rotate(cx, buckets))
    }

    /// The job that completes an erasure, to be enqueued in its transaction.
    pub(crate) fn renewal(&self, bucket: u16, now: Micros) -> Op {
        Op::PutJob {
            job: JobRow {
                id: crate::seal::new_id(now, &*self.entropy),
                kind: RENEW.to_owned(),
                state: WAITING,
                due: Micros(0),
                version: 1,
                body: bucket.to_be_bytes().to_vec(),
            },
            expect: 0,
        }
    }

    /// [`Engine::finish_renewals`], unless somebody changes keys: who does so ends what was begun.
    pub(crate) fn finish_what_is_left(&self) -> Result<(), Fault> {
        match self.try_hold_keys()? {
            Some(held) => self.finish_renewals(&held),
            None => Ok(()),
        }
    }

    /// Renews the bucket keys that erasures have asked for, and ends renewals that a crash cut off. Can run twice.
    pub(crate) fn finish_renewals(&self, _held: &KeysHeld<'_>) -> Result<(), Fault> {
        let jobs = self.store.read()?.jobs(TENANT, WAITING, ANY_TIME, CHUNK)?;
        let jobs: Vec<_> = jobs.into_iter().filter(|job| job.kind == RENEW).collect();
        let mut buckets: Vec<u16> =
            self.keyring.buckets_with_two().into_iter().map(|(bucket, ..)| bucket).collect();
        for job in &jobs {
            let bucket = job.body.first_chunk().map(|bytes| u16::from_be_bytes(*bytes));
            buckets.push(
                bucket
                    .filter(|b| *b < dossier_crypto::BUCKETS)
                    .ok_or_else(|| policy_damaged("a job of it"))?,
            );
        }
        buckets.sort_unstable();
        buckets.dedup();
        if buckets.is_empty() {
            return Ok(());
        }
        self.renew_buckets(&buckets)?;
        let caller = crate::auth::system_caller(&Origin::default());
        self.guarded(&caller, Deed::KeyRenew, |cx| {
            let mut set = WriteSet::new(TENANT);
            set.ops = jobs.iter().map(|job| Op::DeleteJob { id: job.id }).collect();
            let entry = Entry::done(Deed::KeyRenew).note("buckets", Note::Int(buckets.len() as i64));
            match cx.commit(set, &entry) {
                Ok(committed) => Ok(cx.committed(committed, ())),
                Err(error) => Err(unexpected(&again(error)?)),
            }
        })
    }

    /// New bucket keys; every data key is wrapped again under them, then the old bucket keys are destroyed and the tenant
    /// key renewed with that. Returns how many data keys were wrapped. What a crash left half done is ended here too.
    fn renew_buckets(&self, buckets: &[u16]) -> Result<u64, Fault> {
        let begun: Vec<u16> =
            self.keyring.buckets_with_two().into_iter().map(|(bucket, ..)| bucket).collect();
        let fresh: Vec<u16> = buckets.iter().copied().filter(|bucket| !begun.contains(bucket)).collect();
        self.keyring.add_bucket_generations(&fresh, &*self.entropy, self.clock.now())?;
        let moves = self.keyring.buckets_with_two();
        self.move_buckets(&moves)?;
        let mut wrapped = 0;
        // The buckets have moved, and the store takes keys under the new generations alone. Only a pass that finds nothing
        // to do is the last: then nothing is under an old key, and nothing can be any more.
        while let Some(more) = self.rewrap(&moves)? {
            wrapped += more;
        }
        let old: Vec<(u16, u32)> = moves.into_iter().map(|(bucket, old, _)| (bucket, old)).collect();
        self.keyring.drop_bucket_generations(&old, &*self.kms, &*self.entropy, self.clock.now())?;
        Ok(wrapped)
    }

    /// Has the store take data keys under the new generations. All buckets at once, as soon as the new keys are durable:
    /// from then on new dossiers are under them, and until then none can be made.
    fn move_buckets(&self, moves: &[(u16, u32, u32)]) -> Result<(), Fault> {
        let read = self.store.read()?;
        let mut set = WriteSet::new(TENANT);
        for &(bucket, old, new) in moves {
            if read.bucket_generation(TENANT, bucket)? == old {
                set = set.op(Op::SetBucket { bucket, expect: old, to: new });
            }
        }
        drop(read);
        if set.ops.is_empty() {
            return Ok(());
        }
        self.commit_rewrap(set, 0).map(drop)
    }

    /// One pass over some buckets: (bucket, old generation, new one). Returns how many data keys were wrapped; none when
    /// there was nothing to do at all.
    fn rewrap(&self, moves: &[(u16, u32, u32)]) -> Result<Option<u64>, Fault> {
        let read = self.store.read()?;
        let mut set = WriteSet::new(TENANT);
        let (mut wrapped, mut waiting, mut idle) = (0, 0, true);
        for &(bucket, old, new) in moves {
            let to = self.keyring.bucket(bucket, new).ok_or_else(|| Fault::new("keyring_damaged"))?;
            let mut after = None;
            loop {
                let keys = read.keys_in_bucket(TENANT, bucket, after, CHUNK)?;
                after = keys.last().map(|key| (key.domain, key.version));
                let full = keys.len() == CHUNK;
                for key in keys.into_iter().filter(|key| key.bucket_generation == old) {
                    let data = unwrap_key(&self.keyring, &key)?;
                    let key = WrappedKey { bucket_generation: new, wrapped: data.wrap(&to)?.to_vec(), ..key };
                    set = set.op(Op::RewrapKey { key, expect_generation: old });
                    waiting += 1;
                }
                if !full {
                    break;
                }
            }
            idle &= set.ops.is_empty();
            if waiting >= CHUNK as u64 {
                wrapped += self.commit_rewrap(std::mem::replace(&mut set, WriteSet::new(TENANT)), waiting)?;
                waiting = 0;
            }
        }
        if !set.ops.is_empty() {
            wrapped += self.commit_rewrap(set, waiting)?;
        }
        Ok((!idle).then_some(wrapped))
    }

    /// Commits one step of a pass; how many keys it wrapped. Where a key was erased meanwhile the step changes nothing, and
    /// the next pass does what is left.
    fn commit_rewrap(&self, set: WriteSet, count: u64) -> Result<u64, Fault> {
        match self.store.commit(set).wait() {
            Ok(_) => Ok(count),
            Err(CommitError::Conflict(Conflict::Key { .. })) => Ok(0),
            Err(CommitError::Conflict(conflict)) => {
                tracing::error!(%conflict, "unexpected conflict");
                Err(Fault::new("internal"))
            }
            Err(CommitError::Failed(error)) => Err(error.into()),
        }
    }
}

/// Rotates the tenant key, and with `buckets` the bucket keys, or parks that. What an approval lets through is used up
/// before anything is rotated: a rotation that fails is asked for again.
pub(crate) fn rotate(cx: &Context<'_>, buckets: bool) -> Result<Recorded<Carried<Rotated>>, Stop> {
    let engine = cx.engine;
    cx.permit(Action::ManageKeys)?;
    let asking = Asking::of(
        Command::KeyChange,
        Work::Rotate(buckets),
        Json::Null,
        if buckets { "tenant_key, bucket_keys".to_owned() } else { "tenant_key".to_owned() },
    );
    match cx.gate(asking)? {
        Gate::Stay(waiting) => return Ok(waiting.map(Carried::Waits)),
        Gate::Go(ops) if ops.is_empty() => {}
        Gate::Go(ops) => {
            let mut set = WriteSet::new(TENANT);
            set.ops = ops;
            let entry = Entry::done(Deed::KeyRotate).note("step", Note::Text("begun".to_owned()));
            if let Err(error) = cx.commit(set, &entry) {
                return Err(match again(error)? {
                    Conflict::Job { .. } => Stop::Again,
                    other => unexpected(&other),
                });
            }
        }
    }
    let _held = engine.hold_keys()?;
    let mut rotated = Rotated { tenant_generation: 0, buckets: 0, data_keys: 0 };
    if buckets {
        let all: Vec<u16> = (0..dossier_crypto::BUCKETS).collect();
        rotated.data_keys = engine.renew_buckets(&all)?;
        rotated.buckets = all.len() as u32;
    }
    rotated.tenant_generation = engine.keyring.rotate_tenant(&*engine.kms, &*engine.entropy, cx.now)?;
    let entry = Entry::done(Deed::KeyRotate)
        .note("tenant_generation", Note::Int(rotated.tenant_generation.into()))
        .note("buckets", Note::Int(rotated.buckets.into()));
    // It is done: it is in the ledger whatever becomes of the policy meanwhile.
    for _ in 0..TRIES {
        let epoch = engine.snapshot().epoch;
        let mut set = WriteSet::new(TENANT).under(epoch);
        set.entries = entry.leaves(cx.caller, cx.now, epoch);
        match engine.store.commit(set).wait() {
            Ok(committed) => return Ok(cx.committed(committed, Carried::Done(rotated))),
            Err(CommitError::Conflict(Conflict::Epoch { .. })) => engine.refresh()?,
            Err(error) => return Err(unexpected(&again(error)?)),
        }
    }
    Err(Fault::new("store_busy").into())
}
