//! What a process does by itself: checkpoints while there is traffic, those of the access logs anchored in the change log.

use super::Log;
use super::entry::{Deed, Entry, Note};
use crate::auth::system_caller;
use crate::context::{again, unexpected};
use crate::lease::Lease;
use crate::{Engine, Origin, TENANT};
use dossier_crypto::checkpoint_text;
use dossier_model::fault::Fault;
use dossier_store::{Checkpoint, Conflict, Op, StoreError, WriteSet};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long an idempotency key is remembered, in microseconds.
const DAY: i64 = 86_400_000_000;

/// How often is looked whether anything is due.
const TICK: Duration = Duration::from_secs(1);
/// The lease under which access logs are anchored.
const ANCHOR: &str = "anchor";

/// The cursor that stands where a node's access log is anchored.
pub(crate) fn anchor_cursor(node: u32) -> String {
    format!("{ANCHOR}/{node}")
}

/// The thread that writes checkpoints; it ends when this is dropped, after a last round.
pub struct Background {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpoint thread panicked");
        }
    }
}

impl Engine {
    /// Starts writing checkpoints.
    pub fn background(&self) -> Background {
        let (stop, stopped) = channel();
        let engine = self.clone();
        let thread =
            std::thread::Builder::new().name("checkpoints".into()).spawn(move || run(&engine, &stopped));
        if let Err(error) = &thread {
            tracing::error!(%error, "no thread for checkpoints");
        }
        Background { stop: Some(stop), thread: thread.ok() }
    }

    /// Signs the log as it is now, unless the newest checkpoint covers it already.
    pub(crate) fn make_checkpoint(&self, log: Log) -> Result<Checkpoint, Fault> {
        let head = self.source(log)?.head()?;
        if let Some(checkpoint) = head.checkpoint.filter(|checkpoint| checkpoint.size == head.size) {
            return Ok(checkpoint);
        }
        let text = checkpoint_text(&self.origin_of(log), head.size, &head.root);
        let note = self.keyring.keys().signer().sign_note(&self.key_name(), &text)?;
        let checkpoint = Checkpoint { size: head.size, text: note };
        let saved = match log {
            Log::Change => self.store.save_checkpoint(TENANT, &checkpoint),
            Log::Access(node) => self.store.access_log(TENANT, node)?.save_checkpoint(&checkpoint),
        };
        match saved {
            Ok(()) => {}
            // Another process has signed more of it meanwhile.
            Err(StoreError::Invalid(rule)) => {
                let newer = self.source(log)?.head()?.checkpoint.filter(|newer| newer.size > checkpoint.size);
                return newer.ok_or_else(|| StoreError::Invalid(rule).into());
            }
            Err(error) => return Err(error.into()),
        }
        self.copy_to_anchor(log, &checkpoint);
        Ok(checkpoint)
    }

    /// Puts the newest checkpoints of access logs that have grown into the change log, so that one anchor covers
    /// everything. Any process does this for all nodes, one at a time: a node that died is not forgotten.
    pub(crate) fn anchor_access(&self) -> Result<(), Fault> {
        if self.logs_to_anchor()?.is_empty() {
            return Ok(());
        }
        let Some(lease) = self.take_lease(ANCHOR)? else {
            // Another process is at it.
            return Ok(());
        };
        // What another process has anchored until then is left out.
        let due = self.logs_to_anchor()?;
        let mut first = None;
        for (log, from) in due {
            if let Err(fault) = self.anchor(log, from, &lease) {
                tracing::error!(code = fault.code(), log = log.path(), "an access log is not anchored");
                first = first.or(Some(fault));
            }
        }
        self.give_back(&lease);
        first.map_or(Ok(()), Err)
    }

    /// Access logs that are not anchored as they are now, each with the size at which it is.
    fn logs_to_anchor(&self) -> Result<Vec<(Log, u64)>, Fault> {
        let mut due = Vec::new();
        for node in self.store.nodes(TENANT)? {
            let size = self.source(Log::Access(node))?.head()?.size;
            let anchored = self.store.read()?.cursor(TENANT, &anchor_cursor(node))?;
            if size > 0 && size != anchored {
                due.push((Log::Access(node), anchored));
            }
        }
        Ok(due)
    }

    fn anchor(&self, log: Log, from: u64, lease: &Lease) -> Result<(), Fault> {
        let Log::Access(node) = log else { return Ok(()) };
        let checkpoint = self.make_checkpoint(log)?;
        let caller = system_caller(&Origin::default());
        self.guarded(&caller, Deed::AccessCheckpoint, |cx| {
            let note = Note::Text(checkpoint.text.clone());
            let entry = Entry::done(Deed::AccessCheckpoint).note("checkpoint", note);
            let name = anchor_cursor(node);
            let set = WriteSet::new(TENANT).op(lease.fenced()).op(Op::PutCursor {
                name,
                expect: from,
                to: checkpoint.size,
            });
            match cx.commit(set, &entry) {
                Ok(committed) => Ok(cx.committed(committed, ())),
                Err(error) => match again(error)? {
                    // It took longer than the lease, and another process is at it now.
                    Conflict::Lease { .. } | Conflict::Cursor { .. } => Err(Fault::new("store_busy").into()),
                    other => Err(unexpected(&other)),
                },
            }
        })
    }

    /// Takes over what other processes have changed, so that a destroyed key is soon in nobody's memory; ends what a process
    /// that died has left of a renewal, and with `erasures` those that erasures have asked for.
    fn keep_up(&self, erasures: bool) -> Result<(), Fault> {
        self.refresh()?;
        // New dossiers wait for a renewal that was begun.
        if erasures || !self.keyring.buckets_with_two().is_empty() {
            self.finish_what_is_left()?;
        }
        Ok(())
    }

    /// Clears away mechanics that are of no use any more: sessions that have ended, idempotency keys and what was counted
    /// for a quota after a day, the longest that any of them counts.
    fn prune(&self) {
        let now = self.clock.now();
        let set = WriteSet::new(TENANT)
            .op(Op::PruneSessions { before: now })
            .op(Op::PruneLogins { before: now })
            .op(Op::PruneIdempotency { before: now.plus(-DAY) })
            .op(Op::PruneQuotas { before: now.plus(-DAY) });
        if let Err(error) = self.store.commit(set).wait() {
            tracing::error!(%error, "old sessions are not cleared away");
        }
    }

    /// A copy of the checkpoint outside the data folder. Failing to make one is no reason to stop serving; it is
    /// logged, and tried again with the next.
    fn copy_to_anchor(&self, log: Log, checkpoint: &Checkpoint) {
        let Some(folder) = &self.settings.anchor_dir else { return };
        let name = match log {
            Log::Change => "change".to_owned(),
            Log::Access(1) => "access".to_owned(),
            Log::Access(node) => format!("access-{node}"),
        };
        let file = folder.join(format!("{name}.checkpoint"));
        // Several servers may have one folder, and all of them sign the change log.
        let part = folder.join(format!("{name}.checkpoint.{}.part", self.store.node()));
        let copied = std::fs::write(&part, &checkpoint.text).and_then(|()| std::fs::rename(&part, &file));
        if let Err(error) = copied {
            tracing::warn!(%error, "the anchor folder takes no checkpoint");
        }
    }
}

fn run(engine: &Engine, stopped: &Receiver<()>) {
    let mut checkpoints = Every::new(engine.settings.checkpoint_seconds);
    let mut anchors = Every::new(engine.settings.access_anchor_seconds);
    let mut trouble = None;
    loop {
        let ending = !matches!(stopped.recv_timeout(TICK), Err(RecvTimeoutError::Timeout));
        let keeping = anchors.due();
        let kept = engine.keep_up(keeping);
        // Told once, and not each second.
        if let Err(fault) = &kept
            && trouble != Some(fault.key)
        {
            tracing::error!(code = fault.code(), %fault, "what other processes change cannot be followed");
        }
        trouble = kept.err().map(|fault| fault.key);
        if let Err(fault) = engine.wake_requests() {
            tracing::error!(code = fault.code(), "what is due of requests for approval is not done");
        }
        if let Err(fault) = engine.end_grants() {
            tracing::error!(code = fault.code(), "grants whose time is over are not ended");
        }
        if keeping || ending {
            if let Err(fault) = engine.anchor_access() {
                tracing::error!(code = fault.code(), "the access logs are not anchored");
            }
            engine.prune();
        }
        if checkpoints.due() || ending {
            for log in [Log::Change, engine.own_log()] {
                if let Err(fault) = engine.make_checkpoint(log) {
                    tracing::error!(code = fault.code(), log = log.path(), "no checkpoint");
                }
            }
        }
        if ending {
            return;
        }
    }
}

/// Something that is done again and again.
struct Every {
    period: Duration,
    last: Instant,
}

impl Every {
    fn new(seconds: u32) -> Every {
        Every { period: Duration::from_secs(seconds.into()), last: Instant::now() }
    }

    /// Whether it is time again.
    fn due(&mut self) -> bool {
        let due = self.last.elapsed() >= self.period;
        if due {
            self.last = Instant::now();
        }
        due
    }
}
