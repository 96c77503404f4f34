//! What waits for the writer.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use dossier_model::id::Tenant;
use parking_lot::{Condvar, Mutex};

use crate::error::{CommitError, StoreError};
use crate::mechanics::Checkpoint;
use crate::ticket::Promise;
use crate::write_set::{Committed, WriteSet};

/// One thing for the writer to do, and who waits for it.
pub(super) enum Work {
    Commit(WriteSet, Promise<Result<Committed, CommitError>>),
    Lease { tenant: Tenant, sequence: String, count: u32, promise: Promise<Result<i64, StoreError>> },
    Sign { tenant: Tenant, checkpoint: Checkpoint, promise: Promise<Result<(), StoreError>> },
}

/// What the writer finds when it asks.
pub(super) enum Next {
    Work(Work),
    /// Nothing came in the time given.
    Idle,
    /// Nothing is left, and nothing will come.
    Closed,
}

#[derive(Default)]
struct Inner {
    works: VecDeque<Work>,
    closed: bool,
}

#[derive(Default)]
pub(super) struct Queue {
    inner: Mutex<Inner>,
    came: Condvar,
}

impl Queue {
    /// Hands work in; gives it back when the writer has gone.
    pub(super) fn push(&self, work: Work) -> Result<(), Work> {
        let mut inner = self.inner.lock();
        if inner.closed {
            return Err(work);
        }
        inner.works.push_back(work);
        drop(inner);
        self.came.notify_one();
        Ok(())
    }

    /// The next work, once it is there.
    pub(super) fn next(&self, patience: Duration) -> Next {
        let until = Instant::now() + patience;
        let mut inner = self.inner.lock();
        loop {
            if let Some(work) = inner.works.pop_front() {
                return Next::Work(work);
            }
            if inner.closed {
                return Next::Closed;
            }
            if self.came.wait_until(&mut inner, until).timed_out() {
                return if inner.works.is_empty() && !inner.closed { Next::Idle } else { continue };
            }
        }
    }

    /// The next work, if it is there.
    pub(super) fn try_next(&self) -> Option<Work> {
        self.inner.lock().works.pop_front()
    }

    /// Lets nothing in any more; the writer ends when it has done what is there.
    pub(super) fn close(&self) {
        self.inner.lock().closed = true;
        self.came.notify_all();
    }

    /// Lets nothing in any more and drops what is there: everyone who waits is told that the store stopped.
    pub(super) fn abandon(&self) {
        let mut inner = self.inner.lock();
        inner.closed = true;
        let left = std::mem::take(&mut inner.works);
        drop(inner);
        drop(left);
    }
}
