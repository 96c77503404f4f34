//! The writer thread: takes what waits, commits it together, answers. The only thread that changes the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::batch::{Batch, Memory, Work};
use super::checkpointer::{Checkpointer, checkpoint, passive};
use crate::error::StoreError;
use crate::health::Health;
use crate::queue::{Next, Queue};

/// Most things of one batch.
const MAX_SETS: usize = 256;
/// A batch that has worked for so long takes nothing more in.
const MAX_WORK: Duration = Duration::from_millis(20);
/// Without work for so long, the writer moves the WAL into the database.
const IDLE: Duration = Duration::from_millis(200);
/// So many pages of 8 KiB in the write-ahead log that are not in the database (32 MiB), and they are moved there.
const LONG: i64 = 4096;
/// A log of so many pages (256 MiB) is moved before anything else is done.
const TOO_LONG: i64 = 32_768;

pub(super) struct Writer {
    pub(super) conn: Connection,
    pub(super) memory: Memory,
    pub(super) queue: Arc<Queue<Work>>,
    pub(super) health: Health,
    pub(super) checkpointer: Checkpointer,
    /// Set by tests: the next flush fails.
    pub(super) broken: Arc<AtomicBool>,
}

impl Writer {
    /// Works until the queue is closed or the store is poisoned.
    pub(super) fn run(mut self) {
        // Whatever ends this thread, a panic too, nobody is left waiting.
        let _guard = Ending { queue: Arc::clone(&self.queue), health: self.health.clone() };
        let mut dirty = true;
        let mut moving = false;
        loop {
            let patience = match (moving, dirty) {
                (true, _) => Duration::ZERO,
                (false, true) => IDLE,
                (false, false) => Duration::from_secs(3600),
            };
            moving = false;
            let result = match self.queue.next(patience) {
                // The checkpoint thread may have found the disk broken: dropped work tells so to who waits for it.
                Next::Work(_) if self.health.check().is_err() => return,
                Next::Work(work) => {
                    dirty = true;
                    self.batch(work)
                }
                Next::Idle if self.memory.fresh.wants_move(true) => {
                    self.move_slice().map(|moved| moving = moved)
                }
                Next::Idle => {
                    dirty = false;
                    passive(&self.conn)
                }
                Next::Closed => return,
            };
            if let Err(error) = result {
                tracing::error!(%error, "the writer stops: the store serves nothing until a restart");
                self.health.poison();
                return;
            }
        }
    }

    /// One batch. An error poisons the store; a full disk does not, it fails what was in the batch.
    fn batch(&mut self, first: Work) -> Result<(), StoreError> {
        let started = Instant::now();
        let mut batch = Batch::begin(&self.conn, &self.memory)?;
        let mut filled = batch.add(&mut self.memory, first);
        while filled.is_ok() && batch.len() < MAX_SETS && started.elapsed() < MAX_WORK {
            let Some(work) = self.queue.try_next() else { break };
            filled = batch.add(&mut self.memory, work);
        }
        let done = match filled {
            Ok(()) if self.broken.swap(false, Ordering::Relaxed) => {
                Err(StoreError::Io("broken by a test".into()))
            }
            Ok(()) => batch.finish(&mut self.memory),
            Err(error) => Err(error),
        };
        match done {
            Ok(()) => {
                batch.answer(None);
                if self.memory.fresh.wants_move(false) {
                    self.move_slice()?;
                }
                self.checkpoint_if_long()
            }
            Err(StoreError::DiskFull) => {
                batch.roll_back(&mut self.memory);
                batch.answer(Some(&StoreError::DiskFull));
                Ok(())
            }
            Err(error) => {
                // Poisoned before anyone hears of it, so that nobody who tries again at once is served.
                self.health.poison();
                batch.roll_back(&mut self.memory);
                batch.answer(Some(&error));
                Err(error)
            }
        }
    }

    /// Moves some fresh tokens on. Without room they stay where they are: then false.
    fn move_slice(&mut self) -> Result<bool, StoreError> {
        match self.memory.fresh.move_slice(&mut self.conn, self.queue.is_shared()) {
            Err(StoreError::DiskFull) => Ok(false),
            moved => moved.and_then(|()| self.checkpoint_if_long()).map(|()| true),
        }
    }

    /// Has a long write-ahead log moved into the database: most of it beside this thread, the rest, which came
    /// meanwhile, here, since only a log that is moved as a whole begins anew.
    fn checkpoint_if_long(&self) -> Result<(), StoreError> {
        let (pages, moved) = checkpoint(&self.conn, "NOOP")?;
        if pages >= TOO_LONG || (self.checkpointer.take_done() && pages > moved) {
            return passive(&self.conn);
        }
        if pages - moved >= LONG {
            self.checkpointer.ask();
        }
        Ok(())
    }
}

struct Ending {
    queue: Arc<Queue<Work>>,
    health: Health,
}

impl Drop for Ending {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.health.poison();
        }
        self.queue.abandon();
    }
}
