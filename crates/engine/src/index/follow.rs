//! Keeping the index up with the change log.

use crate::context::{KEY_MOVED, TRIES};
use crate::ledger::changes;
use crate::ledger::entry::{Deed, Leaf};
use crate::{Engine, TENANT};
use dossier_model::fault::Fault;
use dossier_model::id::Uid;
use dossier_search::{Index, Progress};
use dossier_store::RowBy;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{failed, hash_of};

/// How often is looked whether there is anything new.
const TICK: Duration = Duration::from_millis(200);
/// After a failure: the disk may be full, the database away.
const PAUSE: Duration = Duration::from_secs(5);
/// How much this thread steps back: a third of the others' share where all are busy.
const BEHIND_OTHERS: i32 = 5;
/// Entries of the change log that are read at a time.
const ENTRIES: usize = 64;
/// Records between two commits: an import is followed in large steps, a single change at once.
const RECORDS: usize = 20_000;
/// At the latest after this time segments are written again that hold what was changed since.
const TIDY: Duration = Duration::from_secs(6 * 3600);

/// The thread that keeps the index up; it ends when this is dropped.
pub struct Indexing {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Indexing {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the search index panicked");
        }
    }
}

impl Engine {
    /// Starts keeping the index over names: made where there is none, then followed up from the change log.
    pub fn index_names(&self) -> Indexing {
        let (stop, stopped) = channel();
        let engine = self.clone();
        let thread =
            std::thread::Builder::new().name("search-index".into()).spawn(move || run(&engine, &stopped));
        if let Err(error) = &thread {
            tracing::error!(%error, "no thread for the search index");
        }
        Indexing { stop: Some(stop), thread: thread.ok() }
    }

    /// Brings the index up to the end of the change log, now and in this thread. Returns when everything that was committed
    /// before the call is found, and nothing is left in its files of what was erased.
    ///
    /// # Errors
    /// Those of the store; `search_index_failed` when disk or folder fail.
    pub fn catch_up_names(&self) -> Result<(), Fault> {
        loop {
            let more = self.index_step()?;
            if !more && !self.names.working.lock().due {
                return Ok(());
            }
            if !more {
                // A segment is being merged.
                std::thread::sleep(TICK);
            }
        }
    }

    /// One step; whether there is more to do.
    pub(super) fn index_step(&self) -> Result<bool, Fault> {
        let mut purging = self.names.working.lock();
        let Some(index) = self.open_index()? else { return Ok(false) };
        let progress = index.progress();
        let done = match progress.scanning {
            Some(after) => {
                self.scan_step(&index, progress, after).map(|()| Step { more: true, erased: false })
            }
            None => self.follow_step(&index, progress),
        };
        let step = match done {
            Ok(step) => step,
            Err(fault) => {
                if let Err(error) = index.rollback() {
                    self.names.give_up(&error);
                }
                // One that is renewed meanwhile is soon there; one that the keyring does not have at all never is.
                if fault.key == KEY_MOVED && purging.moved < TRIES {
                    purging.moved += 1;
                    self.refresh()?;
                    return Ok(true);
                }
                purging.moved = 0;
                if fault.key == "search_index_failed" {
                    *self.names.index.write() = None;
                }
                return Err(fault);
            }
        };
        purging.moved = 0;
        purging.due |= step.erased;
        if !step.more {
            *self.names.caught_up.lock() = Some(std::time::Instant::now());
            if purging.due || purging.last.elapsed() >= TIDY {
                let remains = index.has_remains().map_err(|error| failed(&error))?;
                purging.due = remains && !index.purge().map_err(|error| failed(&error))?;
                purging.last = std::time::Instant::now();
            }
        }
        Ok(step.more)
    }

    /// Takes in what the change log has after the cursor.
    fn follow_step(&self, index: &Index, mut progress: Progress) -> Result<Step, Fault> {
        let mut step = Step { more: false, erased: false };
        let (mut records, from) = (0, progress.cursor);
        loop {
            let read = self.store.read()?;
            let leaves = changes(&*read, progress.cursor, ENTRIES)?;
            let mut touched: BTreeMap<Uid, bool> = BTreeMap::new();
            for (at, bytes) in &leaves {
                let leaf = Leaf::decode(bytes)?;
                step.erased |= leaf.deed == Deed::Erase as u8;
                for item in leaf.items {
                    // What is new was never in it, unless it came in with all the others.
                    let new = item.version == 1 && *at >= progress.overlap;
                    touched.entry(item.record).and_modify(|only_new| *only_new &= new).or_insert(new);
                }
                progress.cursor = at + 1;
                progress.last = hash_of(bytes);
            }
            let mut rows = Vec::with_capacity(touched.len());
            for (record, new) in &touched {
                let Some(row) = read.row(TENANT, &RowBy::Uid(*record))? else { continue };
                // A later batch of this step may meet it again: only what this step has not put in is surely not there.
                if !new || row.version > 1 {
                    index.remove_record(row.rid.0);
                }
                rows.push(row);
            }
            self.index_rows(index, &*read, &rows)?;
            records += touched.len();
            step.more = leaves.len() == ENTRIES;
            if !step.more || records >= RECORDS {
                break;
            }
        }
        if records > 0 {
            index.commit(progress).map_err(|error| failed(&error))?;
        } else if progress.cursor > from {
            // Nothing of it concerns a record: read again after a start, it costs nothing.
            index.pass(progress);
        }
        Ok(step)
    }
}

struct Step {
    more: bool,
    erased: bool,
}

fn run(engine: &Engine, stopped: &Receiver<()>) {
    // People who wait come first; the threads that write the index are started from here and inherit it.
    if let Err(error) = rustix::process::nice(BEHIND_OTHERS) {
        tracing::debug!(%error, "the search index is kept up like everything else");
    }
    let mut trouble = None;
    let mut wait = Duration::ZERO;
    loop {
        if !matches!(stopped.recv_timeout(wait), Err(RecvTimeoutError::Timeout)) {
            return;
        }
        wait = match engine.index_step() {
            Ok(more) => {
                trouble = None;
                if more { Duration::ZERO } else { TICK }
            }
            Err(fault) => {
                // Told once, and not each time.
                if trouble != Some(fault.key) {
                    tracing::error!(code = fault.code(), %fault, "the search index cannot be kept up");
                }
                trouble = Some(fault.key);
                PAUSE
            }
        };
    }
}
