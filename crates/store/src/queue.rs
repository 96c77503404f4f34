//! What waits for a writer.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// What the writer finds when it asks.
pub(crate) enum Next<W> {
    Work(W),
    /// Nothing came in the time given.
    Idle,
    /// Nothing is left, and nothing will come.
    Closed,
}

struct Inner<W> {
    works: VecDeque<W>,
    closed: bool,
}

/// A queue of things for one writer to do, each with whoever waits for it.
pub(crate) struct Queue<W> {
    inner: Mutex<Inner<W>>,
    came: Condvar,
}

impl<W> Default for Queue<W> {
    fn default() -> Self {
        Self { inner: Mutex::new(Inner { works: VecDeque::new(), closed: false }), came: Condvar::new() }
    }
}

impl<W> Queue<W> {
    /// Hands work in; gives it back when the writer has gone.
    pub(crate) fn push(&self, work: W) -> Result<(), W> {
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
    pub(crate) fn next(&self, patience: Duration) -> Next<W> {
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
    pub(crate) fn try_next(&self) -> Option<W> {
        self.inner.lock().works.pop_front()
    }

    /// Lets nothing in any more; the writer ends when it has done what is there.
    pub(crate) fn close(&self) {
        self.inner.lock().closed = true;
        self.came.notify_all();
    }

    /// Lets nothing in any more and drops what is there: everyone who waits is told that the store stopped.
    pub(crate) fn abandon(&self) {
        let mut inner = self.inner.lock();
        inner.closed = true;
        let left = std::mem::take(&mut inner.works);
        drop(inner);
        drop(left);
    }
}
