//! Checkpoints while there is traffic, and the access log's anchored in the change log.

use super::Log;
use super::entry::{Deed, Entry, Note};
use crate::auth::system_caller;
use crate::context::{again, unexpected};
use crate::{Engine, Origin, TENANT};
use dossier_crypto::checkpoint_text;
use dossier_model::fault::Fault;
use dossier_store::{Checkpoint, Op, WriteSet};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long an idempotency key is remembered, in microseconds.
const DAY: i64 = 86_400_000_000;

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
        let origin = self.origin_of(log.path());
        let text = checkpoint_text(&origin, head.size, &head.root);
        let note = self.keyring.keys().signer().sign_note(&self.key_name(), &text)?;
        let checkpoint = Checkpoint { size: head.size, text: note };
        match log {
            Log::Change => self.store.save_checkpoint(TENANT, &checkpoint)?,
            Log::Access => self.store.access_log(TENANT, self.store.node())?.save_checkpoint(&checkpoint)?,
        }
        self.copy_to_anchor(log, &checkpoint);
        Ok(checkpoint)
    }

    /// Puts the access log's newest checkpoint into the change log, so that one anchor covers everything.
    pub(crate) fn anchor_access(&self) -> Result<(), Fault> {
        let checkpoint = self.make_checkpoint(Log::Access)?;
        let caller = system_caller(&Origin::default());
        self.guarded(&caller, Deed::AccessCheckpoint, |cx| {
            let entry =
                Entry::done(Deed::AccessCheckpoint).note("checkpoint", Note::Text(checkpoint.text.clone()));
            match cx.commit(WriteSet::new(TENANT), &entry) {
                Ok(committed) => Ok(cx.committed(committed, ())),
                Err(error) => Err(unexpected(&again(error)?)),
            }
        })
    }

    /// Clears away mechanics that are of no use any more: sessions that have ended, idempotency keys after a day.
    fn prune(&self) {
        let now = self.clock.now();
        let set = WriteSet::new(TENANT)
            .op(Op::PruneSessions { before: now })
            .op(Op::PruneIdempotency { before: now.plus(-DAY) });
        if let Err(error) = self.store.commit(set).wait() {
            tracing::error!(%error, "old sessions are not cleared away");
        }
    }

    /// A copy of the checkpoint outside the data folder. Failing to make one is no reason to stop serving; it is
    /// logged, and tried again with the next.
    fn copy_to_anchor(&self, log: Log, checkpoint: &Checkpoint) {
        let Some(folder) = &self.settings.anchor_dir else { return };
        let file = folder.join(format!("{}.checkpoint", log.name()));
        let part = folder.join(format!("{}.checkpoint.part", log.name()));
        let copied = std::fs::write(&part, &checkpoint.text).and_then(|()| std::fs::rename(&part, &file));
        if let Err(error) = copied {
            tracing::warn!(%error, "the anchor folder takes no checkpoint");
        }
    }
}

fn run(engine: &Engine, stopped: &Receiver<()>) {
    let every = Duration::from_secs(engine.settings.checkpoint_seconds.into());
    let anchor_every = Duration::from_secs(engine.settings.access_anchor_seconds.into());
    let mut anchored = Instant::now();
    let mut anchored_size = None;
    loop {
        let ending = !matches!(stopped.recv_timeout(every), Err(RecvTimeoutError::Timeout));
        if ending || anchored.elapsed() >= anchor_every {
            anchored = Instant::now();
            anchored_size = anchor_if_grown(engine, anchored_size);
            engine.prune();
        }
        for log in Log::BOTH {
            if let Err(fault) = engine.make_checkpoint(log) {
                tracing::error!(code = fault.code(), log = log.name(), "no checkpoint");
            }
        }
        if ending {
            return;
        }
    }
}

/// Anchors the access log when it has grown since the last time; returns the size that is anchored.
fn anchor_if_grown(engine: &Engine, anchored: Option<u64>) -> Option<u64> {
    let size = engine.source(Log::Access).ok()?.head().ok()?.size;
    if size == 0 || anchored == Some(size) {
        return anchored;
    }
    match engine.anchor_access() {
        Ok(()) => Some(size),
        Err(fault) => {
            tracing::error!(code = fault.code(), "the access log is not anchored");
            anchored
        }
    }
}
