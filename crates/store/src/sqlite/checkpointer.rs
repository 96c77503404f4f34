//! Moves the write-ahead log into the database beside the writer, so that the writer waits only for the rest.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::connect;
use crate::error::StoreError;
use crate::health::Health;

/// Pages in the log and pages of it that are in the database, after a checkpoint of the given mode.
pub(super) fn checkpoint(conn: &Connection, mode: &str) -> Result<(i64, i64), StoreError> {
    let mut pragma = conn.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?;
    Ok(pragma.query_row([], |row| Ok((row.get(1)?, row.get(2)?)))?)
}

/// Moves as much as readers allow. No room for it is no failure: the log holds everything. Nor is another one at it.
pub(super) fn passive(conn: &Connection) -> Result<(), StoreError> {
    match checkpoint(conn, "PASSIVE") {
        Ok(_) | Err(StoreError::Busy) => Ok(()),
        Err(StoreError::DiskFull) => {
            tracing::warn!("no room to move the write-ahead log into the database");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// The thread that does it, until dropped.
pub(super) struct Checkpointer {
    // Dropped first: that is what ends the thread.
    wake: Option<SyncSender<()>>,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    busy: AtomicBool,
    done: AtomicBool,
}

impl Checkpointer {
    pub(super) fn start(path: &Path, health: Health) -> Result<Self, StoreError> {
        let conn = connect::writer(path)?;
        let (wake, woken) = sync_channel(1);
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".into())
            .spawn(move || run(&conn, &woken, &shared, &health))?;
        Ok(Self { wake: Some(wake), state, thread: Some(thread) })
    }

    /// Asks for a checkpoint, unless one is being made.
    pub(super) fn ask(&self) {
        if self.state.busy.swap(true, Ordering::AcqRel) {
            return;
        }
        if let Some(wake) = &self.wake
            && wake.try_send(()).is_err()
        {
            self.state.busy.store(false, Ordering::Release);
        }
    }

    /// Whether one has been made since this was last asked.
    pub(super) fn take_done(&self) -> bool {
        self.state.done.swap(false, Ordering::AcqRel)
    }
}

fn run(conn: &Connection, woken: &Receiver<()>, state: &State, health: &Health) {
    while woken.recv().is_ok() {
        if let Err(error) = passive(conn) {
            tracing::error!(%error, "the store stops: its log could not be moved into the database");
            health.poison();
            return;
        }
        state.done.store(true, Ordering::Release);
        state.busy.store(false, Ordering::Release);
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpoint thread ended in a panic");
        }
    }
}
